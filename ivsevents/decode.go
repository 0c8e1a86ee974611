package ivsevents

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// Errors of Decode, for errors.Is. Another try has the same result.
var (
	// ErrMalformed: the data is not the JSON of an event. The text of the error says
	// where it is wrong and how, and holds nothing of the values.
	ErrMalformed = errors.New("ivsevents: malformed event")

	// ErrNotIVS: it is an event, but its source is neither aws.ivs nor one of the
	// Sources in the options.
	ErrNotIVS = errors.New("ivsevents: event of another source than aws.ivs")
)

// What bounds the memory that an event can take. Events of IVS have a few KiB, and
// EventBridge takes no larger ones than this.
const (
	maxEventBytes = 1 << 20
	maxElements   = 10_000 // of the lists and maps that are read
)

// DecodeOptions are the options of [Decode].
type DecodeOptions struct {
	// Sources are the sources to accept beside aws.ivs. EventBridge reserves that one
	// for AWS, so that events that you put yourself, to try things out, have another.
	// None by default.
	Sources []string
}

// Decode reads an event as EventBridge delivers it: a whole event, not one that
// an input transformer changed, of at most 1 MiB.
//
// The source must be aws.ivs, or one that an option names: nobody but AWS can send
// events with this source. The detail-type and the event_name decide the type of
// the result. It is one of the types named after an event, [*LowLatency] for an
// event of low-latency streaming, and [*Unknown] for anything else of IVS.
//
// Members may be missing, and null counts as missing: their fields stay empty.
// Only source, detail-type, detail and, for the three detail-types of IVS
// Real-Time, event_name must be there.
//
// A member of another type than expected does not lose the event: its field stays
// empty, and [Envelope].Unread names it. There are exceptions, for which the
// event is malformed: the four members above, and what says which stage, session,
// participant, composition or destination an event of IVS Real-Time is about. These
// are the first of the resources, stage_arn, session_id, participant_id, id,
// destination_stage_arn and destination_session_id.
//
// Some forms beside the documented ones are read. Times may be numbers of seconds
// since 1970, the account may be a number, whole numbers may be written as 4505780.0
// or 4.50578E6, and a stage or recording event without resources may have a
// stage_arn in its detail.
//
// Names match exactly. Of two members with the same name the later one counts.
// Error codes and IDs are taken as they come. Times become UTC. What the type has
// no field for can be read from [Envelope].Raw.
//
// An error matches [ErrMalformed] or [ErrNotIVS]. Decode keeps no part of data.
func Decode(data []byte, optFns ...func(*DecodeOptions)) (Event, error) {
	var options DecodeOptions
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	return decode(data, options.Sources)
}

func decode(data []byte, sources []string) (Event, error) {
	if len(data) > maxEventBytes {
		return nil, fmt.Errorf("%w: want at most %d bytes, got %d", ErrMalformed, maxEventBytes, len(data))
	}
	var d decoding
	if err := d.readEnvelope(data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if d.Source != Source && !slices.Contains(sources, d.Source) {
		return nil, ErrNotIVS
	}
	event, err := d.readDetail(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return event, nil
}

// decoding is an event that is being read. The envelope comes first, since members
// have any order and the type of the event depends on two of them.
type decoding struct {
	Envelope
	detail    wire.Walker // stands at the detail
	hasDetail bool
	eventName string
	hasName   bool

	nameErr *wire.Error // that the event_name is no string
	arnErr  *wire.Error // that the first of the resources is no string

	stageARN string // the stage_arn of an event that has it in the resources
	elements int    // that were read, of lists and maps
}

func (d *decoding) readEnvelope(data []byte) *wire.Error {
	w := wire.NewWalker(data)
	if err := w.Object(func(name []byte) (bool, *wire.Error) { return d.envelopeMember(&w, name) }); err != nil {
		return err
	}
	if err := w.End(); err != nil {
		return err
	}
	switch {
	case d.Source == "":
		return missing("source")
	case d.DetailType == "":
		return missing("detail-type")
	case !d.hasDetail:
		return missing("detail")
	}
	return nil
}

// readDetail returns the event, of its type.
func (d *decoding) readDetail(data []byte) (Event, *wire.Error) {
	if slices.Contains(d.DetailType.Values(), d.DetailType) {
		switch {
		case d.nameErr != nil:
			return nil, d.nameErr
		case !d.hasName:
			return nil, missing("detail.event_name")
		case d.arnErr != nil:
			return nil, d.arnErr
		}
	} else if d.nameErr != nil {
		d.unread("detail.event_name")
	}
	event := newEvent(d.DetailType, EventName(d.eventName))
	fields := event.detail()
	if err := d.detail.Object(func(name []byte) (bool, *wire.Error) { return fields.member(d, name) }); err != nil {
		err.Path = strings.TrimSuffix("detail."+err.Path, ".")
		return nil, err
	}
	d.Raw = slices.Clone(data)
	*event.Meta() = d.Envelope
	arn := cmp.Or(d.firstResource(), d.stageARN)
	if unknown, ok := event.(*Unknown); ok {
		unknown.locate(arn)
	} else if field := fields.resource(); field != nil && arn != "" {
		*field = arn
	}
	return event, nil
}

// firstResource returns the ARN that an event is about, if it is there.
func (d *decoding) firstResource() string {
	if len(d.Resources) == 0 {
		return ""
	}
	return d.Resources[0]
}

func missing(path string) *wire.Error {
	return &wire.Error{Path: path, Offset: -1, Msg: "missing"}
}

// envelopeMember reads a member of the envelope.
func (d *decoding) envelopeMember(w *wire.Walker, name []byte) (known bool, err *wire.Error) {
	begin := *w
	switch string(name) {
	case "detail-type":
		return true, w.Text((*string)(&d.DetailType))
	case "source":
		return true, w.Text(&d.Source)
	case "detail":
		return true, d.findDetail(w)
	case "id":
		d.ID = ""
		err = w.Text(&d.ID)
	case "account":
		err = d.readAccount(w)
	case "time":
		d.Time = time.Time{}
		err = w.Time(&d.Time)
	case "region":
		d.Region = ""
		err = w.Text(&d.Region)
	case "resources":
		err = d.readResources(w)
	default:
		return false, nil
	}
	return d.optional(w, begin, "", name, err)
}

// optional ends the reading of a member from where it began. Unless it is of the
// right type it is skipped, which finds what is no JSON at all, and named: by the
// prefix and its name.
func (d *decoding) optional(w *wire.Walker, begin wire.Walker, prefix string, name []byte, err *wire.Error) (known bool, _ *wire.Error) {
	if err != nil && d.elements > maxElements {
		err.Path = "" // the steps below the member may be keys of a map
		return true, err
	}
	if err == nil {
		if d.Unread != nil { // an earlier one of the same name may be there
			d.forget(func(path string) bool { return path == prefix+string(name) })
		}
		return true, nil
	}
	*w = begin
	d.unread(prefix + string(name))
	return false, nil
}

func (d *decoding) unread(path string) {
	if !slices.Contains(d.Unread, path) {
		d.Unread = append(d.Unread, path)
	}
}

func (d *decoding) forget(which func(path string) bool) {
	if d.Unread = slices.DeleteFunc(d.Unread, which); len(d.Unread) == 0 {
		d.Unread = nil
	}
}

// element counts an element of a list or a map that is about to be read.
func (d *decoding) element(w *wire.Walker) *wire.Error {
	if d.elements++; d.elements > maxElements {
		return w.Fail(fmt.Sprintf("more than %d elements in lists and maps", maxElements))
	}
	return nil
}

// findDetail notes where the detail is, and its event_name.
func (d *decoding) findDetail(w *wire.Walker) *wire.Error {
	d.detail, d.hasDetail = *w, true
	d.eventName, d.hasName, d.nameErr = "", false, nil
	return w.Object(func(name []byte) (bool, *wire.Error) {
		if string(name) != "event_name" {
			return false, nil
		}
		begin := *w
		d.eventName, d.hasName = "", true
		if d.nameErr = w.Text(&d.eventName); d.nameErr != nil {
			d.nameErr.Path = "detail.event_name"
			*w = begin
			return false, nil
		}
		return true, nil
	})
}

// readAccount reads an account that may be a number, without its leading zeros.
func (d *decoding) readAccount(w *wire.Walker) *wire.Error {
	d.Account = ""
	if w.Kind() == '"' {
		return w.Text(&d.Account)
	}
	var n int64
	err := w.Int(&n, 999_999_999_999)
	if err == nil && n < 0 {
		return w.Fail("want an account of 12 digits, got a negative number")
	}
	if err == nil {
		d.Account = fmt.Sprintf("%012d", n)
	}
	return err
}

// readResources reads the resources that are strings.
func (d *decoding) readResources(w *wire.Walker) *wire.Error {
	d.Resources, d.arnErr = nil, nil
	if w.Kind() != '[' {
		d.arnErr = w.Array(nil) // an error that says what it is instead
		d.arnErr.Path = "resources"
		return d.arnErr
	}
	d.Resources = []string{}
	var odd *wire.Error
	err := w.Array(func() *wire.Error {
		if err := d.element(w); err != nil {
			return err
		}
		begin, arn := *w, ""
		err := w.Text(&arn)
		if err == nil {
			d.Resources = append(d.Resources, arn)
			return nil
		}
		*w, odd = begin, err
		if len(d.Resources) == 0 && d.arnErr == nil {
			d.arnErr = err
			d.arnErr.Path = "resources[0]"
		}
		return w.Skip()
	})
	if err == nil {
		err = odd
	}
	return err
}

// newEvent returns an empty event of the type for a detail-type and an event_name.
func newEvent(detailType DetailType, name EventName) Event {
	var event Event
	switch name {
	case EventNameParticipantPublished:
		event = &ParticipantPublished{}
	case EventNameParticipantUnpublished:
		event = &ParticipantUnpublished{}
	case EventNameParticipantPublishError:
		event = &ParticipantPublishError{}
	case EventNameParticipantReplicationStart:
		event = &ParticipantReplicationStart{}
	case EventNameParticipantReplicationEnd:
		event = &ParticipantReplicationEnd{}
	case EventNameTokenExchanged:
		event = &TokenExchanged{}
	case EventNameRecordingStart:
		event = &RecordingStart{}
	case EventNameRecordingEnd:
		event = &RecordingEnd{}
	case EventNameRecordingStartFailure:
		event = &RecordingStartFailure{}
	case EventNameRecordingEndFailure:
		event = &RecordingEndFailure{}
	case EventNameCompositionSessionStart:
		event = &CompositionSessionStart{}
	case EventNameCompositionSessionEnd:
		event = &CompositionSessionEnd{}
	case EventNameCompositionSessionFailure:
		event = &CompositionSessionFailure{}
	case EventNameCompositionDestinationStart:
		event = &CompositionDestinationStart{}
	case EventNameCompositionDestinationEnd:
		event = &CompositionDestinationEnd{}
	case EventNameCompositionDestinationReconnecting:
		event = &CompositionDestinationReconnecting{}
	case EventNameCompositionDestinationFailure:
		event = &CompositionDestinationFailure{}
	}
	// Recordings of low-latency streaming have names that are known, too.
	if event != nil && event.detail().detailType == detailType {
		return event
	}
	switch detailType {
	case "IVS Stream State Change", "IVS Stream Health Change", "IVS Limit Breach", "IVS Recording State Change":
		return &LowLatency{EventName: name}
	}
	return &Unknown{EventName: name}
}
