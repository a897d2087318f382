package bus

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
)

// decodeSignature reads what clients send: base64url without padding, older ones the standard alphabet with it.
func decodeSignature(s string) ([]byte, error) {
	if b, err := base64.RawURLEncoding.DecodeString(s); err == nil {
		return b, nil
	}
	return base64.StdEncoding.DecodeString(s)
}

// logger brings the words of the embedded server to slog: which node, which connection, what. Addresses and names of clients
// stay out. What the server denies goes to denied.
type logger struct {
	log    *slog.Logger
	guest  func(client uint64) string
	denied func(node, what string)
}

// client is the server's preamble of a line about a connection: address - kind:number - "version" - "account/user" - words.
var client = regexp.MustCompile(`^\S+ - (\w+):(\d+)(?: - "[^"]*")* - `)

// maxWords cuts what a hostile client may write into our log by the name of a subject.
const maxWords = 300

func (l *logger) line(level slog.Level, format string, v ...any) {
	words := fmt.Sprintf(format, v...)
	var attrs []any
	node := ""
	if m := client.FindStringSubmatch(words); m != nil {
		words = words[len(m[0]):]
		id, _ := strconv.ParseUint(m[2], 10, 64) // digits; too many of them are no client of ours
		if m[1] == "cid" || m[1] == "wid" {
			node = l.guest(id)
			attrs = append(attrs, "node", node)
		}
		attrs = append(attrs, m[1], id)
	}
	if len(words) > maxWords {
		words = words[:maxWords] + "..."
	}
	if strings.Contains(words, "Violation") {
		l.denied(node, words)
		return
	}
	l.log.Log(context.Background(), level, words, attrs...)
}

func (l *logger) Noticef(format string, v ...any) { l.line(slog.LevelDebug, format, v...) }
func (l *logger) Warnf(format string, v ...any)   { l.line(slog.LevelWarn, format, v...) }
func (l *logger) Fatalf(format string, v ...any)  { l.line(slog.LevelError, format, v...) }
func (l *logger) Errorf(format string, v ...any)  { l.line(slog.LevelError, format, v...) }
func (l *logger) Debugf(format string, v ...any)  { l.line(slog.LevelDebug, format, v...) }
func (l *logger) Tracef(format string, v ...any)  {}
