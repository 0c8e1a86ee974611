package ivsrealtime_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// What a caller's Retryer, tracer, meter or logger returns may be nil, too.
func TestNilsThatOptionsReturn(t *testing.T) {
	for name, set := range map[string]func(*ivsrealtime.Options){
		"Retryer, no functions":       func(o *ivsrealtime.Options) { o.Retryer = retryerOfNil{retry.NewStandard()} },
		"older Retryer, no functions": func(o *ivsrealtime.Options) { o.Retryer = olderRetryerOfNil{retry.NewStandard()} },
		"Retryer with a limit":        func(o *ivsrealtime.Options) { o.Retryer, o.RetryMaxAttempts = retryerOfNil{retry.NewStandard()}, 4 },
		"Tracer, no span":             func(o *ivsrealtime.Options) { o.TracerProvider = telemetry{tracer: tracerFunc(noSpan)} },
		"Tracer, no span or context":  func(o *ivsrealtime.Options) { o.TracerProvider = telemetry{tracer: tracerFunc(nothing)} },
		"Tracer, a span of nil":       func(o *ivsrealtime.Options) { o.TracerProvider = telemetry{tracer: tracerFunc(spanOfNil)} },
		"Tracer, a pointer":           func(o *ivsrealtime.Options) { o.TracerProvider = telemetry{tracer: (*noTracer)(nil)} },
		"Tracer, a function":          func(o *ivsrealtime.Options) { o.TracerProvider = telemetry{tracer: tracerFunc(nil)} },
		"Meter, no instruments":       func(o *ivsrealtime.Options) { o.MeterProvider = telemetry{meter: meterOfNil{}} },
		"Meter, instruments of nil":   func(o *ivsrealtime.Options) { o.MeterProvider = telemetry{meter: meterOfNil{pointers: true}} },
		"Meter, a pointer":            func(o *ivsrealtime.Options) { o.MeterProvider = telemetry{meter: (*meterOfNil)(nil)} },
		"Meter, a pointer to a nop":   func(o *ivsrealtime.Options) { o.MeterProvider = telemetry{meter: &metrics.NopMeter{}} },
		"Logger, none of the context": func(o *ivsrealtime.Options) { o.Logger, o.ClientLogMode = loggerOfNil{}, everyLog },
		"Logger, nil of the context":  func(o *ivsrealtime.Options) { o.Logger, o.ClientLogMode = loggerOfNil{pointer: true}, everyLog },
		"http.Client, a nil transport": func(o *ivsrealtime.Options) {
			o.HTTPClient = &http.Client{Transport: (*http.Transport)(nil)}
		},
		"http.Client, a nil RoundTripper": func(o *ivsrealtime.Options) {
			o.HTTPClient = &http.Client{Transport: roundTripper(nil)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr := answering(answer(500, `{}`), answer(200, stageAnswer))
			replaceDefaultTransport(t, roundTripper(tr.Do))
			ofCall := set
			inBubble(t, func(t *testing.T, newClient newClientFunc) {
				*tr = *answering(answer(500, `{}`), answer(200, stageAnswer))
				_, err := getStage(t.Context(), newClient(tr, set))
				require.NoError(t, err)
				require.Equal(t, 2, tr.count())

				*tr = *answering(answer(500, `{}`), answer(200, stageAnswer))
				_, err = getStage(t.Context(), newClient(tr), ofCall)
				require.NoError(t, err)
				require.Equal(t, 2, tr.count())
			})
		})
	}
}

const everyLog = aws.LogRequestWithBody | aws.LogResponseWithBody | aws.LogRetries | aws.LogSigning

type retryerOfNil struct{ *retry.Standard }

func (retryerOfNil) GetAttemptToken(context.Context) (func(error) error, error)      { return nil, nil }
func (retryerOfNil) GetRetryToken(context.Context, error) (func(error) error, error) { return nil, nil }

type olderRetryerOfNil struct{ aws.Retryer }

func (olderRetryerOfNil) GetInitialToken() func(error) error { return nil }
func (olderRetryerOfNil) GetRetryToken(context.Context, error) (func(error) error, error) {
	return nil, nil
}

// telemetry provides the one meter and the one tracer that it holds.
type telemetry struct {
	meter  metrics.Meter
	tracer tracing.Tracer
}

func (p telemetry) Meter(string, ...metrics.MeterOption) metrics.Meter    { return p.meter }
func (p telemetry) Tracer(string, ...tracing.TracerOption) tracing.Tracer { return p.tracer }

type tracerFunc func(context.Context) (context.Context, tracing.Span)

func (f tracerFunc) StartSpan(ctx context.Context, _ string, _ ...tracing.SpanOption) (context.Context, tracing.Span) {
	return f(ctx)
}

func noSpan(ctx context.Context) (context.Context, tracing.Span)    { return ctx, nil }
func nothing(context.Context) (context.Context, tracing.Span)       { return nil, nil }
func spanOfNil(ctx context.Context) (context.Context, tracing.Span) { return ctx, (*testSpan)(nil) }

type testSpan struct{ tracing.Span }

type noTracer struct{ tracing.Tracer }

// meterOfNil makes nothing, or pointers to nothing.
type meterOfNil struct {
	metrics.Meter
	pointers bool
}

type testInstrument struct {
	metrics.Int64Counter
	metrics.Float64Histogram
}

func (i *testInstrument) Add(ctx context.Context, n int64, o ...metrics.RecordMetricOption) {
	i.Int64Counter.Add(ctx, n, o...)
}

func (m meterOfNil) Int64Counter(string, ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	if m.pointers {
		return (*testInstrument)(nil), nil
	}
	return nil, nil
}

func (m meterOfNil) Int64UpDownCounter(string, ...metrics.InstrumentOption) (metrics.Int64UpDownCounter, error) {
	if m.pointers {
		return (*testInstrument)(nil), nil
	}
	return nil, nil
}

func (m meterOfNil) Float64Histogram(string, ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	if m.pointers {
		return (*testInstrument)(nil), nil
	}
	return nil, nil
}

// loggerOfNil has no logger for a context.
type loggerOfNil struct{ pointer bool }

func (loggerOfNil) Logf(logging.Classification, string, ...any) {}

func (l loggerOfNil) WithContext(context.Context) logging.Logger {
	if l.pointer {
		return (*logging.StandardLogger)(nil)
	}
	return nil
}
