package requests_test

import (
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"

	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/conformance/contract"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/gen"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/known"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// paginators are the constructors, ours and theirs.
var paginators = map[string][2]any{
	"ListCompositions":          {ivsrealtime.NewListCompositionsPaginator, official.NewListCompositionsPaginator},
	"ListEncoderConfigurations": {ivsrealtime.NewListEncoderConfigurationsPaginator, official.NewListEncoderConfigurationsPaginator},
	"ListIngestConfigurations":  {ivsrealtime.NewListIngestConfigurationsPaginator, official.NewListIngestConfigurationsPaginator},
	"ListParticipantEvents":     {ivsrealtime.NewListParticipantEventsPaginator, official.NewListParticipantEventsPaginator},
	"ListParticipantReplicas":   {ivsrealtime.NewListParticipantReplicasPaginator, official.NewListParticipantReplicasPaginator},
	"ListParticipants":          {ivsrealtime.NewListParticipantsPaginator, official.NewListParticipantsPaginator},
	"ListPublicKeys":            {ivsrealtime.NewListPublicKeysPaginator, official.NewListPublicKeysPaginator},
	"ListStages":                {ivsrealtime.NewListStagesPaginator, official.NewListStagesPaginator},
	"ListStageSessions":         {ivsrealtime.NewListStageSessionsPaginator, official.NewListStageSessionsPaginator},
	"ListStorageConfigurations": {ivsrealtime.NewListStorageConfigurationsPaginator, official.NewListStorageConfigurationsPaginator},
}

// Both paginators ask for the same pages, return the same ones and stop at the
// same one.
func TestPaginators(t *testing.T) {
	c := contract.Load()
	pages, differences := 0, 0
	for i, op := range c.Operations {
		if op.Items == "" {
			continue
		}
		t.Run(op.Name, func(t *testing.T) {
			defer countFailure(t, &differences)
			synctest.Test(t, func(t *testing.T) {
				g := gen.Inputs(gen.Seed(t), uint64(2000+i))
				answers := gen.Answers(gen.Seed(t), uint64(3000+i))
				ours, theirs := both.Operations(both.OursType)[op.Name], both.Operations(both.OfficialType)[op.Name]
				for n := range gen.Cases(t) / 10 {
					clients := both.NewClients()
					value := both.Common(c, op.Name+"Input", g.Struct(op.Name+"Input"), ours.Input, theirs.Input)
					if max, _ := value["maxResults"].(int32); max < 0 {
						delete(value, "maxResults") // see TestPaginatorLimits
					}
					limit := int32(n % 3)
					our := newPaginator(t, paginators[op.Name][0], clients.Ours, ours.Input, value, limit)
					their := newPaginator(t, paginators[op.Name][1], clients.Theirs, theirs.Input, value, limit)
					last := n % 4
					for page := 0; ; page++ {
						require.Equal(t, their.more(), our.more(), show(value))
						if !our.more() {
							break
						}
						clients.Reply(both.Answer{Status: 200, Body: pageOf(answers, op, page, last)})
						ourOut, ourErr := our.next(t)
						theirOut, theirErr := their.next(t)
						require.NoError(t, ourErr)
						require.NoError(t, theirErr)
						require.Empty(t, both.Equal(ourOut.Elem(), theirOut.Elem()))
						ourSent, theirSent := clients.Last()
						require.Empty(t, compare(op, ourSent, theirSent), "page %d, limit %d, input %s", page, limit, show(value))
						pages++
					}
					_, ourErr := our.next(t)
					_, theirErr := their.next(t)
					require.EqualError(t, ourErr, theirErr.Error())
				}
			})
		})
	}
	require.Len(t, paginators, 10)
	tally.Record(t, tally.Row{Area: "Requests", What: "pages of paginators", With: both.Official, Cases: pages, Differences: differences})
}

// Limits of all kinds, in the input, by the option, and both.
func TestPaginatorLimits(t *testing.T) {
	list := known.Read(t, "paginator-differences.txt")
	row := tally.Row{Area: "Requests", What: "limits of paginators", With: both.Official}
	c := contract.Load()
	op, _ := c.Operation("ListStages")
	ours, theirs := both.Operations(both.OursType)[op.Name], both.Operations(both.OfficialType)[op.Name]
	clients := both.NewClients()
	clients.Reply(both.Answer{Status: 200, Body: both.Least})
	for _, max := range []int32{0, 1, 100, 101, -1} {
		for _, limit := range []int32{0, 1, 100, 101, -1} {
			row.Cases++
			value := map[string]any{}
			if max != 0 {
				value["maxResults"] = max
			}
			_, ourErr := newPaginator(t, paginators[op.Name][0], clients.Ours, ours.Input, value, limit).next(t)
			_, theirErr := newPaginator(t, paginators[op.Name][1], clients.Theirs, theirs.Input, value, limit).next(t)
			require.NoError(t, ourErr)
			require.NoError(t, theirErr)
			our, their := clients.Last()
			if compareJSON(our.Body, their.Body) == "" {
				continue
			}
			if list.Has(fmt.Sprintf("limit %d, MaxResults %d", limit, max)) {
				row.Listed++
				continue
			}
			row.Differences++
			t.Errorf("limit %d, MaxResults %d: %s here, %s there", limit, max, our.Body, their.Body)
		}
	}
	tally.Record(t, row)
}

// pageOf returns a random page; the last one ends the list in one of three ways.
func pageOf(g *gen.Gen, op contract.Operation, page, last int) string {
	value := g.Struct(op.Name + "Output")
	switch {
	case page < last:
		value["nextToken"] = fmt.Sprintf("token+%d/=", page)
	case last%3 == 0:
		delete(value, "nextToken")
	case last%3 == 1:
		value["nextToken"] = nil
	default:
		value["nextToken"] = ""
	}
	return string(g.JSON(value))
}

// paginator is one of either client.
type paginator struct{ v reflect.Value }

// newPaginator calls a constructor, with an option function that sets the limit if
// that is not 0.
func newPaginator(t *testing.T, constructor, client any, input reflect.Type, value map[string]any, limit int32) paginator {
	t.Helper()
	in := reflect.New(input)
	require.NoError(t, both.Fill(in.Elem(), value))
	f := reflect.ValueOf(constructor)
	args := []reflect.Value{reflect.ValueOf(client), in}
	if limit != 0 {
		args = append(args, reflect.MakeFunc(f.Type().In(2).Elem(), func(args []reflect.Value) []reflect.Value {
			args[0].Elem().FieldByName("Limit").SetInt(int64(limit))
			return nil
		}))
	}
	return paginator{f.Call(args)[0]}
}

func (p paginator) more() bool { return p.v.MethodByName("HasMorePages").Call(nil)[0].Bool() }

func (p paginator) next(t *testing.T) (reflect.Value, error) {
	results := p.v.MethodByName("NextPage").Call([]reflect.Value{reflect.ValueOf(t.Context())})
	err, _ := results[1].Interface().(error)
	return results[0], err
}
