package ivsevents_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

var errHandler = errors.New("the database is away")

// recorder is a Mux that notes what it does.
type recorder struct {
	*ivsevents.Mux
	got     []string // what the handlers saw
	invalid []string // what OnInvalid saw
	log     bytes.Buffer
	fail    error // of the handler for ParticipantPublished
}

func newRecorder(optFns ...func(*ivsevents.MuxOptions)) *recorder {
	r := &recorder{}
	r.Mux = ivsevents.NewMux(append([]func(*ivsevents.MuxOptions){func(o *ivsevents.MuxOptions) {
		o.Logger = slog.New(slog.NewTextHandler(&r.log, nil))
	}}, optFns...)...)
	ivsevents.On(r.Mux, func(_ context.Context, e *ivsevents.ParticipantPublished) error {
		r.got = append(r.got, "published "+e.UserID)
		return r.fail
	})
	ivsevents.On(r.Mux, func(_ context.Context, e *ivsevents.RecordingEnd) error {
		r.got = append(r.got, "recorded "+e.RecordingS3BucketName)
		return nil
	})
	return r
}

// keepInvalid is an option of a recorder.
func (r *recorder) keepInvalid(o *ivsevents.MuxOptions) {
	o.OnInvalid = func(_ context.Context, data []byte, err error) error {
		r.invalid = append(r.invalid, string(data)+": "+err.Error())
		return nil
	}
}

const foreign = `{"source":"aws.s3","detail-type":"Object Created","detail":{}}`

func TestMuxDispatch(t *testing.T) {
	mux, ctx := &ivsevents.Mux{}, t.Context() // the zero value will do
	require.NoError(t, mux.Dispatch(ctx, &ivsevents.RecordingEnd{}))

	var got []string
	note := func(s string, err error) error {
		got = append(got, s)
		return err
	}
	first, last := errors.New("first"), errors.New("last")
	ivsevents.On(mux, func(ctx context.Context, e ivsevents.Event) error {
		return note("any "+string(e.Summary().Name), first)
	})
	ivsevents.On(mux, func(ctx context.Context, e *ivsevents.RecordingEnd) error { return note("end", nil) })
	ivsevents.On(mux, func(ctx context.Context, e *ivsevents.RecordingStart) error { return note("start", nil) })
	ivsevents.On(mux, func(ctx context.Context, e *ivsevents.LowLatency) error { return note("low latency", nil) })
	ivsevents.On(mux, func(ctx context.Context, e *ivsevents.RecordingEnd) error { return note("end again", last) })

	err := mux.Dispatch(ctx, &ivsevents.RecordingEnd{})
	require.Equal(t, []string{"any Recording End", "end", "end again"}, got)
	require.ErrorIs(t, err, first)
	require.ErrorIs(t, err, last)

	got = nil
	require.ErrorIs(t, mux.Dispatch(ctx, &ivsevents.LowLatency{EventName: "Stream End"}), first)
	require.ErrorIs(t, mux.Dispatch(ctx, &ivsevents.Unknown{EventName: "New"}), first)
	require.Equal(t, []string{"any Stream End", "low latency", "any New"}, got)

	t.Run("in another", func(t *testing.T) {
		outer := ivsevents.NewMux()
		ivsevents.On(outer, mux.Dispatch)
		got = nil
		require.ErrorIs(t, outer.Dispatch(ctx, &ivsevents.RecordingStart{}), first)
		require.Equal(t, []string{"any Recording Start", "start"}, got)
	})
	t.Run("context", func(t *testing.T) {
		type key struct{}
		mux := ivsevents.NewMux()
		ivsevents.On(mux, func(ctx context.Context, e ivsevents.Event) error {
			require.Equal(t, "value", ctx.Value(key{}))
			return nil
		})
		require.NoError(t, mux.Dispatch(context.WithValue(ctx, key{}, "value"), &ivsevents.RecordingEnd{}))
	})
	t.Run("nil handler", func(t *testing.T) {
		require.Panics(t, func() { ivsevents.On[ivsevents.Event](mux, nil) })
	})
}

// Events under another source reach handlers only if an option names the source.
func TestMuxSources(t *testing.T) {
	own := strings.Replace(publishedJSON("", `,"user_id":"anna"`), "aws.ivs", "test.ivs", 1)
	r := newRecorder(func(o *ivsevents.MuxOptions) { o.NoAuthorization = true })
	_, err := r.Lambda(t.Context(), []byte(own))
	require.NoError(t, err)
	require.NoError(t, r.SQS(t.Context(), own))
	require.NoError(t, r.SQS(t.Context(), notification(t, own)))
	require.Equal(t, 400, serve(r, "POST", own).Code)
	require.Empty(t, r.got)
	require.Equal(t, 4, strings.Count(r.log.String(), "event dropped"))

	sources := []string{"test.ivs"}
	r = newRecorder(func(o *ivsevents.MuxOptions) { o.NoAuthorization, o.Sources = true, sources }, nil)
	sources[0] = "changed later"
	_, err = r.Lambda(t.Context(), []byte(own))
	require.NoError(t, err)
	require.NoError(t, r.SQS(t.Context(), notification(t, own)))
	require.Equal(t, 204, serve(r, "POST", own).Code)
	require.Equal(t, []string{"published anna", "published anna", "published anna"}, r.got)
}

func TestMuxOnInvalid(t *testing.T) {
	var got error
	var data string
	answer := error(nil)
	mux := ivsevents.NewMux(func(o *ivsevents.MuxOptions) {
		o.OnInvalid = func(ctx context.Context, d []byte, err error) error {
			data, got = string(d), err
			return answer
		}
	})
	require.NoError(t, mux.SQS(t.Context(), foreign))
	require.ErrorIs(t, got, ivsevents.ErrNotIVS)
	require.Equal(t, foreign, data)
	require.NoError(t, mux.SQS(t.Context(), `{}`))
	require.ErrorIs(t, got, ivsevents.ErrMalformed)

	answer = errHandler
	require.ErrorIs(t, mux.SQS(t.Context(), foreign), errHandler)
}
