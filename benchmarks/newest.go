package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/prelude"
	"github.com/aws/smithy-go/traits"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"
)

// newest is what the newest generation of official clients would cost on our
// service, which has no such client yet: the runtime of service/lambda, whole,
// with smithy-go's own restJson1 codec reading and writing the shapes below. They
// are written as that generation's are: a schema, and methods that go through it.
type newest struct {
	client   *lambda.Client
	protocol *ivsProtocol
}

// ivsProtocol puts our operation in the place of the one that the runtime calls.
// It serves one call at a time.
type ivsProtocol struct {
	*restjson1.Protocol
	operation *smithy.OperationSchema
	in        smithy.Serializable
	out       smithy.Deserializable
}

func (p *ivsProtocol) SerializeRequest(ctx context.Context, _ *smithy.OperationSchema, _ smithy.Serializable, r *smithyhttp.Request) error {
	return p.Protocol.SerializeRequest(ctx, p.operation, p.in, r)
}

func (p *ivsProtocol) DeserializeResponse(ctx context.Context, _ *smithy.OperationSchema, types *smithy.TypeRegistry, resp *smithyhttp.Response, _ smithy.Deserializable) error {
	return p.Protocol.DeserializeResponse(ctx, p.operation, types, resp, p.out)
}

func newNewest(answer *cannedAnswer) *newest {
	p := &ivsProtocol{Protocol: restjson1.New(smithy.NewServiceSchema(newSchema("AmazonIVSRealTime", smithy.ShapeTypeService), ""))}
	return &newest{newLambda(answer, func(o *lambda.Options) { o.Protocol = p }), p}
}

// invoke calls CreateAlias, so far as the runtime knows. Its own input and output
// are two small allocations that a real operation would have too.
func (n *newest) invoke(ctx context.Context, operation *smithy.OperationSchema, in smithy.Serializable, out smithy.Deserializable) error {
	n.protocol.operation, n.protocol.in, n.protocol.out = operation, in, out
	_, err := n.client.CreateAlias(ctx, aliasInput)
	return err
}

var aliasInput = &lambda.CreateAliasInput{FunctionName: aws.String("f"), FunctionVersion: aws.String("1"), Name: aws.String("x")}

func newSchema(name string, typ smithy.ShapeType, ts ...smithy.Trait) *smithy.Schema {
	return smithy.NewSchema(smithy.ShapeID{Namespace: "com.amazonaws.ivsrealtime", Name: name}, typ, 0, ts...)
}

func newOperation(name string, in, out *smithy.Schema) *smithy.OperationSchema {
	return smithy.NewOperationSchema(newSchema(name, smithy.ShapeTypeOperation, &traits.HTTP{Method: "POST", URI: "/" + name, Code: 200}), in, out)
}

func structure(name string) *smithy.Schema { return newSchema(name, smithy.ShapeTypeStructure) }

func list(name string, member *smithy.Schema) *smithy.Schema {
	s := newSchema(name, smithy.ShapeTypeList)
	s.AddMember("member", member)
	return s
}

func tagMap() *smithy.Schema {
	s := newSchema("Tags", smithy.ShapeTypeMap)
	s.AddMember("key", prelude.String)
	s.AddMember("value", prelude.String)
	return s
}

var (
	isoTime = newSchema("Time", smithy.ShapeTypeTimestamp, &traits.TimestampFormat{Format: "date-time"})

	thumbnailConfiguration = structure("ParticipantThumbnailConfiguration")
	thumbnailMode          = thumbnailConfiguration.AddMember("recordingMode", prelude.String)
	thumbnailStorage       = thumbnailConfiguration.AddMember("storage", list("ThumbnailStorageTypeList", prelude.String))
	thumbnailInterval      = thumbnailConfiguration.AddMember("targetIntervalSeconds", prelude.Integer)

	hlsConfiguration = structure("ParticipantRecordingHlsConfiguration")
	hlsDuration      = hlsConfiguration.AddMember("targetSegmentDurationSeconds", prelude.Integer)

	recordingConfiguration = structure("AutoParticipantRecordingConfiguration")
	recordingHLS           = recordingConfiguration.AddMember("hlsConfiguration", hlsConfiguration)
	recordingMediaTypes    = recordingConfiguration.AddMember("mediaTypes", list("ParticipantRecordingMediaTypeList", prelude.String))
	recordingReplicas      = recordingConfiguration.AddMember("recordParticipantReplicas", prelude.Boolean)
	recordingWindow        = recordingConfiguration.AddMember("recordingReconnectWindowSeconds", prelude.Integer)
	recordingStorage       = recordingConfiguration.AddMember("storageConfigurationArn", prelude.String)
	recordingThumbnails    = recordingConfiguration.AddMember("thumbnailConfiguration", thumbnailConfiguration)

	endpointsSchema = structure("StageEndpoints")
	endpointsEvents = endpointsSchema.AddMember("events", prelude.String)
	endpointsRTMP   = endpointsSchema.AddMember("rtmp", prelude.String)
	endpointsRTMPS  = endpointsSchema.AddMember("rtmps", prelude.String)
	endpointsWHIP   = endpointsSchema.AddMember("whip", prelude.String)

	stageSchema    = structure("Stage")
	stageSession   = stageSchema.AddMember("activeSessionId", prelude.String)
	stageArn       = stageSchema.AddMember("arn", prelude.String)
	stageRecording = stageSchema.AddMember("autoParticipantRecordingConfiguration", recordingConfiguration)
	stageEndpoints = stageSchema.AddMember("endpoints", endpointsSchema)
	stageName      = stageSchema.AddMember("name", prelude.String)
	stageTags      = stageSchema.AddMember("tags", tagMap())

	getStageRequest     = structure("GetStageRequest")
	getStageRequestArn  = getStageRequest.AddMember("arn", prelude.String)
	getStageResponse    = structure("GetStageResponse")
	getStageStage       = getStageResponse.AddMember("stage", stageSchema)
	getStageOperation   = newOperation("GetStage", getStageRequest, getStageResponse)
	participantSchema   = structure("ParticipantSummary")
	participantJoined   = participantSchema.AddMember("firstJoinTime", isoTime)
	participantID       = participantSchema.AddMember("participantId", prelude.String)
	participantPub      = participantSchema.AddMember("published", prelude.Boolean)
	participantRecState = participantSchema.AddMember("recordingState", prelude.String)
	participantRepState = participantSchema.AddMember("replicationState", prelude.String)
	participantRepType  = participantSchema.AddMember("replicationType", prelude.String)
	participantSrcSess  = participantSchema.AddMember("sourceSessionId", prelude.String)
	participantSrcStage = participantSchema.AddMember("sourceStageArn", prelude.String)
	participantState    = participantSchema.AddMember("state", prelude.String)
	participantUser     = participantSchema.AddMember("userId", prelude.String)

	listParticipantsRequest   = structure("ListParticipantsRequest")
	listParticipantsMax       = listParticipantsRequest.AddMember("maxResults", prelude.Integer)
	listParticipantsSession   = listParticipantsRequest.AddMember("sessionId", prelude.String)
	listParticipantsStage     = listParticipantsRequest.AddMember("stageArn", prelude.String)
	listParticipantsResponse  = structure("ListParticipantsResponse")
	listParticipantsToken     = listParticipantsResponse.AddMember("nextToken", prelude.String)
	listParticipantsItems     = listParticipantsResponse.AddMember("participants", list("ParticipantList", participantSchema))
	listParticipantsOperation = newOperation("ListParticipants", listParticipantsRequest, listParticipantsResponse)
)

type newestGetStageInput struct{ ARN *string }

func (v *newestGetStageInput) Serialize(s smithy.ShapeSerializer) {
	s.WriteStruct(getStageRequest)
	if v.ARN != nil {
		s.WriteString(getStageRequestArn, *v.ARN)
	}
	s.CloseStruct()
}

type newestGetStageOutput struct{ Stage *newestStage }

func (v *newestGetStageOutput) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, getStageResponse, func(s *smithy.Schema) error {
		switch s {
		case getStageStage:
			v.Stage = &newestStage{}
			return v.Stage.Deserialize(d)
		}
		return nil
	})
}

type newestStage struct {
	ActiveSessionID, ARN, Name *string
	Recording                  *newestRecording
	Endpoints                  *newestEndpoints
	Tags                       map[string]string
}

func (v *newestStage) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, stageSchema, func(s *smithy.Schema) error {
		switch s {
		case stageSession:
			return readNewString(d, s, &v.ActiveSessionID)
		case stageArn:
			return readNewString(d, s, &v.ARN)
		case stageName:
			return readNewString(d, s, &v.Name)
		case stageRecording:
			v.Recording = &newestRecording{}
			return v.Recording.Deserialize(d)
		case stageEndpoints:
			v.Endpoints = &newestEndpoints{}
			return v.Endpoints.Deserialize(d)
		case stageTags:
			return readMap(d, s, &v.Tags)
		}
		return nil
	})
}

type newestRecording struct {
	HLS            *newestHLS
	MediaTypes     []string
	RecordReplicas *bool
	Window         *int32
	StorageARN     *string
	Thumbnails     *newestThumbnails
}

func (v *newestRecording) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, recordingConfiguration, func(s *smithy.Schema) error {
		switch s {
		case recordingHLS:
			v.HLS = &newestHLS{}
			return v.HLS.Deserialize(d)
		case recordingMediaTypes:
			return readList(d, s, &v.MediaTypes)
		case recordingReplicas:
			v.RecordReplicas = new(bool)
			return d.ReadBool(s, v.RecordReplicas)
		case recordingWindow:
			v.Window = new(int32)
			return d.ReadInt32(s, v.Window)
		case recordingStorage:
			return readNewString(d, s, &v.StorageARN)
		case recordingThumbnails:
			v.Thumbnails = &newestThumbnails{}
			return v.Thumbnails.Deserialize(d)
		}
		return nil
	})
}

type newestHLS struct{ Duration *int32 }

func (v *newestHLS) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, hlsConfiguration, func(s *smithy.Schema) error {
		switch s {
		case hlsDuration:
			v.Duration = new(int32)
			return d.ReadInt32(s, v.Duration)
		}
		return nil
	})
}

type newestThumbnails struct {
	Mode     string
	Storage  []string
	Interval *int32
}

func (v *newestThumbnails) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, thumbnailConfiguration, func(s *smithy.Schema) error {
		switch s {
		case thumbnailMode:
			return readEnum(d, s, &v.Mode)
		case thumbnailStorage:
			return readList(d, s, &v.Storage)
		case thumbnailInterval:
			v.Interval = new(int32)
			return d.ReadInt32(s, v.Interval)
		}
		return nil
	})
}

type newestEndpoints struct{ Events, RTMP, RTMPS, WHIP *string }

func (v *newestEndpoints) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, endpointsSchema, func(s *smithy.Schema) error {
		switch s {
		case endpointsEvents:
			return readNewString(d, s, &v.Events)
		case endpointsRTMP:
			return readNewString(d, s, &v.RTMP)
		case endpointsRTMPS:
			return readNewString(d, s, &v.RTMPS)
		case endpointsWHIP:
			return readNewString(d, s, &v.WHIP)
		}
		return nil
	})
}

type newestListParticipantsInput struct {
	MaxResults          *int32
	SessionID, StageARN *string
}

func (v *newestListParticipantsInput) Serialize(s smithy.ShapeSerializer) {
	s.WriteStruct(listParticipantsRequest)
	if v.MaxResults != nil {
		s.WriteInt32(listParticipantsMax, *v.MaxResults)
	}
	if v.SessionID != nil {
		s.WriteString(listParticipantsSession, *v.SessionID)
	}
	if v.StageARN != nil {
		s.WriteString(listParticipantsStage, *v.StageARN)
	}
	s.CloseStruct()
}

type newestListParticipantsOutput struct {
	NextToken    *string
	Participants []newestParticipant
}

func (v *newestListParticipantsOutput) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, listParticipantsResponse, func(s *smithy.Schema) error {
		switch s {
		case listParticipantsToken:
			return readNewString(d, s, &v.NextToken)
		case listParticipantsItems:
			v.Participants = make([]newestParticipant, 0)
			var vv newestParticipant
			return smithy.ReadList(d, s, func() error {
				if isNil, err := d.ReadNil(s.ListMember()); err != nil || isNil {
					return err
				}
				vv = newestParticipant{}
				if err := vv.Deserialize(d); err != nil {
					return err
				}
				v.Participants = append(v.Participants, vv)
				return nil
			})
		}
		return nil
	})
}

type newestParticipant struct {
	FirstJoinTime                             *time.Time
	ID, SourceSessionID, SourceStageARN, User *string
	Published                                 bool
	RecordingState, ReplicationState          string
	ReplicationType, State                    string
}

func (v *newestParticipant) Deserialize(d smithy.ShapeDeserializer) error {
	return smithy.ReadStruct(d, participantSchema, func(s *smithy.Schema) error {
		switch s {
		case participantJoined:
			v.FirstJoinTime = new(time.Time)
			return d.ReadTime(s, v.FirstJoinTime)
		case participantID:
			return readNewString(d, s, &v.ID)
		case participantPub:
			return d.ReadBool(s, &v.Published)
		case participantRecState:
			return readEnum(d, s, &v.RecordingState)
		case participantRepState:
			return readEnum(d, s, &v.ReplicationState)
		case participantRepType:
			return readEnum(d, s, &v.ReplicationType)
		case participantSrcSess:
			return readNewString(d, s, &v.SourceSessionID)
		case participantSrcStage:
			return readNewString(d, s, &v.SourceStageARN)
		case participantState:
			return readEnum(d, s, &v.State)
		case participantUser:
			return readNewString(d, s, &v.User)
		}
		return nil
	})
}

func readNewString(d smithy.ShapeDeserializer, s *smithy.Schema, v **string) error {
	*v = new(string)
	return d.ReadString(s, *v)
}

// readEnum goes through a variable of its own, as the generated code does.
func readEnum(d smithy.ShapeDeserializer, s *smithy.Schema, v *string) error {
	var ev string
	if err := d.ReadString(s, &ev); err != nil {
		return err
	}
	*v = ev
	return nil
}

func readList(d smithy.ShapeDeserializer, s *smithy.Schema, v *[]string) error {
	*v = make([]string, 0)
	var vv string
	return smithy.ReadList(d, s, func() error {
		if err := d.ReadString(s.ListMember(), &vv); err != nil {
			return err
		}
		*v = append(*v, vv)
		return nil
	})
}

func readMap(d smithy.ShapeDeserializer, s *smithy.Schema, v *map[string]string) error {
	*v = make(map[string]string)
	var vv string
	return smithy.ReadMap(d, s, func(key string) error {
		if err := d.ReadString(s.MapValue(), &vv); err != nil {
			return err
		}
		(*v)[key] = vv
		return nil
	})
}
