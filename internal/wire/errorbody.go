package wire

// ErrorMembers are the members of an error's body that say what the error is.
// Services and the boxes in front of them disagree about the names.
type ErrorMembers struct {
	ExceptionMessage string // exceptionMessage
	Message          string // message
	MessageUpper     string // Message
	Type             string // __type
	Code             string // code
}

// ErrorBody reads the members of an error's body. Names match exactly, members
// that are not strings are ignored, and the last of duplicates wins. It reports
// false, and no members, when data is not one valid JSON object.
func ErrorBody(data []byte) (members ErrorMembers, ok bool) {
	r := reader{data: data}
	if r.openObject() != nil {
		return ErrorMembers{}, false
	}
	for first := true; ; first = false {
		name, more, err := r.member(first)
		if err != nil {
			return ErrorMembers{}, false
		}
		if !more {
			break
		}
		var to *string
		switch string(name) {
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
		}
		if to != nil && r.peek() == '"' {
			var s []byte
			s, err = r.str()
			*to = string(s)
		} else {
			err = r.skip()
		}
		if err != nil {
			return ErrorMembers{}, false
		}
	}
	if r.end() != nil {
		return ErrorMembers{}, false
	}
	return members, true
}
