package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsevents"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

const publish, subscribe = ivsrealtime.ParticipantTokenCapabilityPublish, ivsrealtime.ParticipantTokenCapabilitySubscribe

// happening is one of the things that scenes are made of.
type happening = func(context.Context) error

// inOrder has several things happen, until one fails.
func inOrder(all ...happening) happening {
	return func(ctx context.Context) error {
		for _, happen := range all {
			if err := happen(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// enters has a user join a stage with a token of the API, and publish.
func (n *night) enters(user, stage string) happening {
	return func(ctx context.Context) error {
		out, err := n.client.CreateParticipantToken(ctx, &ivsrealtime.CreateParticipantTokenInput{StageARN: n.stages[stage].ARN, UserID: user})
		if err != nil {
			return err
		}
		if n.cast[user], err = n.fake.Join(out.ParticipantToken.Token); err != nil {
			return err
		}
		return n.cast[user].Publish()
	}
}

func (n *night) leaves(user string) happening {
	return func(context.Context) error {
		n.cast[user].Leave()
		return nil
	}
}

func (n *night) publishes(user string) happening {
	return func(context.Context) error { return n.cast[user].Publish() }
}

// fails has a user's publishing fail, as the service would make it.
func (n *night) fails(user string, code ivsrealtime.EventErrorCode) happening {
	return func(context.Context) error {
		var failed *ivsrealtimetest.MediaError
		if err := n.cast[user].FailPublish(code); !errors.As(err, &failed) {
			return fmt.Errorf("publishing was to fail: %w", err)
		}
		return nil
	}
}

func (n *night) isReplicated(user, stage string) happening {
	return func(ctx context.Context) error {
		_, err := n.client.StartParticipantReplication(ctx, &ivsrealtime.StartParticipantReplicationInput{
			SourceStageARN:      n.cast[user].StageARN(),
			DestinationStageARN: n.stages[stage].ARN,
			ParticipantID:       n.cast[user].ID(),
		})
		return err
	}
}

func (n *night) archiveIs(now bool) happening {
	return func(context.Context) error {
		n.archive.setAway(now)
		return nil
	}
}

func (n *night) compositionStarts(ctx context.Context) error {
	encoder, err := n.client.CreateEncoderConfiguration(ctx, nil)
	if err != nil {
		return err
	}
	out, err := n.client.StartComposition(ctx, &ivsrealtime.StartCompositionInput{
		StageARN: n.stages[townHall].ARN,
		Destinations: []ivsrealtime.DestinationConfiguration{
			{S3: &ivsrealtime.S3DestinationConfiguration{StorageConfigurationARN: n.storage, EncoderConfigurationARNs: []string{encoder.EncoderConfiguration.ARN}}},
			{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: "arn:aws:ivs:us-east-1:111122223333:channel/Ch12An34Ne56", EncoderConfigurationARN: encoder.EncoderConfiguration.ARN}},
		},
	})
	if err != nil {
		return err
	}
	n.composition = out.Composition
	return nil
}

func (n *night) compositionStops(ctx context.Context) error {
	_, err := n.client.StopComposition(ctx, &ivsrealtime.StopCompositionInput{ARN: n.composition.ARN})
	return err
}

func (n *night) channelReconnects(context.Context) error {
	return n.fake.InterruptDestination(n.composition.ARN, n.composition.Destinations[1].ID)
}

func (n *night) channelFails(context.Context) error {
	return n.fake.FailDestination(n.composition.ARN, n.composition.Destinations[1].ID, ivsevents.ErrorCodeInternalServer, "")
}

// carlaWatches has carla join with a token that was signed here, which can be
// exchanged, unlike those of the API.
func (n *night) carlaWatches(context.Context) error {
	token, err := n.signer.SignParticipantToken(ivstoken.ParticipantTokenOptions{
		Stage:        n.stages[townHall],
		UserID:       "carla",
		Capabilities: []ivsrealtime.ParticipantTokenCapability{subscribe},
	})
	if err != nil {
		return err
	}
	n.carlasToken = token.Token
	n.cast["carla"], err = n.fake.Join(token.Token)
	return err
}

func (n *night) carlaMayPublish(context.Context) error {
	token, err := n.signer.Exchange(n.carlasToken, ivstoken.ExchangeOptions{Capabilities: []ivsrealtime.ParticipantTokenCapability{publish, subscribe}})
	if err != nil {
		return err
	}
	return n.cast["carla"].ExchangeToken(token.Token)
}
