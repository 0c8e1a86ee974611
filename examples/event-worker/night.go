package main

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

// doorsOpen is when the evening begins.
var doorsOpen = time.Date(2026, time.October, 2, 20, 0, 0, 0, time.UTC)

const seed = 17 // of what goes wrong with the events: any will do, this one has a bit of everything

// Stages of the evening.
const (
	townHall = "town-hall"
	studio   = "studio"
	lounge   = "lounge"
)

// What may be with the archive.
const away, back = true, false

// night is an evening of the fake service: its stages and those who are there.
type night struct {
	clock   *clock
	archive *archive
	bridge  *bridge
	fake    *ivsrealtimetest.Server
	client  *ivsrealtime.Client // of the producers

	stages      map[string]ivsrealtime.Stage            // by name
	cast        map[string]*ivsrealtimetest.Participant // by user
	composition ivsrealtime.Composition
	storage     string
	signer      *ivstoken.Signer
	carlasToken ivsrealtime.Secret
}

// newNight makes the stages. Their events go over the bridge, as badly as events do.
func newNight(ctx context.Context, clock *clock, archive *archive, bridge *bridge, seed uint64) (*night, error) {
	n := &night{clock: clock, archive: archive, bridge: bridge, stages: map[string]ivsrealtime.Stage{}, cast: map[string]*ivsrealtimetest.Participant{}}
	n.fake = ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Clock = clock
		o.SkipSignatureCheck = true // clients sign with the time of the machine
		o.Seed = seed
		o.OnEvent = bridge.send
		o.Delivery = ivsrealtimetest.Delivery{Drop: 0.12, Duplicate: 0.2, Reorder: 0.2, MaxDelay: 50 * time.Second}
	})
	n.client = n.fake.Client()
	storage, err := n.client.CreateStorageConfiguration(ctx, &ivsrealtime.CreateStorageConfigurationInput{S3: &ivsrealtime.S3StorageConfiguration{BucketName: "recordings"}})
	if err != nil {
		return nil, err
	}
	n.storage = storage.StorageConfiguration.ARN
	for _, name := range []string{townHall, studio, lounge} {
		in := &ivsrealtime.CreateStageInput{Name: name}
		if name != lounge {
			in.AutoParticipantRecordingConfiguration = &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: n.storage}
		}
		out, err := n.client.CreateStage(ctx, in)
		if err != nil {
			return nil, err
		}
		n.stages[name] = out.Stage
	}
	n.signer, err = n.newSigner(ctx)
	return n, err
}

// newSigner signs tokens with a key of which the service gets the public half.
func (n *night) newSigner(ctx context.Context) (*ivstoken.Signer, error) {
	key, err := ivstoken.GenerateKey()
	if err != nil {
		return nil, err
	}
	material, err := ivstoken.MarshalPublicKeyPEM(key.Public())
	if err != nil {
		return nil, err
	}
	imported, err := n.client.ImportPublicKey(ctx, &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: material})
	if err != nil {
		return nil, err
	}
	return ivstoken.NewSigner(imported.PublicKey.ARN, key, func(o *ivstoken.SignerOptions) { o.Now = n.clock.Now })
}

// scene is something that happens at a minute of the evening.
type scene struct {
	minute int
	what   string
	happen happening
}

// play plays the evening, and calls show a minute after each scene, when most of its
// events have come.
func (n *night) play(ctx context.Context, show func(title string)) error {
	for _, s := range n.scenes() {
		at := doorsOpen.Add(time.Duration(s.minute) * time.Minute)
		if err := n.clock.sleep(ctx, at); err != nil {
			return err
		}
		if err := s.happen(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		if err := n.clock.sleep(ctx, at.Add(time.Minute)); err != nil {
			return err
		}
		show(at.Format("15:04") + "  " + s.what)
	}
	return n.clock.sleep(ctx, doorsOpen.Add(84*time.Minute))
}

func (n *night) scenes() []scene {
	return []scene{
		{2, "anna opens the town hall", n.enters("anna", townHall)},
		{5, "ben joins her; carla watches, of which there is no event", inOrder(n.enters("ben", townHall), n.carlaWatches)},
		{10, "the town hall is recorded as a whole, and sent to a channel", n.compositionStarts},
		{15, "dora warms up in the studio, in too high a resolution", inOrder(n.enters("dora", studio), n.fails("dora", ivsrealtime.EventErrorCodeResolutionExceeded))},
		{20, "dora's camera is set right", n.publishes("dora")},
		{25, "the channel loses its connection", n.channelReconnects},
		{30, "the channel is given up", n.channelFails},
		{35, "carla asks a question: she gets a token that lets her publish", inOrder(n.carlaMayPublish, n.publishes("carla"))},
		{40, "emil has the lounge, and anna is shown there too", inOrder(n.enters("emil", lounge), n.isReplicated("anna", lounge))},
		{50, "carla leaves; her recording finds the archive away", inOrder(n.archiveIs(away), n.leaves("carla"))},
		{55, "the archive is back", n.archiveIs(back)},
		{60, "ben leaves, felix joins dora", inOrder(n.leaves("ben"), n.enters("felix", studio))},
		{70, "dora leaves the studio to felix", n.leaves("dora")},
		{80, "anna leaves, the town hall is over", inOrder(n.compositionStops, n.leaves("anna"))},
		{82, "grace comes to the lounge", n.enters("grace", lounge)},
	}
}
