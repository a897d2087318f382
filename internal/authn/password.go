package authn

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// DefaultMinPassword is the least length in characters: at 12, what
	// remains after the refused obvious ones is out of reach of guessing at
	// the door and costly even with the stored hash in hand.
	DefaultMinPassword = 12
	// maxPassword in characters lets pass phrases through and keeps out
	// megabytes.
	maxPassword = 256
	// minLeft is how many characters must remain when everything a guesser
	// tries first has been crossed out of a password.
	minLeft = 6
	// minDistinct is how many different characters a password needs.
	minDistinct = 5
)

// commonWords are what guessers try first, one per line, lower case, longest
// first within what they share: passwords of published lists, the words of the
// service, cities and names of the region in both scripts.
//
//go:embed common.txt
var commonWords string

// rows are what fingers run along: keyboards and alphabets. Four neighbours
// in either direction count as one thing.
var rows = []string{
	"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz",
	"йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "!@#$%^&*()", "!\"№;%:?*()",
}

// minRun is how many neighbours of a row make a run.
const minRun = 4

// leet undoes the usual disguises of letters.
var leet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// CheckPassword refuses a password that is too short (in characters after
// Unicode form NFKC), too long or obvious: built of a common word, the user's
// own sign-in name, display name or agency, runs along the keyboard or
// repeated signs, with fewer than 6 characters besides. There is no rule
// about kinds of characters and none about age (NIST SP 800-63B 5.1.1.2):
// both make people write passwords down.
func CheckPassword(password string, least int, u User) error {
	if least <= 0 {
		least = DefaultMinPassword
	}
	p := norm.NFKC.String(password)
	n := len([]rune(p))
	switch {
	case n < least:
		return invalid(PasswordShort, fmt.Sprintf("the password has %d characters: use at least %d, for example four unrelated words", n, least))
	case n > maxPassword:
		return invalid(PasswordLong, fmt.Sprintf("the password has %d characters: use at most %d", n, maxPassword))
	}
	words := append(strings.Fields(commonWords), ownWords(u)...)
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	low := strings.ToLower(p)
	if obvious(low, words) || obvious(leet.Replace(low), words) {
		return invalid(PasswordObvious, "the password is among the first that somebody would guess: use, for example, four unrelated words")
	}
	return nil
}

// ownWords are the words about a user that a colleague would try.
func ownWords(u User) []string {
	var out []string
	for _, s := range []string{u.Name, u.Display, u.Agency} {
		for _, w := range strings.FieldsFunc(strings.ToLower(norm.NFKC.String(s)), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
			if len([]rune(w)) >= 3 {
				out = append(out, w)
			}
		}
	}
	return out
}

// obvious crosses out words (longest first) and runs and looks at what is left.
func obvious(low string, words []string) bool {
	left := low
	for _, w := range words {
		left = strings.ReplaceAll(left, w, "\x00")
	}
	left = crossRuns(left)
	var kept []rune
	for _, r := range left {
		// A sign thrice in a row adds nothing; separators are not guessed apart.
		if n := len(kept); unicode.IsLetter(r) || unicode.IsDigit(r) {
			if n < 2 || kept[n-1] != r || kept[n-2] != r {
				kept = append(kept, r)
			}
		}
	}
	distinct := map[rune]bool{}
	for _, r := range low {
		distinct[r] = true
	}
	return len(kept) < minLeft || len(distinct) < minDistinct || periodic([]rune(low))
}

// crossRuns removes every stretch of minRun or more neighbours of a row.
func crossRuns(s string) string {
	rs := []rune(s)
	var out []rune
	for i := 0; i < len(rs); {
		n := longestRun(rs[i:])
		if n < minRun {
			out = append(out, rs[i])
			n = 1
		}
		i += n
	}
	return string(out)
}

// longestRun is the length of the longest run at the start of rs.
func longestRun(rs []rune) int {
	best := 0
	for _, row := range rows {
		line := []rune(row)
		for _, step := range []int{1, -1} {
			at := slices.Index(line, rs[0])
			n := 0
			for at >= 0 && at < len(line) && n < len(rs) && line[at] == rs[n] {
				n++
				at += step
			}
			best = max(best, n)
		}
	}
	return best
}

// periodic reports whether rs repeats a piece of at most a third of it.
func periodic(rs []rune) bool {
	for size := 1; size <= len(rs)/3; size++ {
		same := true
		for i := size; i < len(rs) && same; i++ {
			same = rs[i] == rs[i-size]
		}
		if same {
			return true
		}
	}
	return false
}

// passwordSigns leaves out what is mistaken on paper: 0 o, 1 l i, 5 s, u v.
const passwordSigns = "abcdefghjkmnpqrtwxyz2346789"

// newPassword returns a password of four groups of four signs from rand,
// 76 bits, for a note that is handed over and typed once.
func newPassword(rand io.Reader) (string, error) {
	var b strings.Builder
	buf := make([]byte, 1)
	for n := 0; n < 16; {
		if _, err := io.ReadFull(rand, buf); err != nil {
			return "", fmt.Errorf("read randomness for a password: %w", err)
		}
		// Bytes beyond the last whole multiple would favour the first signs.
		if int(buf[0]) >= 256/len(passwordSigns)*len(passwordSigns) {
			continue
		}
		if n > 0 && n%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(passwordSigns[int(buf[0])%len(passwordSigns)])
		n++
	}
	return b.String(), nil
}
