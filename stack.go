package ivsrealtime

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
	"github.com/seed-433ec77c/ivsrealtime/internal/retryloop"
)

// scopeName names this library to tracers and meters.
const scopeName = "github.com/seed-433ec77c/ivsrealtime"

// stackCall makes a call through a smithy middleware stack: the steps of call,
// under the ids that callers' middleware is placed by. A stack is built for one
// call and never shared, because its steps are written to while they run.
type stackCall struct {
	*call
	creds   aws.Credentials
	attempt retryloop.Attempt
	metrics *callMetrics // nil: none wanted
}

// runStack makes the call as the middleware of a stack.
func (k *call) runStack() (result any, md middleware.Metadata, err error) {
	s := &stackCall{call: k}
	ctx := middleware.ClearStackValues(k.ctx)
	ctx = middleware.WithServiceID(ctx, ServiceID)
	ctx = middleware.WithOperationName(ctx, k.op)
	ctx = awsmiddleware.SetServiceID(ctx, ServiceID)
	ctx = awsmiddleware.SetRegion(ctx, k.opts.Region)
	ctx = awsmiddleware.SetOperationName(ctx, k.op)
	ctx = middleware.SetLogger(ctx, redact.Logger(k.opts.Logger))

	stack, err := s.build()
	if err != nil {
		return nil, md, err
	}
	var handlerOpts []func(*smithyhttp.ClientHandler)
	var meter metrics.Meter
	if mp := k.opts.meter(); mp != nil {
		meter = mp.Meter(scopeName)
	}
	if _, nop := meter.(metrics.NopMeter); !nop && !isNil(meter) {
		meter = noNilMeter{meter}
		if s.metrics, err = newCallMetrics(meter); err != nil {
			return nil, md, fmt.Errorf("make the metrics of the call: %w", err)
		}
		handlerOpts = append(handlerOpts, func(h *smithyhttp.ClientHandler) { h.Meter = meter })
	}
	defer s.metrics.time(ctx, callDuration)()

	var tracer tracing.Tracer = tracing.NopTracerProvider{}.Tracer("")
	if tp := k.opts.tracer(); tp != nil {
		if t := tp.Tracer(scopeName); !isNil(t) {
			tracer = noNilTracer{t}
		}
	}
	ctx = tracing.WithOperationTracer(ctx, tracer)
	ctx, span := tracer.StartSpan(ctx, ServiceID+"."+k.op, func(o *tracing.SpanOptions) {
		o.Kind = tracing.SpanKindClient
		o.Properties.Set("rpc.system", "aws-api")
		o.Properties.Set("rpc.method", k.op)
		o.Properties.Set("rpc.service", ServiceID)
	})
	defer span.End()

	handler := middleware.DecorateHandler(s.transport(handlerOpts), stack)
	result, md, err = handler.Handle(ctx, k.in)
	span.SetProperty("error", err != nil)
	if err == nil {
		span.SetStatus(tracing.SpanStatusOK)
		return result, md, nil
	}
	span.SetStatus(tracing.SpanStatusError)
	kind := err
	if invalid, ok := err.(*invalidInputError); ok {
		kind = invalid.err // the type that people know
	}
	span.SetProperty("exception.type", fmt.Sprintf("%T", kind))
	span.SetProperty("exception.message", err.Error())
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) {
		span.SetProperty("api.error_code", apiErr.ErrorCode())
		span.SetProperty("api.error_message", apiErr.ErrorMessage())
		span.SetProperty("api.error_fault", apiErr.ErrorFault().String())
	}
	return nil, md, err
}

// build adds our steps, then the interceptors, then the caller's middleware.
func (s *stackCall) build() (*middleware.Stack, error) {
	if err := checkInterceptors(&s.opts.Interceptors); err != nil {
		return nil, err
	}
	stack := middleware.NewStack(s.op, smithyhttp.NewStackRequest)
	after := middleware.After
	err := errors.Join(
		stack.Initialize.Add(middleware.InitializeMiddlewareFunc("OperationInputValidation", s.validateInput), after),

		stack.Serialize.Add(middleware.SerializeMiddlewareFunc("OperationSerializer", s.serialize), after),

		stack.Build.Add(&awsmiddleware.ClientRequestID{}, after),
		stack.Build.Add(buildUserAgent(s.opts, s.opts.feature), after),
		stack.Build.Add(&recursionDetection{}, after),

		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("Retry", s.retry), after),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("GetIdentity", s.getIdentity), after),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("ResolveEndpointV2", s.resolveEndpoint), after),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("ComputePayloadHash", computePayloadHash), after),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("Signing", s.signRequest), after),

		// Answers run through these from the last to the first.
		stack.Deserialize.Add(&awsmiddleware.AddRawResponse{}, after),
		stack.Deserialize.Add(&awshttp.ResponseErrorWrapper{}, after),
		stack.Deserialize.Add(&awsmiddleware.RequestIDRetriever{}, after),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("OperationDeserializer", s.deserialize), after),
		stack.Deserialize.Add(&awsmiddleware.RecordResponseTiming{DisableClockSkewCorrection: s.opts.DisableClockSkewCorrection}, after),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("RequestResponseLogger", s.log), after),
		addInterceptors(stack, &s.opts.Interceptors),
	)
	if _, ok := s.in.(tokenInput); ok && err == nil {
		err = stack.Initialize.Insert(middleware.InitializeMiddlewareFunc("OperationIdempotencyTokenAutoFill", s.autoFillToken), "OperationInputValidation", middleware.Before)
	}
	if err != nil {
		return nil, err
	}
	if err := applyAPIOptions(stack, s.opts.APIOptions); err != nil {
		return nil, err
	}
	return stack, nil
}

// addInterceptors places all of the core's interceptor steps: some set what
// later ones read.
func addInterceptors(stack *middleware.Stack, i *smithyhttp.InterceptorRegistry) error {
	before, after := middleware.Before, middleware.After
	return errors.Join(
		stack.Initialize.Add(&smithyhttp.InterceptExecution{BeforeExecution: i.BeforeExecution, AfterExecution: i.AfterExecution}, before),
		stack.Serialize.Insert(&smithyhttp.InterceptBeforeSerialization{Interceptors: i.BeforeSerialization}, "OperationSerializer", before),
		stack.Serialize.Insert(&smithyhttp.InterceptAfterSerialization{Interceptors: i.AfterSerialization}, "OperationSerializer", after),
		stack.Finalize.Insert(&smithyhttp.InterceptBeforeRetryLoop{Interceptors: i.BeforeRetryLoop}, "Retry", before),
		stack.Finalize.Insert(&smithyhttp.InterceptAttempt{BeforeAttempt: i.BeforeAttempt, AfterAttempt: i.AfterAttempt}, "Retry", after),
		stack.Finalize.Insert(&smithyhttp.InterceptBeforeSigning{Interceptors: i.BeforeSigning}, "Signing", before),
		stack.Finalize.Insert(&smithyhttp.InterceptAfterSigning{Interceptors: i.AfterSigning}, "Signing", after),
		stack.Deserialize.Add(&smithyhttp.InterceptTransmit{BeforeTransmit: i.BeforeTransmit, AfterTransmit: i.AfterTransmit}, after),
		stack.Deserialize.Insert(&smithyhttp.InterceptBeforeDeserialization{Interceptors: i.BeforeDeserialization}, "OperationDeserializer", after),
		stack.Deserialize.Insert(&smithyhttp.InterceptAfterDeserialization{Interceptors: i.AfterDeserialization}, "OperationDeserializer", before),
	)
}

// transport is the end of the stack: the core's handler, which also traces and
// measures the HTTP exchange, with the errors of transportError.
func (s *stackCall) transport(optFns []func(*smithyhttp.ClientHandler)) middleware.Handler {
	ipv6 := "" // the Host that was signed, with the brackets that the core's handler refuses
	h := smithyhttp.NewClientHandlerWithOptions(smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
		if ipv6 != "" {
			r.Host = ipv6
		}
		return s.conf.sender.Do(r)
	}), optFns...)
	return middleware.HandlerFunc(func(ctx context.Context, in any) (any, middleware.Metadata, error) {
		ipv6 = ""
		if req, ok := in.(*smithyhttp.Request); ok && req != nil {
			req.GetBody = nil
			// Only of a body of ours: one of the caller's middleware may be read once.
			if b, ours := req.GetStream().(*bodyStream); ours && followsNone(s.conf.sender) {
				req.GetBody = bodyAgain(b.unread())
			}
			if strings.HasPrefix(req.Host, "[") {
				req.Host, ipv6 = "", req.Host
			}
			s.sentTo = req.URL
		}
		out, md, err := h.Handle(ctx, in)
		if ipv6 != "" {
			in.(*smithyhttp.Request).Host = ipv6
		}
		if err == nil {
			// The core gives an empty answer where the HTTP client gave none.
			if r, ok := out.(*smithyhttp.Response); ok && r.StatusCode == 0 {
				return nil, md, errNoAnswer
			} else if ok {
				r.Response = cleanResponse(r.Response)
			}
			return out, md, nil
		}
		// Without an answer the core gives an empty one, which would become an
		// error with the status 0.
		var send *smithyhttp.RequestSendError
		if errors.As(err, &send) {
			err = send.Err
		}
		return nil, md, s.transportError(ctx, err)
	})
}

// bodyStream is the stream of an encoded input. It hides the WriteTo of its
// reader: the core closes the body when the response is there, and a WriteTo of the
// transport that is just ending would then fail and take the connection with it.
type bodyStream struct {
	reader bytes.Reader
	body   []byte
}

func newBodyStream(body []byte) *bodyStream {
	b := &bodyStream{body: body}
	b.reader.Reset(body)
	return b
}

func (b *bodyStream) Read(p []byte) (int, error) { return b.reader.Read(p) }

func (b *bodyStream) Seek(offset int64, whence int) (int64, error) {
	return b.reader.Seek(offset, whence)
}

// unread returns what a transport would send.
func (b *bodyStream) unread() []byte { return b.body[len(b.body)-b.reader.Len():] }

// sameInput checks that middleware left an input of our kind.
func (s *stackCall) sameInput(in any) error {
	if v := reflect.ValueOf(in); v.Kind() != reflect.Pointer || v.IsNil() || v.Type() != reflect.TypeOf(s.in) {
		return fmt.Errorf("a middleware replaced the input by %T, want %T", in, s.in)
	}
	return nil
}

// autoFillToken leaves the caller's input as it is, unlike that of the official
// clients: what runs after it sees a copy that has a token.
func (s *stackCall) autoFillToken(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
	if err = s.sameInput(in.Parameters); err != nil {
		return out, md, err
	}
	if in.Parameters, err = s.fillToken(in.Parameters); err != nil {
		return out, md, err
	}
	return next.HandleInitialize(ctx, in)
}

func (s *stackCall) validateInput(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, md middleware.Metadata, err error) {
	if err = s.sameInput(in.Parameters); err != nil {
		return out, md, err
	}
	if err = validate(in.Parameters); err != nil {
		return out, md, err
	}
	return next.HandleInitialize(ctx, in)
}

func (s *stackCall) serialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (out middleware.SerializeOutput, md middleware.Metadata, err error) {
	req, err := smithyRequest(in.Request)
	if err != nil {
		return out, md, err
	}
	if err = s.sameInput(in.Parameters); err != nil {
		return out, md, err
	}
	_, span := tracing.StartSpan(ctx, "OperationSerializer")
	end := s.metrics.time(ctx, serializationDuration)
	s.noteToken(in.Parameters)
	encoded, err := encode(s.op, in.Parameters)
	if err == nil {
		req.Method = encoded.method
		*req.URL = encoded.url
		if encoded.body != nil {
			req.Header.Set("Content-Type", "application/json")
			req, err = req.SetStream(newBodyStream(encoded.body))
		}
	}
	end()
	span.End()
	if err != nil {
		return out, md, err
	}
	in.Request = req
	return next.HandleSerialize(ctx, in)
}

func (s *stackCall) retry(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
	req, err := smithyRequest(in.Request)
	if err != nil {
		return out, md, err
	}
	ctx, span := tracing.StartSpan(ctx, "RetryLoop")
	defer span.End()
	loop := s.loop()
	if s.opts.ClientLogMode.IsRetries() {
		logger := redact.Logger(middleware.GetLogger(ctx)) // a caller's middleware may have set another
		loop.Logf = func(format string, args ...any) {
			logger.Logf(logging.Debug, "%s/%s: "+format, append([]any{ServiceID, s.op}, args...)...)
		}
	}
	err = loop.Run(ctx, func(ctx context.Context, a retryloop.Attempt) retryloop.Result {
		ctx, span := tracing.StartSpan(ctx, "Attempt", func(o *tracing.SpanOptions) {
			o.Properties.Set("operation.attempt", a.Number)
		})
		defer span.End()
		s.attempt, s.skewKnown, s.final = a, false, false
		r := req.Clone()
		if err := r.RewindStream(); err != nil {
			return retryloop.Result{Err: fmt.Errorf("rewind the request: %w", err)}
		}
		r.Header["Amz-Sdk-Request"] = []string{a.Header(ctx)}
		end := s.metrics.startAttempt(ctx)
		var err error
		out, md, err = next.HandleFinalize(ctx, middleware.FinalizeInput{Request: r})
		end(err)
		if err != nil {
			err = s.renewCredentials(ctx, s.creds, err)
		}
		return retryloop.Result{Err: err, Final: s.final && err != nil, Skew: s.skew, SkewKnown: s.skewKnown}
	})
	return out, md, err
}

// authScheme is the name that the official clients give the way of signing.
func (s *stackCall) authScheme() string {
	if s.conf.anonymous {
		return "smithy.api#noAuth"
	}
	return "aws.auth#sigv4"
}

func (s *stackCall) getIdentity(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
	// There is nothing to resolve, but the official clients have this span too.
	_, span := tracing.StartSpan(ctx, "ResolveAuthScheme")
	span.SetProperty(authSchemeKey, s.authScheme())
	span.End()
	innerCtx, span := tracing.StartSpan(ctx, "GetIdentity")
	end := s.metrics.time(ctx, identityDuration, authSchemeProperty(s.authScheme()))
	s.creds, err = s.credentials(innerCtx)
	end()
	span.End()
	if err != nil {
		return out, md, err
	}
	return next.HandleFinalize(ctx, in)
}

func (s *stackCall) resolveEndpoint(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
	req, err := smithyRequest(in.Request)
	if err != nil {
		return out, md, err
	}
	_, span := tracing.StartSpan(ctx, "ResolveEndpoint")
	end := s.metrics.time(ctx, endpointDuration)
	s.conf.endpoint.setURL(req.URL)
	end()
	span.SetProperty("client.call.resolved_endpoint", s.conf.endpoint.scheme+"://"+s.conf.endpoint.host)
	span.End()
	return next.HandleFinalize(ctx, in)
}

// computePayloadHash does what the core's middleware of that name does, which
// needs 32 KB to read a body that has no WriteTo.
func computePayloadHash(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
	if v4.GetPayloadHash(ctx) != "" { // a caller's middleware was here
		return next.HandleFinalize(ctx, in)
	}
	req, err := smithyRequest(in.Request)
	if err != nil {
		return out, md, err
	}
	_, span := tracing.StartSpan(ctx, "ComputePayloadSHA256")
	hash := sha256.New()
	if stream := req.GetStream(); stream != nil {
		if _, err = io.CopyBuffer(hash, stream, make([]byte, 1<<10)); err == nil {
			err = req.RewindStream()
		}
	}
	span.End()
	if err != nil {
		return out, md, &v4.HashComputationError{Err: fmt.Errorf("read the body: %w", err)}
	}
	return next.HandleFinalize(v4.SetPayloadHash(ctx, hex.EncodeToString(hash.Sum(nil))), in)
}

func (s *stackCall) signRequest(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
	req, err := smithyRequest(in.Request)
	if err != nil {
		return out, md, err
	}
	name, region := s.signingName(), s.conf.endpoint.signingRegion
	//lint:ignore SA1019 callers' older middleware sets these
	if v := awsmiddleware.GetSigningName(ctx); v != "" {
		name = v
	}
	//lint:ignore SA1019 callers' older middleware sets these
	if v := awsmiddleware.GetSigningRegion(ctx); v != "" {
		region = v
	}
	_, span := tracing.StartSpan(ctx, "SignRequest")
	end := s.metrics.time(ctx, signingDuration, authSchemeProperty(s.authScheme()))
	err = s.sign(ctx, req.Request, s.creds, v4.GetPayloadHash(ctx), name, region, s.attempt.Skew)
	end()
	span.End()
	if err != nil {
		return out, md, err
	}
	return next.HandleFinalize(ctx, in)
}

func (s *stackCall) deserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
	end := func() {}
	resp, err := s.exchange(ctx, func(ctx context.Context) (*http.Response, error) {
		out, md, err = next.HandleDeserialize(ctx, in)
		if err == nil { // else there is nothing to decode
			_, span := tracing.StartSpan(ctx, "OperationDeserializer")
			stop := s.metrics.time(ctx, deserializationDuration)
			end = func() { stop(); span.End() }
		}
		if r, ok := out.RawResponse.(*smithyhttp.Response); ok && r != nil {
			return r.Response, err
		}
		return nil, err
	})
	end()
	hideRequest(resp) // of a success too: what runs after this may fail
	if err != nil {
		if r, ok := out.RawResponse.(*smithyhttp.Response); ok && r != nil && resp != nil {
			r.Response = resp // not the one that a redirect led to
		}
		if s.requestID != "" { // perhaps of the body
			awsmiddleware.SetRequestIDMetadata(&md, s.requestID)
		}
		return out, md, err
	}
	out.Result = s.out
	return out, md, nil
}

// log writes the request and the answer as ClientLogMode asks, without secrets.
func (s *stackCall) log(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
	mode, logger := s.opts.ClientLogMode, middleware.GetLogger(ctx)
	if mode.IsRequest() || mode.IsRequestWithBody() {
		req, err := smithyRequest(in.Request)
		if err != nil {
			return out, md, err
		}
		var b strings.Builder
		fmt.Fprintf(&b, "Request\n%s %s HTTP/1.1\nHost: %s\n", req.Method, redact.URL(req.URL), req.URL.Host)
		_ = redact.Header(req.Header).Write(&b)
		if mode.IsRequestWithBody() && req.GetStream() != nil {
			body, readErr := io.ReadAll(req.GetStream())
			if err := errors.Join(readErr, req.RewindStream()); err != nil {
				return out, md, fmt.Errorf("log the request: %w", err)
			}
			fmt.Fprintf(&b, "\n%s\n", redact.Body(body))
		}
		logger.Logf(logging.Debug, "%s", b.String())
	}

	out, md, err = next.HandleDeserialize(ctx, in)
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok || resp == nil || resp.Response == nil || !(mode.IsResponse() || mode.IsResponseWithBody()) {
		return out, md, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Response\nHTTP/%d.%d %d %s\n", resp.ProtoMajor, resp.ProtoMinor, resp.StatusCode, http.StatusText(resp.StatusCode))
	_ = redact.ResponseHeader(resp.Header).Write(&b)
	if mode.IsResponseWithBody() && resp.Body != nil {
		body, readErr := readBody(resp.Response, maxBody, nil)
		fmt.Fprintf(&b, "\n%s\n", redact.Body(body))
		// What was read is put back, and what ended the reading comes again.
		if readErr == nil {
			readErr = io.EOF
		}
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failingReader{readErr}))
	}
	logger.Logf(logging.Debug, "%s", b.String())
	return out, md, nil
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func smithyRequest(v any) (*smithyhttp.Request, error) {
	req, ok := v.(*smithyhttp.Request)
	if !ok || req == nil {
		return nil, fmt.Errorf("a middleware replaced the request by %T, want *http.Request of smithy-go", v)
	}
	return req, nil
}
