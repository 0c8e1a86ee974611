package ivsrealtimetest

import (
	"errors"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ErrNoStage: the ingest configuration of a stream key is attached to no stage.
var ErrNoStage = errors.New("ivsrealtimetest: the ingest configuration has no stage")

// PublishStream publishes with a stream key, as an encoder would over the given
// protocol. It joins the stage of the key's ingest configuration, which is ACTIVE
// until the participant stops publishing; leaving does that, too.
//
// It fails with a *MediaError for a key that does not exist (INVALID_STREAM_KEY),
// is in use (REUSE_OF_STREAM_KEY) or is for the other protocol (INVALID_PROTOCOL;
// RTMP configurations take both), with that of Participant.Publish, and with
// ErrNoStage.
func (s *Server) PublishStream(streamKey ivsrealtime.Secret, protocol ivsrealtime.IngestProtocol) (*Participant, error) {
	s.mu.Lock()
	defer s.unlock()
	refuse := func(code ivsrealtime.EventErrorCode) (*Participant, error) {
		return nil, &MediaError{Op: "publish", Code: code}
	}
	g, i := s.ingestByStreamKey(string(streamKey))
	switch {
	case g == nil:
		return refuse(ivsrealtime.EventErrorCodeInvalidStreamKey)
	case protocol == ivsrealtime.IngestProtocolRTMP && g.protocol == ivsrealtime.IngestProtocolRTMPS:
		return refuse(ivsrealtime.EventErrorCodeInvalidProtocol)
	case g.streams[i].active():
		return refuse(ivsrealtime.EventErrorCodeReuseOfStreamKey)
	}
	st, ok := s.stages.get(g.stageARN)
	if !ok {
		return nil, ErrNoStage
	}
	now := s.now()
	p := s.connect(&issuedToken{
		stage:        st,
		id:           g.streams[i].participantID,
		userID:       g.userID,
		attributes:   g.attributes,
		capabilities: ivsrealtime.Publish(),
	}, JoinOptions{}, now)
	p.protocol = ivsrealtime.ParticipantProtocol(protocol)
	p.ingestARN, p.redundant = g.arn, g.redundant
	g.streams[i].participant = p
	if err := s.publish(p); err != nil {
		s.disconnect(p, LeftReasonUnknown)
		return nil, err
	}
	p.app = &Participant{server: s, p: p}
	return p.app, nil
}
