package ivstracker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstracker"
)

// known returns what both the events and the API tell, in one form. Of recordings
// the API tells the last of each participant only.
func known(s ivstracker.Snapshot) (stages []ivstracker.Stage, compositions []ivstracker.Composition) {
	for _, st := range s.Stages {
		for i := range st.Sessions {
			ses := &st.Sessions[i]
			ses.FirstEventTime, ses.LastEventTime = time.Time{}, time.Time{}
			ses.Participants = slices.DeleteFunc(ses.Participants, func(p ivstracker.Participant) bool { return !p.Published })
			for i := range ses.Participants {
				for j := range ses.Participants[i].Replications {
					r := &ses.Participants[i].Replications[j]
					r.Time = r.Time.Truncate(time.Second) // as events have it
				}
			}
		}
		for i := range st.Recordings {
			r := &st.Recordings[i]
			r.Time, r.StartTime, r.Duration = time.Time{}, time.Time{}, 0
		}
		st.Recordings = slices.Clone(st.Recordings)
		slices.Reverse(st.Recordings) // the prefix ends with the time
		st.Recordings = slices.CompactFunc(st.Recordings, func(a, b ivstracker.Recording) bool { return a.ParticipantID == b.ParticipantID })
		stages = append(stages, st)
	}
	for _, c := range s.Compositions {
		c.Time, c.Gone, c.ErrorCode, c.Reason = time.Time{}, false, "", ""
		for i := range c.Destinations {
			d := &c.Destinations[i]
			d.Time, d.ErrorCode, d.Reason = time.Time{}, "", ""
		}
		compositions = append(compositions, c)
	}
	return stages, compositions
}

// participants returns what events tell of participants; attributes they do not.
func participants(stages []ivstracker.Stage) (all []ivstracker.Participant) {
	for _, st := range stages {
		for _, ses := range st.Sessions {
			for _, p := range ses.Participants {
				p.Attributes = nil
				all = append(all, p)
			}
		}
	}
	return all
}

// Whatever gets lost, Reconcile brings a tracker to the state of one that got all,
// and does not spoil the state of that.
func TestReconcileRepairs(t *testing.T) {
	for seed := range uint64(6) {
		for _, drop := range []float64{0.1, 0.5, 1} {
			t.Run(fmt.Sprint(seed, " ", drop), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newShow(t, func(o *ivsrealtimetest.Options) {
						o.Seed, o.ThrottleCalls = seed+1, true
						o.Delivery = ivsrealtimetest.Delivery{Drop: drop, Duplicate: 0.2, Reorder: 0.2, MaxDelay: time.Hour}
					})
					s.play(seed, 80)
					time.Sleep(2 * time.Hour)
					synctest.Wait()

					truth := s.truth()
					before, compositions := known(truth.Snapshot())
					changes, err := truth.Reconcile(t.Context(), s.client)
					require.NoError(t, err)
					for _, c := range changes { // names, times and attributes are new
						require.Equal(t, ivstracker.ChangeSourceReconcile, c.Source)
						require.Nil(t, c.Recording, "the events told all of it")
					}
					stages, after := known(truth.Snapshot())
					require.Equal(t, compositions, after)
					require.Equal(t, participants(before), participants(stages))

					time.Sleep(time.Second)
					changes, err = s.tracker.Reconcile(t.Context(), s.client)
					require.NoError(t, err)
					require.NotEmpty(t, changes)
					gotStages, gotCompositions := known(s.tracker.Snapshot())
					require.Equal(t, stages, gotStages)
					for _, want := range compositions {
						time.Sleep(time.Second)
						_, err := s.client.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: want.ARN})
						i := slices.IndexFunc(gotCompositions, func(c ivstracker.Composition) bool { return c.ARN == want.ARN })
						switch {
						case err == nil:
							require.GreaterOrEqual(t, i, 0)
							require.Equal(t, want, gotCompositions[i])
						case i >= 0: // else it is gone like all its events
							require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
							require.Contains(t, []ivsrealtime.CompositionState{"STOPPED", "FAILED"}, gotCompositions[i].State)
						}
					}
					changes, err = s.tracker.Reconcile(t.Context(), s.client)
					require.NoError(t, err)
					require.Empty(t, changes, "there is nothing left to repair")
				})
			})
		}
	}
}

// It does not matter whether events come before or after Reconcile has read what
// they tell of, or worse.
func TestReconcileInAnyOrder(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShow(t, func(o *ivsrealtimetest.Options) { o.Seed = seed + 1; o.Delivery.Drop = 1 })
				s.play(seed, 60)
				time.Sleep(2 * time.Second)
				var story []ivsevents.Event
				for _, body := range s.srv.Events() {
					e, err := ivsevents.Decode(body)
					require.NoError(t, err)
					story = append(story, e)
				}
				trackers := [3]*ivstracker.Tracker{ivstracker.NewTracker(), ivstracker.NewTracker(), ivstracker.NewTracker()}
				handle := func(i int, events []ivsevents.Event) {
					for _, e := range events {
						require.NoError(t, trackers[i].Handle(t.Context(), e))
					}
				}
				handle(0, story)
				handle(1, shuffled(story, seed)[:len(story)/2])
				var group sync.WaitGroup
				for _, tracker := range trackers { // all ask at the same moments
					group.Go(func() {
						if _, err := tracker.Reconcile(t.Context(), s.client); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				s.play(seed+100, 20)
				for _, body := range s.srv.Events()[len(story):] {
					e, err := ivsevents.Decode(body)
					require.NoError(t, err)
					story = append(story, e)
					handle(0, []ivsevents.Event{e})
				}
				handle(1, shuffled(story, seed))
				handle(2, shuffled(story, seed+1))
				want := trackers[0].Snapshot()
				for _, tracker := range trackers[1:] {
					got := tracker.Snapshot()
					for i := range got.Compositions { // whether it was asked for
						got.Compositions[i].Gone = want.Compositions[i].Gone
					}
					require.Equal(t, want, got)
				}
			})
		})
	}
}

// Reconcile, time and again while events come late: in the end all is as if they
// had come in time and Reconcile had run once.
func TestReconcileWhileEventsCome(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShow(t, func(o *ivsrealtimetest.Options) {
					o.Seed = seed + 1
					o.Delivery = ivsrealtimetest.Delivery{Duplicate: 0.2, Reorder: 0.2, MaxDelay: 20 * time.Minute}
				})
				ctx, cancel := context.WithCancel(t.Context())
				var group sync.WaitGroup
				for range 2 {
					group.Go(func() {
						for ctx.Err() == nil {
							time.Sleep(5*time.Minute + 300*time.Millisecond)
							if _, err := s.tracker.Reconcile(t.Context(), s.client); err != nil {
								t.Error(err)
							}
							s.tracker.Snapshot()
						}
					})
				}
				s.play(seed, 120)
				time.Sleep(time.Hour)
				cancel()
				group.Wait()
				s.deliverHeld()
				truth := s.truth()
				for _, tracker := range []*ivstracker.Tracker{truth, s.tracker} {
					_, err := tracker.Reconcile(t.Context(), s.client)
					require.NoError(t, err)
				}
				wantStages, wantCompositions := known(truth.Snapshot())
				gotStages, gotCompositions := known(s.tracker.Snapshot())
				require.Equal(t, wantStages, gotStages)
				require.Equal(t, wantCompositions, gotCompositions)
			})
		})
	}
}

// room returns a show with a stage on which anna publishes, and her.
func room(t *testing.T, optFns ...func(*ivsrealtimetest.Options)) (*show, string, *ivsrealtimetest.Participant) {
	s := newShow(t, optFns...)
	stage := s.stage("room")
	time.Sleep(10 * time.Second)
	anna := s.join(stage, "anna")
	require.NoError(t, anna.Publish())
	return s, stage, anna
}

// deaf makes a show whose tracker hears nothing.
func deaf(o *ivsrealtimetest.Options) { o.Delivery.Drop = 1 }

// What Reconcile finds, to the last member.
func TestReconcile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stage, anna := room(t, deaf)
		began := time.Now().UTC()
		composition := s.compose(stage)
		other := s.stage("other")
		require.NoError(t, func() error {
			_, err := s.client.StartParticipantReplication(t.Context(), &ivsrealtime.StartParticipantReplicationInput{SourceStageARN: stage, DestinationStageARN: other, ParticipantID: anna.ID()})
			return err
		}())
		time.Sleep(10 * time.Second)
		changes, err := s.tracker.Reconcile(t.Context(), s.client)
		require.NoError(t, err)
		kinds := map[string]int{}
		for _, c := range changes {
			require.Nil(t, c.Event)
			for kind, is := range map[string]bool{"stage": c.Stage != nil, "session": c.Session != nil, "participant": c.Participant != nil, "recording": c.Recording != nil, "composition": c.Composition != nil} {
				if is {
					kinds[kind]++
				}
			}
		}
		require.Equal(t, map[string]int{"stage": 2, "session": 2, "participant": 2, "recording": 2, "composition": 1}, kinds)

		got := s.tracker.Snapshot()
		here, ok := s.tracker.Stage(stage)
		require.True(t, ok)
		there, _ := s.tracker.Stage(other)
		replica := there.Sessions[0].SessionID
		require.Equal(t, ivstracker.Stage{
			ARN: stage, Name: "room", ActiveSessionID: anna.SessionID(),
			Sessions: []ivstracker.Session{{SessionID: anna.SessionID(), Status: ivstracker.SessionStatusLive, StartTime: began, Participants: []ivstracker.Participant{{
				ParticipantID: anna.ID(), UserID: "anna", Attributes: map[string]string{"of": "anna"}, Published: true, Publishing: true, PublishTime: began,
				Replications: []ivstracker.Replication{{DestinationStageARN: other, DestinationSessionID: replica, Active: true, Time: began}},
			}}}},
			Recordings: []ivstracker.Recording{{ParticipantID: anna.ID(), SessionID: anna.SessionID(), BucketName: "bucket", KeyPrefix: here.Recordings[0].KeyPrefix, State: "ACTIVE"}},
		}, here)
		require.Contains(t, here.Recordings[0].KeyPrefix, anna.SessionID())
		require.Equal(t, []ivstracker.Participant{{
			ParticipantID: anna.ID(), UserID: "anna", Attributes: map[string]string{"of": "anna"}, Published: true, Publishing: true, PublishTime: began,
			Replica: true, SourceStageARN: stage, SourceSessionID: anna.SessionID(),
		}}, there.Sessions[0].Participants)
		require.Equal(t, []ivstracker.Composition{{ARN: composition.ARN, StageARN: stage, State: "ACTIVE", Destinations: got.Compositions[0].Destinations}}, got.Compositions)
		require.Len(t, got.Compositions[0].Destinations, 2)
		require.Equal(t, ivsrealtime.DestinationStateActive, got.Compositions[0].Destinations[0].State)

		anna.Leave()
		left := time.Now().UTC()
		time.Sleep(time.Minute)
		_, err = s.tracker.Reconcile(t.Context(), s.client)
		require.NoError(t, err)
		here, _ = s.tracker.Stage(stage)
		require.Empty(t, here.ActiveSessionID)
		require.Equal(t, ivstracker.SessionEndCauseAPI, here.Sessions[0].EndCause)
		require.Equal(t, left, here.Sessions[0].EndTime)
		require.False(t, here.Sessions[0].Participants[0].Publishing)
		require.False(t, here.Sessions[0].Participants[0].Replications[0].Active)
		require.EqualValues(t, "STOPPED", here.Recordings[0].State)

		calls := len(s.srv.Calls())
		_, err = s.tracker.Reconcile(t.Context(), s.client)
		require.NoError(t, err)
		require.Len(t, s.srv.Calls()[calls:], 4, "stages, the sessions of both, compositions: what is over is not read again")

		_, err = s.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: stage})
		require.NoError(t, err)
		time.Sleep(6 * time.Minute) // the composition is forgotten
		changes, err = s.tracker.Reconcile(t.Context(), s.client)
		require.NoError(t, err)
		require.Len(t, changes, 2)
		require.True(t, changes[0].Stage.Deleted)
		require.True(t, changes[1].Composition.Gone)
		require.EqualValues(t, "STOPPED", changes[1].Composition.State)
		require.EqualValues(t, "STOPPED", changes[1].Composition.Destinations[0].State)
	})
}

// An event that is older than what the API said does not undo that, a newer one
// does; and of how something ended events tell more.
func TestReconcileAndEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stage, anna := room(t, deaf)
		composition := s.compose(stage)
		deliver := func(name string) {
			for _, body := range s.srv.Events() {
				e, err := ivsevents.Decode(body)
				require.NoError(t, err)
				if string(e.Summary().Name) == name {
					require.NoError(t, s.tracker.Handle(t.Context(), e))
				}
			}
		}
		reconcile := func() {
			time.Sleep(2 * time.Second)
			_, err := s.tracker.Reconcile(t.Context(), s.client)
			require.NoError(t, err)
		}
		publishing := func() bool { return only(t, s.tracker, stage).Publishing }
		state := func() ivstracker.Composition { c, _ := s.tracker.Composition(composition.ARN); return c }
		time.Sleep(10 * time.Second)
		require.NoError(t, anna.Unpublish())
		reconcile()
		require.False(t, publishing())
		deliver("Participant Published")
		require.False(t, publishing(), "it is older")
		require.NoError(t, anna.Publish())
		deliver("Participant Published")
		require.True(t, publishing(), "it is newer")
		deliver("Participant Unpublished")
		require.True(t, publishing())

		require.Equal(t, ivsrealtime.CompositionStateActive, state().State)
		for _, d := range composition.Destinations {
			require.NoError(t, s.srv.FailDestination(composition.ARN, d.ID, ivsevents.ErrorCodeConflict, "Stream already exists"))
		}
		time.Sleep(6 * time.Minute)
		reconcile()
		require.Equal(t, ivsrealtime.CompositionStateStopped, state().State, "gone")
		require.True(t, state().Gone)
		deliver("Session Start")
		require.Equal(t, ivsrealtime.CompositionStateStopped, state().State)
		deliver("Session Failure")
		require.Equal(t, ivsrealtime.CompositionStateFailed, state().State)
		require.Equal(t, ivsevents.ErrorCodeDestinationFailure, state().ErrorCode)

		anna.Leave()
		_, err := s.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: stage})
		require.NoError(t, err)
		reconcile()
		st, _ := s.tracker.Stage(stage)
		require.True(t, st.Deleted)
		require.Equal(t, ivstracker.SessionEndCauseStageDeleted, st.Sessions[0].EndCause)
		require.False(t, publishing())
		require.NoError(t, s.tracker.Handle(t.Context(), ivsevents.Fill(&ivsevents.ParticipantPublished{StageARN: stage, SessionID: anna.SessionID(), ParticipantID: anna.ID()})))
		require.True(t, publishing(), "something happened on it after that")
		st, _ = s.tracker.Stage(stage)
		require.False(t, st.Deleted)
	})
}

// Only what is asked for is read.
func TestReconcileOfStages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stage, _ := room(t, deaf)
		s.compose(stage)
		other := s.stage("other")
		require.NoError(t, s.join(other, "ben").Publish())
		s.compose(other)
		time.Sleep(time.Minute)
		require.NoError(t, s.tracker.Handle(t.Context(), ivsevents.Fill(&ivsevents.CompositionSessionStart{CompositionARN: compA, StageARN: other})))
		gone := stageA
		_, err := s.tracker.Reconcile(t.Context(), s.client, func(o *ivstracker.ReconcileOptions) { o.StageARNs = []string{stage, gone, stage} })
		require.NoError(t, err)
		got := s.tracker.Snapshot()
		require.Len(t, got.Stages, 1, "nothing is known of one that is gone")
		require.Equal(t, stage, got.Stages[0].ARN)
		require.Len(t, got.Compositions, 2)
		for _, c := range got.Compositions {
			require.False(t, c.Gone)
		}
	})
}

// Calls are spaced, also those of concurrent runs: none is refused by a service
// that allows 5 per second, although the client does not repeat any.
func TestReconcilePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShow(t, func(o *ivsrealtimetest.Options) { o.ThrottleCalls = true; o.Delivery.Drop = 1 })
		for i := range 120 {
			time.Sleep(250 * time.Millisecond)
			stage := s.stage(fmt.Sprint("stage-", i))
			require.NoError(t, s.join(stage, "anna").Publish())
		}
		time.Sleep(time.Minute)
		client := s.srv.Client(func(o *ivsrealtime.Options) {
			o.RetryMaxAttempts = 1
		})
		counted := &countingClient{ReconcileAPIClient: client, calls: map[time.Time]int{}}
		start := time.Now()
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				_, err := s.tracker.Reconcile(t.Context(), counted)
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.Equal(t, 240, counted.total)
		for at := range counted.calls {
			in := 0
			for other, n := range counted.calls {
				if !other.Before(at) && other.Sub(at) < time.Second {
					in += n
				}
			}
			require.LessOrEqual(t, in, 4)
		}
		took := time.Since(start)
		require.Greater(t, took, 59*time.Second)
		require.Less(t, took, 65*time.Second)

		start = time.Now()
		_, err := s.tracker.Reconcile(t.Context(), client, func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond = 1 })
		require.NoError(t, err)
		require.Greater(t, time.Since(start), 119*time.Second)
		_, err = s.tracker.Reconcile(t.Context(), client, func(o *ivstracker.ReconcileOptions) { o.CallsPerSecond = 0 })
		require.EqualError(t, err, "ivstracker: ReconcileOptions.CallsPerSecond is 0, not above 0")
	})
}

// countingClient counts the calls of one operation.
type countingClient struct {
	ivstracker.ReconcileAPIClient
	mu    sync.Mutex
	total int
	calls map[time.Time]int
}

func (c *countingClient) ListStageSessions(ctx context.Context, in *ivsrealtime.ListStageSessionsInput, optFns ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStageSessionsOutput, error) {
	c.mu.Lock()
	c.total++
	c.calls[time.Now()]++
	c.mu.Unlock()
	return c.ReconcileAPIClient.ListStageSessions(ctx, in, optFns...)
}

// What fails is reported, and the rest is read all the same.
func TestReconcileErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, stage, anna := room(t, deaf)
		s.compose(stage)
		time.Sleep(10 * time.Second)
		client := s.srv.Client(func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
		for _, tt := range []struct {
			operation, where   string
			stages, recordings int
			compositions       int
		}{
			{"ListStages", "ivstracker: reconcile stages: ", 0, 0, 1},
			{"ListStageSessions", "ivstracker: reconcile sessions of stage " + stage + ": ", 1, 0, 1},
			{"ListParticipants", "ivstracker: reconcile participants of session " + anna.SessionID() + " of stage " + stage + ": ", 1, 0, 1},
			{"ListParticipantEvents", "ivstracker: reconcile participant " + anna.ID() + " of session " + anna.SessionID() + " of stage " + stage + ": ", 1, 0, 1},
			{"GetParticipant", "ivstracker: reconcile participant " + anna.ID() + " of session " + anna.SessionID() + " of stage " + stage + ": ", 1, 0, 1},
			{"ListCompositions", "ivstracker: reconcile compositions: ", 1, 1, 0},
		} {
			s.srv.AddFault(ivsrealtimetest.Fault{Operation: tt.operation, Times: 1, Code: "AccessDeniedException"})
			tracker := ivstracker.NewTracker()
			_, err := tracker.Reconcile(t.Context(), client)
			require.ErrorIs(t, err, ivsrealtime.ErrAccessDenied, tt.operation)
			require.ErrorContains(t, err, tt.where)
			stats := tracker.Stats()
			require.Equal(t, []int{tt.stages, tt.recordings, tt.compositions}, []int{stats.Stages, stats.Recordings, stats.Compositions}, tt.operation)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for range 400 {
			s.stage("")
		}
		calls := len(s.srv.Calls())
		_, err := ivstracker.NewTracker().Reconcile(ctx, client)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, strings.Count(err.Error(), "context deadline exceeded"), "said once")
		require.Less(t, len(s.srv.Calls())-calls, 260)
	})
}
