package ecosystem

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go/metrics/smithyotelmetrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing/smithyoteltracing"
	"github.com/stretchr/testify/require"
	//lint:ignore SA1019 users have it
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	responses "github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// attributes writes down attributes in order. Texts of errors are left out.
func attributes(set []attribute.KeyValue) string {
	var out []string
	for _, kv := range set {
		value := kv.Value.String()
		switch kv.Key {
		case "exception.message", "api.error_message":
			value = fmt.Sprintf("(text: %t)", value != "")
		case "http.request_content_length": // the operations differ
			value = fmt.Sprintf("(known: %t)", kv.Value.AsInt64() > 0)
		case "server.address", "net.peer.name", "net.peer.port":
			value = "..."
		}
		out = append(out, string(kv.Key)+"="+value)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// spans writes down the spans of a recorder, each with its way from the root, in
// the order of their beginning.
func spans(recorder *tracetest.SpanRecorder) (lines []string) {
	names := map[trace.SpanID]string{}
	started := recorder.Started()
	for _, s := range started {
		names[s.SpanContext().SpanID()] = names[s.Parent().SpanID()] + "/" + s.Name()
	}
	for _, s := range started {
		line := fmt.Sprintf("%s kind %s status %s scope %s ended %t: %s",
			names[s.SpanContext().SpanID()], s.SpanKind(), s.Status().Code, s.InstrumentationScope().Name, !s.EndTime().IsZero(), attributes(s.Attributes()))
		for _, e := range s.Events() {
			line += " event " + e.Name
		}
		lines = append(lines, line)
	}
	return lines
}

// OpenTelemetry as middleware.
func TestOtelMiddleware(t *testing.T) {
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "OpenTelemetry through APIOptions", With: oracle.name}, otelDifferences)
		for _, sc := range scenarios {
			play := func(s subject) []string {
				recorder := tracetest.NewSpanRecorder()
				provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
				var api []func(*middleware.Stack) error
				otelaws.AppendMiddlewares(&api, otelaws.WithTracerProvider(provider), otelaws.WithTextMapPropagator(propagation.TraceContext{}))
				srv, _, _ := s.run(t, sc, setup{api: api})
				return s.neutral(append(spans(recorder), headers(srv.requests)...))
			}
			c.Case(sc.name, sc.name, play(oracle), play(ours))
		}
		c.Done()
	}
}

// OpenTelemetry as a TracerProvider, below a span of the caller.
func TestTracerProvider(t *testing.T) {
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "spans through TracerProvider", With: oracle.name}, spanDifferences(oracle.name))
		for _, sc := range scenarios {
			play := func(s subject) []string {
				recorder := tracetest.NewSpanRecorder()
				provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
				srv := &server{scenario: sc}
				ctx, span := provider.Tracer("caller").Start(t.Context(), "caller")
				_, _ = s.call(ctx, setup{tracer: smithyoteltracing.Adapt(provider), http: srv, invalid: sc.invalid})
				span.End()
				return s.neutral(append(spans(recorder), headers(srv.requests)...))
			}
			c.Case(sc.name, sc.name, play(oracle), play(ours))
		}
		c.Done()
	}
}

// recorded writes down all that a reader has: how often each instrument was
// written to with which attributes.
func recorded(t *testing.T, reader sdkmetric.Reader) (lines []string) {
	var data metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &data))
	add := func(scope string, m metricdata.Metrics, kind string, set attribute.Set, count string) {
		if strings.HasPrefix(m.Name, "client.http.connections.") {
			count = "some" // whether a connection is back in time to be used again is up to the scheduler
		}
		lines = append(lines, fmt.Sprintf("%s %s %s unit %q: %s; %s", scope, m.Name, kind, m.Unit, attributes(set.ToSlice()), count))
	}
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Histogram[float64]:
				for _, p := range d.DataPoints {
					add(scope.Scope.Name, m, "histogram", p.Attributes, fmt.Sprintf("%d times", p.Count))
				}
			case metricdata.Sum[int64]:
				for _, p := range d.DataPoints {
					add(scope.Scope.Name, m, fmt.Sprintf("counter, monotonic %t", d.IsMonotonic), p.Attributes, fmt.Sprintf("%d in all", p.Value))
				}
			case metricdata.Gauge[int64]:
				for _, p := range d.DataPoints {
					add(scope.Scope.Name, m, "gauge", p.Attributes, "")
				}
			default:
				add(scope.Scope.Name, m, fmt.Sprintf("%T", d), attribute.Set{}, "")
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func TestMeterProvider(t *testing.T) {
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "metrics through MeterProvider", With: oracle.name}, metricDifferences)
		for _, sc := range scenarios {
			play := func(s subject) []string {
				reader := sdkmetric.NewManualReader()
				provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
				_, _, _ = s.run(t, sc, setup{meter: smithyotelmetrics.Adapt(provider)})
				return s.neutral(recorded(t, reader))
			}
			c.Case(sc.name, sc.name, play(oracle), play(ours))
		}
		c.Done()
	}
}

// Metrics and spans of real connections, which net/http tells about.
func TestConnections(t *testing.T) {
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "metrics and spans of connections", With: oracle.name}, spanDifferences(oracle.name))
		for _, status := range []int{200, 400, 503} {
			play := func(s subject) []string {
				srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					w.Header().Set("Content-Type", "application/json")
					w.Header().Set("X-Amzn-Requestid", "request-1")
					w.WriteHeader(status)
					_, _ = io.WriteString(w, responses.Least)
				}))
				defer srv.Close()
				reader := sdkmetric.NewManualReader()
				provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
				recorder := tracetest.NewSpanRecorder()
				tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
				client := srv.Client()
				transport := client.Transport.(*http.Transport)
				transport.TLSClientConfig.ServerName = "example.com"
				transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
				}
				for range 2 { // so that a connection is used again
					_, _ = s.call(t.Context(), setup{http: client, meter: smithyotelmetrics.Adapt(provider), tracer: smithyoteltracing.Adapt(tracers)})
				}
				return s.neutral(append(spans(recorder), recorded(t, reader)...))
			}
			name := fmt.Sprintf("status %d", status)
			c.Case(name, name, play(oracle), play(ours))
		}
		c.Done()
	}
}
