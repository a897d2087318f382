package main

import (
	"io"
	"log/slog"
)

// logFlags say how the program's own log is written, on stderr. It holds ids and codes, never a name.
type logFlags struct {
	Format string `default:"text" enum:"text,json" help:"Form of the log on stderr: ${enum}."`
	Level  string `default:"" enum:"debug,info,warn,error," placeholder:"LEVEL" help:"Least weight of what is logged: debug, info, warn or error; info when absent, and warn in a demonstration."`
}

func (f logFlags) logger(to io.Writer) *slog.Logger {
	level := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}[f.Level]
	opt := &slog.HandlerOptions{Level: level}
	if f.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, opt))
	}
	return slog.New(slog.NewTextHandler(to, opt))
}
