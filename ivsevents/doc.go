// Package ivsevents has the events that Amazon IVS Real-Time sends to
// EventBridge: a Go type for each, and what makes one for a test.
//
//	event := ivsevents.Fill(&ivsevents.ParticipantPublished{
//		StageARN: "arn:aws:ivs:eu-west-1:111122223333:stage/Ab12Cd34Ef56",
//		UserID:   "anna",
//	})
//	body, err := json.Marshal(event) // as EventBridge delivers it
//
// A type is named as the event_name of its event, with Composition in front for
// the events of compositions: the session of CompositionSessionStart is that of
// the composition, not one of the stage. All are used as pointers, in a type
// switch for instance, and share the interface Event. IDs and ARNs are never
// validated; the sets of error codes are open and reasons are free text.
//
// The service reports no joining or leaving, no subscribing, and no start or end
// of a stage's session. What it reports it reports by best effort: hours late at
// times, repeated, and out of order.
//
// So far the package only builds events. It does not decode them yet.
package ivsevents
