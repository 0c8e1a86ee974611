package main

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// unknownID is that of a resource that nobody has.
const unknownID = "LiveUnknown0"

// unknown returns the ARN of a resource of a kind that does not exist, in the account
// and region of arn.
func unknown(arn, kind string) string {
	return arn[:strings.LastIndexByte(arn, ':')+1] + kind + "/" + unknownID
}

// keys returns the names of the fields of the object at a path, sorted and separated
// by blanks.
func (r *response) keys(path ...any) string {
	v, _ := r.get(path...)
	m, _ := v.(obj)
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

// foldedKeys returns the names of the fields of the body in lower case, as keys does.
func (r *response) foldedKeys() string {
	names := strings.Fields(strings.ToLower(r.keys()))
	slices.Sort(names)
	return strings.Join(names, " ")
}

// wantError ends the check unless the response is this error.
func (p *probe) wantError(r *response, status int, code string) {
	p.want(r.status == status && r.code() == code, r, "%d %s", status, code)
}

// wantInvalid ends the check unless the response is a ValidationException.
func (p *probe) wantInvalid(r *response) {
	p.wantError(r, http.StatusBadRequest, "ValidationException")
}

// wantOK ends the check unless the response is a success.
func (p *probe) wantOK(r *response) { p.want(r.status == http.StatusOK, r, "200 OK") }

// wantHeader ends the check unless a header has this value; "" for none.
func (p *probe) wantHeader(r *response, name, value string) {
	p.want(strings.Join(r.header.Values(name), ", ") == value, r, "the header %s: %q", name, value)
}

// fromService provokes an error of the service, fromFront one of the front.
func (p *probe) fromService() *response {
	return p.call("GetStage", obj{"arn": unknown(p.stage(), "stage")})
}

func (p *probe) fromFront() *response {
	req := operation("ListStages", obj{})
	req.secret = "not-the-secret-of-these-credentials"
	return p.do(req)
}

func serviceErrors(p *probe) {
	r := p.fromService()
	p.wantError(r, http.StatusNotFound, "ResourceNotFoundException")
	p.want(r.foldedKeys() == "code message requestid", r, "a body of Code, Message and RequestID")
	p.wantHeader(r, "Access-Control-Allow-Origin", "*")
	p.wantHeader(r, "Access-Control-Expose-Headers", "*")
	p.wantHeader(r, "Cache-Control", "no-store, no-cache")
	p.wantHeader(r, "Content-Security-Policy", "default-src 'self'; upgrade-insecure-requests;")
	p.wantHeader(r, "Strict-Transport-Security", "max-age:47304000; includeSubDomains")
	p.wantHeader(r, "X-Content-Type-Options", "nosniff")
	p.wantHeader(r, "X-Frame-Options", "DENY")
}

func frontErrors(p *probe) {
	r := p.fromFront()
	p.want(r.status == http.StatusForbidden, r, "403")
	for _, r := range []*response{r, p.call("NoSuchOperation", obj{})} {
		p.want(r.foldedKeys() == "message", r, "a body of Message alone")
		p.wantHeader(r, "Access-Control-Allow-Origin", "*")
		p.wantHeader(r, "Access-Control-Expose-Headers", "date,x-amz-apigw-id,x-amzn-errormessage,x-amzn-errortype,x-amzn-requestid,x-amzn-trace-id")
		for _, name := range []string{"Cache-Control", "Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options"} {
			p.wantHeader(r, name, "")
		}
	}
}

func errorType(p *probe) {
	p.wantHeader(p.fromService(), "X-Amzn-Errortype", "ResourceNotFoundException")
	p.wantHeader(p.fromFront(), "X-Amzn-Errortype", "InvalidSignatureException")
}

func errorContent(p *probe) {
	for _, r := range []*response{p.fromService(), p.fromFront()} {
		p.wantHeader(r, "Content-Type", "application/json")
		_, ok := r.get("Message")
		p.want(ok, r, `the field "Message"`)
	}
}

// throttle calls an operation more often than its quota allows, all at once. It
// returns a response that was throttled and how many were not.
func (p *probe) throttle(name string, body any) (throttled *response, passed int, took time.Duration) {
	n := 4 * int(callsPerSecond(name))
	responses := make([]*response, n)
	p.sleep(2 * time.Second) // nothing is left of earlier calls
	begin := p.caller.clock.Now()
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { responses[i], _ = p.caller.send(p.ctx, operation(name, body)) })
	}
	group.Wait()
	end := p.caller.clock.Now()
	p.caller.pace.rest(name, end.Add(2*time.Second))
	for _, r := range responses {
		switch {
		case r == nil:
			p.stop(notReachable, nil, "A call of %s got no response.", name)
		case r.status == http.StatusOK:
			passed++
		default:
			throttled = r
		}
	}
	if throttled == nil {
		p.stop(notReachable, responses[0], "%d calls at once were not throttled.", n)
	}
	return throttled, passed, end.Sub(begin)
}

func throttling(p *probe) {
	r, _, _ := p.throttle("ListPublicKeys", obj{})
	p.wantError(r, http.StatusTooManyRequests, "ThrottlingException")
}

func throttledApart(p *probe) {
	r, passed, took := p.throttle("ListPublicKeys", obj{})
	most := int(callsPerSecond("ListPublicKeys")*(took.Seconds()+1)) + 1
	p.want(passed <= most, r, "at most %d of the calls within %v to pass: %d did", most, took, passed)
	p.wantOK(p.call("ListEncoderConfigurations", obj{}))
}

var throttlingText = regexp.MustCompile(`^Operation: ivs:ListPublicKeys exceeded call rate: 3 for resource: arn:aws:ivs:[a-z0-9-]+:\d+:\*$`)

func throttledText(p *probe) {
	r, _, _ := p.throttle("ListPublicKeys", obj{})
	p.want(throttlingText.MatchString(r.message()), r, "the text %s", throttlingText)
}

func bursts(p *probe) {
	for _, name := range []string{"ListPublicKeys", "RevokeConnectionToken"} {
		body := obj{}
		if name == "RevokeConnectionToken" {
			body["tokenId"] = p.run + "-burst"
		}
		rate := callsPerSecond(name)
		r, passed, took := p.throttle(name, body)
		p.want(passed >= int(rate) && passed <= int(rate*(took.Seconds()+1)), r,
			"%g calls at once to pass, and %g more each second: %d within %v did", rate, rate, passed, took)
	}
}

func notFoundText(p *probe) {
	stage := p.stage()
	gone := unknown(stage, "stage")
	r := p.call("GetStage", obj{"arn": gone})
	p.want(r.message() == "Resource: "+gone+" not found", r, "the text %q", "Resource: "+gone+" not found")
	r = p.call("GetStageSession", obj{"stageArn": stage, "sessionId": "st-" + unknownID + "0"})
	want := "Resource: st-" + unknownID + "0 not found"
	p.want(r.message() == want, r, "the text %q", want)
}

const mustBeSpecified = "Request member: Arn failed to satisfy the constraints: must be specified"

var violationText = regexp.MustCompile(`^Request member: Name failed to satisfy the constraints: .+$`)

func validationText(p *probe) {
	r := p.call("GetStage", obj{})
	p.want(r.message() == mustBeSpecified, r, "the text %q", mustBeSpecified)
	r = p.create(stages, obj{"name": p.run + " with blanks"})
	p.want(violationText.MatchString(r.message()), r, "the text %s", violationText)
}

func violations(p *probe) {
	r := p.create(stages, obj{"name": p.run + " with blanks", "participantTokenConfigurations": []obj{{"duration": 0}}})
	text := r.message()
	p.want(strings.Count(text, "Request member: ") == 2 && strings.Contains(text, "(participantTokenConfigurations[0].duration)"), r,
		"a text of both violations, with (participantTokenConfigurations[0].duration)")
}

func malformed(p *probe) {
	for _, body := range []string{`{`, `{"maxResults":`, `{"maxResults":"ten"}`, `[]`, `null`} {
		p.wantInvalid(p.call("ListStages", body))
	}
}

func nulls(p *probe) {
	stage := strconv.Quote(p.stage())
	p.wantInvalid(p.call("CreateParticipantToken", `{"stageArn":`+stage+`,"capabilities":[null]}`))
	p.wantInvalid(p.call("CreateParticipantToken", `{"stageArn":`+stage+`,"attributes":{"a":null}}`))
	r := p.call("CreateParticipantToken", `{"stageArn":`+stage+`,"userId":null,"duration":null,"attributes":null}`)
	p.wantOK(r)
	p.want(r.keys("participantToken") == "expirationTime participantId token", r, "the fields of a token for which nothing was asked")
}

func emptyBody(p *probe) {
	p.wantOK(p.call("ListEncoderConfigurations", ""))
	p.wantOK(p.call("ListEncoderConfigurations", `{"unknownField":{"a":[1]}}`))
}

func routes(p *probe) {
	unsigned := operation("NoSuchOperation", obj{})
	unsigned.unsigned = true
	r := p.do(unsigned)
	p.want(r.status == http.StatusForbidden, r, "403 for what is not signed")
	p.wantError(p.call("NoSuchOperation", obj{}), http.StatusNotFound, "UnknownOperationException")
	p.wantError(p.do(&request{operation: "ListStages", method: http.MethodGet, path: "/ListStages"}), http.StatusNotFound, "UnknownOperationException")
}

func bigBody(p *probe) {
	r := p.call("ListStages", `{"unknownField":"`+strings.Repeat("x", 1<<20)+`"}`)
	p.want(r.status == http.StatusRequestEntityTooLarge, r, "413")
}

func clocks(p *probe) {
	for _, skew := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		req := operation("ListEncoderConfigurations", obj{})
		req.skew = skew
		p.wantError(p.do(req), http.StatusForbidden, "InvalidSignatureException")
		req = operation("ListEncoderConfigurations", obj{})
		req.skew = skew / 2
		p.wantOK(p.do(req))
	}
	r := p.call("ListEncoderConfigurations", obj{})
	now := p.caller.clock.Now()
	date, err := http.ParseTime(r.header.Get("Date"))
	p.want(err == nil && date.Sub(now).Abs() < time.Minute, r, "a Date close to %s", fmt.Sprint(now.UTC().Format(http.TimeFormat)))
}
