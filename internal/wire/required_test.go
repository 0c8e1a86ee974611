package wire

import (
	"slices"
	"testing"
	"time"
)

type destination struct {
	ARN      string   `json:"arn"`
	Encoders []string `json:"encoders"`
	Format   State    `json:"format,omitzero"`
}

type order struct {
	StageARN  string            `json:"stageArn"`
	Recording string            `json:"recording" required:"false"`
	Kind      State             `json:"kind"`
	Count     int32             `json:"count"`
	Rate      float32           `json:"rate"`
	At        time.Time         `json:"at"`
	Tags      map[string]string `json:"tags"`
	Main      *destination      `json:"main"`
	On        bool              `json:"on"`
	Nested    destination       `json:"nested"`
	Maybe     destination       `json:"maybe,omitzero"`
	Other     *destination      `json:"other,omitzero"`
	List      []destination     `json:"list"`
	Local     string            `json:"-"`
}

func fullOrder() order {
	d := destination{ARN: "a", Encoders: []string{}}
	return order{
		StageARN: "arn", Kind: "K", Count: 1, Rate: 1, At: time.Unix(1, 0), Tags: map[string]string{},
		Main: &d, Nested: d, List: []destination{},
	}
}

func TestMissing(t *testing.T) {
	tests := []struct {
		name   string
		change func(*order)
		want   []string
	}{
		{"nothing", func(*order) {}, nil},
		{"everything", func(o *order) { *o = order{} },
			[]string{"StageARN", "Kind", "Count", "Rate", "At", "Tags", "Main", "Nested.ARN", "Nested.Encoders", "List"}},
		{"a string", func(o *order) { o.StageARN = "" }, []string{"StageARN"}},
		{"in a pointer", func(o *order) { o.Main = &destination{ARN: "a"} }, []string{"Main.Encoders"}},
		{"in a pointer that may be nil", func(o *order) { o.Other = &destination{} }, []string{"Other.ARN", "Other.Encoders"}},
		{"in a struct that is not zero", func(o *order) { o.Maybe.Format = "F" }, []string{"Maybe.ARN", "Maybe.Encoders"}},
		{"in elements", func(o *order) { o.List = []destination{{Encoders: []string{"e"}}, fullOrder().Nested, {ARN: "a"}} },
			[]string{"List[0].ARN", "List[2].Encoders"}},
		{"several", func(o *order) {
			o.Kind = ""
			o.Nested.ARN = ""
			o.List = make([]destination, 1)
		}, []string{"Kind", "Nested.ARN", "List[0].ARN", "List[0].Encoders"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := fullOrder()
			tt.change(&o)
			got, err := Missing(&o)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	o := fullOrder()
	if n := testing.AllocsPerRun(100, func() { _, _ = Missing(&o) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMissingTarget(t *testing.T) {
	text := "x"
	for _, v := range []any{nil, order{}, (*order)(nil), &text, &struct{ A chan int }{}} {
		if _, err := Missing(v); err == nil {
			t.Errorf("%T: no error", v)
		}
	}
	type ring struct {
		Next *ring  `json:"next"`
		Name string `json:"name"`
	}
	r := &ring{Name: "n"}
	r.Next = r
	if got, err := Missing(r); got != nil || err != nil {
		t.Errorf("a ring: got %q, %v", got, err)
	}
}
