package ivsrealtimetest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// A show with a host and guests: recorded one by one and as a whole, and cleaned
// up afterwards.
func TestStoryOfAShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		stage, err := s.client.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{
			Name:                                  "show",
			Tags:                                  map[string]string{"show": "42"},
			AutoParticipantRecordingConfiguration: &ivsrealtime.AutoParticipantRecordingConfiguration{StorageConfigurationARN: s.storage},
			ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{
				{UserID: "host", Attributes: map[string]string{"role": "host"}},
				{UserID: "guest-1"},
				{UserID: "viewer", Capabilities: []ivsrealtime.ParticipantTokenCapability{subscribe}},
			},
		})
		require.NoError(t, err)
		s.arn = stage.Stage.ARN
		var cast []*ivsrealtimetest.Participant
		for _, token := range stage.ParticipantTokens {
			p, err := s.srv.Join(token.Token)
			require.NoError(t, err)
			cast = append(cast, p)
		}
		host, guest, viewer := cast[0], cast[1], cast[2]
		require.NoError(t, host.Publish())
		require.NoError(t, viewer.Subscribe(host.ID()))
		composition := s.start(func(in *ivsrealtime.StartCompositionInput) {
			in.Layout = &ivsrealtime.LayoutConfiguration{Grid: &ivsrealtime.GridConfiguration{FeaturedParticipantAttribute: "host", GridGap: aws.Int32(0)}}
			in.Tags = map[string]string{"show": "42"}
		})
		in := &ivsrealtime.GetCompositionInput{ARN: composition.ARN}
		require.NoError(t, ivsrealtime.NewCompositionActiveWaiter(s.client).Wait(t.Context(), in, time.Minute))
		require.NoError(t, guest.Publish())
		time.Sleep(time.Hour) // virtual
		guest.Leave()
		_, err = s.client.StopComposition(t.Context(), &ivsrealtime.StopCompositionInput{ARN: composition.ARN})
		require.NoError(t, err)
		require.NoError(t, ivsrealtime.NewCompositionStoppedWaiter(s.client).Wait(t.Context(), in, time.Minute))
		host.Leave()
		viewer.Leave()

		session := host.SessionID()
		for p, err := range ivsrealtime.NewListParticipantsPaginator(s.client, &ivsrealtime.ListParticipantsInput{StageARN: s.arn, SessionID: session, FilterByPublished: aws.Bool(true)}).Items(t.Context()) {
			require.NoError(t, err)
			require.Equal(t, ivsrealtime.ParticipantRecordingStateStopped, p.RecordingState)
		}
		require.Equal(t, "JOINED SUBSCRIBE_STARTED SUBSCRIBE_STOPPED LEFT", s.events(viewer))

		_, err = s.client.DeleteStorageConfiguration(t.Context(), &ivsrealtime.DeleteStorageConfigurationInput{ARN: s.storage})
		require.ErrorIs(t, err, ivsrealtime.ErrConflict, "the stage still has it")
		_, err = s.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: s.arn})
		require.NoError(t, err)
		_, err = s.client.DeleteStorageConfiguration(t.Context(), &ivsrealtime.DeleteStorageConfigurationInput{ARN: s.storage})
		require.NoError(t, err)
		_, err = s.client.DeleteEncoderConfiguration(t.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{ARN: s.encoder})
		require.NoError(t, err)
	})
}

// Rotating the key that tokens are signed with, within the quota of three.
func TestStoryOfAKeyRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		old := newSigner(r)
		_, err := r.srv.Join(old.sign(map[string]any{"jti": "a"}))
		require.NoError(t, err)
		next := newSigner(r)
		newSigner(r)
		_, err = r.client.ImportPublicKey(t.Context(), &ivsrealtime.ImportPublicKeyInput{PublicKeyMaterial: "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"})
		require.ErrorIs(t, err, ivsrealtime.ErrValidation)
		for key, err := range ivsrealtime.NewListPublicKeysPaginator(r.client, nil, func(o *ivsrealtime.PaginatorOptions) { o.Limit = 1 }).Items(t.Context()) {
			require.NoError(t, err)
			require.NotEmpty(t, key.ARN)
		}
		for _, g := range []*signer{old, next} { // both are good while both are there
			_, err = r.srv.Join(g.sign(map[string]any{"jti": "b"}))
			require.NoError(t, err)
		}
		late := old.sign(map[string]any{"jti": "c"})
		_, err = r.client.DeletePublicKey(t.Context(), &ivsrealtime.DeletePublicKeyInput{ARN: old.keyARN})
		require.NoError(t, err)
		_, err = r.srv.Join(late)
		require.ErrorIs(t, err, ivsrealtimetest.ErrTokenMalformed)
		_, err = r.srv.Join(next.sign(map[string]any{"jti": "d"}))
		require.NoError(t, err)
	})
}

// A page costs the same however many stages there are: compare the sizes.
func BenchmarkListStages(b *testing.B) {
	for _, total := range []int{100, 100_000} {
		srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.Quotas.Stages, o.MaxCalls = total, 0 })
		client := srv.Client()
		for i := range total {
			if _, err := client.CreateStage(b.Context(), &ivsrealtime.CreateStageInput{Tags: map[string]string{"n": fmt.Sprint(i)}}); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(fmt.Sprint(total), func(b *testing.B) {
			b.ReportAllocs()
			in := &ivsrealtime.ListStagesInput{MaxResults: 10}
			for b.Loop() {
				out, err := client.ListStages(b.Context(), in)
				if err != nil {
					b.Fatal(err)
				}
				in.NextToken = out.NextToken // "" begins again
			}
		})
	}
}
