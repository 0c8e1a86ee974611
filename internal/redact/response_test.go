package redact_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/internal/redact"
)

// A response header is shown if its value has the form of its header.
func TestResponseHeader(t *testing.T) {
	const token = "eyJhbGciOiJFUzM4NCJ9.e30.S-e_cret"
	tests := []struct{ name, value, want string }{
		{"Age", "17", "17"},
		{"Age", "17" + token, redact.Mask},
		{"Connection", "keep-alive", "keep-alive"},
		{"Connection", "S-e_cret", redact.Mask},
		{"Content-Encoding", "gzip", "gzip"},
		{"Content-Encoding", "gzip, S-e_cret", redact.Mask},
		{"Content-Length", "42", "42"},
		{"Content-Type", "application/json", "application/json"},
		{"Content-Type", "Text/HTML; charset=UTF-8", "Text/HTML; charset=UTF-8"},
		{"Content-Type", "text/html; token=S-e_cret", "text/html; " + redact.Mask},
		{"Content-Type", "text/S-e_cret", redact.Mask},
		{"Date", "Fri, 28 Nov 2025 20:06:04 GMT", "Fri, 28 Nov 2025 20:06:04 GMT"},
		{"Date", "Fri, 28 Nov 2025 20:06:04 GMT S-e_cret", redact.Mask},
		{"Retry-After", "120", "120"},
		{"Retry-After", "Fri, 28 Nov 2025 20:06:04 GMT", "Fri, 28 Nov 2025 20:06:04 GMT"},
		{"Retry-After", "S-e_cret", redact.Mask},
		{"Transfer-Encoding", "chunked", "chunked"},
		{"X-Amz-Apigw-Id", "UxUK8H9GoAMEfmQ=", "UxUK8H9GoAMEfmQ="},
		{"X-Amz-Cf-Id", "a_b-c==", "a_b-c=="},
		{"X-Amz-Cf-Id", "a.b.c", redact.Mask},
		{"X-Amz-Retry-After", "1500", "1500"},
		{"X-Amz-Retry-After", "S-e_cret", redact.Mask},
		{"X-Amzn-Requestid", "20512b83-1bd2-4d5a-9dde-10a414e4a566", "20512b83-1bd2-4d5a-9dde-10a414e4a566"},
		{"X-Amzn-Requestid", "eyJhbGciOiJFUzM4NCJ9", redact.Mask},
		{"X-Amzn-Requestid", strings.Repeat("a", 129), redact.Mask},
		{"X-Amzn-Requestid", "a\x1b[2J", redact.Mask},
		{"X-Amzn-Errortype", "ValidationException", "ValidationException"},
		{"X-Amzn-Errortype", "aws.ivs#ValidationException", "aws.ivs#ValidationException"},
		{"X-Amzn-Errortype", "ValidationException:http://internal.amazon.com/?token=S-e_cret", "ValidationException:" + redact.Mask},
		{"X-Amzn-Errortype", token, redact.Mask},
		{"X-Amzn-Errortype", "S-e_cret#ValidationException", redact.Mask},
		{"X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678;Sampled=1", "Root=1-67891233-abcdef012345678912345678;Sampled=1"},
		{"X-Amzn-Trace-Id", "Root=" + token, redact.Mask},
		{"X-Amzn-Trace-Id", "secret", redact.Mask},
		{"x-amzn-requestid", "id-1", "id-1"}, // an HTTPClient may not canonicalize
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, http.Header{tt.name: {tt.want}}, redact.ResponseHeader(http.Header{tt.name: {tt.value}}))
		})
	}
	require.Equal(t, http.Header{"Other-Headers": {"5, not shown"}}, redact.ResponseHeader(http.Header{
		"Server": {token}, "Via": {"a", "b"}, "X-Token": {token}, "Location": {"https://a/" + token},
	}))
	require.Empty(t, redact.ResponseHeader(nil))
}
