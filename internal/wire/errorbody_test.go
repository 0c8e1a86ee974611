package wire

import "testing"

func TestErrorBody(t *testing.T) {
	tests := []struct {
		name, in string
		want     ErrorMembers
		ok       bool
	}{
		{"service", `{"exceptionMessage":"Stage not found"}`, ErrorMembers{ExceptionMessage: "Stage not found"}, true},
		{"all", ` {"exceptionMessage":"a","message":"b","Message":"c","__type":"d#e","code":"f"} `,
			ErrorMembers{ExceptionMessage: "a", Message: "b", MessageUpper: "c", Type: "d#e", Code: "f"}, true},
		{"empty object", `{}`, ErrorMembers{}, true},
		{"of the service", `{"Code":"a","Message":"b","RequestID":"c="}`, ErrorMembers{CodeUpper: "a", MessageUpper: "b", RequestID: "c="}, true},
		{"ids in other spellings", `{"requestId":"a","RequestId":"b"}`, ErrorMembers{RequestID: "b"}, true},
		{"exact names", `{"MESSAGE":"a","CODE":"b","type":"c","ExceptionMessage":"d","requestid":"e"}`, ErrorMembers{}, true},
		{"escaped", `{"m\u0065ssage":"\u00e9\ud83d\ude00\ud83d"}`, ErrorMembers{Message: "é😀�"}, true},
		{"other types", `{"message":1,"Message":null,"code":[],"__type":{"message":"x"},"exceptionMessage":true}`, ErrorMembers{}, true},
		{"last wins", `{"message":"a","message":"b"}`, ErrorMembers{Message: "b"}, true},
		{"last string wins", `{"message":"a","message":7}`, ErrorMembers{Message: "a"}, true},
		{"top level only", `{"error":{"message":"a"}}`, ErrorMembers{}, true},
		{"empty", ``, ErrorMembers{}, false},
		{"null", `null`, ErrorMembers{}, false},
		{"array", `[{"message":"a"}]`, ErrorMembers{}, false},
		{"HTML", `<html>`, ErrorMembers{}, false},
		{"cut", `{"message":"a"`, ErrorMembers{}, false},
		{"cut string", `{"message":"a`, ErrorMembers{}, false},
		{"cut value", `{"message":"a","x":[`, ErrorMembers{}, false},
		{"two", `{"message":"a"}{}`, ErrorMembers{}, false},
		{"too deep", `{"message":"a","x":` + nested(100) + `}`, ErrorMembers{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := ErrorBody([]byte(tt.in))
			if got != tt.want || ok != tt.ok {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
}
