package page

import (
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/privacy/request"
)

func reply(items ...request.Item) *request.Reply {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return &request.Reply{Agency: "KAZ-PIU", At: at, Items: items, Rules: request.Rules{LegalEn: "the law", LegalRu: "закон", ComplainEn: "a court", ComplainRu: "в суд"},
		Request: request.Request{Number: "20260302-1", Asks: request.Access, Lang: "ru", Received: at, Person: request.Asked{Names: []record.Name{{Full: "<b>Некто</b>"}}}}}
}

var (
	told   = request.Item{Kind: "passenger.journey", What: request.Given, Fields: []request.TellField{{Path: "documents.0.issuer", Value: "UZB"}, {Path: "surname", Value: "<script>"}}}
	silent = request.Item{Kind: "screening.hit", What: request.Silent, Ground: "investigation", Looks: []request.AgencyLooks{{Agency: "KAZ-PIU", Count: 9}}}
	held   = request.Item{Kind: "watchlist.entry", What: request.Withheld, Ground: "prevention", Until: "2027-01-01"}
	erased = request.Item{Kind: "passenger.journey", What: request.Given, Standing: request.Standing{Erased: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}
)

// TestSilenceLeavesNoTrace proves that a letter with records that are neither confirmed nor denied is the same, word for word,
// as one of somebody who has none.
func TestSilenceLeavesNoTrace(t *testing.T) {
	for _, lang := range []string{"ru", "en"} {
		if a, b := RequestLetter(reply(silent), lang), RequestLetter(reply(), lang); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: nothing but silence shows:\n%+v\n%+v", lang, a, b)
		}
		if a, b := RequestLetter(reply(silent, told, silent, held), lang), RequestLetter(reply(told, held), lang); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: silence shows among others:\n%+v\n%+v", lang, a, b)
		}
	}
}

// TestLetterSaysWhatLawAsks proves that grounds, days, erasure, rights and where to complain stand in the letter, in both
// languages, and codes in words.
func TestLetterSaysWhatLawAsks(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Uzbekistan", "prevention and detection of crime, until 1 January 2027", "erased on 1 March 2026", "Your rights", "complain to a court"},
		"ru": {"Узбекистан", "предупреждение и раскрытие преступлений, до 01.01.2027", "удалена 01.03.2026", "Ваши права", "обратиться в суд"},
	} {
		w := httptest.NewRecorder()
		WriteLetter(w, RequestLetter(reply(told, held, erased), lang), Mark{Who: "KAZ-PIU", At: time.Unix(0, 0)})
		for _, s := range want {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s: the letter lacks %q", lang, s)
			}
		}
	}
}

// TestLetterIsPlain proves that what people typed is text, that nothing runs and nothing is fetched, and that only a draft
// says so.
func TestLetterIsPlain(t *testing.T) {
	w := httptest.NewRecorder()
	WriteLetter(w, RequestLetter(reply(told), "en"), Mark{Who: "KAZ-PIU", At: time.Unix(0, 0)})
	body, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	for _, never := range []string{"<script", "<b>", "href=", "src=", "style=\"", "DRAFT", "ZgotmplZ"} {
		if strings.Contains(body, never) {
			t.Errorf("the letter holds %q", never)
		}
	}
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	w = httptest.NewRecorder()
	WriteLetter(w, RequestLetter(reply(told), "en"), Mark{Draft: true})
	if !strings.Contains(w.Body.String(), "DRAFT") {
		t.Error("a draft does not say that it is one")
	}
}
