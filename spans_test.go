package ivsrealtime_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// keptSpans is a TracerProvider that keeps all that is said of the spans of this
// package; those of the core's HTTP client are only counted.
type keptSpans struct {
	scopes []string
	spans  []*keptSpan
}

type keptSpan struct {
	tracing.Span
	name       string
	kind       tracing.SpanKind
	properties map[any]any
	status     tracing.SpanStatus
	ended      int
}

func (k *keptSpans) Tracer(scope string, _ ...tracing.TracerOption) tracing.Tracer {
	k.scopes = append(k.scopes, scope)
	return k
}

func (k *keptSpans) StartSpan(ctx context.Context, name string, optFns ...tracing.SpanOption) (context.Context, tracing.Span) {
	var o tracing.SpanOptions
	for _, fn := range optFns {
		fn(&o)
	}
	s := &keptSpan{name: name, kind: o.Kind, properties: o.Properties.Values()}
	if s.properties == nil {
		s.properties = map[any]any{}
	}
	k.spans = append(k.spans, s)
	return tracing.WithSpan(ctx, s), s
}

func (s *keptSpan) Name() string                          { return s.name }
func (*keptSpan) Context() tracing.SpanContext            { return tracing.SpanContext{} }
func (*keptSpan) AddEvent(string, ...tracing.EventOption) {}
func (s *keptSpan) SetProperty(k, v any)                  { s.properties[k] = v }
func (s *keptSpan) SetStatus(status tracing.SpanStatus)   { s.status = status }
func (s *keptSpan) End()                                  { s.ended++ }

// of returns the spans of a name, and fails if one has not ended exactly once.
func (k *keptSpans) of(t *testing.T, name string) (found []*keptSpan) {
	t.Helper()
	for _, s := range k.spans {
		require.Equal(t, 1, s.ended, "how often %s ended", s.name)
		if s.name == name {
			found = append(found, s)
		}
	}
	return found
}

func TestSpanProperties(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keptSpans{}
		c := ivsrealtime.New(testOptions(answering(answer(500, `{"exceptionMessage":"x"}`, "x-amzn-errortype", "InternalServerException"), answer(200, stageAnswer))),
			func(o *ivsrealtime.Options) { o.TracerProvider = k })
		_, err := getStage(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, []string{"github.com/seed-433ec77c/ivsrealtime"}, k.scopes)

		call := k.of(t, "IVS RealTime.GetStage")
		require.Len(t, call, 1)
		require.Equal(t, map[any]any{"rpc.system": "aws-api", "rpc.method": "GetStage", "rpc.service": "IVS RealTime", "error": false}, call[0].properties)
		require.Equal(t, tracing.SpanKindClient, call[0].kind)
		require.Equal(t, tracing.SpanStatusOK, call[0].status)
		attempts := k.of(t, "Attempt")
		require.Len(t, attempts, 2)
		for i, attempt := range attempts {
			require.Equal(t, map[any]any{"operation.attempt": i + 1}, attempt.properties)
		}
		for name, want := range map[string]map[any]any{
			"ResolveAuthScheme": {"auth.scheme_id": "aws.auth#sigv4"},
			"ResolveEndpoint":   {"client.call.resolved_endpoint": "https://ivsrealtime.eu-west-1.amazonaws.com"},
			"GetIdentity":       {}, "ComputePayloadSHA256": {}, "SignRequest": {}, "OperationDeserializer": {},
		} {
			spans := k.of(t, name)
			require.Len(t, spans, 2, name)
			for _, s := range spans {
				require.Equal(t, want, s.properties, name)
			}
		}
	})
}

func TestSpanOfAFailedCall(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		in     *ivsrealtime.GetStageInput
		want   map[any]any
	}{
		"error of the service": {
			answer(404, `{"exceptionMessage":"no such stage"}`, "x-amzn-errortype", "ResourceNotFoundException"), &ivsrealtime.GetStageInput{ARN: testStageARN},
			map[any]any{
				"exception.type": "*http.ResponseError", "exception.message": "https response error StatusCode: 404, RequestID: , ResourceNotFoundException: no such stage",
				"api.error_code": "ResourceNotFoundException", "api.error_message": "no such stage", "api.error_fault": "client",
			},
		},
		"error of the input": {
			answer(200, stageAnswer), &ivsrealtime.GetStageInput{},
			map[any]any{"exception.type": "smithy.InvalidParamsError"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := &keptSpans{}
			_, err := ivsrealtime.New(testOptions(answering(tt.answer)), func(o *ivsrealtime.Options) { o.TracerProvider = k }).GetStage(t.Context(), tt.in)
			require.Error(t, err)
			call := k.of(t, "IVS RealTime.GetStage")
			require.Len(t, call, 1)
			require.Equal(t, tracing.SpanStatusError, call[0].status)
			require.Equal(t, true, call[0].properties["error"])
			for key, want := range tt.want {
				require.Equal(t, want, call[0].properties[key])
			}
			require.Equal(t, len(tt.want) > 1, call[0].properties["api.error_code"] != nil)
		})
	}
}

// Every span ends, wherever a call fails.
func TestSpansEndWhereACallFails(t *testing.T) {
	boom := errors.New("boom")
	for name, option := range map[string]func(*ivsrealtime.Options){
		"credentials": func(o *ivsrealtime.Options) {
			o.Credentials = providerFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, boom })
		},
		"transport": func(o *ivsrealtime.Options) { o.HTTPClient = answering(failing(boom)) },
		"decoding":  func(o *ivsrealtime.Options) { o.HTTPClient = answering(answer(200, `{"stage":`)) },
	} {
		t.Run(name, func(t *testing.T) {
			k := &keptSpans{}
			_, err := getStage(t.Context(), ivsrealtime.New(testOptions(nil), option, func(o *ivsrealtime.Options) {
				o.TracerProvider, o.RetryMaxAttempts = k, 1
			}))
			require.Error(t, err)
			require.Len(t, k.of(t, "RetryLoop"), 1)
		})
	}
}

// keptInstruments is a MeterProvider that keeps the units of the instruments.
type keptInstruments struct {
	metrics.NopMeter
	units map[string]string
	fail  string // the instrument that cannot be made
}

func (k *keptInstruments) Meter(string, ...metrics.MeterOption) metrics.Meter { return k }

func (k *keptInstruments) describe(name string, optFns []metrics.InstrumentOption) error {
	var o metrics.InstrumentOptions
	for _, fn := range optFns {
		fn(&o)
	}
	if strings.HasPrefix(name, "client.call.") {
		k.units[name] = o.UnitLabel
		if o.Description == "" {
			return errors.New("no description of " + name)
		}
	}
	if name == k.fail {
		return errors.New("cannot make " + name)
	}
	return nil
}

func (k *keptInstruments) Float64Histogram(name string, optFns ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	i, _ := k.NopMeter.Float64Histogram(name)
	return i, k.describe(name, optFns)
}

func (k *keptInstruments) Int64Counter(name string, optFns ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	i, _ := k.NopMeter.Int64Counter(name)
	return i, k.describe(name, optFns)
}

func TestInstruments(t *testing.T) {
	k := &keptInstruments{units: map[string]string{}}
	withMeter := func(o *ivsrealtime.Options) { o.MeterProvider = k } // alone makes the call take the stack
	c := ivsrealtime.New(testOptions(answering(answer(200, stageAnswer))), withMeter)
	_, err := getStage(t.Context(), c)
	require.NoError(t, err)
	want := map[string]string{
		"client.call.duration":                       "s",
		"client.call.serialization_duration":         "s",
		"client.call.auth.resolve_identity_duration": "s",
		"client.call.resolve_endpoint_duration":      "s",
		"client.call.auth.signing_duration":          "s",
		"client.call.deserialization_duration":       "s",
		"client.call.attempt_duration":               "s",
		"client.call.attempts":                       "{attempt}",
		"client.call.errors":                         "{error}",
	}
	require.Equal(t, want, k.units)
	for name := range want {
		k.fail = name
		_, err := getStage(t.Context(), c)
		require.ErrorContains(t, err, "make the metrics of the call: cannot make "+name)
	}
}
