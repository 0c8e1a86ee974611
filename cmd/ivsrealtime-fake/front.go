package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Limits of the HTTP server. A request of the API is at most some kilobytes, and a
// client on this machine needs milliseconds for it.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = time.Minute
	writeTimeout   = time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10

	// Bodies above smallBody are read and handled maxLarge at a time, so that many
	// requests at once cannot fill the memory.
	smallBody = 64 << 10
	maxLarge  = 8

	// maxHistoryBytes bounds the calls and events that are kept.
	maxHistoryBytes = 64 << 20
)

// newServer returns the HTTP server of the command.
func newServer(handler http.Handler, hosts hosts) *http.Server {
	return &http.Server{
		Handler:           guard(handler, hosts),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
}

// guard keeps web pages away from next. Any page that a browser on this machine
// shows can send requests here. A page of another origin is refused, except
// where it could not have sent the request without permission. A page
// whose name was made to resolve to this machine (DNS rebinding) counts as the
// same origin for the browser; its Host gives it away.
func guard(next http.Handler, hosts hosts) http.Handler {
	origin := http.NewCrossOriginProtection()
	large := make(chan struct{}, maxLarge)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !hosts.allow(r) {
			refuse(w, http.StatusMisdirectedRequest, fmt.Sprintf(
				"host %.255q is not this machine's: if requests for it are meant for this server, start it with -host NAME for that name", r.Host))
			return
		}
		// A browser asks the server before a page's script sends an Authorization header
		// to another origin, and this server never gives the permission. But it adds one
		// of another scheme by itself, for a URL with a user and a password.
		signed := strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
		if control := strings.HasPrefix(r.URL.Path, "/_fake/"); control || !signed {
			// Check lets GET, HEAD and OPTIONS pass. Here they must not pass either: they
			// would be recorded, and use up faults and the rate.
			asPost := *r
			asPost.Method = http.MethodPost
			if err := origin.Check(&asPost); err != nil {
				refuse(w, http.StatusForbidden, "a web page of another origin may neither control this server nor call it without a signature")
				return
			}
		}
		if r.ContentLength < 0 || r.ContentLength > smallBody {
			select {
			case large <- struct{}{}:
				defer func() { <-large }()
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// refuse responds to a request that does not reach the fake. There are no CORS
// headers, so that a page cannot read the response.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": message})
}

// patient lets a call take as long as a fault delays it: the time to write
// its response begins with the response.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func newPatient(w http.ResponseWriter) patient {
	p := patient{w, http.NewResponseController(w)}
	_ = p.control.SetWriteDeadline(time.Time{}) // fails only where there is no deadline
	return p
}

// WriteHeader starts the time.
func (p patient) WriteHeader(status int) {
	_ = p.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	p.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (p patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// hosts are the names that requests may be for, apart from loopback addresses:
// lower case, without a port.
type hosts []string

// String and Set make hosts the value of a flag that may be repeated.
func (h *hosts) String() string { return strings.Join(*h, " ") }

func (h *hosts) Set(value string) error {
	name := hostName(value)
	if name == "" || strings.ContainsAny(value, "/@*?#, ") {
		return errors.New("want one name or address, such as fake.test")
	}
	*h = append(*h, name)
	return nil
}

// allow reports whether a request is for this server.
func (h hosts) allow(r *http.Request) bool {
	name := hostName(r.Host)
	if name == "localhost" || slices.Contains(h, name) {
		return true
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	addr = addr.Unmap().WithZone("")
	if addr.IsLoopback() {
		return true
	}
	// A server that listens on all addresses listens on the one that the connection
	// came to.
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return local != nil && addr == local.AddrPort().Addr().Unmap().WithZone("")
}

// hostName is the name in a Host header: lower case, without port, brackets and the
// dot of the root.
func hostName(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// callable is the address to call a listener at: that of all addresses is none.
func callable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
	}
	return addr.String()
}
