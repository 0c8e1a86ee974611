package answers_test

import (
	"errors"
	"net/http"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/both"
	"github.com/seed-433ec77c/ivsrealtime/conformance/internal/tally"
)

// The request id comes from the same headers, with results and with errors.
func TestRequestIDs(t *testing.T) {
	tests := map[string]struct {
		headers map[string]string
		want    string
	}{
		"of the service":    {map[string]string{"x-amzn-requestid": "a"}, "a"},
		"of other services": {map[string]string{"x-amz-requestid": "b"}, "b"},
		"both":              {map[string]string{"x-amzn-requestid": "a", "x-amz-requestid": "b"}, "a"},
		"of S3":             {map[string]string{"x-amz-request-id": "c"}, ""},
		"of API Gateway":    {map[string]string{"x-amz-apigw-id": "d"}, ""},
		"empty":             {map[string]string{"x-amzn-requestid": ""}, ""},
		"none":              {nil, ""},
	}
	cases := 0
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, clients := range bothPaths() {
				h := http.Header{}
				for key, value := range tt.headers {
					h.Set(key, value)
				}
				for _, status := range []int{200, 404, 500} {
					clients.Reply(both.Answer{Status: status, Header: h, Body: both.Least})
					our, ourErr := call(t, clients.Ours, "GetStage")
					their, theirErr := call(t, clients.Theirs, "GetStage")
					cases++
					if status == 200 {
						require.NoError(t, errors.Join(ourErr, theirErr))
						ourID, ourOK := awsmiddleware.GetRequestIDMetadata(metadata(our))
						theirID, theirOK := awsmiddleware.GetRequestIDMetadata(metadata(their))
						require.Equal(t, tt.want, ourID)
						require.Equal(t, theirID, ourID)
						require.Equal(t, theirOK, ourOK)
						continue
					}
					var ourRE, theirRE *awshttp.ResponseError
					require.ErrorAs(t, ourErr, &ourRE)
					require.ErrorAs(t, theirErr, &theirRE)
					require.Equal(t, tt.want, ourRE.ServiceRequestID())
					require.Equal(t, theirRE.ServiceRequestID(), ourRE.ServiceRequestID())
				}
			}
		})
	}
	tally.Record(t, tally.Row{Area: "Answers", What: "request ids", With: both.Official, Cases: cases})
}
