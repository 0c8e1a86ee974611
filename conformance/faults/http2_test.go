package faults_test

import (
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestHTTP2: over TLS the calls share one connection, on which a broken stream is
// one call's misfortune.
func TestHTTP2(t *testing.T) {
	var requests atomic.Int64
	begin := func(t *testing.T, handler http.HandlerFunc, attempts int, timeout time.Duration) (*caller, func()) {
		t.Helper()
		requests.Store(0)
		h := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			if r.ProtoMajor != 2 {
				t.Error("not HTTP/2")
			}
			handler(w, r)
		}))
		h.EnableHTTP2 = true
		h.Config.ErrorLog = log.New(io.Discard, "", 0)
		h.StartTLS()
		c := ours(h.URL, settings{attempts: attempts, attemptTimeout: timeout, transport: func(tr *http.Transport) {
			tr.TLSClientConfig.RootCAs = x509.NewCertPool()
			tr.TLSClientConfig.RootCAs.AddCert(h.Certificate())
			tr.ForceAttemptHTTP2 = true
		}})
		return c, h.Close
	}
	answer := func(w http.ResponseWriter) { _, _ = io.WriteString(w, good) }

	t.Run("one connection for all", func(t *testing.T) {
		requireNothingLeft(t, func() {
			c, end := begin(t, func(w http.ResponseWriter, _ *http.Request) { answer(w) }, 1, 0)
			defer end()
			require.NoError(t, c.create(t.Context())) // or a burst would dial more
			var wg sync.WaitGroup
			for range 64 {
				wg.Go(func() {
					if err := c.create(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			require.EqualValues(t, 1, c.dials.Load())
			require.EqualValues(t, 65, requests.Load())
		})
	})

	for _, attempts := range []int{1, 3} {
		t.Run("broken streams", func(t *testing.T) {
			requireNothingLeft(t, func() {
				c, end := begin(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, attempts, 0)
				defer end()
				require.ErrorContains(t, c.create(t.Context()), "stream error")
				require.EqualValues(t, attempts, requests.Load())
				require.EqualValues(t, 1, c.dials.Load())
			})
		})
	}

	t.Run("half a body", func(t *testing.T) {
		requireNothingLeft(t, func() {
			c, end := begin(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, good[:40])
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}, 3, 0)
			defer end()
			require.ErrorContains(t, c.create(t.Context()), "read the answer: ")
			require.EqualValues(t, 1, requests.Load())
		})
	})

	t.Run("no answer", func(t *testing.T) {
		requireNothingLeft(t, func() {
			var silent atomic.Bool
			silent.Store(true)
			c, end := begin(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if silent.Load() {
					<-r.Context().Done()
					return
				}
				answer(w)
			}, 2, 100*time.Millisecond)
			defer end()
			require.ErrorContains(t, c.create(t.Context()), "AttemptTimeout")
			require.EqualValues(t, 2, requests.Load())
			silent.Store(false)
			for range 5 { // a busy machine may not make it in time
				if err := c.create(t.Context()); err == nil {
					break
				}
			}
			require.EqualValues(t, 1, c.dials.Load(), "the connection is still good")
		})
	})

	t.Run("100 MiB", func(t *testing.T) {
		requireNothingLeft(t, func() {
			c, end := begin(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "{\"stage\":{\"name\":\"")
				for block := strings.Repeat("a", 1<<20); ; {
					if _, err := io.WriteString(w, block); err != nil {
						return
					}
				}
			}, 3, 0)
			defer end()
			require.ErrorContains(t, c.create(t.Context()), "the answer is larger than 16 MiB")
			require.EqualValues(t, 1, requests.Load())
		})
	})
}
