package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// tag calls TagResource, untag UntagResource.
func (p *probe) tag(arn string, tags obj) *response {
	req := operation("TagResource", obj{"tags": tags})
	req.path = "/tags/" + escapeARN(arn)
	return p.do(req)
}

func (p *probe) untag(arn string, keys ...string) *response {
	query := url.Values{"tagKeys": keys}
	return p.do(&request{operation: "UntagResource", method: http.MethodDelete, path: "/tags/" + escapeARN(arn), query: query.Encode()})
}

// tags calls ListTagsForResource, with the ARN as it is to be in the path.
func (p *probe) tags(escaped string) *response {
	return p.do(&request{operation: "ListTagsForResource", method: http.MethodGet, path: "/tags/" + escaped})
}

func taggable(p *probe) {
	c := p.compose(obj{"grid": obj{}})
	p.make(ingests, obj{"stageArn": c.stage, "ingestProtocol": "RTMPS"})
	p.make(publicKeys, obj{"publicKeyMaterial": newKey(elliptic.P384()).text})
	for _, m := range p.made {
		p.wantOK(p.tag(m.arn, obj{"a": "b"}))
		r := p.tags(escapeARN(m.arn))
		p.want(r.text("tags", "a") == "b" && r.text("tags", runTag) == p.run, r, "both tags")
	}
}

func tagLimits(p *probe) {
	stage := p.stage()
	more := obj{}
	for i := range 49 { // with the run's own they are 50
		more[fmt.Sprint("key-", i)] = "value"
	}
	p.wantOK(p.tag(stage, more))
	p.wantOK(p.tag(stage, obj{"key-0": "another value"}))
	p.wantInvalid(p.tag(stage, obj{"key-50": "value"}))
	p.wantInvalid(p.tag(stage, obj{"aws:key": "value"}))
	p.wantInvalid(p.untag(stage))
}

func absentTag(p *probe) {
	stage := p.stage()
	p.wantOK(p.untag(stage, "absent"))
	r := p.tags(escapeARN(stage))
	p.want(r.text("tags", runTag) == p.run, r, "the tag of the run")
}

func tagARNs(p *probe) {
	stage := p.stage()
	p.wantError(p.tags(escapeARN(unknown(stage, "some-kind"))), http.StatusNotFound, "ResourceNotFoundException")
	p.wantInvalid(p.tags(escapeARN("arn:aws:s3:::bucket")))
	p.wantError(p.tags(stage), http.StatusNotFound, "UnknownOperationException") // its slash makes two segments
}

func storageInUse(p *probe) {
	_, storage, _ := p.recordingStage()
	p.wantError(p.call("DeleteStorageConfiguration", obj{"arn": storage}), http.StatusConflict, "ConflictException")
	p.wantOK(p.create(storages, obj{"s3": obj{"bucketName": p.run + "-no-such-bucket"}}))
}

func oddValues(p *probe) {
	p.wantInvalid(p.create(encoders, obj{"video": obj{"width": 1279, "height": 720}}))
	p.wantInvalid(p.create(encoders, obj{"video": obj{"width": 1280, "height": 719}}))
	p.wantInvalid(p.create(ingests, obj{"ingestProtocol": "RTMP"}))
	p.wantOK(p.create(ingests, obj{"ingestProtocol": "RTMP", "insecureIngest": true}))
}

func updateIngestLeaves(p *probe) {
	stage := p.stage()
	arn, _ := p.make(ingests, obj{"stageArn": stage, "ingestProtocol": "RTMPS"})
	r := p.call("UpdateIngestConfiguration", obj{"arn": arn, "redundantIngest": true})
	p.wantOK(r)
	p.want(r.text("ingestConfiguration", "stageArn") == stage, r, "the stageArn of the creation")
	r = p.call("UpdateIngestConfiguration", obj{"arn": arn})
	p.wantOK(r)
	p.want(r.text("ingestConfiguration", "stageArn") == stage && r.text("ingestConfiguration", "redundantIngest") == "true", r, "stageArn and redundantIngest as before")
}

func ingestOfUnknown(p *probe) {
	gone := unknown(p.stage(), "stage")
	p.wantInvalid(p.create(ingests, obj{"stageArn": gone, "ingestProtocol": "RTMPS"}))
}

func ingestOfDeleted(p *probe) {
	stage := p.stage()
	arn, _ := p.make(ingests, obj{"stageArn": stage, "ingestProtocol": "RTMPS"})
	p.get("DeleteStage", obj{"arn": stage})
	r := p.get("GetIngestConfiguration", obj{"arn": arn})
	p.want(r.text("ingestConfiguration", "stageArn") == stage, r, "the stageArn of the deleted stage")
}

func redundantIngest(p *probe) {
	_, r := p.make(ingests, obj{"ingestProtocol": "RTMPS", "redundantIngest": true})
	of := func(path ...any) string { return r.text(append([]any{"ingestConfiguration"}, path...)...) }
	key := of("redundantIngestCredentials", 0, "streamKey")
	p.want(key != "" && key == of("streamKey") && key != of("redundantIngestCredentials", 1, "streamKey"), r, "two credentials, the first with the streamKey of the configuration")
	ids := map[string]bool{of("participantId"): true}
	for i := range 2 {
		ids[of("redundantIngestCredentials", i, "participantId")] = true
	}
	p.want(len(ids) == 3 && !ids[""], r, "a participantId of its own for each stream")
}

// key is a new public key.
type key struct {
	der  []byte
	text string // PEM
}

func newKey(curve elliptic.Curve) key {
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err) // the source of randomness does not fail
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		panic(err) // both curves are supported
	}
	return key{der, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}
}

func sameKeyTwice(p *probe) {
	in := obj{"publicKeyMaterial": newKey(elliptic.P384()).text}
	p.make(publicKeys, in)
	p.wantError(p.create(publicKeys, in), http.StatusConflict, "ConflictException")
	p.wantInvalid(p.create(publicKeys, obj{"publicKeyMaterial": newKey(elliptic.P256()).text}))
}

var keyARN = regexp.MustCompile(`:public-key/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func fingerprint(p *probe) {
	k := newKey(elliptic.P384())
	arn, r := p.make(publicKeys, obj{"publicKeyMaterial": k.text})
	p.want(keyARN.MatchString(arn), r, "a UUID at the end of the ARN")
	want := strings.ReplaceAll(fmt.Sprintf("% x", md5.Sum(k.der)), " ", ":")
	p.want(r.text("publicKey", "fingerprint") == want, r, "the fingerprint %s", want)
}
