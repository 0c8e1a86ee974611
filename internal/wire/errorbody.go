package wire

// ErrorMembers are the members of an error's body that say what the error is.
// Services and the boxes in front of them disagree about the names.
type ErrorMembers struct {
	ExceptionMessage string // exceptionMessage
	Message          string // message
	MessageUpper     string // Message
	Type             string // __type
	Code             string // code
	CodeUpper        string // Code
	RequestID        string // RequestID, RequestId or requestId
}

// ErrorBody reads the members of an error's body. Names match exactly, members
// that are not strings are ignored, and the last of duplicates wins. It reports
// false, and no members, when data is not one valid JSON object.
func ErrorBody(data []byte) (members ErrorMembers, ok bool) {
	var r Reader
	r.Reset(data)
	if r.peek() != '{' {
		return ErrorMembers{}, false
	}
	for ok := r.Object(); ok; ok = r.Member() {
		var to *string
		switch string(r.Name()) {
		case "exceptionMessage":
			to = &members.ExceptionMessage
		case "message":
			to = &members.Message
		case "Message":
			to = &members.MessageUpper
		case "__type":
			to = &members.Type
		case "code":
			to = &members.Code
		case "Code":
			to = &members.CodeUpper
		case "RequestID", "RequestId", "requestId":
			to = &members.RequestID
		}
		if to != nil && r.peek() == '"' {
			*to = r.String()
		} else {
			r.Skip()
		}
	}
	if r.End() != nil {
		return ErrorMembers{}, false
	}
	return members, true
}
