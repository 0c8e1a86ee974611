package ivsrealtime_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// filled returns begin, as many of part as fit into n bytes, separated by commas,
// and end.
func filled(begin, part, end string, n int) string {
	return begin + part + strings.Repeat(","+part, (n-len(begin)-len(part)-len(end))/(len(part)+1)) + end
}

func gzipped(parts ...string) []byte {
	var b bytes.Buffer
	for _, part := range parts { // each in a member of its own
		w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		_, _ = io.WriteString(w, part)
		_ = w.Close()
	}
	return b.Bytes()
}

const maxResponse = 16 << 20

// Whatever the content of a response is, it makes the client allocate no more than
// 64 MiB in all.
func TestMemoryOfHostileResponses(t *testing.T) {
	long := func(s string) string { return strings.Repeat(s, (maxResponse-100)/len(s)) }
	composition := func(member string) string { return filled(`{"composition":{`, member, `}}`, maxResponse) }
	stages := func(n int, stage string) string { return `{"stages":[` + stage + strings.Repeat(","+stage, n-1) + `]}` }
	type test struct {
		name, op string
		status   int
		body     func() string // not all of them in memory at once
	}
	tests := []test{
		{"empty elements", "ListStages", 200, func() string { return filled(`{"stages":[`, "{}", `]}`, maxResponse) }},
		{"null elements", "ListStages", 200, func() string { return filled(`{"stages":[`, "null", `]}`, maxResponse) }},
		{"as many elements as may be, long strings", "ListStages", 200, func() string { return stages(10_000, `{"name":"`+strings.Repeat("x", 1600)+`"}`) }},
		{"as many elements as may be, strings that fit badly", "ListStages", 200, func() string {
			return stages(10_000, `{"name":"`+strings.Repeat("x", 780)+`","arn":"`+strings.Repeat("y", 800)+`"}`)
		}},
		{"as many compositions as may be", "ListCompositions", 200, func() string {
			return filled(`{"compositions":[`, `{"destinations":[{}],"tags":{"a":"b"},"arn":"`+strings.Repeat("x", 4900)+`"}`, `]}`, maxResponse)
		}},
		{"as many participants as may be", "ListParticipants", 200, func() string {
			return `{"participants":[` + strings.Repeat(`{"userId":"`+strings.Repeat("x", 1600)+`"},`, 9_999) + `{}]}`
		}},
		{"as many events as may be", "ListParticipantEvents", 200, func() string {
			return `{"events":[` + strings.Repeat(`{"newToken":{"userId":"`+strings.Repeat("x", 1500)+`"},"previousToken":{}},`, 9_999) + `{}]}`
		}},
		{"lists again and again", "ListStages", 200, func() string { return filled(`{`, `"stages":[{},{}]`, `}`, maxResponse) }},
		{"lists of three again and again", "ListParticipantEvents", 200, func() string { return filled(`{`, `"events":[{},{},{}]`, `}`, maxResponse) }},
		{"empty lists again and again", "ListStages", 200, func() string { return filled(`{`, `"stages":[]`, `}`, maxResponse) }},
		{"a list of lists", "GetComposition", 200, func() string {
			return composition(`"destinations":[{"configuration":{"s3":{"encoderConfigurationArns":[]}}}]`)
		}},
		{"objects again and again", "GetComposition", 200, func() string { return composition(`"layout":{"grid":{},"pip":{}}`) }},
		{"pointers again and again", "GetComposition", 200, func() string { return composition(`"layout":{}`) }},
		{"maps again and again", "GetComposition", 200, func() string { return composition(`"tags":{}`) }},
		{"full maps again and again", "GetComposition", 200, func() string { return composition(`"tags":{"a":"b"}`) }},
		{"map of many keys", "GetStage", 200, func() string { return filled(`{"stage":{"tags":{`, `"k":"v"`, `}}}`, maxResponse) }},
		{"map of long keys", "GetStage", 200, func() string {
			return filled(`{"stage":{"tags":{`, `"`+strings.Repeat("k", 2000)+`":"v"`, `}}}`, maxResponse)
		}},
		{"one long string", "GetStage", 200, func() string { return `{"stage":{"name":"` + long("x") + `"}}` }},
		{"one long string of escapes", "GetStage", 200, func() string { return `{"stage":{"name":"` + long(`\n`) + `"}}` }},
		{"one long string with one escape", "GetStage", 200, func() string { return `{"stage":{"name":"\n` + long("x") + `"}}` }},
		{"one long string of unicode escapes", "GetStage", 200, func() string { return `{"stage":{"name":"` + long(`\u20ac`) + `"}}` }},
		{"one long string that is no UTF-8", "GetStage", 200, func() string { return `{"stage":{"name":"` + long("\xff") + `"}}` }},
		{"one long string that is no UTF-8 in part", "GetStage", 200, func() string {
			return `{"stage":{"name":"` + strings.Repeat("\xff", 1<<20) + strings.Repeat("x", 15<<20-100) + `"}}`
		}},
		{"long strings, each longer", "GetStage", 200, func() string {
			var b strings.Builder
			b.WriteString(`{"stage":{"name":""`)
			for n := 1000; b.Len()+n < maxResponse-100; n += 1000 {
				b.WriteString(`,"name":"\n` + strings.Repeat("x", n) + `"`)
			}
			return b.String() + `}}`
		}},
		{"one long key of a map", "GetStage", 200, func() string { return `{"stage":{"tags":{"` + long("x") + `":""}}}` }},
		{"one long key of a map with an escape", "GetStage", 200, func() string { return `{"stage":{"tags":{"\n` + long("x") + `":""}}}` }},
		{"a long key and a long value with escapes", "GetStage", 200, func() string {
			return `{"stage":{"tags":{"\n` + strings.Repeat("x", 8<<20-100) + `":"\n` + strings.Repeat("x", 8<<20-100) + `"}}}`
		}},
		{"one long unknown name", "GetStage", 200, func() string { return `{"` + long(`\n`) + `":1}` }},
		{"long unknown names", "GetStage", 200, func() string { return filled(`{`, `"\u0061`+strings.Repeat("x", 1000)+`":1`, `}`, maxResponse) }},
		{"one long time", "GetStageSession", 200, func() string { return `{"stageSession":{"startTime":"` + long(`\u0031`) + `"}}` }},
		{"one long enum", "GetParticipant", 200, func() string { return `{"participant":{"state":"` + long(`\u0031`) + `"}}` }},
		{"one long integer", "GetEncoderConfiguration", 200, func() string { return `{"encoderConfiguration":{"video":{"width":` + long("1") + `}}}` }},
		{"one long fraction", "GetEncoderConfiguration", 200, func() string { return `{"encoderConfiguration":{"video":{"width":0.` + long("1") + `e9}}}` }},
		{"one long exponent", "GetEncoderConfiguration", 200, func() string { return `{"encoderConfiguration":{"video":{"width":1e` + long("9") + `}}}` }},
		{"a huge exponent", "GetEncoderConfiguration", 200, func() string { return `{"encoderConfiguration":{"video":{"width":1e1000000000}}}` }},
		{"one long float", "GetEncoderConfiguration", 200, func() string { return `{"encoderConfiguration":{"video":{"framerate":` + long("1") + `}}}` }},
		{"many floats", "GetEncoderConfiguration", 200, func() string {
			return filled(`{"encoderConfiguration":{"video":{`, `"framerate":0.`+strings.Repeat("1", 1000), `}}}`, maxResponse)
		}},
		{"strings of a list", "GetParticipant", 200, func() string {
			return filled(`{"participant":{"browserName":"a","attributes":{`, `"k":""`, `}}}`, maxResponse)
		}},
		{"deep unknown", "GetStage", 200, func() string {
			return `{"x":` + strings.Repeat("[", 98) + strings.Repeat("1", 15<<20) + strings.Repeat("]", 98) + `}`
		}},
		{"too deep", "GetStage", 200, func() string { return long("[") }},
		{"too deep in objects", "GetStage", 200, func() string { return long(`{"a":`) }},
		{"wide unknown", "GetStage", 200, func() string { return filled(`{"x":[`, `{"a":[],"b":"\n"}`, `]}`, maxResponse) }},
		{"unknown members", "GetStage", 200, func() string { return filled(`{`, `"x":{}`, `}`, maxResponse) }},
		{"one long unknown string", "GetStage", 200, func() string { return `{"x":"` + long("\xff") + `"}` }},
		{"blanks", "GetStage", 200, func() string { return long(" ") }},
		{"too large", "GetStage", 200, func() string { return strings.Repeat(" ", 32<<20) }},
		{"error, long message", "GetStage", 400, func() string { return `{"message":"` + long("x") + `"}` }},
		{"error, long message of escapes", "GetStage", 400, func() string { return `{"message":"` + strings.Repeat(`\n`, 30_000) + `"}` }},
		{"error, messages again and again", "GetStage", 400, func() string { return filled(`{`, `"message":"\n"`, `}`, 60<<10) }},
		{"error, unknown", "GetStage", 400, func() string { return filled(`{"x":[`, `{}`, `]}`, 60<<10) }},
	}
	calls := map[string]func(*ivsrealtime.Client) error{
		"GetStage":         func(c *ivsrealtime.Client) error { _, err := getStage(t.Context(), c); return err },
		"ListStages":       func(c *ivsrealtime.Client) error { _, err := c.ListStages(t.Context(), nil); return err },
		"ListCompositions": func(c *ivsrealtime.Client) error { _, err := c.ListCompositions(t.Context(), nil); return err },
		"ListParticipants": func(c *ivsrealtime.Client) error {
			_, err := c.ListParticipants(t.Context(), &ivsrealtime.ListParticipantsInput{StageARN: testStageARN, SessionID: "st-A1b2C3d4E5f6G"})
			return err
		},
		"ListParticipantEvents": func(c *ivsrealtime.Client) error {
			_, err := c.ListParticipantEvents(t.Context(), &ivsrealtime.ListParticipantEventsInput{StageARN: testStageARN, SessionID: "st-A1b2C3d4E5f6G", ParticipantID: "p"})
			return err
		},
		"GetComposition": func(c *ivsrealtime.Client) error {
			_, err := c.GetComposition(t.Context(), &ivsrealtime.GetCompositionInput{ARN: testCompositionARN})
			return err
		},
		"GetStageSession": func(c *ivsrealtime.Client) error {
			_, err := c.GetStageSession(t.Context(), &ivsrealtime.GetStageSessionInput{StageARN: testStageARN, SessionID: "st-A1b2C3d4E5f6G"})
			return err
		},
		"GetParticipant": func(c *ivsrealtime.Client) error {
			_, err := c.GetParticipant(t.Context(), &ivsrealtime.GetParticipantInput{StageARN: testStageARN, SessionID: "st-A1b2C3d4E5f6G", ParticipantID: "p"})
			return err
		},
		"GetEncoderConfiguration": func(c *ivsrealtime.Client) error {
			_, err := c.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{ARN: "arn:aws:ivs:eu-west-1:111122223333:encoder-configuration/Ab12Cd34Ef56"})
			return err
		},
	}
	measure := func(t *testing.T, f func() error) {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := f()
		runtime.ReadMemStats(&after)
		mib := float64(after.TotalAlloc-before.TotalAlloc) / (1 << 20)
		t.Logf("%.1f MiB, error %t", mib, err != nil)
		if mib > 64 {
			t.Errorf("%.1f MiB, want at most 64: %.200v", mib, err)
		}
		if err != nil && len(err.Error()) > 1<<12 {
			t.Errorf("a text of %d bytes", len(err.Error()))
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := tt.body()
			if len(body) > maxResponse && tt.name != "too large" {
				t.Fatalf("%d bytes", len(body))
			}
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				once := func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }
				measure(t, func() error {
					return calls[tt.op](newClient(answering(withBody(tt.status, io.NopCloser(strings.NewReader(body)))), once))
				})
			})
		})
	}
	for name, op := range map[string]string{"empty elements": "ListStages", "one long string that is no UTF-8 in part": "GetStage", "objects again and again": "GetComposition", "too large": "GetStage"} {
		t.Run(name+" in gzip", func(t *testing.T) {
			i := slices.IndexFunc(tests, func(tt test) bool { return tt.name == name })
			compressed := gzipped(tests[i].body())
			onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
				measure(t, func() error {
					return calls[op](newClient(answering(withBody(200, io.NopCloser(bytes.NewReader(compressed)), "Content-Encoding", "gzip")), func(o *ivsrealtime.Options) { o.RetryMaxAttempts = 1 }))
				})
			})
		})
	}
}

// The headers of a response are limited by the transport, which is the client's own
// unless the caller brings one.
func TestMemoryOfHostileHeaders(t *testing.T) {
	url := serverOfBytes(t, "HTTP/1.1 400 x\r\nX-Amzn-Errormessage: "+strings.Repeat("\x80", 9<<20)+"\r\nContent-Length: 0\r\n\r\n", false)
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		c := newClient(awshttp.NewBuildableClient(), func(o *ivsrealtime.Options) { o.BaseEndpoint, o.RetryMaxAttempts = &url, 1 })
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := getStage(t.Context(), c)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, "server response headers exceeded 1048576 bytes")
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20))
	})
	c := ivsrealtime.New(testOptions(awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.MaxResponseHeaderBytes = 5 << 20 })))
	require.EqualValues(t, 5<<20, c.Options().HTTPClient.(*awshttp.BuildableClient).GetTransport().MaxResponseHeaderBytes, "the caller's")
}

func TestElementLimitOfResponses(t *testing.T) {
	tags := filled("{", `"k":"v"`, "}", 50*8+1)
	hundred := `{"stages":[{"tags":` + tags + `}` + strings.Repeat(`,{"tags":`+tags+`}`, 99) + `]}`
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		out, err := newClient(answering(answer(200, hundred))).ListStages(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, out.Stages, 100)
		_, err = newClient(answering(answer(200, filled(`{"stages":[`, "{}", "]}", 14+3*10_001)))).ListStages(t.Context(), nil)
		require.ErrorContains(t, err, "more than 10000 elements in lists and maps")
	})
}

// A response in gzip is read, whoever should have undone it.
func TestGzip(t *testing.T) {
	endless := func() io.Reader { // of members without content
		empty := gzipped("")
		return readerFunc(func(p []byte) (int, error) { return copy(p, empty[:min(len(empty), len(p))]), nil })
	}
	cut := gzipped(stageAnswer)
	cut = cut[:len(cut)-9]
	damaged := gzipped(stageAnswer)
	damaged[len(damaged)-6] ^= 1
	tests := []struct {
		name   string
		status int
		body   io.Reader
		header string
		err    string
	}{
		{"with the header", 200, bytes.NewReader(gzipped(stageAnswer)), "gzip", ""},
		{"with another header", 200, bytes.NewReader(gzipped(stageAnswer)), "x-gzip", ""},
		{"without the header", 200, bytes.NewReader(gzipped(stageAnswer)), "", ""},
		{"in two members", 200, bytes.NewReader(gzipped(stageAnswer[:20], "", stageAnswer[20:])), "gzip", ""},
		{"byte by byte", 200, iotestOneByte(gzipped(stageAnswer)), "gzip", ""},
		{"undone by somebody who left the header", 200, strings.NewReader(stageAnswer), "gzip", ""},
		{"cut", 200, bytes.NewReader(cut), "gzip", "unexpected EOF"},
		{"cut in the header", 200, bytes.NewReader(cut[:5]), "gzip", "unexpected EOF"},
		{"damaged", 200, bytes.NewReader(damaged), "gzip", "gzip: invalid checksum"},
		{"another method", 200, strings.NewReader("\x1f\x8b\x07aaaaaaaaaaaaa"), "gzip", "gzip: invalid header"},
		{"a bomb", 200, bytes.NewReader(gzipped(strings.Repeat(" ", 64<<20))), "gzip", "larger than 16 MiB"},
		{"a bomb under an error", 500, bytes.NewReader(gzipped(strings.Repeat(" ", 64<<20))), "gzip", "larger than 64 KiB"},
		{"endless", 200, endless(), "gzip", "larger than 16 MiB"},
		{"endless under an error", 500, endless(), "gzip", "larger than 64 KiB"},
		{"twice", 200, bytes.NewReader(gzipped(string(gzipped("x")))), "gzip, gzip", "want an object"},
		{"an error", 404, bytes.NewReader(gzipped(`{"Code":"ResourceNotFoundException","Message":"gone"}`)), "gzip", "ResourceNotFoundException: gone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, mode := range []aws.ClientLogMode{0, aws.LogResponseWithBody} {
				onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
					if s, ok := tt.body.(io.Seeker); ok {
						_, _ = s.Seek(0, io.SeekStart)
					}
					b := &body{Reader: tt.body}
					out, err := getStage(t.Context(), newClient(answering(withBody(tt.status, b, "Content-Encoding", tt.header)), func(o *ivsrealtime.Options) {
						o.RetryMaxAttempts, o.ClientLogMode, o.Logger = 1, mode, logging.Nop{}
					}))
					if tt.err == "" {
						require.NoError(t, err)
						require.Equal(t, "lobby", out.Stage.Name)
					} else {
						require.ErrorContains(t, err, tt.err)
					}
					require.True(t, b.closed)
				})
			}
		})
	}
}

// iotestOneByte returns a reader that gives one byte at a time.
func iotestOneByte(data []byte) io.Reader {
	type seeker struct {
		io.Reader
		io.Seeker
	}
	r := bytes.NewReader(data)
	return seeker{readerFunc(func(p []byte) (int, error) { return r.Read(p[:min(1, len(p))]) }), r}
}

// Over a real connection, with a transport that undoes it and one that does not.
func TestGzipOverHTTP(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(gzipped(stageAnswer))
	}))
	defer srv.Close()
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		for _, disable := range []bool{false, true} {
			tr := &http.Transport{DisableCompression: disable}
			out, err := getStage(t.Context(), newClient(&http.Client{Transport: tr}, func(o *ivsrealtime.Options) { o.BaseEndpoint = &srv.URL }))
			tr.CloseIdleConnections()
			require.NoError(t, err)
			require.Equal(t, "lobby", out.Stage.Name)
		}
	})
	require.Equal(t, []string{"gzip", "", "gzip", ""}, asked)
}

func TestGzipReaderThatBreaksItsContract(t *testing.T) {
	start := gzipped(stageAnswer)[:20]
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		n := 0
		_, err := getStage(t.Context(), newClient(answering(withBody(200, io.NopCloser(readerFunc(func(p []byte) (int, error) {
			if n++; n == 1 {
				return copy(p, start), nil
			}
			return -1, errors.New("x")
		}))))))
		require.ErrorContains(t, err, "read -1 of")
	})
}
