package ivsevents

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// Errors of Decode, for errors.Is. The event is not to be had by trying again.
var (
	// ErrMalformed: the data is not the JSON of an event. The text of the error says
	// where it is wrong and how, and holds nothing of the values.
	ErrMalformed = errors.New("ivsevents: malformed event")

	// ErrNotIVS: it is an event, but neither its source nor its detail-type is of IVS.
	ErrNotIVS = errors.New("ivsevents: event of another source than IVS")
)

// Decode reads an event as EventBridge delivers it: a whole event, not one that
// an input transformer changed.
//
// The detail-type and the event_name decide what comes out: one of the types named
// after an event, [*LowLatency] for an event of low-latency streaming, and
// [*Unknown] for anything else of IVS. The source decides only where the
// detail-type is none of the three of IVS Real-Time, so that an event that was put
// under a source of your own, to try things out, decodes as well.
//
// Members may be missing, and null is as good as missing: their fields stay empty.
// So is the StageARN of a stage or recording event without resources. Only
// source, detail-type, detail and, for the three detail-types, event_name must be
// there. Names match exactly, of two members with the same name the later one
// counts, error codes and IDs are taken as they come, and times become UTC. What
// the type has no field for can be read from [Envelope].Raw.
//
// An error matches [ErrMalformed] or [ErrNotIVS]. Decode keeps no part of data.
func Decode(data []byte) (Event, error) {
	event, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if event == nil {
		return nil, ErrNotIVS
	}
	return event, nil
}

// decode returns no event if it is one of another source.
func decode(data []byte) (Event, *wire.Error) {
	var h head
	w := wire.NewWalker(data)
	if err := w.Object(func(name []byte) (bool, *wire.Error) { return h.member(&w, name) }); err != nil {
		return nil, err
	}
	if err := w.End(); err != nil {
		return nil, err
	}
	for _, required := range []struct {
		name string
		has  bool
	}{{"source", h.Source != ""}, {"detail-type", h.DetailType != ""}, {"detail", h.hasDetail}} {
		if !required.has {
			return nil, missing(required.name)
		}
	}

	ours := slices.Contains(h.DetailType.Values(), h.DetailType)
	switch {
	case ours && h.nameErr != nil:
		return nil, h.nameErr
	case ours && !h.hasName:
		return nil, missing("detail.event_name")
	case !ours && h.Source != Source:
		return nil, nil
	}
	event := newEvent(h.DetailType, EventName(h.eventName))
	h.Raw = slices.Clone(data)
	*event.Meta() = h.Envelope
	d := event.detail()
	if err := h.detail.Object(func(name []byte) (bool, *wire.Error) { return d.member(&h.detail, name) }); err != nil {
		return nil, inDetail(err)
	}
	if len(h.Resources) > 0 {
		if unknown, ok := event.(*Unknown); ok {
			unknown.locate(h.Resources[0])
		} else if arn := d.resource(); arn != nil {
			*arn = h.Resources[0]
		}
	}
	return event, nil
}

func missing(path string) *wire.Error {
	return &wire.Error{Path: path, Offset: -1, Msg: "missing"}
}

func inDetail(err *wire.Error) *wire.Error {
	err.Path = strings.TrimSuffix("detail."+err.Path, ".")
	return err
}

// head is what is known of an event before its type is.
type head struct {
	Envelope
	detail    wire.Walker // stands at the detail
	hasDetail bool

	eventName string
	hasName   bool
	nameErr   *wire.Error // that the name is no string
}

// member reads a member of the envelope.
func (h *head) member(w *wire.Walker, name []byte) (bool, *wire.Error) {
	switch string(name) {
	case "id":
		return true, w.Text(&h.ID)
	case "detail-type":
		return true, w.Text((*string)(&h.DetailType))
	case "source":
		return true, w.Text(&h.Source)
	case "account":
		return true, w.Text(&h.Account)
	case "time":
		return true, w.Time(&h.Time)
	case "region":
		return true, w.Text(&h.Region)
	case "resources":
		h.Resources = []string{}
		return true, w.Array(func() *wire.Error {
			h.Resources = append(h.Resources, "")
			return w.Text(&h.Resources[len(h.Resources)-1])
		})
	case "detail":
		h.detail, h.hasDetail = *w, true
		h.eventName, h.hasName, h.nameErr = "", false, nil
		return true, w.Object(func(name []byte) (bool, *wire.Error) {
			if string(name) != "event_name" {
				return false, nil
			}
			try := *w
			h.hasName, h.nameErr = true, try.Text(&h.eventName)
			if h.nameErr != nil { // which matters to the events that are ours
				h.nameErr.Path = "detail.event_name"
				return false, nil
			}
			*w = try
			return true, nil
		})
	}
	return false, nil
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
