package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"github.com/seed-433ec77c/ivsrealtime"
)

// iteration measures what iterating over 100 pages of 100 participants keeps in
// memory: goal 9.
func iteration(plan) ([]row, error) {
	body, err := answerFile("participants-100.json")
	if err != nil {
		return nil, err
	}
	const pages, perPage = 100, 100
	answers := &pagesOf{pages: pages, items: body[strings.Index(body, `"participants"`):]}
	c := ivsrealtime.New(ivsrealtime.Options{Region: region, HTTPClient: answers, Credentials: credentials()})
	in := &ivsrealtime.ListParticipantsInput{StageARN: stageARN, SessionID: session, MaxResults: perPage}
	ctx := context.Background()

	// A page is what holding the output of one call takes.
	if _, err := c.ListParticipants(ctx, in); err != nil { // fills what is kept between calls
		return nil, err
	}
	held := make([]*ivsrealtime.ListParticipantsOutput, 20)
	before := live()
	for i := range held {
		if held[i], err = c.ListParticipants(ctx, in); err != nil {
			return nil, err
		}
	}
	size := (live() - before) / float64(len(held))
	clear(held)

	answers.n = 0
	start, most, count := live(), 0.0, 0
	for participant, err := range ivsrealtime.NewListParticipantsPaginator(c, in).Items(ctx) {
		if err != nil {
			return nil, err
		}
		if participant.UserID == "" {
			return nil, errWrongAnswer
		}
		if count++; count%perPage == perPage/2 || count%perPage == 0 {
			most = max(most, live()-start)
		}
	}
	runtime.KeepAlive(held)
	if count != pages*perPage {
		return nil, fmt.Errorf("%d participants, want %d", count, pages*perPage)
	}
	if size <= 0 || most < size/2 { // the iterator holds the page that it is in
		return nil, fmt.Errorf("a page takes %.0f bytes and the iteration %.0f: something else moved the heap", size, most)
	}
	r := atMost(9, "iterating 10,000 participants: live memory, in pages", most/size, 2, "")
	r.note = fmt.Sprintf("a page is %.1f kB", size/1000)
	return []row{r}, nil
}

// live returns the bytes that are reachable.
func live() float64 {
	runtime.GC()
	runtime.GC() // what pools keep is gone after the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// pagesOf answers ListParticipants with pages that end.
type pagesOf struct {
	pages int
	items string // from "participants" to the end of the answer
	n     int
}

// Do answers with the next page; after the last one it begins again.
func (p *pagesOf) Do(r *http.Request) (*http.Response, error) {
	token := ""
	if p.n++; p.n%p.pages != 0 {
		token = fmt.Sprintf(`"nextToken":"%064d",`, p.n)
	}
	return (&cannedAnswer{status: http.StatusOK, body: "{" + token + p.items}).Do(r)
}
