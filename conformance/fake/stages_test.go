package fake_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

const (
	publish   = types.ParticipantTokenCapabilityPublish
	subscribe = types.ParticipantTokenCapabilitySubscribe
)

// enter joins with a token.
func (w *world) enter(token string) *ivsrealtimetest.Participant {
	w.Helper()
	p, err := w.srv.Join(ivsrealtime.Secret(token))
	require.NoError(w, err)
	return p
}

var stageStories = []story{
	{name: "life of a stage", tell: func(w *world) {
		out := call(w, w.client.CreateStage, &official.CreateStageInput{
			Name: aws.String("show"),
			Tags: map[string]string{"team": "video"},
			ParticipantTokenConfigurations: []types.ParticipantTokenConfiguration{
				{UserId: aws.String("host"), Attributes: map[string]string{"role": "host"}, Duration: aws.Int32(60)},
				{UserId: aws.String("viewer"), Capabilities: []types.ParticipantTokenCapability{subscribe}},
			},
		})
		require.Regexp(w, `^arn:aws:ivs:us-east-1:111122223333:stage/[A-Za-z0-9]{12}$`, *out.Stage.Arn)
		require.Equal(w, map[string]string{"team": "video"}, out.Stage.Tags)
		require.Nil(w, out.Stage.ActiveSessionId)
		for _, url := range []*string{out.Stage.Endpoints.Events, out.Stage.Endpoints.Whip, out.Stage.Endpoints.Rtmp, out.Stage.Endpoints.Rtmps} {
			require.NotEmpty(w, aws.ToString(url))
		}
		require.Len(w, out.ParticipantTokens, 2)
		host, viewer := out.ParticipantTokens[0], out.ParticipantTokens[1]
		require.Empty(w, host.Capabilities, "were not asked for")
		require.Equal(w, map[string]string{"role": "host"}, host.Attributes)
		require.Equal(w, int32(60), *host.Duration)
		require.WithinDuration(w, w.clock.Now().Add(time.Hour), *host.ExpirationTime, time.Second)
		require.Equal(w, []types.ParticipantTokenCapability{subscribe}, viewer.Capabilities)
		require.Equal(w, "viewer", *viewer.UserId)

		arn := out.Stage.Arn
		require.Equal(w, out.Stage, call(w, w.client.GetStage, &official.GetStageInput{Arn: arn}).Stage)
		call(w, w.client.UpdateStage, &official.UpdateStageInput{Arn: arn, Name: aws.String("encore")})
		list := call(w, w.client.ListStages, &official.ListStagesInput{})
		require.Len(w, list.Stages, 1)
		require.Equal(w, "encore", *list.Stages[0].Name)
		p := w.enter(*host.Token)
		require.Equal(w, p.SessionID(), *call(w, w.client.GetStage, &official.GetStageInput{Arn: arn}).Stage.ActiveSessionId)
		call(w, w.client.DeleteStage, &official.DeleteStageInput{Arn: arn})
		fails[*types.ResourceNotFoundException](w, w.client.GetStage, &official.GetStageInput{Arn: arn})
		fails[*types.ResourceNotFoundException](w, w.client.DeleteStage, &official.DeleteStageInput{Arn: arn})
		require.ErrorIs(w, p.Publish(), ivsrealtimetest.ErrNotConnected)
	}},

	{name: "tokens", tell: func(w *world) {
		stage := w.newStage("room")
		token := call(w, w.client.CreateParticipantToken, &official.CreateParticipantTokenInput{
			StageArn: &stage, UserId: aws.String("anna"), Duration: aws.Int32(1),
			Attributes: map[string]string{"seat": "1"}, Capabilities: []types.ParticipantTokenCapability{subscribe},
		}).ParticipantToken
		require.Equal(w, int32(1), *token.Duration)
		anna := w.enter(*token.Token)
		require.Equal(w, *token.ParticipantId, anna.ID())
		require.ErrorIs(w, anna.Publish(), ivsrealtimetest.ErrTokenNotAllowed)
		require.Equal(w, map[string]string{"seat": "1"}, w.participant(anna).Attributes)
		w.clock.Advance(2 * time.Minute)
		_, err := w.srv.Join(ivsrealtime.Secret(*token.Token))
		require.ErrorIs(w, err, ivsrealtimetest.ErrTokenExpired)

		ben := w.join(stage, "ben")
		call(w, w.client.DisconnectParticipant, &official.DisconnectParticipantInput{StageArn: &stage, ParticipantId: aws.String(ben.ID()), Reason: aws.String("goodbye")})
		require.ErrorIs(w, ben.Publish(), ivsrealtimetest.ErrNotConnected)
		require.Equal(w, types.ParticipantStateDisconnected, w.participant(ben).State)
		fails[*types.ResourceNotFoundException](w, w.client.CreateParticipantToken, &official.CreateParticipantTokenInput{StageArn: aws.String("arn:aws:ivs:us-east-1:111122223333:stage/AAAAAAAAAAAA")})
	}},

	{name: "participants, sessions and events", tell: func(w *world) {
		stage := w.newStage("room")
		anna := w.join(stage, "anna")
		ben := w.join(stage, "ben", subscribe)
		require.NoError(w, anna.Publish())
		require.NoError(w, ben.Subscribe(anna.ID()))
		require.Error(w, ben.Publish())
		got := w.participant(anna)
		require.True(w, got.Published)
		require.Equal(w, types.ParticipantStateConnected, got.State)
		require.Equal(w, types.ParticipantRecordingStateDisabled, got.RecordingState)
		session := anna.SessionID()
		list := func(change func(*official.ListParticipantsInput)) (users string) {
			w.Helper()
			in := &official.ListParticipantsInput{StageArn: &stage, SessionId: &session}
			change(in)
			for _, p := range call(w, w.client.ListParticipants, in).Participants {
				users += *p.UserId + " "
			}
			return users
		}
		w.clock.Advance(time.Minute)
		anna.Leave()
		require.Equal(w, "anna ben ", list(func(*official.ListParticipantsInput) {}))
		require.Equal(w, "anna ", list(func(in *official.ListParticipantsInput) { in.FilterByPublished = true }))
		require.Equal(w, "ben ", list(func(in *official.ListParticipantsInput) { in.FilterByUserId = aws.String("ben") }))
		require.Equal(w, "ben ", list(func(in *official.ListParticipantsInput) { in.FilterByState = types.ParticipantStateConnected }))
		require.Empty(w, list(func(in *official.ListParticipantsInput) {
			in.FilterByRecordingState = types.ParticipantRecordingFilterByRecordingStateActive
		}))
		require.Nil(w, call(w, w.client.GetStageSession, &official.GetStageSessionInput{StageArn: &stage, SessionId: &session}).StageSession.EndTime)
		ben.Leave()
		cleo := w.join(stage, "cleo")
		require.NotEqual(w, session, cleo.SessionID())
		ended := call(w, w.client.GetStageSession, &official.GetStageSessionInput{StageArn: &stage, SessionId: &session}).StageSession
		require.Equal(w, time.Minute, ended.EndTime.Sub(*ended.StartTime))
		sessions := call(w, w.client.ListStageSessions, &official.ListStageSessionsInput{StageArn: &stage}).StageSessions
		require.Len(w, sessions, 2)
		require.Equal(w, "JOINED PUBLISH_STARTED PUBLISH_STOPPED LEFT", w.events(anna))
		require.Equal(w, "JOINED SUBSCRIBE_STARTED PUBLISH_ERROR=INSUFFICIENT_CAPABILITIES SUBSCRIBE_STOPPED LEFT", w.events(ben))
		fails[*types.ResourceNotFoundException](w, w.client.GetParticipant, &official.GetParticipantInput{StageArn: &stage, SessionId: &session, ParticipantId: aws.String("nobody")})
		fails[*types.ResourceNotFoundException](w, w.client.GetStageSession, &official.GetStageSessionInput{StageArn: &stage, SessionId: aws.String("st-aaaaaaaaaaaaa")})
		require.Len(w, w.srv.Events(), 3, "published, publish error, unpublished")
	}},

	{name: "public keys and tokens signed with them", tell: func(w *world) {
		stage := call(w, w.client.CreateStage, &official.CreateStageInput{}).Stage
		imported := func() (*ecdsa.PrivateKey, *types.PublicKey) {
			w.Helper()
			key, material := newKey(w)
			return key, call(w, w.client.ImportPublicKey, &official.ImportPublicKeyInput{PublicKeyMaterial: &material, Name: aws.String("k"), Tags: map[string]string{"a": "b"}}).PublicKey
		}
		key, public := imported()
		require.Regexp(w, `^arn:aws:ivs:us-east-1:111122223333:public-key/`, *public.Arn)
		require.NotEmpty(w, *public.Fingerprint)
		require.Equal(w, public, call(w, w.client.GetPublicKey, &official.GetPublicKeyInput{Arn: public.Arn}).PublicKey)
		now := w.clock.Now().Unix()
		token := jwt.NewWithClaims(jwt.SigningMethodES384, jwt.MapClaims{
			"exp": now + 3600, "iat": now, "jti": "anna_1", "resource": *stage.Arn, "topic": (*stage.Arn)[strings.LastIndex(*stage.Arn, "/")+1:],
			"events_url": *stage.Endpoints.Events, "whip_url": *stage.Endpoints.Whip, "user_id": "anna",
			"capabilities": map[string]bool{"allow_publish": true, "allow_subscribe": true}, "version": "1.0",
		})
		token.Header["kid"] = *public.Arn
		signed, err := token.SignedString(key)
		require.NoError(w, err)
		anna := w.enter(signed)
		require.NoError(w, anna.Publish())
		require.Equal(w, "anna", *w.participant(anna).UserId)

		_, again := imported()
		_, _ = imported()
		_, material := newKey(w)
		fails[*types.ServiceQuotaExceededException](w, w.client.ImportPublicKey, &official.ImportPublicKeyInput{PublicKeyMaterial: &material})
		call(w, w.client.DeletePublicKey, &official.DeletePublicKeyInput{Arn: again.Arn})
		fails[*types.ConflictException](w, w.client.ImportPublicKey, &official.ImportPublicKeyInput{PublicKeyMaterial: public.PublicKeyMaterial})
		fails[*types.ValidationException](w, w.client.ImportPublicKey, &official.ImportPublicKeyInput{PublicKeyMaterial: aws.String("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n")})
		fails[*types.ResourceNotFoundException](w, w.client.GetPublicKey, &official.GetPublicKeyInput{Arn: again.Arn})
		require.Len(w, call(w, w.client.ListPublicKeys, &official.ListPublicKeysInput{}).PublicKeys, 2)
	}},

	{name: "tags", tell: func(w *world) {
		_, material := newKey(w)
		stage := w.newStage("room")
		arns := map[string]string{
			"stage": stage, "encoder": w.newEncoder(), "storage": w.newStorage(),
			"key":    *call(w, w.client.ImportPublicKey, &official.ImportPublicKeyInput{PublicKeyMaterial: &material}).PublicKey.Arn,
			"ingest": *call(w, w.client.CreateIngestConfiguration, &official.CreateIngestConfigurationInput{IngestProtocol: types.IngestProtocolRtmps}).IngestConfiguration.Arn,
		}
		arns["composition"] = *w.start(stage, arns["storage"], arns["encoder"]).Arn
		for name, arn := range arns {
			call(w, w.client.TagResource, &official.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a b": "c/d", "ü": "x", "k": name}})
			call(w, w.client.TagResource, &official.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"k": "again"}})
			call(w, w.client.UntagResource, &official.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"a b", "ü", "none"}})
			require.Equal(w, map[string]string{"k": "again"}, call(w, w.client.ListTagsForResource, &official.ListTagsForResourceInput{ResourceArn: &arn}).Tags, name)
			fails[*types.ValidationException](w, w.client.TagResource, &official.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"aws:x": "y"}})
		}
		require.Equal(w, map[string]string{"k": "again"}, call(w, w.client.GetStage, &official.GetStageInput{Arn: &stage}).Stage.Tags)
		call(w, w.client.DeleteStage, &official.DeleteStageInput{Arn: &stage})
		fails[*types.ResourceNotFoundException](w, w.client.ListTagsForResource, &official.ListTagsForResourceInput{ResourceArn: &stage})
	}},

	{name: "paging", tell: tellPages},
}

func newKey(w *world) (*ecdsa.PrivateKey, string) {
	w.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(w, err)
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(w, err)
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// tellPages walks every list that there is, item by item.
func tellPages(w *world) {
	stage := w.newStage("0")
	for i := range 6 {
		w.newStage(fmt.Sprint(i + 1))
	}
	storage, encoder := w.newStorage(), w.newEncoder()
	w.newStorage()
	w.newEncoder()
	for range 2 {
		w.start(stage, storage, encoder)
		_, material := newKey(w)
		call(w, w.client.ImportPublicKey, &official.ImportPublicKeyInput{PublicKeyMaterial: &material})
		call(w, w.client.CreateIngestConfiguration, &official.CreateIngestConfigurationInput{IngestProtocol: types.IngestProtocolRtmps, StageArn: &stage})
	}
	w.join(stage, "early").Leave()
	anna := w.join(stage, "anna")
	w.join(stage, "ben")
	require.NoError(w, anna.Publish())
	all := call(w, w.client.ListStages, &official.ListStagesInput{}).Stages
	for _, other := range all[1:3] {
		call(w, w.client.StartParticipantReplication, &official.StartParticipantReplicationInput{SourceStageArn: &stage, DestinationStageArn: other.Arn, ParticipantId: aws.String(anna.ID())})
	}
	session, id, one := anna.SessionID(), anna.ID(), aws.Int32(1)

	walk(w, 7, official.NewListStagesPaginator(w.client, &official.ListStagesInput{MaxResults: one}),
		func(p *official.ListStagesOutput) int { return len(p.Stages) })
	walk(w, 2, official.NewListEncoderConfigurationsPaginator(w.client, &official.ListEncoderConfigurationsInput{MaxResults: one}),
		func(p *official.ListEncoderConfigurationsOutput) int { return len(p.EncoderConfigurations) })
	walk(w, 2, official.NewListStorageConfigurationsPaginator(w.client, &official.ListStorageConfigurationsInput{MaxResults: one}),
		func(p *official.ListStorageConfigurationsOutput) int { return len(p.StorageConfigurations) })
	walk(w, 2, official.NewListIngestConfigurationsPaginator(w.client, &official.ListIngestConfigurationsInput{MaxResults: one, FilterByStageArn: &stage}),
		func(p *official.ListIngestConfigurationsOutput) int { return len(p.IngestConfigurations) })
	walk(w, 2, official.NewListPublicKeysPaginator(w.client, &official.ListPublicKeysInput{MaxResults: one}),
		func(p *official.ListPublicKeysOutput) int { return len(p.PublicKeys) })
	walk(w, 2, official.NewListCompositionsPaginator(w.client, &official.ListCompositionsInput{MaxResults: one, FilterByStageArn: &stage}),
		func(p *official.ListCompositionsOutput) int { return len(p.Compositions) })
	walk(w, 2, official.NewListStageSessionsPaginator(w.client, &official.ListStageSessionsInput{MaxResults: one, StageArn: &stage}),
		func(p *official.ListStageSessionsOutput) int { return len(p.StageSessions) })
	walk(w, 2, official.NewListParticipantsPaginator(w.client, &official.ListParticipantsInput{MaxResults: one, StageArn: &stage, SessionId: &session}),
		func(p *official.ListParticipantsOutput) int { return len(p.Participants) })
	walk(w, 2, official.NewListParticipantReplicasPaginator(w.client, &official.ListParticipantReplicasInput{MaxResults: one, SourceStageArn: &stage, ParticipantId: &id}),
		func(p *official.ListParticipantReplicasOutput) int { return len(p.Replicas) })
	walk(w, 4, official.NewListParticipantEventsPaginator(w.client, &official.ListParticipantEventsInput{MaxResults: one, StageArn: &stage, SessionId: &session, ParticipantId: &id}),
		func(p *official.ListParticipantEventsOutput) int { return len(p.Events) })

	first := call(w, w.client.ListStages, &official.ListStagesInput{MaxResults: aws.Int32(3)})
	require.Regexp(w, `^[a-zA-Z0-9+/=_-]{1,1000}$`, *first.NextToken)
	call(w, w.client.DeleteStage, &official.DeleteStageInput{Arn: first.Stages[2].Arn})
	second := call(w, w.client.ListStages, &official.ListStagesInput{NextToken: first.NextToken})
	require.Equal(w, "3", *second.Stages[0].Name, "the row that the token stands on may go")
	fails[*types.ValidationException](w, w.client.ListStages, &official.ListStagesInput{NextToken: aws.String("nonsense")})
	fails[*types.ValidationException](w, w.client.ListPublicKeys, &official.ListPublicKeysInput{NextToken: first.NextToken})
	fails[*types.ValidationException](w, w.client.ListStages, &official.ListStagesInput{MaxResults: aws.Int32(101)})
}
