package wire

import (
	"slices"
	"testing"
	"time"
)

type s3 struct {
	StorageConfigurationARN string   `json:"storageConfigurationArn"`
	Encoders                []string `json:"encoderConfigurationArns"`
}

type destination struct {
	Name string `json:"name,omitzero"`
	S3   *s3    `json:"s3,omitzero"`
}

type thumbnail struct {
	Mode  State `json:"mode"`
	Every int32 `json:"every" required:"false"`
}

type composition struct {
	StageARN     string            `json:"stageArn"`
	Destinations []destination     `json:"destinations"`
	Thumbnail    thumbnail         `json:"thumbnail"`
	Optional     thumbnail         `json:"optional,omitzero"`
	Optionals    []thumbnail       `json:"optionals,omitzero"`
	Unneeded     thumbnail         `json:"unneeded" required:"false"`
	Start        time.Time         `json:"start"`
	Width        int32             `json:"width"`
	Rate         float32           `json:"rate"`
	On           bool              `json:"on"`
	Tags         map[string]string `json:"tags"`
	Ptr          *thumbnail        `json:"ptr"`
	Ptrs         []*thumbnail      `json:"ptrs,omitzero"`
	Grid         [][]s3            `json:"grid,omitzero"`
	Metadata     []string          `json:"-"`
}

func complete() *composition {
	return &composition{
		StageARN:     "a",
		Destinations: []destination{{S3: &s3{StorageConfigurationARN: "b", Encoders: []string{"c"}}}, {}},
		Thumbnail:    thumbnail{Mode: "m"},
		Start:        time.Unix(1, 0),
		Width:        1,
		Rate:         1,
		Tags:         map[string]string{},
		Ptr:          &thumbnail{Mode: "m"},
		Ptrs:         []*thumbnail{nil, {Mode: "m"}},
		Grid:         [][]s3{nil, {{StorageConfigurationARN: "b", Encoders: []string{}}}},
	}
}

func TestMissing(t *testing.T) {
	all := []string{"StageARN", "Destinations", "Thumbnail.Mode", "Start", "Width", "Rate", "Tags", "Ptr"}
	with := func(change func(*composition)) *composition {
		c := complete()
		change(c)
		return c
	}
	type loop struct {
		Self *loop  `json:"self,omitzero"`
		Name string `json:"name"`
	}
	ring := &loop{Name: "n"}
	ring.Self = ring
	tests := []struct {
		name string
		in   any
		want []string
	}{
		{"nothing", complete(), nil},
		{"all", &composition{}, all},
		{"all, by value", composition{}, all},
		{"all, nil", (*composition)(nil), all},
		{"untyped nil", nil, nil},
		{"no struct", 7, nil},
		{"nil pointer to no struct", (*int)(nil), nil},
		{"in a slice, behind a pointer", with(func(c *composition) { c.Destinations[1].S3 = &s3{} }),
			[]string{"Destinations[1].S3.StorageConfigurationARN", "Destinations[1].S3.Encoders"}},
		{"empty slice is a value", with(func(c *composition) { c.Destinations = []destination{} }), nil},
		{"required struct, partly set", with(func(c *composition) { c.Thumbnail = thumbnail{Every: 1} }), []string{"Thumbnail.Mode"}},
		{"optional struct, partly set", with(func(c *composition) { c.Optional.Every = 1 }), []string{"Optional.Mode"}},
		{"unneeded struct, partly set", with(func(c *composition) { c.Unneeded.Every = 1 }), []string{"Unneeded.Mode"}},
		{"optional slice", with(func(c *composition) { c.Optionals = []thumbnail{{Mode: "m"}, {}} }), []string{"Optionals[1].Mode"}},
		{"pointer to a zero struct", with(func(c *composition) { c.Ptr = &thumbnail{} }), []string{"Ptr.Mode"}},
		{"slice of pointers", with(func(c *composition) { c.Ptrs[1].Mode = "" }), []string{"Ptrs[1].Mode"}},
		{"slice of slices", with(func(c *composition) { c.Grid[1][0].Encoders = nil }), []string{"Grid[1][0].Encoders"}},
		{"zero time elsewhere", with(func(c *composition) { c.Start = time.Time{}.In(time.FixedZone("", 60)) }), []string{"Start"}},
		{"ring", ring, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Missing(tt.in)
			if !slices.Equal(got, tt.want) || got == nil != (tt.want == nil) {
				t.Errorf("\ngot  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestMissingAllocations(t *testing.T) {
	c := complete()
	if n := testing.AllocsPerRun(100, func() { Missing(c) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMissing(b *testing.B) {
	c := complete()
	b.ReportAllocs()
	for b.Loop() {
		Missing(c)
	}
}
