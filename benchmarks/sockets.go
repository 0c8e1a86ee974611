package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	official "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/seed-433ec77c/ivsrealtime"
)

// loopback measures a call over a socket of this machine: the first part of
// goal 7.
func loopback(p plan) ([]row, error) {
	body, err := answerFile("stage-small.json")
	if err != nil {
		return nil, err
	}
	srv, err := listen(body)
	if err != nil {
		return nil, err
	}
	defer srv.close()

	ours := ivsrealtime.New(ivsrealtime.Options{Region: region, Credentials: credentials(), BaseEndpoint: &srv.url})
	theirs := official.New(official.Options{Region: region, Credentials: credentials(), BaseEndpoint: &srv.url})
	bare := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	defer bare.CloseIdleConnections()
	request := []byte(`{"arn":"` + stageARN + `"}`)
	buf := make([]byte, 64<<10)
	f, err := p.measure(
		variant{"ours", ourGetStage(ours)},
		variant{"official", officialGetStage(theirs)},
		variant{"bare http.Client", func() error {
			resp, err := bare.Post(srv.url+"/GetStage", "application/json", bytes.NewReader(request))
			if err != nil {
				return err
			}
			defer func() { _ = resp.Body.Close() }()
			for { // to the end, into memory that is there already
				if _, err := resp.Body.Read(buf); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
			}
		}},
	)
	if err != nil {
		return nil, err
	}
	rows := []row{
		atMost(7, "loopback: allocations more than a bare http.Client", f[0].allocs-f[2].allocs, 20, ""),
		info(7, "loopback: allocations", fmt.Sprint(f[0].allocs), allocsOf(f[1:])),
	}
	if p.rounds > 0 {
		rows = append(rows,
			withoutGoal(timeAtMost(7, "loopback: time", f[0], f[1], 1)),
			withoutGoal(timeAtMost(7, "loopback: time", f[0], f[2], 1)),
		)
	}
	return rows, nil
}

// rawServer answers HTTP without allocating, so that what is counted is the
// client's.
type rawServer struct {
	listener net.Listener
	url      string
	answer   []byte
}

func listen(body string) (*rawServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &rawServer{l, "http://" + l.Addr().String(), fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"+
		"Date: Thu, 01 Oct 2026 08:15:30 GMT\r\nX-Amzn-RequestId: 0c7e1a52-1111-4222-8333-444455556666\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s, nil
}

func (s *rawServer) close() { _ = s.listener.Close() }

var contentLength = []byte("Content-Length: ")

func (s *rawServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	for {
		size := 0
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if value, ok := bytes.CutPrefix(line, contentLength); ok {
				// Short enough for the compiler to keep off the heap.
				if size, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
					return
				}
			}
			if len(line) == 2 {
				break
			}
		}
		if _, err := r.Discard(size); err != nil {
			return
		}
		if _, err := conn.Write(s.answer); err != nil {
			return
		}
	}
}

const callers = 64

// bursts measures 64 callers at once over TLS: the rest of goal 7.
func bursts(p plan) ([]row, error) {
	srv, err := newBurstServer()
	if err != nil {
		return nil, err
	}
	defer srv.close()
	transport := func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: srv.roots, MinVersion: tls.VersionTLS12}
	}
	ours := ivsrealtime.New(ivsrealtime.Options{
		Region: region, Credentials: credentials(), BaseEndpoint: &srv.url, HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(transport),
	})
	theirs := official.New(official.Options{
		Region: region, Credentials: credentials(), BaseEndpoint: &srv.url, HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(transport),
	})
	variants := []struct {
		figures
		do    func() error
		dials int64
	}{
		{figures: figures{name: "ours"}, do: ourGetStage(ours)},
		{figures: figures{name: "official"}, do: officialGetStage(theirs)},
	}
	const n = 20
	for i := range n + 1 {
		for k := range variants {
			v := &variants[k]
			runtime.GC()
			dials, cpu, start := srv.dials.Load(), processorTime(), time.Now()
			if err := srv.burst(v.do); err != nil {
				return nil, fmt.Errorf("%s: %w", v.name, err)
			}
			if i == 0 {
				continue // everybody dials in the first burst
			}
			v.wall = append(v.wall, float64(time.Since(start)))
			v.cpu = append(v.cpu, float64(processorTime()-cpu))
			v.dials += srv.dials.Load() - dials
		}
	}
	rows := []row{
		atMost(7, "bursts over TLS: dials per burst", float64(variants[0].dials)/n, 2, ""),
		info(7, "the same, of the others", "", fmt.Sprintf("%.1f official", float64(variants[1].dials)/n)),
	}
	if p.rounds > 0 {
		rows = append(rows, timeAtMost(7, "bursts over TLS: time per burst", variants[0].figures, variants[1].figures, 1.0/4))
	}
	return rows, nil
}

// burstServer answers over TLS and HTTP/1.1 once all callers of a burst are
// there, as a service that takes longer than a burst takes to come in.
type burstServer struct {
	server *httptest.Server
	url    string
	roots  *x509.CertPool
	dials  atomic.Int64

	mu      sync.Mutex
	waiting int
	all     chan struct{}
}

func newBurstServer() (*burstServer, error) {
	body, err := answerFile("stage-small.json")
	if err != nil {
		return nil, err
	}
	s := &burstServer{all: make(chan struct{})}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.mu.Lock()
		all := s.all
		if s.waiting++; s.waiting == callers {
			close(all)
			s.waiting, s.all = 0, make(chan struct{})
		}
		s.mu.Unlock()
		select {
		case <-all:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-RequestId", "0c7e1a52-1111-4222-8333-444455556666")
		_, _ = io.WriteString(w, body)
	}))
	s.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.dials.Add(1)
		}
	}
	s.server.StartTLS() // HTTP/1.1 alone, as the service
	s.url = s.server.URL
	s.roots = x509.NewCertPool()
	s.roots.AddCert(s.server.Certificate())
	return s, nil
}

func (s *burstServer) close() { s.server.Close() }

// burst makes one call by each caller, all at once.
func (s *burstServer) burst(do func() error) error {
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() { errs[i] = do() })
	}
	wg.Wait()
	return errors.Join(errs...)
}
