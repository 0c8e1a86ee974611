package ivsrealtimetest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// A signature holds for five minutes before and after its date, to the second.
func TestDateOfSignature(t *testing.T) {
	for at, want := range map[time.Duration]string{
		0:                              "",
		-5 * time.Minute:               "",
		5 * time.Minute:                "",
		-5*time.Minute - time.Second:   "Signature expired: 19991231T235459Z is now earlier than 19991231T235500Z (20000101T000000Z - 5 min.)",
		5*time.Minute + time.Second:    "Signature not yet current: 20000101T000501Z is still later than 20000101T000500Z (20000101T000000Z + 5 min.)",
		-25 * time.Hour:                "Signature expired: 19991230T230000Z is now earlier than 19991231T235500Z (20000101T000000Z - 5 min.)",
		25*time.Hour + 17*time.Minute:  "Signature not yet current: 20000102T011700Z is still later than 20000101T000500Z (20000101T000000Z + 5 min.)",
		-365 * 24 * time.Hour:          "Signature expired: 19990101T000000Z is now earlier than 19991231T235500Z (20000101T000000Z - 5 min.)",
		5*time.Minute - 1*time.Second:  "",
		-5*time.Minute + 1*time.Second: "",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := httptest.NewRecorder()
			ivsrealtimetest.NewServer().ServeHTTP(w, signing{at: at}.request(t))
			if want == "" {
				require.Equal(t, 200, w.Code, w.Body)
				return
			}
			require.Equal(t, "InvalidSignatureException", w.Header().Get("X-Amzn-Errortype"))
			require.JSONEq(t, `{"Message":"`+want+`"}`, w.Body.String())
		})
	}
}

// The rate of each operation is what it may be called at once, and how many calls
// come back in a second.
func TestRates(t *testing.T) {
	for operation, rate := range map[string]int{
		"POST /CreateParticipantToken": 50, "POST /CreateStage": 5, "POST /ListStages": 5, "POST /RevokeConnectionToken": 5, "POST /StartComposition": 5,
		"POST /ImportPublicKey": 3, "POST /GetPublicKey": 3, "POST /ListPublicKeys": 3, "POST /DeletePublicKey": 3,
		"GET /tags/x": 10, "POST /tags/x": 10, "DELETE /tags/x": 10,
	} {
		synctest.Test(t, func(t *testing.T) {
			srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.ThrottleCalls, o.SkipSignatureCheck = true, true })
			method, path, _ := strings.Cut(operation, " ")
			passed := func() (n int) {
				for {
					w := httptest.NewRecorder()
					srv.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader("{}")))
					if strings.HasPrefix(w.Header().Get("X-Amzn-Errortype"), "Throttling") || w.Code == http.StatusTooManyRequests {
						return n
					}
					n++
				}
			}
			require.Equal(t, rate, passed(), operation)
			require.Zero(t, passed(), operation)
			time.Sleep(time.Second) // virtual
			require.Equal(t, rate, passed(), operation)
			time.Sleep(time.Hour)
			require.Equal(t, rate, passed(), "%s: what is saved up is bounded", operation)
		})
	}
}

// The in-process client sends nothing for a context that has ended, and a call that
// a fault delays does no work once its context ends.
func TestWorkOfAnEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := ivsrealtimetest.NewServer()
		do := func(ctx context.Context) {
			_, err := srv.Config().HTTPClient.Do(signing{path: "/CreateStage"}.request(t).WithContext(ctx))
			require.ErrorIs(t, err, ctx.Err())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		do(ctx)
		require.Zero(t, countStages(t, srv))

		srv.AddFault(ivsrealtimetest.Fault{Operation: "CreateStage", Delay: time.Hour})
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		do(ctx)
		require.Equal(t, time.Minute, time.Since(start))
		time.Sleep(2 * time.Hour) // virtual
		require.Zero(t, countStages(t, srv))
	})
}

func TestReplicasOfOneParticipant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		main := newRoom(t)
		side, other := main.overflow(), main.overflow()
		anna, ben := main.join("anna"), main.join("ben")
		require.NoError(t, anna.Publish())
		require.NoError(t, ben.Publish())
		require.NoError(t, main.replicate(anna, side, 0))
		require.NoError(t, main.replicate(ben, side, 0))
		require.NoError(t, main.replicate(ben, other, 0))
		stages := func(stage *room, p *ivsrealtimetest.Participant) (arns []string) {
			out, err := main.client.ListParticipantReplicas(t.Context(), &ivsrealtime.ListParticipantReplicasInput{SourceStageARN: stage.arn, ParticipantID: p.ID()})
			require.NoError(t, err)
			for _, r := range out.Replicas {
				require.Equal(t, p.ID(), r.ParticipantID)
				arns = append(arns, r.DestinationStageARN)
			}
			return arns
		}
		require.ElementsMatch(t, []string{side.arn}, stages(main, anna))
		require.ElementsMatch(t, []string{side.arn, other.arn}, stages(main, ben))
		require.Empty(t, stages(side, anna))

		// What cannot be replicated, or stopped.
		require.ErrorIs(t, side.replicate(anna, other, 0), ivsrealtime.ErrConflict, "a replica is no source")
		require.ErrorIs(t, main.replicate(anna, main, 0), ivsrealtime.ErrValidation)
		stop := func(from *room, p *ivsrealtimetest.Participant, to *room) error {
			_, err := main.client.StopParticipantReplication(t.Context(), &ivsrealtime.StopParticipantReplicationInput{SourceStageARN: from.arn, DestinationStageARN: to.arn, ParticipantID: p.ID()})
			return err
		}
		require.ErrorIs(t, stop(main, anna, other), ivsrealtime.ErrNotFound)
		require.ErrorIs(t, stop(side, anna, main), ivsrealtime.ErrNotFound)
		require.NoError(t, stop(main, ben, side))
		require.ErrorIs(t, stop(main, ben, side), ivsrealtime.ErrNotFound, "stopped already")
		out, err := main.client.ListParticipantReplicas(t.Context(), &ivsrealtime.ListParticipantReplicasInput{SourceStageARN: main.arn, ParticipantID: ben.ID()})
		require.NoError(t, err)
		for _, r := range out.Replicas {
			require.Equal(t, r.DestinationStageARN == side.arn, r.ReplicationState == ivsrealtime.ReplicationStateStopped)
		}
	})
}

// The encoder configuration of a channel counts for the filter, and so do those of
// an S3 destination.
func TestFilterCompositionsByEncoder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		encoder := func() string {
			out, err := s.client.CreateEncoderConfiguration(t.Context(), nil)
			require.NoError(t, err)
			return out.EncoderConfiguration.ARN
		}
		channel, other := encoder(), encoder()
		m := s.start(func(in *ivsrealtime.StartCompositionInput) {
			in.Destinations = []ivsrealtime.DestinationConfiguration{{Channel: &ivsrealtime.ChannelDestinationConfiguration{
				ChannelARN: "arn:aws:ivs:us-east-1:111122223333:channel/x", EncoderConfigurationARN: channel,
			}}}
		})
		found := func(encoder string) (arns []string) {
			out, err := s.client.ListCompositions(t.Context(), &ivsrealtime.ListCompositionsInput{FilterByEncoderConfigurationARN: encoder})
			require.NoError(t, err)
			for _, m := range out.Compositions {
				arns = append(arns, m.ARN)
			}
			return arns
		}
		require.Equal(t, []string{m.ARN}, found(channel))
		require.Empty(t, found(other))
	})
}
