// Package ui serves the workbench: the built single-page application, embedded into the binary.
//
// `make ui` builds it into dist/app; without that step the binary still builds and shows a page that says so. Files
// under assets/ carry a hash in their name and never change; everything else is asked for again each time. What the build
// compressed beforehand is sent as it is.
package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// Built reports whether the workbench is in this binary.
func Built() bool {
	_, err := fs.Stat(dist, "dist/app/index.html")
	return err == nil
}

// Handler serves the workbench. Every path without a file is a state of the application and gets its page.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET here", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if !Built() {
			serve(w, r, "dist/placeholder.html", "no-store")
			return
		}
		file := "dist/app/" + name
		if info, err := fs.Stat(dist, file); name == "" || err != nil || info.IsDir() {
			if name != "" && strings.Contains(path.Base(name), ".") { // a missing file, not a state
				http.NotFound(w, r)
				return
			}
			serve(w, r, "dist/app/index.html", "no-cache")
			return
		}
		cache := "no-cache"
		if strings.HasPrefix(name, "assets/") {
			cache = "public, max-age=31536000, immutable"
		}
		serve(w, r, file, cache)
	})
}

func serve(w http.ResponseWriter, r *http.Request, file, cache string) {
	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("Vary", "Accept-Encoding")
	if t := mime.TypeByExtension(path.Ext(file)); t != "" {
		h.Set("Content-Type", t)
	}
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if b, err := dist.ReadFile(file + ".gz"); err == nil {
			h.Set("Content-Encoding", "gzip")
			send(w, r, b)
			return
		}
	}
	b, err := dist.ReadFile(file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	send(w, r, b)
}

func send(w http.ResponseWriter, r *http.Request, b []byte) {
	sum := sha256.Sum256(b)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}
