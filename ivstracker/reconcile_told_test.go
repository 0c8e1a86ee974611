package ivstracker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// told is an API that has what answers has, and compositions, and that may have lost
// all that it is asked for by ARN. It notes that.
type told struct {
	*answers
	compositions []ivsrealtime.CompositionSummary
	gone         bool
	asked        []string
	before       func(arn string) // a call for a participant, stage or composition
}

func (a *told) ask(arn string) error {
	if a.before != nil {
		a.before(arn)
	}
	if a.asked = append(a.asked, arn); a.gone {
		return fmt.Errorf("asked for %s: %w", arn, ivsrealtime.ErrNotFound)
	}
	return nil
}

func (a *told) ListStages(context.Context, *ivsrealtime.ListStagesInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error) {
	out := &ivsrealtime.ListStagesOutput{}
	if !a.gone {
		out.Stages = append(out.Stages, a.stage)
	}
	return out, nil
}

func (a *told) GetStage(ctx context.Context, in *ivsrealtime.GetStageInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.GetStageOutput, error) {
	if err := a.ask(in.ARN); err != nil {
		return nil, err
	}
	return a.answers.GetStage(ctx, in)
}

func (a *told) GetParticipant(ctx context.Context, in *ivsrealtime.GetParticipantInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.GetParticipantOutput, error) {
	if err := a.ask(in.ParticipantID); err != nil {
		return nil, err
	}
	return a.answers.GetParticipant(ctx, in)
}

func (a *told) ListCompositions(context.Context, *ivsrealtime.ListCompositionsInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListCompositionsOutput, error) {
	return &ivsrealtime.ListCompositionsOutput{Compositions: a.compositions}, nil
}

func (a *told) GetComposition(ctx context.Context, in *ivsrealtime.GetCompositionInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error) {
	if err := a.ask(in.ARN); err != nil {
		return nil, err
	}
	return a.answers.GetComposition(ctx, in)
}

func reconcileTold(t *testing.T, tracker *ivstracker.Tracker, a *told, stageARNs ...string) []ivstracker.Change {
	t.Helper()
	changes, err := tracker.Reconcile(t.Context(), a, func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond, o.StageARNs = 1e6, stageARNs })
	require.NoError(t, err)
	return changes
}

// Compositions that the API lists as ended have ended, and those that are not known are
// taken in unless they are older than Retention.
func TestReconcileEndedCompositions(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionDestinationStart{Envelope: stamped(1), CompositionARN: compA, StageARN: stageA, DestinationID: "d"})
	a := &told{answers: inSession(ivsrealtime.Participant{}), compositions: []ivsrealtime.CompositionSummary{
		{ARN: compA, StageARN: stageA, State: "STOPPED", StartTime: secs(1), EndTime: secs(50), Destinations: []ivsrealtime.DestinationSummary{{ID: "d", State: "STOPPED", StartTime: secs(1), EndTime: secs(49)}}},
		{ARN: compA + "2", StageARN: stageA, State: "FAILED", EndTime: secs(60)},
		{ARN: compA + "3", StageARN: stageA, State: "STOPPED", EndTime: secs(100).Add(-24*time.Hour - time.Second)},
	}}
	a.participant.ParticipantID = ""
	changes := reconcileTold(t, tracker, a)
	require.Equal(t, []ivstracker.Composition{
		{ARN: compA, StageARN: stageA, State: "STOPPED", Time: secs(50), Destinations: []ivstracker.Destination{{ID: "d", State: "STOPPED", Time: secs(49)}}},
		{ARN: compA + "2", StageARN: stageA, State: "FAILED", Time: secs(60), Destinations: []ivstracker.Destination{}},
	}, tracker.Snapshot().Compositions)
	require.Empty(t, a.asked)
	var seen []string
	for _, c := range changes {
		if c.Composition != nil {
			require.Equal(t, stageA, c.StageARN)
			seen = append(seen, c.CompositionARN)
		}
	}
	require.Equal(t, []string{compA, compA + "2"}, seen)
}

// A stage that is renamed makes a change, and so do the sessions of one that is gone.
func TestReconcileStageChanges(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s", "p", 90))
	a := &told{answers: &answers{stage: ivsrealtime.StageSummary{ARN: stageA, Name: "one"}}}
	reconcileTold(t, tracker, a)
	now.now = secs(110)
	require.Empty(t, reconcileTold(t, tracker, a))
	a.stage.Name = "two"
	changes := reconcileTold(t, tracker, a)
	require.Len(t, changes, 1)
	require.Equal(t, "two", changes[0].Stage.Name)

	a.gone = true
	now.now = secs(120)
	changes = reconcileTold(t, tracker, a)
	require.Len(t, changes, 2)
	require.Equal(t, []any{stageA, true, "two"}, []any{changes[0].StageARN, changes[0].Stage.Deleted, changes[0].Stage.Name})
	require.Equal(t, []any{"s", ivstracker.SessionStatusEnded, ivstracker.SessionEndCauseStageDeleted, secs(120)},
		[]any{changes[1].SessionID, changes[1].Session.Status, changes[1].Session.EndCause, changes[1].Session.EndTime})
	require.False(t, changes[1].Session.Participants[0].Publishing)
	require.Equal(t, []string{stageA}, a.asked)
	now.now = secs(130)
	require.Empty(t, reconcileTold(t, tracker, a))
	require.Equal(t, []string{stageA}, a.asked, "that it is gone is known")
}

// A session that is kept because somebody may publish in it gets its end, though it
// ended longer ago than Retention; one that is not known is not taken in.
func TestReconcileOldSession(t *testing.T) {
	for _, known := range []bool{true, false} {
		tracker, now := newTracker(func(o *ivstracker.Options) { o.Retention = time.Hour })
		now.now = secs(60)
		if known {
			apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s", "p", 1))
		}
		now.now = noon.Add(3 * time.Hour)
		a := &told{answers: &answers{stage: ivsrealtime.StageSummary{ARN: stageA}, session: ivsrealtime.StageSessionSummary{SessionID: "s", StartTime: noon, EndTime: secs(600)}}}
		changes := reconcileTold(t, tracker, a)
		if !known {
			require.Len(t, changes, 1, "the stage")
			require.Empty(t, sessionsOf(tracker, stageA))
			continue
		}
		require.Len(t, changes, 1)
		require.Equal(t, []any{ivstracker.SessionEndCauseAPI, secs(600)}, []any{changes[0].Session.EndCause, changes[0].Session.EndTime})
	}
}

// The recordings of a participant in another session are not touched by what the API
// says of one session.
func TestReconcileRecordingsOfAnotherSession(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	start := func(session, participant, prefix string, seconds int) *ivsevents.RecordingStart {
		return &ivsevents.RecordingStart{Envelope: stamped(seconds), StageARN: stageA, SessionID: session, ParticipantID: participant, RecordingS3BucketName: "b", RecordingS3KeyPrefix: prefix}
	}
	const earlier, now2 = "A/s/p/2026-10-01T12-00-01Z", "A/s/p/2026-10-01T12-00-09Z"
	apply(t, tracker, ivstracker.ResultApplied, start("other", "p", "A/other/p/2026-10-01T12-00-02Z", 2))
	apply(t, tracker, ivstracker.ResultApplied, start("s", "q", "A/s/q/2026-10-01T12-00-02Z", 2))
	apply(t, tracker, ivstracker.ResultApplied, start("s", "p", earlier, 1))
	reconcileTold(t, tracker, &told{answers: inSession(ivsrealtime.Participant{RecordingS3BucketName: "b", RecordingS3Prefix: now2, RecordingState: "ACTIVE"}, ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: secs(9)})})
	got := map[string]string{}
	s, _ := tracker.Stage(stageA)
	for _, r := range s.Recordings {
		got[r.KeyPrefix] = string(r.State)
	}
	require.Equal(t, map[string]string{
		"A/other/p/2026-10-01T12-00-02Z": "ACTIVE", "A/s/q/2026-10-01T12-00-02Z": "ACTIVE", earlier: "STOPPED", now2: "ACTIVE",
	}, got)
}

// Things may be dropped while they are read.
func TestReconcileDroppedMeanwhile(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s", "p", 90))
	apply(t, tracker, ivstracker.ResultApplied, published(stageB, "s", "p", 90))
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionStart{Envelope: stamped(90), CompositionARN: compA, StageARN: stageA})
	for _, what := range []string{"p", "stage/", "composition/"} {
		gone := what != "p"
		a := &told{answers: inSession(ivsrealtime.Participant{RecordingState: "ACTIVE", RecordingS3BucketName: "b", RecordingS3Prefix: "x"}), gone: gone}
		a.session.EndTime = secs(95)
		dropped := false
		a.before = func(arn string) {
			if strings.Contains(arn, what) {
				now.now = now.now.Add(100 * time.Hour)
				tracker.Snapshot()
				dropped = true
			}
		}
		reconcileTold(t, tracker, a)
		require.True(t, dropped)
		require.Empty(t, tracker.Snapshot().Compositions)
		require.Empty(t, sessionsOf(tracker, stageA))
		now.now = noon.Add(2 * time.Hour)
		apply(t, tracker, ivstracker.ResultApplied, published(stageA, "s", "p", 90))
		apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionStart{Envelope: stamped(91), CompositionARN: compA, StageARN: stageA})
	}
}

// Of the compositions that a list does not have only those of the stages asked about
// are asked for.
func TestReconcileCompositionsOfStages(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	for stage, composition := range map[string]string{stageA: compA + "a", stageB: compA + "b"} {
		apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionStart{Envelope: stamped(1), CompositionARN: composition, StageARN: stage})
	}
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.CompositionSessionEnd{Envelope: stamped(1), CompositionARN: compA + "over", StageARN: stageA})
	a := &told{answers: inSession(ivsrealtime.Participant{})}
	a.participant.ParticipantID = ""
	reconcileTold(t, tracker, a, stageA)
	require.Equal(t, []string{stageA, compA + "a"}, a.asked)
}

// What the API says in texts longer than the service sends is not taken in.
func TestReconcileTextsTooLong(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for name, change := range map[string]func(*told){
		"stage":       func(a *told) { a.stage.ARN = long },
		"stage name":  func(a *told) { a.stage.Name = long },
		"session":     func(a *told) { a.session.SessionID = long },
		"user":        func(a *told) { a.participant.UserID = long },
		"attributes":  func(a *told) { a.participant.Attributes = map[string]string{"a": long + long} },
		"source":      func(a *told) { a.participant.SourceStageARN = long },
		"destination": func(a *told) { a.events[0].DestinationSessionID = long },
		"error":       func(a *told) { a.events[1].ErrorCode = ivsrealtime.EventErrorCode(long) },
		"bucket":      func(a *told) { a.participant.RecordingS3BucketName = long },
		"prefix":      func(a *told) { a.participant.RecordingS3Prefix = long },
		"recording":   func(a *told) { a.participant.RecordingState = ivsrealtime.ParticipantRecordingState(long) },
		"composition": func(a *told) { a.compositions[0].ARN = long },
		"composed":    func(a *told) { a.compositions[0].StageARN = long },
		"its state":   func(a *told) { a.compositions[0].State = ivsrealtime.CompositionState(long) },
		"to":          func(a *told) { a.compositions[0].Destinations[0].ID = long },
		"its state there": func(a *told) {
			a.compositions[0].Destinations[0].State = ivsrealtime.DestinationState(long)
		},
	} {
		t.Run(name, func(t *testing.T) {
			tracker, now := newTracker()
			now.now = secs(100)
			a := &told{answers: inSession(ivsrealtime.Participant{UserID: "anna", RecordingState: "ACTIVE", RecordingS3BucketName: "b", RecordingS3Prefix: "x"},
				ivsrealtime.Event{Name: "REPLICATION_STARTED", EventTime: secs(3), DestinationStageARN: stageB, DestinationSessionID: "s9"},
				ivsrealtime.Event{Name: "PUBLISH_ERROR", EventTime: secs(4), ErrorCode: "BITRATE_EXCEEDED"}),
				compositions: []ivsrealtime.CompositionSummary{{ARN: compA, StageARN: stageA, State: "ACTIVE", Destinations: []ivsrealtime.DestinationSummary{{ID: "d", State: "ACTIVE"}}}}}
			change(a)
			reconcileTold(t, tracker, a)
			require.NotContains(t, fmt.Sprintf("%+v", tracker.Snapshot()), "xxxx")
			require.Less(t, tracker.Stats().Bytes, 8<<10)
		})
	}
}

// A prefix in another form than that of events stands for the last recording in the
// session, although the participant has a later one in another.
func TestReconcileRecordingInAnotherForm(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	for i, session := range []string{"s", "s", "other"} {
		apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingStart{
			Envelope: stamped(i), StageARN: stageA, SessionID: session, ParticipantID: "p",
			RecordingS3BucketName: "b", RecordingS3KeyPrefix: fmt.Sprintf("A/%s/p/2026-10-01T12-00-0%dZ", session, i),
		})
	}
	reconcileTold(t, tracker, &told{answers: inSession(ivsrealtime.Participant{RecordingS3BucketName: "b", RecordingS3Prefix: "A/s/p/", RecordingState: "STOPPED"})})
	got := map[string]string{}
	s, _ := tracker.Stage(stageA)
	for _, r := range s.Recordings {
		got[r.KeyPrefix] = string(r.State)
	}
	require.Equal(t, map[string]string{"A/s/p/2026-10-01T12-00-00Z": "ACTIVE", "A/s/p/2026-10-01T12-00-01Z": "STOPPED", "A/other/p/2026-10-01T12-00-02Z": "ACTIVE"}, got)
}

// A session that is over is read until its recordings are over as well, whatever those
// of others do.
func TestReconcileUntilRecorded(t *testing.T) {
	tracker, now := newTracker()
	now.now = secs(100)
	apply(t, tracker, ivstracker.ResultApplied, &ivsevents.RecordingStart{Envelope: stamped(1), StageARN: stageA, SessionID: "other", ParticipantID: "p", RecordingS3BucketName: "b", RecordingS3KeyPrefix: "A/other/p/2026-10-01T12-00-01Z"})
	a := &told{answers: inSession(ivsrealtime.Participant{RecordingS3BucketName: "b", RecordingS3Prefix: "A/s/p/2026-10-01T12-00-02Z", RecordingState: "ACTIVE"},
		ivsrealtime.Event{Name: "PUBLISH_STARTED", EventTime: secs(2)})}
	reconciled := func() []string {
		now.now = now.now.Add(time.Second)
		a.asked = nil
		reconcileTold(t, tracker, a)
		return a.asked
	}
	require.Equal(t, []string{"p"}, reconciled(), "it runs")
	a.session.EndTime = secs(50)
	require.Equal(t, []string{"p"}, reconciled())
	require.Equal(t, []string{"p"}, reconciled(), "it is over, the recording is not")
	a.participant.RecordingState = "STOPPED"
	require.Equal(t, []string{"p"}, reconciled())
	require.Empty(t, reconciled(), "nothing can come of it any more")
}
