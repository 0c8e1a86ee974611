package main

import (
	"net/http"
	"regexp"
	"time"
)

// composed is a composition that a check started, and what it needs.
type composed struct {
	stage, arn string
	in         obj // of StartComposition
	started    *response
}

// recorder creates what a composition needs that records to the bucket, and returns the
// stage and the destination.
func (p *probe) recorder() (stage string, destination obj) {
	encoder, _ := p.make(encoders, nil)
	storage := p.storage()
	return p.stage(), obj{"s3": obj{"storageConfigurationArn": storage, "encoderConfigurationArns": []string{encoder}}}
}

// compose starts a composition that records to the bucket.
func (p *probe) compose(layout obj) composed {
	stage, destination := p.recorder()
	c := composed{stage: stage, in: obj{"stageArn": stage, "layout": layout, "destinations": []obj{destination}}}
	c.arn, c.started = p.make(compositions, c.in)
	return c
}

// state reads the composition.
func (p *probe) state(c composed) (string, *response) {
	r := p.get("GetComposition", obj{"arn": c.arn})
	return r.text("composition", "state"), r
}

// settled reads the composition until it is no longer STARTING.
func (p *probe) settled(c composed) *response {
	for range 20 {
		state, r := p.state(c)
		if state != "STARTING" {
			return r
		}
		p.sleep(time.Second)
	}
	p.stop(notReachable, c.started, "The composition was STARTING for 20 s.")
	return nil
}

// active waits until the composition is ACTIVE.
func (p *probe) active(c composed) {
	if r := p.settled(c); r.text("composition", "state") != "ACTIVE" {
		p.stop(notReachable, r, "The composition does not become ACTIVE.")
	}
}

const needsEncoder = "Request member: EncoderConfigurationArn failed to satisfy the constraints: must be specified"

func channelNeedsEncoder(p *probe) {
	stage := p.stage()
	r := p.create(compositions, obj{"stageArn": stage, "destinations": []obj{{"channel": obj{"channelArn": unknown(stage, "channel")}}}})
	p.wantInvalid(r)
	p.want(r.message() == needsEncoder, r, "the text %q", needsEncoder)
}

func shownZeros(p *probe) {
	c := p.compose(obj{"grid": obj{}})
	for _, r := range []*response{c.started, p.settled(c)} {
		for _, path := range [][]any{
			{"composition", "destinations", 0, "configuration", "name"},
			{"composition", "layout", "grid", "participantOrderAttribute"},
		} {
			v, ok := r.get(path...)
			p.want(ok && v == "", r, `%s ""`, path[len(path)-1])
		}
		omit, ok := r.get("composition", "layout", "grid", "omitStoppedVideo")
		p.want(ok && omit == false, r, "omitStoppedVideo false")
		p.want(wholeSecond.MatchString(r.text("composition", "startTime")), r, "a startTime of whole seconds")
	}
}

func shownDefaults(p *probe) {
	c := p.compose(obj{"grid": obj{}})
	for _, name := range []string{"featuredParticipantAttribute", "videoFillMode"} {
		v, ok := c.started.get("composition", "layout", "grid", name)
		p.want(ok && v == "", c.started, `%s ""`, name)
	}
	c.in["layout"] = obj{"pip": obj{}}
	_, r := p.make(compositions, c.in)
	for name, value := range map[string]string{
		"featuredParticipantAttribute": "", "pipParticipantAttribute": "", "participantOrderAttribute": "", "gridGap": "0", "pipOffset": "0",
		"omitStoppedVideo": "false", "pipBehavior": "STATIC", "pipPosition": "BOTTOM_RIGHT", "videoFillMode": "COVER",
	} {
		_, ok := r.get("composition", "layout", "pip", name)
		p.want(ok && r.text("composition", "layout", "pip", name) == value, r, "%s %q", name, value)
	}
}

func compositePrefix(p *probe) {
	c := p.compose(obj{"grid": obj{}})
	r := p.settled(c)
	id := c.arn[len(c.arn)-12:]
	form := regexp.MustCompile(`^[A-Za-z0-9]+/` + regexp.QuoteMeta(id) + `/` + regexp.QuoteMeta(r.text("composition", "destinations", 0, "id")) + `/composite$`)
	p.want(form.MatchString(r.text("composition", "destinations", 0, "detail", "s3", "recordingPrefix")), r, "a recordingPrefix of the form %s", form)
}

func compositionTimes(p *probe) {
	c := p.compose(obj{"grid": obj{}})
	p.want(c.started.text("composition", "state") == "STARTING", c.started, "STARTING")
	// The readings lie a second around the time, since calls take time, too.
	p.lasts(c, "STARTING", "ACTIVE")
	p.wantOK(p.call("StopComposition", obj{"arn": c.arn}))
	p.lasts(c, "STOPPING", "STOPPED")
}

// lasts ends the check unless the composition is in the first state for about 2 s, and
// then in the second.
func (p *probe) lasts(c composed, first, then string) {
	p.sleep(time.Second)
	state, r := p.state(c)
	p.want(state == first, r, "%s after 1 s: it is %s", first, state)
	p.sleep(2 * time.Second)
	state, r = p.state(c)
	p.want(state == then, r, "%s after 3 s: it is %s", then, state)
}

func deleteEndsAll(p *probe) {
	c := p.compose(obj{"grid": obj{}})
	p.active(c)
	p.wantOK(p.call("DeleteStage", obj{"arn": c.stage}))
	p.wantError(p.call("GetStage", obj{"arn": c.stage}), http.StatusNotFound, "ResourceNotFoundException")
	state, r := p.state(c)
	p.want(state == "FAILED" || state == "STOPPED" || state == "STOPPING", r, "a composition that ends: it is %s", state)
}

func stageDeleted(p *probe) {
	c := p.compose(obj{"grid": obj{}})
	p.active(c)
	p.get("DeleteStage", obj{"arn": c.stage})
	state, r := p.state(c)
	p.want(state == "FAILED", r, "FAILED: it is %s", state)
	p.wantOK(p.call("StopComposition", obj{"arn": c.arn}))
}

func twoOfAKind(p *probe) {
	stage, one := p.recorder()
	p.wantInvalid(p.create(compositions, obj{"stageArn": stage, "destinations": []obj{one, one}}))
}

func idempotency(p *probe) {
	stage, destination := p.recorder()
	in := obj{"stageArn": stage, "idempotencyToken": p.run, "destinations": []obj{destination}}
	arn, _ := p.make(compositions, in)
	r := p.create(compositions, in)
	p.want(r.status == http.StatusOK && r.text("composition", "arn") == arn, r, "the composition that the first call started")
	in["layout"] = obj{"grid": obj{"gridGap": 3}}
	p.wantError(p.create(compositions, in), http.StatusConflict, "ConflictException")
}
