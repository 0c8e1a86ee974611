package ivsrealtimetest

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// Delivery says how events get from the server to Options.OnEvent. EventBridge
// promises little: they may come late, twice, in another order or not at all.
// The zero value delivers each once, at once and in order. What is drawn by
// chance is the same in every run with the same Options.Seed.
type Delivery struct {
	// Drop, Duplicate and Reorder are probabilities from 0 to 1: that an event is
	// lost, comes twice, or comes after the next one.
	Drop, Duplicate, Reorder float64

	// MaxDelay is the longest that an event takes, by the server's clock; each takes
	// some time from 0 to that.
	MaxDelay time.Duration
}

// feed is the events of a server on their way out.
type feed struct {
	pending    [][]byte // to be delivered when the lock is released
	held       []byte   // until after the next one
	delivering bool
	chance     *rand.Rand
}

// Events returns the JSON of all events so far, as EventBridge would deliver
// them, in the order in which they happened and whatever Options.Delivery says.
// Options.MaxHistoryBytes limits how many are kept.
func (s *Server) Events() [][]byte { return s.history.allEvents() }

// emit completes an event, with the time that it is now unless it has one, and
// sends it out.
func (s *Server) emit(e ivsevents.Event) {
	meta := e.Meta()
	meta.ID, meta.Account, meta.Region = s.ids.uuid(), s.options.AccountID, s.options.Region
	if meta.Time.IsZero() {
		meta.Time = s.now()
	}
	b, err := ivsevents.Fill(e).MarshalJSON()
	if err != nil {
		return // strings and times of this package's making cannot fail
	}
	s.history.addEvent(b)
	if s.options.OnEvent == nil {
		return
	}
	d, happens := s.options.Delivery, func(p float64) bool { return p > 0 && s.feed.chance.Float64() < p }
	if happens(d.Drop) {
		return
	}
	copies := [][]byte{b}
	if happens(d.Duplicate) {
		copies = append(copies, b)
	}
	for _, b := range copies {
		if d.MaxDelay > 0 {
			s.after(time.Duration(s.feed.chance.Int64N(int64(d.MaxDelay)+1)), func() { s.queue(b, happens(d.Reorder)) })
		} else {
			s.queue(b, happens(d.Reorder))
		}
	}
}

// queue has an event delivered when the lock is released, or hold it until after
// the next one.
func (s *Server) queue(b []byte, hold bool) {
	if hold && s.feed.held == nil {
		s.feed.held = b
		return
	}
	s.feed.pending = append(s.feed.pending, b)
	if s.feed.held != nil {
		s.feed.pending = append(s.feed.pending, s.feed.held)
		s.feed.held = nil
	}
}

// unlock releases the lock and delivers the events that came up meanwhile: in
// order, one at a time, and without the lock, so that OnEvent may use the server.
func (s *Server) unlock() {
	defer s.mu.Unlock()
	if s.feed.delivering {
		return // whoever delivers takes them along
	}
	s.feed.delivering = true
	defer func() { s.feed.delivering = false }()
	for len(s.feed.pending) > 0 {
		b := s.feed.pending[0]
		s.feed.pending = s.feed.pending[1:]
		func() { // what waits is still there if OnEvent panics
			s.mu.Unlock()
			defer s.mu.Lock()
			s.options.OnEvent(slices.Clone(b))
		}()
	}
}

// emitParticipant sends out the event that belongs to an entry of a participant's
// history, if one does.
func (s *Server) emitParticipant(p *participant, e ivsrealtime.Event) {
	at := ivsevents.Envelope{Time: e.EventTime}
	published := ivsevents.ParticipantPublished{
		Envelope:      at,
		StageARN:      p.stage.arn,
		SessionID:     p.session.id,
		ParticipantID: p.id,
		UserID:        p.userID,
	}
	if r := p.replicated; r != nil {
		published.Replica, published.SourceStageARN, published.SourceSessionID = true, r.source.stage.arn, r.source.session.id
	}
	replication := ivsevents.ParticipantReplicationStart{
		Envelope:             at,
		StageARN:             p.stage.arn,
		SessionID:            p.session.id,
		ParticipantID:        p.id,
		UserID:               p.userID,
		DestinationStageARN:  e.DestinationStageARN,
		DestinationSessionID: e.DestinationSessionID,
	}
	switch e.Name {
	case ivsrealtime.EventNameReplicationStarted:
		s.emit(&replication)
	case ivsrealtime.EventNameReplicationStopped:
		end := ivsevents.ParticipantReplicationEnd(replication)
		s.emit(&end)
	case ivsrealtime.EventNamePublishStarted:
		s.emit(&published)
	case ivsrealtime.EventNamePublishStopped:
		unpublished := ivsevents.ParticipantUnpublished(published)
		s.emit(&unpublished)
	case ivsrealtime.EventNameTokenExchanged:
		s.emit(&ivsevents.TokenExchanged{
			Envelope:      at,
			StageARN:      p.stage.arn,
			SessionID:     p.session.id,
			ParticipantID: p.id,
			UserID:        p.userID,
			PreviousToken: *e.PreviousToken,
			NewToken:      *e.NewToken,
		})
	case ivsrealtime.EventNamePublishError:
		s.emit(&ivsevents.ParticipantPublishError{
			Envelope:      at,
			StageARN:      p.stage.arn,
			SessionID:     p.session.id,
			ParticipantID: p.id,
			UserID:        p.userID,
			ErrorCode:     e.ErrorCode,
		})
	}
}
