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
// tagged and deleted. It is strict: it checks signatures, all constraints of the API
// model on the fields of an input and on the elements of lists and maps (required,
// length, pattern, range, enum, number of items), references and quotas. Its errors have
// the status, headers, body and, where it is known, the text of the service's. They
// repeat no value of a field except ARNs and IDs, and no secret. Nothing that goes in or
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
//
// Of signatures it knows Signature Version 4 in the Authorization header, not
// presigned URLs. As aws-sdk-go-v2 does, it takes User-Agent, X-Amzn-Trace-Id,
// Expect and Transfer-Encoding for headers that are never signed: a request that
// lists them in SignedHeaders is refused.
//
// # Behaviours
//
// The table says for each behaviour that is not plain from the API reference how it
// is known: live, from traffic of the service that others published; documented, in AWS's
// documentation, models, SDKs or samples; chosen, by this package, since the
// service is not documented there. The last column names the field of Options that
// changes it. `make live` in the repository checks the rows that the API alone can
// show against the service, for whoever has an account.
//
//	Behaviour                                                                               Evidence      Option
//
//	Errors:
//	Service: body {"Code","Message","RequestID"}, seven CORS and security headers           live          ModelledErrors
//	Front (credentials, access denied, routes): body {"Message"}, two CORS headers          live          ModelledErrors
//	x-amzn-errortype is the code, without a suffix                                          live
//	Content-Type of errors is application/json; the field is "Message", not "message"       chosen
//	Throttling is 429                                                                       live          ThrottlingCode
//	Each operation counts for itself, at the documented rate                                documented    ThrottleCalls
//	Text of throttling: operation, rate, and the ARN that the call names                    documented
//	Bursts of a second's worth; RevokeConnectionToken has the rate of most                  chosen        ThrottleCalls
//	Text of not found: "Resource: <ARN> not found"; an ID for what has no ARN               live
//	Text of validation: "Request member: <Member> failed to satisfy the constraints: ..."   live
//	Several violations in one text; the place of a nested field in brackets                 chosen
//	Malformed JSON, a wrong type, a body of null: ValidationException                       chosen
//	A null in a list or map: ValidationException; a null field counts as absent             chosen
//	An empty body counts as {}; unknown fields are ignored                                  chosen
//	Signature before operation; unknown path or method: 404 UnknownOperationException       chosen
//	A body above 1 MiB: 413                                                                 chosen
//	Signed 5 minutes off the clock: 403 InvalidSignatureException; Date is the clock's      documented    Clock
//
//	Stages and sessions:
//	One label in the endpoints of all stages of an account and region                       live
//	RTMP and RTMPS hosts have no "-staging": it is missing in the ingest hosts seen         chosen
//	CreateStage has no activeSessionId; tags are {}                                         documented
//	GetStage of an idle stage has none either                                               chosen
//	An empty name or userId is left out, except in compositions                             chosen
//	UpdateStage leaves alone what is left out, also in the recording configuration          chosen
//	A storageConfigurationArn of "" resets the rest of the recording configuration          chosen
//	An unknown storage configuration: ValidationException (the operations have no other)    chosen
//	An ARN of another account or region is one that does not exist                          chosen
//	A session ends with its last participant                                                documented    SessionEndDelay
//	Ended sessions are listed until the stage is deleted                                    chosen
//	ListStageSessions has the newest first                                                  live
//	Other lists are in the order of creation                                                chosen
//	Lists for an unknown stage or session are empty                                         chosen        UnknownListErrorCode
//	filterByPublished false lists those who never published                                 chosen
//	Page tokens hold for good, for the same list and filters; others: ValidationException   chosen
//	DeleteStage ends everything on the stage, and succeeds                                  chosen
//
//	Tokens and participants:
//	A new token is returned with the fields of the request, ID, token and expiry            live
//	API tokens: claims, order, version "0.0", DER signature of 102 to 104 bytes             live
//	API tokens expire at a whole second                                                     live
//	A token has one connection; the earlier one is dropped (token-reused)                   documented
//	... its history has LEFT and JOINED, and the session goes on                            chosen
//	An exchange that the server refuses: the participant leaves (failed-exchange)           documented
//	Tokens that cannot be exchanged only fail; the same token is ignored                    documented
//	Self-signed tokens hold from the second of iat until before that of exp, no leeway      chosen
//	allow_publish false counts as absent; user_id and attributes may be absent              documented
//	Deleting a public key disconnects nobody                                                chosen
//	DisconnectParticipant shuts out who has a live API token and has not joined             chosen
//	RevokeConnectionToken closes connections; joining is TOKEN_REVOKED                      documented
//	RevokeConnectionToken succeeds for any ID, and for good                                 chosen
//	A connection token that expires leaves who came with it on the stage                    chosen
//	More publishers than the quota: QUOTA_EXCEEDED, which an app sees as STAGE_AT_CAPACITY  chosen        Quotas
//	1 KB of attributes is 1024 bytes of UTF-8, keys and values together                     chosen
//	An empty list of capabilities or media types counts as absent                           chosen
//
//	Compositions:
//	A channel destination needs encoderConfigurationArn                                     live
//	name "" and omitStoppedVideo false are shown; times are whole seconds                   documented
//	featuredParticipantAttribute "", videoFillMode "" and the defaults of pip are shown     chosen
//	Composite prefix: random, composition, destination                                      live
//	ACTIVE after 2 s, destinations one by one, STOPPING for 2 s                             chosen        CompositionStartDelay, CompositionStopDelay
//	Ends 60 s after the last publisher, after 24 h; is gone 5 minutes later                 documented
//	With its stage deleted it is FAILED; stopping one that has ended succeeds               chosen
//	Two destinations of a kind: ValidationException                                         chosen
//	The same idempotencyToken with other parameters: ConflictException                      chosen
//
//	Other resources:
//	All six kinds of resources can be tagged                                                documented
//	More than 50 tags after merging, a key "aws:...", no tagKeys: ValidationException       chosen        Quotas
//	A tag key that the resource does not have is ignored                                    chosen
//	The ARN of tag operations is any of the service, in one path segment                    chosen
//	A storage configuration that a stage has cannot be deleted; buckets are not looked at   chosen
//	Odd video sides, RTMP without insecureIngest: ValidationException                       chosen
//	Changing or deleting an ingest configuration in use: ConflictException without force    chosen
//	UpdateIngestConfiguration leaves alone what is left out                                 chosen
//	An unknown stage for an ingest configuration: ValidationException                       chosen
//	DeleteStage leaves the stageArn of idle ingest configurations                           chosen
//	With redundant ingest each stream has a participant ID, the first the stream key        chosen
//	A public key twice: ConflictException; not P-384: ValidationException                   chosen
//	The fingerprint of a public key is the MD5 of its DER, its ID a UUID                    chosen
//	A replica publishes in a session of its destination, and neither joins nor leaves       chosen
//	Replicating to the same stage: ValidationException                                      chosen
//	... who does not publish, is a replica, or is there already: ConflictException          chosen
//	Who joins with the ID of a replica ends it; stopped replications stay listed            chosen
//	Recording goes with publishing; back within the window, the recording goes on           chosen
package ivsrealtimetest
