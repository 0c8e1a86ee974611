//go:build !race

package ivsrealtime_test

const raceEnabled = false
