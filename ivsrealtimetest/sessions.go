package ivsrealtimetest

import (
	"cmp"
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// session is the time during which participants are on a stage.
type session struct {
	id           string
	start        time.Time
	end          time.Time             // zero while it runs
	participants table[*participant]   // by ID
	stopEnding   func() (stopped bool) // nil unless the end is waiting for its delay
}

// openSession returns the running session of a stage, a new one if need be.
func (s *Server) openSession(st *stage, now time.Time) *session {
	if st.active == nil {
		st.active = &session{id: "st-" + s.ids.alnum(13), start: now}
		st.sessions.add(st.active.id, st.active)
	}
	if st.active.stopEnding != nil {
		st.active.stopEnding()
		st.active.stopEnding = nil
	}
	return st.active
}

// closeIfEmpty ends the running session of a stage, after the configured delay,
// when nobody is connected any more.
func (s *Server) closeIfEmpty(st *stage) {
	ended := st.active
	if ended == nil || ended.connected() > 0 || ended.stopEnding != nil {
		return
	}
	if s.options.SessionEndDelay <= 0 {
		s.endSession(st)
		return
	}
	ended.stopEnding = s.after(s.options.SessionEndDelay, func() {
		if st.active == ended && ended.connected() == 0 {
			s.endSession(st)
		}
	})
}

func (s *Server) endSession(st *stage) {
	st.active.end = s.now()
	st.active.stopEnding = nil
	st.active = nil
}

// connected is how many participants are on the stage.
func (e *session) connected() (n int) {
	for _, p := range e.participants.after(0) {
		if p.connected {
			n++
		}
	}
	return n
}

func (s *Server) getStageSession(c *call, in *ivsrealtime.GetStageSessionInput) (*ivsrealtime.GetStageSessionOutput, error) {
	c.arn("stageArn", in.StageARN, "stage")
	c.sessionID(in.SessionID)
	if err := c.err(); err != nil {
		return nil, err
	}
	ses, err := s.findSession(in.StageARN, in.SessionID)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.GetStageSessionOutput{StageSession: ivsrealtime.StageSession{SessionID: ses.id, StartTime: ses.start, EndTime: ses.end}}, nil
}

func (s *Server) listStageSessions(c *call, in *ivsrealtime.ListStageSessionsInput) (*ivsrealtime.ListStageSessionsOutput, error) {
	c.arn("stageArn", in.StageARN, "stage")
	c.page(in.NextToken, in.MaxResults, 100)
	if err := c.err(); err != nil {
		return nil, err
	}
	var sessions table[*session]
	if st, ok := s.stages.get(in.StageARN); ok {
		sessions = st.sessions
	} else if err := s.unknownInList(in.StageARN); err != nil {
		return nil, err
	}
	list := listing{op: "ListStageSessions", filters: []string{in.StageARN}, token: in.NextToken, size: cmp.Or(in.MaxResults, 50), newest: true}
	found, next, err := page(s, &sessions, list, func(ses *session) (ivsrealtime.StageSessionSummary, bool) {
		return ivsrealtime.StageSessionSummary{SessionID: ses.id, StartTime: ses.start, EndTime: ses.end}, true
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListStageSessionsOutput{StageSessions: found, NextToken: next}, nil
}

// findSession returns a session of a stage, running or ended.
func (s *Server) findSession(stageARN, id string) (*session, error) {
	st, ok := s.stages.get(stageARN)
	if !ok {
		return nil, notFound(stageARN)
	}
	ses, ok := st.sessions.get(id)
	if !ok {
		return nil, notFound(id)
	}
	return ses, nil
}

// unknownInList is what a list says of a stage or session that does not exist:
// nothing, or the error that Options.UnknownListErrorCode names. Lists have no
// ResourceNotFoundException.
func (s *Server) unknownInList(resource string) error {
	if code := s.options.UnknownListErrorCode; code != "" {
		return newError(code, notFoundText, resource)
	}
	return nil
}

// sessionID checks the required member sessionId.
func (c *check) sessionID(v string) {
	c.required("sessionId", v == "")
	c.str("sessionId", v, 16, 16, sessionIDPattern)
}
