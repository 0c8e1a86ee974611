// Package ivsrecording finds what a recording of Amazon IVS Real-Time left in S3:
// its metadata, typed, and the keys of its playlists, thumbnails and other files.
//
//	location, err := ivsrecording.FromEvent(event) // *ivsevents.RecordingEnd
//	if err != nil {
//		return err
//	}
//	recording, err := ivsrecording.Load(ctx, reader, location)
//	if err != nil {
//		return err
//	}
//	fmt.Println(recording.Status, recording.Duration, location.Key(recording.Playlist))
//
// A [Location] is a bucket and a prefix. It comes from an event, a participant, a
// destination of a composition, or a notification of S3. An [ObjectReader] opens objects: an S3 client in a few
// lines (see there), or any fs.FS through [FromFS]. The package itself depends on no
// S3 client.
//
// # Two kinds
//
// An individual recording is of one publisher, on a stage that has a recording
// configuration. A composite recording is of a composition with an S3 destination.
// Their files differ a little; [Metadata] is one type for both, and says which of
// its fields only one of them has. This is what can be under a prefix:
//
//	events/recording-started.json              then one of:
//	events/recording-ended.json
//	events/recording-failed.json
//	media/hls/multivariant.m3u8
//	media/hls/<rendition>/playlist.m3u8        "high", or as "720p30-Ab12Cd34Ef56" in composite ones
//	media/hls/<rendition>/0.mp4, init-0.mp4    and so on; names as in individual ones
//	media/thumbnails/<rendition>/1.jpg         the same; "high", or as "1280x720" in composite ones
//	media/latest_thumbnail/<rendition>/thumb.jpg
//
// A recording of sound alone has no resolutions, and one of thumbnails alone no
// media/hls. Thumbnails are there if they were asked for. Whether a recording that
// failed to start leaves any file is not documented.
//
// # When to look
//
// Files may change until the recording is over. Process them after the event
// Recording End of an individual recording (ivsevents.RecordingEnd) and Session
// End of a composition (ivsevents.CompositionSessionEnd). The service forgets a
// composition five minutes after its end: take the location of its recording when
// it starts, the prefix is known then.
//
// With a reconnect window, publishing again goes on with the recording of before:
// Recording End and recording-ended.json come at least that window late, the
// playlists have discontinuities, and the session in the prefix may be an earlier
// one than the event's. So prefixes are taken as they are given and never built.
// [FromNotification] alone has to find the prefix in a longer key.
//
// # Sources
//
//   - https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-individual-participant-recording.html
//   - https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-composite-recording.html
//   - https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/rt-recording.html
//   - https://docs.aws.amazon.com/ivs/latest/RealTimeUserGuide/eventbridge.html
package ivsrecording
