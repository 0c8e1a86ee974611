package ecosystem

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// difference is one in what a case, named, gives as lines.
type difference = rules.Difference[string, []string]

// hook is an interceptor of the beginning, so that a stack has all steps that
// interceptors need.
type hook struct{}

func (hook) BeforeExecution(context.Context, *smithyhttp.InterceptorContext) error { return nil }

func withHook() (r smithyhttp.InterceptorRegistry) {
	r.AddBeforeExecution(hook{})
	return r
}

// ids returns the ids of a client's stack, by step.
func ids(t *testing.T, s subject) map[string][]string {
	steps := map[string][]string{}
	_, _, err := s.run(t, scenarios[0], setup{interceptors: withHook(), api: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		steps["Initialize"] = stack.Initialize.List()
		steps["Serialize"] = stack.Serialize.List()
		steps["Build"] = stack.Build.List()
		steps["Finalize"] = stack.Finalize.List()
		steps["Deserialize"] = stack.Deserialize.List()
		return nil
	}}})
	require.NoError(t, err)
	return steps
}

var stepNames = []string{"Initialize", "Serialize", "Build", "Finalize", "Deserialize"}

func TestStack(t *testing.T) {
	mine := ids(t, ours)
	for _, oracle := range oracles {
		theirs := ids(t, oracle)
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "ids of the middleware stack", With: oracle.name}, stackDifferences[oracle.name])
		for _, step := range stepNames {
			c.Case(step, step, theirs[step], mine[step])
		}
		c.Done()
	}
}

// TestStackOfEveryOperation compares the stacks of the operations that both clients
// have.
func TestStackOfEveryOperation(t *testing.T) {
	cfg := aws.Config{Region: "eu-west-1", Credentials: creds, HTTPClient: &server{scenario: scenarios[0]}, Interceptors: withHook()}
	stop := errors.New("the stack is known")
	var steps map[string][]string
	cfg.APIOptions = []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
		steps = map[string][]string{
			"Initialize": stack.Initialize.List(), "Serialize": stack.Serialize.List(), "Build": stack.Build.List(),
			"Finalize": stack.Finalize.List(), "Deserialize": stack.Deserialize.List(),
		}
		return stop
	}}
	of := func(client any, op string) map[string][]string {
		steps = nil
		method := reflect.ValueOf(client).MethodByName(op)
		out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.New(method.Type().In(1).Elem())})
		require.ErrorIs(t, out[1].Interface().(error), stop)
		return steps
	}
	mine, theirs := ivsrealtime.NewFromConfig(cfg), official.NewFromConfig(cfg)
	c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "ids of the middleware stack of each operation", With: withOfficial}, append(slices.Clip(stackDifferences[withOfficial]), validatesAlways))
	operations := 0
	for i := range reflect.TypeOf(theirs).NumMethod() {
		m := reflect.TypeOf(theirs).Method(i)
		if m.Name == "Options" {
			continue
		}
		operations++
		theirSteps, mySteps := of(theirs, m.Name), of(mine, m.Name)
		for _, step := range stepNames {
			c.Case(m.Name+", "+step, m.Name+", "+step, theirSteps[step], mySteps[step])
		}
	}
	require.Equal(t, 39, operations)
	c.Done()
}

// probe is middleware of a step that writes down when it ran.
func probe(log *[]string, step, id, place string, relative middleware.RelativePosition, stack *middleware.Stack) error {
	name := "probe " + place + " " + id
	note := func(way string) { *log = append(*log, way+" "+step+" "+place+" "+id) }
	switch step {
	case "Initialize":
		return stack.Initialize.Insert(middleware.InitializeMiddlewareFunc(name, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			note("in")
			out, md, err := next.HandleInitialize(ctx, in)
			note(fmt.Sprintf("out(result %t, error %t)", out.Result != nil, err != nil))
			return out, md, err
		}), id, relative)
	case "Serialize":
		return stack.Serialize.Insert(middleware.SerializeMiddlewareFunc(name, func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
			note(fmt.Sprintf("in(parameters %t, method %q)", in.Parameters != nil, in.Request.(*smithyhttp.Request).Method))
			out, md, err := next.HandleSerialize(ctx, in)
			note(fmt.Sprintf("out(result %t, error %t)", out.Result != nil, err != nil))
			return out, md, err
		}), id, relative)
	case "Build":
		return stack.Build.Insert(middleware.BuildMiddlewareFunc(name, func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
			h := in.Request.(*smithyhttp.Request).Header
			note(fmt.Sprintf("in(id %t)", h.Get("Amz-Sdk-Invocation-Id") != ""))
			out, md, err := next.HandleBuild(ctx, in)
			note(fmt.Sprintf("out(result %t, error %t)", out.Result != nil, err != nil))
			return out, md, err
		}), id, relative)
	case "Finalize":
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc(name, func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			r := in.Request.(*smithyhttp.Request)
			note(fmt.Sprintf("in(host %q, signed %t, attempt %q)", r.URL.Host, r.Header.Get("Authorization") != "", r.Header.Get("Amz-Sdk-Request")))
			out, md, err := next.HandleFinalize(ctx, in)
			note(fmt.Sprintf("out(result %t, error %t)", out.Result != nil, err != nil))
			return out, md, err
		}), id, relative)
	default:
		return stack.Deserialize.Insert(middleware.DeserializeMiddlewareFunc(name, func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			r := in.Request.(*smithyhttp.Request)
			note(fmt.Sprintf("in(host %q, signed %t)", r.URL.Host, r.Header.Get("Authorization") != ""))
			out, md, err := next.HandleDeserialize(ctx, in)
			status := -1
			if resp, ok := out.RawResponse.(*smithyhttp.Response); ok && resp != nil {
				status = resp.StatusCode
			}
			note(fmt.Sprintf("out(result %t, status %d, error %s)", out.Result != nil, status, errorType(err)))
			return out, md, err
		}), id, relative)
	}
}

// Middleware of callers, before and after each id that both have, one at a time.
func TestMiddlewareByID(t *testing.T) {
	mine := ids(t, ours)
	for _, oracle := range oracles {
		theirs := ids(t, oracle)
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "middleware placed by id", With: oracle.name}, placedDifferences)
		for _, step := range stepNames {
			for _, id := range theirs[step] {
				if !slices.Contains(mine[step], id) {
					continue // listed by TestStack
				}
				for _, place := range []string{"before", "after"} {
					relative := middleware.Before
					if place == "after" {
						relative = middleware.After
					}
					for _, sc := range scenarios {
						play := func(s subject) (log []string) {
							_, _, err := s.run(t, sc, setup{interceptors: withHook(), api: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
								return probe(&log, step, id, place, relative, stack)
							}}})
							return append(log, fmt.Sprintf("failed %t", err != nil))
						}
						name := strings.Join([]string{sc.name, step, place, id}, ", ")
						c.Case(name, name, play(oracle), play(ours))
					}
				}
			}
		}
		c.Done()
	}
}
