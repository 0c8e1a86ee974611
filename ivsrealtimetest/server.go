package ivsrealtimetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/seed-433ec77c/ivsrealtime"
)

// Options configure a Server. NewServer fills in the defaults before it calls
// the option functions, so that these change only what matters to them.
type Options struct {
	// Region that the server is in: "us-east-1". Requests must be signed for it.
	Region string

	// AccountID of the account that owns everything: "111122223333".
	AccountID string

	// AccessKeyID and SecretAccessKey are the one pair of keys that the server
	// knows. The defaults are no real keys, and nothing else should be set here.
	AccessKeyID     string
	SecretAccessKey string

	// SessionToken that must come with the keys; "", the default, for none.
	SessionToken string

	// SkipSignatureCheck accepts requests whatever their signature is, and those
	// without one.
	SkipSignatureCheck bool

	// Clock is the server's time. The default is package time, so that a server
	// made in a testing/synctest bubble has the time of the bubble, which starts in
	// the year 2000. An ivstracker.Tracker that receives the server's events needs
	// the same time: it ignores events that are further ahead of its own than
	// Options.MaxAhead.
	Clock Clock

	// Seed, when not 0, makes ids and request ids the same in every run
	// that makes the same calls one after the other; tokens too, if the clock shows
	// the same times.
	Seed uint64

	// Quotas of the account in the region.
	Quotas Quotas

	// ThrottleCalls makes the server refuse calls beyond the documented rates: 5
	// per second for most operations, each counted for itself, with bursts of a
	// second's worth (the burst is inferred). Off by default.
	ThrottleCalls bool

	// ThrottlingCode is the code of refused calls: "ThrottlingException", or
	// "TooManyRequestsException", which some of AWS's samples look for. The status is
	// 429 with either.
	ThrottlingCode string

	// ModelledErrors gives errors the body that the API model has,
	// {"exceptionMessage"}, in place of {"Code","Message","RequestID"} as the service
	// sends it, and {"message"} where the front sends {"Message"}.
	ModelledErrors bool

	// SessionEndDelay is how long a session goes on after the last participant left:
	// 0. The API's documentation says that it ends with the last participant, the
	// guide that it takes a few minutes.
	SessionEndDelay time.Duration

	// CompositionStartDelay is how long a composition is STARTING before it is ACTIVE,
	// and CompositionStopDelay how long it is STOPPING: 2 s each. Several destinations
	// become ACTIVE a second apart.
	CompositionStartDelay, CompositionStopDelay time.Duration

	// OnEvent runs inside the call that caused the event, before that call returns. So
	// a lock that the caller of the server holds is still held: an OnEvent that takes
	// the same lock never returns. If another goroutine is delivering at
	// that moment, OnEvent runs there instead.
	//
	// It receives the JSON of every event that EventBridge would deliver, as Delivery
	// says, one at a time. It may use the server. If it panics, the panic goes on to
	// that call, and the events that wait come with the next one. nil for none;
	// Server.Events has the events in any case.
	OnEvent func(event []byte)

	// Delivery is how events get to OnEvent.
	Delivery Delivery

	// UnknownListErrorCode is the code with which the lists of sessions, participants and
	// events refuse a stage or session that does not exist, such as
	// "ValidationException"; "", the default, for an empty list. What the service
	// does is not documented; these lists have no ResourceNotFoundException.
	UnknownListErrorCode string

	// MaxCalls is how many calls are kept for Calls: 10,000. Older ones are
	// forgotten.
	MaxCalls int

	// MaxHistoryBytes is about how many bytes the calls and events that are kept for
	// Calls and Events may take together. The oldest are forgotten first. 0, the
	// default, for no such limit.
	MaxHistoryBytes int
}

// Quotas limit what an account may have.
type Quotas struct {
	// Stages in the region: 1000.
	Stages int

	// PublishersPerStage is how many participants may publish at a time: 12.
	PublishersPerStage int

	// ReplicationsPerParticipant is how many stages a participant may be replicated
	// to at a time: 5.
	ReplicationsPerParticipant int

	// Compositions that have not ended, in the region (20) and of a stage (5).
	Compositions, CompositionsPerStage int

	// EncoderConfigurations in the region: 20.
	EncoderConfigurations int

	// StorageConfigurations in the region: 5.
	StorageConfigurations int

	// IngestConfigurations in the region: 100.
	IngestConfigurations int

	// PublicKeys in the region: 3. The service's own cannot be raised.
	PublicKeys int

	// TagsPerResource is how many tags a resource may have: 50. One call takes no
	// more than 50 whatever this is.
	TagsPerResource int
}

// Server is an IVS Real-Time in memory: the account of one customer in one
// region. It is safe for concurrent use. Nothing needs to be closed.
type Server struct {
	options    Options
	operations map[string]*operation
	signer     *v4.Signer
	ids        *ids // of resources
	requestIDs *ids
	pageKey    []byte
	faults     faults
	rates      rates
	history    history
	tokenKey   []byte // that signs the API's tokens

	mu           sync.Mutex
	stages       table[*stage]
	encoders     table[*encoder]
	storages     table[*storage]
	ingests      table[*ingest]
	publicKeys   table[*publicKey]
	tags         map[string]map[string]string // by the ARN of each resource that exists
	revoked      map[string]struct{}          // IDs of connection tokens
	compositions table[*composition]
	replications table[*replication]
	feed         feed
}

// validate returns an error for what can only be a mistake.
func (o *Options) validate() error {
	for name, p := range map[string]float64{"Drop": o.Delivery.Drop, "Duplicate": o.Delivery.Duplicate, "Reorder": o.Delivery.Reorder} {
		if !(p >= 0 && p <= 1) { // NaN neither
			return fmt.Errorf("ivsrealtimetest: Options.Delivery.%s is %v: want a probability from 0 to 1", name, p)
		}
	}
	quotas := reflect.ValueOf(o.Quotas)
	for i := range quotas.NumField() {
		if quotas.Field(i).Int() < 0 {
			return fmt.Errorf("ivsrealtimetest: Options.Quotas.%s is %d: want 0 or more", quotas.Type().Field(i).Name, quotas.Field(i).Int())
		}
	}
	switch {
	case !someOf(o.Region, func(b byte) bool { return isLower(b) || isDigit(b) || b == '-' }):
		return fmt.Errorf("ivsrealtimetest: Options.Region %q: want lower-case letters, digits and hyphens, such as us-east-1", o.Region)
	case len(o.AccountID) != 12 || !allOf(o.AccountID, isDigit):
		return fmt.Errorf("ivsrealtimetest: Options.AccountID %q: want 12 digits, such as 111122223333", o.AccountID)
	case o.AccessKeyID == "" || o.SecretAccessKey == "":
		return errors.New("ivsrealtimetest: Options: AccessKeyID and SecretAccessKey must not be empty; see SkipSignatureCheck")
	case o.Delivery.MaxDelay < 0, o.SessionEndDelay < 0, o.CompositionStartDelay < 0, o.CompositionStopDelay < 0:
		return errors.New("ivsrealtimetest: Options: Delivery.MaxDelay, SessionEndDelay, CompositionStartDelay and CompositionStopDelay must not be negative")
	case o.MaxCalls < 0, o.MaxHistoryBytes < 0:
		return errors.New("ivsrealtimetest: Options: MaxCalls and MaxHistoryBytes must not be negative")
	case o.ThrottlingCode != codeThrottling && o.ThrottlingCode != codeTooManyRequests:
		return fmt.Errorf("ivsrealtimetest: Options.ThrottlingCode %q: want %s or %s", o.ThrottlingCode, codeThrottling, codeTooManyRequests)
	}
	return nil
}

// NewServer returns a server that has nothing in it yet. It panics if an option
// has a value that can only be a mistake, such as a probability above 1.
func NewServer(optFns ...func(*Options)) *Server {
	o := Options{
		Region:                "us-east-1",
		AccountID:             "111122223333",
		AccessKeyID:           "FAKEACCESSKEYID",
		SecretAccessKey:       "fake-secret-access-key",
		Quotas:                Quotas{Stages: 1000, PublishersPerStage: 12, EncoderConfigurations: 20, StorageConfigurations: 5, IngestConfigurations: 100, PublicKeys: 3, Compositions: 20, CompositionsPerStage: 5, ReplicationsPerParticipant: 5, TagsPerResource: 50},
		ThrottlingCode:        codeThrottling,
		CompositionStartDelay: 2 * time.Second,
		CompositionStopDelay:  2 * time.Second,
		MaxCalls:              10_000,
	}
	for _, fn := range optFns {
		fn(&o)
	}
	if err := o.validate(); err != nil {
		panic(err)
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	s := &Server{
		options:    o,
		operations: operationsByName(),
		signer:     v4.NewSigner(),
		ids:        newIDs(o.Seed, "resources"),
		requestIDs: newIDs(o.Seed, "requests"),
		tags:       map[string]map[string]string{},
		revoked:    map[string]struct{}{},
	}
	s.pageKey = newIDs(o.Seed, "pages").bytes(32)
	s.tokenKey = newIDs(o.Seed, "tokens").bytes(32)
	s.rates.on = o.ThrottleCalls
	s.feed.chance = newIDs(o.Seed, "delivery").rand()
	s.history.maxCalls, s.history.maxBytes = o.MaxCalls, o.MaxHistoryBytes
	return s
}

// Client returns a real client whose calls this server answers, in the caller's
// goroutine and without a network.
func (s *Server) Client(optFns ...func(*ivsrealtime.Options)) *ivsrealtime.Client {
	return ivsrealtime.NewFromConfig(s.Config(), optFns...)
}

// Config returns the configuration of a client of this server: region,
// credentials, and an HTTP client that hands requests over without a network.
// With another HTTPClient and a BaseEndpoint it does for a server that is served
// over HTTP.
func (s *Server) Config() aws.Config {
	creds := aws.Credentials{
		AccessKeyID:     s.options.AccessKeyID,
		SecretAccessKey: s.options.SecretAccessKey,
		SessionToken:    s.options.SessionToken,
		AccountID:       s.options.AccountID,
		Source:          "ivsrealtimetest",
	}
	return aws.Config{
		Region:      s.options.Region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil }),
		HTTPClient:  inProcess{s},
	}
}

// arn returns the ARN of a resource of this account.
func (s *Server) arn(kind, id string) string {
	return "arn:aws:ivs:" + s.options.Region + ":" + s.options.AccountID + ":" + kind + "/" + id
}
