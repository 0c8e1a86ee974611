package ivsrealtimetest

import (
	"cmp"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// participant is somebody who is or was on a stage, in one session.
type participant struct {
	stage   *stage
	session *session

	id           string
	userID       string
	attributes   map[string]string
	capabilities []ivsrealtime.ParticipantTokenCapability
	expires      time.Time    // of the token
	token        *selfSigned  // nil for one of the API
	app          *Participant // whose connection lasts, or nil
	client       ClientInfo
	protocol     ivsrealtime.ParticipantProtocol
	ingestARN    string       // of the ingest configuration that it publishes with, or ""
	redundant    bool         // that configuration
	replicated   *replication // what it is the replica of, or nil
	connection   string       // ID of the connection token that the transport used, or ""

	firstJoin  time.Time
	connected  bool
	publishing bool
	published  bool // ever, in this session
	recording  recording
	watching   map[string]struct{} // IDs of the publishers subscribed to
	events     table[ivsrealtime.Event]
}

func (p *participant) can(capability ivsrealtime.ParticipantTokenCapability) bool {
	for _, c := range p.capabilities {
		if c == capability {
			return true
		}
	}
	return false
}

// exchanged is the participant's token as an event of its exchange shows it.
func (p *participant) exchanged() ivsrealtime.ExchangedParticipantToken {
	return ivsrealtime.ExchangedParticipantToken{Capabilities: p.capabilities, Attributes: p.attributes, UserID: p.userID, ExpirationTime: p.expires}
}

func (p *participant) state() ivsrealtime.ParticipantState {
	if p.connected {
		return ivsrealtime.ParticipantStateConnected
	}
	return ivsrealtime.ParticipantStateDisconnected
}

func (s *Server) showParticipant(p *participant) ivsrealtime.Participant {
	out := ivsrealtime.Participant{
		RecordingS3BucketName: p.recording.bucket,
		RecordingS3Prefix:     p.recording.prefix,

		ParticipantID:   p.id,
		UserID:          p.userID,
		State:           p.state(),
		FirstJoinTime:   p.firstJoin,
		Attributes:      p.attributes,
		Published:       p.published,
		ISPName:         p.client.ISPName,
		OSName:          p.client.OSName,
		OSVersion:       p.client.OSVersion,
		BrowserName:     p.client.BrowserName,
		BrowserVersion:  p.client.BrowserVersion,
		SDKVersion:      p.client.SDKVersion,
		RecordingState:  cmp.Or(p.recording.state, ivsrealtime.ParticipantRecordingStateDisabled),
		Protocol:        p.protocol,
		ReplicationType: ivsrealtime.ReplicationTypeNone,

		RedundantIngest:        p.redundant,
		IngestConfigurationARN: p.ingestARN,
	}
	switch r := p.replicated; {
	case r != nil:
		out.ReplicationType, out.ReplicationState = ivsrealtime.ReplicationTypeReplica, r.state()
		out.SourceStageARN, out.SourceSessionID = r.source.stage.arn, r.source.session.id
	case s.replicates(p):
		out.ReplicationType, out.ReplicationState = ivsrealtime.ReplicationTypeSource, ivsrealtime.ReplicationStateActive
	}
	return out
}

func (s *Server) summary(p *participant) ivsrealtime.ParticipantSummary {
	full := s.showParticipant(p)
	return ivsrealtime.ParticipantSummary{
		ParticipantID:   full.ParticipantID,
		UserID:          full.UserID,
		State:           full.State,
		FirstJoinTime:   full.FirstJoinTime,
		Published:       full.Published,
		RecordingState:  full.RecordingState,
		ReplicationType: full.ReplicationType,

		ReplicationState:       full.ReplicationState,
		SourceStageARN:         full.SourceStageARN,
		SourceSessionID:        full.SourceSessionID,
		RedundantIngest:        full.RedundantIngest,
		IngestConfigurationARN: full.IngestConfigurationARN,
	}
}

func (s *Server) getParticipant(c *call, in *ivsrealtime.GetParticipantInput) (*ivsrealtime.GetParticipantOutput, error) {
	c.arn("stageArn", in.StageARN, "stage")
	c.sessionID(in.SessionID)
	c.participantID(in.ParticipantID)
	if err := c.err(); err != nil {
		return nil, err
	}
	ses, err := s.findSession(in.StageARN, in.SessionID)
	if err != nil {
		return nil, err
	}
	p, ok := ses.participants.get(in.ParticipantID)
	if !ok {
		return nil, notFound(in.ParticipantID)
	}
	return &ivsrealtime.GetParticipantOutput{Participant: s.showParticipant(p)}, nil
}

func (s *Server) listParticipants(c *call, in *ivsrealtime.ListParticipantsInput) (*ivsrealtime.ListParticipantsOutput, error) {
	c.arn("stageArn", in.StageARN, "stage")
	c.sessionID(in.SessionID)
	c.str("filterByUserId", in.FilterByUserID, 0, 128, anything)
	checkEnum(c.check, "filterByState", in.FilterByState)
	checkEnum(c.check, "filterByRecordingState", in.FilterByRecordingState)
	c.page(in.NextToken, in.MaxResults, 100)
	c.atMostOne("filterByUserId", "filterByPublished", "filterByState", "filterByRecordingState")
	if err := c.err(); err != nil {
		return nil, err
	}
	var participants table[*participant]
	if ses, err := s.findSession(in.StageARN, in.SessionID); err == nil {
		participants = ses.participants
	} else if err := s.unknownInList(in.SessionID); err != nil {
		return nil, err
	}
	published := ""
	if in.FilterByPublished != nil {
		published = map[bool]string{true: "true", false: "false"}[*in.FilterByPublished]
	}
	list := listing{
		op:      "ListParticipants",
		filters: []string{in.StageARN, in.SessionID, in.FilterByUserID, published, string(in.FilterByState), string(in.FilterByRecordingState)},
		token:   in.NextToken,
		size:    cmp.Or(in.MaxResults, 50),
	}
	found, next, err := page(s, &participants, list, func(p *participant) (ivsrealtime.ParticipantSummary, bool) {
		sum := s.summary(p)
		wanted := (!c.sent("filterByUserId") || sum.UserID == in.FilterByUserID) &&
			(in.FilterByPublished == nil || sum.Published == *in.FilterByPublished) &&
			(in.FilterByState == "" || sum.State == in.FilterByState) &&
			(in.FilterByRecordingState == "" || string(sum.RecordingState) == string(in.FilterByRecordingState))
		return sum, wanted
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListParticipantsOutput{Participants: found, NextToken: next}, nil
}

func (s *Server) listParticipantEvents(c *call, in *ivsrealtime.ListParticipantEventsInput) (*ivsrealtime.ListParticipantEventsOutput, error) {
	c.arn("stageArn", in.StageARN, "stage")
	c.sessionID(in.SessionID)
	c.participantID(in.ParticipantID)
	c.page(in.NextToken, in.MaxResults, 100)
	if err := c.err(); err != nil {
		return nil, err
	}
	var events table[ivsrealtime.Event]
	unknown := in.SessionID
	ses, err := s.findSession(in.StageARN, in.SessionID)
	found := err == nil
	if found {
		unknown = in.ParticipantID
		var p *participant
		if p, found = ses.participants.get(in.ParticipantID); found {
			events = p.events
		}
	}
	if !found {
		if err := s.unknownInList(unknown); err != nil {
			return nil, err
		}
	}
	list := listing{op: "ListParticipantEvents", filters: []string{in.StageARN, in.SessionID, in.ParticipantID}, token: in.NextToken, size: cmp.Or(in.MaxResults, 50)}
	items, next, err := page(s, &events, list, func(e ivsrealtime.Event) (ivsrealtime.Event, bool) { return e, true })
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListParticipantEventsOutput{Events: items, NextToken: next}, nil
}

func (s *Server) disconnectParticipant(c *call, in *ivsrealtime.DisconnectParticipantInput) (*ivsrealtime.DisconnectParticipantOutput, error) {
	c.arn("stageArn", in.StageARN, "stage")
	c.participantID(in.ParticipantID)
	c.str("reason", in.Reason, 0, 128, anything)
	st, err := existing(c, &s.stages, in.StageARN)
	if err != nil {
		return nil, err
	}
	issued := st.tokens.live(in.ParticipantID, c.time)
	var p *participant
	if st.active != nil {
		p, _ = st.active.participants.get(in.ParticipantID)
	}
	if p == nil && !issued {
		return nil, notFound(in.ParticipantID)
	}
	st.barred[in.ParticipantID] = struct{}{}
	if p != nil {
		s.releaseIngests(func(q *participant) bool { return q == p })
		s.disconnect(p, LeftReasonParticipantDisconnected)
	}
	return &ivsrealtime.DisconnectParticipantOutput{}, nil
}

// revokeConnectionToken has no output: the service answers with an empty body.
// IVS does not see these tokens being made, so any ID can be revoked.
func (s *Server) revokeConnectionToken(c *call, in *ivsrealtime.RevokeConnectionTokenInput) (*ivsrealtime.RevokeConnectionTokenOutput, error) {
	c.required("tokenId", in.TokenID == "")
	c.str("tokenId", in.TokenID, 1, 64, namePattern)
	if err := c.err(); err != nil {
		return nil, err
	}
	s.revoked[in.TokenID] = struct{}{}
	for _, st := range s.stages.after(0) {
		if st.active == nil {
			continue
		}
		for _, p := range st.active.participants.after(0) {
			if p.connected && p.connection == in.TokenID {
				s.disconnect(p, LeftReasonConnectionTokenRevoked)
			}
		}
	}
	return nil, nil
}

// participantID checks the required member participantId.
func (c *check) participantID(v string) {
	c.required("participantId", v == "")
	c.str("participantId", v, 0, 64, namePattern)
}

// atMostOne checks that no two of the members were sent.
func (c *check) atMostOne(names ...string) {
	sent := ""
	for _, name := range names {
		switch {
		case !c.sent(name):
		case sent == "":
			sent = name
		default:
			c.fail(name, "must not be set together with '%s'", sent)
		}
	}
}
