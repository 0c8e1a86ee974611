package ivsrealtimetest

import (
	"cmp"
	"fmt"
	"maps"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// replication is that a publisher of one stage is shown on another, as a replica:
// a participant of the same ID there.
type replication struct {
	source  *participant
	replica *participant
	window  time.Duration // for the source to publish again
	stopped bool
	stopEnd func() bool // nil unless the window runs
}

func (s *Server) startParticipantReplication(c *call, in *ivsrealtime.StartParticipantReplicationInput) (*ivsrealtime.StartParticipantReplicationOutput, error) {
	c.arn("sourceStageArn", in.SourceStageARN, "stage")
	c.arn("destinationStageArn", in.DestinationStageARN, "stage")
	c.participantID(in.ParticipantID)
	c.num("reconnectWindowSeconds", in.ReconnectWindowSeconds, 0, 300)
	c.attributes(in.Attributes)
	if in.DestinationStageARN == in.SourceStageARN && in.SourceStageARN != "" {
		c.fail("destinationStageArn", "must be another stage than sourceStageArn")
	}
	destination, err := existing(c, &s.stages, in.DestinationStageARN)
	if err != nil {
		return nil, err
	}
	source, err := s.onStage(in.SourceStageARN, in.ParticipantID)
	if err != nil {
		return nil, err
	}
	if !source.publishing || source.replicated != nil {
		return nil, newError(codeConflict, "The participant does not publish on the source stage.")
	}
	active := 0
	for _, r := range s.replications.after(0) {
		if r.source != source || r.stopped {
			continue
		}
		active++
		if r.replica.stage == destination {
			return nil, newError(codeConflict, "The participant is replicated to the stage already.")
		}
	}
	if most := s.options.Quotas.ReplicationsPerParticipant; active >= most {
		return nil, newError(codeQuotaExceeded, "The participant is replicated to %d stages, as many as the quota allows.", active)
	}
	if s.publishers(destination) >= s.options.Quotas.PublishersPerStage {
		return nil, newError(codeQuotaExceeded, "The destination stage has as many publishers as its quota allows.")
	}
	if destination.active != nil {
		if other, taken := destination.active.participants.get(source.id); taken && other.replicated == nil {
			return nil, newError(codeConflict, "The destination stage has a participant of this ID.")
		}
	}
	now := s.now()
	ses := s.openSession(destination, now)

	attributes := maps.Clone(source.attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	maps.Copy(attributes, in.Attributes)
	r := &replication{source: source, window: time.Duration(in.ReconnectWindowSeconds) * time.Second}
	r.replica = &participant{
		stage:        destination,
		session:      ses,
		id:           source.id,
		userID:       source.userID,
		attributes:   attributes,
		capabilities: ivsrealtime.Publish(),
		expires:      source.expires,
		protocol:     source.protocol,
		replicated:   r,
		firstJoin:    now,
		connected:    true,
		watching:     map[string]struct{}{},
	}
	ses.participants.delete(source.id) // an earlier replica's entry: this one takes its place
	ses.participants.add(source.id, r.replica)
	s.replications.add(fmt.Sprint(s.replications.last), r)
	s.record(source, ivsrealtime.Event{Name: ivsrealtime.EventNameReplicationStarted, DestinationStageARN: destination.arn, DestinationSessionID: ses.id})
	s.show(r)
	setReplicationHeaders(c)
	return &ivsrealtime.StartParticipantReplicationOutput{}, nil
}

// setReplicationHeaders sets the headers with which the service answers Start-
// and StopParticipantReplication: those of its errors, with another list.
func setReplicationHeaders(c *call) {
	for name, value := range serviceErrorHeaders {
		c.header.Set(name, value)
	}
	c.header.Set("Access-Control-Expose-Headers", "Access-Control-Allow-Origin,Access-Control-Expose-Headers,Cache-Control,Content-Length,Content-Security-Policy,Content-Type,date,Strict-Transport-Security,x-amz-apigw-id,x-amzn-errormessage,x-amzn-errortype,x-amzn-requestid,x-amzn-trace-id,X-Content-Type-Options,X-Frame-Options")
}

// onStage finds a participant of a stage's running session.
func (s *Server) onStage(stageARN, participantID string) (*participant, error) {
	st, ok := s.stages.get(stageARN)
	if !ok {
		return nil, notFound(stageARN)
	}
	if st.active != nil {
		if p, ok := st.active.participants.get(participantID); ok {
			return p, nil
		}
	}
	return nil, notFound(participantID)
}

func (s *Server) stopParticipantReplication(c *call, in *ivsrealtime.StopParticipantReplicationInput) (*ivsrealtime.StopParticipantReplicationOutput, error) {
	c.arn("sourceStageArn", in.SourceStageARN, "stage")
	c.arn("destinationStageArn", in.DestinationStageARN, "stage")
	c.participantID(in.ParticipantID)
	if err := c.err(); err != nil {
		return nil, err
	}
	for _, r := range s.replications.after(0) {
		if !r.stopped && r.source.stage.arn == in.SourceStageARN && r.replica.stage.arn == in.DestinationStageARN && r.source.id == in.ParticipantID {
			s.endReplication(r)
			setReplicationHeaders(c)
			return &ivsrealtime.StopParticipantReplicationOutput{}, nil
		}
	}
	return nil, notFound(in.ParticipantID)
}

func (s *Server) listParticipantReplicas(c *call, in *ivsrealtime.ListParticipantReplicasInput) (*ivsrealtime.ListParticipantReplicasOutput, error) {
	c.arn("sourceStageArn", in.SourceStageARN, "stage")
	c.participantID(in.ParticipantID)
	c.page(in.NextToken, in.MaxResults, 50)
	if err := c.err(); err != nil {
		return nil, err
	}
	if _, ok := s.stages.get(in.SourceStageARN); !ok {
		if err := s.unknownInList(in.SourceStageARN); err != nil {
			return nil, err
		}
	}
	list := listing{op: "ListParticipantReplicas", filters: []string{in.SourceStageARN, in.ParticipantID}, token: in.NextToken, size: cmp.Or(in.MaxResults, 50)}
	found, next, err := page(s, &s.replications, list, func(r *replication) (ivsrealtime.ParticipantReplica, bool) {
		return ivsrealtime.ParticipantReplica{
			SourceStageARN:       r.source.stage.arn,
			ParticipantID:        r.source.id,
			SourceSessionID:      r.source.session.id,
			DestinationStageARN:  r.replica.stage.arn,
			DestinationSessionID: r.replica.session.id,
			ReplicationState:     r.state(),
		}, r.source.stage.arn == in.SourceStageARN && r.source.id == in.ParticipantID
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListParticipantReplicasOutput{Replicas: found, NextToken: next}, nil
}

func (r *replication) state() ivsrealtime.ReplicationState {
	if r.stopped {
		return ivsrealtime.ReplicationStateStopped
	}
	return ivsrealtime.ReplicationStateActive
}

// show has the replica publish.
func (s *Server) show(r *replication) {
	p := r.replica
	p.publishing, p.published = true, true
	s.record(p, ivsrealtime.Event{Name: ivsrealtime.EventNamePublishStarted})
	if *p.stage.recording.RecordParticipantReplicas {
		s.startRecording(p)
	}
	s.publishersChanged(p.stage)
}

// endReplication takes the replica off its stage.
func (s *Server) endReplication(r *replication) {
	if r.stopped {
		return
	}
	r.stopped = true
	if r.stopEnd != nil {
		r.stopEnd()
		r.stopEnd = nil
	}
	s.disconnect(r.replica, LeftReasonUnknown)
	s.record(r.source, ivsrealtime.Event{Name: ivsrealtime.EventNameReplicationStopped, DestinationStageARN: r.replica.stage.arn, DestinationSessionID: r.replica.session.id})
}

// sourceChanged lets the replicas of a participant follow it: they come back when
// it publishes again within the window, and end with that.
func (s *Server) sourceChanged(source *participant) {
	for _, r := range s.replications.after(0) {
		switch {
		case r.source.stage != source.stage || r.source.id != source.id || r.stopped:
		case source.publishing && r.stopEnd != nil:
			r.stopEnd()
			r.stopEnd = nil
			s.show(r)
		case !source.publishing && r.window == 0:
			s.endReplication(r)
		case !source.publishing && r.stopEnd == nil:
			s.unpublish(r.replica)
			r.stopEnd = s.after(r.window, func() { s.endReplication(r) })
		}
	}
}

// replicates reports whether a participant is shown on other stages now.
func (s *Server) replicates(p *participant) bool {
	for _, r := range s.replications.after(0) {
		if r.source == p && !r.stopped {
			return true
		}
	}
	return false
}
