package ivsrealtimetest

import (
	"time"

	"github.com/seed-433ec77c/ivsrealtime"
)

// A composition as the API shows it. The root package's types leave out what is
// empty. The service also sends the defaults: "", false and 0.
type (
	compositionOutput struct {
		Composition shownComposition `json:"composition"`
	}

	shownComposition struct {
		ARN          string                       `json:"arn"`
		StageARN     string                       `json:"stageArn"`
		State        ivsrealtime.CompositionState `json:"state"`
		Layout       shownLayout                  `json:"layout"`
		Destinations []shownDestination           `json:"destinations"`
		Tags         map[string]string            `json:"tags"`
		StartTime    time.Time                    `json:"startTime,omitzero"`
		EndTime      time.Time                    `json:"endTime,omitzero"`
	}

	shownLayout struct {
		Grid *shownGrid `json:"grid,omitzero"`
		PIP  *shownPIP  `json:"pip,omitzero"`
	}

	shownGrid struct {
		FeaturedParticipantAttribute string                       `json:"featuredParticipantAttribute"`
		OmitStoppedVideo             bool                         `json:"omitStoppedVideo"`
		VideoAspectRatio             ivsrealtime.VideoAspectRatio `json:"videoAspectRatio"`
		VideoFillMode                ivsrealtime.VideoFillMode    `json:"videoFillMode"`
		GridGap                      int32                        `json:"gridGap"`
		ParticipantOrderAttribute    string                       `json:"participantOrderAttribute"`
	}

	shownPIP struct {
		FeaturedParticipantAttribute string                    `json:"featuredParticipantAttribute"`
		OmitStoppedVideo             bool                      `json:"omitStoppedVideo"`
		VideoFillMode                ivsrealtime.VideoFillMode `json:"videoFillMode"`
		GridGap                      int32                     `json:"gridGap"`
		PIPParticipantAttribute      string                    `json:"pipParticipantAttribute"`
		PIPBehavior                  ivsrealtime.PIPBehavior   `json:"pipBehavior"`
		PIPOffset                    int32                     `json:"pipOffset"`
		PIPPosition                  ivsrealtime.PIPPosition   `json:"pipPosition"`
		PIPWidth                     int32                     `json:"pipWidth,omitzero"` // without a default
		PIPHeight                    int32                     `json:"pipHeight,omitzero"`
		ParticipantOrderAttribute    string                    `json:"participantOrderAttribute"`
	}

	shownDestination struct {
		ID            string                        `json:"id"`
		State         ivsrealtime.DestinationState  `json:"state"`
		StartTime     time.Time                     `json:"startTime,omitzero"`
		EndTime       time.Time                     `json:"endTime,omitzero"`
		Configuration shownConfiguration            `json:"configuration"`
		Detail        ivsrealtime.DestinationDetail `json:"detail,omitzero"`
	}

	shownConfiguration struct {
		Name    string                                       `json:"name"`
		Channel *ivsrealtime.ChannelDestinationConfiguration `json:"channel,omitzero"`
		S3      *ivsrealtime.S3DestinationConfiguration      `json:"s3,omitzero"`
	}
)

// showComposition is the composition as the API shows it. Its times are whole
// seconds.
func (s *Server) showComposition(m *composition) shownComposition {
	out := shownComposition{
		ARN:       m.arn,
		StageARN:  m.stageARN,
		State:     m.state,
		Layout:    showLayout(m.layout),
		Tags:      s.tags[m.arn],
		StartTime: m.start.Truncate(time.Second),
		EndTime:   m.end.Truncate(time.Second),
	}
	for _, d := range m.destinations {
		shown := shownDestination{
			ID:            d.id,
			State:         d.state,
			StartTime:     d.start.Truncate(time.Second),
			EndTime:       d.end.Truncate(time.Second),
			Configuration: shownConfiguration{d.config.Name, d.config.Channel, d.config.S3},
		}
		if d.prefix != "" {
			shown.Detail.S3 = &ivsrealtime.S3Detail{RecordingPrefix: d.prefix}
		}
		out.Destinations = append(out.Destinations, shown)
	}
	return out
}

// showLayout is a layout whose defaults have been filled in.
func showLayout(in ivsrealtime.LayoutConfiguration) (out shownLayout) {
	if g := in.Grid; g != nil {
		out.Grid = &shownGrid{g.FeaturedParticipantAttribute, g.OmitStoppedVideo, g.VideoAspectRatio, g.VideoFillMode, *g.GridGap, g.ParticipantOrderAttribute}
	}
	if p := in.PIP; p != nil {
		out.PIP = &shownPIP{
			FeaturedParticipantAttribute: p.FeaturedParticipantAttribute,
			OmitStoppedVideo:             p.OmitStoppedVideo,
			VideoFillMode:                p.VideoFillMode,
			GridGap:                      p.GridGap,
			PIPParticipantAttribute:      p.PIPParticipantAttribute,
			PIPBehavior:                  p.PIPBehavior,
			PIPOffset:                    p.PIPOffset,
			PIPPosition:                  p.PIPPosition,
			PIPWidth:                     p.PIPWidth,
			PIPHeight:                    p.PIPHeight,
			ParticipantOrderAttribute:    p.ParticipantOrderAttribute,
		}
	}
	return out
}

func (s *Server) compositionSummary(m *composition) ivsrealtime.CompositionSummary {
	full := s.showComposition(m)
	sum := ivsrealtime.CompositionSummary{ARN: full.ARN, StageARN: full.StageARN, State: full.State, Tags: full.Tags, StartTime: full.StartTime, EndTime: full.EndTime}
	for _, d := range full.Destinations {
		sum.Destinations = append(sum.Destinations, ivsrealtime.DestinationSummary{ID: d.ID, State: d.State, StartTime: d.StartTime, EndTime: d.EndTime})
	}
	return sum
}
