package ivsrealtimetest

import "github.com/seed-433ec77c/ivsrealtime"

// operations is the table of the API's operations by name. To add one, write its
// handler and put it here; nil stands for those that are not modelled yet.
func operations() map[string]*operation {
	return map[string]*operation{
		"CreateEncoderConfiguration":  nil,
		"CreateIngestConfiguration":   nil,
		"CreateParticipantToken":      on((*Server).createParticipantToken),
		"CreateStage":                 on((*Server).createStage),
		"CreateStorageConfiguration":  nil,
		"DeleteEncoderConfiguration":  nil,
		"DeleteIngestConfiguration":   nil,
		"DeletePublicKey":             nil,
		"DeleteStage":                 on((*Server).deleteStage),
		"DeleteStorageConfiguration":  nil,
		"DisconnectParticipant":       on((*Server).disconnectParticipant),
		"GetComposition":              nil,
		"GetEncoderConfiguration":     nil,
		"GetIngestConfiguration":      nil,
		"GetParticipant":              on((*Server).getParticipant),
		"GetPublicKey":                nil,
		"GetStage":                    on((*Server).getStage),
		"GetStageSession":             on((*Server).getStageSession),
		"GetStorageConfiguration":     nil,
		"ImportPublicKey":             nil,
		"ListCompositions":            nil,
		"ListEncoderConfigurations":   nil,
		"ListIngestConfigurations":    nil,
		"ListParticipantEvents":       on((*Server).listParticipantEvents),
		"ListParticipantReplicas":     nil,
		"ListParticipants":            on((*Server).listParticipants),
		"ListPublicKeys":              nil,
		"ListStageSessions":           on((*Server).listStageSessions),
		"ListStages":                  on((*Server).listStages),
		"ListStorageConfigurations":   nil,
		"ListTagsForResource":         on((*Server).listTagsForResource, bindListTagsForResource),
		"RevokeConnectionToken":       on((*Server).revokeConnectionToken),
		"StartComposition":            nil,
		"StartParticipantReplication": nil,
		"StopComposition":             nil,
		"StopParticipantReplication":  nil,
		"TagResource":                 on((*Server).tagResource, bindTagResource),
		"UntagResource":               on((*Server).untagResource, bindUntagResource),
		"UpdateIngestConfiguration":   nil,
		"UpdateStage":                 on((*Server).updateStage),
	}
}

func bindListTagsForResource(in *ivsrealtime.ListTagsForResourceInput, r *request) {
	in.ResourceARN = r.resourceARN
}

func bindTagResource(in *ivsrealtime.TagResourceInput, r *request) {
	in.ResourceARN = r.resourceARN
}

func bindUntagResource(in *ivsrealtime.UntagResourceInput, r *request) {
	in.ResourceARN, in.TagKeys = r.resourceARN, r.query["tagKeys"]
}
