// Package ivstracker keeps the state that the events of Amazon IVS Real-Time add up
// to: stages, their sessions and participants, recordings and compositions.
//
//	tracker := ivstracker.NewTracker()
//	ivsevents.On(mux, tracker.Handle)
//	changes, err := tracker.Reconcile(ctx, client) // at the start, and now and then
//	stage, known := tracker.Stage(arn)
//
// Events come late, repeatedly, out of order or not at all. A [Tracker] makes the same
// of them whatever their order, and in bounded memory; its documentation says what
// is guaranteed. [Tracker.Reconcile] asks the API, and repairs what got lost.
package ivstracker
