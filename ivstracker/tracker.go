package ivstracker

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

const (
	defaultRetention = 24 * time.Hour
	defaultMaxBytes  = 128 << 20
	defaultMaxAhead  = 15 * time.Minute

	// maxDuration is how long a participant can publish, and a composition run,
	// without a further event.
	maxDuration = 24 * time.Hour
)

// Options configure a Tracker.
type Options struct {
	// Retention is how late an event may come, and how long what has ended or gone
	// quiet is kept after the last that was heard of it: 24 hours by default. What may
	// still go on is kept for 24 hours at least, because nobody can publish longer and
	// no composition runs longer. Events may come some hours late, so a Retention of
	// less loses events.
	Retention time.Duration

	// MaxBytes bounds the memory of the state: 128 MiB by default. It is an estimate
	// that counts every entry with its texts and errs on the high side; 50,000
	// participants, each alone on a stage of its own, take some 105 MB. Above it the
	// entries that ended or are quiet are evicted first, the one heard of longest ago
	// before the others; see Stats.Evicted. What of a participant is more than its
	// latest 64 replications, and of a composition more than 16 destinations, is not
	// kept. Changes that wait for OnChange are not counted.
	MaxBytes int

	// MaxAhead is how far ahead of Now the time of an event may lie: 15 minutes by
	// default, which zero stands for; a negative value is no limit. An event beyond
	// it is ignored: it would win against all later ones until its time has come.
	// The first is logged, all are counted in Stats.Ahead.
	//
	// A Tracker in a testing/synctest bubble, whose clock starts in the year 2000,
	// ignores events that are dated today. Events of a service whose clock is
	// moved forward, such as the emulator's, need the same clock as Now.
	MaxAhead time.Duration

	// OnChange, if not nil, is called with every change, in order and one at a time,
	// while no lock is held. The goroutine that applied the event calls it, or the
	// one that is already delivering. OnChange may use the Tracker; what that changes
	// is delivered afterwards. It should be quick, because changes wait in memory
	// meanwhile. If it panics or ends the goroutine, the changes that wait are
	// delivered first, in other goroutines. Then the panic goes on. Panics of these
	// deliveries are dropped.
	OnChange func(Change)

	// Logger gets the first event that MaxAhead has the Tracker ignore. Default:
	// slog.Default().
	Logger *slog.Logger

	// Now is the clock that ages are counted by; time.Now by default. Reconcile also
	// stamps with it what it reads, so it should be right to a second.
	Now func() time.Time
}

// Tracker keeps the state of stages, sessions, participants, recordings and
// compositions from their events. It is safe for concurrent use.
//
// Events may come repeatedly and in any order, the outcome is the same: for each
// piece of the state the latest event counts, by its time, as exact as the event
// gives it; at equal times by its place in life (a start before its end, before a
// failure); then by its ID. The true order of events with the same time cannot be
// known. Recording and composition events have whole seconds only: a destination
// that reconnects and starts within one second is taken to be reconnecting.
//
// Late events: an event that is older than Options.Retention is stale and not applied.
// Of all others the state depends only on which were applied, not on their order or on
// how often each came. What has ended or gone quiet is dropped when Retention has
// passed since the last that was heard of it, with all its details, and no event brings
// it back: one that was applied changes nothing when it comes again, however late. This
// holds as long as Options.Now does not go back and nothing is evicted because the
// state is larger than Options.MaxBytes (Stats.Evicted is 0). A late event about
// something that was evicted makes it anew, with only what this event tells. Events
// from an archive need a greater Retention or another clock.
//
// An event that lies further ahead of the clock than Options.MaxAhead is
// ignored. In a testing/synctest bubble, which starts in the year 2000, that is each
// event that does not come from the bubble.
//
// The service tells of no start or end of a session. What is inferred is said at
// Session; Reconcile asks the API. A new Tracker knows nothing: Reconcile also
// fills it.
type Tracker struct {
	options Options
	pace    pace

	mu           sync.Mutex
	stages       map[string]*trackedStage
	compositions map[string]*trackedComposition
	stats        Stats
	swept        time.Time
	pending      []Change // to be delivered when the lock is released
	delivering   bool
}

// ApplyResult says what became of an event.
type ApplyResult string

// The values of ApplyResult.
const (
	// ResultApplied: the event told something new.
	ResultApplied ApplyResult = "applied"

	// ResultSuperseded: the event tells nothing new. It is a duplicate, or later events
	// said all that it tells.
	ResultSuperseded ApplyResult = "superseded"

	// ResultStale: the event came too late, see Tracker.
	ResultStale ApplyResult = "stale"

	// ResultIgnored: the event is of an unknown type, lacks a time or the ARN or ID of
	// what it is about, lies further ahead than Options.MaxAhead, has a text
	// that is longer than the service sends, or was decoded from more than 64 KiB.
	ResultIgnored ApplyResult = "ignored"
)

// Stats counts what a Tracker did and what it keeps.
type Stats struct {
	// Events by what became of them, as ResultApplied and its siblings say, since the
	// Tracker was made.
	Applied    uint64 `json:"applied"`
	Superseded uint64 `json:"superseded"`
	Stale      uint64 `json:"stale"`
	Ignored    uint64 `json:"ignored"`

	// Ahead counts those of the ignored events that lie further ahead than
	// Options.MaxAhead.
	Ahead uint64 `json:"ahead"`

	// Evicted counts the entries that MaxBytes made the Tracker drop.
	Evicted uint64 `json:"evicted"`

	// What is kept at present, and the memory that it takes, estimated.
	Stages       int `json:"stages"`
	Sessions     int `json:"sessions"`
	Participants int `json:"participants"`
	Recordings   int `json:"recordings"`
	Compositions int `json:"compositions"`
	Bytes        int `json:"bytes"`
}

// NewTracker returns a Tracker that knows nothing yet.
func NewTracker(optFns ...func(*Options)) *Tracker {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Retention <= 0 {
		o.Retention = defaultRetention
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxAhead == 0 {
		o.MaxAhead = defaultMaxAhead
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Tracker{options: o, stages: map[string]*trackedStage{}, compositions: map[string]*trackedComposition{}}
}

// Handle applies an event as Apply does, for use as a handler of events. It never
// fails.
func (t *Tracker) Handle(_ context.Context, e ivsevents.Event) error {
	t.Apply(e)
	return nil
}

// Apply applies an event and says what became of it. A nil event is ignored. The event
// is not kept, except in the Change that it makes.
func (t *Tracker) Apply(e ivsevents.Event) ApplyResult {
	now := t.options.Now()
	result, firstAhead := t.apply(e, now)
	if firstAhead {
		cmp.Or(t.options.Logger, slog.Default()).Warn("ivstracker: Tracker ignores an event from the future; more are only counted",
			"name", e.Summary().Name, "time", e.Summary().Time, "now", now, "maxAhead", t.options.MaxAhead)
	}
	t.deliver()
	return result
}

// apply does the part of Apply that needs the lock. It reports whether this is the
// first event too far ahead.
func (t *Tracker) apply(e ivsevents.Event, now time.Time) (result ApplyResult, firstAhead bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := update{tracker: t, now: now, template: Change{Source: ChangeSourceEvent, Event: e}, watched: t.options.OnChange != nil}
	result = u.apply(e)
	t.finish(&u)
	switch result {
	case ResultApplied:
		t.stats.Applied++
	case ResultSuperseded:
		t.stats.Superseded++
	case ResultStale:
		t.stats.Stale++
	default:
		t.stats.Ignored++
	}
	if u.ahead {
		t.stats.Ahead++
	}
	return result, u.ahead && t.stats.Ahead == 1
}

// finish keeps within the limits after an update, and has its changes delivered.
func (t *Tracker) finish(u *update) {
	t.evict()
	if u.now.Sub(t.swept).Abs() > t.options.Retention/24 { // also when the clock was set back
		t.sweep(u.now)
	}
	if t.options.OnChange != nil {
		t.pending = append(t.pending, u.changes...)
	}
}

// deliver calls OnChange with the changes that wait, unless a goroutine does so
// already, which then takes them along.
func (t *Tracker) deliver() {
	if t.options.OnChange == nil {
		return
	}
	t.mu.Lock()
	if t.delivering {
		t.mu.Unlock()
		return
	}
	t.delivering = true
	t.mu.Unlock()
	done := false
	defer func() {
		if !done { // OnChange panicked, or ended its goroutine: the others come first
			t.deliverApart()
		}
	}()
	for {
		c, ok := t.nextChange()
		if !ok {
			done = true
			return
		}
		t.options.OnChange(c)
	}
}

// deliverApart delivers the changes that wait, each in a goroutine of its own, which
// is all that OnChange can end.
func (t *Tracker) deliverApart() {
	for {
		c, ok := t.nextChange()
		if !ok {
			return
		}
		over := make(chan struct{})
		go func() {
			defer close(over)
			defer func() { _ = recover() }() // the first panic goes on
			t.options.OnChange(c)
		}()
		<-over
	}
}

// nextChange returns the change to deliver next. If there is none, delivering ends.
func (t *Tracker) nextChange() (c Change, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.pending) == 0 {
		t.pending, t.delivering = nil, false
		return Change{}, false
	}
	c = t.pending[0]
	t.pending[0] = Change{}
	t.pending = t.pending[1:]
	return c, true
}

// Snapshot returns all that is known, as a copy. Events wait meanwhile: for a few
// objects of many, take Stage and Composition.
func (t *Tracker) Snapshot() Snapshot {
	now := t.options.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	s := Snapshot{Time: now.UTC(), Stages: make([]Stage, 0, len(t.stages)), Compositions: make([]Composition, 0, len(t.compositions))}
	for _, arn := range slices.Sorted(maps.Keys(t.stages)) {
		s.Stages = append(s.Stages, t.stages[arn].view())
	}
	for _, arn := range slices.Sorted(maps.Keys(t.compositions)) {
		s.Compositions = append(s.Compositions, t.compositions[arn].view())
	}
	return s
}

// Stage returns what is known about a stage, as a copy, and whether anything is.
func (t *Tracker) Stage(arn string) (Stage, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if st := t.stages[arn]; st != nil {
		return st.view(), true
	}
	return Stage{}, false
}

// Composition returns what is known about a composition, as a copy, and whether
// anything is.
func (t *Tracker) Composition(arn string) (Composition, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.compositions[arn]; c != nil {
		return c.view(), true
	}
	return Composition{}, false
}

// Stats returns how many events had which result, and how much is kept.
func (t *Tracker) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.stats
	s.Stages, s.Compositions = len(t.stages), len(t.compositions)
	return s
}

// view returns what is seen of the session.
func (s *trackedSession) view(st *trackedStage) Session {
	cause, end := s.end(st)
	v := Session{
		SessionID:      s.id,
		Status:         SessionStatusIdle,
		StartTime:      s.read.value.start,
		EndTime:        end,
		EndCause:       cause,
		FirstEventTime: s.first,
		LastEventTime:  s.last,
		Participants:   make([]Participant, 0, len(s.participants)),
	}
	for _, p := range s.participants {
		shown := p.view(end)
		v.Participants = append(v.Participants, shown)
		if shown.Publishing {
			v.Status = SessionStatusLive
		}
	}
	if cause != "" {
		v.Status = SessionStatusEnded
	}
	slices.SortFunc(v.Participants, func(a, b Participant) int { return cmp.Compare(a.ParticipantID, b.ParticipantID) })
	return v
}

// deleted reports whether the stage is gone as far as is known.
func (st *trackedStage) deleted() bool {
	return st.read.value.deleted && !after(st.lastPresent, st.read.stamp.at)
}

// view returns what is seen of the stage.
func (st *trackedStage) view() Stage {
	v := Stage{
		ARN:        st.arn,
		Name:       st.read.value.name,
		Deleted:    st.deleted(),
		Sessions:   make([]Session, 0, len(st.sessions)),
		Recordings: make([]Recording, 0, len(st.recordings)),
	}
	sessions := slices.SortedFunc(maps.Values(st.sessions), func(a, b *trackedSession) int {
		return cmp.Or(a.start().Compare(b.start()), cmp.Compare(a.id, b.id))
	})
	for _, s := range sessions {
		shown := s.view(st)
		v.Sessions = append(v.Sessions, shown)
		if shown.Status != SessionStatusEnded {
			v.ActiveSessionID = s.id
		}
	}
	for _, r := range st.recordings {
		v.Recordings = append(v.Recordings, r.view())
	}
	slices.SortFunc(v.Recordings, func(a, b Recording) int {
		return compareStrings(a.ParticipantID, b.ParticipantID, a.KeyPrefix, b.KeyPrefix, a.BucketName, b.BucketName)
	})
	return v
}

// compareStrings compares pairs of strings, the first that differs decides.
func compareStrings(pairs ...string) int {
	for i := 0; i < len(pairs); i += 2 {
		if c := cmp.Compare(pairs[i], pairs[i+1]); c != 0 {
			return c
		}
	}
	return 0
}
