package ivsevents

// CompositionSessionStart says that a composition runs: it subscribed to the
// stage and receives media.
type CompositionSessionStart struct {
	Envelope

	// The composition, and the stage that it composes.
	CompositionARN, StageARN string
}

// CompositionSessionEnd says that a composition ended and that its resources are
// gone. Its fields are those of CompositionSessionStart.
type CompositionSessionEnd CompositionSessionStart

// CompositionSessionFailure says that a composition failed: its stage was
// deleted, its outputs failed, or the service did.
type CompositionSessionFailure struct {
	Envelope

	// The composition, and the stage that it composes.
	CompositionARN, StageARN string

	// ErrorCode says why; empty in events from before 27 February 2026.
	ErrorCode ErrorCode

	// Reason says why, in words.
	Reason string
}

// CompositionDestinationStart says that output to a destination started.
type CompositionDestinationStart struct {
	Envelope

	// The composition, and the stage that it composes.
	CompositionARN, StageARN string

	// DestinationID is the ID of the destination: the id of the detail.
	DestinationID string
}

// CompositionDestinationEnd says that output to a destination finished. Its fields
// are those of CompositionDestinationStart.
type CompositionDestinationEnd CompositionDestinationStart

// CompositionDestinationReconnecting says that output to a destination was
// interrupted and that reconnecting is being tried. Its fields are those of
// CompositionDestinationStart.
type CompositionDestinationReconnecting CompositionDestinationStart

// CompositionDestinationFailure says that output to a destination failed.
type CompositionDestinationFailure struct {
	Envelope

	// The composition, and the stage that it composes.
	CompositionARN, StageARN string

	// DestinationID is the ID of the destination: the id of the detail.
	DestinationID string

	// ErrorCode says why; empty in events from before 27 February 2026.
	ErrorCode ErrorCode

	// Reason says why, in words.
	Reason string
}

func (e *CompositionSessionStart) detail() detail {
	return composition(EventNameCompositionSessionStart, &e.CompositionARN, &e.StageARN)
}

func (e *CompositionSessionEnd) detail() detail {
	return composition(EventNameCompositionSessionEnd, &e.CompositionARN, &e.StageARN)
}

func (e *CompositionSessionFailure) detail() detail {
	d := composition(EventNameCompositionSessionFailure, &e.CompositionARN, &e.StageARN)
	d.ErrorCode, d.Reason = (*optional)(&e.ErrorCode), &e.Reason
	return d
}

func (e *CompositionDestinationStart) detail() detail {
	d := composition(EventNameCompositionDestinationStart, &e.CompositionARN, &e.StageARN)
	d.DestinationID = &e.DestinationID
	return d
}

func (e *CompositionDestinationEnd) detail() detail {
	d := composition(EventNameCompositionDestinationEnd, &e.CompositionARN, &e.StageARN)
	d.DestinationID = &e.DestinationID
	return d
}

func (e *CompositionDestinationReconnecting) detail() detail {
	d := composition(EventNameCompositionDestinationReconnecting, &e.CompositionARN, &e.StageARN)
	d.DestinationID = &e.DestinationID
	return d
}

func (e *CompositionDestinationFailure) detail() detail {
	d := composition(EventNameCompositionDestinationFailure, &e.CompositionARN, &e.StageARN)
	d.DestinationID = &e.DestinationID
	d.ErrorCode, d.Reason = (*optional)(&e.ErrorCode), &e.Reason
	return d
}

// composition returns what the details of all composition events have.
func composition(name EventName, compositionARN, stageARN *string) detail {
	return detail{
		detailType:     DetailTypeCompositionStateChange,
		stageARN:       stageARN,
		compositionARN: compositionARN,
		EventName:      name,
		StageARN:       stageARN,
	}
}

// The methods of Event.

// Summary returns what events of all types have in common.
func (e *CompositionSessionStart) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *CompositionSessionEnd) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *CompositionSessionFailure) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *CompositionDestinationStart) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *CompositionDestinationEnd) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *CompositionDestinationReconnecting) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *CompositionDestinationFailure) Summary() Summary { return summarize(e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e CompositionSessionStart) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e CompositionSessionEnd) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e CompositionSessionFailure) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e CompositionDestinationStart) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e CompositionDestinationEnd) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e CompositionDestinationReconnecting) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e CompositionDestinationFailure) MarshalJSON() ([]byte, error) { return marshal(&e) }
