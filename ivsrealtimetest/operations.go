package ivsrealtimetest

import (
	"sync"

	"github.com/seed-433ec77c/ivsrealtime"
)

// operations is the table of the API's operations by name. To add one, write its
// handler and put it here.
func operations() map[string]*operation {
	return map[string]*operation{
		"CreateEncoderConfiguration":  on((*Server).createEncoderConfiguration),
		"CreateIngestConfiguration":   on((*Server).createIngestConfiguration),
		"CreateParticipantToken":      on((*Server).createParticipantToken),
		"CreateStage":                 on((*Server).createStage),
		"CreateStorageConfiguration":  on((*Server).createStorageConfiguration),
		"DeleteEncoderConfiguration":  on((*Server).deleteEncoderConfiguration),
		"DeleteIngestConfiguration":   on((*Server).deleteIngestConfiguration),
		"DeletePublicKey":             on((*Server).deletePublicKey),
		"DeleteStage":                 on((*Server).deleteStage),
		"DeleteStorageConfiguration":  on((*Server).deleteStorageConfiguration),
		"DisconnectParticipant":       on((*Server).disconnectParticipant),
		"GetComposition":              on((*Server).getComposition),
		"GetEncoderConfiguration":     on((*Server).getEncoderConfiguration),
		"GetIngestConfiguration":      on((*Server).getIngestConfiguration),
		"GetParticipant":              on((*Server).getParticipant),
		"GetPublicKey":                on((*Server).getPublicKey),
		"GetStage":                    on((*Server).getStage),
		"GetStageSession":             on((*Server).getStageSession),
		"GetStorageConfiguration":     on((*Server).getStorageConfiguration),
		"ImportPublicKey":             on((*Server).importPublicKey),
		"ListCompositions":            on((*Server).listCompositions),
		"ListEncoderConfigurations":   on((*Server).listEncoderConfigurations),
		"ListIngestConfigurations":    on((*Server).listIngestConfigurations),
		"ListParticipantEvents":       on((*Server).listParticipantEvents),
		"ListParticipantReplicas":     on((*Server).listParticipantReplicas),
		"ListParticipants":            on((*Server).listParticipants),
		"ListPublicKeys":              on((*Server).listPublicKeys),
		"ListStageSessions":           on((*Server).listStageSessions),
		"ListStages":                  on((*Server).listStages),
		"ListStorageConfigurations":   on((*Server).listStorageConfigurations),
		"ListTagsForResource":         on((*Server).listTagsForResource, bindListTagsForResource),
		"RevokeConnectionToken":       on((*Server).revokeConnectionToken),
		"StartComposition":            on((*Server).startComposition),
		"StartParticipantReplication": on((*Server).startParticipantReplication),
		"StopComposition":             on((*Server).stopComposition),
		"StopParticipantReplication":  on((*Server).stopParticipantReplication),
		"TagResource":                 on((*Server).tagResource, bindTagResource),
		"UntagResource":               on((*Server).untagResource, bindUntagResource),
		"UpdateIngestConfiguration":   on((*Server).updateIngestConfiguration),
		"UpdateStage":                 on((*Server).updateStage),
	}
}

var operationsByName = sync.OnceValue(operations)

// isOperation reports whether the API has the operation.
func isOperation(name string) bool { return operationsByName()[name] != nil }

func bindListTagsForResource(in *ivsrealtime.ListTagsForResourceInput, r *request) {
	in.ResourceARN = r.resourceARN
}

func bindTagResource(in *ivsrealtime.TagResourceInput, r *request) {
	in.ResourceARN = r.resourceARN
}

func bindUntagResource(in *ivsrealtime.UntagResourceInput, r *request) {
	in.ResourceARN, in.TagKeys = r.resourceARN, r.query["tagKeys"]
}
