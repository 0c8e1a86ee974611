package redact

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/smithy-go/logging"
)

const secret = "s3cretS3CRETs3cret"

func TestHeader(t *testing.T) {
	const hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	const signed = "AWS4-HMAC-SHA256 Credential=AKIA/20000101/eu-west-1/ivs/aws4_request, SignedHeaders=host;x-amz-date, Signature="
	tests := []struct {
		name     string
		in, want http.Header
	}{
		{"nothing", nil, http.Header{}},
		{"signature", http.Header{"Authorization": {signed + hex}}, http.Header{"Authorization": {signed + Mask}}},
		{"something after the signature", http.Header{"Authorization": {signed + hex + ", Signature=" + hex}}, http.Header{"Authorization": {signed + Mask}}},
		{"another scheme", http.Header{"Authorization": {"Bearer " + secret}}, http.Header{"Authorization": {Mask}}},
		{"another scheme with a signature", http.Header{"Authorization": {"Custom " + secret + " Signature=" + hex}}, http.Header{"Authorization": {Mask}}},
		{"empty authorization", http.Header{"Authorization": {""}}, http.Header{"Authorization": {Mask}}},
		{"several", http.Header{"Authorization": {signed + hex, secret}}, http.Header{"Authorization": {signed + Mask, Mask}}},
		{"session token", http.Header{"X-Amz-Security-Token": {secret, secret}}, http.Header{"X-Amz-Security-Token": {Mask, Mask}}},
		{"names in any case", http.Header{"x-amz-security-token": {secret}, "AUTHORIZATION": {secret}}, http.Header{"x-amz-security-token": {Mask}, "AUTHORIZATION": {Mask}}},
		{"names in capitals", http.Header{"X-AMZ-SECURITY-TOKEN": {secret}, "COOKIE": {secret}, "SET-COOKIE": {secret}, "PROXY-AUTHORIZATION": {secret}}, http.Header{"X-AMZ-SECURITY-TOKEN": {Mask}, "COOKIE": {Mask}, "SET-COOKIE": {Mask}, "PROXY-AUTHORIZATION": {Mask}}},
		{"names with letters that fold", http.Header{"x-amz-\u017fecurity-to\u212aen": {secret}, "coo\u212aie": {secret}}, http.Header{"x-amz-\u017fecurity-to\u212aen": {Mask}, "coo\u212aie": {Mask}}},
		{"no signature", http.Header{"Authorization": {"AWS4-HMAC-SHA256 Credential=" + secret}}, http.Header{"Authorization": {Mask}}},
		{"scheme alone", http.Header{"Authorization": {"AWS4-HMAC-SHA256 "}}, http.Header{"Authorization": {Mask}}},
		{"cookies", http.Header{"Cookie": {secret}, "Set-Cookie": {secret}, "Proxy-Authorization": {secret}}, http.Header{"Cookie": {Mask}, "Set-Cookie": {Mask}, "Proxy-Authorization": {Mask}}},
		{"all else stays", http.Header{"X-Amz-Date": {"20000101T000000Z"}, "Empty": nil, "Two": {"a", "b"}}, http.Header{"X-Amz-Date": {"20000101T000000Z"}, "Empty": nil, "Two": {"a", "b"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.in.Clone()
			if got := Header(tt.in); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\ngot  %q\nwant %q", got, tt.want)
			}
			if !reflect.DeepEqual(tt.in, before) {
				t.Error("the header itself was changed")
			}
		})
	}
}

func TestURL(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"path", "https://host/GetStage", "/GetStage"},
		{"escaped path", "https://host/tags/arn%3Aaws%2Fx?tagKeys=a%20b&tagKeys=c", "/tags/arn%3Aaws%2Fx?tagKeys=a%20b&tagKeys=c"},
		{"neither host nor password", "https://user:" + secret + "@host/p", "/p"},
		{"presigned", "https://host/p?X-Amz-Date=1&X-Amz-Security-Token=" + secret + "%2F%3D&X-Amz-Signature=0123456789abcdef0123&Z=1", "/p?X-Amz-Date=1&X-Amz-Security-Token=[REDACTED]&X-Amz-Signature=[REDACTED]&Z=1"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := URL(u); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestBody(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"no secret", `{"stage":{"name":"a","nextToken":"t2"}}`, `{"stage":{"name":"a","nextToken":"t2"}}`},
		{"token", `{"participantToken":{"participantId":"p","token":"` + secret + `","duration":1}}`, `{"participantToken":{"participantId":"p","token":"[REDACTED]","duration":1}}`},
		{"stream keys", `{"a":[{"streamKey":"` + secret + `"},{"streamKey":"` + secret + `"}]}`, `{"a":[{"streamKey":"[REDACTED]"},{"streamKey":"[REDACTED]"}]}`},
		{"any case", `{"Token":"` + secret + `","STREAMKEY":"` + secret + `","streamkey":"` + secret + `"}`, `{"Token":"[REDACTED]","STREAMKEY":"[REDACTED]","streamkey":"[REDACTED]"}`},
		{"escaped name", `{"\u0074oken":"` + secret + `"}`, `{"\u0074oken":"[REDACTED]"}`},
		{"quotes within", `{"token":"\"` + secret + `\\"}`, `{"token":"[REDACTED]"}`},
		{"any type", `{"token":{"a":"` + secret + `"},"streamKey":["` + secret + `"]}`, `{"token":"[REDACTED]","streamKey":"[REDACTED]"}`},
		{"null", `{"token":null}`, `{"token":null}`},
		{"white space", "\n{ \"token\" :\t\"" + secret + "\" }", "\n{ \"token\" :\t\"[REDACTED]\" }"},
		{"cut off", `{"token":"` + secret, "[28 bytes that are not JSON, not shown]"},
		{"cut off later", `{"token":"` + secret + `","a":`, "[34 bytes that are not JSON, not shown]"},
		{"two values", `{"token":"` + secret + `"}{}`, "[32 bytes that are not JSON, not shown]"},
		{"HTML", "<p>" + secret, "[21 bytes that are not JSON, not shown]"},
		{"too deep", strings.Repeat("[", 101) + strings.Repeat("]", 101), "[202 bytes that are not JSON, not shown]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Body([]byte(tt.in)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestText(t *testing.T) {
	const hex = "0123456789abcdef0123456789ABCDEF"
	header := http.Header{"X-Amz-Security-Token": {secret + "/+=="}, "X-Amz-Date": {"20000101T000000Z"}}
	object, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"token":"` + secret + `","name":"a"}`
	tests := []struct{ name, in, want string }{
		{"nothing", "plain text about a token and a signature: none", "plain text about a token and a signature: none"},
		{"canonical string", "x-amz-date:1\nx-amz-security-token:" + secret + "/+==\n\nhost;x-amz-security-token\n" + hex, "x-amz-date:1\nx-amz-security-token:[REDACTED]\n\nhost;x-amz-security-token\n" + hex},
		{"header line", "X-Amz-Security-Token: " + secret + "\r\nX-Amz-Date: 1\r\n", "X-Amz-Security-Token: [REDACTED]\r\nX-Amz-Date: 1\r\n"},
		{"query", "?X-Amz-Security-Token=" + secret + "%2B&X-Amz-Signature=" + hex + "&a=b", "?X-Amz-Security-Token=[REDACTED]&X-Amz-Signature=[REDACTED]&a=b"},
		{"authorization", "Credential=AKIA/1, Signature=" + hex + "\n", "Credential=AKIA/1, Signature=[REDACTED]\n"},
		{"header with %v", fmt.Sprintf("%v", header), "map[X-Amz-Date:[20000101T000000Z] X-Amz-Security-Token:[[REDACTED]]]"},
		{"header with %q", fmt.Sprintf("%q", header), `map["X-Amz-Date":["20000101T000000Z"] "X-Amz-Security-Token":["[REDACTED]"]]`},
		{"header with %#v", fmt.Sprintf("%#v", header), `http.Header{"X-Amz-Date":[]string{"20000101T000000Z"}, "X-Amz-Security-Token":[]string{"[REDACTED]"}}`},
		{"header in JSON", string(object), `{"X-Amz-Date":["20000101T000000Z"],"X-Amz-Security-Token":["[REDACTED]"]}`},
		{"header in JSON in a string", fmt.Sprintf("%q", object), `"{\"X-Amz-Date\":[\"20000101T000000Z\"],\"X-Amz-Security-Token\":[\"[REDACTED]\"]}"`},
		{"body", body, `{"token":"[REDACTED]","name":"a"}`},
		{"body, other case and white space", "\"StreamKey\" :\n\"" + secret + `"`, "\"StreamKey\" :\n\"[REDACTED]\""},
		{"body with escapes", `{"token":"a\"` + secret + `\\","name":"a"}`, `{"token":"[REDACTED]","name":"a"}`},
		{"body cut off", `{"token":"` + secret, `{"token":"[REDACTED]`},
		{"body in a string", fmt.Sprintf("body=%q end", body), `body="{\"token\":\"[REDACTED]" end`},
		{"capitals", "X-AMZ-SECURITY-TOKEN: " + secret + " SIGNATURE=" + hex + ` "TOKEN":"` + secret + `" "STREAMKEY":"` + secret + `"`, `X-AMZ-SECURITY-TOKEN: [REDACTED] SIGNATURE=[REDACTED] "TOKEN":"[REDACTED]" "STREAMKEY":"[REDACTED]"`},
		{"long s", "x-amz-\u017fecurity-token:" + secret + " \u017fignature=" + hex + " \"\u017ftreamKey\":\"" + secret + `"`, "x-amz-\u017fecurity-token:[REDACTED] \u017fignature=[REDACTED] \"\u017ftreamKey\":\"[REDACTED]\""},
		{"Kelvin sign", "x-amz-security-to\u212aen:" + secret + " \"to\u212aen\":\"" + secret + "\" \"stream\u212aey\":\"" + secret + `"`, "x-amz-security-to\u212aen:[REDACTED] \"to\u212aen\":\"[REDACTED]\" \"stream\u212aey\":\"[REDACTED]\""},
		{"signatures side by side", "signature=" + hex + "signature=" + hex, "signature=[REDACTED]signature=[REDACTED]"},
		{"signatures one byte apart", "signature=" + hex + "&signature=" + hex + ";Signature:" + hex, "signature=[REDACTED]&signature=[REDACTED];Signature:[REDACTED]"},
		{"session tokens one byte apart", "x-amz-security-token:a x-amz-security-token:b&X-Amz-Security-Token=c", "x-amz-security-token:[REDACTED] x-amz-security-token:[REDACTED]&X-Amz-Security-Token=[REDACTED]"},
		{"bodies side by side", `"token":"a""token":"b","streamKey":"c"`, `"token":"[REDACTED]""token":"[REDACTED]","streamKey":"[REDACTED]"`},
		{"body that ends in the next", `"token":"a"token":"b"`, `"token":"[REDACTED]"token":"[REDACTED]"`},
		{"tab after a session token", "x-amz-security-token:a\tb", "x-amz-security-token:[REDACTED]\tb"},
		{"tab in quotes", "x-amz-security-token:\"\tb", "x-amz-security-token:\"\tb"},
		{"masked before, in lower case", "x-amz-security-token:[redacted]a x-amz-security-token:[[redacted]b", "x-amz-security-token:[REDACTED]a x-amz-security-token:[[REDACTED]b"},
		{"hex and tokens of other names", "hash=" + hex + " :" + hex + ` =` + hex + ` x-amz-date:1 "":"a" "\":"b"`, "hash=" + hex + " :" + hex + ` =` + hex + ` x-amz-date:1 "":"a" "\":"b"`},
		{"names without a value", `signature ` + hex + ` x-amz-security-token ` + secret + ` "token" "a" "token":1 "token:"b" "token";"c"`, `signature ` + hex + ` x-amz-security-token ` + secret + ` "token" "a" "token":1 "token:"b" "token";"c"`},
		{"longer and shorter names", `"tokens":"a" "streamKeys":"b" "toke":"c" "tokenstreamKey":"d" "streamKeytoken":"e"`, `"tokens":"a" "streamKeys":"b" "toke":"c" "tokenstreamKey":"d" "streamKeytoken":"e"`},
		{"other members", `{"nextToken":"a","tokenId":"b"}`, `{"nextToken":"a","tokenId":"b"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Text(tt.in)
			if got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
			if again := Text(got); again != got {
				t.Errorf("masked twice:\ngot  %s\nwant %s", again, got)
			}
		})
	}
}

// patterns say what Text looks for, in this order.
var patterns = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(x-amz-security-token[\\"']*\s*[:=]\s*(?:\[\]string)?[\[{]??[\\"']*)(?:\[REDACTED\]|[^\s&"'\\\[\]{}][^\s&"'\\\]}]*)`),
	regexp.MustCompile(`(?i)(signature[\\"']*\s*[:=]\s*[\\"']*)[0-9a-f]{16,}`),
	regexp.MustCompile(`(?i)("(?:token|streamKey)\\*"\s*:\s*\\*")(?:[^"\\]|\\.)*`),
}

// textSamples are texts of all kinds that Text masks, and some that it leaves.
var textSamples = []string{
	`X-Amz-Security-Token: a b`, "x-amz-\u017fecurity-to\u212aen=\"[]string{'a'}\"", "x-amz-security-token\\\"' \f= []string{{[REDACTED]b", `x-amz-security-token:[]string]x`,
	`x-amz-security-token="{[redacted]`, `x-amz-security-token:x-amz-security-token:x`, `x-amz-security-token:"[a`, `x-amz-security-token:["[REDACTED]"`,
	`Signature=0123456789abcdefg`, `signature: 0123456789ABCDE`, `"signature":"00000000000000000000"`,
	`{"token":"a\"b","streamKey" : "c\`, "\"token\":\"a\\\nb\"", `"STREAMKEY\\":\\"a"`, `"token":""`, `""token":"x`, "\"token\":\"\xff\xfe\"",
}

// expressionText is Text with regular expressions.
func expressionText(s string) string {
	for _, p := range patterns {
		s = p.ReplaceAllString(s, "${1}"+Mask)
	}
	return s
}

// Every beginning and end of the samples, and the samples with each byte taken out
// or replaced: a text may be cut off anywhere.
func TestTextOfVariants(t *testing.T) {
	const others = "\x00\t\n\f\r &\"'\\[]{}:=;,aAfFgGkKsStTxXzZ@`09/"
	try := func(s string) {
		if got, want := Text(s), expressionText(s); got != want {
			t.Fatalf("%q\ngot  %q\nwant %q", s, got, want)
		}
	}
	for _, s := range textSamples {
		for i := range len(s) {
			try(s[:i])
			try(s[i:])
			try(s[:i] + s[i+1:])
			for j := range len(others) {
				try(s[:i] + others[j:j+1] + s[i+1:])
			}
		}
	}
}

// FuzzText compares what Text does by hand with regular expressions.
func FuzzText(f *testing.F) {
	for _, seed := range textSamples {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := Text(s), expressionText(s); got != want {
			t.Fatalf("%q\ngot  %q\nwant %q", s, got, want)
		}
	})
}

// journal is a logger that keeps what it receives.
type journal struct{ entries *[]string }

func (j journal) Logf(c logging.Classification, format string, args ...any) {
	*j.entries = append(*j.entries, string(c)+": "+fmt.Sprintf(format, args...))
}

// contextJournal is one that wants to know the context.
type contextJournal struct {
	journal
	name any
}

type nameKey struct{}

func (j contextJournal) WithContext(ctx context.Context) logging.Logger {
	j.name = ctx.Value(nameKey{})
	return j
}

func (j contextJournal) Logf(c logging.Classification, format string, args ...any) {
	j.journal.Logf(c, "%v says "+format, append([]any{j.name}, args...)...)
}

func TestLogger(t *testing.T) {
	var got []string
	l := Logger(journal{&got})
	l.Logf(logging.Debug, "%s: %d", "a", 1)
	l.Logf(logging.Warn, "no arguments, 100%% sure")
	l.Logf(logging.Debug, "%s:%s", "x-amz-security-token", secret) // no part of it shows it alone
	l.Logf(logging.Debug, "%s", "percent %d stays")

	ctx := context.WithValue(t.Context(), nameKey{}, "carol")
	logging.WithContext(ctx, l).Logf(logging.Debug, "hello")
	logging.WithContext(ctx, Logger(contextJournal{journal{&got}, nil})).Logf(logging.Debug, "token=%s", `"token":"`+secret+`"`)

	want := []string{
		"DEBUG: a: 1", "WARN: no arguments, 100% sure", "DEBUG: x-amz-security-token:[REDACTED]", "DEBUG: percent %d stays",
		"DEBUG: hello", `DEBUG: carol says token="token":"[REDACTED]"`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\ngot  %q\nwant %q", got, want)
	}
}

// document makes a JSON document out of random bytes, with secrets at random
// depth as the values of secret members. want is the same, masked.
type document struct {
	choices    []byte
	text, want strings.Builder
	depth      int
}

func (d *document) choose(n int) int {
	if len(d.choices) == 0 {
		return 0
	}
	c := int(d.choices[0])
	d.choices = d.choices[1:]
	return c % n
}

func (d *document) both(s string) {
	d.text.WriteString(s)
	d.want.WriteString(s)
}

func (d *document) space() { d.both([]string{"", "", " ", "\n\t", "\r\n  "}[d.choose(5)]) }

var (
	secretNames = []string{`token`, `streamKey`, `Token`, `STREAMKEY`, `t\u006Fken`, `\u0073treamKey`, `to\u212aen`}
	otherNames  = []string{`a`, `nextToken`, `tokens`, ``, `token\u0000`, `to\"ken`, `é`, `participantToken`}
	leaves      = []string{`1`, `-0.5e+3`, `true`, `null`, `""`, `"token"`, `"\"token\":\"x\""`, `"\u00e9\\"`, `{}`, `[]`}
	// hidden are values that hold the secret in a way of their own.
	hidden = []string{`"` + secret + `"`, `"\"` + secret + `"`, `"\\` + secret + `\\"`, `{"a":{"b":"` + secret + `"}}`, `["` + secret + `",{"token":"` + secret + `"}]`, `{"` + secret + `":null}`}
)

func (d *document) value() {
	d.space()
	defer d.space()
	kind := d.choose(4)
	if d.depth == 60 || len(d.choices) == 0 {
		kind = 0
	}
	d.depth++
	defer func() { d.depth-- }()
	switch kind {
	case 1:
		d.both("[")
		for i := range d.choose(4) {
			if i > 0 {
				d.both(",")
			}
			d.value()
		}
		d.both("]")
	case 2, 3:
		d.both("{")
		for i := range d.choose(5) {
			if i > 0 {
				d.both(",")
			}
			d.member()
		}
		d.both("}")
	default:
		d.both(leaves[d.choose(len(leaves))])
	}
}

func (d *document) member() {
	d.space()
	if d.choose(2) == 0 {
		d.both(`"` + otherNames[d.choose(len(otherNames))] + `"`)
		d.space()
		d.both(":")
		d.value()
		return
	}
	d.both(`"` + secretNames[d.choose(len(secretNames))] + `"`)
	d.space()
	d.both(":")
	d.space()
	d.text.WriteString(hidden[d.choose(len(hidden))])
	d.want.WriteString(`"` + Mask + `"`)
	d.space()
}

// FuzzBody checks that a body never shows a secret member: neither in a document
// that is whole nor in one that is cut off.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{"", "\x02\x01\x01\x00\x00", "\x00\x02\x02\x00\x01\x00\x00\x00\x00", strings.Repeat("\x00\x02\x01\x00\x00\x00", 80), strings.Repeat("\x03\x01\x04\x01\x05\x09\x02\x06", 40)} {
		f.Add([]byte(seed), uint16(7))
	}
	f.Fuzz(func(t *testing.T, choices []byte, end uint16) {
		d := document{choices: choices}
		d.value()
		text, want := d.text.String(), d.want.String()
		if !json.Valid([]byte(text)) {
			t.Fatalf("the test made a document that is no JSON: %s", text)
		}
		if got := Body([]byte(text)); got != want {
			t.Fatalf("\ngot  %s\nwant %s", got, want)
		}
		cut := text[:int(end)%(len(text)+1)]
		if got := Body([]byte(cut)); strings.Contains(got, secret) {
			t.Fatalf("%s\ngave %s", cut, got)
		}
	})
}

// FuzzBodyOfAnything compares with a slow reference what Body makes of any bytes.
func FuzzBodyOfAnything(f *testing.F) {
	for _, seed := range []string{``, `{}`, `{"token":"a","b":[{"streamKey":{}}]}`, `{"token":null}`, `"token"`, `{"TOKEN":1,"token":[`, "{\"\xff\":1}", `{"a":1e999}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := Body(body)
		if len(body) == 0 {
			if got != "" {
				t.Fatalf("got %q", got)
			}
			return
		}
		if got == fmt.Sprintf("[%d bytes that are not JSON, not shown]", len(body)) {
			if json.Valid(body) && bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) <= 100 {
				t.Fatalf("%q is JSON", body)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q is no JSON and was shown: %s", body, got)
		}
		if want := masked(t, body); !reflect.DeepEqual(parse(t, []byte(got)), want) {
			t.Fatalf("\ngot  %s\nwant %v", got, want)
		}
	})
}

func parse(t *testing.T, text []byte) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// masked is Body by way of encoding/json.
func masked(t *testing.T, body []byte) any {
	var mask func(v any) any
	mask = func(v any) any {
		switch v := v.(type) {
		case []any:
			for i := range v {
				v[i] = mask(v[i])
			}
		case map[string]any:
			for name, value := range v {
				if value != nil && (strings.EqualFold(name, "token") || strings.EqualFold(name, "streamKey")) {
					v[name] = Mask
				} else {
					v[name] = mask(value)
				}
			}
		}
		return v
	}
	return mask(parse(t, body))
}
