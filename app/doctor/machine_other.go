//go:build !linux

package doctor

import "runtime"

func diskOf(string) Disk { return Disk{Err: "it is not known how to ask " + runtime.GOOS} }

func synced() string { return "" }
