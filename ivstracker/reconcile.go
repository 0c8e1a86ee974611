package ivstracker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// ReconcileAPIClient is the part of the API that Reconcile uses; an
// *ivsrealtime.Client has it.
type ReconcileAPIClient interface {
	ivsrealtime.ListStagesAPIClient
	ivsrealtime.ListStageSessionsAPIClient
	ivsrealtime.ListParticipantsAPIClient
	ivsrealtime.ListParticipantEventsAPIClient
	ivsrealtime.ListCompositionsAPIClient
	GetStage(context.Context, *ivsrealtime.GetStageInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetStageOutput, error)
	GetParticipant(context.Context, *ivsrealtime.GetParticipantInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetParticipantOutput, error)
	GetComposition(context.Context, *ivsrealtime.GetCompositionInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.GetCompositionOutput, error)
}

// ReconcileOptions configure a Reconcile.
type ReconcileOptions struct {
	// StageARNs are the stages to ask about, with their compositions; nil for all
	// stages and compositions of the account in the region.
	StageARNs []string

	// CallsPerSecond is the most calls per second of each operation, evenly spaced: 4.
	// The quota is 5 for all of those used, and the account's other callers, in the
	// region, count as well. Repetitions by the client's own Retryer come on top.
	CallsPerSecond float64
}

// Reconcile brings the Tracker to what the API says, and so repairs what was
// missed because events were lost. It returns the changes that it made, which
// also go to OnChange.
//
// It reads the stages; their sessions that run, that ended within Retention, or
// that are known; and of these the participants that published, with their events
// and recordings; and the compositions. A session that is over, with its
// recordings, is read in full once. Each stage takes a call or more, each
// participant two of other operations: at the default pace a quarter of a second
// for each stage or each participant, whichever are more.
//
// An answer counts as of the moment when it was asked for, by the Tracker's
// clock. It replaces what older events say, and newer events replace it, however
// late they come; an event whose time is the same second, if it has no fraction,
// counts as newer. So if the API is a little behind, or the clock a little ahead, a
// recent event may be undone until the next event or Reconcile: how soon the API
// knows is not documented.
//
// A stage or composition that the API does not know any more is taken to have
// ended; a session that is not listed stays as it is, and so does what the API does
// not tell: errors and token exchanges of participants that never published,
// capabilities other than of exchanged tokens, durations of recordings, error codes
// of recordings and compositions. Of a participant's recordings it tells the last
// one; those before it are taken to have STOPPED.
//
// Errors are joined, and what can be read is read all the same, until ctx ends.
// Reconcile may be called concurrently, then the calls share the pace.
func (t *Tracker) Reconcile(ctx context.Context, client ReconcileAPIClient, optFns ...func(*ReconcileOptions)) ([]Change, error) {
	o := ReconcileOptions{CallsPerSecond: 4}
	for _, fn := range optFns {
		fn(&o)
	}
	if !(o.CallsPerSecond > 0) {
		return nil, fmt.Errorf("ivstracker: ReconcileOptions.CallsPerSecond is %v, not above 0", o.CallsPerSecond)
	}
	r := &reconciler{tracker: t, client: client, interval: time.Duration(min(float64(time.Second)/o.CallsPerSecond, math.MaxInt64/2))} // beyond that there is no Duration
	arns := r.stages(ctx, o.StageARNs)
	for _, arn := range arns {
		r.sessions(ctx, arn)
	}
	r.compositions(ctx, o.StageARNs)
	return r.changes, errors.Join(r.errs...)
}

// reconciler is one run of Reconcile.
type reconciler struct {
	tracker  *Tracker
	client   ReconcileAPIClient
	interval time.Duration
	changes  []Change
	errs     []error
}

// asks waits until an operation may be called, and returns the time that the
// answer counts for. Once ctx has ended there is nothing more to ask.
func (r *reconciler) asks(ctx context.Context, operation string) (time.Time, error) {
	if err := r.tracker.pace.wait(ctx, operation, r.interval); err != nil {
		return time.Time{}, err
	}
	return r.tracker.options.Now().UTC(), nil
}

// answered makes no answer an error, as the paginators do.
func answered[T any](out *T, err error) (*T, error) {
	if out == nil && err == nil {
		err = fmt.Errorf("the client returned neither a %T nor an error", out)
	}
	return out, err
}

// failed notes an error, but that ctx ended only once.
func (r *reconciler) failed(ctx context.Context, err error, format string, args ...any) {
	if err == nil {
		return
	}
	for _, e := range r.errs {
		if ctx.Err() != nil && errors.Is(e, ctx.Err()) {
			return
		}
	}
	r.errs = append(r.errs, fmt.Errorf("ivstracker: reconcile "+format+": %w", append(args, err)...))
}

// eachPage goes through the pages of a list. The time is the one its answer counts
// for.
func eachPage[Page, Item any](ctx context.Context, r *reconciler, operation string, p *ivsrealtime.Paginator[Page, Item], visit func(Page, time.Time)) error {
	for p.HasMorePages() {
		at, err := r.asks(ctx, operation)
		if err != nil {
			return err
		}
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		visit(page, at)
	}
	return nil
}

// update changes the Tracker's state by what was read.
func (r *reconciler) update(change func(*update)) {
	t := r.tracker
	u := update{tracker: t, now: t.options.Now(), template: Change{Source: ChangeSourceReconcile}, watched: true}
	func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		change(&u)
		t.finish(&u)
	}()
	r.changes = append(r.changes, u.changes...)
	t.deliver()
}

// stages reads the stages and returns the ARNs of those that there are.
func (r *reconciler) stages(ctx context.Context, only []string) (arns []string) {
	doubtful := slices.Compact(slices.Sorted(slices.Values(only)))
	if only == nil {
		listed := map[string]bool{}
		known := r.tracker.stageARNs()
		err := eachPage(ctx, r, "ListStages", ivsrealtime.NewListStagesPaginator(r.client, &ivsrealtime.ListStagesInput{MaxResults: 100}), func(page *ivsrealtime.ListStagesOutput, at time.Time) {
			r.update(func(u *update) {
				for _, s := range page.Stages {
					if s.ARN != "" {
						listed[s.ARN] = true
						u.readStage(s.ARN, stageReading{name: s.Name}, at)
					}
				}
			})
		})
		r.failed(ctx, err, "stages")
		arns = slices.Sorted(maps.Keys(listed))
		doubtful = slices.DeleteFunc(known, func(arn string) bool { return listed[arn] })
	}
	for _, arn := range doubtful {
		at, err := r.asks(ctx, "GetStage")
		if err == nil {
			var out *ivsrealtime.GetStageOutput
			out, err = answered(r.client.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: arn}))
			switch {
			case errors.Is(err, ivsrealtime.ErrNotFound):
				r.update(func(u *update) {
					if u.tracker.stages[arn] != nil {
						u.readStage(arn, stageReading{name: u.tracker.stages[arn].read.value.name, deleted: true}, at)
					}
				})
				continue
			case err == nil:
				r.update(func(u *update) { u.readStage(arn, stageReading{name: out.Stage.Name}, at) })
				arns = append(arns, arn)
			}
		}
		r.failed(ctx, err, "stage %s", arn)
	}
	return arns
}

// stageARNs returns the stages that are not known to be gone.
func (t *Tracker) stageARNs() (arns []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for arn, st := range t.stages {
		if !st.deleted() {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

// sessions reads the sessions of a stage.
func (r *reconciler) sessions(ctx context.Context, stageARN string) {
	var ids []string
	err := eachPage(ctx, r, "ListStageSessions", ivsrealtime.NewListStageSessionsPaginator(r.client, &ivsrealtime.ListStageSessionsInput{StageARN: stageARN, MaxResults: 100}), func(page *ivsrealtime.ListStageSessionsOutput, at time.Time) {
		r.update(func(u *update) {
			for _, s := range page.StageSessions {
				if u.readSession(stageARN, s, at) {
					ids = append(ids, s.SessionID)
				}
			}
		})
	})
	r.failed(ctx, err, "sessions of stage %s", stageARN)
	for _, id := range ids {
		if r.participants(ctx, stageARN, id) {
			r.update(func(u *update) { u.settle(stageARN, id) })
		}
	}
}

// participants reads the participants of a session that published, and reports
// whether it could.
func (r *reconciler) participants(ctx context.Context, stageARN, sessionID string) bool {
	published := true
	var found []ivsrealtime.ParticipantSummary
	err := eachPage(ctx, r, "ListParticipants", ivsrealtime.NewListParticipantsPaginator(r.client, &ivsrealtime.ListParticipantsInput{
		StageARN:          stageARN,
		SessionID:         sessionID,
		FilterByPublished: &published,
		MaxResults:        100,
	}), func(page *ivsrealtime.ListParticipantsOutput, _ time.Time) {
		found = append(found, page.Participants...)
	})
	r.failed(ctx, err, "participants of session %s of stage %s", sessionID, stageARN)
	complete := err == nil
	for _, p := range found {
		err := r.participant(ctx, stageARN, sessionID, p.ParticipantID)
		r.failed(ctx, err, "participant %s of session %s of stage %s", p.ParticipantID, sessionID, stageARN)
		complete = complete && err == nil
	}
	return complete
}

// participant reads a participant.
func (r *reconciler) participant(ctx context.Context, stageARN, sessionID, id string) error {
	var reading participantReading
	err := eachPage(ctx, r, "ListParticipantEvents", ivsrealtime.NewListParticipantEventsPaginator(r.client, &ivsrealtime.ListParticipantEventsInput{
		StageARN:      stageARN,
		SessionID:     sessionID,
		ParticipantID: id,
		MaxResults:    100,
	}), func(page *ivsrealtime.ListParticipantEventsOutput, at time.Time) {
		if reading.at.IsZero() {
			reading.at = at
		}
		reading.events = append(reading.events, page.Events...)
	})
	if err != nil {
		return err
	}
	if _, err = r.asks(ctx, "GetParticipant"); err != nil {
		return err
	}
	out, err := answered(r.client.GetParticipant(ctx, &ivsrealtime.GetParticipantInput{StageARN: stageARN, SessionID: sessionID, ParticipantID: id}))
	if err != nil {
		return err
	}
	reading.participant = out.Participant
	reading.participant.ParticipantID = id
	r.update(func(u *update) { u.readParticipant(stageARN, sessionID, &reading) })
	return nil
}

// compositions reads the compositions, of the given stages if any are given.
func (r *reconciler) compositions(ctx context.Context, stageARNs []string) {
	inputs := []*ivsrealtime.ListCompositionsInput{{MaxResults: 100}}
	if stageARNs != nil {
		inputs = nil
		for _, arn := range slices.Compact(slices.Sorted(slices.Values(stageARNs))) {
			inputs = append(inputs, &ivsrealtime.ListCompositionsInput{FilterByStageARN: arn, MaxResults: 100})
		}
	}
	known := r.tracker.compositionARNs(stageARNs)
	listed := map[string]bool{}
	for _, in := range inputs {
		err := eachPage(ctx, r, "ListCompositions", ivsrealtime.NewListCompositionsPaginator(r.client, in), func(page *ivsrealtime.ListCompositionsOutput, at time.Time) {
			r.update(func(u *update) {
				for _, c := range page.Compositions {
					listed[c.ARN] = true
					u.readComposition(c, at)
				}
			})
		})
		r.failed(ctx, err, "compositions")
	}
	for _, arn := range known {
		if listed[arn] {
			continue
		}
		at, err := r.asks(ctx, "GetComposition")
		if err == nil {
			var out *ivsrealtime.GetCompositionOutput
			out, err = answered(r.client.GetComposition(ctx, &ivsrealtime.GetCompositionInput{ARN: arn}))
			switch {
			case errors.Is(err, ivsrealtime.ErrNotFound):
				r.update(func(u *update) { u.readGoneComposition(arn, at) })
				continue
			case err == nil:
				r.update(func(u *update) { u.readComposition(summaryOf(out.Composition), at) })
			}
		}
		r.failed(ctx, err, "composition %s", arn)
	}
}

// compositionARNs returns the compositions, of the given stages if any are given,
// that are not known to have ended.
func (t *Tracker) compositionARNs(stageARNs []string) (arns []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for arn, c := range t.compositions {
		if !c.over() && (stageARNs == nil || slices.Contains(stageARNs, c.stageARN.value)) {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

// summaryOf returns a composition as lists show it.
func summaryOf(c ivsrealtime.Composition) ivsrealtime.CompositionSummary {
	s := ivsrealtime.CompositionSummary{ARN: c.ARN, StageARN: c.StageARN, State: c.State, StartTime: c.StartTime, EndTime: c.EndTime}
	for _, d := range c.Destinations {
		s.Destinations = append(s.Destinations, ivsrealtime.DestinationSummary{ID: d.ID, State: d.State, StartTime: d.StartTime, EndTime: d.EndTime})
	}
	return s
}

// pace keeps the calls of each operation apart.
type pace struct {
	mu   sync.Mutex
	next map[string]time.Time // when an operation may be called again
}

// wait waits until an operation may be called.
func (p *pace) wait(ctx context.Context, operation string, interval time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	if p.next == nil {
		p.next = map[string]time.Time{}
	}
	now := time.Now()
	at := p.next[operation]
	if at.Before(now) {
		at = now
	}
	p.next[operation] = at.Add(interval)
	p.mu.Unlock()
	if !at.After(now) {
		return nil
	}
	timer := time.NewTimer(at.Sub(now))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
