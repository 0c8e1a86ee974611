package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// start runs the command and returns the variables that it exports.
func start(t *testing.T, args ...string) map[string]string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, args, in, io.Discard) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	env := map[string]string{}
	lines := bufio.NewScanner(out)
	for len(env) < 5 && lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		require.True(t, ok, lines.Text())
		env[name] = value
	}
	require.Len(t, env, 5)
	return env
}

func client(env map[string]string) *ivsrealtime.Client {
	return ivsrealtime.New(ivsrealtime.Options{
		Region:       env["AWS_REGION"],
		BaseEndpoint: aws.String(env["AWS_ENDPOINT_URL_IVS_REALTIME"]),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: env["AWS_ACCESS_KEY_ID"], SecretAccessKey: env["AWS_SECRET_ACCESS_KEY"]}, nil
		}),
	})
}

// callControl calls a control route and returns the answer.
func callControl(t *testing.T, env map[string]string, method, path, body string, wantStatus int) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, env["AWS_ENDPOINT_URL_IVS_REALTIME"]+"/_fake/"+path, strings.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, wantStatus, resp.StatusCode, "%s", text)
	var out map[string]any
	if strings.HasPrefix(string(text), "{") {
		require.NoError(t, json.Unmarshal(text, &out))
	} else {
		require.NoError(t, json.Unmarshal([]byte(`{"list":`+string(text)+`}`), &out))
	}
	return out
}

func TestStory(t *testing.T) {
	env := start(t, "-region", "eu-west-1")
	require.Equal(t, "eu-west-1", env["AWS_REGION"])
	c := client(env)
	stage, err := c.CreateStage(t.Context(), &ivsrealtime.CreateStageInput{Tags: map[string]string{"a": "b"}, ParticipantTokenConfigurations: []ivsrealtime.ParticipantTokenConfiguration{{UserID: "anna"}, {UserID: "ben"}}})
	require.NoError(t, err)
	tags, err := c.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceARN: stage.Stage.ARN})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "b"}, tags.Tags)

	join := func(i int) string {
		out := callControl(t, env, "POST", "join", `{"token":"`+string(stage.ParticipantTokens[i].Token)+`","client":{"OSName":"Plan 9"}}`, 200)
		require.Equal(t, stage.Stage.ARN, out["stageArn"])
		return out["participantId"].(string)
	}
	anna, ben := join(0), join(1)
	callControl(t, env, "POST", "participants/"+anna+"/publish", `{}`, 200)
	callControl(t, env, "POST", "participants/"+ben+"/subscribe", `{"to":"`+anna+`"}`, 200)
	callControl(t, env, "POST", "participants/"+ben+"/subscribe", `{"to":"nobody"}`, 400)
	callControl(t, env, "POST", "participants/"+anna+"/fail", `{"errorCode":"BITRATE_EXCEEDED"}`, 200)
	got, err := c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: stage.Stage.ARN})
	require.NoError(t, err)
	list, err := c.ListParticipants(t.Context(), &ivsrealtime.ListParticipantsInput{StageARN: stage.Stage.ARN, SessionID: got.Stage.ActiveSessionID})
	require.NoError(t, err)
	require.Len(t, list.Participants, 2)
	callControl(t, env, "POST", "participants/"+anna+"/leave", ``, 200)
	callControl(t, env, "POST", "participants/"+ben+"/leave", ``, 200)
	callControl(t, env, "POST", "participants/"+ben+"/publish", `{}`, 400)
	events, err := c.ListParticipantEvents(t.Context(), &ivsrealtime.ListParticipantEventsInput{StageARN: stage.Stage.ARN, SessionID: got.Stage.ActiveSessionID, ParticipantID: anna})
	require.NoError(t, err)
	require.Len(t, events.Events, 5)

	require.Len(t, callControl(t, env, "GET", "events", ``, 200)["list"], 3)

	ingest, err := c.CreateIngestConfiguration(t.Context(), &ivsrealtime.CreateIngestConfigurationInput{IngestProtocol: ivsrealtime.IngestProtocolRTMPS, StageARN: stage.Stage.ARN})
	require.NoError(t, err)
	obs := callControl(t, env, "POST", "ingest", `{"streamKey":"`+string(ingest.IngestConfiguration.StreamKey)+`","protocol":"RTMPS"}`, 200)
	require.Equal(t, ingest.IngestConfiguration.ParticipantID, obs["participantId"])
	encoder, err := c.CreateEncoderConfiguration(t.Context(), nil)
	require.NoError(t, err)
	composition, err := c.StartComposition(t.Context(), &ivsrealtime.StartCompositionInput{StageARN: stage.Stage.ARN, Destinations: []ivsrealtime.DestinationConfiguration{
		{Channel: &ivsrealtime.ChannelDestinationConfiguration{ChannelARN: "arn:aws:ivs:eu-west-1:111122223333:channel/x", EncoderConfigurationARN: encoder.EncoderConfiguration.ARN}},
	}})
	require.NoError(t, err)
	callControl(t, env, "POST", "destinations", `{"compositionArn":"`+composition.Composition.ARN+`","id":"`+composition.Composition.Destinations[0].ID+`","action":"fail","errorCode":"ConflictException"}`, 200)
	failed, err := c.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: composition.Composition.ARN})
	require.NoError(t, err)
	require.Equal(t, ivsrealtime.CompositionStateFailed, failed.Composition.State)

	callControl(t, env, "POST", "faults", `{"operation":"GetStage","times":1,"code":"ConflictException","message":"busy"}`, 200)
	_, err = c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: stage.Stage.ARN})
	require.ErrorIs(t, err, ivsrealtime.ErrConflict)
	callControl(t, env, "POST", "faults", `{"connection":"resetBeforeHandling"}`, 200)
	callControl(t, env, "DELETE", "faults", ``, 200)
	_, err = c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: stage.Stage.ARN})
	require.NoError(t, err)
	calls := callControl(t, env, "GET", "calls", ``, 200)["list"].([]any)
	require.Equal(t, "GetStage", calls[0].(map[string]any)["operation"])
	require.Equal(t, map[string]any{"arn": stage.Stage.ARN}, calls[0].(map[string]any)["input"])

	// The clock: the tokens expire, and this client finds out about the time.
	before := time.Now()
	now := callControl(t, env, "POST", "clock", `{"advance":"13h"}`, 200)["now"].(string)
	moved, err := time.Parse(time.RFC3339Nano, now)
	require.NoError(t, err)
	require.WithinRange(t, moved, before.Add(13*time.Hour), time.Now().Add(13*time.Hour))
	out := callControl(t, env, "POST", "join", `{"token":"`+string(stage.ParticipantTokens[0].Token)+`"}`, 400)
	require.Contains(t, out["error"], "expired")
	_, err = c.GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: stage.Stage.ARN})
	require.NoError(t, err)
}

func TestControlRefuses(t *testing.T) {
	env := start(t, "-no-auth")
	for _, tt := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{"GET", "nothing", ``, 404, "no control route"},
		{"GET", "join", ``, 404, "no control route"},
		{"POST", "join", `{"token":`, 400, "body:"},
		{"POST", "join", `{"tokken":"x"}`, 400, "tokken"},
		{"POST", "join", `{"token":"x"}`, 400, "participant token malformed or unknown"},
		{"POST", "join", `{"token":"x","connectionToken":"y"}`, 400, "connection token malformed or unknown"},
		{"POST", "participants/x/publish", `{}`, 404, "nobody of this ID"},
		{"POST", "ingest", `{"streamKey":"x"}`, 400, "INVALID_STREAM_KEY"},
		{"POST", "destinations", `{"action":"x"}`, 400, "none of interrupt"},
		{"POST", "destinations", `{"action":"fail"}`, 400, "does not exist"},
		{"POST", "faults", `{"operation":"X","statusCode":500}`, 400, "not an operation"},
		{"POST", "faults", `{"connection":"x"}`, 400, "none of"},
		{"POST", "faults", `{"delay":"x"}`, 400, "delay:"},
		{"POST", "faults", `{"code":"X","statusCode":42}`, 400, "StatusCode 42 is not a status"},
		{"POST", "faults", `{"code":"X","connection":"truncateResponse"}`, 400, "more than one of"},
		{"POST", "faults", `{"message":"m","delay":"1ms"}`, 400, "message: has no effect"},
		{"POST", "faults", `{"body":"<html>","delay":"1ms"}`, 400, "without Status"},
		{"POST", "faults", `[]`, 400, "body: want an object, got a JSON array"},
		{"POST", "faults", `"x"`, 400, "body: want an object, got a JSON string"},
		{"POST", "faults", `{"times":"1"}`, 400, "times of type int"},
		{"POST", "faults", `{"delay":"1ms"}{"delay":"1h"}`, 400, "body: want one object, got more"},
		{"POST", "faults", `{"delay":"1ms"}]`, 400, "body: want one object, got more"},
		{"POST", "clock", `{"advance":"-1s"}`, 400, "does not go back"},
		{"POST", "clock", `{}`, 400, "advance:"},
	} {
		require.Contains(t, callControl(t, env, tt.method, tt.path, tt.body, tt.status)["error"], tt.text, tt.path)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-nonsense"}, {"argument"}, {"-addr", "nowhere:x"}} {
		require.Error(t, run(t.Context(), args, io.Discard, io.Discard))
	}
	for _, region := range []string{"", "US-EAST-1", "us east", "us-east-1/"} {
		require.ErrorContains(t, run(cancelled(t), []string{"-region", region}, io.Discard, io.Discard), "such as us-east-1", region)
	}
}

// The form of errors and the code of throttling can be chosen.
func TestFormOfErrors(t *testing.T) {
	post := func(env map[string]string, op, body string) (status int, text string) {
		resp, err := http.Post(env["AWS_ENDPOINT_URL_IVS_REALTIME"]+"/"+op, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, resp.Header.Get("x-amzn-errortype") + " " + string(data)
	}
	env := start(t, "-no-auth")
	status, text := post(env, "GetStage", `{}`)
	require.Equal(t, 400, status)
	require.Regexp(t, `^ValidationException \{"Code":"ValidationException","Message":"Request member: Arn failed .*","RequestID":".*"\}$`, text)
	env = start(t, "-no-auth", "-modelled-errors")
	status, text = post(env, "GetStage", `{}`)
	require.Equal(t, 400, status)
	require.Regexp(t, `^ValidationException \{"exceptionMessage":"Request member: Arn failed .*"\}$`, text)
	env = start(t, "-no-auth", "-throttle", "-throttling-code", "TooManyRequestsException")
	for status = 200; status == 200; { // more calls than are within a second's rate
		status, text = post(env, "ListStages", ``)
	}
	require.Equal(t, 429, status)
	require.Contains(t, text, `TooManyRequestsException {"Code":"TooManyRequestsException","Message":"Operation: ivs:ListStages exceeded call rate: 5 for resource: arn:`)
	require.EqualError(t, run(t.Context(), []string{"-throttling-code", "SlowDown"}, io.Discard, io.Discard),
		`-throttling-code "SlowDown": want ThrottlingException or TooManyRequestsException`)
}

// The clock's timers go off when it is moved past them, and stop.
func TestClock(t *testing.T) {
	c := &clock{}
	fired := make(chan string, 3)
	c.AfterFunc(time.Hour, func() { fired <- "hour" })
	c.AfterFunc(2*time.Hour, func() { fired <- "two hours" })
	stop := c.AfterFunc(time.Hour, func() { fired <- "stopped" })
	require.True(t, stop())
	require.False(t, stop())
	c.advance(time.Hour)
	require.Equal(t, "hour", <-fired)
	c.advance(time.Hour)
	require.Equal(t, "two hours", <-fired)
	require.Empty(t, fired)
}

// Clients from elsewhere, where the machine has them.

const botoStory = `
import boto3
c = boto3.client("ivs-realtime")
arn = c.create_stage(name="x", tags={"a b": "c&d"})["stage"]["arn"]
c.tag_resource(resourceArn=arn, tags={"é/+": "2"})
c.untag_resource(resourceArn=arn, tagKeys=["a b"])
assert c.list_tags_for_resource(resourceArn=arn)["tags"] == {"é/+": "2"}
for i in range(6):
    c.create_stage(name="s%d" % i)
sizes, token = [], None
while True:
    page = c.list_stages(maxResults=3, **({"nextToken": token} if token else {}))
    sizes.append(len(page["stages"]))
    token = page.get("nextToken")
    if not token:
        break
assert sizes == [3, 3, 1], sizes
try:
    c.create_stage(name="bad name")
    assert False
except c.exceptions.ValidationException as e:
    assert e.response["Error"]["Message"].startswith("Request member: Name failed"), e.response
try:
    c.get_stage(arn=arn + "x")
    assert False
except c.exceptions.ResourceNotFoundException:
    pass
import json, os, urllib.request
from botocore.config import Config
from botocore.exceptions import ClientError
once = Config(retries={"max_attempts": 0})
def code_of(client):
    try:
        client.list_stages()
    except ClientError as e:
        return e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"]["Code"], e.response["Error"]["Message"]
def injected(code):
    fault = json.dumps({"operation": "ListStages", "times": 1, "code": code}).encode()
    urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL_IVS_REALTIME"] + "/_fake/faults", data=fault).read()
    return code_of(boto3.client("ivs-realtime", config=once))
for code, status in {"AccessDeniedException": 403, "ConflictException": 409, "ExpiredTokenException": 403, "InternalServerException": 500,
        "PendingVerification": 403, "ServiceQuotaExceededException": 402, "ThrottlingException": 429, "TooManyRequestsException": 429}.items():
    got = injected(code)
    assert got == (status, code, "Injected by ivsrealtimetest."), got
got = code_of(boto3.client("ivs-realtime", config=once, aws_secret_access_key="wrong", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"]))
assert got[:2] == (403, "InvalidSignatureException") and got[2].startswith("The request signature we calculated"), got
try:
    c.start_composition(stageArn=arn, destinations=[{"channel": {"channelArn": "arn:aws:ivs:us-east-1:111122223333:channel/x"}}])
    assert False
except c.exceptions.ValidationException as e:
    assert e.response["Error"] == {"Code": "ValidationException", "Message": "Request member: EncoderConfigurationArn failed to satisfy the constraints: must be specified"}, e.response
e = c.create_encoder_configuration()["encoderConfiguration"]["arn"]
m = c.start_composition(stageArn=arn, destinations=[{"channel": {"channelArn": "arn:aws:ivs:us-east-1:111122223333:channel/x", "encoderConfigurationArn": e}}])["composition"]
assert m["state"] == "STARTING" and m["layout"]["grid"]["gridGap"] == 2, m
c.stop_composition(arn=m["arn"])
assert c.get_composition(arn=m["arn"])["composition"]["state"] == "STOPPING"
assert len(c.list_compositions(filterByStageArn=arn)["compositions"]) == 1
c.delete_stage(arn=arn)
print("fine")
`

func TestBoto3(t *testing.T) {
	if err := exec.Command("python3", "-c", "import boto3; boto3.client('ivs-realtime', region_name='us-east-1')").Run(); err != nil {
		t.Skip("python3 with a boto3 that knows ivs-realtime is not here")
	}
	env := start(t)
	cmd := exec.CommandContext(t.Context(), "python3", "-c", botoStory)
	cmd.Env = environ(env)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "fine\n", string(out))
}

func TestAWSCLI(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not here")
	}
	env := start(t)
	cli := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "aws", append([]string{"ivs-realtime", "--output", "text"}, args...)...)
		cmd.Env = environ(env)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	arn, err := cli("create-stage", "--name", "cli", "--query", "stage.arn")
	if strings.Contains(arn, "Invalid choice") {
		t.Skip("the AWS CLI here does not know ivs-realtime")
	}
	require.NoError(t, err, arn)
	require.Contains(t, arn, ":stage/")
	name, err := cli("get-stage", "--arn", arn, "--query", "stage.name")
	require.NoError(t, err, name)
	require.Equal(t, "cli", name)
	text, err := cli("create-stage", "--name", "bad name")
	require.Error(t, err)
	require.Contains(t, text, "ValidationException")
}

// environ is the environment with the fake's variables and without the
// machine's own AWS configuration.
func environ(env map[string]string) []string {
	var list []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "AWS_") {
			list = append(list, kv)
		}
	}
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return append(list, "AWS_PAGER=", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true")
}
