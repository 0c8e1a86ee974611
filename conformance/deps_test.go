package conformance

import (
	_ "github.com/aws/aws-sdk-go-v2/aws"
	_ "github.com/aws/aws-sdk-go-v2/config"
	_ "github.com/aws/aws-sdk-go-v2/credentials"
	_ "github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	_ "github.com/aws/aws-sdk-go-v2/service/lambda"
	_ "github.com/aws/smithy-go"
	_ "github.com/go-json-experiment/json"
	_ "github.com/golang-jwt/jwt/v5"
	_ "github.com/seed-433ec77c/ivsrealtime"
	_ "github.com/stretchr/testify/require"
	_ "go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	_ "go.opentelemetry.io/otel/sdk/metric"
	_ "go.opentelemetry.io/otel/sdk/trace"
)
