package ivsrealtime_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime"
)

// rawServer answers each request on a connection of its own with text, and then
// ends the connection: by FIN or by RST.
func rawServer(t *testing.T, text, end string) (url string, requests *atomic.Int32) {
	t.Helper()
	requests = new(atomic.Int32)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				requests.Add(1)
				_, _ = io.WriteString(conn, text)
				if end == "RST" {
					_ = conn.(*net.TCPConn).SetLinger(0)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String(), requests
}

// All ways in which a response of success can end early on a connection are one.
func TestSuccessThatEndsEarlyOnTheWire(t *testing.T) {
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write([]byte(stageAnswer))
	_ = zip.Close()
	half := zipped.String()[:zipped.Len()/2]
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	texts := map[string]string{
		"less than Content-Length":  head + "Content-Length: 500\r\n\r\n" + `{"stage":{"arn":"a"`,
		"nothing of Content-Length": head + "Content-Length: 500\r\n\r\n",
		"within a chunk":            head + "Transfer-Encoding: chunked\r\n\r\n20\r\n" + `{"stage":`,
		"after a chunk":             head + "Transfer-Encoding: chunked\r\n\r\n9\r\n" + `{"stage":` + "\r\n",
		"before the last chunk":     head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(stageAnswer), stageAnswer),
		"within gzip":               head + fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", zipped.Len(), half),
		// The client would use the connection again, while the server closes it.
		"a half of gzip, whole": head + fmt.Sprintf("Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(half), half),
		"no length":             head + "Connection: close\r\n\r\n" + `{"stage":{"arn":"a"`,
	}
	for name, text := range texts {
		for _, end := range []string{"FIN", "RST"} {
			t.Run(name+"/"+end, func(t *testing.T) {
				t.Parallel()
				onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
					for _, op := range []string{"CreateStage", "GetStage"} {
						url, requests := rawServer(t, text, end)
						c := newClient(nil, atOnce, func(o *ivsrealtime.Options) { o.BaseEndpoint = &url })
						var err error
						if op == "CreateStage" {
							_, err = c.CreateStage(t.Context(), nil)
						} else {
							_, err = getStage(t.Context(), c)
						}
						wantLost(t, op, err, int(requests.Load()), 3)
					}
				})
			})
		}
	}
}

// The same on HTTP/2, where the stream is reset.
func TestSuccessWhoseStreamIsReset(t *testing.T) {
	var requests atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		_, _ = io.WriteString(w, `{"stage":`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	onBothPaths(t, func(t *testing.T, newClient newClientFunc) {
		c := newClient(s.Client(), atOnce, func(o *ivsrealtime.Options) { o.BaseEndpoint = &s.URL })
		requests.Store(0)
		_, err := c.CreateStage(t.Context(), nil)
		wantLost(t, "CreateStage", err, int(requests.Load()), 3)
		requests.Store(0)
		_, err = c.UpdateStage(t.Context(), &ivsrealtime.UpdateStageInput{ARN: testStageARN})
		wantLost(t, "UpdateStage", err, int(requests.Load()), 3)
	})
}
