package ivsrealtime_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/logging"

	"github.com/seed-433ec77c/ivsrealtime"
	"github.com/seed-433ec77c/ivsrealtime/ivsrealtimetest"
)

// A function after the input changes the options of one call. Those of the client and
// of other calls stay.
func Example_optionsOfOneCall() {
	fake := ivsrealtimetest.NewServer()
	client := fake.Client() // a program: ivsrealtime.NewFromConfig(cfg)
	ctx := context.TODO()

	// This create must not be retried: a retry can create a second stage.
	fake.AddFault(ivsrealtimetest.Fault{Operation: "CreateStage", Code: "InternalServerException"})
	_, err := client.CreateStage(ctx, &ivsrealtime.CreateStageInput{Name: "lobby"}, func(o *ivsrealtime.Options) {
		o.RetryMaxAttempts = 1
	})
	fmt.Println(err != nil, len(fake.Calls("CreateStage")))

	// This list may take two seconds with all its retries, and each attempt one.
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err = client.ListStages(ctx, nil, func(o *ivsrealtime.Options) { o.AttemptTimeout = time.Second })
	fmt.Println(err)
	// Output:
	// true 1
	// <nil>
}

// Send the client's log to log/slog. Tokens, stream keys and signatures are never in
// it.
func Example_slog() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // for the output of this example
			}
			return a
		},
	}))
	fake := ivsrealtimetest.NewServer()
	client := fake.Client(func(o *ivsrealtime.Options) {
		o.ClientLogMode = aws.LogRetries // more: aws.LogRequest, aws.LogResponseWithBody
		o.Logger = logging.LoggerFunc(func(c logging.Classification, format string, v ...any) {
			level := slog.LevelDebug
			if c == logging.Warn {
				level = slog.LevelWarn
			}
			logger.Log(context.Background(), level, fmt.Sprintf(format, v...))
		})
		o.Retryer = retry.AddWithMaxBackoffDelay(o.Retryer, time.Millisecond) // of the example
	})

	fake.AddFault(ivsrealtimetest.Fault{Operation: "ListStages", Times: 1, Code: "ThrottlingException"})
	_, err := client.ListStages(context.TODO(), nil)
	fmt.Println(err)
	// Output:
	// level=DEBUG msg="IVS RealTime/ListStages: retrying, attempt 2"
	// <nil>
}
