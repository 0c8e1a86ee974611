package fake_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func once(o *official.Options) { o.RetryMaxAttempts = 1 }

// create makes a stage and returns the error.
func (w *world) create(ctx context.Context, optFns ...func(*official.Options)) error {
	_, err := w.client.CreateStage(ctx, &official.CreateStageInput{Name: aws.String("x")}, optFns...)
	return err
}

func (w *world) stages() int {
	w.Helper()
	w.srv.ClearFaults()
	return len(call(w, w.client.ListStages, &official.ListStagesInput{}).Stages)
}

func requireStatus(w *world, want int, err error) {
	w.Helper()
	var re *awshttp.ResponseError
	require.ErrorAs(w, err, &re)
	require.Equal(w, want, re.HTTPStatusCode())
	require.Len(w, re.ServiceRequestID(), 36)
}

func requireCode(w *world, want string, err error) {
	w.Helper()
	var e smithy.APIError
	require.ErrorAs(w, err, &e)
	require.Equal(w, want, e.ErrorCode())
}

var troubleStories = []story{
	{name: "errors of every kind", options: func(o *ivsrealtimetest.Options) { o.ModelledErrors = true }, tell: func(w *world) {
		for code, tt := range map[string]struct {
			status int
			kind   error
		}{
			"AccessDeniedException":         {403, &types.AccessDeniedException{}},
			"ConflictException":             {409, &types.ConflictException{}},
			"InternalServerException":       {500, &types.InternalServerException{}},
			"PendingVerification":           {403, &types.PendingVerification{}},
			"ResourceNotFoundException":     {404, &types.ResourceNotFoundException{}},
			"ServiceQuotaExceededException": {402, &types.ServiceQuotaExceededException{}},
			"ValidationException":           {400, &types.ValidationException{}},
		} {
			w.srv.ClearFaults()
			w.srv.AddFault(ivsrealtimetest.Fault{Code: code, Message: "as told"})
			// The one operation that models all seven.
			_, err := w.client.StartComposition(w.Context(), composition("s", "t", "e"), once)
			requireStatus(w, tt.status, err)
			requireCode(w, code, err)
			target := reflect.New(reflect.TypeOf(tt.kind))
			require.True(w, errors.As(err, target.Interface()), "%s: %v", code, err)
			require.Equal(w, "as told", *target.Elem().Elem().FieldByName("ExceptionMessage").Interface().(*string), code)
		}
		w.srv.ClearFaults()
		w.srv.AddFault(ivsrealtimetest.Fault{Code: "Strange", Message: "as told", StatusCode: 418})
		err := w.create(w.Context(), once)
		requireStatus(w, 418, err)
		requireCode(w, "Strange", err)
	}},

	{name: "errors as the service sends them", tell: func(w *world) {
		_, err := w.client.GetStage(w.Context(), &official.GetStageInput{Arn: aws.String("arn:aws:ivs:us-east-1:111122223333:stage/none")})
		requireStatus(w, 404, err)
		requireCode(w, "ResourceNotFoundException", err)
		w.srv.AddFault(ivsrealtimetest.Fault{Code: "AccessDeniedException", Message: "as told"})
		err = w.create(w.Context(), once)
		requireStatus(w, 403, err)
		requireCode(w, "AccessDeniedException", err)
	}},

	{name: "a quota", options: func(o *ivsrealtimetest.Options) { o.Quotas.Stages = 2 }, tell: func(w *world) {
		w.newStage("1")
		w.newStage("2")
		err := w.create(w.Context())
		requireStatus(w, 402, err)
		requireCode(w, "ServiceQuotaExceededException", err)
		require.Equal(w, 2, w.stages())
	}},

	{name: "throttling", options: func(o *ivsrealtimetest.Options) { o.ThrottleCalls = true }, tell: func(w *world) {
		for range 5 {
			require.NoError(w, w.create(w.Context(), once))
		}
		err := w.create(w.Context(), once)
		requireStatus(w, 429, err)
		requireCode(w, "ThrottlingException", err)
		w.srv.ResetCalls()
		require.Error(w, w.create(w.Context()))
		require.Len(w, w.srv.Calls("CreateStage"), 3, "a throttle is retried")
		w.clock.Advance(200 * time.Millisecond)
		require.NoError(w, w.create(w.Context(), once))
		require.Equal(w, 6, w.stages())
	}},

	{name: "faults", tell: func(w *world) {
		for name, tt := range map[string]struct {
			fault  ivsrealtimetest.Fault
			check  func(error)
			stages int // made by the call, not retried
		}{
			"429":          {ivsrealtimetest.Fault{Code: "TooManyRequestsException"}, func(err error) { requireStatus(w, 429, err) }, 0},
			"HTML":         {ivsrealtimetest.Fault{StatusCode: 502, Body: "<html>"}, func(err error) { requireStatus(w, 502, err) }, 0},
			"garbage":      {ivsrealtimetest.Fault{StatusCode: 200, Body: `{"stage":`, ContentType: "application/json"}, func(err error) { requireStatus(w, 200, err) }, 0},
			"reset before": {ivsrealtimetest.Fault{Connection: ivsrealtimetest.ResetBeforeHandling}, w.requireReset, 0},
			"reset after":  {ivsrealtimetest.Fault{Connection: ivsrealtimetest.ResetAfterHandling}, w.requireReset, 1},
			"cut answer": {ivsrealtimetest.Fault{Connection: ivsrealtimetest.TruncateResponse}, func(err error) {
				require.ErrorIs(w, err, io.ErrUnexpectedEOF)
			}, 1},
		} {
			w.srv.ClearFaults()
			before := w.stages()
			w.srv.AddFault(tt.fault)
			err := w.create(w.Context(), once)
			require.Error(w, err, name)
			tt.check(err)
			require.Equal(w, tt.stages, w.stages()-before, name)
		}
		before := w.stages()
		w.srv.AddFault(ivsrealtimetest.Fault{Operation: "CreateStage", Times: 1, Connection: ivsrealtimetest.ResetAfterHandling})
		require.NoError(w, w.create(w.Context()))
		require.Equal(w, 2, w.stages()-before, "what a retry after a lost answer does")

		w.srv.AddFault(ivsrealtimetest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(w.Context(), 20*time.Millisecond)
		defer cancel()
		require.ErrorIs(w, w.create(ctx), context.DeadlineExceeded)
	}},

	{name: "signatures", tell: func(w *world) {
		for _, c := range []aws.CredentialsProvider{
			credentials.NewStaticCredentialsProvider("FAKEACCESSKEYID", "another secret", ""),
			credentials.NewStaticCredentialsProvider("ANOTHERKEYID", "fake-secret-access-key", ""),
			credentials.NewStaticCredentialsProvider("FAKEACCESSKEYID", "fake-secret-access-key", "a session token"),
		} {
			err := w.create(w.Context(), func(o *official.Options) { o.Credentials = c })
			requireStatus(w, http.StatusForbidden, err)
		}
		requireStatus(w, http.StatusForbidden, w.create(w.Context(), official.WithSigV4SigningRegion("us-west-2")))
		w.clock.Advance(time.Hour)
		require.NoError(w, w.create(w.Context()), "the client corrects its clock by the Date of the refusal")
	}},
}

func (w *world) requireReset(err error) {
	w.Helper()
	require.True(w, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF), "%v", err)
}
