package faults_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

const callers = 64

// TestSoak lets 64 callers share a client of a fake that is served over HTTP and
// goes wrong in every way now and then. Each must get its own answers, and errors
// of the kinds that were made; and afterwards everything is as before. It goes on
// for as long as SOAK says (a duration), and for 5 rounds of each caller without.
func TestSoak(t *testing.T) {
	var length time.Duration
	if text := os.Getenv("SOAK"); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err, "SOAK")
	}
	before := memory()
	requireNothingLeft(t, func() {
		s := &soak{t: t, end: time.Now().Add(length)}
		s.run()
		row := tally.Row{Area: "Soak", What: fmt.Sprintf("calls of %d callers", callers), With: "the fake, failing at random", Cases: int(s.calls.Load()), Differences: int(s.wrong.Load())}
		if length > 0 {
			row.What += " in " + length.String()
		}
		t.Logf("%d calls failed as they should, %d goroutines and %d connections at most", s.failed.Load(), s.goroutines.Load(), s.connections.peak.Load())
		tally.Record(t, row)
	})
	require.Less(t, int64(memory().HeapAlloc)-int64(before.HeapAlloc), int64(8<<20), "bytes that are alive")
}

type soak struct {
	t           *testing.T
	end         time.Time
	fake        *ivsrealtimetest.Server
	client      *ivsrealtime.Client
	connections *connections

	calls, failed, wrong, goroutines atomic.Int64
}

func (s *soak) run() {
	s.fake = ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.MaxCalls, o.Quotas.Stages = 100, 1_000_000 })
	server := httptest.NewUnstartedServer(s.chaos())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	var h aws.HTTPClient
	h, s.connections = httpClient(settings{})
	cfg := s.fake.Config()
	cfg.HTTPClient, cfg.BaseEndpoint = h, &server.URL
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxBackoff = 5 * time.Millisecond
			o.RateLimiter = ratelimit.None // or the many faults would end all retries
		})
	}
	s.client = ivsrealtime.NewFromConfig(cfg, func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Second })

	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			c := &soakCaller{soak: s, rng: rand.New(rand.NewPCG(1, uint64(i)))}
			for round := 0; round < 5 || time.Now().Before(s.end); round++ {
				c.round(fmt.Sprintf("caller-%d-%d", i, round))
			}
		})
	}
	wg.Wait()
}

// chaos is the fake, with accidents on the way to it and back.
func (s *soak) chaos() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for n, most := int64(runtime.NumGoroutine()), s.goroutines.Load(); n > most && !s.goroutines.CompareAndSwap(most, n); most = s.goroutines.Load() {
		}
		switch rand.IntN(50) {
		case 0: // reset before the work
			panic(http.ErrAbortHandler)
		case 1: // and after it
			s.fake.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case 2: // half an answer
			answer := httptest.NewRecorder()
			s.fake.ServeHTTP(answer, r)
			w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()+1))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
			panic(http.ErrAbortHandler)
		case 3:
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<html>full</html>")
		case 4:
			w.Header().Set("X-Amzn-Errortype", "ThrottlingException")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"message":"Rate exceeded"}`)
		case 5: // until the client is tired of it, which may be at once
			if rand.IntN(20) == 0 {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			} else {
				s.fake.ServeHTTP(w, r)
			}
		default:
			s.fake.ServeHTTP(w, r)
		}
	})
}

type soakCaller struct {
	*soak
	rng *rand.Rand
}

// round is the life of a stage, as far as it gets.
func (c *soakCaller) round(name string) {
	var created *ivsrealtime.CreateStageOutput
	if !c.try("CreateStage", func(ctx context.Context, optFns ...func(*ivsrealtime.Options)) (err error) {
		created, err = c.client.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: name, Tags: map[string]string{"caller": name}}, optFns...)
		return err
	}) {
		return
	}
	arn := created.Stage.ARN
	c.check(created.Stage.Name == name, "CreateStage answered another's name")
	c.try("GetStage", func(ctx context.Context, optFns ...func(*ivsrealtime.Options)) error {
		out, err := c.client.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: arn}, optFns...)
		c.check(err != nil || out.Stage.Name == name && out.Stage.ARN == arn, "GetStage answered another's stage")
		return err
	})
	c.try("CreateParticipantToken", func(ctx context.Context, optFns ...func(*ivsrealtime.Options)) error {
		out, err := c.client.CreateParticipantToken(ctx, &ivsrealtime.CreateParticipantTokenInput{StageARN: arn, UserID: name}, optFns...)
		if err == nil {
			p, joinErr := c.fake.Join(out.ParticipantToken.Token)
			c.check(joinErr == nil && p.StageARN() == arn, "CreateParticipantToken answered another's token")
		}
		return err
	})
	c.try("ListTagsForResource", func(ctx context.Context, optFns ...func(*ivsrealtime.Options)) error {
		out, err := c.client.ListTagsForResource(ctx, &ivsrealtime.ListTagsForResourceInput{ResourceARN: arn}, optFns...)
		c.check(err != nil || out.Tags["caller"] == name, "ListTagsForResource answered another's tags")
		return err
	})
	c.try("GetStage", func(ctx context.Context, optFns ...func(*ivsrealtime.Options)) error {
		_, err := c.client.GetStage(ctx, &ivsrealtime.GetStageInput{ARN: arn[:len(arn)-12] + "AAAAAAAAAAAA"}, optFns...)
		c.check(err != nil, "GetStage found what there is not")
		if errors.Is(err, ivsrealtime.ErrNotFound) {
			return nil
		}
		return err
	})
	c.try("ListStages", func(ctx context.Context, optFns ...func(*ivsrealtime.Options)) error {
		seen := 0
		for stage, err := range ivsrealtime.NewListStagesPaginator(c.client, &ivsrealtime.ListStagesInput{MaxResults: 50}).Items(ctx, optFns...) {
			if err != nil {
				return err
			}
			c.check(stage.ARN != "", "ListStages answered nothing")
			if seen++; seen == 100 {
				break
			}
		}
		return nil
	})
	c.try("DeleteStage", func(ctx context.Context, optFns ...func(*ivsrealtime.Options)) error {
		_, err := c.client.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{ARN: arn}, optFns...)
		if errors.Is(err, ivsrealtime.ErrNotFound) {
			return nil // the answer to the attempt before was lost
		}
		return err
	})
}

// try makes a call, on either path through the client and sometimes with a caller
// that gives up, and looks at its error.
func (c *soakCaller) try(op string, call func(context.Context, ...func(*ivsrealtime.Options)) error) bool {
	ctx := c.t.Context()
	if c.rng.IntN(20) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.rng.IntN(5000))*time.Microsecond)
		defer cancel()
	}
	var optFns []func(*ivsrealtime.Options)
	if c.rng.IntN(2) == 0 {
		optFns = append(optFns, ivsrealtime.WithAPIOptions(func(*middleware.Stack) error { return nil }))
	}
	c.calls.Add(1)
	err := call(ctx, optFns...)
	if err == nil {
		return true
	}
	c.failed.Add(1)
	var operation *smithy.OperationError
	c.check(errors.As(err, &operation), "%s: no OperationError: %v", op, err)
	gaveUp := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	c.check(!gaveUp || ctx.Err() != nil, "%s: a context error while the context goes on: %v", op, err)
	c.check(gaveUp || c.expected(err), "%s: %v", op, err)
	return false
}

// expected reports whether chaos can have led to err: to three failures in a row,
// or to half an answer, good or 404, which is not retried.
func (c *soakCaller) expected(err error) bool {
	var attempts *retry.MaxAttemptsError
	var answer *ivsrealtime.APIError
	return errors.As(err, &attempts) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound && answer.Code == "UnknownError"
}

// check counts what is wrong, and says so for the first few.
func (c *soakCaller) check(ok bool, format string, args ...any) {
	if !ok && c.wrong.Add(1) < 10 {
		c.t.Errorf(format, args...)
	}
}
