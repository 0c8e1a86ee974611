package ivsrealtime

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// isNil reports whether v is nil, or an interface that holds a nil pointer or a
// nil function. A nil map or slice can be as good a value as any.
func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || (r.Kind() == reflect.Pointer || r.Kind() == reflect.Func) && r.IsNil()
}

// dropNils makes the options that hold a nil pointer or function nil themselves,
// so that the rest of the package need look for nothing else.
func (o *Options) dropNils() {
	if hollow[aws.CredentialsProvider](reflect.ValueOf(o.Credentials)) {
		o.Credentials = nil
	}
	if hollow[aws.Retryer](reflect.ValueOf(o.Retryer)) {
		o.Retryer = nil
	}
	dropNil(&o.HTTPClient)
	dropNil(&o.HTTPSignerV4)
	dropNil(&o.IdempotencyTokenProvider)
	dropNil(&o.Logger)
	dropNil(&o.MeterProvider)
	dropNil(&o.TracerProvider)
}

func dropNil[T any](v *T) {
	if isNil(*v) {
		*v = *new(T)
	}
}

// hollow reports whether v is nil, holds nil, or is one of the core's wrappers
// around a T that is so: aws.CredentialsCache calls its provider from another
// goroutine, where a panic ends the program.
func hollow[T any](v reflect.Value) bool {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		return v.IsNil() || hollow[T](v.Elem())
	}
	if v.Kind() != reflect.Struct {
		return !v.IsValid() || v.Kind() == reflect.Func && v.IsNil()
	}
	if !strings.HasPrefix(v.Type().PkgPath(), "github.com/aws/aws-sdk-go-v2/aws") {
		return false
	}
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Interface && f.Type().Implements(reflect.TypeFor[T]()) && hollow[T](f) {
			return true
		}
	}
	return false
}

// applyOptions runs option functions; those that are nil change nothing.
func applyOptions[O any](o *O, optFns []func(*O)) {
	for _, fn := range optFns {
		if fn != nil {
			fn(o)
		}
	}
}

// applyAPIOptions adds the callers' middleware to stack. A middleware that is nil
// is an error of the configuration.
func applyAPIOptions(stack *middleware.Stack, fns []func(*middleware.Stack) error) (err error) {
	if len(fns) == 0 {
		return nil
	}
	// The methods of a step ask each middleware for its ID.
	defer func() {
		r := recover()
		if e, ok := r.(runtime.Error); ok && strings.HasSuffix(e.Error(), "nil pointer dereference") {
			err = fmt.Errorf("configuration: APIOptions add a middleware that is nil, or dereference nil themselves: %w", e)
		} else if r != nil {
			panic(r)
		}
	}()
	for i, fn := range fns {
		if fn == nil {
			return fmt.Errorf("configuration: APIOptions[%d] is a nil function", i)
		}
		if err := fn(stack); err != nil {
			return fmt.Errorf("APIOptions: %w", err)
		}
	}
	return errors.Join(
		findNil(stack.Initialize.List(), stack.Initialize.Get),
		findNil(stack.Serialize.List(), stack.Serialize.Get),
		findNil(stack.Build.List(), stack.Build.Get),
		findNil(stack.Finalize.List(), stack.Finalize.Get),
		findNil(stack.Deserialize.List(), stack.Deserialize.Get),
	)
}

// findNil returns an error if a middleware of a step is nil.
func findNil[M any](ids []string, get func(id string) (M, bool)) error {
	for _, id := range ids {
		if m, _ := get(id); nilMiddleware(m) {
			return fmt.Errorf("configuration: APIOptions: the middleware %q is nil", id)
		}
	}
	return nil
}

// nilMiddleware reports whether m is nil, or one of smithy-go's middlewares
// around a function that is.
func nilMiddleware(m any) bool {
	if isNil(m) {
		return true
	}
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Struct || v.Type().PkgPath() != reflect.TypeFor[middleware.Stack]().PkgPath() {
		return false
	}
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Func && f.IsNil() {
			return true
		}
	}
	return false
}

// checkInterceptors returns an error if one of i is nil.
func checkInterceptors(i *smithyhttp.InterceptorRegistry) error {
	v := reflect.ValueOf(i).Elem()
	for f := range v.NumField() {
		list := v.Field(f)
		for n := 0; list.Kind() == reflect.Slice && n < list.Len(); n++ {
			if isNil(list.Index(n).Interface()) {
				return fmt.Errorf("configuration: Interceptors.%s[%d] is nil", v.Type().Field(f).Name, n)
			}
		}
	}
	return nil
}

// noNilTracer starts a span that does nothing where the Tracer gives none.
type noNilTracer struct{ tracing.Tracer }

func (t noNilTracer) StartSpan(ctx context.Context, name string, optFns ...tracing.SpanOption) (context.Context, tracing.Span) {
	spanCtx, span := t.Tracer.StartSpan(ctx, name, optFns...)
	if isNil(spanCtx) {
		spanCtx = ctx
	}
	if isNil(span) {
		span, _ = tracing.GetSpan(context.Background()) // one that does nothing
	}
	return spanCtx, span
}

// noNilMeter makes an instrument that does nothing where the Meter makes none. It
// covers the kinds that this package and the core's handler use.
type noNilMeter struct{ metrics.Meter }

func (m noNilMeter) Int64Counter(name string, optFns ...metrics.InstrumentOption) (metrics.Int64Counter, error) {
	i, err := m.Meter.Int64Counter(name, optFns...)
	if isNil(i) && err == nil {
		return metrics.NopMeter{}.Int64Counter(name)
	}
	return i, err
}

func (m noNilMeter) Int64UpDownCounter(name string, optFns ...metrics.InstrumentOption) (metrics.Int64UpDownCounter, error) {
	i, err := m.Meter.Int64UpDownCounter(name, optFns...)
	if isNil(i) && err == nil {
		return metrics.NopMeter{}.Int64UpDownCounter(name)
	}
	return i, err
}

func (m noNilMeter) Float64Histogram(name string, optFns ...metrics.InstrumentOption) (metrics.Float64Histogram, error) {
	i, err := m.Meter.Float64Histogram(name, optFns...)
	if isNil(i) && err == nil {
		return metrics.NopMeter{}.Float64Histogram(name)
	}
	return i, err
}

var errNoCredentials = errors.New("configuration: no credentials: set Options.Credentials, or load a configuration that has some (a nil pointer counts as none)")
