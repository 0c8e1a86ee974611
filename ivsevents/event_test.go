package ivsevents_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

const (
	stageARN       = "arn:aws:ivs:eu-west-1:444455556666:stage/Ma12Nb34Oc56"
	compositionARN = "arn:aws:ivs:eu-west-1:444455556666:composition/Xa12Yb34Zc56"
	sourceARN      = "arn:aws:ivs:eu-west-1:444455556666:stage/So12Ur34Ce56"
	destinationARN = "arn:aws:ivs:eu-west-1:444455556666:stage/De12St34In56"
	sessionID      = "st-R1s2T3u4V5w6X"
	participantID  = "Gh12Ij34Kl56"
	keyPrefix      = "Ma12Nb34Oc56/st-R1s2T3u4V5w6X/Gh12Ij34Kl56/2026-11-02T19-30-05Z"
)

// at returns a time of the evening of the fixtures, in a zone that is not UTC.
func at(hour, minute, second, nanosecond int) time.Time {
	return time.Date(2026, time.November, 2, hour-5, minute, second, nanosecond, time.FixedZone("", -5*3600))
}

func envelope(n int, t time.Time) ivsevents.Envelope {
	return ivsevents.Envelope{
		ID:      fmt.Sprintf("0b1c2d3e-4f50-4a61-8b72-%012d", n),
		Account: "444455556666",
		Region:  "eu-west-1",
		Time:    t,
	}
}

// fixtures has an event of each type; testdata has its JSON in a file named as
// the event.
var fixtures = []ivsevents.Event{
	&ivsevents.ParticipantPublished{
		Envelope: envelope(1, at(19, 30, 6, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID, UserID: "berta",
		EventTime: at(19, 30, 5, 0), EventTimePrecise: at(19, 30, 5, 120_450_999),
		Replica: true, SourceStageARN: sourceARN, SourceSessionID: "st-S9o8U7r6C5e4X",
	},
	&ivsevents.ParticipantUnpublished{
		Envelope: envelope(2, at(20, 45, 11, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID, UserID: "berta",
		EventTime: at(20, 45, 10, 0), EventTimePrecise: at(20, 45, 10, 900_000_000),
		Replica: true, SourceStageARN: sourceARN, SourceSessionID: "st-S9o8U7r6C5e4X",
	},
	&ivsevents.ParticipantPublishError{
		Envelope: envelope(3, at(19, 31, 0, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID, UserID: "berta",
		EventTime: at(19, 30, 59, 123_456_780), ErrorCode: ivsrealtime.EventErrorCodeBitrateExceeded,
		Replica: true, SourceStageARN: sourceARN, SourceSessionID: "st-S9o8U7r6C5e4X",
	},
	&ivsevents.ParticipantReplicationStart{
		Envelope: envelope(4, at(19, 40, 1, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID, UserID: "berta", EventTime: at(19, 40, 0, 0),
		DestinationStageARN: destinationARN, DestinationSessionID: "st-D1e2S3t4I5n6A",
	},
	&ivsevents.ParticipantReplicationEnd{
		Envelope: envelope(5, at(19, 50, 1, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID, UserID: "berta", EventTime: at(19, 50, 0, 0),
		DestinationStageARN: destinationARN, DestinationSessionID: "st-D1e2S3t4I5n6A",
	},
	&ivsevents.TokenExchanged{
		Envelope: envelope(6, at(19, 55, 1, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID, UserID: "berta-host", EventTime: at(19, 55, 0, 0),
		PreviousToken: ivsrealtime.ExchangedParticipantToken{
			Capabilities: []ivsrealtime.ParticipantTokenCapability{"SUBSCRIBE"},
			Attributes:   map[string]string{"role": "guest"}, UserID: "berta", ExpirationTime: at(31, 30, 0, 0),
		},
		NewToken: ivsrealtime.ExchangedParticipantToken{
			Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH", "SUBSCRIBE"},
			Attributes:   map[string]string{"role": "host", "seat": "2"}, UserID: "berta-host", ExpirationTime: at(31, 55, 0, 0),
		},
	},
	&ivsevents.RecordingStart{
		Envelope: envelope(7, at(19, 30, 7, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID,
		RecordingS3BucketName: "stage-recordings", RecordingS3KeyPrefix: keyPrefix,
	},
	&ivsevents.RecordingEnd{
		Envelope: envelope(8, at(20, 45, 31, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID,
		RecordingS3BucketName: "stage-recordings", RecordingS3KeyPrefix: keyPrefix,
		RecordingDuration: time.Hour + 15*time.Minute + 5*time.Second + 780*time.Millisecond,
	},
	&ivsevents.RecordingStartFailure{
		Envelope: envelope(9, at(19, 30, 8, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID,
		RecordingS3BucketName: "stage-recordings", RecordingS3KeyPrefix: keyPrefix,
		ErrorCode: ivsevents.ErrorCodeValidation, Reason: "Video codec not supported for recording",
	},
	&ivsevents.RecordingEndFailure{
		Envelope: envelope(10, at(20, 45, 32, 0)),
		StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID,
		RecordingS3BucketName: "stage-recordings", RecordingS3KeyPrefix: keyPrefix,
		ErrorCode: ivsevents.ErrorCodeAccessDenied, Reason: "Access denied to S3 bucket. Please verify your bucket policy.",
	},
	&ivsevents.CompositionSessionStart{
		Envelope: envelope(11, at(19, 32, 0, 0)), CompositionARN: compositionARN, StageARN: stageARN,
	},
	&ivsevents.CompositionSessionEnd{
		Envelope: envelope(12, at(20, 50, 0, 0)), CompositionARN: compositionARN, StageARN: stageARN,
	},
	&ivsevents.CompositionSessionFailure{
		Envelope: envelope(13, at(20, 51, 0, 0)), CompositionARN: compositionARN, StageARN: stageARN,
		ErrorCode: ivsevents.ErrorCodeStageDeleted, Reason: "Stage has been deleted",
	},
	&ivsevents.CompositionDestinationStart{
		Envelope: envelope(14, at(19, 32, 5, 0)), CompositionARN: compositionARN, StageARN: stageARN, DestinationID: "Ou12Tp34Ut56",
	},
	&ivsevents.CompositionDestinationEnd{
		Envelope: envelope(15, at(20, 49, 59, 0)), CompositionARN: compositionARN, StageARN: stageARN, DestinationID: "Ou12Tp34Ut56",
	},
	&ivsevents.CompositionDestinationReconnecting{
		Envelope: envelope(16, at(19, 44, 0, 0)), CompositionARN: compositionARN, StageARN: stageARN, DestinationID: "Ou12Tp34Ut56",
	},
	&ivsevents.CompositionDestinationFailure{
		Envelope: envelope(17, at(19, 45, 0, 0)), CompositionARN: compositionARN, StageARN: stageARN, DestinationID: "Ou12Tp34Ut56",
		ErrorCode: ivsevents.ErrorCodeConflict, Reason: "Stream already exists",
	},
}

// file returns the name of the fixture of an event.
func file(event ivsevents.Event) string {
	return strings.ReplaceAll(strings.ToLower(string(event.Summary().Name)), " ", "-") + ".json"
}

// Members, their order and the form of times are those of the service.
func TestMarshalFixtures(t *testing.T) {
	for _, event := range fixtures {
		t.Run(file(event), func(t *testing.T) {
			literal, err := os.ReadFile(filepath.Join("testdata", file(event)))
			require.NoError(t, err)
			var want bytes.Buffer
			require.NoError(t, json.Compact(&want, literal))
			got, err := json.Marshal(event)
			require.NoError(t, err)
			require.Equal(t, want.String(), string(got))
		})
	}
}

func TestMarshal(t *testing.T) {
	marshal := func(t *testing.T, event any) string {
		body, err := json.Marshal(event)
		require.NoError(t, err)
		return string(body)
	}
	t.Run("optional members are left out", func(t *testing.T) {
		require.Equal(t, `{"version":"0","id":"","detail-type":"IVS Stage Update","source":"aws.ivs","account":"","time":"0001-01-01T00:00:00Z","region":"","resources":["`+stageARN+
			`"],"detail":{"session_id":"`+sessionID+`","event_name":"Participant Unpublished","participant_id":"`+participantID+`"}}`,
			marshal(t, &ivsevents.ParticipantUnpublished{StageARN: stageARN, SessionID: sessionID, ParticipantID: participantID}))
		require.Contains(t, marshal(t, &ivsevents.RecordingStartFailure{Reason: "old"}), `"recording_s3_key_prefix":"","reason":"old"}`)
		require.Contains(t, marshal(t, &ivsevents.TokenExchanged{}), `"participant_id":"","previous_token":{},"new_token":{}}`)
	})
	t.Run("values marshal as pointers do", func(t *testing.T) {
		event := ivsevents.CompositionSessionEnd{CompositionARN: compositionARN}
		require.Equal(t, marshal(t, &event), marshal(t, event))
		require.Contains(t, marshal(t, []any{event}), `"Session End"`)
	})
	t.Run("the envelope of another source", func(t *testing.T) {
		body := marshal(t, &ivsevents.RecordingStart{Envelope: ivsevents.Envelope{Source: "test.ivs", DetailType: "Other"}})
		require.Contains(t, body, `"detail-type":"Other","source":"test.ivs"`)
	})
	t.Run("resources", func(t *testing.T) {
		event := &ivsevents.CompositionSessionStart{StageARN: stageARN}
		require.Contains(t, marshal(t, event), `"resources":[],`)
		event.Resources = []string{"one", "two"}
		require.Contains(t, marshal(t, event), `"resources":["one","two"],`)
		event.CompositionARN = compositionARN
		require.Contains(t, marshal(t, event), `"resources":["`+compositionARN+`","two"],`)
		require.Equal(t, []string{"one", "two"}, event.Resources)
	})
	t.Run("a fraction of the event time is kept", func(t *testing.T) {
		event := &ivsevents.ParticipantPublished{EventTime: at(19, 30, 5, 500_000_000)}
		require.Contains(t, marshal(t, event), `"event_time":"2026-11-02T19:30:05.500000000Z"`)
	})
}

func TestSummary(t *testing.T) {
	for _, event := range fixtures {
		s := event.Summary()
		require.Equal(t, stageARN, s.StageARN, s.Name)
		if event.Meta().Account != "444455556666" {
			t.Errorf("%s: %v", s.Name, event.Meta())
		}
		ofComposition := strings.HasPrefix(string(s.Name), "Session") || strings.HasPrefix(string(s.Name), "Destination")
		if ofComposition {
			require.Equal(t, [3]string{compositionARN, "", ""}, [3]string{s.CompositionARN, s.SessionID, s.ParticipantID}, s.Name)
		} else {
			require.Equal(t, [3]string{"", sessionID, participantID}, [3]string{s.CompositionARN, s.SessionID, s.ParticipantID}, s.Name)
		}
		if ofComposition || strings.HasPrefix(string(s.Name), "Recording") {
			require.Equal(t, ivsevents.TimeSourceEnvelope, s.TimeSource, s.Name)
			require.Equal(t, event.Meta().Time, s.Time, s.Name)
		} else {
			require.Equal(t, ivsevents.TimeSourceDetail, s.TimeSource, s.Name)
		}
	}

	precise, seconds, delivered := at(19, 30, 5, 120_450_000), at(19, 30, 5, 0), at(19, 30, 6, 0)
	event := &ivsevents.ParticipantPublished{Envelope: envelope(1, delivered), EventTime: seconds, EventTimePrecise: precise}
	require.Equal(t, precise, event.Summary().Time)
	event.EventTimePrecise = time.Time{}
	require.Equal(t, seconds, event.Summary().Time)
	event.EventTime = time.Time{}
	require.Equal(t, delivered, event.Summary().Time)
	require.Equal(t, ivsevents.TimeSourceEnvelope, event.Summary().TimeSource)
}

// Meta gives the envelope that is written.
func TestMeta(t *testing.T) {
	var event ivsevents.Event = ivsevents.Fill(&ivsevents.RecordingStart{})
	event.Meta().ID = "again"
	body, err := json.Marshal(event)
	require.NoError(t, err)
	require.Contains(t, string(body), `"id":"again"`)
}

// Every constant is among the Values of its type, every event name has a fixture
// and a file, and every type that has an event of its own is the type of a fixture.
func TestComplete(t *testing.T) {
	constants, events := map[string][]string{}, []string{}
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if typ, ok := n.Type.(*ast.Ident); ok && len(n.Values) == 1 && ast.IsExported(typ.Name) {
					value, err := strconv.Unquote(n.Values[0].(*ast.BasicLit).Value)
					require.NoError(t, err)
					constants[typ.Name] = append(constants[typ.Name], value)
				}
			case *ast.FuncDecl:
				if n.Name.Name == "Summary" && n.Recv != nil {
					events = append(events, "*ivsevents."+n.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name)
				}
			}
			return true
		})
	}
	require.Equal(t, constants["EventName"], texts(ivsevents.EventName("").Values()))
	require.Equal(t, constants["DetailType"], texts(ivsevents.DetailType("").Values()))
	require.Equal(t, constants["ErrorCode"], texts(ivsevents.ErrorCode("").Values()))

	var names, types, files []string
	for _, event := range fixtures {
		names = append(names, string(event.Summary().Name))
		types = append(types, fmt.Sprintf("%T", event))
		files = append(files, file(event))
	}
	require.Len(t, names, 17)
	require.ElementsMatch(t, constants["EventName"], names)
	require.ElementsMatch(t, events, append(types, "*ivsevents.Unknown", "*ivsevents.LowLatency"))
	entries, err := os.ReadDir("testdata")
	require.NoError(t, err)
	for _, entry := range entries {
		if i := slices.Index(files, entry.Name()); i < 0 {
			t.Errorf("testdata/%s has no event", entry.Name())
		}
	}
}

func texts[S ~string](values []S) (out []string) {
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}
