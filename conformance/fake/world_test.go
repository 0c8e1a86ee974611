// Package fake_test drives the fake with clients that know nothing of it: the
// official Go client and the JavaScript SDK.
package fake_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// world is a fake, its clock, and the official client.
type world struct {
	*testing.T
	srv    *ivsrealtimetest.Server
	clock  *ivsrealtimetest.ManualClock // signing has the real time, so a story has five minutes
	config aws.Config
	client *official.Client
}

// call makes one call, which must succeed.
func call[I, O any](w *world, fn func(context.Context, *I, ...func(*official.Options)) (*O, error), in *I) *O {
	w.Helper()
	out, err := fn(w.Context(), in)
	require.NoError(w, err)
	return out
}

// fails makes one call, which must fail with an E.
func fails[E error, I, O any](w *world, fn func(context.Context, *I, ...func(*official.Options)) (*O, error), in *I) (e E) {
	w.Helper()
	_, err := fn(w.Context(), in)
	require.Error(w, err)
	require.ErrorAs(w, err, &e)
	return e
}

// story is run with a new world each time.
type story struct {
	name    string
	options func(*ivsrealtimetest.Options)
	tell    func(*world)
}

// TestStories tells every story to the official client, in process and over
// HTTP.
func TestStories(t *testing.T) {
	stories := slices.Concat(stageStories, mediaStories, troubleStories)
	calls := map[string]int{}
	for _, way := range []string{"in process", "over HTTP"} {
		row := tally.Row{Area: "Fake", What: "calls of the stories, " + way, With: "official v1.30.0"}
		for _, s := range stories {
			ok := t.Run(way+"/"+s.name, func(t *testing.T) {
				w := newWorld(t, way, s.options)
				defer func() {
					for _, c := range w.srv.Calls() {
						row.Cases++
						calls[c.Operation]++
					}
				}()
				s.tell(w)
			})
			if !ok {
				row.Differences++
			}
		}
		tally.Record(t, row)
	}
	var missing []string
	for _, op := range operations() {
		if calls[op] == 0 {
			missing = append(missing, op)
		}
	}
	require.Empty(t, missing, "operations of the official client that no story calls")
	tally.Record(t, tally.Row{Area: "Fake", What: "operations called", With: "official v1.30.0", Cases: len(operations())})
}

// operations are those of the official client.
func operations() []string {
	var names []string
	for m := range reflect.TypeFor[*official.Client]().Methods() {
		if m.Type.NumIn() == 4 && m.Type.NumOut() == 2 {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestThirtyNineOperations(t *testing.T) { require.Len(t, operations(), 39) }

func newWorld(t *testing.T, way string, options func(*ivsrealtimetest.Options)) *world {
	w := &world{T: t, clock: ivsrealtimetest.NewManualClock(time.Now())}
	w.srv = ivsrealtimetest.NewServer(func(o *ivsrealtimetest.Options) {
		o.Clock = w.clock
		if options != nil {
			options(o)
		}
	})
	w.config = w.srv.Config()
	if way == "over HTTP" {
		h := httptest.NewServer(w.srv)
		t.Cleanup(h.Close)
		w.config.HTTPClient, w.config.BaseEndpoint = h.Client(), &h.URL
	}
	w.config.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}
	w.client = official.NewFromConfig(w.config)
	return w
}

// The helpers below are what several stories begin with.

func (w *world) newStage(name string) string {
	w.Helper()
	return *call(w, w.client.CreateStage, &official.CreateStageInput{Name: &name}).Stage.Arn
}

func (w *world) join(stage, user string, capabilities ...types.ParticipantTokenCapability) *ivsrealtimetest.Participant {
	w.Helper()
	out := call(w, w.client.CreateParticipantToken, &official.CreateParticipantTokenInput{StageArn: &stage, UserId: &user, Capabilities: capabilities})
	return w.enter(*out.ParticipantToken.Token)
}

func (w *world) participant(p *ivsrealtimetest.Participant) *types.Participant {
	w.Helper()
	stage, session, id := p.StageARN(), p.SessionID(), p.ID()
	return call(w, w.client.GetParticipant, &official.GetParticipantInput{StageArn: &stage, SessionId: &session, ParticipantId: &id}).Participant
}

// events lists the names of a participant's events, read two at a time.
func (w *world) events(p *ivsrealtimetest.Participant) string {
	w.Helper()
	stage, session, id := p.StageARN(), p.SessionID(), p.ID()
	pages := official.NewListParticipantEventsPaginator(w.client, &official.ListParticipantEventsInput{StageArn: &stage, SessionId: &session, ParticipantId: &id},
		func(o *official.ListParticipantEventsPaginatorOptions) { o.Limit = 2 })
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.Context())
		require.NoError(w, err)
		for _, e := range page.Events {
			require.Equal(w, id, *e.ParticipantId)
			require.False(w, e.EventTime.IsZero())
			name := string(e.Name)
			if e.ErrorCode != "" {
				name += "=" + string(e.ErrorCode)
			}
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func (w *world) newStorage() string {
	w.Helper()
	return *call(w, w.client.CreateStorageConfiguration, &official.CreateStorageConfigurationInput{
		S3: &types.S3StorageConfiguration{BucketName: aws.String("bucket")},
	}).StorageConfiguration.Arn
}

func (w *world) newEncoder() string {
	w.Helper()
	return *call(w, w.client.CreateEncoderConfiguration, &official.CreateEncoderConfigurationInput{
		Name:  aws.String("hd"),
		Video: &types.Video{Width: aws.Int32(1280), Height: aws.Int32(720), Framerate: aws.Float32(30), Bitrate: aws.Int32(2_500_000)},
	}).EncoderConfiguration.Arn
}

// pager is any paginator of the official client.
type pager[O any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*official.Options)) (*O, error)
}

// walk reads all pages, which have one item each.
func walk[O any](w *world, want int, pages pager[O], items func(*O) int) {
	w.Helper()
	n := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.Context())
		require.NoError(w, err)
		require.Equal(w, 1, items(page))
		n++
	}
	require.Equal(w, want, n)
}
