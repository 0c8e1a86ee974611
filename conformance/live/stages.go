package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

func labels(p *probe) {
	var first string
	for range 2 {
		_, r := p.make(stages, nil)
		for _, name := range []string{"whip", "rtmp", "rtmps"} {
			u, err := url.Parse(r.text("stage", "endpoints", name))
			p.want(err == nil && u.Host != "", r, "an endpoint %s", name)
			label, _, _ := strings.Cut(u.Host, ".")
			if first == "" {
				first = label
			}
			p.want(label == first, r, "the label %s in every endpoint", first)
		}
	}
}

var ingestEndpoints = map[string]*regexp.Regexp{
	"rtmp":  regexp.MustCompile(`^rtmp://[a-z0-9]+\.global-contribute\.live-video\.net/app/$`),
	"rtmps": regexp.MustCompile(`^rtmps://[a-z0-9]+\.global-contribute\.live-video\.net:443/app/$`),
}

func ingestHosts(p *probe) {
	_, r := p.make(stages, nil)
	for name, form := range ingestEndpoints {
		p.want(form.MatchString(r.text("stage", "endpoints", name)), r, "an endpoint %s of the form %s", name, form)
	}
}

// noSession ends the check if the stage in the response has an activeSessionId.
func (p *probe) noSession(r *response) {
	_, ok := r.get("stage", "activeSessionId")
	p.want(!ok, r, "no activeSessionId")
}

// createdStage looks at the tags in a stage that has none any more, since everything
// that a run creates has a tag.
func createdStage(p *probe) {
	arn, r := p.make(stages, nil)
	p.noSession(r)
	p.wantOK(p.untag(arn, runTag))
	r = p.get("GetStage", obj{"arn": arn})
	tags, ok := r.get("stage", "tags")
	m, _ := tags.(obj)
	p.want(ok && m != nil && len(m) == 0, r, `"tags":{}`)
}

func idleStage(p *probe) { p.noSession(p.get("GetStage", obj{"arn": p.stage()})) }

func emptyTexts(p *probe) {
	arn := p.stage()
	r := p.call("UpdateStage", obj{"arn": arn, "name": ""})
	p.wantOK(r)
	_, ok := r.get("stage", "name")
	p.want(!ok, r, "no name")
	r = p.call("CreateParticipantToken", obj{"stageArn": arn, "userId": ""})
	p.wantOK(r)
	_, ok = r.get("participantToken", "userId")
	p.want(!ok, r, "no userId")
}

// storage creates a storage configuration.
func (p *probe) storage() string {
	arn, _ := p.make(storages, obj{"s3": obj{"bucketName": p.bucket}})
	return arn
}

const recording = "autoParticipantRecordingConfiguration"

// recordingStage creates a stage that records in a way of its own.
func (p *probe) recordingStage() (stage, storage string, r *response) {
	storage = p.storage()
	stage, r = p.make(stages, obj{recording: obj{
		"storageConfigurationArn": storage, "mediaTypes": []string{"AUDIO_ONLY"}, "recordingReconnectWindowSeconds": 30,
		"thumbnailConfiguration": obj{"targetIntervalSeconds": 20, "recordingMode": "INTERVAL"}, "hlsConfiguration": obj{"targetSegmentDurationSeconds": 4},
	}})
	return stage, storage, r
}

// wantRecording ends the check unless the response has these settings of recording.
func (p *probe) wantRecording(r *response, media, window, interval, segment string) {
	p.wantOK(r)
	p.want(r.text("stage", recording, "mediaTypes", 0) == media && r.text("stage", recording, "recordingReconnectWindowSeconds") == window &&
		r.text("stage", recording, "thumbnailConfiguration", "targetIntervalSeconds") == interval &&
		r.text("stage", recording, "hlsConfiguration", "targetSegmentDurationSeconds") == segment, r,
		"mediaTypes %s, recordingReconnectWindowSeconds %s, targetIntervalSeconds %s, targetSegmentDurationSeconds %s", media, window, interval, segment)
}

func updateLeaves(p *probe) {
	stage, storage, created := p.recordingStage()
	r := p.call("UpdateStage", obj{"arn": stage, recording: obj{"storageConfigurationArn": storage, "recordingReconnectWindowSeconds": 40}})
	p.wantRecording(r, "AUDIO_ONLY", "40", "20", "4")
	p.want(r.text("stage", "name") == created.text("stage", "name"), r, "the name of the creation")
	p.wantRecording(p.call("UpdateStage", obj{"arn": stage}), "AUDIO_ONLY", "40", "20", "4")
}

func resetRecording(p *probe) {
	stage, _, _ := p.recordingStage()
	p.wantRecording(p.call("UpdateStage", obj{"arn": stage, recording: obj{"storageConfigurationArn": ""}}), "AUDIO_VIDEO", "0", "60", "6")
}

func unknownStorage(p *probe) {
	gone := unknown(p.stage(), "storage-configuration")
	p.wantInvalid(p.create(stages, obj{recording: obj{"storageConfigurationArn": gone}}))
}

func foreignARN(p *probe) {
	parts := strings.Split(p.stage(), ":")
	account, region := slices.Clone(parts), slices.Clone(parts)
	account[4] = "444455556666"
	region[3] = "eu-west-1"
	if parts[3] == region[3] {
		region[3] = "us-east-1"
	}
	for _, other := range [][]string{account, region} {
		r := p.call("GetStage", obj{"arn": strings.Join(other, ":")})
		if r.code() == "AccessDeniedException" {
			p.stop(differs, r, "want 404 ResourceNotFoundException")
		}
		p.wantError(r, http.StatusNotFound, "ResourceNotFoundException")
	}
}

func listOrder(p *probe) {
	stage := p.stage()
	var made []string
	for range 3 {
		arn, _ := p.make(ingests, obj{"stageArn": stage, "ingestProtocol": "RTMPS"})
		made = append(made, arn)
	}
	r := p.get("ListIngestConfigurations", obj{"filterByStageArn": stage})
	for i, arn := range made {
		p.want(r.text("ingestConfigurations", i, "arn") == arn, r, "%s in the order of creation", strings.Join(made, ", "))
	}
}

func unknownInLists(p *probe) {
	stage := p.stage()
	gone := unknown(stage, "stage")
	session := "st-" + unknownID + "0"
	for _, list := range []struct {
		name, items string
		in          obj
	}{
		{"ListStageSessions", "stageSessions", obj{"stageArn": gone}},
		{"ListParticipants", "participants", obj{"stageArn": gone, "sessionId": session}},
		{"ListParticipants", "participants", obj{"stageArn": stage, "sessionId": session}},
		{"ListParticipantEvents", "events", obj{"stageArn": stage, "sessionId": session, "participantId": unknownID}},
	} {
		r := p.call(list.name, list.in)
		v, _ := r.get(list.items)
		items, ok := v.([]any)
		p.want(r.status == http.StatusOK && ok && len(items) == 0, r, `200 and "%s":[]`, list.items)
	}
}

func pageTokens(p *probe) {
	stage, other := p.stage(), p.stage()
	for range 2 {
		p.make(ingests, obj{"stageArn": stage, "ingestProtocol": "RTMPS"})
	}
	next := p.get("ListIngestConfigurations", obj{"filterByStageArn": stage, "maxResults": 1}).text("nextToken")
	in := obj{"filterByStageArn": stage, "maxResults": 1, "nextToken": next}
	var second string
	for range 2 {
		r := p.call("ListIngestConfigurations", in)
		arn := r.text("ingestConfigurations", 0, "arn")
		p.want(r.status == http.StatusOK && arn != "" && (second == "" || arn == second), r, "the second page, as often as it is asked for")
		second = arn
	}
	p.wantInvalid(p.call("ListIngestConfigurations", obj{"filterByStageArn": other, "nextToken": next}))
	p.wantInvalid(p.call("ListEncoderConfigurations", obj{"nextToken": next}))
}

func tokenEcho(p *probe) {
	stage := p.stage()
	const always = "expirationTime participantId token"
	r := p.get("CreateParticipantToken", obj{"stageArn": stage})
	p.want(r.keys("participantToken") == always, r, "the fields %s", always)
	r = p.get("CreateParticipantToken", obj{"stageArn": stage, "duration": 60, "userId": "user-1", "capabilities": []string{"PUBLISH"}, "attributes": obj{"a": "b"}})
	all := "attributes capabilities duration expirationTime participantId token userId"
	p.want(r.keys("participantToken") == all, r, "the fields %s", all)
	p.want(r.text("participantToken", "duration") == "60" && r.text("participantToken", "userId") == "user-1" &&
		r.text("participantToken", "capabilities") == "[PUBLISH]" && r.text("participantToken", "attributes", "a") == "b", r, "what was asked for")
	_, r = p.make(stages, obj{"participantTokenConfigurations": []obj{{}, {"userId": "user-1"}}})
	p.want(r.keys("participantTokens", 0) == always && r.keys("participantTokens", 1) == always+" userId", r, "the fields %s, and userId where it was asked for", always)
}

// claims returns the payload of the token in a response, the names in it in their
// order, and its signature.
func (p *probe) claims(r *response) (payload obj, names string, signature []byte) {
	parts := strings.Split(r.text("participantToken", "token"), ".")
	p.want(len(parts) == 3, r, "a token of three parts")
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	p.want(err == nil && json.Unmarshal(text, &payload) == nil, r, "a payload of JSON")
	if signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		p.want(false, r, "a signature in base64url")
	}
	var order []string
	d := json.NewDecoder(bytes.NewReader(text))
	_, _ = d.Token()
	for d.More() {
		name, _ := d.Token()
		order = append(order, fmt.Sprint(name))
		var value json.RawMessage
		if d.Decode(&value) != nil {
			break
		}
	}
	return payload, strings.Join(order, " "), signature
}

func tokenClaims(p *probe) {
	r := p.get("CreateParticipantToken", obj{"stageArn": p.stage(), "userId": "user-1", "attributes": obj{"a": "b"}})
	payload, names, signature := p.claims(r)
	const order = "exp iat jti resource topic events_url whip_url user_id attributes capabilities version"
	p.want(names == order, r, "the claims %s: they are %s", order, names)
	p.want(payload["version"] == "0.0", r, `version "0.0": it is %q`, payload["version"])
	n := len(signature)
	p.want(n >= 102 && n <= 104 && signature[0] == 0x30 && int(signature[1]) == n-2, r, "a signature in DER of 102 to 104 bytes: it has %d", n)
	p.want(payload["jti"] == r.text("participantToken", "participantId"), r, "a jti that is the participantId")
}

var wholeSecond = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)$`)

func tokenExpiry(p *probe) {
	r := p.get("CreateParticipantToken", obj{"stageArn": p.stage(), "duration": 1})
	p.want(wholeSecond.MatchString(r.text("participantToken", "expirationTime")), r, "an expirationTime of whole seconds")
	payload, _, _ := p.claims(r)
	exp, ok := payload["exp"].(float64)
	iat, ok2 := payload["iat"].(float64)
	p.want(ok && ok2 && exp == float64(int64(exp)) && exp-iat == 60, r, "an exp of whole seconds, 60 after iat")
}

func revokeAny(p *probe) {
	for range 2 {
		p.wantOK(p.call("RevokeConnectionToken", obj{"tokenId": p.run + "-invented"}))
	}
}

func attributeBytes(p *probe) {
	stage := p.stage()
	// 1024 bytes, and 513 characters.
	value := "x" + strings.Repeat("é", 511)
	p.wantOK(p.call("CreateParticipantToken", obj{"stageArn": stage, "attributes": obj{"k": value}}))
	p.wantInvalid(p.call("CreateParticipantToken", obj{"stageArn": stage, "attributes": obj{"k": value + "x"}}))
	p.wantInvalid(p.call("CreateParticipantToken", obj{"stageArn": stage, "attributes": obj{"k": value, "l": ""}}))
}

func emptyLists(p *probe) {
	stage, _, _ := p.recordingStage()
	r := p.call("CreateParticipantToken", obj{"stageArn": stage, "capabilities": []string{}})
	p.wantOK(r)
	_, shown := r.get("participantToken", "capabilities")
	payload, _, _ := p.claims(r)
	granted, _ := payload["capabilities"].(obj)
	p.want(!shown && granted["allow_publish"] == true && granted["allow_subscribe"] == true, r, "no capabilities, and a token that grants both")
	storage := p.made[0].arn
	r = p.call("UpdateStage", obj{"arn": stage, recording: obj{"storageConfigurationArn": storage, "mediaTypes": []string{}}})
	p.wantRecording(r, "AUDIO_ONLY", "30", "20", "4")
}

func sameStage(p *probe) {
	stage := p.stage()
	p.wantInvalid(p.call("StartParticipantReplication", obj{"sourceStageArn": stage, "destinationStageArn": stage, "participantId": unknownID}))
}
