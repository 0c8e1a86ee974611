package ecosystem

import (
	"context"
	"fmt"
	"testing"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/rules"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// recorder is an interceptor of every hook, which writes down what it sees,
// changes headers, and fails where it is told to.
type recorder struct {
	log  []string
	fail string
}

func (r *recorder) hook(name string, ic *smithyhttp.InterceptorContext) error {
	line := fmt.Sprintf("%s: input %t, request %t, response %t, output %t", name, ic.Input != nil, ic.Request != nil, ic.Response != nil, ic.Output != nil)
	if ic.Request != nil {
		line += fmt.Sprintf(", %s, attempt %q, signed %t", ic.Request.Method, ic.Request.Header.Get("Amz-Sdk-Request"), ic.Request.Header.Get("Authorization") != "")
		ic.Request.Header.Set("X-"+name, "1")
	}
	if ic.Response != nil {
		line += fmt.Sprintf(", status %d", ic.Response.StatusCode)
	}
	r.log = append(r.log, line)
	if r.fail == name {
		return fmt.Errorf("refused by %s", name)
	}
	return nil
}

func (r *recorder) BeforeExecution(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("BeforeExecution", ic)
}

func (r *recorder) BeforeSerialization(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("BeforeSerialization", ic)
}

func (r *recorder) AfterSerialization(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("AfterSerialization", ic)
}

func (r *recorder) BeforeRetryLoop(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("BeforeRetryLoop", ic)
}

func (r *recorder) BeforeAttempt(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("BeforeAttempt", ic)
}

func (r *recorder) BeforeSigning(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("BeforeSigning", ic)
}

func (r *recorder) AfterSigning(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("AfterSigning", ic)
}

func (r *recorder) BeforeTransmit(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("BeforeTransmit", ic)
}

func (r *recorder) AfterTransmit(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("AfterTransmit", ic)
}

func (r *recorder) BeforeDeserialization(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("BeforeDeserialization", ic)
}

func (r *recorder) AfterDeserialization(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("AfterDeserialization", ic)
}

func (r *recorder) AfterAttempt(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("AfterAttempt", ic)
}

func (r *recorder) AfterExecution(_ context.Context, ic *smithyhttp.InterceptorContext) error {
	return r.hook("AfterExecution", ic)
}

var hooks = []string{
	"BeforeExecution", "BeforeSerialization", "AfterSerialization", "BeforeRetryLoop", "BeforeAttempt", "BeforeSigning", "AfterSigning",
	"BeforeTransmit", "AfterTransmit", "BeforeDeserialization", "AfterDeserialization", "AfterAttempt", "AfterExecution",
}

// registry registers r for one hook, or for all with "".
func (r *recorder) registry(only string) (reg smithyhttp.InterceptorRegistry) {
	for name, add := range map[string]func(){
		"BeforeExecution":       func() { reg.AddBeforeExecution(r) },
		"BeforeSerialization":   func() { reg.AddBeforeSerialization(r) },
		"AfterSerialization":    func() { reg.AddAfterSerialization(r) },
		"BeforeRetryLoop":       func() { reg.AddBeforeRetryLoop(r) },
		"BeforeAttempt":         func() { reg.AddBeforeAttempt(r) },
		"BeforeSigning":         func() { reg.AddBeforeSigning(r) },
		"AfterSigning":          func() { reg.AddAfterSigning(r) },
		"BeforeTransmit":        func() { reg.AddBeforeTransmit(r) },
		"AfterTransmit":         func() { reg.AddAfterTransmit(r) },
		"BeforeDeserialization": func() { reg.AddBeforeDeserialization(r) },
		"AfterDeserialization":  func() { reg.AddAfterDeserialization(r) },
		"AfterAttempt":          func() { reg.AddAfterAttempt(r) },
		"AfterExecution":        func() { reg.AddAfterExecution(r) },
	} {
		if only == "" || only == name {
			add()
		}
	}
	return reg
}

// All hooks, each alone, and each failing.
func TestInterceptors(t *testing.T) {
	for _, oracle := range oracles {
		c := rules.Compare(t, tally.Row{Area: "Ecosystem", What: "interceptors", With: oracle.name}, interceptorDifferences)
		for _, sc := range scenarios {
			compare := func(name, only, fail string) {
				play := func(s subject) []string {
					r := &recorder{fail: fail}
					srv, md, err := s.run(t, sc, setup{interceptors: r.registry(only)})
					var ids []string
					for _, l := range metadata(md) {
						if l[:7] == "request" {
							ids = append(ids, l)
						}
					}
					return s.neutral(append(append(r.log, headers(srv.requests)...), append(ids, fmt.Sprintf("failed %t", err != nil))...))
				}
				name = sc.name + ", " + name
				c.Case(name, name, play(oracle), play(ours))
			}
			compare("all", "", "")
			for _, h := range hooks {
				compare(h+" alone", h, "")
				compare(h+" fails", "", h)
			}
		}
		c.Done()
	}
}
