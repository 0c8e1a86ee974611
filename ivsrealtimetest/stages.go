package ivsrealtimetest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

// stage is the state of a stage; its tags are in Server.tags.
type stage struct {
	arn, id   string
	name      string
	recording ivsrealtime.AutoParticipantRecordingConfiguration // every member set
	endpoints ivsrealtime.StageEndpoints
	tokens    issuedTokens

	sessions table[*session]     // by ID
	active   *session            // the one that runs, or nil
	barred   map[string]struct{} // participants that DisconnectParticipant shut out
}

func (s *Server) createStage(c *call, in *ivsrealtime.CreateStageInput) (*ivsrealtime.CreateStageOutput, error) {
	c.str("name", in.Name, 0, 128, namePattern)
	c.count("participantTokenConfigurations", len(in.ParticipantTokenConfigurations), 12)
	for i, wanted := range in.ParticipantTokenConfigurations {
		c.item("participantTokenConfigurations", i).token(wanted)
	}
	c.tags(in.Tags)
	s.checkRecording(c, in.AutoParticipantRecordingConfiguration)
	if err := c.err(); err != nil {
		return nil, err
	}
	if most := s.options.Quotas.Stages; s.stages.len() >= most {
		return nil, newError(codeQuotaExceeded, "The account has %d stages in the region, as many as its quota allows.", s.stages.len())
	}

	st := &stage{
		id:        s.ids.alnum(12),
		name:      in.Name,
		recording: mergeRecording(recordingOff(), in.AutoParticipantRecordingConfiguration),
		endpoints: newEndpoints(s.endpointLabel()),
		barred:    map[string]struct{}{},
	}
	st.arn = s.arn("stage", st.id)
	if err := s.addTags(st.arn, in.Tags); err != nil {
		return nil, err
	}
	s.stages.add(st.arn, st)

	out := &ivsrealtime.CreateStageOutput{Stage: s.showStage(st)}
	for _, wanted := range in.ParticipantTokenConfigurations {
		out.ParticipantTokens = append(out.ParticipantTokens, s.issueToken(st, wanted, c.time))
	}
	return out, nil
}

func (s *Server) getStage(c *call, in *ivsrealtime.GetStageInput) (*ivsrealtime.GetStageOutput, error) {
	c.arn("arn", in.ARN, "stage")
	st, err := existing(c, &s.stages, in.ARN)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.GetStageOutput{Stage: s.showStage(st)}, nil
}

func (s *Server) updateStage(c *call, in *ivsrealtime.UpdateStageInput) (*ivsrealtime.UpdateStageOutput, error) {
	c.arn("arn", in.ARN, "stage")
	if in.Name != nil {
		c.str("name", *in.Name, 0, 128, namePattern)
	}
	s.checkRecording(c, in.AutoParticipantRecordingConfiguration)
	st, err := existing(c, &s.stages, in.ARN)
	if err != nil {
		return nil, err
	}
	if in.AutoParticipantRecordingConfiguration != nil && st.recordsNow() {
		return nil, newError(codeConflict, "The recording configuration cannot be changed while a participant is being recorded.")
	}
	if in.Name != nil {
		st.name = *in.Name
	}
	st.recording = mergeRecording(st.recording, in.AutoParticipantRecordingConfiguration)
	return &ivsrealtime.UpdateStageOutput{Stage: s.showStage(st)}, nil
}

func (s *Server) deleteStage(c *call, in *ivsrealtime.DeleteStageInput) (*ivsrealtime.DeleteStageOutput, error) {
	c.arn("arn", in.ARN, "stage")
	st, err := existing(c, &s.stages, in.ARN)
	if err != nil {
		return nil, err
	}
	s.releaseIngests(func(p *participant) bool { return p.stage == st })
	s.failCompositions(st)
	s.disconnectAll(st)
	s.stages.delete(in.ARN)
	delete(s.tags, in.ARN)
	return &ivsrealtime.DeleteStageOutput{}, nil
}

func (s *Server) listStages(c *call, in *ivsrealtime.ListStagesInput) (*ivsrealtime.ListStagesOutput, error) {
	c.page(in.NextToken, in.MaxResults, 100)
	if err := c.err(); err != nil {
		return nil, err
	}
	list := listing{op: "ListStages", token: in.NextToken, size: cmp.Or(in.MaxResults, 50)}
	stages, next, err := page(s, &s.stages, list, func(st *stage) (ivsrealtime.StageSummary, bool) {
		return ivsrealtime.StageSummary{ARN: st.arn, Name: st.name, ActiveSessionID: st.activeSessionID(), Tags: s.tags[st.arn]}, true
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListStagesOutput{Stages: stages, NextToken: next}, nil
}

// showStage is the stage as the API shows it. It shares maps and slices with the
// state, see on.
func (s *Server) showStage(st *stage) ivsrealtime.Stage {
	return ivsrealtime.Stage{
		ARN:                                   st.arn,
		Name:                                  st.name,
		ActiveSessionID:                       st.activeSessionID(),
		Tags:                                  s.tags[st.arn],
		AutoParticipantRecordingConfiguration: st.recording,
		Endpoints:                             st.endpoints,
	}
}

func (st *stage) activeSessionID() string {
	if st.active == nil {
		return ""
	}
	return st.active.id
}

// endpointLabel is the label of all stages of the account in the region.
func (s *Server) endpointLabel() string {
	hash := sha256.Sum256([]byte(s.options.AccountID + " " + s.options.Region))
	return hex.EncodeToString(hash[:6])
}

// newEndpoints returns the addresses of a stage, which share a label.
func newEndpoints(label string) ivsrealtime.StageEndpoints {
	return ivsrealtime.StageEndpoints{
		Events: "wss://global.events.live-video.net",
		WHIP:   "https://" + label + ".global-bm.whip.live-video.net",
		RTMP:   "rtmp://" + label + ".global-contribute.live-video.net/app/",
		RTMPS:  "rtmps://" + label + ".global-contribute.live-video.net:443/app/",
	}
}

// checkRecording checks the member autoParticipantRecordingConfiguration, and
// that the storage configuration exists: a stage's operations have no
// ResourceNotFoundException for it.
func (s *Server) checkRecording(c *call, in *ivsrealtime.AutoParticipantRecordingConfiguration) {
	if in == nil {
		return
	}
	m := c.member("autoParticipantRecordingConfiguration")
	if arn := in.StorageConfigurationARN; arn == "" {
		m.required("storageConfigurationArn", true)
	} else {
		wellFormed := arnPattern("storage-configuration")
		m.str("storageConfigurationArn", arn, 0, 128, wellFormed)
		if wellFormed.match(arn) && !s.hasStorageConfiguration(arn) {
			m.fail("storageConfigurationArn", "must be the ARN of a storage configuration that exists")
		}
	}
	checkEnums(m, "mediaTypes", in.MediaTypes, 1)
	if in.RecordingReconnectWindowSeconds != nil {
		m.num("recordingReconnectWindowSeconds", *in.RecordingReconnectWindowSeconds, 0, 300)
	}
	m.member("hlsConfiguration").num("targetSegmentDurationSeconds", in.HLSConfiguration.TargetSegmentDurationSeconds, 2, 10)

	t := m.member("thumbnailConfiguration")
	t.num("targetIntervalSeconds", in.ThumbnailConfiguration.TargetIntervalSeconds, 1, 86400)
	checkEnums(t, "storage", in.ThumbnailConfiguration.Storage, 2)
	if kinds := in.ThumbnailConfiguration.Storage; len(kinds) == 2 && kinds[0] == kinds[1] {
		t.fail("storage", "must have unique values")
	}
	checkEnum(t, "recordingMode", in.ThumbnailConfiguration.RecordingMode)
}

// recordingOff is the recording configuration of a stage that does not record.
func recordingOff() ivsrealtime.AutoParticipantRecordingConfiguration {
	return ivsrealtime.AutoParticipantRecordingConfiguration{
		MediaTypes: []ivsrealtime.ParticipantRecordingMediaType{ivsrealtime.ParticipantRecordingMediaTypeAudioVideo},
		ThumbnailConfiguration: ivsrealtime.ParticipantThumbnailConfiguration{
			TargetIntervalSeconds: 60,
			Storage:               []ivsrealtime.ThumbnailStorageType{ivsrealtime.ThumbnailStorageTypeSequential},
			RecordingMode:         ivsrealtime.ThumbnailRecordingModeDisabled,
		},
		RecordingReconnectWindowSeconds: aws.Int32(0),
		HLSConfiguration:                ivsrealtime.ParticipantRecordingHLSConfiguration{TargetSegmentDurationSeconds: 6},
		RecordParticipantReplicas:       aws.Bool(true),
	}
}

// mergeRecording returns the recording configuration of a stage that had old
// and was sent in: members left out, or empty lists, stay as they are, and
// without a storage configuration everything goes back to its default.
func mergeRecording(old ivsrealtime.AutoParticipantRecordingConfiguration, in *ivsrealtime.AutoParticipantRecordingConfiguration) ivsrealtime.AutoParticipantRecordingConfiguration {
	switch {
	case in == nil:
		return old
	case in.StorageConfigurationARN == "":
		return recordingOff()
	}
	merged := *in
	merged.MediaTypes = orList(in.MediaTypes, old.MediaTypes)
	merged.ThumbnailConfiguration = ivsrealtime.ParticipantThumbnailConfiguration{
		TargetIntervalSeconds: cmp.Or(in.ThumbnailConfiguration.TargetIntervalSeconds, old.ThumbnailConfiguration.TargetIntervalSeconds),
		Storage:               orList(in.ThumbnailConfiguration.Storage, old.ThumbnailConfiguration.Storage),
		RecordingMode:         cmp.Or(in.ThumbnailConfiguration.RecordingMode, old.ThumbnailConfiguration.RecordingMode),
	}
	merged.RecordingReconnectWindowSeconds = cmp.Or(in.RecordingReconnectWindowSeconds, old.RecordingReconnectWindowSeconds)
	merged.HLSConfiguration.TargetSegmentDurationSeconds = cmp.Or(in.HLSConfiguration.TargetSegmentDurationSeconds, old.HLSConfiguration.TargetSegmentDurationSeconds)
	merged.RecordParticipantReplicas = cmp.Or(in.RecordParticipantReplicas, old.RecordParticipantReplicas)
	return merged
}

func orList[E any](list, fallback []E) []E {
	if len(list) == 0 {
		return fallback
	}
	return list
}
