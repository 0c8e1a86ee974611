// Package ivsrealtimetest is a fake of Amazon IVS Real-Time: the service in
// memory, for tests of code that uses package ivsrealtime.
//
// It is connected in a few lines, of which NewServer and Client are the fake's:
//
//	func TestOpenRoom(t *testing.T) {
//		srv := ivsrealtimetest.NewServer()
//		room, err := OpenRoom(t.Context(), srv.Client(), "team-call") // your code
//		if err != nil {
//			t.Fatal(err)
//		}
//		stage, err := srv.Client().GetStage(t.Context(), &ivsrealtime.GetStageInput{ARN: room.StageARN})
//		...
//	}
//
// The client is the real one. Its requests are signed, sent through an HTTP
// client that calls the server directly, checked, answered as JSON and decoded,
// all in the caller's goroutine: no port, no goroutine, nothing to close, and
// testing/synctest works. A [Server] is also an http.Handler, for httptest and
// for other languages; requests may then be signed for any host.
//
// # What it does
//
// It keeps state: what was created can be read, listed page by page, changed,
// tagged and deleted. It is strict: signatures, and all constraints of the API
// model on the members of an input (required, length, pattern, range, enum,
// number of items), are checked, and references and quotas too. Its errors have
// the status, code, header and body of the service's; the messages are its own,
// and repeat neither the value of a member nor a secret. Nothing that goes in or
// comes out is shared with the state.
//
// What no API can do it does by methods: [Server.Join] joins a stage with a token,
// of the API's or signed with an imported key, and the [Participant] that it
// returns publishes, subscribes, fails, exchanges its token and leaves;
// [Server.PublishStream] publishes with a stream key; [Server.FailDestination] and
// its like trouble a composition. Sessions, participants' histories, individual
// recordings and compositions follow, in time where it takes time, and
// Options.OnEvent receives what EventBridge would deliver, as unreliably as
// Options.Delivery says.
//
// It goes wrong on demand: [Server.AddFault] makes chosen calls of an operation
// fail with any error, take time, or lose their connection before or after the
// work; Options.ThrottleCalls enforces the documented rates. [Server.Calls] tells
// what was asked for, with typed inputs.
//
// # What it does not do
//
// All operations are modelled, but no media flow: nothing is written to a bucket,
// and the limits on duration, bitrate and resolution do not show by themselves
// (see [Participant.FailPublish]). Channels are those of the low-latency API and
// taken as they come. Quotas that span stages (publishers and subscriptions of a
// region, subscribers of a stage) are not counted. There are no IAM policies.
// Answers with an error carry none of the service's CORS and security headers.
//
// Of signatures it knows Signature Version 4 in the Authorization header, not
// presigned URLs. As aws-sdk-go-v2 does, it takes User-Agent, X-Amzn-Trace-Id,
// Expect and Transfer-Encoding for headers that are never signed: a request that
// lists them in SignedHeaders is refused.
//
// # Choices
//
// Where the service is not documented, this is what the fake chose:
//
//   - A storage configuration that does not exist is a ValidationException, since
//     CreateStage and UpdateStage have no ResourceNotFoundException for it.
//     An ARN of another account or region is one that does not exist.
//   - UpdateStage leaves alone what is left out, in the recording configuration
//     too. A storageConfigurationArn of "" resets the others, on CreateStage too.
//   - A storage configuration cannot be deleted while a stage has it
//     (ConflictException). Buckets are not looked at.
//   - A video with an odd side or too many pixels, the protocol RTMP without
//     insecureIngest, and the ARN of an unknown stage for an ingest configuration,
//     are ValidationExceptions. Protocols are upper case.
//   - UpdateIngestConfiguration leaves alone what is left out. While somebody
//     publishes it is a ConflictException, as is DeleteIngestConfiguration without
//     force. DeleteStage leaves the stageArn of idle ones.
//   - With redundant ingest both streams have participant IDs of their own, and the
//     first the stream key of the configuration.
//   - A public key whose material was imported already is a ConflictException,
//     one that is not ECDSA on P-384 a ValidationException. Its ID is a UUID, its
//     fingerprint the MD5 of its DER: right in form only.
//   - A session ends with the last participant, or Options.SessionEndDelay later.
//     Ended sessions are listed until the stage is deleted, which ends everything.
//   - The lists of sessions, participants and events are empty for a stage or
//     session that does not exist; Options.UnknownInLists makes that an error.
//   - filterByPublished false lists those who never published.
//   - DisconnectParticipant also shuts out somebody who has a token of the API's
//     and has not joined yet; of others it knows the running session's only.
//   - RevokeConnectionToken succeeds for any ID, and for good. A connection token is
//     looked at when somebody joins with it, before the participant token; when it
//     expires, or its key is deleted, who came with it stays.
//   - Self-signed tokens are taken from the second of iat until before that of exp,
//     without leeway. Deleting a public key disconnects nobody.
//   - A composition is ACTIVE 2 s after its start, its destinations one by one, and
//     STOPPING for 2 s; options change that. With its stage deleted it is FAILED.
//     StopComposition of one that ends or has ended succeeds. Two destinations of a
//     kind are a ValidationException; the same idempotency token with other
//     parameters is a ConflictException as long as the composition is known. The
//     fill mode of a grid that has none is left out, where the service says "".
//   - A replica publishes in a session of its destination, begun if need be. It
//     neither joins nor leaves in its history. Replicating to the same stage is a
//     ValidationException; what does not publish, is a replica or is replicated to
//     the stage already, and an ID that the stage has, is a ConflictException; whoever
//     joins with a replica's ID ends it. Stopped replications stay listed.
//   - Recording begins and ends with publishing, at once; whoever is back within the
//     reconnect window goes on with the same recording. Short ones are kept.
//   - activeSessionId and an empty name or userId are left out of answers, tags are {}.
//   - An empty list of capabilities or media types counts as one left out.
//   - The 1 KB of attributes is 1024 bytes of UTF-8, keys and values together.
//   - The endpoints of RTMP and RTMPS have no "-staging" in their host, as the
//     samples have.
//   - Lists are in the order of creation. A page token holds as long as the
//     server, also when the rows around it are deleted; it belongs to its
//     operation and filters, maxResults may differ. Another string, or the token
//     of another list, is a ValidationException.
//   - More than 50 tags after merging is a ValidationException. So is a key that
//     begins with "aws:", to add or to remove, and an UntagResource without
//     tagKeys; a key that the resource does not have is ignored.
//   - The pattern of the ARN in tag operations, broken in the model, is read as
//     that of any ARN of the service. It must be one path segment.
//   - Malformed JSON, and a value of the wrong type, is a ValidationException; an
//     empty body counts as {}. Unknown members are ignored.
//   - The signature is looked at before the operation. An unknown path or the
//     wrong method is 404 UnknownOperationException, as the list of AWS's common
//     errors has no 405. A body of more than 1 MiB is 413.
//   - A request signed more than 5 minutes before or after the server's clock is
//     403 InvalidSignatureException, and the Date of the answer is the clock's.
//   - Options.ThrottleCalls counts each operation for itself, lets a second's worth
//     of calls through at once, gives RevokeConnectionToken the rate of most
//     operations, and answers 400 ThrottlingException.
//   - Participant tokens have the form of the guide's sample, with all claims of
//     self-signed tokens, and expire at a whole second. Their signature is random.
package ivsrealtimetest
