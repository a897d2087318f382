package local

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	// SocketName is the socket in the data directory.
	SocketName = "sarhad.sock"
	// pointerName is a file with the socket's path, when that of the data directory is too long for one.
	pointerName = "sarhad.sock.path"
	// tokenName is a file with the token of the running node, made anew each time.
	tokenName = "sarhad.token"
	// maxPath is what fits everywhere: sun_path has 108 bytes on Linux and Windows, 104 on BSD and macOS, one of them zero.
	maxPath = 103

	tokenBytes = 32
)

// listen makes the socket of a data directory whose lock the caller holds: what lies there is of a process that died.
func listen(dir, temp string) (net.Listener, func(), error) {
	path, pointer := filepath.Join(dir, SocketName), filepath.Join(dir, pointerName)
	for _, old := range []string{path, pointer} {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
	}
	clean := func() {}
	if len(path) > maxPath {
		short, err := os.MkdirTemp(temp, "sarhad-") // 0700, and a name that nobody can know before
		if err != nil {
			return nil, nil, err
		}
		clean = func() {
			os.Remove(pointer)
			os.RemoveAll(short)
		}
		path = filepath.Join(short, "s")
		if len(path) > maxPath {
			clean()
			return nil, nil, fmt.Errorf("%s is too long for a socket, and so is %s", filepath.Join(dir, SocketName), path)
		}
		if err := writeOwn(pointer, path+"\n"); err != nil {
			clean()
			return nil, nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		clean()
		return nil, nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil && runtime.GOOS != "windows" { // there the directory's access list decides
		l.Close()
		clean()
		return nil, nil, err
	}
	return l, clean, nil
}

// socketOf is where the node of a data directory would listen.
func socketOf(dir string) string {
	if text, err := os.ReadFile(filepath.Join(dir, pointerName)); err == nil {
		return strings.TrimSpace(string(text))
	}
	return filepath.Join(dir, SocketName)
}

// makeToken writes a new token.
func makeToken(dir string, rand io.Reader) (string, error) {
	b := make([]byte, tokenBytes)
	if _, err := io.ReadFull(rand, b); err != nil {
		return "", err
	}
	token := hex.EncodeToString(b)
	return token, writeOwn(filepath.Join(dir, tokenName), token+"\n")
}

func tokenOf(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, tokenName))
	return strings.TrimSpace(string(b)), err
}

// writeOwn writes a file that only its owner may read, whatever lay there.
func writeOwn(path, text string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
