package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"time"
)

//go:embed request.html
var letterHTML string

//go:embed request.css
var letterCSS string

// Mark is what every printed page says of itself.
type Mark struct {
	Who   string    // agency of who prints
	At    time.Time // UTC
	Draft bool      // not approved: it must not leave
}

// WriteLetter answers with a letter as a page to print: no script, no request to anywhere, its one style named by its hash in
// the policy.
func WriteLetter(w http.ResponseWriter, l Letter, m Mark) {
	sum := sha256.Sum256([]byte(letterCSS))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cache-Control", "no-store")
	s := speak{l.Lang == "ru"}
	t := template.Must(template.New("letter").Parse(letterHTML)) // the build carries it; a test runs it
	_ = t.Execute(w, map[string]any{                             // the reader may be gone
		"L": l, "CSS": template.CSS(letterCSS), "Draft": m.Draft,
		"Marking":   s.of("For official use until handed over", "Для служебного пользования до вручения"),
		"DraftWord": s.of("DRAFT", "ПРОЕКТ"),
		"Foot":      s.of("Request ", "Запрос ") + l.Number + " · " + m.Who + " · " + m.At.UTC().Format("2006-01-02 15:04") + " UTC",
		"Sign":      s.of("Signature and seal", "Подпись и печать"), "No": s.of("No.", "№"),
	})
}
