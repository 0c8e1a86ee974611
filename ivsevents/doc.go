// Package ivsevents has the events that Amazon IVS Real-Time sends to
// EventBridge: a Go type for each, what decodes them and takes them to handlers,
// and what makes one for a test.
//
//	mux := ivsevents.NewMux()
//	ivsevents.On(mux, func(ctx context.Context, e *ivsevents.RecordingEnd) error {
//		return archive(ctx, e.RecordingS3BucketName, e.RecordingS3KeyPrefix)
//	})
//	lambda.Start(mux.Lambda)
//
// [Mux] gets events from EventBridge by way of AWS Lambda, SQS or an API
// destination, whose requests it accepts with the authorization header that
// [MuxOptions] name. [Decode] is for all other ways. Package ivstracker keeps the
// state that the events add up to, whatever their order. [Fill] builds events:
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
// switch for instance, and share the interface [Event]. Its Summary has what is in
// different places by the kind of event: the stage, the session, the participant,
// and the time with where it comes from. IDs and ARNs are never validated; the
// sets of error codes are open and reasons are free text. An event that the
// package does not know is an [Unknown], one of low-latency streaming, which has
// the same source, a [LowLatency]; what a type has no field for is in the Raw of
// its [Envelope].
//
// The service reports no joining or leaving, no subscribing, and no start or end
// of a stage's session. What it reports it reports by best effort: hours late at
// times, repeated, and out of order.
package ivsevents
