//go:build !linux

package quarantine_test

import (
	"errors"
	"os"
)

func mapShared(int) string { return "denied" }

func signalParent() error { return errors.New("denied") }

func inode(os.FileInfo) string { return "" }

func stillOpen(string) []int { return nil }

func kernelCan() bool { return false }
