package ivsrealtimetest

import (
	"cmp"

	"github.com/seed-433ec77c/ivsrealtime"
)

// encoder is the state of an encoder configuration; its tags are in Server.tags.
type encoder struct {
	arn   string
	name  string
	video ivsrealtime.Video // every member set
}

const maxPixels = 1920 * 1080

func (s *Server) createEncoderConfiguration(c *call, in *ivsrealtime.CreateEncoderConfigurationInput) (*ivsrealtime.CreateEncoderConfigurationOutput, error) {
	video := ivsrealtime.Video{
		Width:     cmp.Or(in.Video.Width, 1280),
		Height:    cmp.Or(in.Video.Height, 720),
		Framerate: cmp.Or(in.Video.Framerate, 30),
		Bitrate:   cmp.Or(in.Video.Bitrate, 2_500_000),
	}
	c.str("name", in.Name, 0, 128, namePattern)
	c.video(in.Video, video)
	c.tags(in.Tags)
	if err := c.err(); err != nil {
		return nil, err
	}
	if err := quotaError(s.encoders.len(), s.options.Quotas.EncoderConfigurations, "encoder configurations"); err != nil {
		return nil, err
	}
	e := &encoder{arn: s.arn("encoder-configuration", s.ids.alnum(12)), name: in.Name, video: video}
	if err := s.addTags(e.arn, in.Tags); err != nil {
		return nil, err
	}
	s.encoders.add(e.arn, e)
	return &ivsrealtime.CreateEncoderConfigurationOutput{EncoderConfiguration: s.showEncoder(e)}, nil
}

// video checks the member video; full is the same with its defaults filled in,
// of which the number of pixels is a property.
func (c *check) video(sent, full ivsrealtime.Video) {
	m := c.member("video")
	m.side("width", sent.Width)
	m.side("height", sent.Height)
	if int64(full.Width)*int64(full.Height) > maxPixels {
		c.fail("video", "width times height must be less than or equal to %d", maxPixels)
	}
	if rate := sent.Framerate; m.sent("framerate") && rate < 1 {
		m.fail("framerate", "must have value greater than or equal to 1")
	} else if rate > 60 {
		m.fail("framerate", "must have value less than or equal to 60")
	}
	m.num("bitrate", sent.Bitrate, 1, 8_500_000)
}

// side checks a width or height.
func (c *check) side(name string, v int32) {
	c.num(name, v, 2, 1920)
	if v%2 != 0 {
		c.fail(name, "must be an even number")
	}
}

func (s *Server) getEncoderConfiguration(c *call, in *ivsrealtime.GetEncoderConfigurationInput) (*ivsrealtime.GetEncoderConfigurationOutput, error) {
	c.arn("arn", in.ARN, "encoder-configuration")
	e, err := existing(c, &s.encoders, in.ARN)
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.GetEncoderConfigurationOutput{EncoderConfiguration: s.showEncoder(e)}, nil
}

func (s *Server) deleteEncoderConfiguration(c *call, in *ivsrealtime.DeleteEncoderConfigurationInput) (*ivsrealtime.DeleteEncoderConfigurationOutput, error) {
	c.arn("arn", in.ARN, "encoder-configuration")
	if _, err := existing(c, &s.encoders, in.ARN); err != nil {
		return nil, err
	}
	if s.compositionUses(in.ARN) {
		return nil, newError(codeConflict, "A composition uses the encoder configuration.")
	}
	s.encoders.delete(in.ARN)
	delete(s.tags, in.ARN)
	return &ivsrealtime.DeleteEncoderConfigurationOutput{}, nil
}

func (s *Server) listEncoderConfigurations(c *call, in *ivsrealtime.ListEncoderConfigurationsInput) (*ivsrealtime.ListEncoderConfigurationsOutput, error) {
	c.page(in.NextToken, in.MaxResults, 100)
	if err := c.err(); err != nil {
		return nil, err
	}
	list := listing{op: "ListEncoderConfigurations", token: in.NextToken, size: cmp.Or(in.MaxResults, 100)}
	found, next, err := page(s, &s.encoders, list, func(e *encoder) (ivsrealtime.EncoderConfigurationSummary, bool) {
		return ivsrealtime.EncoderConfigurationSummary{ARN: e.arn, Name: e.name, Tags: s.tags[e.arn]}, true
	})
	if err != nil {
		return nil, err
	}
	return &ivsrealtime.ListEncoderConfigurationsOutput{EncoderConfigurations: found, NextToken: next}, nil
}

func (s *Server) showEncoder(e *encoder) ivsrealtime.EncoderConfiguration {
	return ivsrealtime.EncoderConfiguration{ARN: e.arn, Name: e.name, Video: e.video, Tags: s.tags[e.arn]}
}
