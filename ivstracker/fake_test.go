package ivstracker_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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

// show is a fake service whose events a tracker gets, and that throttles as the
// service does.
type show struct {
	t       *testing.T
	srv     *ivsrealtimetest.Server
	client  *ivsrealtime.Client // makes things happen
	tracker *ivstracker.Tracker

	mu         sync.Mutex
	deliveries int
	delivered  map[string]bool // by ID

	storage, encoder string
}

// newShow returns a show whose events are delivered as said. Its bubble's clock is
// that of all.
func newShow(t *testing.T, optFns ...func(*ivsrealtimetest.Options)) *show {
	s := &show{t: t, tracker: ivstracker.NewTracker(), delivered: map[string]bool{}}
	s.srv = ivsrealtimetest.NewServer(append([]func(*ivsrealtimetest.Options){func(o *ivsrealtimetest.Options) {
		o.Seed = 7
		o.OnEvent = func(body []byte) {
			s.mu.Lock()
			defer s.mu.Unlock()
			e, err := ivsevents.Decode(body)
			if err == nil {
				err = s.tracker.Handle(context.Background(), e)
			}
			if err != nil {
				t.Error(err)
				return
			}
			s.deliveries++
			s.delivered[e.Meta().ID] = true
		}
	}}, optFns...)...)
	s.client = s.srv.Client()
	storage, err := s.client.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{S3: &ivsrealtime.S3StorageConfiguration{BucketName: "bucket"}})
	require.NoError(t, err)
	encoder, err := s.client.CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	s.storage, s.encoder = storage.StorageConfiguration.ARN, encoder.EncoderConfiguration.ARN
	return s
}

// stage makes a stage that records its participants.
func (s *show) stage(name string) string {
	out, err := s.client.CreateStage(s.t.Context(), &ivsrealtime.CreateStageInput{
		Name:                                  name,
		AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: s.storage},
	})
	require.NoError(s.t, err)
	return out.Stage.ARN
}

func (s *show) join(stage, user string) *ivsrealtimetest.Participant {
	out, err := s.client.CreateParticipantToken(s.t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: stage, UserID: user, Attributes: map[string]string{"of": user}})
	require.NoError(s.t, err)
	p, err := s.srv.Join(out.ParticipantToken.Token)
	require.NoError(s.t, err)
	return p
}

func (s *show) compose(stage string) ivsrealtime.Composition {
	out, err := s.client.StartComposition(s.t.Context(), &ivsrealtime.StartCompositionInput{StageARN: stage, Destinations: []ivsrealtime.DestinationConfiguration{
		{S3: &ivsrealtime.S3DestinationConfiguration{StorageConfigurationARN: s.storage, EncoderConfigurationARNs: []string{s.encoder}}},
		{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: "arn:aws:ivs:us-east-1:111122223333:channel/Ch12An34Ne56", EncoderConfigurationARN: s.encoder}},
	}})
	require.NoError(s.t, err)
	return out.Composition
}

// play lets a show go on for some hours of the bubble, at random.
func (s *show) play(seed uint64, steps int) {
	chance := rand.New(rand.NewPCG(seed, 3))
	stages := []string{s.stage("one"), s.stage("two"), s.stage("three")}
	present := map[string][]*ivsrealtimetest.Participant{}
	var compositions []ivsrealtime.Composition
	for n := range steps {
		time.Sleep(time.Second + time.Duration(chance.IntN(60_000))*time.Millisecond)
		stage := stages[chance.IntN(len(stages))]
		var who *ivsrealtimetest.Participant
		if here := present[stage]; len(here) > 0 {
			who = here[chance.IntN(len(here))]
		}
		switch does := chance.IntN(12); {
		case who == nil || does == 0 && len(present[stage]) < 4:
			who = s.join(stage, fmt.Sprint("user ", n))
			present[stage] = append(present[stage], who)
			require.NoError(s.t, who.Publish())
		case does <= 2:
			require.NoError(s.t, who.Publish())
		case does <= 4:
			require.NoError(s.t, who.Unpublish())
		case does == 5:
			require.Error(s.t, who.FailPublish(ivsrealtime.EventErrorCodeBitrateExceeded))
		case does <= 7:
			who.Leave()
			present[stage] = slices.DeleteFunc(present[stage], func(p *ivsrealtimetest.Participant) bool { return p == who })
		case does == 8:
			for _, p := range present[stage] { // the session ends
				p.Leave()
			}
			present[stage] = nil
		case does == 9:
			_, err := s.client.StartParticipantReplication(s.t.Context(), &ivsrealtime.StartParticipantReplicationInput{SourceStageARN: stage, DestinationStageARN: stages[chance.IntN(len(stages))], ParticipantID: who.ID()})
			if !errors.Is(err, ivsrealtime.ErrValidation) && !errors.Is(err, ivsrealtime.ErrConflict) && !errors.Is(err, ivsrealtime.ErrNotFound) {
				require.NoError(s.t, err)
			}
		case does == 10 && len(compositions) < 8:
			compositions = append(compositions, s.compose(stage))
		case len(compositions) > 0:
			c := compositions[chance.IntN(len(compositions))]
			if chance.IntN(2) == 0 {
				_ = s.srv.InterruptDestination(c.ARN, c.Destinations[0].ID) // fails if it is not active
			} else {
				_ = s.srv.FailDestination(c.ARN, c.Destinations[chance.IntN(2)].ID, ivsevents.ErrorCodeConflict, "Stream already exists")
			}
		}
	}
}

// truth is what a tracker makes of all events, once each and in order.
func (s *show) truth() *ivstracker.Tracker {
	tracker := ivstracker.NewTracker()
	for _, body := range s.srv.Events() {
		e, err := ivsevents.Decode(body)
		require.NoError(s.t, err)
		require.NoError(s.t, tracker.Handle(s.t.Context(), e))
	}
	return tracker
}

// deliverHeld delivers the event that the fake holds until after a next one, if
// there is one.
func (s *show) deliverHeld() {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := 0
	for _, body := range s.srv.Events() {
		e, err := ivsevents.Decode(body)
		require.NoError(s.t, err)
		if !s.delivered[e.Meta().ID] {
			held++
			require.NoError(s.t, s.tracker.Handle(s.t.Context(), e))
		}
	}
	require.LessOrEqual(s.t, held, 1)
}

// The fake's events, repeated, late and in another order, come to the same as in
// order.
func TestTrackerFollowsTheFake(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShow(t, func(o *ivsrealtimetest.Options) {
					o.Seed = seed + 1
					o.Delivery = ivsrealtimetest.Delivery{Duplicate: 0.3, Reorder: 0.3, MaxDelay: 2 * time.Hour}
				})
				s.play(seed, 150)
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				s.deliverHeld()
				want, got := s.truth().Snapshot(), s.tracker.Snapshot()
				require.Equal(t, want, got)
				require.Greater(t, s.deliveries, 200)
			})
		})
	}
}
