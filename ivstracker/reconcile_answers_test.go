package ivstracker_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// answers is an API that has one stage, one session of it and one participant in
// that, and says of them what the fake would not.
type answers struct {
	stage       ivsrealtime.StageSummary
	session     ivsrealtime.StageSessionSummary
	participant ivsrealtime.Participant
	events      []ivsrealtime.Event
}

func (a *answers) ListStages(context.Context, *ivsrealtime.ListStagesInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error) {
	return &ivsrealtime.ListStagesOutput{Stages: []ivsrealtime.StageSummary{a.stage}}, nil
}

func (a *answers) GetStage(_ context.Context, in *ivsrealtime.GetStageInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.GetStageOutput, error) {
	return &ivsrealtime.GetStageOutput{Stage: ivsrealtime.Stage{ARN: in.ARN}}, nil
}

func (a *answers) ListStageSessions(_ context.Context, in *ivsrealtime.ListStageSessionsInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStageSessionsOutput, error) {
	out := &ivsrealtime.ListStageSessionsOutput{}
	if in.StageARN == a.stage.ARN {
		out.StageSessions = []ivsrealtime.StageSessionSummary{a.session}
	}
	return out, nil
}

func (a *answers) ListParticipants(context.Context, *ivsrealtime.ListParticipantsInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListParticipantsOutput, error) {
	out := &ivsrealtime.ListParticipantsOutput{}
	if id := a.participant.ParticipantID; id != "" {
		out.Participants = []ivsrealtime.ParticipantSummary{{ParticipantID: id}}
	}
	return out, nil
}

func (a *answers) GetParticipant(context.Context, *ivsrealtime.GetParticipantInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetParticipantOutput, error) {
	return &ivsrealtime.GetParticipantOutput{Participant: a.participant}, nil
}

func (a *answers) ListParticipantEvents(context.Context, *ivsrealtime.ListParticipantEventsInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListParticipantEventsOutput, error) {
	return &ivsrealtime.ListParticipantEventsOutput{Events: a.events}, nil
}

func (a *answers) ListCompositions(context.Context, *ivsrealtime.ListCompositionsInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListCompositionsOutput, error) {
	return &ivsrealtime.ListCompositionsOutput{}, nil
}

// GetComposition knows what the list did not have yet.
func (a *answers) GetComposition(_ context.Context, in *ivsrealtime.GetCompositionInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error) {
	return &ivsrealtime.GetCompositionOutput{Composition: ivsrealtime.Composition{ARN: in.ARN, StageARN: stageA, State: "STOPPING", Destinations: []ivsrealtime.Destination{{ID: "d", State: "STOPPING"}}}}, nil
}

// inSession returns answers about stage A, session s and a participant p.
func inSession(p ivsrealtime.Participant, events ...ivsrealtime.Event) *answers {
	p.ParticipantID = "p"
	return &answers{
		stage:       ivsrealtime.StageSummary{ARN: stageA},
		session:     ivsrealtime.StageSessionSummary{SessionID: "s", StartTime: noon},
		participant: p,
		events:      events,
	}
}

func reconcile(t *testing.T, tracker *ivstracker.Tracker, a *answers) {
	t.Helper()
	_, err := tracker.Reconcile(t.Context(), a, func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond = 1e6 })
	require.NoError(t, err)
}

// An answer counts as of when it was asked for; an event in whole seconds may be
// newer if it is of the same second.
func TestReconcileTimes(t *testing.T) {
	stopped := []ivsrealtime.Event{{Name: "PUBLISH_STARTED", EventTime: secs(1)}, {Name: "PUBLISH_STOPPED", EventTime: secs(1)}}
	for name, tt := range map[string]struct {
		event *ivsevents.ParticipantPublished
		want  bool
	}{
		"before":             {published(stageA, "s", "p", 100.4), false},
		"after":              {published(stageA, "s", "p", 100.6), true},
		"in the same second": {&ivsevents.ParticipantPublished{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(100), EventTimePrecise: secs(100)}, true},
		"in the one before":  {&ivsevents.ParticipantPublished{StageARN: stageA, SessionID: "s", ParticipantID: "p", EventTime: secs(99), EventTimePrecise: secs(99)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, now := newTracker()
			now.now = secs(100.5)
			reconcile(t, tracker, inSession(ivsrealtime.Participant{State: "CONNECTED"}, stopped...))
			require.False(t, only(t, tracker, stageA).Publishing, "as often stopped as started")
			require.NoError(t, tracker.Handle(t.Context(), ivsevents.Fill(tt.event)))
			require.Equal(t, tt.want, only(t, tracker, stageA).Publishing)
		})
	}
}

// A session that the API says is active is not ended by one that began before
// that was asked.
func TestReconcileActiveSession(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	reconcile(t, tracker, inSession(ivsrealtime.Participant{}))
	cause := func() ivstracker.SessionEndCause { s, _ := tracker.Stage(stageA); return s.Sessions[0].EndCause }
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "odd", "p", 50))
	require.Empty(t, cause())
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "next", "p", 101))
	require.Equal(t, ivstracker.SessionEndCauseNewerSession, cause())
}

// What only the events of the API tell.
func TestReconcileParticipantEvents(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	token := &ivsrealtime.ExchangedParticipantToken{UserID: "host", Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH"}, Attributes: map[string]string{"a": "1"}}
	reconcile(t, tracker, inSession(ivsrealtime.Participant{State: "DISCONNECTED", Published: true, UserID: "host", Attributes: map[string]string{"a": "1"}},
		ivsrealtime.Event{Name: "PUBLISH_ERROR", EventTime: secs(9), ErrorCode: "BITRATE_EXCEEDED"}, // newest first, as in a documented sample
		ivsrealtime.Event{Name: "REPLICATION_STARTED", EventTime: secs(3), DestinationStageARN: stageB, DestinationSessionID: "s9"},
		ivsrealtime.Event{Name: "TOKEN_EXCHANGED", EventTime: secs(2), NewToken: token},
		ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: secs(1)},
		ivsrealtime.Event{Name: "JOINED", EventTime: secs(0)},
	))
	require.Equal(t, ivstracker.Participant{
		ParticipantID: "p", UserID: "host", Attributes: map[string]string{"a": "1"}, Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH"},
		Published: true, PublishTime: secs(1), PublishError: &ivstracker.PublishError{Code: "BITRATE_EXCEEDED", Time: secs(9)},
		Replications: []ivstracker.Replication{{DestinationStageARN: stageB, DestinationSessionID: "s9", Time: secs(3)}},
	}, only(t, tracker, stageA), "who is disconnected neither publishes nor is replicated")
}

func TestReconcileRecordingPrefixes(t *testing.T) {
	const one, two = "A/s/p/2026-10-01T12-00-01Z", "A/s/p/2026-10-01T12-00-09Z"
	for name, tt := range map[string]struct {
		prefix string
		state  ivsrealtime.ParticipantRecordingState
		want   map[string]ivsrealtime.ParticipantRecordingState
	}{
		"the last one":          {two, "ACTIVE", map[string]ivsrealtime.ParticipantRecordingState{one: "STOPPED", two: "ACTIVE"}},
		"one that is not known": {"A/s/p/2026-10-01T12-00-20Z", "STOPPED", map[string]ivsrealtime.ParticipantRecordingState{one: "STOPPED", two: "STOPPED", "A/s/p/2026-10-01T12-00-20Z": "STOPPED"}},
		"in another form":       {"A/s/p", "STOPPED", map[string]ivsrealtime.ParticipantRecordingState{one: "ACTIVE", two: "STOPPED"}},
		"not recorded":          {"", "DISABLED", map[string]ivsrealtime.ParticipantRecordingState{one: "ACTIVE", two: "ACTIVE"}},
		"not told":              {"", "", map[string]ivsrealtime.ParticipantRecordingState{one: "ACTIVE", two: "ACTIVE"}},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, now := newTracker()
			now.now = secs(100)
			for i, prefix := range []string{one, two} {
				apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingStart{Envelope: stamped(1 + 8*i), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3BucketName: "b", RecordingS3KeyPrefix: prefix})
			}
			reconcile(t, tracker, inSession(ivsrealtime.Participant{RecordingS3BucketName: "b", RecordingS3Prefix: tt.prefix, RecordingState: tt.state},
				ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: secs(20)}))
			got := map[string]ivsrealtime.ParticipantRecordingState{}
			s, _ := tracker.Stage(stageA)
			for _, r := range s.Recordings {
				got[r.KeyPrefix] = r.State
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// A recording that begins and has no place yet does not become a second one when it
// has.
func TestReconcileRecordingWithoutPlace(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	started := ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: secs(20)}
	reconcile(t, tracker, inSession(ivsrealtime.Participant{RecordingState: "STARTING"}, started))
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingStart{Envelope: stamped(101), StageARN: stageA, SessionID: "s", ParticipantID: "p", RecordingS3BucketName: "b", RecordingS3KeyPrefix: "A/s/p/2026-10-01T12-00-20Z"})
	now.now = secs(200)
	reconcile(t, tracker, inSession(ivsrealtime.Participant{RecordingS3BucketName: "b", RecordingS3Prefix: "A/s/p/2026-10-01T12-00-20Z", RecordingState: "ACTIVE"}, started))
	s, _ := tracker.Stage(stageA)
	require.Len(t, s.Recordings, 1)
	require.EqualValues(t, "ACTIVE", s.Recordings[0].State)
}

// What is dropped in favour of other things does not make those stale of which
// events are on their way.
func TestReconcileDropped(t *testing.T) {
	tracker, now := newTracker(func(o *ivstracker.Options) { o.MaxBytes = 1 })
	now.now = secs(100)
	reconcile(t, tracker, &answers{stage: ivsrealtime.StageSummary{ARN: stageA}, session: ivsrealtime.StageSessionSummary{SessionID: "s", StartTime: noon}})
	require.Empty(t, sessionsOf(tracker, stageA))
	apply(t, tracker, ivstracker.ResultApplied, published(stageB, "s2", "p", 90))
	apply(t, tracker, ivstracker.ResultApplied, published(stageC, "s3", "p", 95))
	require.Zero(t, tracker.Stats().Stale)
	require.Zero(t, tracker.Stats().Bytes)
}

// A composition that a list did not have, but that there is.
func TestReconcileUnlisted(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	apply(t, tracker, ivstracker.ResultApplied, published(stageB, "s", "p", 90))
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionStart{Envelope: stamped(90), CompositionARN: compA, StageARN: stageA})
	reconcile(t, tracker, inSession(ivsrealtime.Participant{}))
	c, _ := tracker.Composition(compA)
	require.Equal(t, ivstracker.Composition{ARN: compA, StageARN: stageA, State: "STOPPING", Destinations: []ivstracker.Destination{{ID: "d", State: "STOPPING"}}}, c)
	s, _ := tracker.Stage(stageB)
	require.False(t, s.Deleted, "and a stage")
}

// What is over for longer than it is kept is not brought back every time.
func TestReconcileRetention(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	a := inSession(ivsrealtime.Participant{State: "CONNECTED", Published: true, RecordingS3BucketName: "b", RecordingS3Prefix: "A/s/p/2026-10-01T12-00-01Z", RecordingState: "STOPPED"},
		ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: secs(1)}, ivsrealtime.Event{Name: "PUBLISH_STOPPED", EventTime: secs(50)})
	reconcile(t, tracker, a)
	require.Equal(t, 1, tracker.Stats().Recordings)
	require.Equal(t, 1, tracker.Stats().Participants)
	for range 2 {
		now.now = now.now.Add(24 * time.Hour)
		reconcile(t, tracker, a)
		require.Zero(t, tracker.Stats().Recordings)
		require.Zero(t, tracker.Stats().Participants)
		require.Equal(t, []string{"s"}, sessionsOf(tracker, stageA), "it runs")
	}
}

// By a clock that stands still the second of two answers counts.
func TestReconcileTwiceAtOnce(t *testing.T) {
	tracker, _ := newTracker()
	require.NoError(t, tracker.Handle(t.Context(), published(stageA, "s", "p", 1)))
	first := inSession(ivsrealtime.Participant{State: "CONNECTED", UserID: "a"}, ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: secs(1)})
	reconcile(t, tracker, first)
	require.True(t, only(t, tracker, stageA).Publishing)
	second := inSession(ivsrealtime.Participant{State: "DISCONNECTED", UserID: "b"})
	second.stage.Name, second.session.EndTime = "renamed", secs(30)
	reconcile(t, tracker, second)
	s, _ := tracker.Stage(stageA)
	require.Equal(t, "renamed", s.Name)
	require.Equal(t, secs(30), s.Sessions[0].EndTime)
	require.Equal(t, "b", only(t, tracker, stageA).UserID)
	require.False(t, only(t, tracker, stageA).Publishing)
}

// A stage without an ARN, which no answer should have, is no stage.
func TestReconcileStageWithoutARN(t *testing.T) {
	tracker, _ := newTracker()
	a := inSession(ivsrealtime.Participant{})
	a.stage.ARN = ""
	reconcile(t, tracker, a)
	require.Empty(t, tracker.Snapshot().Stages)
}

// speechless answers nothing where one object is asked for.
type speechless struct{ *answers }

func (speechless) GetStage(context.Context, *ivsrealtime.GetStageInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetStageOutput, error) {
	return nil, nil
}

func (speechless) GetParticipant(context.Context, *ivsrealtime.GetParticipantInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetParticipantOutput, error) {
	return nil, nil
}

func (speechless) GetComposition(context.Context, *ivsrealtime.GetCompositionInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error) {
	return nil, nil
}

// No answer is an error, as it is for a paginator.
func TestReconcileNoAnswer(t *testing.T) {
	tracker, _ := newTracker()
	require.NoError(t, tracker.Handle(t.Context(), published(stageB, "s", "p", 1)))
	require.NoError(t, tracker.Handle(t.Context(), ivsevents.Fill(&ivsevents.CompositionSessionStart{CompositionARN: compA, Envelope: stamped(1)})))
	_, err := tracker.Reconcile(t.Context(), speechless{inSession(ivsrealtime.Participant{})}, func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond = 1e6 })
	for _, what := range []string{"GetStageOutput", "GetParticipantOutput", "GetCompositionOutput"} {
		require.ErrorContains(t, err, "the client returned neither a *ivsrealtime."+what+" nor an error")
	}
}

// A pace so slow that no Duration holds it is not one without pauses.
func TestReconcileSlowestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracker := ivstracker.NewTracker()
		slowly := func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond = 1e-300 }
		_, err := tracker.Reconcile(t.Context(), inSession(ivsrealtime.Participant{}), slowly)
		require.NoError(t, err, "one call of each operation")
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err = tracker.Reconcile(ctx, inSession(ivsrealtime.Participant{}), slowly)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}
