package ivsrealtimetest_test

import (
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

// overflow is another stage on the server of a room.
func (r *room) overflow() *room {
	r.t.Helper()
	out, err := r.client.CreateStage(r.t.Context(), nil)
	require.NoError(r.t, err)
	return &room{r.t, r.srv, r.client, out.Stage.ARN}
}

func (r *room) replicate(p *ivsrealtimetest.Participant, to *room, window int32) error {
	_, err := r.client.StartParticipantReplication(r.t.Context(), &ivsrealtime.StartParticipantReplicationInput{
		SourceStageARN: r.arn, DestinationStageARN: to.arn, ParticipantID: p.ID(), ReconnectWindowSeconds: window, Attributes: map[string]string{"from": "main"},
	})
	return err
}

// replica is what the API says of a participant's replica on the stage.
func (r *room) replica(p *ivsrealtimetest.Participant, session string) ivsrealtime.Participant {
	r.t.Helper()
	out, err := r.client.GetParticipant(r.t.Context(), &ivsrealtime.GetParticipantInput{StageARN: r.arn, SessionID: session, ParticipantID: p.ID()})
	require.NoError(r.t, err)
	return out.Participant
}

func TestReplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		main := newRoom(t)
		side := main.overflow()
		anna := main.join("anna")
		require.ErrorIs(t, main.replicate(anna, side, 0), ivsrealtime.ErrConflict, "she does not publish")
		require.NoError(t, anna.Publish())
		require.NoError(t, main.replicate(anna, side, 0))
		require.ErrorIs(t, main.replicate(anna, side, 0), ivsrealtime.ErrConflict, "already")

		session := side.activeSession()
		require.NotEmpty(t, session, "the replica opened one")
		got := side.replica(anna, session)
		require.Equal(t, ivsrealtime.ReplicationTypeReplica, got.ReplicationType)
		require.Equal(t, ivsrealtime.ReplicationStateActive, got.ReplicationState)
		require.Equal(t, main.arn, got.SourceStageARN)
		require.Equal(t, anna.SessionID(), got.SourceSessionID)
		require.Equal(t, map[string]string{"from": "main"}, got.Attributes)
		require.True(t, got.Published)
		require.Equal(t, ivsrealtime.ReplicationTypeSource, main.participant(anna).ReplicationType)

		ben := side.join("ben")
		require.NoError(t, ben.Subscribe(anna.ID()))

		list := func() []ivsrealtime.ParticipantReplica {
			t.Helper()
			out, err := main.client.ListParticipantReplicas(t.Context(), &ivsrealtime.ListParticipantReplicasInput{SourceStageARN: main.arn, ParticipantID: anna.ID()})
			require.NoError(t, err)
			return out.Replicas
		}
		want := ivsrealtime.ParticipantReplica{SourceStageARN: main.arn, ParticipantID: anna.ID(), SourceSessionID: anna.SessionID(),
			DestinationStageARN: side.arn, DestinationSessionID: session, ReplicationState: ivsrealtime.ReplicationStateActive}
		require.Equal(t, []ivsrealtime.ParticipantReplica{want}, list())

		stop := &ivsrealtime.StopParticipantReplicationInput{SourceStageARN: main.arn, DestinationStageARN: side.arn, ParticipantID: anna.ID()}
		_, err := main.client.StopParticipantReplication(t.Context(), stop)
		require.NoError(t, err)
		_, err = main.client.StopParticipantReplication(t.Context(), stop)
		require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
		require.Equal(t, ivsrealtime.ReplicationStateStopped, list()[0].ReplicationState)
		require.Equal(t, ivsrealtime.ReplicationTypeNone, main.participant(anna).ReplicationType)
		require.Equal(t, ivsrealtime.ParticipantStateDisconnected, side.replica(anna, session).State)
		require.Equal(t, "JOINED PUBLISH_STARTED REPLICATION_STARTED REPLICATION_STOPPED", main.events(anna))
		require.Equal(t, "JOINED SUBSCRIBE_STARTED SUBSCRIBE_STOPPED", side.events(ben))

		events, err := main.client.ListParticipantEvents(t.Context(), &ivsrealtime.ListParticipantEventsInput{StageARN: side.arn, SessionID: session, ParticipantID: ben.ID()})
		require.NoError(t, err)
		require.True(t, events.Events[1].Replica, "it speaks of the publisher")
		var names []string
		for _, b := range main.srv.Events() {
			names = append(names, eventName(t, b))
		}
		require.Equal(t, []string{"Participant Published", "Participant Replication Start", "Participant Published", "Participant Unpublished", "Participant Replication End"}, names)
		require.Contains(t, string(main.srv.Events()[2]), `"replica":true,"source_stage_arn":"`+main.arn+`"`)
		require.Contains(t, string(main.srv.Events()[1]), `"destination_stage_arn":"`+side.arn+`"`)
	})
}

// Within its window a replica comes back with its source; after it, it is over.
func TestReplicaFollowsItsSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		main := newRoom(t)
		side, third := main.overflow(), main.overflow()
		anna := main.join("anna")
		require.NoError(t, anna.Publish())
		require.NoError(t, main.replicate(anna, side, 30))
		require.NoError(t, main.replicate(anna, third, 0))
		session, thirdSession := side.activeSession(), third.activeSession()
		require.NoError(t, anna.Unpublish())
		require.Equal(t, ivsrealtime.ReplicationStateStopped, third.replica(anna, thirdSession).ReplicationState, "no window")
		require.Equal(t, ivsrealtime.ReplicationStateActive, side.replica(anna, session).ReplicationState)
		time.Sleep(29 * time.Second) // virtual
		require.NoError(t, anna.Publish())
		ben := side.join("ben")
		require.NoError(t, ben.Subscribe(anna.ID()), "it is back")
		anna.Leave()
		time.Sleep(31 * time.Second)
		require.Equal(t, ivsrealtime.ReplicationStateStopped, side.replica(anna, session).ReplicationState)
		require.ErrorContains(t, ben.Subscribe(anna.ID()), "PUBLISHER_NOT_FOUND")
	})
}

func TestReplicationRefused(t *testing.T) {
	main := newRoom(t, func(o *ivsrealtimetest.Options) {
		o.Quotas.ReplicationsPerParticipant = 1
		o.Quotas.PublishersPerStage = 1
	})
	side, third := main.overflow(), main.overflow()
	anna := main.join("anna")
	require.NoError(t, anna.Publish())
	require.NoError(t, main.replicate(anna, side, 0))
	require.ErrorIs(t, main.replicate(anna, third, 0), ivsrealtime.ErrQuotaExceeded)

	// Nobody replicates a replica, and nothing to itself.
	_, err := main.client.StartParticipantReplication(t.Context(), &ivsrealtime.StartParticipantReplicationInput{SourceStageARN: side.arn, DestinationStageARN: third.arn, ParticipantID: anna.ID()})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	require.ErrorIs(t, main.replicate(anna, main, 0), ivsrealtime.ErrValidation)
	missing := &room{t, main.srv, main.client, main.arn + "x"}
	require.ErrorIs(t, main.replicate(anna, missing, 0), ivsrealtime.ErrNotFound)
	require.ErrorIs(t, missing.replicate(anna, side, 0), ivsrealtime.ErrNotFound)

	// The replica ends with its stage.
	_, err = main.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: side.arn})
	require.NoError(t, err)
	require.Equal(t, ivsrealtime.ReplicationTypeNone, main.participant(anna).ReplicationType)
	require.NoError(t, third.join("host").Publish())
	require.ErrorIs(t, main.replicate(anna, third, 0), ivsrealtime.ErrQuotaExceeded, "the destination is full")

	// And with that of its source.
	fourth := main.overflow()
	require.NoError(t, main.replicate(anna, fourth, 300))
	session := fourth.activeSession()
	_, err = main.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: main.arn})
	require.NoError(t, err)
	require.Equal(t, ivsrealtime.ReplicationStateStopped, fourth.replica(anna, session).ReplicationState)
}

func TestReplicationHeadersAndInputs(t *testing.T) {
	main := newRoom(t, func(o *ivsrealtimetest.Options) { o.SkipSignatureCheck = true })
	side := main.overflow()
	anna := main.join("anna")
	require.NoError(t, anna.Publish())
	post := func(operation, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		main.srv.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/"+operation, strings.NewReader(body)))
		return w
	}
	both := `"sourceStageArn":"` + main.arn + `","destinationStageArn":"` + side.arn + `"`
	for _, operation := range []string{"StartParticipantReplication", "StopParticipantReplication"} {
		w := post(operation, `{`+both+`,"participantId":"`+anna.ID()+`"}`)
		require.Equal(t, 200, w.Code, w.Body)
		require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
		require.Equal(t, "max-age:47304000; includeSubDomains", w.Header().Get("Strict-Transport-Security"))
		require.Equal(t, "{}", w.Body.String())
	}
	for _, tt := range []struct{ operation, body, member string }{
		{"StartParticipantReplication", `{}`, "sourceStageArn"},
		{"StartParticipantReplication", `{` + both + `}`, "participantId"},
		{"StartParticipantReplication", `{` + both + `,"participantId":"x","reconnectWindowSeconds":301}`, "reconnectWindowSeconds"},
		{"StartParticipantReplication", `{` + both + `,"participantId":"x","attributes":{"a":"` + strings.Repeat("x", 1024) + `"}}`, "attributes"},
		{"StopParticipantReplication", `{` + both + `,"participantId":"a b"}`, "participantId"},
		{"StopParticipantReplication", `{}`, "destinationStageArn"},
		{"ListParticipantReplicas", `{}`, "sourceStageArn"},
		{"ListParticipantReplicas", `{"sourceStageArn":"` + main.arn + `","participantId":"x","maxResults":51}`, "maxResults"},
	} {
		w := post(tt.operation, tt.body)
		require.Equal(t, 400, w.Code)
		ivsrealtimetest.RequireValidation(t, w, tt.member)
	}
}
