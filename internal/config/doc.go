// Package config reads and writes the one settings file of a node,
// sarhad.toml in its data directory (TOML 1.0). It holds what a machine needs
// to start: which kind of node this is, where it listens, where its files are.
//
// # Nouns
//
//   - Config: the settings. Default gives them, Load reads, Write writes.
//   - CheckListen: the rule that other machines reach a node through TLS only.
//
// # Promises
//
//   - Reading is strict: an unknown key, a value of another type, a setting
//     that cannot work each give a sentence with the line and the remedy, all
//     of them at once. Nothing is guessed and nothing skipped.
//   - What Write writes, Load reads back equal. A write that fails leaves the
//     old file as it was.
//
// # Must never
//
// Hold a secret, a clock of retention, an agreement, a member: those are
// records or policies with an author and a history, not settings. Read the
// environment. Start anything.
package config
