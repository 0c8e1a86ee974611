package ivsrealtimetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	signingAlgorithm = "AWS4-HMAC-SHA256"
	signingName      = "ivs"
	maxClockSkew     = 5 * time.Minute
	amzDateFormat    = "20060102T150405Z"
)

// signature is what a request says about its signature.
type signature struct {
	authorization
	signed time.Time
}

// readSignature reads the Signature Version 4 of a request and checks all of it that
// does not depend on the body. It returns the error with which AWS refuses
// the request. verifySignature is to be called with the body.
func (s *Server) readSignature(r *http.Request, now time.Time) (*signature, error) {
	auth, err := parseAuthorization(r.Header.Values("Authorization"))
	if err != nil {
		return nil, err
	}
	signed, err := time.Parse(amzDateFormat, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return nil, newError(codeIncompleteSignature, "Authorization header requires the X-Amz-Date header, as in 20261123T200000Z.")
	}
	if err := s.checkScope(auth, signed); err != nil {
		return nil, err
	}
	now = now.UTC()
	if signed.Before(now.Add(-maxClockSkew)) {
		return nil, newError(codeInvalidSignature, "Signature expired: %s is now earlier than %s (%s - 5 min.)",
			signed.Format(amzDateFormat), now.Add(-maxClockSkew).Format(amzDateFormat), now.Format(amzDateFormat))
	}
	if signed.After(now.Add(maxClockSkew)) {
		return nil, newError(codeInvalidSignature, "Signature not yet current: %s is still later than %s (%s + 5 min.)",
			signed.Format(amzDateFormat), now.Add(maxClockSkew).Format(amzDateFormat), now.Format(amzDateFormat))
	}
	if !equal(auth.accessKeyID, s.options.AccessKeyID) || !equal(r.Header.Get("X-Amz-Security-Token"), s.options.SessionToken) {
		return nil, newError(codeUnrecognizedClient, "The security token included in the request is invalid.")
	}
	return &signature{auth, signed}, nil
}

// verifySignature signs the request again and compares. The message does not
// repeat what a good signature would have been.
func (s *Server) verifySignature(r *http.Request, body []byte, sig *signature) error {
	if !equal(sig.header(), s.signAgain(r, sig.signedHeaders, body, sig.signed)) {
		return newError(codeInvalidSignature, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

// checkScope checks everything of the credential but the key: date, region and
// service.
func (s *Server) checkScope(auth authorization, signed time.Time) error {
	var wrong string
	switch {
	case auth.date != signed.Format("20060102"):
		wrong = "Date in Credential scope does not match the date of X-Amz-Date."
	case auth.region != s.options.Region:
		wrong = "Credential should be scoped to a valid region, here '" + s.options.Region + "'."
	case auth.service != signingName:
		wrong = "Credential should be scoped to correct service: '" + signingName + "'."
	case auth.terminator != "aws4_request":
		wrong = "Credential should be scoped with a valid terminator: 'aws4_request'."
	default:
		return nil
	}
	return newError(codeInvalidSignature, "%s", wrong)
}

// signAgain signs a request that has nothing of r's headers but the signed ones,
// and returns its Authorization header, which r's must be equal to. It has the signer
// of aws-sdk-go-v2 and not the client's own, which could not find its own faults.
func (s *Server) signAgain(r *http.Request, signedHeaders []string, body []byte, signed time.Time) string {
	again := &http.Request{
		Method: r.Method,
		URL:    &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery},
		Host:   r.Host,
		Header: http.Header{},
	}
	for _, name := range signedHeaders {
		if name == "content-length" {
			again.ContentLength = int64(len(body))
			continue
		}
		if key := http.CanonicalHeaderKey(name); len(r.Header[key]) > 0 {
			again.Header[key] = r.Header[key]
		}
	}
	hash := sha256.Sum256(body)
	// Without the session token, which is among the headers if it was signed.
	creds := aws.Credentials{AccessKeyID: s.options.AccessKeyID, SecretAccessKey: s.options.SecretAccessKey}
	if err := s.signer.SignHTTP(r.Context(), creds, again, hex.EncodeToString(hash[:]), signingName, s.options.Region, signed); err != nil {
		return ""
	}
	return again.Header.Get("Authorization")
}

// authorization is an Authorization header, taken apart.
type authorization struct {
	credential                                     string // all of the next line
	accessKeyID, date, region, service, terminator string

	signedHeaders []string // lower case
	signature     string
}

// header returns the header as the signer writes it, whatever the spaces and the
// order of its members were.
func (a authorization) header() string {
	return signingAlgorithm + " Credential=" + a.credential + ", SignedHeaders=" + strings.Join(a.signedHeaders, ";") + ", Signature=" + a.signature
}

func parseAuthorization(headers []string) (authorization, error) {
	var a authorization
	if len(headers) == 0 {
		return a, newError(codeMissingToken, "Missing Authentication Token")
	}
	rest, ok := strings.CutPrefix(headers[0], signingAlgorithm+" ")
	if !ok || len(headers) > 1 {
		return a, newError(codeIncompleteSignature, "There must be one Authorization header, of the algorithm %s.", signingAlgorithm)
	}
	var signedHeaders string
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		var member *string
		switch name {
		case "Credential":
			member = &a.credential
		case "SignedHeaders":
			member = &signedHeaders
		case "Signature":
			member = &a.signature
		}
		if member == nil || *member != "" || value == "" {
			return a, newError(codeIncompleteSignature, "Authorization header has a parameter that is empty, repeated or unknown.")
		}
		*member = value
	}
	for _, member := range [][2]string{{"Credential", a.credential}, {"SignedHeaders", signedHeaders}, {"Signature", a.signature}} {
		if member[1] == "" {
			return a, newError(codeIncompleteSignature, "Authorization header requires '%s' parameter.", member[0])
		}
	}
	scope := strings.Split(a.credential, "/")
	if len(scope) != 5 {
		return a, newError(codeIncompleteSignature, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.")
	}
	a.accessKeyID, a.date, a.region, a.service, a.terminator = scope[0], scope[1], scope[2], scope[3], scope[4]
	a.signedHeaders = strings.Split(signedHeaders, ";")
	return a, nil
}

// equal compares in constant time.
func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
