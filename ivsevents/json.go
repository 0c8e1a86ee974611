package ivsevents

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// detail points at the fields of an event that are members of its detail; what is
// nil is no member of it. The unexported fields are not written.
type detail struct {
	detailType     DetailType
	stageARN       *string
	compositionARN *string // of composition events alone
	nanoseconds    bool    // of the event time; the others' is in whole seconds
	lenient        bool    // members of another type than expected are left alone

	SessionID             *string         `json:"session_id,omitzero"`
	EventName             EventName       `json:"event_name"`
	EventTime             *eventTime      `json:"event_time,omitzero"`
	EventTimePrecise      *preciseTime    `json:"event_time_precise,omitzero"`
	StageARN              *string         `json:"stage_arn,omitzero"`
	DestinationID         *string         `json:"id,omitzero"`
	UserID                *optional       `json:"user_id,omitzero"`
	ParticipantID         *string         `json:"participant_id,omitzero"`
	Replica               *flag           `json:"replica,omitzero"`
	SourceStageARN        *optional       `json:"source_stage_arn,omitzero"`
	SourceSessionID       *optional       `json:"source_session_id,omitzero"`
	DestinationStageARN   *string         `json:"destination_stage_arn,omitzero"`
	DestinationSessionID  *string         `json:"destination_session_id,omitzero"`
	PreviousToken         *exchangedToken `json:"previous_token,omitzero"`
	NewToken              *exchangedToken `json:"new_token,omitzero"`
	RecordingS3BucketName *string         `json:"recording_s3_bucket_name,omitzero"`
	RecordingS3KeyPrefix  *string         `json:"recording_s3_key_prefix,omitzero"`
	RecordingDuration     *milliseconds   `json:"recording_duration_ms,omitzero"`
	ErrorCode             *optional       `json:"error_code,omitzero"`
	Reason                *string         `json:"reason,omitzero"`
}

// resource returns the field with the ARN that comes first in the resources.
func (d detail) resource() *string { return cmp.Or(d.compositionARN, d.stageARN) }

// valueOf returns the value of a field, "" if the event does not have it.
func valueOf(field *string) string {
	if field == nil {
		return ""
	}
	return *field
}

// The types of members that are left out when zero, or written in a form of their
// own.
type (
	optional     string
	flag         bool
	eventTime    time.Time
	preciseTime  time.Time
	milliseconds time.Duration
)

func (o optional) IsZero() bool    { return o == "" }
func (f flag) IsZero() bool        { return !bool(f) }
func (t eventTime) IsZero() bool   { return time.Time(t).IsZero() }
func (t preciseTime) IsZero() bool { return time.Time(t).IsZero() }

const (
	layoutSeconds      = "2006-01-02T15:04:05Z"
	layoutMicroseconds = "2006-01-02T15:04:05.000000Z"
	layoutNanoseconds  = "2006-01-02T15:04:05.000000000Z"
)

func (t eventTime) MarshalText() ([]byte, error) {
	layout := layoutSeconds
	if time.Time(t).Nanosecond() != 0 {
		layout = layoutNanoseconds
	}
	return time.Time(t).UTC().AppendFormat(nil, layout), nil
}

func (t preciseTime) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, layoutMicroseconds), nil
}

func (m milliseconds) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(m).Milliseconds())
}

// exchangedToken is the token of the API with the names that events use.
type exchangedToken struct {
	Capabilities   []ivsrealtime.ParticipantTokenCapability `json:"capabilities,omitzero"`
	Attributes     map[string]string                        `json:"attributes,omitzero"`
	UserID         string                                   `json:"user_id,omitzero"`
	ExpirationTime time.Time                                `json:"expiration_time,omitzero"`
}

func (t exchangedToken) MarshalJSON() ([]byte, error) {
	type plain exchangedToken // without this method
	t.ExpirationTime = t.ExpirationTime.UTC()
	return json.Marshal(plain(t))
}

// read reads the token at w. Capabilities and attributes that are of another type
// than expected stay empty, as do other members.
func (t *exchangedToken) read(d *decoding, w *wire.Walker, prefix string) *wire.Error {
	*t = exchangedToken{} // of two the later one counts
	d.forget(func(path string) bool { return strings.HasPrefix(path, prefix) })
	return w.Object(func(name []byte) (known bool, err *wire.Error) {
		begin := *w
		switch string(name) {
		case "capabilities":
			t.Capabilities = make([]ivsrealtime.ParticipantTokenCapability, 0, 2) // there are no more so far
			err = w.Array(func() *wire.Error {
				if err := d.element(w); err != nil {
					return err
				}
				t.Capabilities = append(t.Capabilities, "")
				return w.Text((*string)(&t.Capabilities[len(t.Capabilities)-1]))
			})
			if err != nil {
				t.Capabilities = nil
			}
		case "attributes":
			t.Attributes = map[string]string{}
			err = w.Object(func(key []byte) (bool, *wire.Error) {
				if err := d.element(w); err != nil {
					return true, err
				}
				name, value := string(key), ""
				err := w.Text(&value)
				t.Attributes[name] = value
				return true, err
			})
			if err != nil {
				t.Attributes = nil
			}
		case "user_id":
			t.UserID = ""
			err = w.Text(&t.UserID)
		case "expiration_time":
			t.ExpirationTime = time.Time{}
			err = w.Time(&t.ExpirationTime)
		default:
			return false, nil
		}
		return d.optional(w, begin, prefix, name, err)
	})
}

func (m *milliseconds) read(w *wire.Walker) *wire.Error {
	var n int64
	err := w.Int(&n, math.MaxInt64/int64(time.Millisecond))
	*m = milliseconds(time.Duration(n) * time.Millisecond)
	return err
}

// memberIndex has, by their names, the indices of the fields of detail that are
// members.
var memberIndex = sync.OnceValue(func() map[string]int {
	index := map[string]int{}
	for i, field := range reflect.VisibleFields(reflect.TypeFor[detail]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			index[name] = i
		}
	}
	return index
})

// isIdentity says whether a member says what an event is about. Without it the
// event could be taken for one about something else.
func isIdentity(name string) bool {
	switch name {
	case "stage_arn", "session_id", "participant_id", "id", "destination_stage_arn", "destination_session_id":
		return true
	}
	return false
}

// member reads a member into the field of the event that is for it, if one is.
func (d *detail) member(from *decoding, name []byte) (known bool, err *wire.Error) {
	w := &from.detail
	i, known := memberIndex()[string(name)]
	if !known {
		return false, nil
	}
	field := reflect.ValueOf(d).Elem().Field(i)
	if field.Kind() != reflect.Pointer {
		return false, nil
	}
	if field.IsNil() {
		if string(name) == "stage_arn" && d.resource() != nil && from.firstResource() == "" {
			begin := *w
			from.stageARN = ""
			return from.optional(w, begin, "detail.", name, w.Text(&from.stageARN))
		}
		return false, nil
	}
	begin := *w
	field.Elem().SetZero() // of two the later one counts
	switch to := field.Interface().(type) {
	case *string:
		err = w.Text(to)
	case *optional:
		err = w.Text((*string)(to))
	case *flag:
		err = w.Bool((*bool)(to))
	case *eventTime:
		err = w.Time((*time.Time)(to))
	case *preciseTime:
		err = w.Time((*time.Time)(to))
	case *milliseconds:
		err = to.read(w)
	case *exchangedToken:
		prefix := "detail.new_token."
		if to == d.PreviousToken {
			prefix = "detail.previous_token."
		}
		err = to.read(from, w, prefix)
	}
	if err != nil && !d.lenient && isIdentity(string(name)) {
		return true, err
	}
	return from.optional(w, begin, "detail.", name, err)
}

// marshal returns the JSON of an event, its members in the order of the service's
// own.
func marshal(event Event) ([]byte, error) {
	env, d := event.Meta(), event.detail()
	return json.Marshal(struct {
		Version    string     `json:"version"`
		ID         string     `json:"id"`
		DetailType DetailType `json:"detail-type"`
		Source     string     `json:"source"`
		Account    string     `json:"account"`
		Time       string     `json:"time"`
		Region     string     `json:"region"`
		Resources  []string   `json:"resources"`
		Detail     detail     `json:"detail"`
	}{
		Version:    "0",
		ID:         env.ID,
		DetailType: cmp.Or(env.DetailType, d.detailType),
		Source:     cmp.Or(env.Source, Source),
		Account:    env.Account,
		Time:       env.Time.UTC().Format(layoutSeconds),
		Region:     env.Region,
		Resources:  resources(env, d),
		Detail:     d,
	})
}

// resources returns the resources of an event, the ARN in its field first.
func resources(env *Envelope, d detail) []string {
	out := append([]string{}, env.Resources...) // [], not null
	if arn := valueOf(d.resource()); arn != "" {
		out = append([]string{arn}, out[min(1, len(out)):]...)
	}
	return out
}

// summarize implements Event.Summary.
func summarize(event Event) Summary {
	env, d := event.Meta(), event.detail()
	s := Summary{
		Name:           d.EventName,
		StageARN:       valueOf(d.stageARN),
		CompositionARN: valueOf(d.compositionARN),
		SessionID:      valueOf(d.SessionID),
		ParticipantID:  valueOf(d.ParticipantID),
		Time:           env.Time,
		TimeSource:     TimeSourceEnvelope,
	}
	if t := d.time(); !t.IsZero() {
		s.Time, s.TimeSource = t, TimeSourceDetail
	}
	return s
}

// time returns the most exact time in d, zero if there is none.
func (d detail) time() time.Time {
	if d.EventTimePrecise != nil && !d.EventTimePrecise.IsZero() {
		return time.Time(*d.EventTimePrecise)
	}
	if d.EventTime != nil {
		return time.Time(*d.EventTime)
	}
	return time.Time{}
}
