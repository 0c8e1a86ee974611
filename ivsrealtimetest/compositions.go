package ivsrealtimetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// How long the parts of a composition's life take, where the service says so.
const (
	compositionIdle   = 60 * time.Second // without a publisher, until it stops by itself
	compositionLife   = 24 * time.Hour
	compositionMemory = 5 * time.Minute // after its end, until nobody knows it any more
)

// composition is the state of a composition; its tags are in Server.tags.
type composition struct {
	arn, id      string
	stageARN     string
	state        ivsrealtime.CompositionState
	layout       ivsrealtime.LayoutConfiguration
	destinations []*destination
	start, end   time.Time
	token, body  string // of the call that started it

	// What is going to happen by itself: each stops its timer.
	next []func() bool
	idle func() bool // nil while somebody publishes
}

type destination struct {
	id         string
	state      ivsrealtime.DestinationState
	start, end time.Time
	config     ivsrealtime.DestinationConfiguration
	prefix     string // of an S3 destination
}

func (m *composition) running() bool {
	return m.state == ivsrealtime.CompositionStateStarting || m.state == ivsrealtime.CompositionStateActive
}

func (m *composition) ended() bool {
	return m.state == ivsrealtime.CompositionStateStopped || m.state == ivsrealtime.CompositionStateFailed
}

// alive reports whether a destination still has output to come.
func (d *destination) alive() bool {
	return d.state != ivsrealtime.DestinationStateStopped && d.state != ivsrealtime.DestinationStateFailed
}

func (s *Server) startComposition(c *call, in *ivsrealtime.StartCompositionInput) (*compositionOutput, error) {
	c.arn("stageArn", in.StageARN, "stage")
	c.str("idempotencyToken", in.IdempotencyToken, 1, 64, namePattern)
	if in.Layout != nil {
		c.layout(in.Layout)
	}
	c.destinations(in.Destinations)
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	body, err := wire.Encode(in)
	if err != nil {
		return nil, err
	}
	if in.IdempotencyToken != "" {
		for _, m := range s.compositions.after(0) {
			if m.token != in.IdempotencyToken {
				continue
			}
			if m.body != string(body) {
				return nil, newError(codeConflict, "The idempotencyToken was used with other parameters.")
			}
			return &compositionOutput{s.showComposition(m)}, nil
		}
	}
	if err := s.checkCompositionReferences(in); err != nil {
		return nil, err
	}
	total, ofStage := 0, 0
	for _, m := range s.compositions.after(0) {
		if !m.ended() {
			total++
			if m.stageARN == in.StageARN {
				ofStage++
			}
		}
	}
	if err := quotaError(total, s.options.Quotas.Compositions, "compositions"); err != nil {
		return nil, err
	}
	if err := quotaError(ofStage, s.options.Quotas.CompositionsPerStage, "compositions of the stage"); err != nil {
		return nil, err
	}

	m := &composition{
		id:       s.ids.alnum(12),
		stageARN: in.StageARN,
		state:    ivsrealtime.CompositionStateStarting,
		layout:   fullLayout(in.Layout),
		start:    s.now(),
		token:    in.IdempotencyToken,
		body:     string(body),
	}
	m.arn = s.arn("composition", m.id)
	for _, config := range in.Destinations {
		d := &destination{id: s.ids.alnum(12), state: ivsrealtime.DestinationStateStarting, config: config}
		if config.S3 != nil {
			s3 := *config.S3
			s3.RecordingConfiguration.Format = cmp.Or(s3.RecordingConfiguration.Format, ivsrealtime.RecordingConfigurationFormatHLS)
			hls := &s3.RecordingConfiguration.HLSConfiguration
			hls.TargetSegmentDurationSeconds = cmp.Or(hls.TargetSegmentDurationSeconds, 2)
			s3.ThumbnailConfigurations = slices.Clone(s3.ThumbnailConfigurations)
			for i := range s3.ThumbnailConfigurations {
				t := &s3.ThumbnailConfigurations[i]
				t.TargetIntervalSeconds = cmp.Or(t.TargetIntervalSeconds, 60)
				t.Storage = orList(t.Storage, []ivsrealtime.ThumbnailStorageType{ivsrealtime.ThumbnailStorageTypeSequential})
			}
			d.config.S3 = &s3
			d.prefix = fmt.Sprintf("%s/%s/%s/composite", s.ids.alnum(12), m.id, d.id)
		}
		m.destinations = append(m.destinations, d)
	}
	if err := s.addTags(m.arn, in.Tags); err != nil {
		return nil, err
	}
	s.compositions.add(m.arn, m)

	m.later(s, s.options.CompositionStartDelay, func() { s.activate(m, 0) })
	m.later(s, compositionLife, func() { s.stop(m) })
	s.watchPublishers(m)
	return &compositionOutput{s.showComposition(m)}, nil
}

// checkCompositionReferences checks that what a composition refers to exists.
// Channels are of the low-latency API, which the fake does not model: any will do.
func (s *Server) checkCompositionReferences(in *ivsrealtime.StartCompositionInput) error {
	if _, ok := s.stages.get(in.StageARN); !ok {
		return notFound(in.StageARN)
	}
	for _, d := range in.Destinations {
		var encoders []string
		if d.Channel != nil && d.Channel.EncoderConfigurationARN != "" {
			encoders = []string{d.Channel.EncoderConfigurationARN}
		}
		if d.S3 != nil {
			if !s.hasStorageConfiguration(d.S3.StorageConfigurationARN) {
				return notFound(d.S3.StorageConfigurationARN)
			}
			encoders = d.S3.EncoderConfigurationARNs
		}
		for _, arn := range encoders {
			if _, ok := s.encoders.get(arn); !ok {
				return notFound(arn)
			}
		}
	}
	return nil
}

// later lets something happen to a composition, unless it ends before.
func (m *composition) later(s *Server, d time.Duration, f func()) {
	m.next = append(m.next, s.after(d, f))
}

// activate starts a composition's destinations one after the other, from the
// n-th on.
func (s *Server) activate(m *composition, n int) {
	if !m.running() {
		return
	}
	if n == 0 {
		m.state = ivsrealtime.CompositionStateActive
		s.emit(&ivsevents.CompositionSessionStart{CompositionARN: m.arn, StageARN: m.stageARN})
	}
	if d := m.destinations[n]; d.state == ivsrealtime.DestinationStateStarting {
		d.state, d.start = ivsrealtime.DestinationStateActive, s.now()
		s.emit(&ivsevents.CompositionDestinationStart{CompositionARN: m.arn, StageARN: m.stageARN, DestinationID: d.id})
	}
	if n+1 < len(m.destinations) {
		m.later(s, time.Second, func() { s.activate(m, n+1) })
	}
}

// watchPublishers lets a running composition end when nobody has published for
// some time, and keeps it when somebody does.
func (s *Server) watchPublishers(m *composition) {
	st, ok := s.stages.get(m.stageARN)
	switch publishing := ok && s.publishers(st) > 0; {
	case !m.running():
	case publishing && m.idle != nil:
		m.idle()
		m.idle = nil
	case !publishing && m.idle == nil:
		m.idle = s.after(compositionIdle, func() { s.stop(m) })
	}
}

// publishersChanged tells a stage's compositions.
func (s *Server) publishersChanged(st *stage) {
	for _, m := range s.compositions.after(0) {
		if m.stageARN == st.arn {
			s.watchPublishers(m)
		}
	}
}

// stop begins the end of a composition.
func (s *Server) stop(m *composition) {
	if !m.running() {
		return
	}
	m.state = ivsrealtime.CompositionStateStopping
	for _, d := range m.destinations {
		if d.alive() {
			d.state = ivsrealtime.DestinationStateStopping
		}
	}
	m.later(s, s.options.CompositionStopDelay, func() { s.end(m, ivsrealtime.CompositionStateStopped, "") })
}

// end ends a composition, destinations first, and has it forgotten later.
func (s *Server) end(m *composition, state ivsrealtime.CompositionState, code ivsevents.ErrorCode) {
	if m.ended() {
		return
	}
	for _, stop := range m.next {
		stop()
	}
	if m.idle != nil {
		m.idle()
	}
	m.next, m.idle = nil, nil
	now := s.now()
	for _, d := range m.destinations {
		if d.alive() {
			d.state, d.end = ivsrealtime.DestinationStateStopped, now
			s.emit(&ivsevents.CompositionDestinationEnd{CompositionARN: m.arn, StageARN: m.stageARN, DestinationID: d.id})
		}
	}
	m.state, m.end = state, now
	if state == ivsrealtime.CompositionStateFailed {
		s.emit(&ivsevents.CompositionSessionFailure{CompositionARN: m.arn, StageARN: m.stageARN, ErrorCode: code})
	} else {
		s.emit(&ivsevents.CompositionSessionEnd{CompositionARN: m.arn, StageARN: m.stageARN})
	}
	s.after(compositionMemory, func() {
		s.compositions.delete(m.arn)
		delete(s.tags, m.arn)
	})
}

// failCompositions ends the compositions of a stage that is being deleted.
func (s *Server) failCompositions(st *stage) {
	for _, m := range s.compositions.after(0) {
		if m.stageARN == st.arn {
			s.end(m, ivsrealtime.CompositionStateFailed, ivsevents.ErrorCodeStageDeleted)
		}
	}
}

// encodesWith reports whether a destination uses the encoder configuration.
func (m *composition) encodesWith(arn string) bool {
	return slices.ContainsFunc(m.destinations, func(d *destination) bool {
		return d.config.Channel != nil && d.config.Channel.EncoderConfigurationARN == arn ||
			d.config.S3 != nil && slices.Contains(d.config.S3.EncoderConfigurationARNs, arn)
	})
}

// compositionUses reports whether a composition that has not ended uses a
// storage or encoder configuration.
func (s *Server) compositionUses(arn string) bool {
	for _, m := range s.compositions.after(0) {
		if m.ended() {
			continue
		}
		if m.encodesWith(arn) {
			return true
		}
		for _, d := range m.destinations {
			if d.config.S3 != nil && d.config.S3.StorageConfigurationARN == arn {
				return true
			}
		}
	}
	return false
}

func (s *Server) getComposition(c *call, in *ivsrealtime.GetCompositionInput) (*compositionOutput, error) {
	c.arn("arn", in.ARN, "composition")
	m, err := existing(c, &s.compositions, in.ARN)
	if err != nil {
		return nil, err
	}
	return &compositionOutput{s.showComposition(m)}, nil
}

// stopComposition does nothing, and succeeds, for a composition that is ending
// or has ended.
func (s *Server) stopComposition(c *call, in *ivsrealtime.StopCompositionInput) (*ivsrealtime.StopCompositionOutput, error) {
	c.arn("arn", in.ARN, "composition")
	m, err := existing(c, &s.compositions, in.ARN)
	if err != nil {
		return nil, err
	}
	s.stop(m)
	return &ivsrealtime.StopCompositionOutput{}, nil
}

func (s *Server) listCompositions(c *call, in *ivsrealtime.ListCompositionsInput) (*ivsrealtime.ListCompositionsOutput, error) {
	c.str("filterByStageArn", in.FilterByStageARN, 1, 128, arnPattern("stage"))
	c.str("filterByEncoderConfigurationArn", in.FilterByEncoderConfigurationARN, 1, 128, arnPattern("encoder-configuration"))
	c.page(in.NextToken, in.MaxResults, 100)
	if err := c.err(); err != nil {
		return nil, err
	}
	list := listing{
		op:      "ListCompositions",
		filters: []string{in.FilterByStageARN, in.FilterByEncoderConfigurationARN},
		token:   in.NextToken,
		size:    cmp.Or(in.MaxResults, 100),
	}
	found, next, err := page(s, &s.compositions, list, func(m *composition) (ivsrealtime.CompositionSummary, bool) {
		return s.compositionSummary(m), (in.FilterByStageARN == "" || m.stageARN == in.FilterByStageARN) &&
			(in.FilterByEncoderConfigurationARN == "" || m.encodesWith(in.FilterByEncoderConfigurationARN))
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListCompositionsOutput{Compositions: found, NextToken: next}, nil
}

// InterruptDestination interrupts an ACTIVE destination of a composition, which
// then is RECONNECTING; RestoreDestination and FailDestination end that.
func (s *Server) InterruptDestination(compositionARN, destinationID string) error {
	return s.onDestination(compositionARN, destinationID, func(m *composition, d *destination) error {
		if d.state != ivsrealtime.DestinationStateActive {
			return fmt.Errorf("ivsrealtimetest: the destination is %s, not ACTIVE", d.state)
		}
		d.state = ivsrealtime.DestinationStateReconnecting
		s.emit(&ivsevents.CompositionDestinationReconnecting{CompositionARN: m.arn, StageARN: m.stageARN, DestinationID: d.id})
		return nil
	})
}

// RestoreDestination makes a RECONNECTING destination ACTIVE again.
func (s *Server) RestoreDestination(compositionARN, destinationID string) error {
	return s.onDestination(compositionARN, destinationID, func(m *composition, d *destination) error {
		if d.state != ivsrealtime.DestinationStateReconnecting {
			return fmt.Errorf("ivsrealtimetest: the destination is %s, not RECONNECTING", d.state)
		}
		d.state = ivsrealtime.DestinationStateActive
		return nil
	})
}

// FailDestination makes a destination FAILED, for a code such as
// ivsevents.ErrorCodeAccessDenied and a reason in words, for which "" stands for the
// service's own. With its last destination the composition fails, too.
func (s *Server) FailDestination(compositionARN, destinationID string, code ivsevents.ErrorCode, reason string) error {
	return s.onDestination(compositionARN, destinationID, func(m *composition, d *destination) error {
		if !d.alive() {
			return fmt.Errorf("ivsrealtimetest: the destination is %s", d.state)
		}
		d.state, d.end = ivsrealtime.DestinationStateFailed, s.now()
		s.emit(&ivsevents.CompositionDestinationFailure{CompositionARN: m.arn, StageARN: m.stageARN, DestinationID: d.id, ErrorCode: code, Reason: reason})
		if !slices.ContainsFunc(m.destinations, (*destination).alive) {
			s.end(m, ivsrealtime.CompositionStateFailed, ivsevents.ErrorCodeDestinationFailure)
		}
		return nil
	})
}

func (s *Server) onDestination(compositionARN, destinationID string, do func(*composition, *destination) error) error {
	s.mu.Lock()
	defer s.unlock()
	m, ok := s.compositions.get(compositionARN)
	if !ok {
		return fmt.Errorf("ivsrealtimetest: composition %q does not exist", compositionARN)
	}
	for _, d := range m.destinations {
		if d.id == destinationID {
			return do(m, d)
		}
	}
	return fmt.Errorf("ivsrealtimetest: composition %s has no destination %q", compositionARN, destinationID)
}
