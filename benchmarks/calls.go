package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	officialtypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/seed-433ec77c/ivsrealtime"
)

// errWrongAnswer says that a client did not return what the body holds.
var errWrongAnswer = errors.New("the output is not what was answered")

// Inputs are made once, so that what is measured is the call.
var (
	getStageInput         = &ivsrealtime.GetStageInput{ARN: stageARN}
	officialGetStageInput = &official.GetStageInput{Arn: aws.String(stageARN)}
	newestGetStage        = &newestGetStageInput{ARN: aws.String(stageARN)}

	listInput         = &ivsrealtime.ListParticipantsInput{StageARN: stageARN, SessionID: session, MaxResults: 100}
	officialListInput = &official.ListParticipantsInput{StageArn: aws.String(stageARN), SessionId: aws.String(session), MaxResults: aws.Int32(100)}
	newestListInput   = &newestListParticipantsInput{StageARN: aws.String(stageARN), SessionID: aws.String(session), MaxResults: aws.Int32(100)}
	aliasesInput      = &lambda.ListAliasesInput{FunctionName: aws.String("f"), MaxItems: aws.Int32(100)}
)

// ourGetStage makes the call and looks at the answer, as do the others below.
func ourGetStage(c *ivsrealtime.Client) func() error {
	return func() error {
		out, err := c.GetStage(context.Background(), getStageInput)
		if err == nil && (out.Stage.ARN != stageARN || out.Stage.Endpoints.WHIP == "") {
			return errWrongAnswer
		}
		return err
	}
}

func officialGetStage(c *official.Client) func() error {
	return func() error {
		out, err := c.GetStage(context.Background(), officialGetStageInput)
		if err == nil && (aws.ToString(out.Stage.Arn) != stageARN || out.Stage.Endpoints.Whip == nil) {
			return errWrongAnswer
		}
		return err
	}
}

func newestGetStageCall(n *newest) func() error {
	return func() error {
		out := &newestGetStageOutput{}
		err := n.invoke(context.Background(), getStageOperation, newestGetStage, out)
		if err == nil && (aws.ToString(out.Stage.ARN) != stageARN || out.Stage.Endpoints.WHIP == nil) {
			return errWrongAnswer
		}
		return err
	}
}

func floorGetStage(f *floor) func() error {
	return func() error {
		out := &ivsrealtime.GetStageOutput{}
		err := f.call(context.Background(), "GetStage", getStageInput, out)
		if err == nil && (out.Stage.ARN != stageARN || out.Stage.Endpoints.WHIP == "") {
			return errWrongAnswer
		}
		return err
	}
}

// stageCalls measures GetStage: goal 1.
func stageCalls(p plan) ([]row, error) {
	small, err := answerFile("stage-small.json")
	if err != nil {
		return nil, err
	}
	full, err := answerFile("stage-full.json")
	if err != nil {
		return nil, err
	}
	ours := newOurs(&cannedAnswer{status: 200, body: small})
	if err := resultMetadataIsFilled(ours); err != nil {
		return nil, err
	}
	alias := newLambda(&cannedAnswer{status: 201, body: aliasAnswer})
	f, err := p.measure(
		variant{"ours", ourGetStage(ours)},
		variant{"official", officialGetStage(newOfficial(&cannedAnswer{status: 200, body: small}))},
		variant{"newest", newestGetStageCall(newNewest(&cannedAnswer{status: 200, body: small}))},
		variant{"floor", floorGetStage(newFloor(&cannedAnswer{status: 200, body: small}))},
		variant{"newest CreateAlias", func() error {
			out, err := alias.CreateAlias(context.Background(), aliasInput)
			if err == nil && out.AliasArn == nil {
				return errWrongAnswer
			}
			return err
		}},
		variant{"ours with AttemptTimeout", ourGetStage(newOurs(&cannedAnswer{status: 200, body: small}, func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Minute }))},
	)
	if err != nil {
		return nil, err
	}
	g, err := p.measure(
		variant{"ours", ourGetStage(newOurs(&cannedAnswer{status: 200, body: full}))},
		variant{"official", officialGetStage(newOfficial(&cannedAnswer{status: 200, body: full}))},
		variant{"newest", newestGetStageCall(newNewest(&cannedAnswer{status: 200, body: full}))},
		variant{"floor", floorGetStage(newFloor(&cannedAnswer{status: 200, body: full}))},
	)
	if err != nil {
		return nil, err
	}
	rows := []row{
		atMost(1, "GetStage, small stage: allocations", f[0].allocs, 30, ""),
		info(1, "the same, of the others", "", allocsOf(f[1:5])),
		atMostOf(1, "GetStage, small stage: bytes", f[0].bytes, "official", f[1].bytes, 0.15, "B"),
		atMost(1, "GetStage, full stage: allocations", g[0].allocs, 40, ""),
		atMostOf(1, "GetStage, full stage: allocations, same body", g[0].allocs, "newest", g[2].allocs, 0.12, ""),
		info(1, "the same, of the others", "", allocsOf(g[1:])),
		atMost(1, "AttemptTimeout: allocations more", f[5].allocs-f[0].allocs, 5, ""),
	}
	if p.rounds > 0 {
		rows = append(rows,
			timeAtMost(1, "GetStage, small stage: time", f[0], f[1], 1.0/6),
			timeAtMost(1, "GetStage, small stage: time", f[0], f[3], 0.7),
			withoutGoal(timeAtMost(1, "GetStage, small stage: time", f[0], f[2], 1)),
			withoutGoal(timeAtMost(1, "GetStage, full stage: time", g[0], g[1], 1)),
			withoutGoal(timeAtMost(1, "GetStage, full stage: time", g[0], g[2], 1)),
		)
	}
	return rows, nil
}

// aliasAnswer is an answer to CreateAlias of about the size of the small stage.
const aliasAnswer = `{"AliasArn":"arn:aws:lambda:eu-west-1:111122223333:function:town-hall:production","Description":"what the town hall runs in production","FunctionVersion":"7",` +
	`"Name":"production","RevisionId":"0c7e1a52-1111-4222-8333-444455556666","RoutingConfig":{"AdditionalVersionWeights":{"8":0.25}}}`

func resultMetadataIsFilled(c *ivsrealtime.Client) error {
	out, err := c.GetStage(context.Background(), getStageInput)
	if err != nil {
		return err
	}
	if id, ok := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata); !ok || id == "" {
		return errors.New("ResultMetadata has no request id")
	}
	return nil
}

func allocsOf(all []figures) string {
	parts := make([]string, len(all))
	for i, f := range all {
		parts[i] = fmt.Sprintf("%.0f %s", f.allocs, f.name)
	}
	return strings.Join(parts, ", ")
}

// withoutGoal turns a row into one that only informs.
func withoutGoal(r row) row {
	r.limit, r.verdict = "", noGoal
	return r
}

// pages measures ListParticipants: goal 2.
func pages(p plan) ([]row, error) {
	body, err := answerFile("participants-100.json")
	if err != nil {
		return nil, err
	}
	list := func(c *ivsrealtime.Client, want int) func() error {
		return func() error {
			out, err := c.ListParticipants(context.Background(), listInput)
			if err == nil && (len(out.Participants) != want || out.Participants[want-1].UserID == "") {
				return errWrongAnswer
			}
			return err
		}
	}
	officialClient := newOfficial(&cannedAnswer{status: 200, body: body})
	newestClient := newNewest(&cannedAnswer{status: 200, body: body})
	aliases := newLambda(&cannedAnswer{status: 200, body: aliasesPage(len(body))})
	hand := newFloor(&cannedAnswer{status: 200, body: body})
	f, err := p.measure(
		variant{"ours", list(newOurs(&cannedAnswer{status: 200, body: body}), 100)},
		variant{"official", func() error {
			out, err := officialClient.ListParticipants(context.Background(), officialListInput)
			if err == nil && (len(out.Participants) != 100 || out.Participants[99].UserId == nil) {
				return errWrongAnswer
			}
			return err
		}},
		variant{"newest", func() error {
			out := &newestListParticipantsOutput{}
			err := newestClient.invoke(context.Background(), listParticipantsOperation, newestListInput, out)
			if err == nil && (len(out.Participants) != 100 || out.Participants[99].User == nil) {
				return errWrongAnswer
			}
			return err
		}},
		variant{"newest ListAliases", func() error {
			out, err := aliases.ListAliases(context.Background(), aliasesInput)
			if err == nil && (len(out.Aliases) != 100 || out.Aliases[99].RoutingConfig == nil) {
				return errWrongAnswer
			}
			return err
		}},
		variant{"floor", func() error {
			out := &ivsrealtime.ListParticipantsOutput{}
			err := hand.call(context.Background(), "ListParticipants", listInput, out)
			if err == nil && len(out.Participants) != 100 {
				return errWrongAnswer
			}
			return err
		}},
	)
	if err != nil {
		return nil, err
	}
	ten, err := plan{}.measure(variant{"ours", list(newOurs(&cannedAnswer{status: 200, body: firstItems(body, 10)}), 10)})
	if err != nil {
		return nil, err
	}
	rows := []row{
		atMost(2, "ListParticipants, 100 items: allocations", f[0].allocs, 35, ""),
		info(2, "the same, of the others", "", allocsOf(f[1:])),
		atMost(2, "allocations more than with 10 items", f[0].allocs-ten[0].allocs, 0, ""),
	}
	if p.rounds > 0 {
		rows = append(rows,
			timeAtMost(2, "ListParticipants, 100 items: time, same body", f[0], f[2], 1.0/4),
			timeAtMost(2, "ListParticipants, 100 items: time, as many bytes", f[0], f[3], 0.35),
			timeAtMost(2, "ListParticipants, 100 items: time", f[0], f[1], 1.0/7),
			withoutGoal(timeAtMost(2, "ListParticipants, 100 items: time", f[0], f[4], 1)),
		)
	}
	return rows, nil
}

// firstItems cuts a page of participants down to n.
func firstItems(page string, n int) string {
	at := 0
	for range n {
		at += strings.Index(page[at:], `"},{`) + len(`"},`)
	}
	return page[:at-1] + "]}"
}

// aliasesPage is a page of 100 aliases of about size bytes and, counting those of
// the routing configuration, eight members, as many as a participant has.
func aliasesPage(size int) string {
	page := func(pad int) string {
		items := make([]string, 100)
		for i := range items {
			items[i] = fmt.Sprintf(`{"AliasArn":"arn:aws:lambda:eu-west-1:111122223333:function:f:a%02d","Description":"%s","FunctionVersion":"%d","Name":"a%02d","RevisionId":"0c7e1a52-1111-4222-8333-4444555566%02d","RoutingConfig":{"AdditionalVersionWeights":{"7":0.25}}}`,
				i, strings.Repeat("x", pad), i, i, i)
		}
		return `{"Aliases":[` + strings.Join(items, ",") + `],"NextMarker":"` + strings.Repeat("n", 16) + `"}`
	}
	return page(max(0, (size-len(page(0)))/100))
}

// middlewareCalls measures a call that has one APIOption: goal 5.
func middlewareCalls(p plan) ([]row, error) {
	body, err := answerFile("stage-small.json")
	if err != nil {
		return nil, err
	}
	option := smithyhttp.AddHeaderValue("X-Team", "video")
	f, err := p.measure(
		variant{"ours", ourGetStage(newOurs(&cannedAnswer{status: 200, body: body}, func(o *ivsrealtime.Options) { o.APIOptions = append(o.APIOptions, option) }))},
		variant{"official", officialGetStage(newOfficial(&cannedAnswer{status: 200, body: body}, func(o *official.Options) { o.APIOptions = append(o.APIOptions, option) }))},
	)
	if err != nil {
		return nil, err
	}
	rows := []row{atMostOf(5, "GetStage with an APIOption: allocations", f[0].allocs, "official", f[1].allocs, 0.7, "")}
	if p.rounds > 0 {
		rows = append(rows, timeAtMost(5, "GetStage with an APIOption: time", f[0], f[1], 0.7))
	}
	return rows, nil
}

// errorCalls measures an error that the API models: goal 6.
func errorCalls(p plan) ([]row, error) {
	body, err := answerFile("not-found.json")
	if err != nil {
		return nil, err
	}
	answer := &cannedAnswer{status: http.StatusNotFound, body: body, errorType: "ResourceNotFoundException"}
	ours, theirs := newOurs(answer), newOfficial(answer)
	f, err := p.measure(
		variant{"ours", func() error {
			_, err := ours.GetStage(context.Background(), getStageInput)
			var e *ivsrealtime.ResourceNotFoundException
			if !errors.As(err, &e) || e.Message == "" {
				return fmt.Errorf("%w: %w", errWrongAnswer, err)
			}
			return nil
		}},
		variant{"official", func() error {
			_, err := theirs.GetStage(context.Background(), officialGetStageInput)
			var e *officialtypes.ResourceNotFoundException
			if !errors.As(err, &e) || e.ExceptionMessage == nil {
				return fmt.Errorf("%w: %w", errWrongAnswer, err)
			}
			return nil
		}},
	)
	if err != nil {
		return nil, err
	}
	rows := []row{atMostOf(6, "a modelled error: allocations", f[0].allocs, "official", f[1].allocs, 0.2, "")}
	if p.rounds > 0 {
		rows = append(rows, timeAtMost(6, "a modelled error: time", f[0], f[1], 1.0/4))
	}
	return rows, nil
}
