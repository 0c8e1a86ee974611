package wire

import (
	"strings"
	"testing"
)

func isSecret(name string) bool { return name == "token" || name == "streamKey" || name == "�" }

func TestMask(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"string", `{"token":"s3cret"}`, `{"token":"***"}`},
		{"white space stays", " { \"token\" : \"s3cret\" , \"a\" : [ 1 ] }\n", " { \"token\" : \"***\" , \"a\" : [ 1 ] }\n"},
		{"number", `{"token":-1.5e3}`, `{"token":"***"}`},
		{"boolean", `{"token":false}`, `{"token":"***"}`},
		{"array", `{"token":["s3cret",{"a":"s3cret"}],"b":1}`, `{"token":"***","b":1}`},
		{"object", `{"token":{"token":"s3cret"},"b":1}`, `{"token":"***","b":1}`},
		{"null", `{"token":null,"token":"s3cret"}`, `{"token":null,"token":"***"}`},
		{"deep", `[{"a":[{"b":{"streamKey":"s3cret","c":1}}]},{"token":"s3cret"}]`, `[{"a":[{"b":{"streamKey":"***","c":1}}]},{"token":"***"}]`},
		{"duplicates", `{"token":"s3cret","token":"s3cret"}`, `{"token":"***","token":"***"}`},
		{"escaped name", `{"t\u006fken":"s3cret"}`, `{"t\u006fken":"***"}`},
		{"invalid UTF-8 in the name", "{\"\xff\":\"s3cret\"}", "{\"\xff\":\"***\"}"},
		{"case matters", `{"Token":"x"}`, `{"Token":"x"}`},
		{"only names", `["token","a"]`, `["token","a"]`},
		{"verbatim", `{"a":"\u0041\/` + "\xff" + `","b":1.50E+01,"c":-0}`, `{"a":"\u0041\/` + "\xff" + `","b":1.50E+01,"c":-0}`},
		{"string alone", ` "token" `, ` "token" `},
		{"number alone", `1`, `1`},
		{"null alone", `null`, `null`},
		{"deep enough", nested(100), nested(100)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := []byte(tt.in)
			got, ok := Mask(in, isSecret, "***")
			if !ok || string(got) != tt.want {
				t.Errorf("\ngot  %s, %v\nwant %s", got, ok, tt.want)
			}
			if string(in) != tt.in {
				t.Error("the input was changed")
			}
			clear(in)
			if string(got) != tt.want {
				t.Error("the copy shares memory with the input")
			}
		})
	}
	if got, ok := Mask([]byte(`{"token":1}`), isSecret, "\"\n"); !ok || string(got) != `{"token":"\"\n"}` {
		t.Errorf("the mask is not escaped: %s, %v", got, ok)
	}
}

func TestMaskInvalid(t *testing.T) {
	for _, in := range []string{
		"", " ", "x", "{", "{}{}", "1 2", "01", `"a`, `{"token":}`, `{"token"}`, `{"token":"s3cret"`, `{"token":"s3cret",}`,
		`{"token":nul}`, `{"token":"s3cret"}x`, `{"token":[}`, `[1,]`, "\"\n\"", `{"a":"\x"}`, nested(101), strings.Repeat("[", 1e6), strings.Repeat(`{"a":`, 1e6),
		`{"token":` + nested(100) + `}`,
	} {
		if got, ok := Mask([]byte(in), isSecret, "***"); ok || got != nil {
			t.Errorf("%.40s: got %s, %v", in, got, ok)
		}
	}
}
