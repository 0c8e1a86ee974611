package ivsevents_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

const (
	arnPrefix = "arn:aws:ivs:us-east-1:111122223333:"
	stageA    = arnPrefix + "stage/AAAAAAAAAAAA"
	stageB    = arnPrefix + "stage/BBBBBBBBBBBB"
	stageC    = arnPrefix + "stage/CCCCCCCCCCCC"
	compA     = arnPrefix + "composition/AAAAAAAAAAAA"
)

// noon is when most of these tests begin.
var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// clock is a time that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// newTracker returns a tracker whose clock shows an hour past noon.
func newTracker(optFns ...func(*ivsevents.TrackerOptions)) (*ivsevents.Tracker, *clock) {
	c := &clock{noon.Add(time.Hour)}
	now := func(o *ivsevents.TrackerOptions) { o.Now = c.Now }
	return ivsevents.NewTracker(append([]func(*ivsevents.TrackerOptions){now}, optFns...)...), c
}

// apply applies an event, and checks what became of it.
func apply(t testing.TB, tracker *ivsevents.Tracker, want ivsevents.Result, e ivsevents.Event) {
	t.Helper()
	got, err := tracker.Apply(t.Context(), ivsevents.Fill(e))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// published and unpublished return events of a participant at noon and some
// seconds.
func published(stage, session, participant string, seconds float64) *ivsevents.ParticipantPublished {
	return ivsevents.Fill(&ivsevents.ParticipantPublished{
		StageARN:         stage,
		SessionID:        session,
		ParticipantID:    participant,
		EventTimePrecise: secs(seconds),
	})
}

func unpublished(stage, session, participant string, seconds float64) *ivsevents.ParticipantUnpublished {
	return (*ivsevents.ParticipantUnpublished)(published(stage, session, participant, seconds))
}

func secs(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }

// stamped returns the envelope of an event at noon and some seconds.
func stamped(seconds int) ivsevents.Envelope {
	return ivsevents.Envelope{Time: noon.Add(time.Duration(seconds) * time.Second)}
}

// only returns what is known of the one participant of the one session of a
// stage.
func only(t testing.TB, tracker *ivsevents.Tracker, stage string) ivsevents.ParticipantState {
	t.Helper()
	s, ok := tracker.Stage(stage)
	require.True(t, ok)
	require.Len(t, s.Sessions, 1)
	require.Len(t, s.Sessions[0].Participants, 1)
	return s.Sessions[0].Participants[0]
}

// decode reads an event of the fake.
func decode(body []byte) (ivsevents.Event, error) {
	type token struct {
		Capabilities   []ivsrealtime.ParticipantTokenCapability `json:"capabilities"`
		Attributes     map[string]string                        `json:"attributes"`
		UserID         string                                   `json:"user_id"`
		ExpirationTime time.Time                                `json:"expiration_time"`
	}
	var raw struct {
		ID         string    `json:"id"`
		DetailType string    `json:"detail-type"`
		Time       time.Time `json:"time"`
		Resources  []string  `json:"resources"`
		Detail     struct {
			EventName            string    `json:"event_name"`
			EventTime            time.Time `json:"event_time"`
			EventTimePrecise     time.Time `json:"event_time_precise"`
			SessionID            string    `json:"session_id"`
			StageARN             string    `json:"stage_arn"`
			ID                   string    `json:"id"`
			UserID               string    `json:"user_id"`
			ParticipantID        string    `json:"participant_id"`
			Replica              bool      `json:"replica"`
			SourceStageARN       string    `json:"source_stage_arn"`
			SourceSessionID      string    `json:"source_session_id"`
			DestinationStageARN  string    `json:"destination_stage_arn"`
			DestinationSessionID string    `json:"destination_session_id"`
			PreviousToken        token     `json:"previous_token"`
			NewToken             token     `json:"new_token"`
			Bucket               string    `json:"recording_s3_bucket_name"`
			Prefix               string    `json:"recording_s3_key_prefix"`
			Milliseconds         int64     `json:"recording_duration_ms"`
			ErrorCode            string    `json:"error_code"`
			Reason               string    `json:"reason"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, err
	}
	d, env, arn := raw.Detail, ivsevents.Envelope{ID: raw.ID, Time: raw.Time}, raw.Resources[0]
	code, length := ivsevents.ErrorCode(d.ErrorCode), time.Duration(d.Milliseconds)*time.Millisecond
	publish := ivsevents.ParticipantPublished{
		Envelope: env, StageARN: arn, SessionID: d.SessionID, ParticipantID: d.ParticipantID, UserID: d.UserID, EventTime: d.EventTime,
		EventTimePrecise: d.EventTimePrecise, Replica: d.Replica, SourceStageARN: d.SourceStageARN, SourceSessionID: d.SourceSessionID,
	}
	replication := ivsevents.ParticipantReplicationStart{
		Envelope: env, StageARN: arn, SessionID: d.SessionID, ParticipantID: d.ParticipantID, UserID: d.UserID, EventTime: d.EventTime,
		DestinationStageARN: d.DestinationStageARN, DestinationSessionID: d.DestinationSessionID,
	}
	session := ivsevents.CompositionSessionStart{Envelope: env, CompositionARN: arn, StageARN: d.StageARN}
	destination := ivsevents.CompositionDestinationStart{Envelope: env, CompositionARN: arn, StageARN: d.StageARN, DestinationID: d.ID}
	switch ivsevents.EventName(d.EventName) {
	case ivsevents.EventNameParticipantPublished:
		return &publish, nil
	case ivsevents.EventNameParticipantUnpublished:
		return (*ivsevents.ParticipantUnpublished)(&publish), nil
	case ivsevents.EventNameParticipantPublishError:
		return &ivsevents.ParticipantPublishError{Envelope: env, StageARN: arn, SessionID: d.SessionID, ParticipantID: d.ParticipantID, UserID: d.UserID, EventTime: d.EventTime, ErrorCode: ivsrealtime.EventErrorCode(d.ErrorCode)}, nil
	case ivsevents.EventNameParticipantReplicationStart:
		return &replication, nil
	case ivsevents.EventNameParticipantReplicationEnd:
		return (*ivsevents.ParticipantReplicationEnd)(&replication), nil
	case ivsevents.EventNameTokenExchanged:
		return &ivsevents.TokenExchanged{
			Envelope: env, StageARN: arn, SessionID: d.SessionID, ParticipantID: d.ParticipantID, UserID: d.UserID, EventTime: d.EventTime,
			PreviousToken: ivsrealtime.ExchangedParticipantToken(d.PreviousToken), NewToken: ivsrealtime.ExchangedParticipantToken(d.NewToken),
		}, nil
	case ivsevents.EventNameRecordingStart:
		return &ivsevents.RecordingStart{Envelope: env, StageARN: arn, SessionID: d.SessionID, ParticipantID: d.ParticipantID, RecordingS3BucketName: d.Bucket, RecordingS3KeyPrefix: d.Prefix}, nil
	case ivsevents.EventNameRecordingEnd:
		return &ivsevents.RecordingEnd{Envelope: env, StageARN: arn, SessionID: d.SessionID, ParticipantID: d.ParticipantID, RecordingS3BucketName: d.Bucket, RecordingS3KeyPrefix: d.Prefix, RecordingDuration: length}, nil
	case ivsevents.EventNameCompositionSessionStart:
		return &session, nil
	case ivsevents.EventNameCompositionSessionEnd:
		return (*ivsevents.CompositionSessionEnd)(&session), nil
	case ivsevents.EventNameCompositionSessionFailure:
		return &ivsevents.CompositionSessionFailure{Envelope: env, CompositionARN: arn, StageARN: d.StageARN, ErrorCode: code, Reason: d.Reason}, nil
	case ivsevents.EventNameCompositionDestinationStart:
		return &destination, nil
	case ivsevents.EventNameCompositionDestinationReconnecting:
		return (*ivsevents.CompositionDestinationReconnecting)(&destination), nil
	case ivsevents.EventNameCompositionDestinationEnd:
		return (*ivsevents.CompositionDestinationEnd)(&destination), nil
	case ivsevents.EventNameCompositionDestinationFailure:
		return &ivsevents.CompositionDestinationFailure{Envelope: env, CompositionARN: arn, StageARN: d.StageARN, DestinationID: d.ID, ErrorCode: code, Reason: d.Reason}, nil
	}
	return nil, fmt.Errorf("event %q of %s", d.EventName, strings.TrimSpace(raw.DetailType))
}
