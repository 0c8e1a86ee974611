package ivsrealtimetest

import (
	"encoding/json"
	"sync"
	"time"
)

// rates counts calls against the documented rates: for each operation a bucket
// of tokens that holds a second's worth and fills up at the rate.
type rates struct {
	on bool

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	filled time.Time
}

// take reports whether a call of the operation is within its rate.
func (r *rates) take(operation string, now time.Time) bool {
	if !r.on {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	rate := callsPerSecond(operation)
	b := r.buckets[operation]
	if b == nil {
		b = &bucket{tokens: rate, filled: now}
		if r.buckets == nil {
			r.buckets = map[string]*bucket{}
		}
		r.buckets[operation] = b
	}
	if since := now.Sub(b.filled); since > 0 {
		b.tokens = min(rate, b.tokens+rate*since.Seconds())
		b.filled = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// throttled is the error of a call beyond the rate.
func (s *Server) throttled(req *request) error {
	return newError(s.options.ThrottlingCode, "Operation: ivs:%s exceeded call rate: %g for resource: %s",
		req.operation, callsPerSecond(req.operation), s.subject(req))
}

// subject is the ARN of what a call is about, of the account's all where it names
// nothing else. It repeats nothing of a request but an ARN.
func (s *Server) subject(req *request) string {
	var named struct {
		ARN            string `json:"arn"`
		StageARN       string `json:"stageArn"`
		SourceStageARN string `json:"sourceStageArn"`
	}
	_ = json.Unmarshal(req.body, &named) // names nothing then
	for _, arn := range []string{req.resourceARN, named.ARN, named.StageARN, named.SourceStageARN} {
		if len(arn) <= 128 && arnKind(arn) != "" {
			return arn
		}
	}
	return "arn:aws:ivs:" + s.options.Region + ":" + s.options.AccountID + ":*"
}

// callsPerSecond is the quota of an operation, per account and region. For
// RevokeConnectionToken none is documented; it has that of most.
func callsPerSecond(operation string) float64 {
	switch operation {
	case "CreateParticipantToken":
		return 50
	case "DeletePublicKey", "GetPublicKey", "ImportPublicKey", "ListPublicKeys":
		return 3
	case "ListTagsForResource", "TagResource", "UntagResource":
		return 10
	}
	return 5
}
