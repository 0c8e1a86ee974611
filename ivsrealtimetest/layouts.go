package ivsrealtimetest

import (
	"cmp"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/seed-433ec77c/ivsrealtime"
)

// layout checks the member layout of a composition.
func (c *check) layout(in *ivsrealtime.LayoutConfiguration) {
	m := c.member("layout")
	m.atMostOne("grid", "pip")
	if g := in.Grid; g != nil {
		m := m.member("grid")
		m.str("featuredParticipantAttribute", g.FeaturedParticipantAttribute, 0, 128, namePattern)
		m.str("participantOrderAttribute", g.ParticipantOrderAttribute, 0, 128, namePattern)
		checkEnum(m, "videoAspectRatio", g.VideoAspectRatio)
		checkEnum(m, "videoFillMode", g.VideoFillMode)
		if g.GridGap != nil {
			m.num("gridGap", *g.GridGap, 0, math.MaxInt32)
		}
	}
	if p := in.PIP; p != nil {
		m := m.member("pip")
		m.str("featuredParticipantAttribute", p.FeaturedParticipantAttribute, 0, 128, namePattern)
		m.str("participantOrderAttribute", p.ParticipantOrderAttribute, 0, 128, namePattern)
		m.str("pipParticipantAttribute", p.PIPParticipantAttribute, 0, 128, namePattern)
		checkEnum(m, "videoFillMode", p.VideoFillMode)
		checkEnum(m, "pipBehavior", p.PIPBehavior)
		checkEnum(m, "pipPosition", p.PIPPosition)
		m.num("gridGap", p.GridGap, 0, math.MaxInt32)
		m.num("pipOffset", p.PIPOffset, 0, math.MaxInt32)
		m.num("pipWidth", p.PIPWidth, 1, math.MaxInt32)
		m.num("pipHeight", p.PIPHeight, 1, math.MaxInt32)
	}
}

// fullLayout is the layout with its defaults filled in, a grid if none was asked
// for. The fill mode of a grid has no default of its own and stays away, as do
// the width and height of a picture in picture.
func fullLayout(in *ivsrealtime.LayoutConfiguration) ivsrealtime.LayoutConfiguration {
	if in != nil && in.PIP != nil {
		p := *in.PIP
		p.VideoFillMode = cmp.Or(p.VideoFillMode, ivsrealtime.VideoFillModeCover)
		p.PIPBehavior = cmp.Or(p.PIPBehavior, ivsrealtime.PIPBehaviorStatic)
		p.PIPPosition = cmp.Or(p.PIPPosition, ivsrealtime.PIPPositionBottomRight)
		return ivsrealtime.LayoutConfiguration{PIP: &p}
	}
	var g ivsrealtime.GridConfiguration
	if in != nil && in.Grid != nil {
		g = *in.Grid
	}
	g.VideoAspectRatio = cmp.Or(g.VideoAspectRatio, ivsrealtime.VideoAspectRatioVideo)
	if g.GridGap == nil {
		g.GridGap = aws.Int32(2)
	}
	return ivsrealtime.LayoutConfiguration{Grid: &g}
}

// destinations checks the member destinations of a composition.
func (c *check) destinations(in []ivsrealtime.DestinationConfiguration) {
	c.required("destinations", in == nil)
	c.count("destinations", len(in), 2)
	if in != nil && len(in) == 0 {
		c.fail("destinations", "must have length greater than or equal to 1")
	}
	channels, buckets := 0, 0
	for i, d := range in {
		m := c.item("destinations", i)
		m.str("name", d.Name, 0, 128, namePattern)
		if (d.Channel == nil) == (d.S3 == nil) {
			c.fail("destinations", "each must have one of 'channel' and 's3'")
		}
		if d.Channel != nil {
			channels++
			m := m.member("channel")
			if d.Channel.ChannelARN == "" && !m.sent("channelArn") {
				c.add(fmt.Sprintf("StartComposition.destinationConfiguration.%d.channel.channelArn is a required attribute", i))
			}
			m.str("channelArn", d.Channel.ChannelARN, 1, 128, arnPattern("channel"))
			m.required("encoderConfigurationArn", d.Channel.EncoderConfigurationARN == "") // which the model has as optional
			m.str("encoderConfigurationArn", d.Channel.EncoderConfigurationARN, 1, 128, arnPattern("encoder-configuration"))
		}
		if d.S3 != nil {
			buckets++
			m.member("s3").s3Destination(d.S3)
		}
	}
	if channels > 1 || buckets > 1 {
		c.fail("destinations", "may have one of 'channel' and one of 's3'")
	}
}

func (c *check) s3Destination(in *ivsrealtime.S3DestinationConfiguration) {
	c.arn("storageConfigurationArn", in.StorageConfigurationARN, "storage-configuration")
	c.required("encoderConfigurationArns", in.EncoderConfigurationARNs == nil)
	if n := len(in.EncoderConfigurationARNs); in.EncoderConfigurationARNs != nil && n != 1 {
		c.fail("encoderConfigurationArns", "must have length equal to 1")
	}
	for i, arn := range in.EncoderConfigurationARNs {
		c.element(fmt.Sprintf("encoderConfigurationArns[%d]", i), arn, 1, 128, arnPattern("encoder-configuration"))
	}
	r := c.member("recordingConfiguration")
	checkEnum(r, "format", in.RecordingConfiguration.Format)
	r.member("hlsConfiguration").num("targetSegmentDurationSeconds", in.RecordingConfiguration.HLSConfiguration.TargetSegmentDurationSeconds, 2, 10)
	c.count("thumbnailConfigurations", len(in.ThumbnailConfigurations), 1)
	for i, t := range in.ThumbnailConfigurations {
		m := c.item("thumbnailConfigurations", i)
		m.num("targetIntervalSeconds", t.TargetIntervalSeconds, 1, 86400)
		checkEnums(m, "storage", t.Storage, 2)
		if len(t.Storage) == 2 && t.Storage[0] == t.Storage[1] {
			m.fail("storage", "must have unique values")
		}
	}
}
