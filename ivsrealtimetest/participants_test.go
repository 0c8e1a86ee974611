package ivsrealtimetest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// room is a stage with the tools to walk a story on it.
type room struct {
	t      *testing.T
	srv    *ivsrealtimetest.Server
	client *ivsrealtime.Client
	arn    string
}

func newRoom(t *testing.T, optFns ...func(*ivsrealtimetest.Options)) *room {
	t.Helper()
	srv := ivsrealtimetest.NewServer(optFns...)
	client := srv.Client(once)
	out, err := client.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: "room"})
	require.NoError(t, err)
	return &room{t, srv, client, out.Stage.ARN}
}

func (r *room) token(userID string, capabilities ...ivsrealtime.ParticipantTokenCapability) ivsrealtime.ParticipantToken {
	r.t.Helper()
	out, err := r.client.CreateParticipantToken(r.t.Context(), &ivsrealtime.CreateParticipantTokenInput{StageARN: r.arn, UserID: userID, Capabilities: capabilities})
	require.NoError(r.t, err)
	return out.ParticipantToken
}

func (r *room) join(userID string, capabilities ...ivsrealtime.ParticipantTokenCapability) *ivsrealtimetest.Participant {
	r.t.Helper()
	p, err := r.srv.Join(r.token(userID, capabilities...).Token)
	require.NoError(r.t, err)
	return p
}

// events lists the names of a participant's events, errors with their code.
func (r *room) events(p *ivsrealtimetest.Participant) string {
	r.t.Helper()
	var names []string
	in := &ivsrealtime.ListParticipantEventsInput{StageARN: r.arn, SessionID: p.SessionID(), ParticipantID: p.ID(), MaxResults: 2}
	for e, err := range ivsrealtime.NewListParticipantEventsPaginator(r.client, in).Items(r.t.Context()) {
		require.NoError(r.t, err)
		require.Equal(r.t, p.ID(), e.ParticipantID)
		require.False(r.t, e.EventTime.IsZero())
		name := string(e.Name)
		if e.ErrorCode != "" {
			name += "=" + string(e.ErrorCode)
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func (r *room) participant(p *ivsrealtimetest.Participant) ivsrealtime.Participant {
	r.t.Helper()
	out, err := r.client.GetParticipant(r.t.Context(), &ivsrealtime.GetParticipantInput{StageARN: r.arn, SessionID: p.SessionID(), ParticipantID: p.ID()})
	require.NoError(r.t, err)
	return out.Participant
}

func (r *room) activeSession() string {
	r.t.Helper()
	out, err := r.client.GetStage(r.t.Context(), &ivsrealtime.GetStageInput{ARN: r.arn})
	require.NoError(r.t, err)
	return out.Stage.ActiveSessionID
}

const (
	publish   = ivsrealtime.ParticipantTokenCapabilityPublish
	subscribe = ivsrealtime.ParticipantTokenCapabilitySubscribe
)

func TestEvening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		require.Empty(t, r.activeSession())
		begin := time.Now().UTC()

		tok := r.token("anna")
		anna, err := r.srv.Join(tok.Token, func(o *ivsrealtimetest.JoinOptions) {
			o.Client = ivsrealtimetest.ClientInfo{BrowserName: "Firefox", BrowserVersion: "150", OSName: "Linux", OSVersion: "7", SDKVersion: "1.46.0", ISPName: "Telco"}
		})
		require.NoError(t, err)
		require.Equal(t, tok.ParticipantID, anna.ID())
		require.Equal(t, r.arn, anna.StageARN())
		require.Regexp(t, `^st-[A-Za-z0-9]{13}$`, anna.SessionID())
		require.Equal(t, anna.SessionID(), r.activeSession())

		time.Sleep(time.Minute) // virtual
		ben := r.join("ben", subscribe)
		require.Equal(t, anna.SessionID(), ben.SessionID())
		require.NoError(t, anna.Publish())
		require.NoError(t, anna.Publish())
		require.NoError(t, ben.Subscribe(anna.ID()))
		require.ErrorIs(t, ben.Publish(), ivsrealtimetest.ErrTokenNotAllowed)

		got := r.participant(anna)
		require.Equal(t, ivsrealtime.Participant{
			ParticipantID: anna.ID(), UserID: "anna", State: ivsrealtime.ParticipantStateConnected, FirstJoinTime: begin, Published: true,
			ISPName: "Telco", OSName: "Linux", OSVersion: "7", BrowserName: "Firefox", BrowserVersion: "150", SDKVersion: "1.46.0",
			RecordingState: ivsrealtime.ParticipantRecordingStateDisabled, Protocol: ivsrealtime.ParticipantProtocolUnknown, ReplicationType: ivsrealtime.ReplicationTypeNone,
		}, got)

		time.Sleep(time.Minute)
		anna.Leave()
		anna.Leave()
		require.ErrorIs(t, anna.Publish(), ivsrealtimetest.ErrNotConnected)
		require.Equal(t, ivsrealtime.ParticipantStateDisconnected, r.participant(anna).State)
		require.True(t, r.participant(anna).Published, "once published is published")
		again, err := r.srv.Join(tok.Token)
		require.NoError(t, err)
		require.Equal(t, anna.ID(), again.ID())
		require.Equal(t, begin, r.participant(again).FirstJoinTime)
		again.Leave()
		ben.Leave()
		require.Empty(t, r.activeSession())

		require.Equal(t, "JOINED PUBLISH_STARTED PUBLISH_STOPPED LEFT JOINED LEFT", r.events(anna))
		require.Equal(t, "JOINED SUBSCRIBE_STARTED PUBLISH_ERROR=INSUFFICIENT_CAPABILITIES SUBSCRIBE_STOPPED LEFT", r.events(ben))

		session, err := r.client.GetStageSession(t.Context(), &ivsrealtime.GetStageSessionInput{StageARN: r.arn, SessionID: anna.SessionID()})
		require.NoError(t, err)
		require.Equal(t, begin, session.StageSession.StartTime)
		require.Equal(t, begin.Add(2*time.Minute), session.StageSession.EndTime)

		next := r.join("cleo")
		require.NotEqual(t, anna.SessionID(), next.SessionID())
		sessions, err := r.client.ListStageSessions(t.Context(), &ivsrealtime.ListStageSessionsInput{StageARN: r.arn})
		require.NoError(t, err)
		require.Len(t, sessions.StageSessions, 2)
		require.True(t, sessions.StageSessions[0].EndTime.IsZero(), "the newest is first, and runs")
		newest, err := r.client.ListStageSessions(t.Context(), &ivsrealtime.ListStageSessionsInput{StageARN: r.arn, MaxResults: 1})
		require.NoError(t, err)
		require.Equal(t, sessions.StageSessions[:1], newest.StageSessions)
		older, err := r.client.ListStageSessions(t.Context(), &ivsrealtime.ListStageSessionsInput{StageARN: r.arn, MaxResults: 1, NextToken: newest.NextToken})
		require.NoError(t, err)
		require.Equal(t, sessions.StageSessions[1:], older.StageSessions)
		require.Empty(t, older.NextToken)
	})
}

func TestJoinIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t)
		_, err := r.srv.Join("no token of ours")
		require.ErrorIs(t, err, ivsrealtimetest.ErrTokenMalformed)
		_, err = r.srv.Join("")
		require.ErrorIs(t, err, ivsrealtimetest.ErrTokenMalformed)

		tok := r.token("anna")
		time.Sleep(12*time.Hour - time.Second)
		p, err := r.srv.Join(tok.Token)
		require.NoError(t, err)
		p.Leave()
		time.Sleep(time.Second)
		_, err = r.srv.Join(tok.Token)
		require.ErrorIs(t, err, ivsrealtimetest.ErrTokenExpired)

		other := newRoom(t)
		_, err = other.srv.Join(r.token("x").Token)
		require.ErrorIs(t, err, ivsrealtimetest.ErrTokenMalformed, "another server's token")

		tok = r.token("ben")
		_, err = r.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: r.arn})
		require.NoError(t, err)
		_, err = r.srv.Join(tok.Token)
		require.ErrorIs(t, err, ivsrealtimetest.ErrStageDeleted)
	})
}

func TestDeleteStageDisconnectsEveryone(t *testing.T) {
	r := newRoom(t, func(o *ivsrealtimetest.Options) { o.SessionEndDelay = time.Hour })
	anna, ben := r.join("anna"), r.join("ben")
	require.NoError(t, anna.Publish())
	_, err := r.client.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: r.arn})
	require.NoError(t, err)
	require.ErrorIs(t, anna.Unpublish(), ivsrealtimetest.ErrNotConnected)
	require.ErrorIs(t, ben.Publish(), ivsrealtimetest.ErrNotConnected)
}

func TestDisconnectParticipant(t *testing.T) {
	r := newRoom(t)
	tok := r.token("anna")
	anna, err := r.srv.Join(tok.Token)
	require.NoError(t, err)
	require.NoError(t, anna.Publish())
	in := &ivsrealtime.DisconnectParticipantInput{StageARN: r.arn, ParticipantID: anna.ID(), Reason: "rude"}
	for range 2 {
		_, err = r.client.DisconnectParticipant(t.Context(), in)
		require.NoError(t, err)
	}
	require.ErrorIs(t, anna.Publish(), ivsrealtimetest.ErrNotConnected)
	_, err = r.srv.Join(tok.Token)
	require.ErrorIs(t, err, ivsrealtimetest.ErrParticipantDisconnected)
	require.Equal(t, "JOINED PUBLISH_STARTED PUBLISH_STOPPED LEFT", r.events(anna))

	// Somebody who has a token and has not joined is kept out, too.
	tok = r.token("ben")
	in.ParticipantID = tok.ParticipantID
	_, err = r.client.DisconnectParticipant(t.Context(), in)
	require.NoError(t, err)
	_, err = r.srv.Join(tok.Token)
	require.ErrorIs(t, err, ivsrealtimetest.ErrParticipantDisconnected)

	in.ParticipantID = "nobody"
	_, err = r.client.DisconnectParticipant(t.Context(), in)
	require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
}

func TestPublishAndSubscribeErrors(t *testing.T) {
	r := newRoom(t, func(o *ivsrealtimetest.Options) { o.Quotas.PublishersPerStage = 1 })
	anna, ben := r.join("anna"), r.join("ben")
	require.NoError(t, anna.Publish())
	var media *ivsrealtimetest.MediaError
	require.ErrorAs(t, ben.Publish(), &media)
	require.Equal(t, ivsrealtime.EventErrorCodeQuotaExceeded, media.Code)
	require.ErrorContains(t, ben.Subscribe("nobody"), "subscribe: PUBLISHER_NOT_FOUND")
	require.ErrorContains(t, anna.FailPublish(ivsrealtime.EventErrorCodeResolutionExceeded), "publish: RESOLUTION_EXCEEDED")
	require.NoError(t, ben.Publish(), "the place is free again")
	host := r.join("host", publish)
	require.ErrorIs(t, host.Subscribe(ben.ID()), ivsrealtimetest.ErrTokenNotAllowed)
	require.NoError(t, ben.Unsubscribe("nobody"))
	require.NoError(t, anna.Subscribe(ben.ID()))
	require.NoError(t, ben.Unpublish())
	require.Equal(t, "JOINED PUBLISH_STARTED PUBLISH_STOPPED PUBLISH_ERROR=RESOLUTION_EXCEEDED SUBSCRIBE_STARTED SUBSCRIBE_STOPPED", r.events(anna))
	require.Equal(t, "JOINED PUBLISH_ERROR=QUOTA_EXCEEDED SUBSCRIBE_ERROR=PUBLISHER_NOT_FOUND PUBLISH_STARTED PUBLISH_STOPPED", r.events(ben))
}

func TestFailWithACode(t *testing.T) {
	r := newRoom(t)
	tok := r.token("anna")
	_, err := r.srv.Join(tok.Token, func(o *ivsrealtimetest.JoinOptions) { o.Fail = ivsrealtime.EventErrorCodeInternalServerException })
	require.ErrorContains(t, err, "join: INTERNAL_SERVER_EXCEPTION")
	require.Empty(t, r.activeSession(), "nobody is there")
	anna, err := r.srv.Join(tok.Token)
	require.NoError(t, err)
	_, err = r.srv.Join(r.token("late").Token, func(o *ivsrealtimetest.JoinOptions) { o.Fail = ivsrealtime.EventErrorCodeQuotaExceeded })
	require.Error(t, err)
	require.NoError(t, anna.Publish())
	ben := r.join("ben")
	require.NoError(t, ben.Subscribe(anna.ID()))
	require.ErrorContains(t, ben.FailSubscribe(anna.ID(), ivsrealtime.EventErrorCodeBitrateExceeded), "subscribe: BITRATE_EXCEEDED")
	require.Equal(t, "JOINED SUBSCRIBE_STARTED SUBSCRIBE_STOPPED SUBSCRIBE_ERROR=BITRATE_EXCEEDED", r.events(ben))
	list, err := r.client.ListParticipants(t.Context(), &ivsrealtime.ListParticipantsInput{StageARN: r.arn, SessionID: anna.SessionID(), FilterByState: ivsrealtime.ParticipantStateDisconnected})
	require.NoError(t, err)
	require.Len(t, list.Participants, 1, "the one who could not join")
	require.True(t, list.Participants[0].FirstJoinTime.IsZero())
}

func TestListParticipants(t *testing.T) {
	r := newRoom(t)
	anna, ben, cleo := r.join("anna"), r.join("ben"), r.join("cleo")
	require.NoError(t, anna.Publish())
	ben.Leave()
	all := ivsrealtime.ListParticipantsInput{StageARN: r.arn, SessionID: anna.SessionID()}
	tests := []struct {
		name   string
		filter func(*ivsrealtime.ListParticipantsInput)
		want   []string
	}{
		{"all", func(*ivsrealtime.ListParticipantsInput) {}, []string{"anna", "ben", "cleo"}},
		{"page by page", func(in *ivsrealtime.ListParticipantsInput) { in.MaxResults = 1 }, []string{"anna", "ben", "cleo"}},
		{"by user", func(in *ivsrealtime.ListParticipantsInput) { in.FilterByUserID = "cleo" }, []string{"cleo"}},
		{"published", func(in *ivsrealtime.ListParticipantsInput) { in.FilterByPublished = aws.Bool(true) }, []string{"anna"}},
		{"not published", func(in *ivsrealtime.ListParticipantsInput) { in.FilterByPublished = aws.Bool(false) }, []string{"ben", "cleo"}},
		{"connected", func(in *ivsrealtime.ListParticipantsInput) {
			in.FilterByState = ivsrealtime.ParticipantStateConnected
			in.MaxResults = 1
		}, []string{"anna", "cleo"}},
		{"recorded", func(in *ivsrealtime.ListParticipantsInput) {
			in.FilterByRecordingState = ivsrealtime.ParticipantRecordingFilterByRecordingStateActive
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := all
			tt.filter(&in)
			var got []string
			for p, err := range ivsrealtime.NewListParticipantsPaginator(r.client, &in).Items(t.Context()) {
				require.NoError(t, err)
				got = append(got, p.UserID)
			}
			require.Equal(t, tt.want, got)
		})
	}
	t.Run("two filters", func(t *testing.T) {
		in := all
		in.FilterByUserID, in.FilterByPublished = "x", aws.Bool(false)
		_, err := r.client.ListParticipants(t.Context(), &in)
		require.ErrorIs(t, err, ivsrealtime.ErrValidation)
		require.ErrorContains(t, err, "FilterByPublished")
	})
	_ = cleo
}

// Lists know no ResourceNotFoundException: what an unknown stage gives can be chosen.
func TestUnknownListErrorCode(t *testing.T) {
	for _, code := range []string{"", "ValidationException", "AccessDeniedException"} {
		r := newRoom(t, func(o *ivsrealtimetest.Options) { o.UnknownListErrorCode = code })
		anna := r.join("anna")
		const noSession = "st-0000000000000"
		calls := map[string]func() (int, error){
			"sessions": func() (int, error) {
				out, err := r.client.ListStageSessions(t.Context(), &ivsrealtime.ListStageSessionsInput{StageARN: r.arn + "x"})
				if err != nil {
					return 0, err
				}
				return len(out.StageSessions), nil
			},
			"participants": func() (int, error) {
				out, err := r.client.ListParticipants(t.Context(), &ivsrealtime.ListParticipantsInput{StageARN: r.arn, SessionID: noSession})
				if err != nil {
					return 0, err
				}
				return len(out.Participants), nil
			},
			"events": func() (int, error) {
				out, err := r.client.ListParticipantEvents(t.Context(), &ivsrealtime.ListParticipantEventsInput{StageARN: r.arn, SessionID: anna.SessionID(), ParticipantID: "nobody"})
				if err != nil {
					return 0, err
				}
				return len(out.Events), nil
			},
		}
		for name, call := range calls {
			n, err := call()
			if code == "" {
				require.NoError(t, err, name)
			} else {
				require.ErrorContains(t, err, code, name)
			}
			require.Zero(t, n)
		}
		_, err := r.client.GetStageSession(t.Context(), &ivsrealtime.GetStageSessionInput{StageARN: r.arn, SessionID: noSession})
		require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
		_, err = r.client.GetParticipant(t.Context(), &ivsrealtime.GetParticipantInput{StageARN: r.arn, SessionID: anna.SessionID(), ParticipantID: "nobody"})
		require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
	}
}

func TestSessionEndDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(t, func(o *ivsrealtimetest.Options) { o.SessionEndDelay = 2 * time.Minute })
		anna := r.join("anna")
		anna.Leave()
		time.Sleep(time.Minute)
		ben := r.join("ben")
		require.Equal(t, anna.SessionID(), ben.SessionID(), "somebody came back in time")
		time.Sleep(time.Hour)
		require.Equal(t, anna.SessionID(), r.activeSession())
		ben.Leave()
		time.Sleep(2*time.Minute - time.Millisecond)
		require.Equal(t, anna.SessionID(), r.activeSession())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.Empty(t, r.activeSession())
	})
}

// What the members may be; literal requests, as no client would send them.
func TestParticipantInputs(t *testing.T) {
	srv := ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) { o.SkipSignatureCheck = true })
	const stage, session = `"stageArn":"arn:aws:ivs:us-east-1:111122223333:stage/x"`, `"sessionId":"st-0000000000000"`
	for _, tt := range []struct{ operation, body, member string }{
		{"GetStageSession", `{}`, "stageArn"},
		{"GetStageSession", `{` + stage + `}`, "sessionId"},
		{"GetStageSession", `{` + stage + `,"sessionId":"st-short"}`, "sessionId"},
		{"GetStageSession", `{` + stage + `,"sessionId":"xx-0000000000000"}`, "sessionId"},
		{"ListStageSessions", `{` + stage + `,"maxResults":0}`, "maxResults"},
		{"ListStageSessions", `{` + stage + `,"maxResults":101}`, "maxResults"},
		{"ListStageSessions", `{` + stage + `,"nextToken":"a"}`, "nextToken"},
		{"GetParticipant", `{` + stage + `,` + session + `}`, "participantId"},
		{"GetParticipant", `{` + stage + `,` + session + `,"participantId":"a b"}`, "participantId"},
		{"ListParticipants", `{` + stage + `,` + session + `,"filterByState":"AWAY"}`, "filterByState"},
		{"ListParticipants", `{` + stage + `,` + session + `,"filterByRecordingState":"DISABLED"}`, "filterByRecordingState"},
		{"ListParticipants", `{` + stage + `,` + session + `,"filterByUserId":"` + strings.Repeat("x", 129) + `"}`, "filterByUserId"},
		{"ListParticipantEvents", `{` + stage + `,` + session + `}`, "participantId"},
		{"DisconnectParticipant", `{` + stage + `}`, "participantId"},
		{"DisconnectParticipant", `{` + stage + `,"participantId":"x","reason":"` + strings.Repeat("x", 129) + `"}`, "reason"},
		{"RevokeConnectionToken", `{}`, "tokenId"},
		{"RevokeConnectionToken", `{"tokenId":""}`, "tokenId"},
		{"RevokeConnectionToken", `{"tokenId":"a b"}`, "tokenId"},
	} {
		t.Run(tt.operation+" "+tt.member, func(t *testing.T) {
			w := httptest.NewRecorder()
			srv.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/"+tt.operation, strings.NewReader(tt.body)))
			require.Equal(t, 400, w.Code, w.Body)
			require.Equal(t, "ValidationException", w.Header().Get("X-Amzn-Errortype"))
			ivsrealtimetest.RequireValidation(t, w, tt.member)
		})
	}
}
