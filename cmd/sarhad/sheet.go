package main

import (
	"fmt"
	"strings"

	"sarhad/app"
	"sarhad/record/privacy"
)

// sheet is one secret on paper, for one holder. No secret is ever written into a file by the program: the page is printed and
// cut, so that nobody is handed what belongs to somebody else.
type sheet struct {
	title  string
	keeper string // who keeps it, and how
	opens  string // what it opens
	secret string
}

// cutLine is where one cuts; formFeed begins a page of its own when the sheets go to a printer or a file.
const (
	cutLine  = "- - - - - - - - - - - - - - - - - - - - - -  cut here  - - - - - - - - - - - - - - - - - - - - - -"
	formFeed = "\f"
)

// sheets prints secrets, each between lines to cut at. They are shown once.
func (e *env) sheets(node string, all ...sheet) {
	if len(all) == 0 {
		return
	}
	next := formFeed + cutLine
	if e.tty.Out {
		next = "\n" + cutLine
	}
	for _, s := range all {
		fmt.Fprintf(e.out, "%s\n\n%s of the node %s\n\n  Keeper  %s\n  Opens   %s\n\n  %s\n\n", next, strings.ToUpper(s.title), node, s.keeper, s.opens, s.secret)
	}
	fmt.Fprintln(e.out, next)
}

func phraseSheets(p privacy.Phrases) []sheet {
	return []sheet{
		{"Phrase of the unit", "the head of the unit, on paper. The oversight body must not have it.",
			"masked records, only together with the phrase of the oversight body.", p.Unit},
		{"Phrase of the oversight body", "the oversight body, on paper. The unit must not have it.",
			"masked records, only together with the phrase of the unit.", p.Oversight},
	}
}

// secretSheets are for what the app tells once by name.
func secretSheets(what, secret string) []sheet {
	if what != app.SecretRecovery || secret == "" {
		return nil
	}
	return []sheet{{"Recovery key", "a safe of the agency, and a second print in another building. Do not photograph or mail it.",
		"the backups of this node. It is nowhere on this machine.", secret}}
}
