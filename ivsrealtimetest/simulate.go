package ivsrealtimetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// ClientInfo is what the service learns about a participant's app and device.
type ClientInfo struct {
	// The browser and its version; "" for an app.
	BrowserName, BrowserVersion string
	// The operating system and its version.
	OSName, OSVersion string
	// The version of the IVS broadcast SDK.
	SDKVersion string
	// The provider of the connection to the internet.
	ISPName string
}

// JoinOptions say how a participant joins.
type JoinOptions struct {
	// Client is shown by GetParticipant.
	Client ClientInfo
	// ConnectionToken authorises the transport, as with RealTimeConnection of the
	// client SDKs; "" for none. It must be signed with an imported public key.
	// RevokeConnectionToken, with its ID, disconnects who came with it. That it
	// expires later does not.
	ConnectionToken ivsrealtime.Secret
	// Fail, when not "", makes the join fail with that code, as a *MediaError and as
	// JOIN_ERROR in the participant's events.
	Fail ivsrealtime.EventErrorCode
}

// Participant acts as the app of somebody who joined a stage, for as long as its
// connection lasts. Its methods are what the app would do; what the service then says
// comes from the API.
type Participant struct {
	server *Server
	p      *participant
	left   LeftReason // "" while the connection lasts
}

// Join joins a stage as an app would, with a participant token of CreateStage or
// CreateParticipantToken, or with one that is signed with an imported public key.
// The first to join begins a session. A token has one connection: joining again in the
// same session is the same participant, and the earlier Participant is not connected
// any more (LeftReasonTokenReused).
//
// Its errors are ErrTokenMalformed, ErrTokenExpired, ErrStageDeleted and
// ErrParticipantDisconnected, and before these, with a connection token,
// ErrConnectionTokenMalformed, ErrConnectionTokenExpired and
// ErrConnectionTokenRevoked.
func (s *Server) Join(token ivsrealtime.Secret, optFns ...func(*JoinOptions)) (*Participant, error) {
	var o JoinOptions
	for _, fn := range optFns {
		fn(&o)
	}
	s.mu.Lock()
	defer s.unlock()
	now := s.now()
	connection, err := s.openConnection(o.ConnectionToken, now)
	if err != nil {
		return nil, err
	}
	issued, err := s.openToken(token, now)
	if err != nil {
		return nil, err
	}
	st := issued.stage
	if current, ok := s.stages.get(st.arn); !ok || current != st {
		return nil, ErrStageDeleted
	}
	if _, barred := st.barred[issued.id]; barred {
		return nil, ErrParticipantDisconnected
	}
	if !now.Before(issued.expires) {
		return nil, ErrTokenExpired
	}
	if o.Fail != "" {
		p := s.arrive(issued, now)
		err := s.failMedia(p, "join", o.Fail)
		s.closeIfEmpty(st)
		return nil, err
	}
	s.dropEarlier(issued)
	p := s.connect(issued, o, now)
	p.connection = connection
	p.app = &Participant{server: s, p: p}
	return p.app, nil
}

// dropEarlier ends the connection that the participant of a token has, if it has
// one. The session goes on.
func (s *Server) dropEarlier(issued *issuedToken) {
	if issued.stage.active == nil {
		return
	}
	if p, ok := issued.stage.active.participants.get(issued.id); ok && p.replicated == nil {
		s.drop(p, LeftReasonTokenReused)
	}
}

// arrive finds or makes the participant of a token in the stage's session. What
// the token says goes, also when the participant was there before with another
// one. A replica makes way.
func (s *Server) arrive(issued *issuedToken, now time.Time) *participant {
	st := issued.stage
	if st.active != nil {
		old := st.active
		if p, ok := old.participants.get(issued.id); ok && p.replicated != nil {
			s.endReplication(p.replicated)
			old.participants.delete(issued.id)
		}
	}
	ses := s.openSession(st, now)
	p, again := ses.participants.get(issued.id)
	if !again {
		p = &participant{
			stage:    st,
			session:  ses,
			id:       issued.id,
			protocol: ivsrealtime.ParticipantProtocolUnknown,
			watching: map[string]struct{}{},
		}
		ses.participants.add(p.id, p)
	}
	p.take(issued)
	return p
}

// take makes the token's content the participant's.
func (p *participant) take(issued *issuedToken) {
	p.userID, p.attributes, p.capabilities = issued.userID, issued.attributes, issued.capabilities
	p.expires, p.token = issued.expires, issued.token
}

// connect brings the participant of a token on its stage.
func (s *Server) connect(issued *issuedToken, o JoinOptions, now time.Time) *participant {
	p := s.arrive(issued, now)
	if p.firstJoin.IsZero() {
		p.firstJoin = now
	}
	p.client = o.Client
	if !p.connected {
		p.connected = true
		s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNameJoined})
	}
	return p
}

// ID returns the participant's ID.
func (p *Participant) ID() string { return p.p.id }

// StageARN returns the ARN of the stage.
func (p *Participant) StageARN() string { return p.p.stage.arn }

// SessionID returns the ID of the session that the participant joined.
func (p *Participant) SessionID() string { return p.p.session.id }

// Publish begins to publish. It fails with a *MediaError when the token does not
// allow it or the stage has as many publishers as its quota allows; the
// participant's events then hold a PUBLISH_ERROR. Publishing twice is publishing
// once.
func (p *Participant) Publish() error {
	return p.do((*Server).publish)
}

func (s *Server) publish(p *participant) error {
	switch {
	case p.publishing:
		return nil
	case !p.can(ivsrealtime.ParticipantTokenCapabilityPublish):
		return s.failMedia(p, "publish", ivsrealtime.EventErrorCodeInsufficientCapabilities)
	case s.publishers(p.stage) >= s.options.Quotas.PublishersPerStage:
		return s.failMedia(p, "publish", ivsrealtime.EventErrorCodeQuotaExceeded)
	}
	p.publishing, p.published = true, true
	s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNamePublishStarted})
	s.startRecording(p)
	s.publishersChanged(p.stage)
	s.sourceChanged(p)
	return nil
}

// Unpublish stops publishing. Subscriptions to the participant stop, too.
func (p *Participant) Unpublish() error {
	return p.do(func(s *Server, p *participant) error {
		s.unpublish(p)
		return nil
	})
}

// Subscribe begins to receive what another participant publishes. It fails with
// a *MediaError when the token does not allow it or nobody of that ID publishes.
func (p *Participant) Subscribe(publisherID string) error {
	return p.do(func(s *Server, p *participant) error {
		if !p.can(ivsrealtime.ParticipantTokenCapabilitySubscribe) {
			return s.failMedia(p, "subscribe", ivsrealtime.EventErrorCodeInsufficientCapabilities, publisherID)
		}
		other, ok := p.session.participants.get(publisherID)
		if !ok || !other.publishing {
			return s.failMedia(p, "subscribe", ivsrealtime.EventErrorCodePublisherNotFound, publisherID)
		}
		if _, already := p.watching[publisherID]; !already {
			p.watching[publisherID] = struct{}{}
			s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNameSubscribeStarted, RemoteParticipantID: publisherID})
		}
		return nil
	})
}

// Unsubscribe stops receiving what another participant publishes.
func (p *Participant) Unsubscribe(publisherID string) error {
	return p.do(func(s *Server, p *participant) error {
		s.unsubscribe(p, publisherID)
		return nil
	})
}

// FailPublish makes publishing fail as the service would for the code, such as
// RESOLUTION_EXCEEDED, and stops it if it was going on. It returns the *MediaError.
func (p *Participant) FailPublish(code ivsrealtime.EventErrorCode) error {
	return p.do(func(s *Server, p *participant) error {
		s.unpublish(p)
		return s.failMedia(p, "publish", code)
	})
}

// FailSubscribe makes subscribing to a publisher fail as the service would for the
// code, and stops it if it was going on. It returns the *MediaError.
func (p *Participant) FailSubscribe(publisherID string, code ivsrealtime.EventErrorCode) error {
	return p.do(func(s *Server, p *participant) error {
		s.unsubscribe(p, publisherID)
		return s.failMedia(p, "subscribe", code, publisherID)
	})
}

// ExchangeToken replaces the participant's token by another one for the same
// participant and stage, with other capabilities, attributes, user ID or expiry.
// Both must be signed with an imported public key. Who may no longer publish or
// subscribe stops doing so. The token that the participant has already is ignored.
//
// Tokens that cannot be exchanged at all are ErrTokenExchangeRequestInvalid: tokens
// of the API, malformed ones, and those that differ in what must stay (participant,
// stage, URLs, the minor part of the version). The participant stays. If the server
// refuses the new token, for its signature or its time, the error is
// ErrTokenExchangeFailed, and the participant has left (LeftReasonFailedExchange).
// Both wrap what is wrong.
func (p *Participant) ExchangeToken(token ivsrealtime.Secret) error {
	return p.do(func(s *Server, p *participant) error {
		if p.token != nil && p.token.text == token {
			return nil
		}
		if err := exchangeable(p.token, token); err != nil {
			return fmt.Errorf("%w: %w", ErrTokenExchangeRequestInvalid, err)
		}
		issued, err := s.openSelfSigned(token, s.now())
		if err != nil {
			s.disconnect(p, LeftReasonFailedExchange)
			return fmt.Errorf("%w: %w", ErrTokenExchangeFailed, err)
		}
		before := p.exchanged()
		p.take(issued)
		after := p.exchanged()
		s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNameTokenExchanged, PreviousToken: &before, NewToken: &after})
		if !p.can(ivsrealtime.ParticipantTokenCapabilityPublish) {
			s.unpublish(p)
		}
		if !p.can(ivsrealtime.ParticipantTokenCapabilitySubscribe) {
			for _, publisherID := range slices.Sorted(maps.Keys(p.watching)) {
				s.unsubscribe(p, publisherID)
			}
		}
		return nil
	})
}

// exchangeable is what a client SDK checks before it asks the server.
func exchangeable(old *selfSigned, token ivsrealtime.Secret) error {
	if old == nil {
		return errors.New("the participant joined with a token of the API")
	}
	if ivstoken.IsAPIToken(token) {
		return errors.New("the new token is one of the API")
	}
	claims, err := ivstoken.ParseParticipantToken(token)
	switch {
	case errors.Is(err, ivstoken.ErrSignature):
		return nil // which the app does not look at: the server will refuse it
	case err != nil:
		return fmt.Errorf("%w: %w", ErrTokenMalformed, err)
	}
	_, oldMinor, _ := strings.Cut(old.claims.Version, ".")
	_, minor, _ := strings.Cut(claims.Version, ".")
	for _, must := range []struct {
		name string
		stay bool
	}{
		{"resource", claims.StageARN == old.claims.StageARN},
		{"jti", claims.ParticipantID == old.claims.ParticipantID},
		{"topic", claims.StageID == old.claims.StageID},
		{"events_url", claims.EventsURL == old.claims.EventsURL},
		{"whip_url", claims.WHIPURL == old.claims.WHIPURL},
		{"the minor part of version", minor == oldMinor},
	} {
		if !must.stay {
			return fmt.Errorf("the new token differs in %s, which must stay", must.name)
		}
	}
	return nil
}

// Leave leaves the stage. The last to leave ends the session, after
// Options.SessionEndDelay. Leaving twice is leaving once.
func (p *Participant) Leave() {
	p.server.mu.Lock()
	defer p.server.unlock()
	if p.p.app == p {
		p.server.disconnect(p.p, LeftReasonUserInitiated)
	}
}

// LeftReason returns why the connection ended, "" while it lasts.
func (p *Participant) LeftReason() LeftReason {
	p.server.mu.Lock()
	defer p.server.unlock()
	return p.left
}

// do runs fn with the lock held, for a participant that is connected.
func (p *Participant) do(fn func(*Server, *participant) error) error {
	p.server.mu.Lock()
	defer p.server.unlock()
	if p.p.app != p {
		return fmt.Errorf("%w: %s", ErrNotConnected, p.left)
	}
	return fn(p.server, p.p)
}

func (s *Server) failMedia(p *participant, op string, code ivsrealtime.EventErrorCode, remote ...string) error {
	e := ivsrealtime.Event{Name: ivsrealtime.EventNamePublishError, ErrorCode: code}
	switch op {
	case "join":
		e.Name = ivsrealtime.EventNameJoinError
	case "subscribe":
		e.Name, e.RemoteParticipantID = ivsrealtime.EventNameSubscribeError, remote[0]
	}
	s.record(p, e)
	return &MediaError{Op: op, Code: code}
}

// unpublish stops p's publishing, if it publishes, and what depends on it.
func (s *Server) unpublish(p *participant) {
	if !p.publishing {
		return
	}
	p.publishing = false
	s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNamePublishStopped})
	s.stopRecording(p)
	for _, other := range p.session.participants.after(0) {
		s.unsubscribe(other, p.id)
	}
	s.publishersChanged(p.stage)
	if p.replicated == nil {
		s.sourceChanged(p)
	}
}

func (s *Server) unsubscribe(p *participant, publisherID string) {
	if _, watching := p.watching[publisherID]; watching {
		delete(p.watching, publisherID)
		s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNameSubscribeStopped, RemoteParticipantID: publisherID})
	}
}

// disconnect takes p off its stage, if it is there, and ends the session with the
// last one.
func (s *Server) disconnect(p *participant, why LeftReason) {
	if p.connected {
		s.drop(p, why)
		s.closeIfEmpty(p.stage)
	}
}

// drop takes p off its stage, if it is there, and leaves the session as it is.
func (s *Server) drop(p *participant, why LeftReason) {
	if !p.connected {
		return
	}
	for _, publisherID := range slices.Sorted(maps.Keys(p.watching)) {
		s.unsubscribe(p, publisherID)
	}
	s.unpublish(p)
	p.connected = false
	if p.app != nil {
		p.app.left = why
		p.app = nil
	}
	if p.replicated != nil { // a replica neither joins nor leaves
		s.endReplication(p.replicated)
	} else {
		s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNameLeft})
	}
}

// disconnectAll takes everybody off a stage that is going to be deleted.
func (s *Server) disconnectAll(st *stage) {
	if st.active == nil {
		return
	}
	for _, p := range st.active.participants.after(0) {
		s.disconnect(p, LeftReasonStageDeleted)
	}
	for _, r := range s.replications.after(0) {
		if r.source.stage == st { // the source cannot come back
			s.endReplication(r)
		}
	}
	if st.active != nil { // its end was waiting for the delay
		if st.active.stopEnding != nil {
			st.active.stopEnding()
		}
		s.endSession(st)
	}
}

// publishers is how many participants publish on a stage.
func (s *Server) publishers(st *stage) (n int) {
	if st.active == nil {
		return 0
	}
	for _, p := range st.active.participants.after(0) {
		if p.publishing {
			n++
		}
	}
	return n
}

// record adds to the participant's events.
func (s *Server) record(p *participant, e ivsrealtime.Event) {
	e.ParticipantID, e.EventTime = p.id, s.now()
	e.Replica = p.replicated != nil
	if other, ok := p.session.participants.get(e.RemoteParticipantID); ok {
		e.Replica = other.replicated != nil // events of subscribing speak of the other
	}
	p.events.add(fmt.Sprint(p.events.len()), e)
	s.emitParticipant(p, e)
}
