package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// control serves the routes under /_fake/ and hands everything else to the fake.
// No operation of the API has a name that begins with an underscore.
type control struct {
	fake  *ivsrealtimetest.Server
	clock *clock
	mux   *http.ServeMux

	mu           sync.Mutex
	participants map[string]*ivsrealtimetest.Participant
}

func newControl(fake *ivsrealtimetest.Server, clock *clock) http.Handler {
	c := &control{fake: fake, clock: clock, mux: http.NewServeMux(), participants: map[string]*ivsrealtimetest.Participant{}}
	handle(c, "POST /_fake/join", c.join)
	handle(c, "POST /_fake/participants/{id}/{action}", c.act)
	handle(c, "POST /_fake/ingest", c.ingest)
	handle(c, "POST /_fake/destinations", c.destination)
	handle(c, "GET /_fake/events", c.events)
	handle(c, "POST /_fake/faults", c.addFault)
	handle(c, "DELETE /_fake/faults", c.clearFaults)
	handle(c, "GET /_fake/calls", c.calls)
	handle(c, "POST /_fake/clock", c.advance)
	c.mux.HandleFunc("/_fake/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, nil, fmt.Errorf("%w: no control route %s %s", errNotFound, r.Method, r.URL.Path))
	})
	// The escaped slash in the path of the tag operations must stay as it is, which
	// a pattern for everything would not do.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_fake/") {
			c.mux.ServeHTTP(w, r)
			return
		}
		fake.ServeHTTP(newPatient(w), r)
	})
}

var errNotFound = errors.New("not found")

// handle adds a route whose body is an In, without unknown members.
func handle[In any](c *control, pattern string, do func(*http.Request, In) (any, error)) {
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		in, err := readBody[In](http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			answer(w, nil, fmt.Errorf("body: %w", err))
			return
		}
		out, err := do(r, in)
		answer(w, out, err)
	})
}

// readBody reads an object without unknown members. No body is an empty object.
func readBody[In any](body io.Reader) (in In, _ error) {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	if errors.Is(err, io.EOF) {
		return in, nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field == "" { // its text has the whole type
		return in, fmt.Errorf("want an object, got a JSON %s", wrong.Value)
	}
	if err != nil {
		return in, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return in, errors.New("want one object, got more after it")
	}
	return in, nil
}

func answer(w http.ResponseWriter, out any, err error) {
	status := http.StatusOK
	if err != nil {
		status, out = http.StatusBadRequest, map[string]string{"error": err.Error()}
		if errors.Is(err, errNotFound) {
			status = http.StatusNotFound
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

type empty struct{}

func (c *control) join(_ *http.Request, in struct {
	Token           string                     `json:"token"`
	ConnectionToken string                     `json:"connectionToken"`
	Client          ivsrealtimetest.ClientInfo `json:"client"`
}) (any, error) {
	p, err := c.fake.Join(ivsrealtime.Secret(in.Token), func(o *ivsrealtimetest.JoinOptions) {
		o.Client, o.ConnectionToken = in.Client, ivsrealtime.Secret(in.ConnectionToken)
	})
	if err != nil {
		return nil, err
	}
	return c.joined(p), nil
}

func (c *control) joined(p *ivsrealtimetest.Participant) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.participants[p.ID()] = p
	return map[string]string{"participantId": p.ID(), "sessionId": p.SessionID(), "stageArn": p.StageARN()}
}

func (c *control) ingest(_ *http.Request, in struct {
	StreamKey string                     `json:"streamKey"`
	Protocol  ivsrealtime.IngestProtocol `json:"protocol"`
}) (any, error) {
	p, err := c.fake.PublishStream(ivsrealtime.Secret(in.StreamKey), in.Protocol)
	if err != nil {
		return nil, err
	}
	return c.joined(p), nil
}

func (c *control) destination(_ *http.Request, in struct {
	CompositionARN string              `json:"compositionArn"`
	ID             string              `json:"id"`
	Action         string              `json:"action"`
	ErrorCode      ivsevents.ErrorCode `json:"errorCode"`
	Reason         string              `json:"reason"`
}) (any, error) {
	switch in.Action {
	case "interrupt":
		return empty{}, c.fake.InterruptDestination(in.CompositionARN, in.ID)
	case "restore":
		return empty{}, c.fake.RestoreDestination(in.CompositionARN, in.ID)
	case "fail":
		return empty{}, c.fake.FailDestination(in.CompositionARN, in.ID, in.ErrorCode, in.Reason)
	}
	return nil, fmt.Errorf("action: %q is none of interrupt, restore, fail", in.Action)
}

func (c *control) events(*http.Request, empty) (any, error) {
	events := []json.RawMessage{}
	for _, e := range c.fake.Events() {
		events = append(events, e)
	}
	return events, nil
}

func (c *control) act(r *http.Request, in struct {
	To        string                     `json:"to"`
	ErrorCode ivsrealtime.EventErrorCode `json:"errorCode"`
}) (any, error) {
	c.mu.Lock()
	p := c.participants[r.PathValue("id")]
	c.mu.Unlock()
	if p == nil {
		return nil, fmt.Errorf("%w: nobody of this ID joined through /_fake/join", errNotFound)
	}
	switch action := r.PathValue("action"); action {
	case "publish":
		return empty{}, p.Publish()
	case "unpublish":
		return empty{}, p.Unpublish()
	case "subscribe":
		return empty{}, p.Subscribe(in.To)
	case "unsubscribe":
		return empty{}, p.Unsubscribe(in.To)
	case "fail":
		if in.ErrorCode == "" {
			return nil, errors.New("errorCode is required")
		}
		if err := p.FailPublish(in.ErrorCode); errors.Is(err, ivsrealtimetest.ErrNotConnected) {
			return nil, err
		}
		return empty{}, nil // that publishing failed is what was asked for
	case "leave":
		p.Leave()
		return empty{}, nil
	default:
		return nil, fmt.Errorf("%w: a participant cannot %q", errNotFound, action)
	}
}

var connectionFaults = map[string]ivsrealtimetest.ConnectionFault{
	"":                    0,
	"resetBeforeHandling": ivsrealtimetest.ResetBeforeHandling,
	"resetAfterHandling":  ivsrealtimetest.ResetAfterHandling,
	"truncateResponse":    ivsrealtimetest.TruncateResponse,
}

func (c *control) addFault(_ *http.Request, in struct {
	Operation   string `json:"operation"`
	After       int    `json:"after"`
	Times       int    `json:"times"`
	Delay       string `json:"delay"`
	Code        string `json:"code"`
	Message     string `json:"message"`
	StatusCode  int    `json:"statusCode"`
	Connection  string `json:"connection"`
	Body        string `json:"body"`
	ContentType string `json:"contentType"`
}) (any, error) {
	f := ivsrealtimetest.Fault{
		Operation: in.Operation, After: in.After, Times: in.Times,
		Code: in.Code, Message: in.Message, StatusCode: in.StatusCode, Body: in.Body, ContentType: in.ContentType,
	}
	var err error
	if in.Delay != "" {
		if f.Delay, err = time.ParseDuration(in.Delay); err != nil {
			return nil, fmt.Errorf("delay: %w", err)
		}
	}
	if in.Code == "" && in.Message != "" {
		return nil, errors.New("message: has no effect without code")
	}
	var known bool
	if f.Connection, known = connectionFaults[in.Connection]; !known {
		return nil, fmt.Errorf("connection: %q is none of resetBeforeHandling, resetAfterHandling, truncateResponse", in.Connection)
	}
	if err := f.Validate(); err != nil {
		return nil, err
	}
	c.fake.AddFault(f)
	return empty{}, nil
}

func (c *control) clearFaults(*http.Request, empty) (any, error) {
	c.fake.ClearFaults()
	return empty{}, nil
}

func (c *control) calls(*http.Request, empty) (any, error) {
	type call struct {
		Operation  string    `json:"operation"`
		Input      any       `json:"input"`
		Attempt    int       `json:"attempt"`
		Time       time.Time `json:"time"`
		RequestID  string    `json:"requestId"`
		StatusCode int       `json:"statusCode"`
		ErrorCode  string    `json:"errorCode,omitempty"`
	}
	calls := []call{}
	for _, k := range slices.Backward(c.fake.Calls()) {
		calls = append(calls, call{k.Operation, k.Input, k.Attempt, k.Time, k.RequestID, k.StatusCode, k.ErrorCode})
	}
	return calls, nil
}

func (c *control) advance(_ *http.Request, in struct {
	Advance string `json:"advance"`
}) (any, error) {
	d, err := time.ParseDuration(in.Advance)
	if err != nil {
		return nil, fmt.Errorf("advance: %w", err)
	}
	if d < 0 {
		return nil, errors.New("advance: the clock does not go back")
	}
	if !c.clock.advance(d) {
		return nil, fmt.Errorf("advance: %s would take the clock more than 100 years ahead of the machine's", d)
	}
	return map[string]time.Time{"now": c.clock.Now().UTC()}, nil
}
