package ivsrealtimetest_test

import (
	"context"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// These tests replay responses of the service that others published, with accounts,
// IDs and labels replaced. The library decodes each response. The fake gets the request,
// and its response must have the same fields, of the same types and forms.

// replayed is an HTTP client that responds to everything alike.
type replayed struct {
	status int
	header http.Header
	body   string
}

func (r replayed) Do(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: r.status, Header: r.header.Clone(), Body: io.NopCloser(strings.NewReader(r.body)), Request: req}, nil
}

// client returns a client that gets the response.
func (r replayed) client() *ivsrealtime.Client {
	return ivsrealtime.New(ivsrealtime.Options{
		Region:           "us-east-1",
		HTTPClient:       r,
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
		}),
	})
}

// answered returns a client that gets the body with status 200.
func answered(body string) *ivsrealtime.Client {
	return replayed{200, http.Header{"Content-Type": {"application/json"}}, body}.client()
}

// requireSameForm compares the fields of two JSON values: which there are, their
// types and the form of texts. For the fields in loose presence alone counts.
func requireSameForm(t *testing.T, want, got string, loose ...string) {
	t.Helper()
	var a, b any
	require.NoError(t, json.Unmarshal([]byte(want), &a))
	require.NoError(t, json.Unmarshal([]byte(got), &b), got)
	require.Equal(t, formOf(a, "", loose), formOf(b, "", loose))
}

// formOf lists each field with its form.
func formOf(v any, at string, loose []string) []string {
	name := at[strings.LastIndex(at, ".")+1:]
	if slices.Contains(loose, name) {
		return []string{at + ": there"}
	}
	var list []string
	switch v := v.(type) {
	case map[string]any:
		list = append(list, at+": object")
		for k, e := range v {
			list = append(list, formOf(e, at+"."+k, loose)...)
		}
	case []any:
		list = append(list, fmt.Sprintf("%s: %d elements", at, len(v)))
		for i, e := range v {
			list = append(list, formOf(e, at+"["+strconv.Itoa(i)+"]", loose)...)
		}
	case string:
		list = append(list, at+": "+textForm(v))
	case float64:
		list = append(list, at+": number "+fmt.Sprint(v == float64(int64(v))))
	default:
		list = append(list, fmt.Sprintf("%s: %v", at, v))
	}
	slices.Sort(list)
	return list
}

func textForm(s string) string {
	letters := func(min, max int) bool {
		return len(s) >= min && len(s) <= max && strings.IndexFunc(s, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) < 0
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	kind, _, isARN := strings.Cut(strings.TrimPrefix(s, "arn:aws:ivs:us-east-1:111122223333:"), "/")
	switch {
	case s == "":
		return "empty"
	case err == nil:
		return "time, whole second " + fmt.Sprint(at.Nanosecond() == 0)
	case isARN && strings.HasPrefix(s, "arn:"):
		return "ARN of a " + kind
	case strings.HasPrefix(s, "https://"):
		return "WHIP URL " + fmt.Sprint(strings.HasSuffix(s, ".global-bm.whip.live-video.net"))
	case letters(12, 12): // before the enums: an ID may have capitals alone
		return "ID"
	case strings.ToUpper(s) == s:
		return s // an enum
	}
	return "text " + s
}

const stageWithTokens = `{"name":"replay","participantTokenConfigurations":[%s]}`

// A new token is returned with the fields of the request and nothing else, though the
// token itself has the defaults.
var tokenAnswers = map[string]struct {
	configuration, answer string
	want                  ivsrealtime.ParticipantToken
}{
	"attributes alone": {
		`{"attributes":{"screen-share":"true"}}`,
		`{"attributes":{"screen-share":"true"},"expirationTime":"2023-08-04T05:26:11+00:00","participantId":"E813MFklPWLF","token":"t"}`,
		ivsrealtime.ParticipantToken{
			Attributes: map[string]string{"screen-share": "true"}, ParticipantID: "E813MFklPWLF", Token: "t",
			ExpirationTime: time.Date(2023, 8, 4, 5, 26, 11, 0, time.UTC),
		},
	},
	"everything": {
		`{"attributes":{"username":"u"},"capabilities":["PUBLISH","SUBSCRIBE"],"userId":"user-1","duration":1200}`,
		`{"attributes":{"username":"u"},"capabilities":["PUBLISH","SUBSCRIBE"],"duration":1200,"expirationTime":"2024-01-19T15:11:32.000Z","participantId":"Pq12Rs34Tu56","token":"t","userId":"user-1"}`,
		ivsrealtime.ParticipantToken{
			Attributes: map[string]string{"username": "u"}, Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH", "SUBSCRIBE"}, Duration: 1200,
			ParticipantID: "Pq12Rs34Tu56", Token: "t", UserID: "user-1", ExpirationTime: time.Date(2024, 1, 19, 15, 11, 32, 0, time.UTC),
		},
	},
	"no capabilities": { // the sample does not show expirationTime, which an app may have taken out
		`{"attributes":{"username":"x"},"duration":1440,"userId":"user-1"}`,
		`{"attributes":{"username":"x"},"duration":1440,"participantId":"Pq12Rs34Tu56","token":"t","userId":"user-1","expirationTime":"2024-07-22T05:02:09Z"}`,
		ivsrealtime.ParticipantToken{
			Attributes: map[string]string{"username": "x"}, Duration: 1440, ParticipantID: "Pq12Rs34Tu56", Token: "t", UserID: "user-1",
			ExpirationTime: time.Date(2024, 7, 22, 5, 2, 9, 0, time.UTC),
		},
	},
	"no attributes": {
		`{"userId":"demo-whip-broadcaster","capabilities":["PUBLISH","SUBSCRIBE"],"duration":720}`,
		`{"participantId":"Pq12Rs34Tu56","token":"t","userId":"demo-whip-broadcaster","duration":720,"capabilities":["PUBLISH","SUBSCRIBE"],"expirationTime":"2025-08-29T05:02:09Z"}`,
		ivsrealtime.ParticipantToken{
			Capabilities: []ivsrealtime.ParticipantTokenCapability{"PUBLISH", "SUBSCRIBE"}, Duration: 720, ParticipantID: "Pq12Rs34Tu56", Token: "t",
			UserID: "demo-whip-broadcaster", ExpirationTime: time.Date(2025, 8, 29, 5, 2, 9, 0, time.UTC),
		},
	},
	"nothing": {
		`{}`,
		`{"expirationTime":"2023-08-04T05:26:11Z","participantId":"E813MFklPWLF","token":"t"}`,
		ivsrealtime.ParticipantToken{ParticipantID: "E813MFklPWLF", Token: "t", ExpirationTime: time.Date(2023, 8, 4, 5, 26, 11, 0, time.UTC)},
	},
}

func TestReplayOfTokens(t *testing.T) {
	for name, tt := range tokenAnswers {
		t.Run(name, func(t *testing.T) {
			out, err := answered(`{"participantToken":`+tt.answer+`}`).CreateParticipantToken(t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: "s"})
			require.NoError(t, err)
			require.Equal(t, tt.want, out.ParticipantToken)

			srv := ivsrealtimetest.NewServer(unsigned)
			w := send(srv, "POST", "/CreateStage", fmt.Sprintf(stageWithTokens, tt.configuration))
			require.Equal(t, 200, w.Code, w.Body)
			var created struct {
				Stage             struct{ ARN string }
				ParticipantTokens []json.RawMessage
			}
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &created))
			requireSameForm(t, tt.answer, string(created.ParticipantTokens[0]), "token")

			body := `{"stageArn":"` + created.Stage.ARN + `",` + strings.TrimPrefix(tt.configuration, "{")
			w = send(srv, "POST", "/CreateParticipantToken", strings.Replace(body, ",}", "}", 1))
			require.Equal(t, 200, w.Code, w.Body)
			requireSameForm(t, `{"participantToken":`+tt.answer+`}`, w.Body.String(), "token")
		})
	}
}

// An idle stage has no activeSessionId.
func TestReplayOfCreateStage(t *testing.T) {
	const answer = `{"stage":{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56","name":"whip-demo-stage","tags":{},"autoParticipantRecordingConfiguration":{},
		"endpoints":{"whip":"https://a00000000007.global-bm.whip.live-video.net"}},
		"participantTokens":[{"participantId":"Pq12Rs34Tu56","token":"t","userId":"demo-whip-broadcaster","duration":720,"capabilities":["PUBLISH","SUBSCRIBE"]}]}`
	out, err := answered(answer).CreateStage(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "whip-demo-stage", out.Stage.Name)
	require.Empty(t, out.Stage.ActiveSessionID)
	require.Equal(t, "https://a00000000007.global-bm.whip.live-video.net", out.Stage.Endpoints.WHIP)
	require.Equal(t, map[string]string{}, out.Stage.Tags)
	require.Len(t, out.ParticipantTokens, 1)

	srv := ivsrealtimetest.NewServer(unsigned)
	w := send(srv, "POST", "/CreateStage", `{"name":"whip-demo-stage","participantTokenConfigurations":[{"userId":"demo-whip-broadcaster","capabilities":["PUBLISH","SUBSCRIBE"],"duration":720}]}`)
	require.Equal(t, 200, w.Code, w.Body)
	// The sample is trimmed: it has but one endpoint, and no expirationTime.
	var got map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	endpoints := got["stage"].(map[string]any)["endpoints"].(map[string]any)
	for _, name := range []string{"events", "rtmp", "rtmps"} {
		require.Contains(t, endpoints, name)
		delete(endpoints, name)
	}
	delete(got["participantTokens"].([]any)[0].(map[string]any), "expirationTime")
	trimmed, err := json.Marshal(got)
	require.NoError(t, err)
	requireSameForm(t, answer, string(trimmed), "autoParticipantRecordingConfiguration", "token")
}

func TestReplayOfStartComposition(t *testing.T) {
	const (
		request = `{"stageArn":%q,"destinations":[{"channel":{"channelArn":"arn:aws:ivs:us-east-1:111122223333:channel/DOlMW4dfMR8r","encoderConfigurationArn":%q}}],"layout":{"grid":{"featuredParticipantAttribute":"screen-share"}}}`
		// videoFillMode and participantOrderAttribute are younger than the sample, and are "".
		answer = `{"composition":{"arn":"arn:aws:ivs:us-east-1:111122223333:composition/B19tQcXRgtoz",
			"destinations":[{"configuration":{"channel":{"channelArn":"arn:aws:ivs:us-east-1:111122223333:channel/DOlMW4dfMR8r","encoderConfigurationArn":"arn:aws:ivs:us-east-1:111122223333:encoder-configuration/DEkQHWPVaOwO"},"name":""},"id":"SGmgBXTULuXv","state":"STARTING"}],
			"layout":{"grid":{"featuredParticipantAttribute":"screen-share","gridGap":2,"omitStoppedVideo":false,"videoAspectRatio":"VIDEO","videoFillMode":"","participantOrderAttribute":""}},
			"stageArn":"arn:aws:ivs:us-east-1:111122223333:stage/8faHz1SQp0ik","startTime":"2023-09-27T21:32:38Z","state":"STARTING","tags":{}}}`
	)
	in := &ivsrealtime.StartCompositionInput{StageARN: "s", Destinations: []ivsrealtime.DestinationConfiguration{{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: "c"}}}}
	out, err := answered(answer).StartComposition(t.Context(), in)
	require.NoError(t, err)
	c := out.Composition
	require.Equal(t, ivsrealtime.CompositionStateStarting, c.State)
	require.Equal(t, time.Date(2023, 9, 27, 21, 32, 38, 0, time.UTC), c.StartTime)
	require.Equal(t, "screen-share", c.Layout.Grid.FeaturedParticipantAttribute)
	require.EqualValues(t, 2, *c.Layout.Grid.GridGap)
	require.Equal(t, "SGmgBXTULuXv", c.Destinations[0].ID)
	require.Empty(t, c.Destinations[0].Configuration.Name)
	require.Equal(t, "arn:aws:ivs:us-east-1:111122223333:encoder-configuration/DEkQHWPVaOwO", c.Destinations[0].Configuration.Channel.EncoderConfigurationARN)

	lax := ivsrealtimetest.NewServer(unsigned)
	stage, err := lax.Client().CreateStage(t.Context(), nil)
	require.NoError(t, err)
	encoder, err := lax.Client().CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	w := send(lax, "POST", "/StartComposition", fmt.Sprintf(request, stage.Stage.ARN, encoder.EncoderConfiguration.ARN))
	require.Equal(t, 200, w.Code, w.Body)
	requireSameForm(t, answer, w.Body.String())
}

// Errors: of the service, of its front, and the texts that are known.
func TestReplayOfErrors(t *testing.T) {
	const (
		stage = "arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56"
		cfID  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123"
	)
	start := func(destination string) string {
		return `{"stageArn":"` + stage + `","destinations":[{"channel":` + destination + `}],"layout":{"grid":{"featuredParticipantAttribute":"host"}},"idempotencyToken":"abc"}`
	}
	denied := "User: arn:aws:sts::111122223333:assumed-role/role-1/session-1 is not authorized to perform: ivs:StartComposition on resource: " + stage + " because no identity-based policy allows the ivs:StartComposition action"
	tests := map[string]struct {
		path, request string
		fault         string // text of an AccessDeniedException, which a fault makes
		region        string // of the fake
		status        int
		code, message string
		header        http.Header // of the answer that was seen
		body          string      // of it
		sentinel      error
	}{
		"a channel without an encoder configuration": {
			"/StartComposition", start(`{"channelArn":"arn:aws:ivs:us-east-1:111122223333:channel/Ch12An34Ne56"}`), "", "us-east-1",
			400, "ValidationException", "Request member: EncoderConfigurationArn failed to satisfy the constraints: must be specified",
			http.Header{
				"X-Amzn-Errortype": {"ValidationException"}, "X-Amzn-Requestid": {"20512b83-1bd2-4d5a-9dde-10a414e4a566"}, "X-Amz-Cf-Id": {cfID},
				"Access-Control-Allow-Origin": {"*"}, "Access-Control-Expose-Headers": {"*"}, "Cache-Control": {"no-store, no-cache"},
				"Content-Security-Policy": {"default-src 'self'; upgrade-insecure-requests;"}, "Strict-Transport-Security": {"max-age:47304000; includeSubDomains"},
				"X-Content-Type-Options": {"nosniff"}, "X-Frame-Options": {"DENY"},
			},
			`{"Code":"ValidationException","Message":"Request member: EncoderConfigurationArn failed to satisfy the constraints: must be specified","RequestID":"UxUK8H9GoAMEfmQ="}`,
			ivsrealtime.ErrValidation,
		},
		"access denied": {
			"/StartComposition", start(`{"channelArn":"arn:aws:ivs:us-east-1:111122223333:channel/Ch12An34Ne56"}`), denied, "us-east-1",
			403, "AccessDeniedException", denied,
			http.Header{
				"X-Amzn-Errortype": {"AccessDeniedException"}, "X-Amzn-Requestid": {"f4b3296e-f425-4130-ace4-cd7d19be7453"}, "X-Amz-Cf-Id": {cfID},
				"Access-Control-Allow-Origin":   {"*"},
				"Access-Control-Expose-Headers": {"date,x-amz-apigw-id,x-amzn-errormessage,x-amzn-errortype,x-amzn-requestid,x-amzn-trace-id"},
			},
			`{"Message":"` + denied + `"}`,
			ivsrealtime.ErrAccessDenied,
		},
		"a composition that is gone": {
			"/GetComposition", `{"arn":"arn:aws:ivs:ap-northeast-1:111122223333:composition/Co12Mp34Os56"}`, "", "ap-northeast-1",
			404, "ResourceNotFoundException", "Resource: arn:aws:ivs:ap-northeast-1:111122223333:composition/Co12Mp34Os56 not found",
			nil, `{"Code":"ResourceNotFoundException","Message":"Resource: arn:aws:ivs:ap-northeast-1:111122223333:composition/Co12Mp34Os56 not found","RequestID":"UxUK8H9GoAMEfmQ="}`,
			ivsrealtime.ErrNotFound,
		},
		"a channel without an ARN": {
			"/StartComposition", start(`{"encoderConfigurationArn":"arn:aws:ivs:us-east-1:111122223333:encoder-configuration/En12Co34De56"}`), "", "us-east-1",
			400, "ValidationException", "StartComposition.destinationConfiguration.0.channel.channelArn is a required attribute",
			nil, `{"Code":"ValidationException","Message":"StartComposition.destinationConfiguration.0.channel.channelArn is a required attribute","RequestID":"UxUK8H9GoAMEfmQ="}`,
			ivsrealtime.ErrValidation,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			header := tt.header
			if header == nil {
				header = http.Header{"X-Amzn-Errortype": {tt.code}, "X-Amzn-Requestid": {"20512b83-1bd2-4d5a-9dde-10a414e4a566"}}
			}
			_, err := replayed{tt.status, header, tt.body}.client().GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: "x"})
			require.ErrorIs(t, err, tt.sentinel)
			var e *ivsrealtime.APIError
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.code, e.Code)
			require.Equal(t, tt.message, e.Message)
			require.Equal(t, tt.status, e.StatusCode)
			require.ErrorContains(t, err, "RequestID: "+header.Get("X-Amzn-Requestid"))

			srv := ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) { o.Region = tt.region })
			if tt.fault != "" {
				srv.AddFault(ivsrealtimetest.Fault{Code: "AccessDeniedException", Message: tt.fault})
			}
			w := send(srv, "POST", tt.path, tt.request)
			require.Equal(t, tt.status, w.Code)
			requireSameForm(t, tt.body, w.Body.String(), "RequestID")
			require.Contains(t, w.Body.String(), tt.message)
			for name, values := range tt.header {
				switch name {
				case "X-Amzn-Requestid", "X-Amz-Cf-Id": // differ each time
					require.Len(t, w.Header().Get(name), len(values[0]), name)
				default:
					require.Equal(t, values, w.Header()[name], name)
				}
			}
			if tt.fault != "" {
				for _, name := range []string{"Cache-Control", "Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"} {
					require.NotContains(t, w.Header(), name)
				}
			}
		})
	}
}

// Throttling is 429 with either name.
func TestReplayOfThrottling(t *testing.T) {
	for _, code := range []string{"ThrottlingException", "TooManyRequestsException"} {
		body := `{"Code":"` + code + `","Message":"Operation: ivs:GetStage exceeded call rate: 5 for resource: arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56","RequestID":"UxUK8H9GoAMEfmQ="}`
		_, err := replayed{429, http.Header{"X-Amzn-Errortype": {code}}, body}.client().GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: "x"})
		require.ErrorIs(t, err, ivsrealtime.ErrThrottled)

		srv := ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) {
			o.ThrottleCalls, o.ThrottlingCode, o.Clock = true, code, new(ivsrealtimetest.ManualClock)
		})
		for range 5 {
			require.Equal(t, 404, send(srv, "POST", "/GetStage", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56"}`).Code)
		}
		w := send(srv, "POST", "/GetStage", `{"arn":"arn:aws:ivs:us-east-1:111122223333:stage/Ab12Cd34Ef56"}`)
		require.Equal(t, 429, w.Code)
		require.Equal(t, code, w.Header().Get("X-Amzn-Errortype"))
		requireSameForm(t, body, w.Body.String(), "RequestID")
	}
}

// The claims of tokens that the API made, in their order, and the signature.
func TestReplayOfAPITokens(t *testing.T) {
	const header = `{"alg":"KMS","typ":"JWT"}`
	tests := map[string]struct{ configuration, claims string }{
		"user ID, both capabilities": {
			`{"userId":"user-1","duration":20160}`,
			`{"exp":1705557409,"iat":1704347809,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000001","topic":"Stage0000001","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000000.global-bm.whip.live-video.net","user_id":"user-1","capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.0"}`,
		},
		"to watch": {
			`{"userId":"user-1","capabilities":["SUBSCRIBE"]}`,
			`{"exp":1731721397,"iat":1731678197,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000003","topic":"Stage0000003","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000002.global-bm.whip.live-video.net","user_id":"user-1","capabilities":{"allow_subscribe":true},"version":"0.0"}`,
		},
		"user ID and attributes": {
			`{"userId":"user-1","attributes":{"stream_source":"x","username":"x"},"capabilities":["SUBSCRIBE"],"duration":20160}`,
			`{"exp":1764862162,"iat":1763652562,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000004","topic":"Stage0000004","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000003.global-bm.whip.live-video.net","user_id":"user-1","attributes":{"stream_source":"x","username":"x"},"capabilities":{"allow_subscribe":true},"version":"0.0"}`,
		},
		"attributes alone": {
			`{"attributes":{"role":"x"},"duration":7200}`,
			`{"exp":1764657029,"iat":1764225029,"jti":"AbCdEfGhIjKl","resource":"arn:aws:ivs:us-east-1:111122223333:stage/Stage0000007","topic":"Stage0000007","events_url":"wss://global.events.live-video.net","whip_url":"https://a00000000006.global-bm.whip.live-video.net","attributes":{"role":"x"},"capabilities":{"allow_publish":true,"allow_subscribe":true},"version":"0.0"}`,
		},
	}
	b64 := base64.RawURLEncoding.EncodeToString
	lengths := map[int]int{}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			seen := b64([]byte(header)) + "." + b64([]byte(tt.claims)) + "." + b64(make([]byte, 103))
			require.True(t, ivstoken.IsAPIToken(ivsrealtime.Secret(seen)))
			_, err := ivstoken.ParseParticipantToken(ivsrealtime.Secret(seen))
			require.ErrorIs(t, err, ivstoken.ErrAPIToken)

			var want struct {
				Expires  int64 `json:"exp"`
				IssuedAt int64 `json:"iat"`
			}
			require.NoError(t, json.Unmarshal([]byte(tt.claims), &want))
			srv := ivsrealtimetest.NewServer(unsigned)
			for range 25 {
				w := send(srv, "POST", "/CreateStage", fmt.Sprintf(stageWithTokens, tt.configuration))
				var created struct {
					ParticipantTokens []struct {
						ParticipantID  string
						Token          string
						ExpirationTime time.Time
					}
				}
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &created))
				token := created.ParticipantTokens[0]
				gotHeader, claims, signature := parts(t, ivsrealtime.Secret(token.Token))
				require.Equal(t, header, gotHeader)
				require.Equal(t, namesInOrder(t, tt.claims), namesInOrder(t, claims))
				requireSameForm(t, tt.claims, claims, "topic")
				var got struct {
					Expires  int64  `json:"exp"`
					IssuedAt int64  `json:"iat"`
					ID       string `json:"jti"`
					Version  string `json:"version"`
				}
				require.NoError(t, json.Unmarshal([]byte(claims), &got))
				require.Equal(t, want.Expires-want.IssuedAt, got.Expires-got.IssuedAt)
				require.Equal(t, token.ParticipantID, got.ID)
				require.Equal(t, token.ExpirationTime.Unix(), got.Expires)
				require.Equal(t, "0.0", got.Version)
				var rs struct{ R, S *big.Int }
				rest, err := asn1.Unmarshal([]byte(signature), &rs)
				require.NoError(t, err)
				require.Empty(t, rest)
				lengths[len(signature)]++
			}
		})
	}
	require.Len(t, lengths, 3, "102 to 104 bytes: %v", lengths)
	for n := range lengths {
		require.Contains(t, []int{102, 103, 104}, n)
	}
}

// namesInOrder lists the names of a JSON object's fields.
func namesInOrder(t *testing.T, object string) (names []string) {
	d := json.NewDecoder(strings.NewReader(object))
	_, err := d.Token()
	require.NoError(t, err)
	for d.More() {
		name, err := d.Token()
		require.NoError(t, err)
		names = append(names, name.(string))
		var skipped json.RawMessage
		require.NoError(t, d.Decode(&skipped))
	}
	return names
}

// The label in a stage's endpoints is one per account and region.
func TestReplayOfEndpointLabels(t *testing.T) {
	label := func(srv *ivsrealtimetest.Server) string {
		out, err := srv.Client().CreateStage(t.Context(), nil)
		require.NoError(t, err)
		label, ok := strings.CutSuffix(strings.TrimPrefix(out.Stage.Endpoints.WHIP, "https://"), ".global-bm.whip.live-video.net")
		require.True(t, ok)
		require.Regexp(t, `^[0-9a-f]{12}$`, label)
		require.Equal(t, "rtmp://"+label+".global-contribute.live-video.net/app/", out.Stage.Endpoints.RTMP)
		require.Equal(t, "rtmps://"+label+".global-contribute.live-video.net:443/app/", out.Stage.Endpoints.RTMPS)
		return label
	}
	of := func(account, region string) *ivsrealtimetest.Server {
		return ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.AccountID, o.Region = account, region })
	}
	a := of("111122223333", "eu-central-1")
	require.Equal(t, label(a), label(a), "two stages")
	require.NotEqual(t, label(of("111122223333", "us-west-2")), label(a), "another region")
	require.NotEqual(t, label(of("444455556666", "eu-central-1")), label(a), "another account")
}

// The prefix of a composite recording: a random part, the composition, the
// destination.
func TestReplayOfCompositePrefixes(t *testing.T) {
	const seen = "MNALAcH9j2EJ/s2AdaGUbvQgp/2pBRKrNgX1ff/composite"
	out, err := answered(`{"composition":{"arn":"arn:aws:ivs:us-east-1:111122223333:composition/s2AdaGUbvQgp","stageArn":"arn:aws:ivs:us-east-1:111122223333:stage/WyGkzNFGwiwr","state":"ACTIVE","layout":{},"destinations":[{"id":"2pBRKrNgX1ff","state":"ACTIVE","configuration":{"name":""},"detail":{"s3":{"recordingPrefix":"`+seen+`"}}}]}}`).
		GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: "x"})
	require.NoError(t, err)
	require.Equal(t, seen, out.Composition.Destinations[0].Detail.S3.RecordingPrefix)

	s := newStudio(t)
	first := map[string]bool{}
	for range 3 {
		c := s.start(func(in *ivsrealtime.StartCompositionInput) { in.Destinations = in.Destinations[:1] })
		p := strings.Split(c.Destinations[0].Detail.S3.RecordingPrefix, "/")
		require.Len(t, p, 4)
		require.Regexp(t, `^[0-9A-Za-z]{12}$`, p[0])
		require.Equal(t, []string{c.ARN[strings.LastIndex(c.ARN, "/")+1:], c.Destinations[0].ID, "composite"}, p[1:])
		first[p[0]] = true
	}
	require.Len(t, first, 3, "the first part differs in every recording")
}

// A token that a sample of AWS signs for a viewer: allow_publish false counts as
// absent, and there are neither user_id nor attributes.
func TestReplayOfSelfSignedViewer(t *testing.T) {
	r := newRoom(t)
	g := newSigner(r)
	delete(g.claims, "user_id")
	token := g.sign(map[string]any{"jti": "aB3dE5fG7hJ9", "capabilities": map[string]bool{"allow_publish": false, "allow_subscribe": true}})
	parsed, err := ivstoken.ParseParticipantToken(token)
	require.NoError(t, err)
	require.Equal(t, []ivsrealtime.ParticipantTokenCapability{"SUBSCRIBE"}, parsed.Capabilities)
	require.Empty(t, parsed.UserID)
	require.Nil(t, parsed.Attributes)
	viewer, err := r.srv.Join(token)
	require.NoError(t, err)
	require.Equal(t, "aB3dE5fG7hJ9", viewer.ID())
	require.ErrorIs(t, viewer.Publish(), ivsrealtimetest.ErrTokenNotAllowed)
	require.Empty(t, r.participant(viewer).UserID)
}

// An event of 2024, which has no event_time. The fake's has all that it has.
func TestReplayOfAnEvent(t *testing.T) {
	const seen = `{"version":"0","id":"12345678-1a23-4567-a1bc-1a2b34567890","detail-type":"IVS Stage Update","source":"aws.ivs","account":"111122223333","time":"2020-06-23T20:12:36Z","region":"us-west-2","resources":["arn:aws:ivs:us-west-2:111122223333:stage/Ab12Cd34Ef56"],"detail":{"session_id":"st-a1b2c3d4e5f6g","event_name":"Participant Published","user_id":"user-1","participant_id":"xYz1c2d3e4f"}}`
	e, err := ivsevents.Decode([]byte(seen))
	require.NoError(t, err)
	published, ok := e.(*ivsevents.ParticipantPublished)
	require.True(t, ok)
	require.Equal(t, "st-a1b2c3d4e5f6g", published.SessionID)
	require.Equal(t, "user-1", published.UserID)
	require.Equal(t, "xYz1c2d3e4f", published.ParticipantID)

	r := newRoom(t)
	require.NoError(t, r.join("user-1").Publish())
	events := r.srv.Events()
	var want, got map[string]any
	require.NoError(t, json.Unmarshal([]byte(seen), &want))
	require.NoError(t, json.Unmarshal(events[len(events)-1], &got))
	for name, value := range want {
		require.IsType(t, value, got[name], name)
	}
	for name, value := range want["detail"].(map[string]any) {
		require.IsType(t, value, got["detail"].(map[string]any)[name], name)
	}
	for _, name := range []string{"version", "detail-type", "source"} {
		require.Equal(t, want[name], got[name])
	}
	require.Equal(t, "Participant Published", got["detail"].(map[string]any)["event_name"])
}

// The defaults that AWS's resource schemas name.
func TestReplayOfDefaults(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	c := srv.Client()
	encoder, err := c.CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, ivsrealtime.Video{Bitrate: 2500000, Framerate: 30, Height: 720, Width: 1280}, encoder.EncoderConfiguration.Video)
	stage, err := c.CreateStage(t.Context(), nil)
	require.NoError(t, err)
	recording := stage.Stage.AutoParticipantRecordingConfiguration
	require.Equal(t, []ivsrealtime.ParticipantRecordingMediaType{"AUDIO_VIDEO"}, recording.MediaTypes)
	require.Zero(t, *recording.RecordingReconnectWindowSeconds)
	require.EqualValues(t, 6, recording.HLSConfiguration.TargetSegmentDurationSeconds)
	require.EqualValues(t, "DISABLED", recording.ThumbnailConfiguration.RecordingMode)
	require.EqualValues(t, 60, recording.ThumbnailConfiguration.TargetIntervalSeconds)
	require.Empty(t, stage.Stage.ActiveSessionID)
}

// All six kinds of resources can be tagged.
func TestReplayOfTaggableResources(t *testing.T) {
	s := newStudio(t)
	g := newSigner(&room{t: t, srv: s.srv, client: s.client, arn: s.arn})
	ingest, err := s.client.CreateIngestConfiguration(t.Context(), &ivsrealtime.CreateIngestConfigurationInput{IngestProtocol: "RTMPS"})
	require.NoError(t, err)
	arns := []string{s.start().ARN, s.encoder, ingest.IngestConfiguration.ARN, g.keyARN, s.arn, s.storage}
	kinds := map[string]bool{}
	for _, arn := range arns {
		_, err := s.client.TagResource(t.Context(), &ivsrealtime.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"a": "b"}})
		require.NoError(t, err, arn)
		out, err := s.client.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn})
		require.NoError(t, err, arn)
		require.Equal(t, map[string]string{"a": "b"}, out.Tags)
		kinds[strings.Split(strings.Split(arn, ":")[5], "/")[0]] = true
	}
	require.Equal(t, map[string]bool{"composition": true, "encoder-configuration": true, "ingest-configuration": true, "public-key": true, "stage": true, "storage-configuration": true}, kinds)
}
