package ivsrealtimetest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func createStage(ctx context.Context, c *ivsrealtime.Client, optFns ...func(*ivsrealtime.Options)) error {
	_, err := c.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "x"}, optFns...)
	return err
}

func once(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }

func countStages(t *testing.T, srv *ivsrealtimetest.Server) int {
	t.Helper()
	srv.ClearFaults()
	out, err := srv.Client().ListStages(t.Context(), nil)
	require.NoError(t, err)
	return len(out.Stages)
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name   string
		fault  ivsrealtimetest.Fault
		check  func(*testing.T, error)
		stages int // that there are after one call, not retried
	}{
		{"modelled error", ivsrealtimetest.Fault{Code: "ConflictException", Message: "busy"}, func(t *testing.T, err error) {
			require.ErrorIs(t, err, ivsrealtime.ErrConflict)
			require.ErrorContains(t, err, "ConflictException: busy")
		}, 0},
		{"throttle", ivsrealtimetest.Fault{Code: "ThrottlingException"}, func(t *testing.T, err error) {
			require.ErrorIs(t, err, ivsrealtime.ErrThrottled)
			requireStatus(t, 429, err)
		}, 0},
		{"throttle, other code", ivsrealtimetest.Fault{Code: "TooManyRequestsException"}, func(t *testing.T, err error) {
			require.ErrorIs(t, err, ivsrealtime.ErrThrottled)
			requireStatus(t, 429, err)
		}, 0},
		{"any code and status", ivsrealtimetest.Fault{Code: "Strange", StatusCode: 418}, func(t *testing.T, err error) {
			requireStatus(t, 418, err)
			require.ErrorContains(t, err, "Strange")
		}, 0},
		{"HTML of a proxy", ivsrealtimetest.Fault{StatusCode: 502, Body: "<html>"}, func(t *testing.T, err error) {
			requireStatus(t, 502, err)
			require.ErrorContains(t, err, "text/html")
		}, 0},
		{"garbage under 200", ivsrealtimetest.Fault{StatusCode: 200, Body: `{"stage":7}`, ContentType: "application/json"}, func(t *testing.T, err error) {
			requireStatus(t, 200, err)
			require.ErrorContains(t, err, "stage: want an object")
		}, 0},
		{"reset before", ivsrealtimetest.Fault{Connection: ivsrealtimetest.ResetBeforeHandling}, func(t *testing.T, err error) {
			require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF), "%v", err)
		}, 0},
		{"reset after", ivsrealtimetest.Fault{Connection: ivsrealtimetest.ResetAfterHandling}, func(t *testing.T, err error) {
			require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF), "%v", err)
		}, 1},
		{"delay and error", ivsrealtimetest.Fault{Delay: time.Millisecond, Code: "Strange", StatusCode: 300}, func(t *testing.T, err error) {
			requireStatus(t, 300, err)
		}, 0},
		{"cut answer", ivsrealtimetest.Fault{Connection: ivsrealtimetest.TruncateResponse}, func(t *testing.T, err error) {
			requireStatus(t, 200, err)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, over := range []string{"in process", "HTTP"} {
				t.Run(over, func(t *testing.T) {
					srv := ivsrealtimetest.NewServer()
					client := srv.Client(once)
					if over == "HTTP" {
						h := httptest.NewServer(srv)
						defer h.Close()
						client = srv.Client(once, func(o *ivsrealtime.Options) { o.HTTPClient, o.BaseEndpoint = h.Client(), &h.URL })
					}
					srv.AddFault(tt.fault)
					err := createStage(t.Context(), client)
					require.Error(t, err)
					tt.check(t, err)
					require.Equal(t, tt.stages, countStages(t, srv))
				})
			}
		})
	}
}

// A response without a body cannot be cut in half, but a fault is never without effect.
func TestTruncateResponseWithoutABody(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	h := httptest.NewServer(srv)
	defer h.Close()
	for name, client := range map[string]*ivsrealtime.Client{
		"in process": srv.Client(once),
		"HTTP":       srv.Client(once, func(o *ivsrealtime.Options) { o.HTTPClient, o.BaseEndpoint = h.Client(), &h.URL }),
	} {
		srv.AddFault(ivsrealtimetest.Fault{Connection: ivsrealtimetest.TruncateResponse})
		revoke := &ivsrealtime.RevokeConnectionTokenInput{TokenID: "t1"}
		_, err := client.RevokeConnectionToken(t.Context(), revoke)
		require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF), "%s: %v", name, err)
		_, err = client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: "arn:aws:ivs:us-east-1:111122223333:stage/none"})
		require.ErrorContains(t, err, "ResourceNotFoundException: status 404 Not Found, the answer was cut off", "an error has a body: %s", name)
		srv.ClearFaults()
		_, err = client.RevokeConnectionToken(t.Context(), revoke)
		require.NoError(t, err, name)
	}
}

func requireStatus(t *testing.T, want int, err error) {
	t.Helper()
	var re *awshttp.ResponseError
	require.ErrorAs(t, err, &re)
	require.Equal(t, want, re.HTTPStatusCode())
}

func TestWhichCallsAFaultBefalls(t *testing.T) {
	tests := []struct {
		name  string
		fault ivsrealtimetest.Fault
		want  string // of five CreateStage calls: x fails, . goes well
	}{
		{"every call", ivsrealtimetest.Fault{Operation: "CreateStage", Code: "ConflictException"}, "xxxxx"},
		{"every call of all", ivsrealtimetest.Fault{Code: "ConflictException"}, "xxxxx"},
		{"of another operation", ivsrealtimetest.Fault{Operation: "GetStage", Code: "ConflictException"}, "....."},
		{"the first", ivsrealtimetest.Fault{Operation: "CreateStage", Times: 1, Code: "ConflictException"}, "x...."},
		{"the second", ivsrealtimetest.Fault{Operation: "CreateStage", After: 1, Times: 1, Code: "ConflictException"}, ".x..."},
		{"from the third on", ivsrealtimetest.Fault{Operation: "CreateStage", After: 2, Code: "ConflictException"}, "..xxx"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := ivsrealtimetest.NewServer()
			srv.AddFault(tt.fault)
			var got strings.Builder
			for range 5 {
				if createStage(t.Context(), srv.Client()) != nil {
					got.WriteByte('x')
				} else {
					got.WriteByte('.')
				}
			}
			require.Equal(t, tt.want, got.String())
			srv.ClearFaults()
			require.NoError(t, createStage(t.Context(), srv.Client()))
		})
	}
}

func TestFaultsThatAreRefused(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	for text, f := range map[string]ivsrealtimetest.Fault{
		`"MakeStage" is not an operation`: {Operation: "MakeStage", Delay: 1},
		"does nothing":                    {Operation: "CreateStage"},
		"Message has no effect without":   {Message: "m", Delay: 1},
		"or with Code":                    {Code: "ConflictException", StatusCode: 409, Body: "<html>"},
		"not a ConnectionFault":           {Connection: 9},
		"not a status":                    {StatusCode: 99},
		"must not be negative":            {Delay: time.Second, After: -1},
		"StatusCode 42 is not":            {Code: "X", StatusCode: 42},
		"StatusCode 101 is not":           {Code: "X", StatusCode: 101},
		"StatusCode 200 is not":           {Code: "X", StatusCode: 200},
		"StatusCode 1000 is not":          {Code: "X", StatusCode: 1000},
		"StatusCode -1 is not":            {Code: "X", StatusCode: -1},
		"more than one of":                {Code: "X", Connection: ivsrealtimetest.TruncateResponse},
		"one of Code, Connection":         {Code: "X", StatusCode: 502, Connection: ivsrealtimetest.ResetAfterHandling},
		"add one Fault for each":          {Connection: ivsrealtimetest.ResetBeforeHandling, StatusCode: 502},
		"no effect without StatusCode":    {Delay: time.Second, Body: "<html>"},
		"ContentType have no effect":      {Delay: time.Second, ContentType: "text/plain"},
		"no effect with StatusCode 204":   {StatusCode: 204, Body: "x"},
		"no effect with StatusCode 304":   {StatusCode: 304, Body: "x"},
	} {
		require.ErrorContains(t, f.Validate(), text)
		require.PanicsWithError(t, f.Validate().Error(), func() { srv.AddFault(f) })
	}
	require.NoError(t, createStage(t.Context(), srv.Client()))
}

// A lost answer is why a create operation can happen twice, and how one attempt
// prevents it.
func TestRetryAfterALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ivsrealtimetest.NewServer()
		lost := ivsrealtimetest.Fault{Operation: "CreateStage", Times: 1, Connection: ivsrealtimetest.ResetAfterHandling}
		srv.AddFault(lost)
		require.NoError(t, createStage(t.Context(), srv.Client()))
		require.Equal(t, 2, countStages(t, srv))

		srv.AddFault(lost)
		require.Error(t, createStage(t.Context(), srv.Client(), once))
		require.Equal(t, 3, countStages(t, srv))
	})
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ivsrealtimetest.NewServer()
		srv.AddFault(ivsrealtimetest.Fault{Times: 1, Delay: time.Minute})
		start := time.Now()
		require.NoError(t, createStage(t.Context(), srv.Client()))
		require.Equal(t, time.Minute, time.Since(start))

		srv.ClearFaults()
		srv.AddFault(ivsrealtimetest.Fault{Times: 1, Delay: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		require.ErrorIs(t, createStage(ctx, srv.Client()), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, 1, countStages(t, srv), "the work of the second call was not done")

		srv.AddFault(ivsrealtimetest.Fault{Operation: "CreateStage", Times: 1, Delay: time.Minute})
		require.NoError(t, createStage(t.Context(), srv.Client(), func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Second }))
		require.Len(t, srv.Calls("CreateStage"), 4)
	})
}

func TestThrottleCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.ThrottleCalls = true })
		for i := range 6 {
			err := createStage(t.Context(), srv.Client(once))
			require.Equal(t, i == 5, errors.Is(err, ivsrealtime.ErrThrottled), "call %d: %v", i, err)
		}
		_, err := srv.Client(once).ListStages(t.Context(), nil)
		require.NoError(t, err, "each operation counts for itself")
		time.Sleep(200 * time.Millisecond) // virtual: one call's worth
		require.NoError(t, createStage(t.Context(), srv.Client(once)))
		require.ErrorIs(t, createStage(t.Context(), srv.Client(once)), ivsrealtime.ErrThrottled)

		// A burst gets through with patience.
		time.Sleep(time.Second)
		patient := srv.Client(func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 20 })
		start := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := createStage(t.Context(), patient); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.GreaterOrEqual(t, time.Since(start), 3*time.Second, "20 calls at 5 a second, of which 5 at once")
	})
}

func TestCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.SessionToken = "session-token-of-the-test" })
		srv.AddFault(ivsrealtimetest.Fault{Operation: "CreateStage", Times: 1, Code: "InternalServerException"})
		_, err := srv.Client().CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "x", Tags: map[string]string{"a": "b"}})
		require.NoError(t, err)
		_, err = srv.Client().GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: "arn:aws:ivs:us-east-1:111122223333:stage/none"})
		require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
		_, err = srv.Client().ListPublicKeys(t.Context(), nil, func(o *ivsrealtime.Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "OTHER", SecretAccessKey: "other"}, nil
			})
		})
		require.Error(t, err)

		calls := srv.Calls()
		require.Len(t, calls, 4)
		first, second, third, refused := calls[0], calls[1], calls[2], calls[3]
		want := &ivsrealtime.CreateStageInput{Name: "x", Tags: map[string]string{"a": "b"}}
		require.Equal(t, want, first.Input)
		require.Equal(t, want, second.Input)
		require.Equal(t, 500, first.StatusCode)
		require.Equal(t, "InternalServerException", first.ErrorCode)
		require.Equal(t, []int{1, 2, 1}, []int{first.Attempt, second.Attempt, third.Attempt})
		require.Equal(t, first.InvocationID, second.InvocationID)
		require.NotEqual(t, first.InvocationID, third.InvocationID)
		require.NotEqual(t, first.RequestID, second.RequestID)
		require.Equal(t, 200, second.StatusCode)
		require.Empty(t, second.ErrorCode)
		require.True(t, second.Time.After(first.Time))
		require.Equal(t, "GetStage", third.Operation)
		require.Equal(t, "ResourceNotFoundException", third.ErrorCode)
		require.Equal(t, "ListPublicKeys", refused.Operation)
		require.Nil(t, refused.Input)
		require.Equal(t, "UnrecognizedClientException", refused.ErrorCode)
		require.Contains(t, first.Header.Get("User-Agent"), "aws-sdk-go-v2")

		text := fmt.Sprintf("%+v", calls)
		require.NotContains(t, text, "session-token-of-the-test")
		require.Contains(t, first.Header.Get("Authorization"), "Signature=[REDACTED]")

		// Copies: changing them changes nothing.
		first.Input.(*ivsrealtime.CreateStageInput).Tags["a"] = "changed"
		first.Header.Set("User-Agent", "changed")
		again := srv.Calls("CreateStage")
		require.Len(t, again, 2)
		require.Equal(t, want, again[0].Input)
		require.NotEqual(t, "changed", again[0].Header.Get("User-Agent"))

		srv.ResetCalls()
		require.Empty(t, srv.Calls())
	})
}

func TestCallsOfAnUnknownOperation(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	for _, names := range [][]string{{"typo"}, {"CreateStages"}, {"createStage"}, {""}, {"CreateStage", "GetStag"}} {
		require.PanicsWithError(t, fmt.Sprintf("ivsrealtimetest: Calls: %q is not an operation of the API", names[len(names)-1]), func() { srv.Calls(names...) })
	}
	require.Empty(t, srv.Calls("CreateStage", "GetStage"))
}

func TestCallsAreBounded(t *testing.T) {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.MaxCalls = 3 })
	for i := range 20 {
		_, err := srv.Client().CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: fmt.Sprint("s", i)})
		require.NoError(t, err)
		var names []string
		for _, c := range srv.Calls("CreateStage") {
			names = append(names, c.Input.(*ivsrealtime.CreateStageInput).Name)
		}
		var want []string
		for n := max(0, i-2); n <= i; n++ {
			want = append(want, fmt.Sprint("s", n))
		}
		require.Equal(t, want, names)
	}
}

// The errors that the API documents for each operation.
var modelledErrors = map[string]string{
	"CreateEncoderConfiguration":  "V AD NF C SQ PV IS",
	"CreateIngestConfiguration":   "V AD SQ PV",
	"CreateParticipantToken":      "V AD NF SQ PV",
	"CreateStage":                 "V AD SQ PV",
	"CreateStorageConfiguration":  "V AD NF C SQ PV IS",
	"DeleteEncoderConfiguration":  "V AD NF C SQ IS",
	"DeleteIngestConfiguration":   "V AD NF C PV",
	"DeletePublicKey":             "V AD NF C PV",
	"DeleteStage":                 "V AD NF C PV",
	"DeleteStorageConfiguration":  "V AD NF C SQ IS",
	"DisconnectParticipant":       "V AD NF PV",
	"GetComposition":              "V AD NF C SQ IS",
	"GetEncoderConfiguration":     "V AD NF C SQ IS",
	"GetStorageConfiguration":     "V AD NF C SQ IS",
	"GetIngestConfiguration":      "V AD NF",
	"GetParticipant":              "V AD NF",
	"GetPublicKey":                "V AD NF",
	"GetStage":                    "V AD NF",
	"GetStageSession":             "V AD NF",
	"ImportPublicKey":             "V AD C SQ PV",
	"ListCompositions":            "V AD C SQ IS",
	"ListEncoderConfigurations":   "V AD C SQ IS",
	"ListStorageConfigurations":   "V AD C SQ IS",
	"ListStages":                  "V AD C",
	"ListIngestConfigurations":    "V AD",
	"ListParticipantEvents":       "V AD",
	"ListParticipantReplicas":     "V AD",
	"ListParticipants":            "V AD",
	"ListPublicKeys":              "V AD",
	"ListStageSessions":           "V AD",
	"ListTagsForResource":         "V NF IS",
	"TagResource":                 "V NF IS",
	"UntagResource":               "V NF IS",
	"StartComposition":            "V AD NF C SQ PV IS",
	"StopComposition":             "V AD NF C SQ IS",
	"StartParticipantReplication": "V AD NF C SQ PV IS",
	"StopParticipantReplication":  "V AD NF IS",
	"UpdateIngestConfiguration":   "V AD NF C PV",
	"UpdateStage":                 "V AD NF C SQ PV",
	"RevokeConnectionToken":       "V AD IS",
}

// Every modelled error of every operation of the client can be provoked.
func TestEveryErrorOfEveryOperation(t *testing.T) {
	codes := map[string]struct {
		code     string
		sentinel error
	}{
		"V":  {"ValidationException", ivsrealtime.ErrValidation},
		"AD": {"AccessDeniedException", ivsrealtime.ErrAccessDenied},
		"NF": {"ResourceNotFoundException", ivsrealtime.ErrNotFound},
		"C":  {"ConflictException", ivsrealtime.ErrConflict},
		"SQ": {"ServiceQuotaExceededException", ivsrealtime.ErrQuotaExceeded},
		"PV": {"PendingVerification", ivsrealtime.ErrPendingVerification},
		"IS": {"InternalServerException", ivsrealtime.ErrInternal},
	}
	srv := ivsrealtimetest.NewServer()
	client := reflect.ValueOf(srv.Client(once))
	seen := 0
	for i := range client.NumMethod() {
		name, method := client.Type().Method(i).Name, client.Method(i)
		if !method.Type().IsVariadic() || method.Type().NumIn() != 3 {
			continue
		}
		seen++
		short, ok := modelledErrors[name]
		require.True(t, ok, name)
		in := reflect.New(method.Type().In(1).Elem())
		fillRequired(in.Elem())
		for _, s := range strings.Fields(short) {
			srv.ClearFaults()
			srv.AddFault(ivsrealtimetest.Fault{Operation: name, Code: codes[s].code})
			err := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})[1].Interface()
			require.ErrorIs(t, err.(error), codes[s].sentinel, name)
		}
	}
	require.Equal(t, len(modelledErrors), seen)
}

// fillRequired gives every required member of an input some value.
func fillRequired(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		if tag := v.Type().Field(i).Tag.Get("json"); tag == "-" || strings.Contains(tag, "omitzero") {
			continue
		}
		switch f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			if f.Index(0).Kind() == reflect.Struct {
				fillRequired(f.Index(0))
			}
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
			fillRequired(f.Elem())
		}
	}
}

func TestFaultsAndCallsSideBySide(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			if i%8 == 0 {
				srv.AddFault(ivsrealtimetest.Fault{Operation: "GetStage", Times: 1, Code: "ConflictException"})
			}
			if err := createStage(t.Context(), srv.Client()); err != nil {
				t.Error(err)
			}
			srv.Calls("CreateStage")
		})
	}
	wg.Wait()
	require.Len(t, srv.Calls("CreateStage"), 64)
}
