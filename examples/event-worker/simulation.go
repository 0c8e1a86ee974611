package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrecording"
)

// clock is the time of the evening. It stands still until sleep moves it on and does
// what is due on the way, one thing after the other: so all evenings are the same.
type clock struct {
	speed float64 // 0 for no pauses

	mu  sync.Mutex
	now time.Time
	due []*alarm
}

type alarm struct {
	at   time.Time
	ring func()
}

// Now is the time of the evening.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc has f called by sleep once d has passed.
func (c *clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{c.now.Add(d), f}
	c.due = append(c.due, a)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		before := len(c.due)
		c.due = slices.DeleteFunc(c.due, func(other *alarm) bool { return other == a })
		return len(c.due) < before
	}
}

// sleep lets the evening go on until a time of it.
func (c *clock) sleep(ctx context.Context, until time.Time) error {
	for {
		next := c.next(until)
		if c.speed > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(float64(next.at.Sub(c.Now())) / c.speed)):
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.mu.Lock()
		c.now = next.at
		c.mu.Unlock()
		if next.ring == nil {
			return nil
		}
		next.ring()
	}
}

// next takes the alarm that rings first until a time, or makes a silent one of then.
func (c *clock) next(until time.Time) *alarm {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := -1
	for i, a := range c.due {
		if !a.at.After(until) && (first < 0 || a.at.Before(c.due[first].at)) {
			first = i
		}
	}
	if first < 0 {
		return &alarm{at: until}
	}
	a := c.due[first]
	c.due = slices.Delete(c.due, first, first+1)
	return a
}

// bridge is what EventBridge is to an API destination: it posts events, and posts them
// again later if the answer asks for it.
type bridge struct {
	clock         *clock
	http          *http.Client
	url           string
	authorization ivsrealtime.Secret

	posts, again int
}

const maxAttempts = 5 // EventBridge: 185, in 24 hours

func (b *bridge) send(event []byte) { b.post(event, 1) }

func (b *bridge) post(event []byte, attempt int) {
	b.posts++
	if attempt > 1 {
		b.again++
	}
	if status, err := b.do(event); err == nil && !retried(status) || attempt == maxAttempts {
		return // what did not arrive would go to the dead-letter queue
	}
	b.clock.AfterFunc(time.Minute<<attempt, func() { b.post(event, attempt+1) })
}

func (b *bridge) do(event []byte) (status int, err error) {
	req, err := http.NewRequest(http.MethodPost, b.url, bytes.NewReader(event))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", string(b.authorization))
	res, err := b.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// retried says after which answers EventBridge sends an event again.
func retried(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// archive stands for what a program does with recordings: here it remembers where they
// are. It is away now and then, and takes what it has for done.
type archive struct {
	mu   sync.Mutex
	away bool
	kept []ivsrecording.Location
}

func (a *archive) keep(l ivsrecording.Location) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.away {
		return errors.New("the archive is away")
	}
	if !slices.Contains(a.kept, l) {
		a.kept = append(a.kept, l)
	}
	return nil
}

func (a *archive) setAway(away bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.away = away
}
