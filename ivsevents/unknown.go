package ivsevents

import (
	"slices"
	"strings"
	"time"
)

// Unknown is an event of IVS whose detail-type or event_name this version of the
// package does not know. Its Raw holds all of it. The fields are what the names of
// known events have, as far as it has members of the same name and type.
type Unknown struct {
	Envelope

	// EventName is the event_name of the detail.
	EventName EventName

	// The composition and the stage: the ARN in the resources by its form, and the
	// stage_arn of the detail.
	CompositionARN, StageARN string

	// The session of the stage, the participant and its user.
	SessionID, ParticipantID, UserID string

	// The time in the detail.
	EventTime, EventTimePrecise time.Time
}

// LowLatency is an event of low-latency streaming, about a channel and its stream.
// It shares the source with the events of IVS Real-Time, not its detail-types, and
// is no business of this package: Raw has what there is to know.
type LowLatency struct {
	Envelope

	// EventName is the event_name of the detail.
	EventName EventName
}

func (e *Unknown) detail() detail {
	d := stageUpdate(e.EventName, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.UserID, &e.EventTime)
	d.detailType, d.lenient = e.DetailType, true
	d.EventTimePrecise = (*preciseTime)(&e.EventTimePrecise)
	d.StageARN = &e.StageARN
	if e.CompositionARN != "" {
		d.compositionARN = &e.CompositionARN
	}
	return d
}

func (e *LowLatency) detail() detail {
	return detail{detailType: e.DetailType, EventName: e.EventName}
}

// locate puts an ARN of the resources into the field that it is for.
func (e *Unknown) locate(arn string) {
	if strings.Contains(arn, ":composition/") {
		e.CompositionARN = arn
	} else if strings.Contains(arn, ":stage/") {
		e.StageARN = arn
	}
}

// The methods of Event.

// Summary returns what events of all types have in common.
func (e *Unknown) Summary() Summary { return summarize(e) }

// Summary returns the name and the time of the event.
func (e *LowLatency) Summary() Summary { return summarize(e) }

// MarshalJSON returns the whole event as it was decoded; one that was not decoded,
// from its fields.
func (e Unknown) MarshalJSON() ([]byte, error) {
	if e.Raw != nil {
		return slices.Clone(e.Raw), nil
	}
	return marshal(&e)
}

// MarshalJSON returns the whole event as it was decoded; one that was not decoded,
// from its fields.
func (e LowLatency) MarshalJSON() ([]byte, error) {
	if e.Raw != nil {
		return slices.Clone(e.Raw), nil
	}
	return marshal(&e)
}
