package ivsrealtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// collect ranges over items and returns what id makes of each, and the error
// that came last.
func collect[Item any](items iter.Seq2[Item, error], id func(Item) string) (ids []string, err error) {
	for item, e := range items {
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		ids = append(ids, id(item))
	}
	return ids, err
}

func stageName(s ivsrealtime.StageSummary) string { return s.Name }

// byToken returns a transport that answers each List request with the page of
// its nextToken. A page that does not exist is a ValidationException.
func byToken(pages map[string]string) *transport {
	tr := &transport{}
	tr.do = func(r *http.Request) (*http.Response, error) {
		tr.mu.Lock()
		body := tr.bodies[len(tr.bodies)-1]
		tr.mu.Unlock()
		var in struct{ NextToken string }
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			return nil, err
		}
		page, ok := pages[in.NextToken]
		if !ok {
			return answer(400, `{"exceptionMessage":"no such page"}`, "x-amzn-errortype", "ValidationException")(r)
		}
		return answer(200, page)(r)
	}
	return tr
}

// threePages are the stages a to e, with an empty page among them.
var threePages = map[string]string{
	"":   `{"stages":[{"arn":"arn:a","name":"a"},{"arn":"arn:b","name":"b"}],"nextToken":"t2"}`,
	"t2": `{"stages":[],"nextToken":"t3"}`,
	"t3": `{"stages":[{"arn":"arn:c","name":"c"},{"arn":"arn:d","name":"d"},{"arn":"arn:e","name":"e"}]}`,
}

// stageLister is a ListStagesAPIClient of one function.
type stageLister func(context.Context, *ivsrealtime.ListStagesInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error)

func (f stageLister) ListStages(ctx context.Context, in *ivsrealtime.ListStagesInput, optFns ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error) {
	return f(ctx, in, optFns...)
}

func TestPaginatorOfEachOperation(t *testing.T) {
	type client = *ivsrealtime.Client
	limit := func(o *ivsrealtime.PaginatorOptions) { o.Limit = 2 }
	tests := []struct {
		operation     string
		pages         [2]string // answers; the first names the second by "t2"
		first, second string    // requests
		walk          func(context.Context, client) ([]string, error)
	}{
		{
			"ListStages",
			[2]string{`{"stages":[{"arn":"1"},{"arn":"2"}],"nextToken":"t2"}`, `{"stages":[{"arn":"3"}]}`},
			`{"maxResults":2}`, `{"maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListStagesPaginator(c, nil, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.StageSummary) string { return i.ARN })
			},
		},
		{
			"ListStageSessions",
			[2]string{`{"stageSessions":[{"sessionId":"1"},{"sessionId":"2"}],"nextToken":"t2"}`, `{"stageSessions":[{"sessionId":"3"}]}`},
			`{"stageArn":"arn:s","maxResults":2}`, `{"stageArn":"arn:s","maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListStageSessionsPaginator(c, &ivsrealtime.ListStageSessionsInput{StageARN: "arn:s"}, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.StageSessionSummary) string { return i.SessionID })
			},
		},
		{
			"ListParticipants",
			[2]string{`{"participants":[{"participantId":"1"},{"participantId":"2"}],"nextToken":"t2"}`, `{"participants":[{"participantId":"3"}]}`},
			`{"stageArn":"arn:s","sessionId":"st-1","filterByPublished":false,"maxResults":2}`,
			`{"stageArn":"arn:s","sessionId":"st-1","filterByPublished":false,"maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListParticipantsPaginator(c, &ivsrealtime.ListParticipantsInput{StageARN: "arn:s", SessionID: "st-1", FilterByPublished: aws.Bool(false)}, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.ParticipantSummary) string { return i.ParticipantID })
			},
		},
		{
			"ListParticipantEvents",
			[2]string{`{"events":[{"participantId":"1"},{"participantId":"2"}],"nextToken":"t2"}`, `{"events":[{"participantId":"3"}]}`},
			`{"stageArn":"arn:s","sessionId":"st-1","participantId":"p","maxResults":2}`,
			`{"stageArn":"arn:s","sessionId":"st-1","participantId":"p","maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListParticipantEventsPaginator(c, &ivsrealtime.ListParticipantEventsInput{StageARN: "arn:s", SessionID: "st-1", ParticipantID: "p"}, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.Event) string { return i.ParticipantID })
			},
		},
		{
			"ListParticipantReplicas",
			[2]string{`{"replicas":[{"destinationSessionId":"1"},{"destinationSessionId":"2"}],"nextToken":"t2"}`, `{"replicas":[{"destinationSessionId":"3"}]}`},
			`{"sourceStageArn":"arn:s","participantId":"p","maxResults":2}`, `{"sourceStageArn":"arn:s","participantId":"p","maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListParticipantReplicasPaginator(c, &ivsrealtime.ListParticipantReplicasInput{SourceStageARN: "arn:s", ParticipantID: "p"}, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.ParticipantReplica) string { return i.DestinationSessionID })
			},
		},
		{
			"ListCompositions",
			[2]string{`{"compositions":[{"arn":"1"},{"arn":"2"}],"nextToken":"t2"}`, `{"compositions":[{"arn":"3"}]}`},
			`{"filterByStageArn":"arn:s","maxResults":2}`, `{"filterByStageArn":"arn:s","maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListCompositionsPaginator(c, &ivsrealtime.ListCompositionsInput{FilterByStageARN: "arn:s"}, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.CompositionSummary) string { return i.ARN })
			},
		},
		{
			"ListEncoderConfigurations",
			[2]string{`{"encoderConfigurations":[{"arn":"1"},{"arn":"2"}],"nextToken":"t2"}`, `{"encoderConfigurations":[{"arn":"3"}]}`},
			`{"maxResults":2}`, `{"maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListEncoderConfigurationsPaginator(c, nil, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.EncoderConfigurationSummary) string { return i.ARN })
			},
		},
		{
			"ListStorageConfigurations",
			[2]string{`{"storageConfigurations":[{"arn":"1"},{"arn":"2"}],"nextToken":"t2"}`, `{"storageConfigurations":[{"arn":"3"}]}`},
			`{"maxResults":2}`, `{"maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListStorageConfigurationsPaginator(c, nil, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.StorageConfigurationSummary) string { return i.ARN })
			},
		},
		{
			"ListIngestConfigurations",
			[2]string{`{"ingestConfigurations":[{"arn":"1"},{"arn":"2"}],"nextToken":"t2"}`, `{"ingestConfigurations":[{"arn":"3"}]}`},
			`{"filterByState":"ACTIVE","maxResults":2}`, `{"filterByState":"ACTIVE","maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListIngestConfigurationsPaginator(c, &ivsrealtime.ListIngestConfigurationsInput{FilterByState: ivsrealtime.IngestConfigurationStateActive}, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.IngestConfigurationSummary) string { return i.ARN })
			},
		},
		{
			"ListPublicKeys",
			[2]string{`{"publicKeys":[{"arn":"1"},{"arn":"2"}],"nextToken":"t2"}`, `{"publicKeys":[{"arn":"3"}]}`},
			`{"maxResults":2}`, `{"maxResults":2,"nextToken":"t2"}`,
			func(ctx context.Context, c client) ([]string, error) {
				p := ivsrealtime.NewListPublicKeysPaginator(c, nil, limit)
				return collect(p.Items(ctx), func(i ivsrealtime.PublicKeySummary) string { return i.ARN })
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.operation, func(t *testing.T) {
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				tr := answering(answer(200, tt.pages[0]), answer(200, tt.pages[1]))
				ids, err := tt.walk(t.Context(), newClient(tr))
				require.NoError(t, err)
				require.Equal(t, []string{"1", "2", "3"}, ids)
				require.Len(t, tr.requests, 2)
				for i, want := range []string{tt.first, tt.second} {
					require.Equal(t, "/"+tt.operation, tr.requests[i].URL.Path)
					require.JSONEq(t, want, tr.bodies[i])
				}
			})
		})
	}
}

func TestPaginatorNextPage(t *testing.T) {
	tr := byToken(threePages)
	p := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), nil)
	var counts []int
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		require.NoError(t, err)
		counts = append(counts, len(page.Stages))
	}
	require.Equal(t, []int{2, 0, 3}, counts)
	require.Equal(t, []string{`{}`, `{"nextToken":"t2"}`, `{"nextToken":"t3"}`}, tr.bodies)

	page, err := p.NextPage(t.Context())
	require.ErrorContains(t, err, "no more pages")
	require.Nil(t, page)
	require.False(t, p.HasMorePages())
	require.Equal(t, 3, tr.count(), "nothing is sent beyond the end")
}

func TestPaginatorPages(t *testing.T) {
	p := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(byToken(threePages))), nil)
	var counts []int
	for page, err := range p.Pages(t.Context()) {
		require.NoError(t, err)
		counts = append(counts, len(page.Stages))
	}
	require.Equal(t, []int{2, 0, 3}, counts)
}

// Pages and Items begin at the first page each time, wherever NextPage stands,
// and leave it there.
func TestPaginatorSequencesAreIndependent(t *testing.T) {
	tr := byToken(threePages)
	p := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), nil)
	_, err := p.NextPage(t.Context())
	require.NoError(t, err)

	items, pages := p.Items(t.Context()), p.Pages(t.Context())
	for range 2 {
		names, err := collect(items, stageName)
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b", "c", "d", "e"}, names)
		tokens, err := collect(pages, func(page *ivsrealtime.ListStagesOutput) string { return page.NextToken })
		require.NoError(t, err)
		require.Equal(t, []string{"t2", "t3", ""}, tokens)
	}
	// One walk within another.
	next, stop := iter.Pull2(items)
	defer stop()
	first, _, _ := next()
	inner, err := collect(items, stageName)
	require.NoError(t, err)
	second, _, _ := next()
	require.Equal(t, []string{"a", "b"}, []string{first.Name, second.Name})
	require.Len(t, inner, 5)

	sent := tr.count()
	_, err = p.NextPage(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{`{"nextToken":"t2"}`}, tr.bodies[sent:])
	require.True(t, p.HasMorePages())
}

func TestPaginatorIsLazy(t *testing.T) {
	tr := byToken(threePages)
	p := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), nil)
	require.True(t, p.HasMorePages())
	items, pages := p.Items(t.Context()), p.Pages(t.Context())
	require.Equal(t, 0, tr.count())

	next, stop := iter.Pull2(items)
	defer stop()
	for i, sent := range []int{1, 1, 3, 3, 3} { // the second page is empty
		_, err, ok := next()
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, sent, tr.count(), "item %d", i)
	}

	nextPage, stopPages := iter.Pull2(pages)
	defer stopPages()
	for i := range 3 {
		_, err, ok := nextPage()
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, 3+i+1, tr.count(), "page %d", i)
	}
}

func TestPaginatorBreakStopsFetching(t *testing.T) {
	for _, tt := range []struct {
		after string // the name of the last item walked over
		sent  int
	}{{"a", 1}, {"b", 1}, {"c", 3}, {"e", 3}} {
		t.Run(tt.after, func(t *testing.T) {
			tr := byToken(threePages)
			p := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), nil)
			for stage, err := range p.Items(t.Context()) {
				require.NoError(t, err)
				if stage.Name == tt.after {
					break
				}
			}
			require.Equal(t, tt.sent, tr.count())
		})
	}
	t.Run("pages", func(t *testing.T) {
		tr := byToken(threePages)
		for range ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), nil).Pages(t.Context()) {
			break
		}
		require.Equal(t, 1, tr.count())
	})
}

// A list that never ends by itself: a token that comes again is an error.
func TestPaginatorRepeatedToken(t *testing.T) {
	tests := []struct {
		name  string
		start string
		pages map[string]string
		items []string // before the error
		sent  int
	}{
		{"at once", "", map[string]string{
			"":  `{"stages":[{"arn":"1","name":"1"}],"nextToken":"A"}`,
			"A": `{"stages":[{"arn":"2","name":"2"}],"nextToken":"A"}`,
		}, []string{"1"}, 2},
		{"in a circle", "", map[string]string{
			"":  `{"stages":[{"arn":"1","name":"1"}],"nextToken":"A"}`,
			"A": `{"stages":[{"arn":"2","name":"2"}],"nextToken":"B"}`,
			"B": `{"stages":[{"arn":"3","name":"3"}],"nextToken":"A"}`,
		}, []string{"1", "2"}, 3},
		{"of the input", "A", map[string]string{
			"A": `{"stages":[{"arn":"1","name":"1"}],"nextToken":"A"}`,
		}, nil, 1},
		{"of the input, in a circle", "A", map[string]string{
			"A": `{"stages":[{"arn":"1","name":"1"}],"nextToken":"B"}`,
			"B": `{"stages":[{"arn":"2","name":"2"}],"nextToken":"A"}`,
		}, []string{"1"}, 2},
		{"of empty pages", "", map[string]string{
			"":  `{"stages":[],"nextToken":"A"}`,
			"A": `{"stages":[],"nextToken":"A"}`,
		}, nil, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := byToken(tt.pages)
			p := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), &ivsrealtime.ListStagesInput{NextToken: tt.start})

			var items []string
			errs := 0
			for stage, err := range p.Items(t.Context()) {
				if err != nil {
					require.ErrorContains(t, err, "token that it had sent before")
					require.Zero(t, stage)
					errs++
					continue
				}
				require.Zero(t, errs, "an item after the error")
				items = append(items, stage.Name)
			}
			require.Equal(t, tt.items, items)
			require.Equal(t, 1, errs)
			require.Equal(t, tt.sent, tr.count())

			pages, errs := 0, 0
			for page, err := range p.Pages(t.Context()) {
				if err != nil {
					require.Nil(t, page)
					errs++
					continue
				}
				pages++
			}
			require.Equal(t, []int{tt.sent - 1, 1}, []int{pages, errs})

			for range tt.sent - 1 {
				_, err := p.NextPage(t.Context())
				require.NoError(t, err)
			}
			page, err := p.NextPage(t.Context())
			require.ErrorContains(t, err, "token that it had sent before")
			require.Nil(t, page)
			require.False(t, p.HasMorePages(), "a loop over HasMorePages must end")
		})
	}
}

// An error comes once, after the items before it, and the walk ends. NextPage
// may be called again and asks for the same page.
func TestPaginatorError(t *testing.T) {
	notFound := answer(404, `{"exceptionMessage":"gone"}`, "x-amzn-errortype", "ResourceNotFoundException")
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		for _, first := range []bool{true, false} {
			answers := []func(*http.Request) (*http.Response, error){answer(200, threePages[""]), notFound, answer(200, threePages["t3"])}
			items, pages, sent := []string{"a", "b"}, 1, []string{`{}`, `{"nextToken":"t2"}`, `{"nextToken":"t2"}`}
			if first {
				answers = answers[1:]
				items, pages, sent = nil, 0, []string{`{}`, `{}`}
			}
			t.Run(fmt.Sprintf("on the first page %v", first), func(t *testing.T) {
				var got []string
				errs := 0
				for stage, err := range ivsrealtime.NewListStagesPaginator(newClient(answering(answers...)), nil).Items(t.Context()) {
					if err != nil {
						require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
						require.Zero(t, stage)
						errs++
						continue
					}
					require.Zero(t, errs, "an item after the error")
					got = append(got, stage.Name)
				}
				require.Equal(t, items, got)
				require.Equal(t, 1, errs)

				got, errs = nil, 0
				for page, err := range ivsrealtime.NewListStagesPaginator(newClient(answering(answers...)), nil).Pages(t.Context()) {
					if err != nil {
						require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
						require.Nil(t, page)
						errs++
						continue
					}
					got = append(got, page.NextToken)
				}
				require.Len(t, got, pages)
				require.Equal(t, 1, errs)

				tr := answering(answers...)
				p := ivsrealtime.NewListStagesPaginator(newClient(tr), nil)
				for range pages {
					_, err := p.NextPage(t.Context())
					require.NoError(t, err)
				}
				page, err := p.NextPage(t.Context())
				require.ErrorIs(t, err, ivsrealtime.ErrNotFound)
				require.Nil(t, page)
				require.True(t, p.HasMorePages())
				page, err = p.NextPage(t.Context())
				require.NoError(t, err)
				require.Equal(t, "c", page.Stages[0].Name)
				require.False(t, p.HasMorePages())
				require.Equal(t, sent, tr.bodies)
			})
		}
	})
}

// A missing required member is an error of the first page, not a panic.
func TestPaginatorOfInvalidInput(t *testing.T) {
	tr := answering(answer(200, `{}`))
	for _, in := range []*ivsrealtime.ListStageSessionsInput{nil, {}} {
		ids, err := collect(ivsrealtime.NewListStageSessionsPaginator(ivsrealtime.New(testOptions(tr)), in).Items(t.Context()),
			func(s ivsrealtime.StageSessionSummary) string { return s.SessionID })
		var invalid smithy.InvalidParamsError
		require.ErrorAs(t, err, &invalid)
		require.Empty(t, ids)
	}
	require.Equal(t, 0, tr.count())
}

func TestPaginatorCopiesTheInput(t *testing.T) {
	const first = `{"stageArn":"arn:s","sessionId":"st-1","filterByUserId":"u","filterByPublished":true,"maxResults":3}`
	const second = `{"stageArn":"arn:s","sessionId":"st-1","filterByUserId":"u","filterByPublished":true,"maxResults":3,"nextToken":"t2"}`
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		newInput := func() *ivsrealtime.ListParticipantsInput {
			return &ivsrealtime.ListParticipantsInput{StageARN: "arn:s", SessionID: "st-1", FilterByUserID: "u", FilterByPublished: aws.Bool(true), MaxResults: 3}
		}
		answers := []func(*http.Request) (*http.Response, error){answer(200, `{"participants":[{"participantId":"1"}],"nextToken":"t2"}`), answer(200, `{"participants":[]}`)}

		t.Run("the caller's is not written to", func(t *testing.T) {
			in := newInput()
			tr := answering(answers...)
			p := ivsrealtime.NewListParticipantsPaginator(newClient(tr), in, func(o *ivsrealtime.PaginatorOptions) { o.Limit = 9 })
			for _, err := range p.Items(t.Context()) {
				require.NoError(t, err)
			}
			require.Equal(t, 2, tr.count())
			require.Equal(t, newInput(), in)
		})
		t.Run("changing it has no effect", func(t *testing.T) {
			in := newInput()
			tr := answering(answers...)
			p := ivsrealtime.NewListParticipantsPaginator(newClient(tr), in)
			change := func() {
				*in.FilterByPublished = false
				*in = ivsrealtime.ListParticipantsInput{StageARN: "x", SessionID: "x", FilterByUserID: "x", FilterByPublished: in.FilterByPublished, MaxResults: 1, NextToken: "x"}
			}
			change()
			for _, err := range p.Items(t.Context()) {
				require.NoError(t, err)
				change()
			}
			require.Equal(t, 2, tr.count())
			require.JSONEq(t, first, tr.bodies[0])
			require.JSONEq(t, second, tr.bodies[1])
		})
	})

	t.Run("a mock's changes do not stay", func(t *testing.T) {
		var seen []ivsrealtime.ListStagesInput
		p := ivsrealtime.NewListStagesPaginator(stageLister(func(_ context.Context, in *ivsrealtime.ListStagesInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error) {
			seen = append(seen, *in)
			*in = ivsrealtime.ListStagesInput{NextToken: "mine", MaxResults: 99}
			return &ivsrealtime.ListStagesOutput{NextToken: []string{"t2", ""}[len(seen)-1]}, nil
		}), &ivsrealtime.ListStagesInput{MaxResults: 5})
		for _, err := range p.Pages(t.Context()) {
			require.NoError(t, err)
		}
		require.Equal(t, []ivsrealtime.ListStagesInput{{MaxResults: 5}, {MaxResults: 5, NextToken: "t2"}}, seen)
	})
}

func TestPaginatorStartsAtTheTokenOfTheInput(t *testing.T) {
	tr := byToken(threePages)
	p := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), &ivsrealtime.ListStagesInput{NextToken: "t2"})
	for range 2 {
		names, err := collect(p.Items(t.Context()), stageName)
		require.NoError(t, err)
		require.Equal(t, []string{"c", "d", "e"}, names)
	}
	_, err := p.NextPage(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{`{"nextToken":"t2"}`, `{"nextToken":"t3"}`, `{"nextToken":"t2"}`, `{"nextToken":"t3"}`, `{"nextToken":"t2"}`}, tr.bodies)
}

func TestPaginatorLimit(t *testing.T) {
	limit := func(n int32) func(*ivsrealtime.PaginatorOptions) {
		return func(o *ivsrealtime.PaginatorOptions) { o.Limit = n }
	}
	tests := []struct {
		name   string
		in     *ivsrealtime.ListStagesInput
		optFns []func(*ivsrealtime.PaginatorOptions)
		want   string
	}{
		{"none", nil, nil, `{}`},
		{"of the input", &ivsrealtime.ListStagesInput{MaxResults: 7}, nil, `{"maxResults":7}`},
		{"of the options", nil, []func(*ivsrealtime.PaginatorOptions){limit(3)}, `{"maxResults":3}`},
		{"the options win", &ivsrealtime.ListStagesInput{MaxResults: 7}, []func(*ivsrealtime.PaginatorOptions){limit(3)}, `{"maxResults":3}`},
		{"the last option wins", nil, []func(*ivsrealtime.PaginatorOptions){limit(3), limit(4)}, `{"maxResults":4}`},
		{"0 leaves the input's", &ivsrealtime.ListStagesInput{MaxResults: 7}, []func(*ivsrealtime.PaginatorOptions){limit(0)}, `{"maxResults":7}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := byToken(threePages)
			_, err := ivsrealtime.NewListStagesPaginator(ivsrealtime.New(testOptions(tr)), tt.in, tt.optFns...).NextPage(t.Context())
			require.NoError(t, err)
			require.Equal(t, []string{tt.want}, tr.bodies)
		})
	}
}

func TestPaginatorPassesCallOptionsOn(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		region := func(o *ivsrealtime.Options) { o.Region = "us-west-2" }
		walks := map[string]func(*ivsrealtime.Paginator[*ivsrealtime.ListStagesOutput, ivsrealtime.StageSummary]) error{
			"NextPage": func(p *ivsrealtime.Paginator[*ivsrealtime.ListStagesOutput, ivsrealtime.StageSummary]) error {
				for p.HasMorePages() {
					if _, err := p.NextPage(t.Context(), region); err != nil {
						return err
					}
				}
				return nil
			},
			"Pages": func(p *ivsrealtime.Paginator[*ivsrealtime.ListStagesOutput, ivsrealtime.StageSummary]) error {
				_, err := collect(p.Pages(t.Context(), region), func(*ivsrealtime.ListStagesOutput) string { return "" })
				return err
			},
			"Items": func(p *ivsrealtime.Paginator[*ivsrealtime.ListStagesOutput, ivsrealtime.StageSummary]) error {
				_, err := collect(p.Items(t.Context(), region), stageName)
				return err
			},
		}
		for name, walk := range walks {
			t.Run(name, func(t *testing.T) {
				tr := byToken(threePages)
				require.NoError(t, walk(ivsrealtime.NewListStagesPaginator(newClient(tr), nil)))
				require.Len(t, tr.requests, 3)
				for _, r := range tr.requests {
					require.Equal(t, "ivsrealtime.us-west-2.amazonaws.com", r.URL.Host)
					require.Contains(t, features(r), "C", "the mark must survive other options")
				}
			})
		}
	})
}

// features returns the letters of the m/ part of the user agent.
func features(r *http.Request) []string {
	for part := range strings.FieldsSeq(r.Header.Get("User-Agent")) {
		if letters, ok := strings.CutPrefix(part, "m/"); ok {
			return strings.Split(letters, ",")
		}
	}
	return nil
}

// The mark of the paginator is in the user agent of its calls alone, and does
// not take them off the plain path, whose metadata has no raw response.
func TestPaginatorMark(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := byToken(threePages)
		c := newClient(tr)
		page, err := ivsrealtime.NewListStagesPaginator(c, nil).NextPage(t.Context())
		require.NoError(t, err)
		direct, err := c.ListStages(t.Context(), nil)
		require.NoError(t, err)

		require.Contains(t, features(tr.requests[0]), "C")
		require.NotContains(t, features(tr.requests[1]), "C")
		require.NotEmpty(t, features(tr.requests[1]))
		stack := strings.HasSuffix(t.Name(), "/stack")
		require.Equal(t, stack, awsmiddleware.GetRawResponse(page.ResultMetadata) != nil, "on the stack path")
		require.Equal(t, stack, awsmiddleware.GetRawResponse(direct.ResultMetadata) != nil, "on the stack path")
	})
}

// A mock that returns nothing at all is an error that says so.
func TestPaginatorOfMockThatReturnsNothing(t *testing.T) {
	p := ivsrealtime.NewListStagesPaginator(stageLister(func(context.Context, *ivsrealtime.ListStagesInput, ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error) {
		return nil, nil
	}), nil)
	names, err := collect(p.Items(t.Context()), stageName)
	require.ErrorContains(t, err, "neither a *ivsrealtime.ListStagesOutput nor an error")
	require.Empty(t, names)
	_, err = p.NextPage(t.Context())
	require.Error(t, err)
}

func TestPaginatorCanceledBetweenPages(t *testing.T) {
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		tr := byToken(threePages)
		p := ivsrealtime.NewListStagesPaginator(newClient(tr), nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var names []string
		var got error
		for stage, err := range p.Items(ctx) {
			if err != nil {
				got = err
				continue
			}
			names = append(names, stage.Name)
			cancel()
		}
		require.ErrorIs(t, got, context.Canceled)
		require.Equal(t, []string{"a", "b"}, names, "the page that was fetched is walked to its end")
		require.Equal(t, 1, tr.count())

		_, err := p.NextPage(ctx)
		require.ErrorIs(t, err, context.Canceled)
		_, err = p.NextPage(t.Context())
		require.NoError(t, err)
	})
}

// 10,000 items in 100 pages: what has been walked over can be collected.
func TestPaginatorKeepsNoPages(t *testing.T) {
	var pages []weak.Pointer[ivsrealtime.ListStagesOutput]
	most := 0
	client := stageLister(func(_ context.Context, in *ivsrealtime.ListStagesInput, _ ...func(*ivsrealtime.Options)) (*ivsrealtime.ListStagesOutput, error) {
		runtime.GC()
		live := 0
		for _, p := range pages {
			if p.Value() != nil {
				live++
			}
		}
		most = max(most, live)
		out := &ivsrealtime.ListStagesOutput{Stages: make([]ivsrealtime.StageSummary, 100)}
		pages = append(pages, weak.Make(out))
		if len(pages) < 100 {
			out.NextToken = fmt.Sprint("token ", len(pages))
		}
		return out, nil
	})
	items := 0
	for _, err := range ivsrealtime.NewListStagesPaginator(client, nil).Items(t.Context()) {
		require.NoError(t, err)
		items++
	}
	require.Equal(t, 10_000, items)
	require.Len(t, pages, 100)
	require.LessOrEqual(t, most, 2)
}

// A failing transport ends a walk too, with its own error.
func TestPaginatorTransportError(t *testing.T) {
	c := ivsrealtime.New(testOptions(answering(answer(200, threePages[""]), failing(io.ErrClosedPipe))), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 })
	names, err := collect(ivsrealtime.NewListStagesPaginator(c, nil).Items(t.Context()), stageName)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.Equal(t, []string{"a", "b"}, names)
}
