package ivsrealtime_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// The frames of HTTP/2 (RFC 9113, section 6) that the tests need.
const (
	frameData, frameHeaders, frameReset, frameSettings, framePing, frameGoAway = 0, 1, 3, 4, 6, 7

	flagEndStream, flagAck, flagEndHeaders = 1, 1, 4

	refusedStream = 7
)

// h2Server is an HTTP/2 peer in memory. It calls respond for each request, and
// gives its connections numbers from 1.
type h2Server struct {
	respond func(c *h2Conn, stream uint32)

	mu       sync.Mutex
	conns    []*h2Conn
	requests []h2Request
}

type h2Request struct {
	conn int
	at   time.Time
	body string
}

// h2Conn is a connection of a h2Server.
type h2Conn struct {
	net.Conn
	server *h2Server
	number int
	silent atomic.Bool // sends nothing more
	ended  chan struct{}
	at     time.Time // when it ended
	frames chan []byte
}

func (s *h2Server) dial(context.Context, string, string) (net.Conn, error) {
	client, peer := net.Pipe()
	s.mu.Lock()
	c := &h2Conn{Conn: peer, server: s, number: len(s.conns) + 1, ended: make(chan struct{}), frames: make(chan []byte, 1000)}
	s.conns = append(s.conns, c)
	s.mu.Unlock()
	go c.write()
	go c.read()
	return client, nil
}

// close ends every connection, and with it every goroutine of a bubble.
func (s *h2Server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	for _, c := range s.conns {
		<-c.ended
		close(c.frames)
	}
}

func (s *h2Server) bodies() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		all = append(all, r.body)
	}
	return all
}

// plain makes a transport speak HTTP/2 without TLS to s.
func (s *h2Server) plain(tr *http.Transport) {
	tr.Proxy, tr.DialContext = nil, s.dial
	tr.Protocols = new(http.Protocols)
	tr.Protocols.SetUnencryptedHTTP2(true)
}

func (s *h2Server) buildable() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(s.plain)
}

// send queues a frame: a peer that waits for the other side could wait for ever.
func (c *h2Conn) send(kind, flags byte, stream uint32, payload string) {
	if c.silent.Load() {
		return
	}
	b := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	b = binary.BigEndian.AppendUint32(b, stream)
	c.frames <- append(b, payload...)
}

func (c *h2Conn) write() {
	for b := range c.frames {
		if b == nil {
			_ = c.Close()
			continue
		}
		_, _ = c.Write(b) // when it is closed the reader ends too
	}
}

func (c *h2Conn) read() {
	defer func() {
		c.at = time.Now()
		close(c.ended)
	}()
	defer c.Close()
	preface := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
	if _, err := io.ReadFull(c, preface); err != nil {
		return
	}
	c.send(frameSettings, 0, 0, "")
	bodies := map[uint32]*bytes.Buffer{}
	for {
		var head [9]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(c, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			c.send(frameSettings, flagAck, 0, "")
		case kind == framePing && flags&flagAck == 0:
			c.send(framePing, flagAck, 0, string(payload))
		case kind == frameHeaders:
			bodies[stream] = new(bytes.Buffer)
		case kind == frameData && bodies[stream] != nil:
			bodies[stream].Write(payload)
		}
		if flags&flagEndStream != 0 && (kind == frameHeaders || kind == frameData) {
			c.server.mu.Lock()
			c.server.requests = append(c.server.requests, h2Request{c.number, time.Now(), bodies[stream].String()})
			c.server.mu.Unlock()
			c.server.respond(c, stream)
		}
	}
}

// ok is the response 200 with a body.
func (c *h2Conn) ok(stream uint32, body string) {
	c.send(frameHeaders, flagEndHeaders, stream, "\x88") // :status 200 of the static table
	c.send(frameData, flagEndStream, stream, body)
}

// refuse says that the stream was not processed.
func (c *h2Conn) refuse(stream uint32) {
	c.send(frameReset, 0, stream, string(binary.BigEndian.AppendUint32(nil, refusedStream)))
}

// goAway says that no stream after last was processed.
func (c *h2Conn) goAway(last uint32) {
	c.send(frameGoAway, 0, 0, string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), 0)))
}

// end closes the connection after what was sent.
func (c *h2Conn) end() { c.frames <- nil }
