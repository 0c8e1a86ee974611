package ivstoken

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-433ec77c/ivsrealtime/internal/wire"
)

// decodeParticipantPayload reads the payload of a participant token. It checks the
// JSON types only.
func decodeParticipantPayload(payload []byte) (*participantPayload, error) {
	var c participantPayload
	err := decodeObject("payload", payload, func(r *wire.Reader) {
		switch string(r.Name()) {
		case "exp":
			c.ExpirationTime = readDate(r, payload)
		case "iat":
			c.IssuedAt = readDate(r, payload)
		case "nbf":
			c.NotBefore = readDate(r, payload)
		case "jti":
			c.ID = r.String()
		case "resource":
			c.StageARN = r.String()
		case "topic":
			c.StageID = r.String()
		case "events_url":
			c.EventsURL = r.String()
		case "whip_url":
			c.WHIPURL = r.String()
		case "user_id":
			c.UserID = r.String()
		case "capabilities":
			c.Capabilities = readCapabilities(r)
		case "attributes":
			c.Attributes = r.StringMap()
		case "version":
			c.Version = r.String()
		default:
			r.Skip()
		}
	})
	return &c, err
}

// decodeConnectionPayload reads the payload of a connection token. It checks the
// JSON types only.
func decodeConnectionPayload(payload []byte) (*connectionPayload, error) {
	var c connectionPayload
	err := decodeObject("payload", payload, func(r *wire.Reader) {
		switch string(r.Name()) {
		case "exp":
			c.ExpirationTime = readDate(r, payload)
		case "iat":
			c.IssuedAt = readDate(r, payload)
		case "nbf":
			c.NotBefore = readDate(r, payload)
		case "jti":
			c.ID = r.String()
		case "account_id":
			c.AccountID = r.String()
		case "region":
			c.Region = r.String()
		case "events_url":
			c.EventsURL = r.String()
		case "version":
			c.Version = r.String()
		default:
			r.Skip()
		}
	})
	return &c, err
}

// decodeObject calls read for each member of a JSON object. Package wire matches
// names exactly and quotes nothing of the values in its errors.
func decodeObject(part string, data []byte, read func(*wire.Reader)) error {
	if !utf8.Valid(data) || !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return fmt.Errorf("%w: the %s is not a JSON object in UTF-8", ErrMalformed, part)
	}
	var r wire.Reader
	r.Reset(data)
	for ok := r.Object(); ok; ok = r.Member() {
		read(&r)
	}
	if err := r.End(); err != nil {
		return fmt.Errorf("%w: the %s: %w", ErrMalformed, part, err)
	}
	return nil
}

func readCapabilities(r *wire.Reader) *capabilityClaims {
	var c capabilityClaims
	for ok := r.Object(); ok; ok = r.Member() {
		switch string(r.Name()) {
		case "allow_publish":
			c.Publish = r.Bool()
		case "allow_subscribe":
			c.Subscribe = r.Bool()
		default:
			r.Skip()
		}
	}
	r.In("capabilities")
	return &c
}

// readDate reads a NumericDate of RFC 7519: a number in any notation.
func readDate(r *wire.Reader, data []byte) int64 {
	start := r.Offset()
	if start == len(data) || data[start] != '-' && (data[start] < '0' || data[start] > '9') {
		r.Int32() // which fails: its error names the claim and both types
		return 0
	}
	r.Skip()
	return numericDate(strings.TrimRight(string(data[start:r.Offset()]), " \t\r\n"))
}

// numericDate returns the whole seconds of a JSON number. It cuts fractions. What is
// beyond maxTime becomes maxTime+1 or its negative, which no check accepts. It works
// on the text because a float64 rounds, and because an exponent can be enormous.
func numericDate(number string) int64 {
	number, negative := strings.CutPrefix(number, "-")
	mantissa, exponent := number, ""
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		mantissa, exponent = number[:i], number[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shift := 0
	if exponent != "" {
		shift, _ = strconv.Atoi(exponent)      // the nearest int if it does not fit
		shift = min(max(shift, -1<<30), 1<<30) // so that the sum below cannot overflow
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	size := len(digits) - len(fraction) + shift // how many of the digits are whole seconds
	var n int64
	switch {
	case digits == "" || size <= 0:
	case size > len("253402300799"):
		n = maxTime + 1
	default:
		digits += strings.Repeat("0", max(size-len(digits), 0))
		n, _ = strconv.ParseInt(digits[:size], 10, 64) // at most 12 digits
		n = min(n, maxTime+1)
	}
	if negative {
		return -n
	}
	return n
}
