package ivsrealtimetest_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// FuzzStory plays a story in which each byte is something that happens to a few
// stages, people and compositions: no order of events leads to a panic, to an
// error that is not modelled, or to a list that cannot be read.
func FuzzStory(f *testing.F) {
	f.Add([]byte("every byte does something, in whatever order they come"))
	for seed := range byte(20) {
		story := make([]byte, 200)
		random := rand.NewChaCha8([32]byte{seed})
		_, _ = random.Read(story)
		f.Add(story)
	}
	f.Fuzz(func(t *testing.T, story []byte) {
		if len(story) > 200 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			p := newPlay(t)
			for _, b := range story {
				p.scene(b)
			}
			p.end()
		})
	})
}

// play is a fake with what a story has made so far.
type play struct {
	t            *testing.T
	srv          *ivsrealtimetest.Server
	client       *ivsrealtime.Client
	storage      string
	encoder      string
	stages       []string
	people       []*ivsrealtimetest.Participant
	compositions []ivsrealtime.Composition
	tokens       []ivsrealtime.Secret
	ingests      []ivsrealtime.IngestConfiguration
}

func newPlay(t *testing.T) *play {
	p := &play{t: t}
	p.srv = ivsrealtimetest.NewServer(unsigned, func(o *ivsrealtimetest.Options) {
		o.Seed = 1
		o.Quotas.PublishersPerStage, o.Quotas.Stages = 2, 4
	})
	p.client = p.srv.Client(once)
	out, err := p.client.CreateStorageConfiguration(t.Context(), &ivsrealtime.CreateStorageConfigurationInput{S3: &ivsrealtime.S3StorageConfiguration{BucketName: "bucket"}})
	if err != nil {
		t.Fatal(err)
	}
	p.storage = out.StorageConfiguration.ARN
	encoder, err := p.client.CreateEncoderConfiguration(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.encoder = encoder.EncoderConfiguration.ARN
	return p
}

// pick chooses one of list by b, the zero value where there is none.
func pick[T any](list []T, b byte) (v T, ok bool) {
	if len(list) == 0 {
		return v, false
	}
	return list[int(b)%len(list)], true
}

// scene does what b stands for: its lower bits what, the others with whom.
func (p *play) scene(b byte) {
	p.t.Helper()
	ctx, c := p.t.Context(), p.client
	who := b >> 4
	stage, _ := pick(p.stages, who)
	if stage == "" {
		stage = "arn:aws:ivs:us-east-1:111122223333:stage/AbCdEfGhIjKl"
	}
	person, present := pick(p.people, who)
	composition, _ := pick(p.compositions, who)
	if composition.ARN == "" {
		composition.ARN = "arn:aws:ivs:us-east-1:111122223333:composition/AbCdEfGhIjKl"
	}
	var err error
	switch b % 16 {
	case 0:
		in := &ivsrealtime.CreateStageInput{}
		if who%2 == 1 {
			in.AutoParticipantRecordingConfiguration = &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: p.storage, RecordingReconnectWindowSeconds: aws.Int32(30)}
		}
		var out *ivsrealtime.CreateStageOutput
		if out, err = c.CreateStage(ctx, in); err == nil {
			p.stages = append(p.stages, out.Stage.ARN)
		}
	case 1:
		var out *ivsrealtime.CreateParticipantTokenOutput
		if out, err = c.CreateParticipantToken(ctx, &ivsrealtime.CreateParticipantTokenInput{StageARN: stage}); err == nil {
			p.tokens = append(p.tokens, out.ParticipantToken.Token)
		}
	case 2:
		token, _ := pick(p.tokens, who)
		if joined, joinErr := p.srv.Join(token); joinErr == nil {
			p.people = append(p.people, joined)
		}
	case 3:
		if present {
			_ = person.Publish()
		}
	case 4:
		if other, ok := pick(p.people, who+1); ok {
			_ = person.Subscribe(other.ID())
		}
	case 5:
		if present {
			_ = person.Unpublish()
		}
	case 6:
		if present {
			person.Leave()
		}
	case 7:
		if present {
			_, err = c.DisconnectParticipant(ctx, &ivsrealtime.DisconnectParticipantInput{StageARN: person.StageARN(), ParticipantID: person.ID()})
		}
	case 8:
		_, err = c.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{ARN: stage})
	case 9:
		var out *ivsrealtime.StartCompositionOutput
		out, err = c.StartComposition(ctx, &ivsrealtime.StartCompositionInput{StageARN: stage, Destinations: []ivsrealtime.DestinationConfiguration{{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: channel, EncoderConfigurationARN: p.encoder}}}})
		if err == nil {
			p.compositions = append(p.compositions, out.Composition)
		}
	case 10:
		_, err = c.StopComposition(ctx, &ivsrealtime.StopCompositionInput{ARN: composition.ARN})
	case 11:
		if len(composition.Destinations) > 0 {
			id := composition.Destinations[0].ID
			switch who % 3 {
			case 0:
				_ = p.srv.InterruptDestination(composition.ARN, id)
			case 1:
				_ = p.srv.RestoreDestination(composition.ARN, id)
			default:
				_ = p.srv.FailDestination(composition.ARN, id, "ConflictException", "as the story wants it")
			}
		}
	case 12:
		time.Sleep(time.Duration(1+int(who)*int(who)*10) * time.Second) // virtual
	case 13:
		other, _ := pick(p.stages, who+1)
		if present && other != "" {
			_, err = c.StartParticipantReplication(ctx, &ivsrealtime.StartParticipantReplicationInput{SourceStageARN: person.StageARN(), DestinationStageARN: other, ParticipantID: person.ID(), ReconnectWindowSeconds: int32(who)})
		}
	case 14:
		other, _ := pick(p.stages, who+1)
		if present && other != "" {
			_, err = c.StopParticipantReplication(ctx, &ivsrealtime.StopParticipantReplicationInput{SourceStageARN: person.StageARN(), DestinationStageARN: other, ParticipantID: person.ID()})
		}
	case 15:
		if ingest, ok := pick(p.ingests, who); ok && who%2 == 0 {
			if joined, streamErr := p.srv.PublishStream(ingest.StreamKey, ivsrealtime.IngestProtocolRTMPS); streamErr == nil {
				p.people = append(p.people, joined)
			}
			break
		}
		var out *ivsrealtime.CreateIngestConfigurationOutput
		if out, err = c.CreateIngestConfiguration(ctx, &ivsrealtime.CreateIngestConfigurationInput{IngestProtocol: ivsrealtime.IngestProtocolRTMPS, StageARN: stage}); err == nil {
			p.ingests = append(p.ingests, out.IngestConfiguration)
		}
	}
	if !isModelled(err) {
		p.t.Fatalf("%d: %v", b, err)
	}
}

// end reads everything that there is, and lets it end.
func (p *play) end() {
	p.t.Helper()
	ctx, c := p.t.Context(), p.client
	for stage, err := range ivsrealtime.NewListStagesPaginator(c, nil).Items(ctx) {
		if err != nil {
			p.t.Fatal(err)
		}
		for session, err := range ivsrealtime.NewListStageSessionsPaginator(c, &ivsrealtime.ListStageSessionsInput{StageARN: stage.ARN}).Items(ctx) {
			if err != nil {
				p.t.Fatal(err)
			}
			in := &ivsrealtime.ListParticipantsInput{StageARN: stage.ARN, SessionID: session.SessionID, MaxResults: 1}
			connected := 0
			for person, err := range ivsrealtime.NewListParticipantsPaginator(c, in).Items(ctx) {
				if err != nil {
					p.t.Fatal(err)
				}
				if person.State == ivsrealtime.ParticipantStateConnected {
					connected++
				}
			}
			if (connected > 0) != session.EndTime.IsZero() {
				p.t.Fatalf("%d are connected in a session that ended at %v", connected, session.EndTime)
			}
		}
		if _, err := c.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{ARN: stage.ARN}); err != nil {
			p.t.Fatal(err)
		}
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	for composition, err := range ivsrealtime.NewListCompositionsPaginator(c, nil).Items(ctx) {
		if err != nil {
			p.t.Fatal(err)
		}
		if s := composition.State; s != ivsrealtime.CompositionStateStopped && s != ivsrealtime.CompositionStateFailed {
			p.t.Fatalf("a composition of a deleted stage is %s", s)
		}
	}
	for _, event := range p.srv.Events() {
		if !json.Valid(event) {
			p.t.Fatalf("an event is no JSON: %s", event)
		}
	}
}
