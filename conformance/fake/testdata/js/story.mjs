// The fake under the JavaScript SDK: every operation that the SDK knows, once or
// more, over HTTP. Takes the fake's URL; prints what it called as JSON.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as sdk from "@aws-sdk/client-ivs-realtime";

const endpoint = process.argv[2];
const client = new sdk.IVSRealTimeClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "FAKEACCESSKEYID", secretAccessKey: "fake-secret-access-key" },
});
const calls = {}; // successful ones, by operation
let errors = 0;

async function call(operation, input = {}) {
  const out = await client.send(new sdk[operation + "Command"](input));
  assert.match(out.$metadata.requestId, /^[0-9a-f-]{36}$/);
  calls[operation] = (calls[operation] ?? 0) + 1;
  return out;
}

async function fails(name, status, operation, input = {}) {
  await assert.rejects(client.send(new sdk[operation + "Command"](input)), (err) => {
    assert.ok(err instanceof (sdk[name] ?? sdk.IVSRealTimeServiceException), `${operation}: ${err}`);
    assert.equal(err.name, name);
    assert.equal(err.$metadata.httpStatusCode, status);
    assert.ok(err.message || err.exceptionMessage, `${operation}: no message`);
    return true;
  });
  errors++;
}

// control does what no operation can: see the command's documentation.
async function control(path, body, method = "POST") {
  const r = await fetch(endpoint + "/_fake/" + path, { method, body: body && JSON.stringify(body) });
  const out = await r.json();
  assert.equal(r.status, 200, JSON.stringify(out));
  return out;
}

async function all(paginate, input) {
  let items = [];
  for await (const page of sdk[paginate]({ client, pageSize: 1 }, input)) {
    const [list] = Object.values(page).filter(Array.isArray);
    assert.ok(list.length <= 1);
    items = items.concat(list);
    calls[paginate.replace("paginate", "")] = (calls[paginate.replace("paginate", "")] ?? 0) + 1;
  }
  return items;
}

// Stages and tokens.
const created = await call("CreateStage", {
  name: "show",
  tags: { team: "video" },
  participantTokenConfigurations: [{ userId: "host", duration: 60, attributes: { role: "host" }, capabilities: ["PUBLISH", "SUBSCRIBE"] }],
});
const stageArn = created.stage.arn;
assert.match(stageArn, /^arn:aws:ivs:us-east-1:111122223333:stage\/[A-Za-z0-9]{12}$/);
assert.ok(created.participantTokens[0].expirationTime instanceof Date);
assert.deepEqual((await call("GetStage", { arn: stageArn })).stage, created.stage);
await call("UpdateStage", { arn: stageArn, name: "encore" });
const side = (await call("CreateStage", {})).stage.arn;
assert.deepEqual((await all("paginateListStages", {})).map((s) => s.name ?? ""), ["encore", ""]);
const viewer = (await call("CreateParticipantToken", { stageArn, userId: "viewer", capabilities: ["SUBSCRIBE"] })).participantToken;

// Somebody joins, publishes, is seen and is replicated.
const anna = await control("join", { token: created.participantTokens[0].token });
const ben = await control("join", { token: viewer.token });
await control(`participants/${anna.participantId}/publish`, {});
await control(`participants/${ben.participantId}/subscribe`, { to: anna.participantId });
const { participantId, sessionId } = anna;
const who = (await call("GetParticipant", { stageArn, sessionId, participantId })).participant;
assert.equal(who.published, true);
assert.equal(who.state, "CONNECTED");
assert.ok(who.firstJoinTime instanceof Date);
assert.deepEqual((await all("paginateListParticipants", { stageArn, sessionId })).map((p) => p.userId), ["host", "viewer"]);
assert.deepEqual((await call("ListParticipants", { stageArn, sessionId, filterByPublished: false })).participants.map((p) => p.userId), ["viewer"]);
await call("StartParticipantReplication", { sourceStageArn: stageArn, destinationStageArn: side, participantId, attributes: { from: "main" } });
const [replica] = await all("paginateListParticipantReplicas", { sourceStageArn: stageArn, participantId });
assert.equal(replica.replicationState, "ACTIVE");
await call("StopParticipantReplication", { sourceStageArn: stageArn, destinationStageArn: side, participantId });
const events = await all("paginateListParticipantEvents", { stageArn, sessionId, participantId });
assert.deepEqual(events.map((e) => e.name), ["JOINED", "PUBLISH_STARTED", "REPLICATION_STARTED", "REPLICATION_STOPPED"]);
assert.equal((await call("GetStageSession", { stageArn, sessionId })).stageSession.sessionId, sessionId);
assert.equal((await all("paginateListStageSessions", { stageArn })).length, 1);
await call("DisconnectParticipant", { stageArn, participantId: ben.participantId, reason: "goodbye" });

// A composition, with what it needs.
const encoder = (await call("CreateEncoderConfiguration", { name: "hd", video: { width: 1280, height: 720, framerate: 29.97, bitrate: 2500000 } })).encoderConfiguration;
assert.equal((await call("GetEncoderConfiguration", { arn: encoder.arn })).encoderConfiguration.video.framerate.toFixed(2), "29.97");
assert.equal((await all("paginateListEncoderConfigurations", {})).length, 1);
const storage = (await call("CreateStorageConfiguration", { s3: { bucketName: "bucket" } })).storageConfiguration;
assert.deepEqual((await call("GetStorageConfiguration", { arn: storage.arn })).storageConfiguration, storage);
assert.equal((await all("paginateListStorageConfigurations", {})).length, 1);
const composition = (await call("StartComposition", {
  stageArn,
  layout: { grid: { gridGap: 0, featuredParticipantAttribute: "host" } },
  destinations: [{ name: "archive", s3: { storageConfigurationArn: storage.arn, encoderConfigurationArns: [encoder.arn] } }],
})).composition;
assert.equal(composition.layout.grid.gridGap, 0);
await control("clock", { advance: "10s" });
let state; // the clock lets things happen in goroutines of their own
for (const end = Date.now() + 10_000; state !== "ACTIVE" && Date.now() < end; ) {
  ({ composition: { state } } = await call("GetComposition", { arn: composition.arn }));
}
assert.equal(state, "ACTIVE");
assert.equal((await all("paginateListCompositions", { filterByStageArn: stageArn })).length, 1);
await fails("ConflictException", 409, "DeleteEncoderConfiguration", { arn: encoder.arn });
await call("StopComposition", { arn: composition.arn });
await control("clock", { advance: "10s" });

// Ingest.
const ingest = (await call("CreateIngestConfiguration", { ingestProtocol: "RTMPS", userId: "obs" })).ingestConfiguration;
await call("UpdateIngestConfiguration", { arn: ingest.arn, stageArn });
await control("ingest", { streamKey: ingest.streamKey, protocol: "RTMPS" });
assert.equal((await call("GetIngestConfiguration", { arn: ingest.arn })).ingestConfiguration.state, "ACTIVE");
assert.equal((await all("paginateListIngestConfigurations", { filterByState: "ACTIVE" })).length, 1);
await fails("ConflictException", 409, "DeleteIngestConfiguration", { arn: ingest.arn });
await call("DeleteIngestConfiguration", { arn: ingest.arn, force: true });

// Public keys and tags.
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
const key = (await call("ImportPublicKey", { publicKeyMaterial: publicKey.export({ type: "spki", format: "pem" }) })).publicKey;
assert.deepEqual((await call("GetPublicKey", { arn: key.arn })).publicKey, key);
assert.equal((await all("paginateListPublicKeys", {})).length, 1);
await call("TagResource", { resourceArn: key.arn, tags: { "a b": "c/d", ü: "x" } });
await call("UntagResource", { resourceArn: key.arn, tagKeys: ["a b"] });
assert.deepEqual((await call("ListTagsForResource", { resourceArn: key.arn })).tags, { ü: "x" });
await call("DeletePublicKey", { arn: key.arn });

// Errors and retries.
await fails("ResourceNotFoundException", 404, "GetPublicKey", { arn: key.arn });
await fails("ValidationException", 400, "ListStages", { maxResults: 101 });
await control("faults", { operation: "ListStages", times: 2, code: "ThrottlingException" });
assert.equal((await call("ListStages", {})).$metadata.attempts, 3);
await control("faults", { operation: "CreateStage", times: 1, connection: "resetAfterHandling" });
await call("CreateStage", {});
assert.equal((await all("paginateListStages", {})).length, 4, "what a retry after a lost answer does");

// Nothing is left.
for (const { arn } of await all("paginateListStages", {})) {
  await call("DeleteStage", { arn });
}
await call("DeleteStorageConfiguration", { arn: storage.arn });
for (const end = Date.now() + 10_000; state !== "STOPPED" && state !== "FAILED" && Date.now() < end; ) {
  ({ composition: { state } } = await call("GetComposition", { arn: composition.arn }));
}
await call("DeleteEncoderConfiguration", { arn: encoder.arn });

const operations = Object.keys(sdk).filter((name) => /^[A-Z].*Command$/.test(name)).map((name) => name.replace(/Command$/, ""));
console.log(JSON.stringify({
  operations: operations.length,
  missed: operations.filter((name) => !calls[name]),
  calls: Object.values(calls).reduce((a, b) => a + b, 0) + errors,
}));
