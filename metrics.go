package ivsrealtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
)

// The durations of a call that are measured, and their names at the official
// clients.
type duration int

const (
	callDuration duration = iota
	serializationDuration
	identityDuration
	endpointDuration
	signingDuration
	deserializationDuration
	attemptDuration
	numDurations
)

// callMetrics are the instruments of a call. A nil *callMetrics measures nothing.
type callMetrics struct {
	durations        [numDurations]metrics.Float64Histogram
	attempts, errors metrics.Int64Counter
}

func newCallMetrics(meter metrics.Meter) (*callMetrics, error) {
	names := [numDurations]struct{ name, text string }{
		callDuration:            {"client.call.duration", "Overall call duration, retries and the reading of the answer included"},
		serializationDuration:   {"client.call.serialization_duration", "Time to encode the input"},
		identityDuration:        {"client.call.auth.resolve_identity_duration", "Time to get the credentials"},
		endpointDuration:        {"client.call.resolve_endpoint_duration", "Time to resolve the endpoint (not DNS)"},
		signingDuration:         {"client.call.auth.signing_duration", "Time to sign the request"},
		deserializationDuration: {"client.call.deserialization_duration", "Time to read and decode the answer"},
		attemptDuration:         {"client.call.attempt_duration", "Time of one attempt"},
	}
	m := new(callMetrics)
	var errs [numDurations + 2]error
	for i, n := range names {
		m.durations[i], errs[i] = meter.Float64Histogram(n.name, func(o *metrics.InstrumentOptions) {
			o.UnitLabel, o.Description = "s", n.text
		})
	}
	m.attempts, errs[numDurations] = meter.Int64Counter("client.call.attempts", func(o *metrics.InstrumentOptions) {
		o.UnitLabel, o.Description = "{attempt}", "Number of attempts"
	})
	m.errors, errs[numDurations+1] = meter.Int64Counter("client.call.errors", func(o *metrics.InstrumentOptions) {
		o.UnitLabel, o.Description = "{error}", "Number of attempts that failed"
	})
	return m, errors.Join(errs[:]...)
}

// time starts a measurement; the function it returns ends it.
func (m *callMetrics) time(ctx context.Context, d duration, optFns ...metrics.RecordMetricOption) func() {
	if m == nil {
		return func() {}
	}
	start := time.Now()
	optFns = append(optFns, operationProperties(ctx))
	return func() { m.durations[d].Record(ctx, time.Since(start).Seconds(), optFns...) }
}

// startAttempt counts an attempt; the function it returns ends it.
func (m *callMetrics) startAttempt(ctx context.Context) func(error) {
	if m == nil {
		return func(error) {}
	}
	m.attempts.Add(ctx, 1, operationProperties(ctx))
	end := m.time(ctx, attemptDuration)
	return func(err error) {
		end()
		if err == nil {
			return
		}
		kind := fmt.Sprintf("%T", err)
		var apiErr smithy.APIError
		if errors.As(err, &apiErr) {
			kind = apiErr.ErrorCode()
		}
		m.errors.Add(ctx, 1, operationProperties(ctx), func(o *metrics.RecordMetricOptions) {
			o.Properties.Set("exception.type", kind)
		})
	}
}

// authSchemeKey is the property of spans and metrics that says how a request is
// signed.
const authSchemeKey = "auth.scheme_id"

func authSchemeProperty(scheme string) metrics.RecordMetricOption {
	return func(o *metrics.RecordMetricOptions) { o.Properties.Set(authSchemeKey, scheme) }
}

func operationProperties(ctx context.Context) metrics.RecordMetricOption {
	return func(o *metrics.RecordMetricOptions) {
		o.Properties.Set("rpc.service", middleware.GetServiceID(ctx))
		o.Properties.Set("rpc.method", middleware.GetOperationName(ctx))
	}
}
