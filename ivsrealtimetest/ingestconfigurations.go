package ivsrealtimetest

import (
	"cmp"
	"strings"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ingest is the state of an ingest configuration; its tags are in Server.tags.
type ingest struct {
	arn, id    string
	name       string
	protocol   ivsrealtime.IngestProtocol
	stageARN   string // "" while detached
	userID     string
	attributes map[string]string

	participantID string // for good; with redundant ingest that of the virtual participant
	streamKey     ivsrealtime.Secret
	redundant     bool
	streams       []*ingestStream // two with redundant ingest, else one
}

// ingestStream is what one encoder publishes with an ingest configuration.
type ingestStream struct {
	participantID string
	streamKey     ivsrealtime.Secret
	participant   *participant // who published with it last, or nil
}

func (i *ingestStream) active() bool { return i.participant != nil && i.participant.publishing }

func (g *ingest) state() ivsrealtime.IngestConfigurationState {
	for _, stream := range g.streams {
		if stream.active() {
			return ivsrealtime.IngestConfigurationStateActive
		}
	}
	return ivsrealtime.IngestConfigurationStateInactive
}

func (s *Server) createIngestConfiguration(c *call, in *ivsrealtime.CreateIngestConfigurationInput) (*ivsrealtime.CreateIngestConfigurationOutput, error) {
	c.str("name", in.Name, 0, 128, namePattern)
	s.checkIngestStage(c, in.StageARN)
	c.str("userId", in.UserID, 0, 128, anything)
	c.attributes(in.Attributes)
	c.required("ingestProtocol", in.IngestProtocol == "")
	checkEnum(c.check, "ingestProtocol", in.IngestProtocol)
	if in.IngestProtocol == ivsrealtime.IngestProtocolRTMP && !in.InsecureIngest {
		c.fail("insecureIngest", "must be true for the protocol RTMP")
	}
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := quotaError(s.ingests.len(), s.options.Quotas.IngestConfigurations, "ingest configurations"); err != nil {
		return nil, err
	}
	g := &ingest{
		id:            s.ids.alnum(12),
		name:          in.Name,
		protocol:      in.IngestProtocol,
		stageARN:      in.StageARN,
		userID:        in.UserID,
		attributes:    in.Attributes,
		participantID: s.ids.alnum(12),
	}
	g.arn = s.arn("ingest-configuration", g.id)
	if err := s.addTags(g.arn, in.Tags); err != nil {
		return nil, err
	}
	g.streamKey = s.newStreamKey(g)
	s.setRedundant(g, in.RedundantIngest)
	s.ingests.add(g.arn, g)
	return &ivsrealtime.CreateIngestConfigurationOutput{IngestConfiguration: s.showIngest(g)}, nil
}

// checkIngestStage checks the member stageArn, which is empty or names a stage
// that exists: CreateIngestConfiguration has no ResourceNotFoundException for it.
func (s *Server) checkIngestStage(c *call, arn string) {
	if arn == "" {
		return
	}
	wellFormed := arnPattern("stage")
	c.str("stageArn", arn, 0, 128, wellFormed)
	if _, ok := s.stages.get(arn); !ok && wellFormed.match(arn) {
		c.fail("stageArn", "must be the ARN of a stage that exists")
	}
}

func (s *Server) newStreamKey(g *ingest) ivsrealtime.Secret {
	return ivsrealtime.Secret(strings.Join([]string{"rt", s.options.AccountID, s.options.Region, g.id, s.ids.alnum(30)}, "_"))
}

// setRedundant makes the streams of an ingest configuration. Of a redundant one
// each is a participant of its own, and the first has the configuration's key.
func (s *Server) setRedundant(g *ingest, redundant bool) {
	switch {
	case redundant == g.redundant && g.streams != nil:
		return
	case redundant:
		g.streams = []*ingestStream{
			{participantID: s.ids.alnum(12), streamKey: g.streamKey},
			{participantID: s.ids.alnum(12), streamKey: s.newStreamKey(g)},
		}
	default:
		g.streams = []*ingestStream{{participantID: g.participantID, streamKey: g.streamKey}}
	}
	g.redundant = redundant
}

func (s *Server) getIngestConfiguration(c *call, in *ivsrealtime.GetIngestConfigurationInput) (*ivsrealtime.GetIngestConfigurationOutput, error) {
	c.arn("arn", in.ARN, "ingest-configuration")
	g, err := existing(c, &s.ingests, in.ARN)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.GetIngestConfigurationOutput{IngestConfiguration: s.showIngest(g)}, nil
}

func (s *Server) updateIngestConfiguration(c *call, in *ivsrealtime.UpdateIngestConfigurationInput) (*ivsrealtime.UpdateIngestConfigurationOutput, error) {
	c.arn("arn", in.ARN, "ingest-configuration")
	if in.StageARN != nil {
		s.checkIngestStage(c, *in.StageARN)
	}
	g, err := existing(c, &s.ingests, in.ARN)
	if err != nil {
		return nil, err
	}
	if g.state() == ivsrealtime.IngestConfigurationStateActive {
		return nil, newError(codeConflict, "Somebody publishes with the ingest configuration.")
	}
	if in.StageARN != nil {
		g.stageARN = *in.StageARN
	}
	if in.RedundantIngest != nil {
		s.setRedundant(g, *in.RedundantIngest)
	}
	return &ivsrealtime.UpdateIngestConfigurationOutput{IngestConfiguration: s.showIngest(g)}, nil
}

func (s *Server) deleteIngestConfiguration(c *call, in *ivsrealtime.DeleteIngestConfigurationInput) (*ivsrealtime.DeleteIngestConfigurationOutput, error) {
	c.arn("arn", in.ARN, "ingest-configuration")
	g, err := existing(c, &s.ingests, in.ARN)
	if err != nil {
		return nil, err
	}
	if g.state() == ivsrealtime.IngestConfigurationStateActive && !in.Force {
		return nil, newError(codeConflict, "Somebody publishes with the ingest configuration.")
	}
	for _, stream := range g.streams {
		if stream.participant != nil {
			s.disconnect(stream.participant, LeftReasonUnknown)
		}
	}
	s.ingests.delete(in.ARN)
	delete(s.tags, in.ARN)
	return &ivsrealtime.DeleteIngestConfigurationOutput{}, nil
}

func (s *Server) listIngestConfigurations(c *call, in *ivsrealtime.ListIngestConfigurationsInput) (*ivsrealtime.ListIngestConfigurationsOutput, error) {
	c.str("filterByStageArn", in.FilterByStageARN, 1, 128, arnPattern("stage"))
	checkEnum(c.check, "filterByState", in.FilterByState)
	c.page(in.NextToken, in.MaxResults, 100)
	c.atMostOne("filterByStageArn", "filterByState")
	if err := c.err(); err != nil {
		return nil, err
	}
	list := listing{
		op:      "ListIngestConfigurations",
		filters: []string{in.FilterByStageARN, string(in.FilterByState)},
		token:   in.NextToken,
		size:    cmp.Or(in.MaxResults, 50),
	}
	found, next, err := page(s, &s.ingests, list, func(g *ingest) (ivsrealtime.IngestConfigurationSummary, bool) {
		wanted := (in.FilterByStageARN == "" || g.stageARN == in.FilterByStageARN) &&
			(in.FilterByState == "" || g.state() == in.FilterByState)
		return ivsrealtime.IngestConfigurationSummary{
			Name:            g.name,
			ARN:             g.arn,
			IngestProtocol:  g.protocol,
			StageARN:        g.stageARN,
			ParticipantID:   g.participantID,
			State:           g.state(),
			UserID:          g.userID,
			RedundantIngest: g.redundant,
		}, wanted
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListIngestConfigurationsOutput{IngestConfigurations: found, NextToken: next}, nil
}

func (s *Server) showIngest(g *ingest) ivsrealtime.IngestConfiguration {
	shown := ivsrealtime.IngestConfiguration{
		Name:            g.name,
		ARN:             g.arn,
		IngestProtocol:  g.protocol,
		StreamKey:       g.streamKey,
		StageARN:        g.stageARN,
		ParticipantID:   g.participantID,
		State:           g.state(),
		UserID:          g.userID,
		RedundantIngest: g.redundant,
		Attributes:      g.attributes,
		Tags:            s.tags[g.arn],
	}
	if g.redundant {
		for _, stream := range g.streams {
			shown.RedundantIngestCredentials = append(shown.RedundantIngestCredentials, ivsrealtime.RedundantIngestCredential{
				ParticipantID: stream.participantID,
				StreamKey:     stream.streamKey,
			})
		}
	}
	return shown
}

// ingestByStreamKey returns the ingest configuration that a stream key belongs
// to, and which of its streams it is for; nil for a key that is none.
func (s *Server) ingestByStreamKey(key string) (*ingest, int) {
	parts := strings.SplitN(key, "_", 5)
	if len(parts) < 5 {
		return nil, 0
	}
	g, ok := s.ingests.get(s.arn("ingest-configuration", parts[3]))
	if !ok {
		return nil, 0
	}
	for i, stream := range g.streams {
		if string(stream.streamKey) == key {
			return g, i
		}
	}
	return nil, 0
}

// releaseIngests takes the ingest configurations off their stage with which
// participants publish who are about to be disconnected.
func (s *Server) releaseIngests(leaving func(*participant) bool) {
	for _, g := range s.ingests.after(0) {
		for _, stream := range g.streams {
			if stream.active() && leaving(stream.participant) {
				g.stageARN = ""
			}
		}
	}
}
