package attach

import "strings"

// Group is what a file is for a person. It decides the word on the screen and what a browser may be told.
type Group string

const (
	Picture  Group = "picture"  // a photograph or a scan: shown small, cleaned of what it tells
	Document Group = "document" // PDF and office
	Sheet    Group = "sheet"    // tables, CSV too
	Text     Group = "text"     // words without a form
	Mail     Group = "mail"     // a message as it was sent
	Audio    Group = "audio"    // a recording of sound
	Video    Group = "video"    // a film
	Opaque   Group = "opaque"   // everything else: kept and handed out as bytes, never named to a browser
)

// groups lists every type that is more than bytes. What can run or draw by itself (programs, scripts, HTML, SVG, XML) does
// not stand here on purpose.
var groups = map[string]Group{
	"image/jpeg": Picture, "image/png": Picture, "image/apng": Picture, "image/gif": Picture, "image/webp": Picture,
	"image/bmp": Picture, "image/tiff": Picture, "image/heic": Picture, "image/heif": Picture, "image/avif": Picture,
	"image/heic-sequence": Picture, "image/heif-sequence": Picture,

	"application/pdf": Document, "application/msword": Document, "application/vnd.ms-powerpoint": Document,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   Document,
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": Document,
	"application/vnd.oasis.opendocument.text":                                   Document,
	"application/vnd.oasis.opendocument.presentation":                           Document,

	"application/vnd.ms-excel": Sheet, "text/csv": Sheet, "text/tab-separated-values": Sheet,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Sheet,
	"application/vnd.oasis.opendocument.spreadsheet":                    Sheet,

	"text/plain": Text, "message/rfc822": Mail, "application/vnd.ms-outlook": Mail,

	"audio/mpeg": Audio, "audio/ogg": Audio, "audio/wav": Audio, "audio/mp4": Audio, "audio/x-m4a": Audio, "audio/amr": Audio, "audio/aac": Audio, "audio/flac": Audio,
	"application/ogg": Audio,
	"video/mp4":       Video, "video/quicktime": Video, "video/ogg": Video, "video/webm": Video, "video/3gpp": Video, "video/x-m4v": Video, "video/matroska": Video,
}

// GroupOf gives the group of a sniffed type; parameters such as charset are not looked at.
func GroupOf(mediaType string) Group {
	base, _, _ := strings.Cut(mediaType, ";")
	if g, ok := groups[strings.TrimSpace(base)]; ok {
		return g
	}
	return Opaque
}

// Cleanable reports whether place, device and author can be taken out of a type without touching what it shows.
func Cleanable(mediaType string) bool {
	switch mediaType {
	case "image/jpeg", "image/png", "image/apng", "image/webp", "image/gif":
		return true
	}
	return false
}

// Tells reports whether a type holds such statements in a form that cannot be taken out here.
func Tells(mediaType string) bool {
	switch mediaType {
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif", "image/tiff":
		return true
	}
	return false
}
