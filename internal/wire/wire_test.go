package wire

import (
	"strings"
	"time"
)

// Secret redacts itself, as the root package's does; the wire must not care.
type Secret string

func (Secret) String() string               { return "[REDACTED]" }
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"[REDACTED]"`), nil }
func (Secret) MarshalText() ([]byte, error) { return []byte("[REDACTED]"), nil }

type State string

type Video struct {
	Width     int32   `json:"width,omitzero"`
	Framerate float32 `json:"framerate,omitzero"`
}

type Token struct {
	ID      string            `json:"participantId"`
	Token   Secret            `json:"token,omitzero"`
	Expires time.Time         `json:"expirationTime,omitzero"`
	Attrs   map[string]string `json:"attributes,omitzero"`
}

// Stage has every kind of field that the API uses.
type Stage struct {
	ARN       string            `json:"arn"`
	Name      string            `json:"name,omitzero"`
	State     State             `json:"state,omitzero"`
	Published bool              `json:"published,omitzero"`
	Width     int32             `json:"count,omitzero"`
	Rate      float32           `json:"rate,omitzero"`
	Start     time.Time         `json:"startTime,omitzero"`
	Tags      map[string]string `json:"tags,omitzero"`
	Caps      []State           `json:"capabilities,omitzero"`
	Tokens    []Token           `json:"participantTokens,omitzero"`
	Video     Video             `json:"video,omitzero"`
	Limit     *int32            `json:"limit,omitzero"`
	Flag      *bool             `json:"flag,omitzero"`
	Layout    *Video            `json:"layout,omitzero"`
	Ignored   chan int          `json:"-"`
}

type list struct {
	Stages []Stage `json:"stages"`
	Next   string  `json:"nextToken,omitzero"`
}

func ptr[T any](v T) *T { return &v }

func nested(levels int) string {
	return strings.Repeat("[", levels) + strings.Repeat("]", levels)
}

const stageJSON = `{
	"arn": "arn:aws:ivs:us-east-1:123456789012:stage/abcdABCDefgh",
	"name": "the \"stage\" \u00fcber",
	"state": "ACTIVE",
	"published": true,
	"count": 1920,
	"rate": 29.97,
	"startTime": "2024-02-29T12:34:56.789Z",
	"tags": {"team": "video", "env": "prod"},
	"capabilities": ["PUBLISH", "SUBSCRIBE"],
	"participantTokens": [
		{"participantId": "p1", "token": "eyJhbGciOiJFUzM4NCJ9", "expirationTime": "2024-02-29T13:00:00+01:00",
		 "attributes": {"userName": "ann"}},
		{"participantId": "p2", "token": "eyJhbGciOiJFUzM4NCJ0"}
	],
	"video": {"width": 1280, "framerate": 30},
	"limit": 0,
	"flag": false,
	"layout": {"width": 1},
	"addedLater": {"a": [1, 2, {"b": null}], "c": "d"}
}`

func stage() Stage {
	return Stage{
		ARN:       "arn:aws:ivs:us-east-1:123456789012:stage/abcdABCDefgh",
		Name:      `the "stage" über`,
		State:     "ACTIVE",
		Published: true,
		Width:     1920,
		Rate:      29.97,
		Start:     time.Date(2024, 2, 29, 12, 34, 56, 789e6, time.UTC),
		Tags:      map[string]string{"team": "video", "env": "prod"},
		Caps:      []State{"PUBLISH", "SUBSCRIBE"},
		Tokens: []Token{
			{
				ID: "p1", Token: "eyJhbGciOiJFUzM4NCJ9", Expires: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC),
				Attrs: map[string]string{"userName": "ann"},
			},
			{ID: "p2", Token: "eyJhbGciOiJFUzM4NCJ0"},
		},
		Video:  Video{Width: 1280, Framerate: 30},
		Limit:  ptr(int32(0)),
		Flag:   ptr(false),
		Layout: &Video{Width: 1},
	}
}
