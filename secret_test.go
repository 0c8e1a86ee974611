package ivsrealtime_test

import (
	"bytes"
	"context"
	"encoding"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// Secrets of answers. Nothing but string(s) may show them.
const (
	secretToken  = "eyJhbGciOiJFUzM4NCJ9.eyJ0b3BpYyI6ImxvYmJ5In0.c2VjcmV0LXRva2Vu"
	secretKey    = "sk_eu-west-1_FirstStreamKeyOfTheTests"
	secretKeyTwo = "sk_eu-west-1_SecondStreamKeyOfTheTests"
)

const tokensAnswer = `{"stage":{"arn":"` + testStageARN + `","name":"lobby"},"participantTokens":[` +
	`{"participantId":"p1","token":"` + secretToken + `","userId":"alice","attributes":{"a":"b"},"duration":720},` +
	`{"participantId":"p2","token":"` + secretToken + `","userId":"bob"}]}`

const ingestAnswer = `{"ingestConfiguration":{"name":"studio","arn":"arn:i","ingestProtocol":"RTMPS","streamKey":"` + secretKey + `",` +
	`"stageArn":"` + testStageARN + `","participantId":"p1","state":"INACTIVE","redundantIngest":true,"redundantIngestCredentials":[` +
	`{"participantId":"r1","streamKey":"` + secretKey + `"},{"participantId":"r2","streamKey":"` + secretKeyTwo + `"}]}}`

// requireNoSecret fails when text holds a secret, as it is or in a form that a
// verb or an encoding gives it.
func requireNoSecret(t *testing.T, text string, secrets ...string) {
	t.Helper()
	if len(secrets) == 0 {
		secrets = []string{secretToken, secretKey, secretKeyTwo}
	}
	for _, s := range secrets {
		codes := strings.Trim(fmt.Sprint([]byte(s)), "[]")
		for _, form := range []string{
			s, s[:12], s[len(s)-12:],
			hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))), fmt.Sprintf("% x", s),
			base64.StdEncoding.EncodeToString([]byte(s)), codes, strings.ReplaceAll(codes, " ", ","), strings.ReplaceAll(codes, " ", ", "),
		} {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("shows the secret %q as %q after %q", s, form, text[max(0, i-100):i])
				break
			}
		}
	}
}

func requireRedacted(t *testing.T, text string) {
	t.Helper()
	requireNoSecret(t, text)
	require.Contains(t, text, "[REDACTED]")
}

// unmarshal makes an output of the JSON of an answer.
func unmarshal[Out any](t *testing.T, text string) *Out {
	t.Helper()
	out := new(Out)
	require.NoError(t, json.Unmarshal([]byte(text), out))
	return out
}

func TestSecretRevealsItselfByConversionAlone(t *testing.T) {
	s := ivsrealtime.Secret(secretToken)
	require.True(t, string(s) == secretToken)
	require.Equal(t, "[REDACTED]", s.String())
	require.Equal(t, "[REDACTED]", s.GoString())
	require.Equal(t, slog.StringValue("[REDACTED]"), slog.AnyValue(s).Resolve(), "for handlers that print by other means")
}

func TestSecretInFmt(t *testing.T) {
	s := ivsrealtime.Secret(secretToken)
	type holder struct {
		Name string
		Key  ivsrealtime.Secret
		Ptr  *ivsrealtime.Secret
		Any  any
	}
	h := holder{"name", s, &s, s}
	values := map[string]any{
		"value":           s,
		"pointer":         &s,
		"struct":          h,
		"struct pointer":  &h,
		"embedded":        struct{ holder }{h},
		"nested":          struct{ A []map[string]holder }{[]map[string]holder{{"h": h}}},
		"anonymous field": struct{ ivsrealtime.Secret }{s},
		"slice":           []ivsrealtime.Secret{s, s},
		"array":           [1]ivsrealtime.Secret{s},
		"map value":       map[string]ivsrealtime.Secret{"k": s},
		"map key":         map[ivsrealtime.Secret]string{s: "v"},
		"any slice":       []any{s, &s},
		"token":           ivsrealtime.ParticipantToken{Token: s},
		"output":          unmarshal[ivsrealtime.CreateStageOutput](t, tokensAnswer),
		"output value":    *unmarshal[ivsrealtime.GetIngestConfigurationOutput](t, ingestAnswer),
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			for _, verb := range strings.Fields("%v %+v %#v %s %q %+q %#q %x %X %#x %U %c %d %b %o %O %e %E %f %g %G %t %z %10v %-80s| %.3s %.0v %020d %[1]v %+.5v") {
				text := fmt.Sprintf(verb, v)
				requireNoSecret(t, text)
				if name == "value" || name == "pointer" {
					require.Equal(t, "[REDACTED]", strings.TrimSuffix(text, "|"), verb)
				}
			}
			for _, spaced := range []string{"% x", "% X", "% d", "% v"} {
				requireNoSecret(t, fmt.Sprintf(spaced, v))
			}
			tooMany, noWidth := unvetted("x"), unvetted("%*d")
			requireNoSecret(t, fmt.Sprint(v)+fmt.Sprintln("a", v)+fmt.Sprintf(tooMany, v)+fmt.Sprintf(noWidth, v, 1))
			requireRedacted(t, fmt.Sprint(v))
			requireNoSecret(t, fmt.Errorf("failed with %v: %w", v, errors.New("x")).Error())
		})
	}

	var none *ivsrealtime.Secret
	require.Equal(t, "<nil>", fmt.Sprint(none))
	require.Equal(t, "[REDACTED]", fmt.Sprint(ivsrealtime.Secret("")), "not even whether there is one")
}

func TestSecretInErrors(t *testing.T) {
	s := ivsrealtime.Secret(secretToken)
	inner := fmt.Errorf("token %s", s)
	err := errors.Join(fmt.Errorf("outer %q: %w", s, inner), errors.New(fmt.Sprint(s)))
	require.ErrorIs(t, err, inner)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		requireNoSecret(t, fmt.Sprintf(verb, err))
	}
	requireRedacted(t, err.Error())
}

func TestSecretInLogs(t *testing.T) {
	s := ivsrealtime.Secret(secretKey)
	stage := unmarshal[ivsrealtime.CreateStageOutput](t, tokensAnswer)
	ingest := unmarshal[ivsrealtime.GetIngestConfigurationOutput](t, ingestAnswer)
	attrs := map[string]slog.Attr{
		"value":          slog.Any("k", s),
		"pointer":        slog.Any("k", &s),
		"slice":          slog.Any("k", []ivsrealtime.Secret{s}),
		"map value":      slog.Any("k", map[string]ivsrealtime.Secret{"k": s}),
		"struct":         slog.Any("k", struct{ Key ivsrealtime.Secret }{s}),
		"group":          slog.Group("g", slog.Group("h", slog.Any("k", s)), slog.Any("t", stage.ParticipantTokens[0])),
		"stage":          slog.Any("out", *stage),
		"stage pointer":  slog.Any("out", stage),
		"tokens":         slog.Any("out", stage.ParticipantTokens),
		"ingest":         slog.Any("out", *ingest),
		"ingest pointer": slog.Any("out", ingest),
		"credentials":    slog.Any("out", ingest.IngestConfiguration.RedundantIngestCredentials),
		"deep":           slog.Any("out", map[string]any{"a": []any{struct{ Out any }{stage}, ingest}}),
		"error":          slog.Any("err", fmt.Errorf("key %v", s)),
	}
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	}
	for handler, newHandler := range handlers {
		for name, attr := range attrs {
			t.Run(handler+" "+name, func(t *testing.T) {
				var b bytes.Buffer
				l := slog.New(newHandler(&b))
				l.LogAttrs(t.Context(), slog.LevelInfo, "made", attr)
				// fmt, which the text handler uses, shows pointers within as addresses.
				if handler == "text" && name == "deep" {
					requireNoSecret(t, b.String())
				} else {
					requireRedacted(t, b.String())
				}
				l.With(attr).WithGroup("g").Info("made", attr)
				requireNoSecret(t, b.String())
			})
		}
	}

	var b bytes.Buffer
	l := log.New(&b, "", 0)
	l.Printf("%v %s %+v", s, s, *ingest)
	l.Println(s, stage)
	l.Print(stage.ParticipantTokens)
	requireRedacted(t, b.String())
}

func TestSecretInJSON(t *testing.T) {
	const masked = `"[REDACTED]"`
	mask := strings.NewReplacer(`"`+secretToken+`"`, masked, `"`+secretKey+`"`, masked, `"`+secretKeyTwo+`"`, masked)

	stage := unmarshal[ivsrealtime.CreateStageOutput](t, tokensAnswer)
	require.Len(t, stage.ParticipantTokens, 2)
	for _, token := range stage.ParticipantTokens {
		require.True(t, string(token.Token) == secretToken, "decoding keeps the value")
	}
	ingest := unmarshal[ivsrealtime.GetIngestConfigurationOutput](t, ingestAnswer)
	require.True(t, string(ingest.IngestConfiguration.StreamKey) == secretKey)
	require.True(t, string(ingest.IngestConfiguration.RedundantIngestCredentials[1].StreamKey) == secretKeyTwo)

	for name, v := range map[string]any{"stage": stage, "stage value": *stage, "ingest": ingest, "ingest value": *ingest} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(v)
			require.NoError(t, err)
			requireRedacted(t, string(text))
			indented, err := json.MarshalIndent([]any{v}, "", "  ")
			require.NoError(t, err)
			requireRedacted(t, string(indented))

			// All else is there.
			want := tokensAnswer
			if strings.HasPrefix(name, "ingest") {
				want = ingestAnswer
			}
			var got, expected map[string]any
			require.NoError(t, json.Unmarshal(text, &got))
			require.NoError(t, json.Unmarshal([]byte(mask.Replace(want)), &expected))
			for member, value := range expected {
				requireWithin(t, member, value, got[member])
			}
		})
	}

	s := ivsrealtime.Secret(secretToken)
	text, err := json.Marshal(struct {
		Value  ivsrealtime.Secret
		Ptr    *ivsrealtime.Secret
		Quoted ivsrealtime.Secret `json:",string"`
		Any    any
		Map    map[string]ivsrealtime.Secret
	}{s, &s, s, s, map[string]ivsrealtime.Secret{"k": s}})
	require.NoError(t, err)
	require.JSONEq(t, `{"Value":"[REDACTED]","Ptr":"[REDACTED]","Quoted":"[REDACTED]","Any":"[REDACTED]","Map":{"k":"[REDACTED]"}}`, string(text))
}

// requireWithin checks that got has everything that want has; it may have more.
func requireWithin(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		m, ok := got.(map[string]any)
		require.True(t, ok, path)
		for k, v := range want {
			requireWithin(t, path+"."+k, v, m[k])
		}
	case []any:
		s, ok := got.([]any)
		require.True(t, ok, path)
		require.Len(t, s, len(want), path)
		for i, v := range want {
			requireWithin(t, fmt.Sprint(path, ".", i), v, s[i])
		}
	default:
		require.Equal(t, want, got, path)
	}
}

func TestSecretInOtherEncodings(t *testing.T) {
	s := ivsrealtime.Secret(secretToken)
	text, err := s.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "[REDACTED]", string(text))

	x, err := xml.Marshal(struct {
		XMLName xml.Name           `xml:"x"`
		Attr    ivsrealtime.Secret `xml:"attr,attr"`
		Value   ivsrealtime.Secret
		Text    ivsrealtime.Secret `xml:",chardata"`
	}{Attr: s, Value: s, Text: s})
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(x), "[REDACTED]"), "%s", x)
	requireNoSecret(t, string(x))

	const source = `{{.}} {{printf "%s %q %x" . . .}} {{print .}} {{html .}} {{js .}} <a href="?{{urlquery .}}">`
	var b bytes.Buffer
	require.NoError(t, template.Must(template.New("").Parse(source)).Execute(&b, s))
	require.NoError(t, htmltemplate.Must(htmltemplate.New("").Parse(`<script>var x = {{.}}</script><a href="/{{.}}" title="{{.}}">{{.}}</a>`)).Execute(&b, s))
	requireNoSecret(t, b.String())
	require.Contains(t, b.String(), "REDACTED")
}

func TestSecretIsNotDecodedFromItsMask(t *testing.T) {
	type holder struct {
		XMLName xml.Name           `xml:"x" json:"-"`
		Attr    ivsrealtime.Secret `xml:"a,attr"`
		Value   ivsrealtime.Secret
		Ptr     *ivsrealtime.Secret
		List    []ivsrealtime.Secret
		Text    ivsrealtime.Secret `xml:",chardata"`
	}
	decoders := map[string]func(string, any) error{
		"json": func(text string, v any) error { return json.Unmarshal([]byte(text), v) },
		"json decoder": func(text string, v any) error {
			d := json.NewDecoder(strings.NewReader(text))
			d.UseNumber()
			d.DisallowUnknownFields()
			return d.Decode(v)
		},
		"xml": func(text string, v any) error { return xml.Unmarshal([]byte(text), v) },
	}
	for text, decoder := range map[string]string{
		`{"Value":"[REDACTED]"}`:                       "json",
		`{"Value":"\u005bREDACTED\u005D"}`:             "json",
		`{"Value":" [REDACTED]\n"}`:                    "json",
		`{"Value":"\"[REDACTED]\""}`:                   "json",
		`{"Value":"Bearer [REDACTED]"}`:                "json",
		`{"Ptr":"[REDACTED]"}`:                         "json",
		`{"List":["a","[REDACTED]"]}`:                  "json",
		`{"value":"[REDACTED]"}`:                       "json decoder",
		`<x a="[REDACTED]"></x>`:                       "xml",
		`<x><Value>[REDACTED]</Value></x>`:             "xml",
		"<x><Value>\n  [REDACTED]\n</Value></x>":       "xml",
		`<x><Value><![CDATA[[REDACTED]]]></Value></x>`: "xml",
		`<x><Ptr>&#91;REDACTED]</Ptr></x>`:             "xml",
		`<x><List>a</List><List>[REDACTED]</List></x>`: "xml",
		`<x>[REDACTED]</x>`:                            "xml",
	} {
		require.ErrorContains(t, decoders[decoder](text, new(holder)), "the value is [REDACTED]", text)
	}
	s := ivsrealtime.Secret("kept")
	require.Error(t, s.UnmarshalText([]byte("[REDACTED]")))
	require.Error(t, s.UnmarshalJSON([]byte(`"[REDACTED]"`)))
	require.Error(t, json.Unmarshal([]byte(`"[REDACTED]"`), &s))
	require.True(t, string(s) == "kept")
	keys := map[ivsrealtime.Secret]int{}
	require.Error(t, json.Unmarshal([]byte(`{"[REDACTED]":1}`), &keys))

	// What was printed does not come back as a token; nothing of it is lost otherwise.
	out := unmarshal[ivsrealtime.CreateStageOutput](t, tokensAnswer)
	text, err := json.Marshal(out)
	require.NoError(t, err)
	require.Error(t, json.Unmarshal(text, new(ivsrealtime.CreateStageOutput)))
}

func TestSecretIsDecoded(t *testing.T) {
	var s ivsrealtime.Secret
	decode := func(text, want string) {
		t.Helper()
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		require.True(t, string(s) == want, text)
	}
	decode(`"a\u00e9\"\\"`, `aé"\`)
	decode(` null `, `aé"\`)
	decode(`""`, "")
	decode(`"REDACTED"`, "REDACTED")
	decode(`"[redacted]"`, "[redacted]")
	require.NoError(t, s.UnmarshalText([]byte(secretToken)))
	require.True(t, string(s) == secretToken)
	var x struct {
		Attr  ivsrealtime.Secret `xml:"a,attr"`
		Value ivsrealtime.Secret
	}
	require.NoError(t, xml.Unmarshal([]byte(`<x a="`+secretKey+`"><Value>`+secretToken+`</Value></x>`), &x))
	require.True(t, string(x.Attr) == secretKey && string(x.Value) == secretToken)
	var quoted struct {
		S ivsrealtime.Secret `json:",string"`
	}
	require.Error(t, json.Unmarshal([]byte(`{"S":"[REDACTED]"}`), &quoted))

	for _, text := range []string{`12345678901234567890`, `true`, `{"token":"` + secretToken + `"}`, `["` + secretToken + `"]`, `"` + secretToken, secretToken, ``} {
		err := s.UnmarshalJSON([]byte(text))
		require.Error(t, err, text)
		requireNoSecret(t, err.Error(), secretToken, "12345678901234567890")
	}
	require.True(t, string(s) == secretToken, "an error leaves the value")
}

// unvetted keeps a format out of the sight of go vet and staticcheck, which
// report it.
func unvetted(format string) string { return strings.Clone(format) }

// Some code goes past the methods of any type; the documentation of Secret names
// it. Should one of these begin to hide the value, the documentation must change.
func TestSecretLimits(t *testing.T) {
	s := ivsrealtime.Secret(secretToken)
	key, err := json.Marshal(map[ivsrealtime.Secret]int{s: 1})
	require.NoError(t, err)
	type holder struct{ Token *ivsrealtime.ParticipantToken }
	pointer, wrap, str := unvetted("%p"), unvetted("%w"), unvetted("%s")
	for name, text := range map[string]string{
		"the key of a map in encoding/json": string(key),
		"%p":                                fmt.Sprintf(pointer, s),
		"%w":                                fmt.Errorf(wrap, s).Error(),
		"%s of a pointer in a struct":       fmt.Sprintf(str, holder{&ivsrealtime.ParticipantToken{Token: s}}),
		"an unexported field":               fmt.Sprint(struct{ s ivsrealtime.Secret }{s}),
	} {
		require.Contains(t, text, secretToken, name)
	}
}

func TestOptionsInOtherEncodings(t *testing.T) {
	for name, v := range clientAndOptions(t) {
		if name == "error" || name == "map" || name == "struct" {
			continue // encoding/xml has no form for them
		}
		t.Run(name, func(t *testing.T) {
			type holder struct{ V any }
			text, err := xml.Marshal(holder{v})
			requireNoCredentials(t, string(text))
			require.NoError(t, err)
			indented, err := xml.MarshalIndent(v, "", " ")
			require.NotEmpty(t, indented)
			requireNoCredentials(t, string(indented))
			require.NoError(t, err)
			var b bytes.Buffer
			_ = gob.NewEncoder(&b).Encode(v) // fails, since a provider is no type that gob knows
			requireNoCredentials(t, b.String())
			if m, ok := v.(encoding.TextMarshaler); ok {
				text, err := m.MarshalText()
				require.NoError(t, err)
				require.Equal(t, `ivsrealtime.Options{Region:"eu-west-1"}`, string(text))
			}
			if m, ok := v.(interface{ MarshalYAML() (any, error) }); ok {
				value, err := m.MarshalYAML()
				require.NoError(t, err)
				require.Equal(t, map[string]string{"Region": "eu-west-1"}, value)
			}
		})
	}
	var options any = ivsrealtime.Options{}
	require.Implements(t, (*encoding.TextMarshaler)(nil), options)
	require.Implements(t, (*encoding.TextMarshaler)(nil), &ivsrealtime.Options{})
	require.Implements(t, (*interface{ MarshalYAML() (any, error) })(nil), options)
	type attr struct {
		O ivsrealtime.Options `xml:"o,attr"`
	}
	text, err := xml.Marshal(attr{ivsrealtime.Options{Region: "a<b"}})
	require.NoError(t, err)
	require.Equal(t, `<attr o="ivsrealtime.Options{Region:&#34;a&lt;b&#34;}"></attr>`, string(text))

	// The value of a Client, which nobody should copy.
	client := clientAndOptions(t)["client"].(*ivsrealtime.Client)
	value := reflect.ValueOf(client).Elem().Interface()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		requireNoCredentials(t, fmt.Sprintf(verb, value))
	}
	hidden := struct{ c *ivsrealtime.Client }{client}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q", "%t"} {
		requireNoCredentials(t, fmt.Sprintf(verb, hidden)+fmt.Sprintf(verb, &hidden)+fmt.Sprintf(verb, []any{hidden}))
	}
	text, err = json.Marshal(value)
	require.NoError(t, err)
	require.Equal(t, "{}", string(text))
}

// plainProvider is a credentials provider that fmt and encoding/json can look
// into, as callers write them for tests.
type plainProvider struct{ Value aws.Credentials }

func (p plainProvider) Retrieve(context.Context) (aws.Credentials, error) { return p.Value, nil }

// clientAndOptions are values that hold credentials which must not show.
func clientAndOptions(t *testing.T) map[string]any {
	options := ivsrealtime.Options{
		Region:      "eu-west-1",
		Credentials: plainProvider{aws.Credentials{AccessKeyID: testAccessKey, SecretAccessKey: testSecretKey, SessionToken: testSessionToken}},
	}
	client := ivsrealtime.New(options)
	_, err := client.GetStage(t.Context(), nil)
	require.Error(t, err)
	return map[string]any{
		"options":         options,
		"options pointer": &options,
		"filled options":  client.Options(),
		"client":          client,
		"slice":           []ivsrealtime.Options{options},
		"map":             map[string]any{"o": options, "c": client},
		"struct": struct {
			O ivsrealtime.Options
			C *ivsrealtime.Client
		}{options, client},
		"error": err,
	}
}

func requireNoCredentials(t *testing.T, text string) {
	t.Helper()
	requireNoSecret(t, text, testAccessKey, testSecretKey, testSessionToken)
}

func TestOptionsDoNotPrintCredentials(t *testing.T) {
	for name, v := range clientAndOptions(t) {
		t.Run(name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%z"} {
				requireNoCredentials(t, fmt.Sprintf(verb, v))
			}
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("made", "v", v, slog.Group("g", "v", v))
			requireNoCredentials(t, b.String())
			if name != "error" {
				require.Contains(t, fmt.Sprint(v), "eu-west-1")
				require.Contains(t, b.String(), "eu-west-1")
			}
		})
	}
	unexported := struct{ c *ivsrealtime.Client }{ivsrealtime.New(clientAndOptions(t)["options"].(ivsrealtime.Options))}
	requireNoCredentials(t, fmt.Sprintf("%v %+v %#v", unexported, unexported, unexported))
}

func TestOptionsDoNotShowCredentialsInJSON(t *testing.T) {
	for name, v := range clientAndOptions(t) {
		t.Run(name, func(t *testing.T) {
			text, _ := json.Marshal(v) // it may fail
			requireNoCredentials(t, string(text))
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).Info("made", "v", v, slog.Group("g", "v", v))
			requireNoCredentials(t, b.String())
		})
	}
}
