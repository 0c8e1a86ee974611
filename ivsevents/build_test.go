package ivsevents_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// fill is Fill for an event whose type is not known.
func fill(event ivsevents.Event) ivsevents.Event { return ivsevents.Fill(event) }

// An event of each type, filled from nothing, has all that is required, and that
// is what its fixture has, except for what is optional.
func TestFillNothing(t *testing.T) {
	optional := []string{"user_id", "replica", "source_stage_arn", "source_session_id"}
	for _, fixture := range fixtures {
		t.Run(file(fixture), func(t *testing.T) {
			event := fill(reflect.New(reflect.TypeOf(fixture).Elem()).Interface().(ivsevents.Event))
			require.Regexp(t, uuid, event.Meta().ID)

			got, want := members(t, event), members(t, fixture)
			require.ElementsMatch(t, keys(want), keys(got))
			detail, wantDetail := got["detail"].(map[string]any), want["detail"].(map[string]any)
			for _, name := range optional {
				delete(wantDetail, name)
			}
			require.ElementsMatch(t, keys(wantDetail), keys(detail))
			for name, value := range detail {
				require.NotEqual(t, "", value, name)
			}
			require.Equal(t, "us-east-1", got["region"])
			require.Equal(t, "111122223333", got["account"])
			require.Equal(t, got["resources"], []any{event.Meta().Resources[0]})
			require.Contains(t, event.Meta().Resources[0], "arn:aws:ivs:us-east-1:111122223333:")
			require.Equal(t, got["detail-type"], string(event.Meta().DetailType))
			require.Equal(t, "aws.ivs", event.Meta().Source)
		})
	}
}

// Nothing that is given changes, but for the zone of times and what the
// service's form cuts off.
func TestFillKeepsWhatIsGiven(t *testing.T) {
	for _, fixture := range fixtures {
		before, err := json.Marshal(fixture)
		require.NoError(t, err)
		given := reflect.New(reflect.TypeOf(fixture).Elem())
		given.Elem().Set(reflect.ValueOf(fixture).Elem())
		after, err := json.Marshal(fill(given.Interface().(ivsevents.Event)))
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
	}
}

func TestFillIsRepeatable(t *testing.T) {
	build := func() *ivsevents.RecordingEndFailure {
		return ivsevents.Fill(&ivsevents.RecordingEndFailure{Envelope: ivsevents.Envelope{ID: "e1", Time: at(19, 0, 0, 0)}})
	}
	require.Equal(t, build(), build())
	require.NotEqual(t, ivsevents.Fill(&ivsevents.RecordingEnd{}).ID, ivsevents.Fill(&ivsevents.RecordingEnd{}).ID)
	first := build()
	require.Equal(t, build(), ivsevents.Fill(first), "filling twice changes nothing")
}

func TestFillTimes(t *testing.T) {
	type times struct{ envelope, event, precise time.Time }
	utc := func(second, nanosecond int) time.Time {
		return time.Date(2026, time.November, 2, 19, 30, second, nanosecond, time.UTC)
	}
	for name, test := range map[string]struct{ given, want times }{
		"of the envelope": {times{envelope: at(19, 30, 5, 0)}, times{utc(5, 0), utc(5, 0), utc(5, 0)}},
		"cut to seconds":  {times{envelope: at(19, 30, 5, 999)}, times{utc(5, 0), utc(5, 0), utc(5, 0)}},
		"of the event":    {times{event: at(19, 30, 5, 0)}, times{utc(5, 0), utc(5, 0), utc(5, 0)}},
		"precise":         {times{precise: at(19, 30, 5, 120_450_000)}, times{utc(5, 0), utc(5, 0), utc(5, 120_450_000)}},
		"all different":   {times{at(19, 30, 9, 0), at(19, 30, 8, 0), at(19, 30, 7, 1000)}, times{utc(9, 0), utc(8, 0), utc(7, 1000)}},
	} {
		t.Run(name, func(t *testing.T) {
			event := ivsevents.Fill(&ivsevents.ParticipantUnpublished{
				Envelope: ivsevents.Envelope{Time: test.given.envelope}, EventTime: test.given.event, EventTimePrecise: test.given.precise,
			})
			require.Equal(t, test.want, times{event.Time, event.EventTime, event.EventTimePrecise})
		})
	}
	t.Run("of the clock", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(1_234_567_891) // of the bubble, which starts on a whole second
			now := time.Now().UTC().Round(0)
			published := ivsevents.Fill(&ivsevents.ParticipantPublished{})
			require.Equal(t, now.Truncate(time.Microsecond), published.EventTimePrecise)
			require.Equal(t, now.Truncate(time.Second), published.EventTime)
			require.Equal(t, now.Truncate(time.Second), published.Time)
			failed := ivsevents.Fill(&ivsevents.ParticipantPublishError{})
			require.Equal(t, now, failed.EventTime)
			require.Equal(t, now.Truncate(time.Second), failed.Time)
		})
	})
}

func TestFillRelated(t *testing.T) {
	t.Run("account and region", func(t *testing.T) {
		event := ivsevents.Fill(&ivsevents.CompositionSessionStart{CompositionARN: compositionARN})
		require.Equal(t, "eu-west-1 444455556666", event.Region+" "+event.Account)
		require.True(t, strings.HasPrefix(event.StageARN, "arn:aws:ivs:eu-west-1:444455556666:stage/"), event.StageARN)
		require.Equal(t, []string{compositionARN}, event.Resources)

		event = ivsevents.Fill(&ivsevents.CompositionSessionStart{StageARN: stageARN})
		require.True(t, strings.HasPrefix(event.CompositionARN, "arn:aws:ivs:eu-west-1:444455556666:composition/"), event.CompositionARN)

		recording := ivsevents.Fill(&ivsevents.RecordingStart{Envelope: ivsevents.Envelope{Region: "ap-south-1"}, StageARN: "no ARN"})
		require.Equal(t, "ap-south-1 111122223333", recording.Region+" "+recording.Account)
	})
	t.Run("replica", func(t *testing.T) {
		event := ivsevents.Fill(&ivsevents.ParticipantPublished{Replica: true, StageARN: stageARN})
		require.True(t, strings.HasPrefix(event.SourceStageARN, "arn:aws:ivs:eu-west-1:444455556666:stage/"), event.SourceStageARN)
		require.NotEqual(t, event.StageARN, event.SourceStageARN)
		require.NotEmpty(t, event.SourceSessionID)
	})
	t.Run("key prefix", func(t *testing.T) {
		event := ivsevents.Fill(&ivsevents.RecordingEnd{
			Envelope: ivsevents.Envelope{Time: at(20, 0, 5, 0)}, RecordingDuration: 30 * time.Minute,
			StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID,
		})
		require.Equal(t, keyPrefix, event.RecordingS3KeyPrefix)
	})
	t.Run("tokens", func(t *testing.T) {
		event := ivsevents.Fill(&ivsevents.TokenExchanged{
			EventTime: at(19, 55, 0, 0), UserID: "host",
			PreviousToken: ivsrealtime.ExchangedParticipantToken{Capabilities: []ivsrealtime.ParticipantTokenCapability{"SUBSCRIBE"}},
		})
		expires := time.Date(2026, time.November, 3, 7, 55, 0, 0, time.UTC)
		require.Equal(t, ivsrealtime.ExchangedParticipantToken{
			Capabilities: []ivsrealtime.ParticipantTokenCapability{"SUBSCRIBE"}, ExpirationTime: expires,
		}, event.PreviousToken)
		require.Equal(t, ivsrealtime.ExchangedParticipantToken{
			Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH", "SUBSCRIBE"}, UserID: "host", ExpirationTime: expires,
		}, event.NewToken)

		event = ivsevents.Fill(&ivsevents.TokenExchanged{NewToken: ivsrealtime.ExchangedParticipantToken{UserID: "host"}})
		require.Equal(t, "host", event.UserID)
	})
	t.Run("reasons", func(t *testing.T) {
		require.Equal(t, ivsevents.ErrorCodeInternalServer, ivsevents.Fill(&ivsevents.RecordingStartFailure{}).ErrorCode)
		require.Equal(t, ivsrealtime.EventErrorCodeInternalServerException, ivsevents.Fill(&ivsevents.ParticipantPublishError{}).ErrorCode)
		reasons := map[string]bool{}
		for _, code := range ivsevents.ErrorCode("").Values() {
			reasons[ivsevents.Fill(&ivsevents.CompositionSessionFailure{ErrorCode: code}).Reason] = true
		}
		require.NotContains(t, reasons, "")
		require.Len(t, reasons, len(ivsevents.ErrorCode("").Values()))
		require.Empty(t, ivsevents.Fill(&ivsevents.CompositionDestinationFailure{ErrorCode: "New"}).Reason)
		require.Equal(t, "mine", ivsevents.Fill(&ivsevents.CompositionDestinationFailure{Reason: "mine"}).Reason)
	})
}

// members returns the members of the JSON of an event.
func members(t *testing.T, event ivsevents.Event) map[string]any {
	t.Helper()
	body, err := json.Marshal(event)
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(body, &out))
	return out
}

func keys(m map[string]any) (out []string) {
	for key := range m {
		out = append(out, key)
	}
	return out
}
