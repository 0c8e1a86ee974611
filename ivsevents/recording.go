package ivsevents

import "time"

// RecordingStart says that a publisher connected and is being recorded.
type RecordingStart struct {
	Envelope

	// The stage, its session and the publisher in it. With merged recordings the
	// session can differ from the one in the prefix.
	StageARN, SessionID, ParticipantID string

	// The bucket, and the prefix of the recording in it.
	RecordingS3BucketName, RecordingS3KeyPrefix string
}

// RecordingEnd says that a publisher has gone and that every file of the
// recording is in the bucket. With a reconnect window it comes that much later.
type RecordingEnd struct {
	Envelope

	// The stage, its session and the publisher in it. With merged recordings the
	// session can differ from the one in the prefix.
	StageARN, SessionID, ParticipantID string

	// The bucket, and the prefix of the recording in it.
	RecordingS3BucketName, RecordingS3KeyPrefix string

	// RecordingDuration is recording_duration_ms: the length of the recording, in whole
	// milliseconds.
	RecordingDuration time.Duration
}

// RecordingStartFailure says that a recording could not start and that the
// publisher is not recorded.
type RecordingStartFailure struct {
	Envelope

	// The stage, its session and the publisher in it.
	StageARN, SessionID, ParticipantID string

	// The bucket, and the prefix that the recording was to have in it.
	RecordingS3BucketName, RecordingS3KeyPrefix string

	// ErrorCode says why; empty in events from before 27 February 2026.
	ErrorCode ErrorCode

	// Reason says why, in words.
	Reason string
}

// RecordingEndFailure says that a recording ended in failure. Some of its files
// may be in the bucket.
type RecordingEndFailure struct {
	Envelope

	// The stage, its session and the publisher in it. With merged recordings the
	// session can differ from the one in the prefix.
	StageARN, SessionID, ParticipantID string

	// The bucket, and the prefix of the recording in it.
	RecordingS3BucketName, RecordingS3KeyPrefix string

	// RecordingDuration is recording_duration_ms: the length of the recording, in whole
	// milliseconds.
	RecordingDuration time.Duration

	// ErrorCode says why; empty in events from before 27 February 2026.
	ErrorCode ErrorCode

	// Reason says why, in words.
	Reason string
}

func (e *RecordingStart) detail() detail {
	return recording(EventNameRecordingStart, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.RecordingS3BucketName, &e.RecordingS3KeyPrefix)
}

func (e *RecordingEnd) detail() detail {
	d := recording(EventNameRecordingEnd, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.RecordingS3BucketName, &e.RecordingS3KeyPrefix)
	d.RecordingDuration = (*milliseconds)(&e.RecordingDuration)
	return d
}

func (e *RecordingStartFailure) detail() detail {
	d := recording(EventNameRecordingStartFailure, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.RecordingS3BucketName, &e.RecordingS3KeyPrefix)
	d.ErrorCode, d.Reason = (*optional)(&e.ErrorCode), &e.Reason
	return d
}

func (e *RecordingEndFailure) detail() detail {
	d := recording(EventNameRecordingEndFailure, &e.StageARN, &e.SessionID, &e.ParticipantID, &e.RecordingS3BucketName, &e.RecordingS3KeyPrefix)
	d.RecordingDuration = (*milliseconds)(&e.RecordingDuration)
	d.ErrorCode, d.Reason = (*optional)(&e.ErrorCode), &e.Reason
	return d
}

// recording returns what the details of all recording events have.
func recording(name EventName, stageARN, sessionID, participantID, bucketName, keyPrefix *string) detail {
	return detail{
		detailType:            DetailTypeParticipantRecordingStateChange,
		stageARN:              stageARN,
		SessionID:             sessionID,
		EventName:             name,
		ParticipantID:         participantID,
		RecordingS3BucketName: bucketName,
		RecordingS3KeyPrefix:  keyPrefix,
	}
}

// The methods of Event.

// Summary returns what events of all types have in common.
func (e *RecordingStart) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *RecordingEnd) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *RecordingStartFailure) Summary() Summary { return summarize(e) }

// Summary returns what events of all types have in common.
func (e *RecordingEndFailure) Summary() Summary { return summarize(e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e RecordingStart) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e RecordingEnd) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e RecordingStartFailure) MarshalJSON() ([]byte, error) { return marshal(&e) }

// MarshalJSON returns the whole event as EventBridge delivers it.
func (e RecordingEndFailure) MarshalJSON() ([]byte, error) { return marshal(&e) }
