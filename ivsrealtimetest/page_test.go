package ivsrealtimetest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

func TestPages(t *testing.T) {
	srv := ivsrealtimetest.NewServer()
	c := srv.Client()
	var arns []string
	for i := range 120 {
		out, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Name: strconv.Itoa(i), Tags: map[string]string{"i": strconv.Itoa(i)}})
		require.NoError(t, err)
		arns = append(arns, out.Stage.ARN)
	}
	list := func(token string, size int32) *ivsrealtime.ListStagesOutput {
		out, err := c.ListStages(t.Context(), &ivsrealtime.ListStagesInput{NextToken: token, MaxResults: size})
		require.NoError(t, err)
		return out
	}
	remove := func(arn string) {
		_, err := c.DeleteStage(t.Context(), &ivsrealtime.DeleteStageInput{ARN: arn})
		require.NoError(t, err)
	}

	first := list("", 0)
	require.Len(t, first.Stages, 50, "the default")
	for i, st := range first.Stages {
		require.Equal(t, ivsrealtime.StageSummary{ARN: arns[i], Name: strconv.Itoa(i), Tags: map[string]string{"i": strconv.Itoa(i)}}, st, "in the order of creation")
	}
	require.Regexp(t, `^[a-zA-Z0-9+/=_-]{1,1000}$`, first.NextToken)

	// What the token stands on, and what comes after it, goes away.
	for _, arn := range arns[45:60] {
		remove(arn)
	}
	second := list(first.NextToken, 20)
	require.Len(t, second.Stages, 20)
	require.Equal(t, arns[60], second.Stages[0].ARN)
	require.Equal(t, second.Stages, list(first.NextToken, 20).Stages, "a token can be used again")
	created, err := c.CreateStage(t.Context(), nil)
	require.NoError(t, err)
	third := list(second.NextToken, 100)
	require.Len(t, third.Stages, 41)
	require.Equal(t, created.Stage.ARN, third.Stages[40].ARN)
	require.Empty(t, third.NextToken)

	exact := list(second.NextToken, 41)
	require.Empty(t, exact.NextToken, "a page that ends with the list is the last")
	most := list(second.NextToken, 40)
	require.NotEmpty(t, most.NextToken)
	remove(created.Stage.ARN)
	require.Empty(t, list(most.NextToken, 0).Stages)
	require.Empty(t, list(most.NextToken, 0).NextToken)

	for _, bad := range []string{
		"x", first.NextToken + "A", first.NextToken[1:], "A" + first.NextToken[1:] + "=", swap(first.NextToken),
		strings.Repeat("A", len(first.NextToken)), strings.Repeat("A", 1024), "=", "-_",
	} {
		_, err := c.ListStages(t.Context(), &ivsrealtime.ListStagesInput{NextToken: bad})
		require.ErrorIs(t, err, ivsrealtime.ErrValidation, bad)
		require.ErrorContains(t, err, "NextToken")
	}
	_, err = ivsrealtimetest.NewServer().Client().ListStages(t.Context(), &ivsrealtime.ListStagesInput{NextToken: first.NextToken})
	require.ErrorIs(t, err, ivsrealtime.ErrValidation, "the token of another server")
}

// swap changes one character in the middle.
func swap(s string) string {
	i := len(s) / 2
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}

func TestPaginator(t *testing.T) {
	c := ivsrealtimetest.NewServer().Client()
	for range 7 {
		_, err := c.CreateStage(t.Context(), nil)
		require.NoError(t, err)
	}
	n := 0
	for _, err := range ivsrealtime.NewListStagesPaginator(c, &ivsrealtime.ListStagesInput{MaxResults: 2}).Items(t.Context()) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 7, n)
}
