package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivstoken"
)

//go:embed page
var page embed.FS

const maxBody = 8 << 10 // a token has less than 2 KB

// handler serves the page and two routes:
//
//	POST /api/token     {"role": "viewer", "name": "ben"}
//	POST /api/exchange  {"role": "host", "token": "…"}
//
// Both answer {"role", "participantId", "expiresAt", "token"}. The roles host and
// guest want their code in the header Authorization: Bearer CODE. Tokens are in
// bodies only, never in a URL.
type handler struct {
	issuer *issuer
	log    *slog.Logger
	codes  map[role][sha256.Size]byte
}

func newHandler(is *issuer, logger *slog.Logger, set settings, addr net.Addr) http.Handler {
	h := &handler{is, logger, map[role][sha256.Size]byte{
		host:  sha256.Sum256([]byte(set.hostCode)),
		guest: sha256.Sum256([]byte(set.guestCode)),
	}}
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the directory is in the program
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/token", h.token)
	mux.HandleFunc("POST /api/exchange", h.exchange)
	mux.Handle("GET /", http.FileServerFS(files))
	// A page of another site gets nothing from here: requests that a browser marks as
	// cross-origin are refused, and no CORS header is ever sent.
	return onlyHosts(secure(http.NewCrossOriginProtection().Handler(mux)), set.host, addr)
}

// onlyHosts refuses requests for other names than the server's own, so that a name
// which somebody else lets resolve to this machine (DNS rebinding) leads nowhere.
func onlyHosts(next http.Handler, extra string, addr net.Addr) http.Handler {
	own := map[string]bool{addr.String(): true}
	if _, port, err := net.SplitHostPort(addr.String()); err == nil {
		own[net.JoinHostPort("localhost", port)] = true
	}
	if extra != "" {
		own[strings.ToLower(extra)] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !own[strings.ToLower(r.Host)] {
			http.Error(w, "unknown host; see the flag -host", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secure adds headers to every answer.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// request is the body of either route.
type request struct {
	Role  role               `json:"role"`
	Name  string             `json:"name"`  // of a new participant
	Token ivsrealtime.Secret `json:"token"` // of the participant whose role is to change
}

func (h *handler) token(w http.ResponseWriter, r *http.Request) {
	in, ok := h.read(w, r)
	if !ok {
		return
	}
	token, err := h.issuer.issue(in.Role, in.Name)
	h.answer(w, "token issued", in.Role, token, err)
}

func (h *handler) exchange(w http.ResponseWriter, r *http.Request) {
	in, ok := h.read(w, r)
	if !ok {
		return
	}
	token, err := h.issuer.exchange(in.Role, in.Token)
	h.answer(w, "token exchanged", in.Role, token, err)
}

// read reads the body and makes sure that the caller may have the role.
func (h *handler) read(w http.ResponseWriter, r *http.Request) (in request, ok bool) {
	// A form of another site cannot send this type.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		fail(w, http.StatusUnsupportedMediaType, "the body must be application/json")
		return in, false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, "the body is too large")
	case err != nil:
		fail(w, http.StatusBadRequest, "the body must be one JSON object with role, and name or token") // err may quote it
	case in.Role.capabilities() == nil:
		fail(w, http.StatusBadRequest, "role must be host, guest or viewer")
	case !h.authorized(r, in.Role):
		h.log.Warn("refused", "role", in.Role, "from", r.RemoteAddr)
		w.Header().Set("WWW-Authenticate", "Bearer")
		fail(w, http.StatusUnauthorized, "this role wants its code")
	default:
		return in, true
	}
	return in, false
}

// authorized compares the code in constant time. Put your own login here.
func (h *handler) authorized(r *http.Request, wanted role) bool {
	if wanted == viewer {
		return true
	}
	code, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	got, want := sha256.Sum256([]byte(code)), h.codes[wanted]
	return ok && code != "" && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func (h *handler) answer(w http.ResponseWriter, what string, r role, token *ivstoken.SignedParticipantToken, err error) {
	switch {
	case errors.Is(err, ivstoken.ErrInvalidClaims), errors.Is(err, ivstoken.ErrMalformed), errors.Is(err, ivstoken.ErrAPIToken), errors.Is(err, ivstoken.ErrWrongKind),
		errors.Is(err, ivstoken.ErrAlgorithm), errors.Is(err, ivstoken.ErrUnknownKey), errors.Is(err, ivstoken.ErrSignature), errors.Is(err, ivstoken.ErrExpired):
		fail(w, http.StatusBadRequest, err.Error()) // it says which claim, and quotes nothing
		return
	case err != nil:
		h.log.Error(what+": failed", "err", err)
		fail(w, http.StatusInternalServerError, "no token could be made")
		return
	}
	h.log.Info(what, "role", r, "participant", token.ParticipantID, "expires", token.ExpirationTime, "key", h.issuer.ring.Active().KeyARN())
	send(w, http.StatusOK, map[string]string{
		"role":          string(r),
		"participantId": token.ParticipantID,
		"expiresAt":     token.ExpirationTime.Format(time.RFC3339),
		"token":         string(token.Token), // the one place that reveals it
	})
}

func fail(w http.ResponseWriter, status int, message string) {
	send(w, status, map[string]string{"error": message})
}

func send(w http.ResponseWriter, status int, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever went away does not need it
}
