package ivsrealtime

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
)

// PaginatorOptions configure a paginator.
type PaginatorOptions struct {
	// Limit is the most items a page may have, from 1 to 100 (50 for participant
	// replicas). 0 takes the MaxResults of the input or, when that is 0 too, what
	// the service chooses.
	Limit int32
}

// Paginator walks the pages of a List operation. It fetches nothing until it is
// asked to, and works on a copy of the input.
//
//	for stage, err := range ivsrealtime.NewListStagesPaginator(client, nil).Items(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(stage.ARN)
//	}
//
// A page that is empty but names a next one is walked past. A token that comes
// a second time, which would never end, is an error. A Paginator belongs to one
// goroutine.
type Paginator[Page, Item any] struct {
	start string
	fetch func(ctx context.Context, token string, optFns []func(*Options)) (Page, []Item, string, error)
	next  cursor // of NextPage
}

// cursor is how far a walk has come.
type cursor struct {
	begun bool
	token string
	seen  map[uint64]struct{} // hashes: tokens are up to 1,024 bytes, and lists can be long
	seed  maphash.Seed
}

func (c *cursor) more() bool { return !c.begun || c.token != "" }

// advance moves to the page of token.
func (c *cursor) advance(token string) error {
	c.begun, c.token = true, token
	if token == "" {
		return nil
	}
	if c.seen == nil {
		c.seen, c.seed = make(map[uint64]struct{}), maphash.MakeSeed()
	}
	h := maphash.String(c.seed, token)
	if _, ok := c.seen[h]; ok {
		c.token = ""
		return errors.New("pagination stopped: the service sent a next token that it had sent before")
	}
	c.seen[h] = struct{}{}
	return nil
}

// HasMorePages reports whether NextPage has a page to fetch: true before the
// first call.
func (p *Paginator[Page, Item]) HasMorePages() bool { return p.next.more() }

// NextPage fetches the next page. After an error that the call returned it may
// be called again, and fetches the same page. Beyond the last page it returns an
// error.
func (p *Paginator[Page, Item]) NextPage(ctx context.Context, optFns ...func(*Options)) (Page, error) {
	page, _, err := p.step(ctx, &p.next, optFns)
	return page, err
}

// Pages returns the pages, from the first each time it is ranged over and
// whatever NextPage has fetched. An error comes once and ends the walk; its page
// is nil.
func (p *Paginator[Page, Item]) Pages(ctx context.Context, optFns ...func(*Options)) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for c := (cursor{}); c.more(); {
			page, _, err := p.step(ctx, &c, optFns)
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// Items returns the items of all pages, from the first each time it is ranged
// over and whatever NextPage has fetched. An error comes once, after the items
// before it, and ends the walk; its item is the zero value. No page is kept
// longer than its items are walked over.
func (p *Paginator[Page, Item]) Items(ctx context.Context, optFns ...func(*Options)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for c := (cursor{}); c.more(); {
			_, items, err := p.step(ctx, &c, optFns)
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				var none Item
				yield(none, err)
				return
			}
		}
	}
}

// step fetches the page that c stands at. A page whose next token repeats is
// lost, as it may be a copy of an earlier one.
func (p *Paginator[Page, Item]) step(ctx context.Context, c *cursor, optFns []func(*Options)) (Page, []Item, error) {
	var none Page
	if !c.more() {
		return none, nil, errors.New("no more pages available")
	}
	token := c.token
	if !c.begun {
		token = p.start
	}
	page, items, next, err := p.fetch(ctx, token, optFns)
	if err != nil {
		return none, nil, err
	}
	if !c.begun && p.start != "" {
		_ = c.advance(p.start) // the input's own token counts as seen; the first cannot repeat
	}
	if err := c.advance(next); err != nil {
		return none, nil, err
	}
	return page, items, nil
}

// newPaginator makes a paginator of an operation, which is called with a copy of
// in that page has set up, and of what open takes out of its output.
func newPaginator[Client, In, Out, Item any](
	client Client, in *In, optFns []func(*PaginatorOptions),
	call func(Client, context.Context, *In, ...func(*Options)) (*Out, error),
	page func(*In) (token *string, limit *int32),
	open func(*Out) (items []Item, next string),
) *Paginator[*Out, Item] {
	var o PaginatorOptions
	applyOptions(&o, optFns)
	var base In
	if in != nil {
		base = *in
	}
	start, limit := page(&base)
	if o.Limit != 0 {
		*limit = o.Limit
	}
	return &Paginator[*Out, Item]{
		start: *start,
		fetch: func(ctx context.Context, token string, optFns []func(*Options)) (*Out, []Item, string, error) {
			in := base
			t, _ := page(&in)
			*t = token
			if isNil(client) {
				return nil, nil, "", errors.New("the paginator was made with a nil client")
			}
			out, err := call(client, ctx, &in, append([]func(*Options){markPaginator}, optFns...)...)
			if err != nil {
				return nil, nil, "", err
			}
			if out == nil {
				return nil, nil, "", fmt.Errorf("the client returned neither a %T nor an error", out)
			}
			items, next := open(out)
			return out, items, next, nil
		},
	}
}

func markPaginator(o *Options) { o.feature = awsmiddleware.UserAgentFeaturePaginator }

// ListStagesAPIClient is the part of Client that NewListStagesPaginator calls.
type ListStagesAPIClient interface {
	ListStages(context.Context, *ListStagesInput, ...func(*Options)) (*ListStagesOutput, error)
}

// NewListStagesPaginator returns a paginator of stages. in may be changed
// afterwards; nil is an empty one.
func NewListStagesPaginator(client ListStagesAPIClient, in *ListStagesInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListStagesOutput, StageSummary] {
	return newPaginator(client, in, optFns, ListStagesAPIClient.ListStages,
		func(in *ListStagesInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListStagesOutput) ([]StageSummary, string) { return out.Stages, out.NextToken })
}

// ListStageSessionsAPIClient is the part of Client that NewListStageSessionsPaginator calls.
type ListStageSessionsAPIClient interface {
	ListStageSessions(context.Context, *ListStageSessionsInput, ...func(*Options)) (*ListStageSessionsOutput, error)
}

// NewListStageSessionsPaginator returns a paginator of stage sessions. in may be changed
// afterwards; nil is an empty one.
func NewListStageSessionsPaginator(client ListStageSessionsAPIClient, in *ListStageSessionsInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListStageSessionsOutput, StageSessionSummary] {
	return newPaginator(client, in, optFns, ListStageSessionsAPIClient.ListStageSessions,
		func(in *ListStageSessionsInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListStageSessionsOutput) ([]StageSessionSummary, string) {
			return out.StageSessions, out.NextToken
		})
}

// ListParticipantsAPIClient is the part of Client that NewListParticipantsPaginator calls.
type ListParticipantsAPIClient interface {
	ListParticipants(context.Context, *ListParticipantsInput, ...func(*Options)) (*ListParticipantsOutput, error)
}

// NewListParticipantsPaginator returns a paginator of participants. in may be changed
// afterwards; nil is an empty one.
func NewListParticipantsPaginator(client ListParticipantsAPIClient, in *ListParticipantsInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListParticipantsOutput, ParticipantSummary] {
	if in != nil && in.FilterByPublished != nil { // the one member that a plain copy shares
		copied, published := *in, *in.FilterByPublished
		copied.FilterByPublished = &published
		in = &copied
	}
	return newPaginator(client, in, optFns, ListParticipantsAPIClient.ListParticipants,
		func(in *ListParticipantsInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListParticipantsOutput) ([]ParticipantSummary, string) {
			return out.Participants, out.NextToken
		})
}

// ListParticipantEventsAPIClient is the part of Client that NewListParticipantEventsPaginator calls.
type ListParticipantEventsAPIClient interface {
	ListParticipantEvents(context.Context, *ListParticipantEventsInput, ...func(*Options)) (*ListParticipantEventsOutput, error)
}

// NewListParticipantEventsPaginator returns a paginator of participant events. in may be changed
// afterwards; nil is an empty one.
func NewListParticipantEventsPaginator(client ListParticipantEventsAPIClient, in *ListParticipantEventsInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListParticipantEventsOutput, Event] {
	return newPaginator(client, in, optFns, ListParticipantEventsAPIClient.ListParticipantEvents,
		func(in *ListParticipantEventsInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListParticipantEventsOutput) ([]Event, string) { return out.Events, out.NextToken })
}

// ListParticipantReplicasAPIClient is the part of Client that NewListParticipantReplicasPaginator calls.
type ListParticipantReplicasAPIClient interface {
	ListParticipantReplicas(context.Context, *ListParticipantReplicasInput, ...func(*Options)) (*ListParticipantReplicasOutput, error)
}

// NewListParticipantReplicasPaginator returns a paginator of participant replicas. in may be changed
// afterwards; nil is an empty one.
func NewListParticipantReplicasPaginator(client ListParticipantReplicasAPIClient, in *ListParticipantReplicasInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListParticipantReplicasOutput, ParticipantReplica] {
	return newPaginator(client, in, optFns, ListParticipantReplicasAPIClient.ListParticipantReplicas,
		func(in *ListParticipantReplicasInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListParticipantReplicasOutput) ([]ParticipantReplica, string) {
			return out.Replicas, out.NextToken
		})
}

// ListCompositionsAPIClient is the part of Client that NewListCompositionsPaginator calls.
type ListCompositionsAPIClient interface {
	ListCompositions(context.Context, *ListCompositionsInput, ...func(*Options)) (*ListCompositionsOutput, error)
}

// NewListCompositionsPaginator returns a paginator of compositions. in may be changed
// afterwards; nil is an empty one.
func NewListCompositionsPaginator(client ListCompositionsAPIClient, in *ListCompositionsInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListCompositionsOutput, CompositionSummary] {
	return newPaginator(client, in, optFns, ListCompositionsAPIClient.ListCompositions,
		func(in *ListCompositionsInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListCompositionsOutput) ([]CompositionSummary, string) {
			return out.Compositions, out.NextToken
		})
}

// ListEncoderConfigurationsAPIClient is the part of Client that NewListEncoderConfigurationsPaginator calls.
type ListEncoderConfigurationsAPIClient interface {
	ListEncoderConfigurations(context.Context, *ListEncoderConfigurationsInput, ...func(*Options)) (*ListEncoderConfigurationsOutput, error)
}

// NewListEncoderConfigurationsPaginator returns a paginator of encoder configurations. in may be changed
// afterwards; nil is an empty one.
func NewListEncoderConfigurationsPaginator(client ListEncoderConfigurationsAPIClient, in *ListEncoderConfigurationsInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListEncoderConfigurationsOutput, EncoderConfigurationSummary] {
	return newPaginator(client, in, optFns, ListEncoderConfigurationsAPIClient.ListEncoderConfigurations,
		func(in *ListEncoderConfigurationsInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListEncoderConfigurationsOutput) ([]EncoderConfigurationSummary, string) {
			return out.EncoderConfigurations, out.NextToken
		})
}

// ListStorageConfigurationsAPIClient is the part of Client that NewListStorageConfigurationsPaginator calls.
type ListStorageConfigurationsAPIClient interface {
	ListStorageConfigurations(context.Context, *ListStorageConfigurationsInput, ...func(*Options)) (*ListStorageConfigurationsOutput, error)
}

// NewListStorageConfigurationsPaginator returns a paginator of storage configurations. in may be changed
// afterwards; nil is an empty one.
func NewListStorageConfigurationsPaginator(client ListStorageConfigurationsAPIClient, in *ListStorageConfigurationsInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListStorageConfigurationsOutput, StorageConfigurationSummary] {
	return newPaginator(client, in, optFns, ListStorageConfigurationsAPIClient.ListStorageConfigurations,
		func(in *ListStorageConfigurationsInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListStorageConfigurationsOutput) ([]StorageConfigurationSummary, string) {
			return out.StorageConfigurations, out.NextToken
		})
}

// ListIngestConfigurationsAPIClient is the part of Client that NewListIngestConfigurationsPaginator calls.
type ListIngestConfigurationsAPIClient interface {
	ListIngestConfigurations(context.Context, *ListIngestConfigurationsInput, ...func(*Options)) (*ListIngestConfigurationsOutput, error)
}

// NewListIngestConfigurationsPaginator returns a paginator of ingest configurations. in may be changed
// afterwards; nil is an empty one.
func NewListIngestConfigurationsPaginator(client ListIngestConfigurationsAPIClient, in *ListIngestConfigurationsInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListIngestConfigurationsOutput, IngestConfigurationSummary] {
	return newPaginator(client, in, optFns, ListIngestConfigurationsAPIClient.ListIngestConfigurations,
		func(in *ListIngestConfigurationsInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListIngestConfigurationsOutput) ([]IngestConfigurationSummary, string) {
			return out.IngestConfigurations, out.NextToken
		})
}

// ListPublicKeysAPIClient is the part of Client that NewListPublicKeysPaginator calls.
type ListPublicKeysAPIClient interface {
	ListPublicKeys(context.Context, *ListPublicKeysInput, ...func(*Options)) (*ListPublicKeysOutput, error)
}

// NewListPublicKeysPaginator returns a paginator of public keys. in may be changed
// afterwards; nil is an empty one.
func NewListPublicKeysPaginator(client ListPublicKeysAPIClient, in *ListPublicKeysInput, optFns ...func(*PaginatorOptions)) *Paginator[*ListPublicKeysOutput, PublicKeySummary] {
	return newPaginator(client, in, optFns, ListPublicKeysAPIClient.ListPublicKeys,
		func(in *ListPublicKeysInput) (*string, *int32) { return &in.NextToken, &in.MaxResults },
		func(out *ListPublicKeysOutput) ([]PublicKeySummary, string) { return out.PublicKeys, out.NextToken })
}
