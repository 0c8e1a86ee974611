package ivsrealtimetest

import (
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
)

// recording is what is recorded of a participant.
type recording struct {
	state          ivsrealtime.ParticipantRecordingState // "" stands for DISABLED
	bucket, prefix string
	storageARN     string

	began    time.Time     // the part that goes on
	recorded time.Duration // the parts before
	stopEnd  func() bool   // nil unless the end waits for the reconnect window
}

// startRecording records a participant that began to publish, if its stage
// records. Somebody who is back within the reconnect window goes on with the
// recording of before.
func (s *Server) startRecording(p *participant) {
	config := p.stage.recording
	storage, ok := s.storages.get(config.StorageConfigurationARN)
	if !ok {
		return
	}
	now := s.now()
	r := &p.recording
	if r.stopEnd != nil && r.stopEnd() && r.storageARN == storage.arn {
		r.state, r.began, r.stopEnd = ivsrealtime.ParticipantRecordingStateActive, now, nil
		return
	}
	*r = recording{
		state:      ivsrealtime.ParticipantRecordingStateActive,
		bucket:     storage.bucket,
		prefix:     p.stage.id + "/" + p.session.id + "/" + p.id + "/" + now.Format("2006-01-02T15-04-05Z"),
		storageARN: storage.arn,
		began:      now,
	}
	s.emit(&ivsevents.RecordingStart{
		StageARN:              p.stage.arn,
		SessionID:             p.session.id,
		ParticipantID:         p.id,
		RecordingS3BucketName: r.bucket,
		RecordingS3KeyPrefix:  r.prefix,
	})
}

// stopRecording ends the recording of a participant that stopped publishing,
// after the reconnect window.
func (s *Server) stopRecording(p *participant) {
	r := &p.recording
	if r.state != ivsrealtime.ParticipantRecordingStateActive {
		return
	}
	r.recorded += s.now().Sub(r.began)
	r.state = ivsrealtime.ParticipantRecordingStateStopping
	end := func() {
		r.state, r.stopEnd = ivsrealtime.ParticipantRecordingStateStopped, nil
		s.emit(&ivsevents.RecordingEnd{
			StageARN:              p.stage.arn,
			SessionID:             p.session.id,
			ParticipantID:         p.id,
			RecordingS3BucketName: r.bucket,
			RecordingS3KeyPrefix:  r.prefix,
			RecordingDuration:     r.recorded,
		})
	}
	if window := *p.stage.recording.RecordingReconnectWindowSeconds; window > 0 {
		r.stopEnd = s.after(time.Duration(window)*time.Second, end)
		return
	}
	end()
}

// recordsNow reports whether somebody on the stage is being recorded.
func (st *stage) recordsNow() bool {
	for _, ses := range st.sessions.after(0) {
		for _, p := range ses.participants.after(0) {
			if s := p.recording.state; s == ivsrealtime.ParticipantRecordingStateActive || s == ivsrealtime.ParticipantRecordingStateStopping {
				return true
			}
		}
	}
	return false
}
