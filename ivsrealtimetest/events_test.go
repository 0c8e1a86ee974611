package ivsrealtimetest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
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
)

// What EventBridge would deliver of a participant's publishing, whole.
func TestEventsOfAParticipant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got [][]byte
		r := newRoom(t, func(o *ivsrealtimetest.Options) { o.OnEvent = func(b []byte) { got = append(got, b) } })
		anna := r.join("anna")
		time.Sleep(1500 * time.Millisecond) // virtual: the precise time shows
		require.NoError(t, anna.Publish())
		require.ErrorContains(t, anna.FailPublish(ivsrealtime.EventErrorCodeBitrateExceeded), "BITRATE")
		require.Len(t, got, 3)
		require.Equal(t, got, r.srv.Events())

		ids := map[string]bool{}
		for i, want := range []struct{ name, more string }{
			{"Participant Published", `,"event_time_precise":"2000-01-01T00:00:01.500000Z"`},
			{"Participant Unpublished", `,"event_time_precise":"2000-01-01T00:00:01.500000Z"`},
			{"Participant Publish Error", `,"error_code":"BITRATE_EXCEEDED"`},
		} {
			var e map[string]any
			require.NoError(t, json.Unmarshal(got[i], &e))
			ids[e["id"].(string)] = true
			delete(e, "id")
			detail := e["detail"].(map[string]any)
			at, err := time.Parse(time.RFC3339Nano, detail["event_time"].(string))
			require.NoError(t, err)
			require.Equal(t, "2000-01-01T00:00:01Z", at.Truncate(time.Second).Format(time.RFC3339))
			delete(detail, "event_time")
			b, err := json.Marshal(e)
			require.NoError(t, err)
			require.JSONEq(t, `{"version":"0","detail-type":"IVS Stage Update","source":"aws.ivs","account":"111122223333","time":"2000-01-01T00:00:01Z",
				"region":"us-east-1","resources":["`+r.arn+`"],"detail":{"session_id":"`+anna.SessionID()+`","event_name":"`+want.name+`","user_id":"anna",
				"participant_id":"`+anna.ID()+`"`+want.more+`}}`, string(b))
		}
		require.Len(t, ids, 3, "each has an id of its own")
	})
}

// Each event decodes into the type it was made of, whole: what is decoded is
// written as the event came.
func TestEventsDecode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		main, side := s.room, s.overflow()
		_, err := s.client.UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{ARN: s.arn,
			AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: s.storage}})
		require.NoError(t, err)
		signer := newSigner(main)
		anna, err := s.srv.Join(signer.sign(map[string]any{"jti": "anna"}))
		require.NoError(t, err)
		time.Sleep(1_234_567_891) // virtual
		require.NoError(t, anna.Publish())
		require.NoError(t, anna.ExchangeToken(signer.sign(map[string]any{"jti": "anna", "user_id": "anna-host", "attributes": map[string]string{"role": "host"}})))
		require.NoError(t, main.replicate(anna, side, 0))

		stopped := s.start()
		time.Sleep(time.Minute)
		_, err = s.client.StopComposition(t.Context(), &ivsrealtime.StopCompositionInput{ARN: stopped.ARN})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		failed := s.start()
		time.Sleep(time.Minute)
		require.NoError(t, s.srv.InterruptDestination(failed.ARN, failed.Destinations[0].ID))
		require.NoError(t, s.srv.FailDestination(failed.ARN, failed.Destinations[0].ID, ivsevents.ErrorCodeConflict, ""))
		require.NoError(t, s.srv.FailDestination(failed.ARN, failed.Destinations[1].ID, ivsevents.ErrorCodeAccessDenied, "mine"))
		require.Error(t, anna.FailPublish(ivsrealtime.EventErrorCodeBitrateExceeded))

		types := map[string]ivsevents.Event{}
		for _, b := range s.srv.Events() {
			e, err := ivsevents.Decode(b)
			require.NoError(t, err, string(b))
			again, err := json.Marshal(e)
			require.NoError(t, err)
			require.Equal(t, string(b), string(again))
			types[strings.TrimPrefix(fmt.Sprintf("%T", e), "*ivsevents.")] = e
			require.Equal(t, eventName(t, b), string(e.Summary().Name))
		}
		// All there are but the failures of recordings, which the fake does not have.
		require.ElementsMatch(t, []string{
			"ParticipantPublished", "ParticipantUnpublished", "ParticipantPublishError", "ParticipantReplicationStart", "ParticipantReplicationEnd",
			"TokenExchanged", "RecordingStart", "RecordingEnd", "CompositionSessionStart", "CompositionSessionEnd", "CompositionSessionFailure",
			"CompositionDestinationStart", "CompositionDestinationEnd", "CompositionDestinationReconnecting", "CompositionDestinationFailure",
		}, slices.Collect(maps.Keys(types)))
		require.Equal(t, "One or more outputs failed", types["CompositionSessionFailure"].(*ivsevents.CompositionSessionFailure).Reason)
		require.Equal(t, "mine", types["CompositionDestinationFailure"].(*ivsevents.CompositionDestinationFailure).Reason)
		require.Equal(t, "host", types["TokenExchanged"].(*ivsevents.TokenExchanged).NewToken.Attributes["role"])

		// The time is that of the participant's own event.
		list, err := s.client.ListParticipantEvents(t.Context(), &ivsrealtime.ListParticipantEventsInput{StageARN: s.arn, SessionID: anna.SessionID(), ParticipantID: anna.ID()})
		require.NoError(t, err)
		failure := list.Events[slices.IndexFunc(list.Events, func(e ivsrealtime.Event) bool { return e.Name == ivsrealtime.EventNamePublishError })]
		require.Equal(t, failure.EventTime, types["ParticipantPublishError"].Summary().Time)
	})
}

// OnEvent may call the service, and what that causes comes afterwards.
func TestOnEventUsesTheServer(t *testing.T) {
	var r *room
	var order []string
	r = newRoom(t, func(o *ivsrealtimetest.Options) {
		o.OnEvent = func(b []byte) {
			name := eventName(t, b)
			order = append(order, "begin "+name)
			if name == "Participant Published" {
				_, err := r.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: r.arn})
				require.NoError(t, err)
			}
			order = append(order, "end "+name)
		}
	})
	require.NoError(t, r.join("anna").Publish())
	require.Equal(t, []string{"begin Participant Published", "end Participant Published", "begin Participant Unpublished", "end Participant Unpublished"}, order)
}

// OnEvent that panics, or ends its goroutine, does not lose the events after it.
func TestOnEventPanics(t *testing.T) {
	var got []string
	r := newRoom(t, func(o *ivsrealtimetest.Options) {
		o.OnEvent = func(b []byte) {
			if got = append(got, eventName(t, b)); len(got) == 3 {
				panic("no good")
			} else if len(got) == 4 {
				runtime.Goexit()
			}
		}
	})
	require.NoError(t, r.join("anna").Publish())
	require.NoError(t, r.join("berta").Publish())
	remove := &ivsrealtime.DeleteStageInput{ARN: r.arn} // two participants stop at once
	require.PanicsWithValue(t, "no good", func() { _, _ = r.client.DeleteStage(t.Context(), remove) })
	require.Len(t, got, 3)
	ended := make(chan bool)
	go func() {
		defer close(ended)
		_, _ = r.client.ListStages(t.Context(), nil)
	}()
	<-ended
	require.Len(t, got, 4)
	_, err := r.client.ListStages(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"Participant Published", "Participant Published", "Participant Unpublished", "Participant Unpublished"}, got)
}

func TestDelivery(t *testing.T) {
	const times = 200
	tests := map[string]struct {
		delivery ivsrealtimetest.Delivery
		check    func(t *testing.T, sent, got []string)
	}{
		"as it happens": {ivsrealtimetest.Delivery{}, func(t *testing.T, sent, got []string) { require.Equal(t, sent, got) }},
		"all lost":      {ivsrealtimetest.Delivery{Drop: 1}, func(t *testing.T, sent, got []string) { require.Empty(t, got) }},
		"some lost": {ivsrealtimetest.Delivery{Drop: 0.5}, func(t *testing.T, sent, got []string) {
			require.Greater(t, len(got), times/2)
			require.Less(t, len(got), 2*times-times/2)
		}},
		"all twice": {ivsrealtimetest.Delivery{Duplicate: 1}, func(t *testing.T, sent, got []string) {
			require.Len(t, got, 2*len(sent))
			require.Equal(t, got[0], got[1])
		}},
		"in pairs the other way round": {ivsrealtimetest.Delivery{Reorder: 1}, func(t *testing.T, sent, got []string) {
			require.Equal(t, []string{sent[1], sent[0], sent[3], sent[2]}, got[:4])
			require.ElementsMatch(t, sent, got)
		}},
		"late": {ivsrealtimetest.Delivery{MaxDelay: time.Hour}, func(t *testing.T, sent, got []string) {
			require.ElementsMatch(t, sent, got)
			require.NotEqual(t, sent, got)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex // delayed events come in goroutines of timers
				run := func() (sent, got []string) {
					r := newRoom(t, func(o *ivsrealtimetest.Options) {
						o.Delivery, o.Seed = tt.delivery, 7
						o.OnEvent = func(b []byte) {
							mu.Lock()
							defer mu.Unlock()
							got = append(got, string(b))
						}
					})
					anna := r.join("anna")
					for range times {
						require.NoError(t, anna.Publish())
						require.NoError(t, anna.Unpublish())
					}
					mu.Lock()
					if tt.delivery.MaxDelay > 0 {
						require.Less(t, len(got), times)
					}
					mu.Unlock()
					time.Sleep(time.Hour + time.Second)
					mu.Lock()
					defer mu.Unlock()
					for _, b := range r.srv.Events() {
						sent = append(sent, string(b))
					}
					return sent, slices.Clone(got)
				}
				sent, got := run()
				require.Len(t, sent, 2*times)
				tt.check(t, sent, got)
			})
		})
	}
}
