//go:build race

package ivsrealtime_test

const raceEnabled = true
