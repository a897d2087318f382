package page

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func sample(lang string) Print {
	return Print{Lang: lang, Title: "Records", Marking: "For official use", Copy: "17/1", Officer: "A. Testova", Agency: "KAZ-PIU", Purpose: "duty", Agreed: "B. Bossov",
		Local: "24.11.2026 19:40 +05:00", UTC: "2026-11-24 14:40 UTC", Destroy: "2026-12-24", Titles: []string{"name", "<b>"},
		Rows: [][]string{{"TESTOV Askar", "<script>alert(1)</script>"}, {"Ҳеҷкас", `" onload="x`}}}
}

// TestPrint proves that everything that must stand on paper stands there, that typed text is text, and that the page needs
// nothing that the content security policy forbids.
func TestPrint(t *testing.T) {
	for _, lang := range []string{"en", "ru"} {
		p := sample(lang)
		b, err := p.Render()
		if err != nil {
			t.Fatal(err)
		}
		html := string(b)
		for _, want := range []string{p.Line(), p.Marking, p.Copy, p.Officer, p.Agency, p.Purpose, p.Agreed, p.UTC, p.Destroy, "TESTOV Askar", "&lt;script&gt;", p.Say("destroy"), `class="water"`} {
			if !strings.Contains(html, strings.ReplaceAll(want, "+", "&#43;")) {
				t.Errorf("%s: %q is missing", lang, want)
			}
		}
		if n := strings.Count(html, `class="edge`); n != 2 {
			t.Errorf("%d edges", n)
		}
		if bad := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:|src=|https?://[^w]`).FindString(strings.ReplaceAll(html, "&#34; onload=&#34;x", "")); bad != "" {
			t.Errorf("%s: the policy forbids %q", lang, bad)
		}
		again, err := p.Render()
		if err != nil || !bytes.Equal(again, b) {
			t.Error("the same print is not the same page")
		}
	}
	for key, w := range words {
		if w.en == "" || w.ru == "" || w.en == w.ru {
			t.Errorf("%s has no words in both languages", key)
		}
	}
	if !bytes.Contains(Style(), []byte("@page")) {
		t.Error("no style")
	}
}
