// Opentelemetry gives the client an OpenTelemetry tracer and meter and prints the
// spans and metrics of two calls to the fake service. A program of its own has an
// exporter to its collector in place of printer and the manual reader.
//
//	go run ./opentelemetry
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"slices"

	"github.com/aws/smithy-go/metrics/smithyotelmetrics"
	"github.com/aws/smithy-go/tracing/smithyoteltracing"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer) error {
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(printer{w}))
	defer tracers.Shutdown(ctx)
	reader := sdkmetric.NewManualReader()
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	defer meters.Shutdown(ctx)

	// These two lines are what the client needs.
	telemetry := func(o *ivsrealtime.Options) {
		o.TracerProvider = smithyoteltracing.Adapt(tracers)
		o.MeterProvider = smithyotelmetrics.Adapt(meters)
	}
	client := ivsrealtimetest.NewServer().Client(telemetry) // a program: ivsrealtime.NewFromConfig(cfg, telemetry)

	// The client's spans are children of the span in the context.
	ctx, span := tracers.Tracer("example").Start(ctx, "open the lobby")
	out, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "lobby"})
	if err == nil {
		_, err = client.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: out.Stage.ARN})
	}
	span.End()
	if err != nil {
		return err
	}

	var data metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &data); err != nil {
		return fmt.Errorf("collect the metrics: %w", err)
	}
	var names []string
	for _, scope := range data.ScopeMetrics {
		for _, m := range scope.Metrics {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		fmt.Fprintln(w, "metric", name)
	}
	return nil
}

// printer is an exporter of spans that writes their names.
type printer struct{ w io.Writer }

func (p printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		fmt.Fprintln(p.w, "span", s.Name())
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }
