package quarantine

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"

	"sarhad/record"
)

// Reason is why a reading was ended before its end.
type Reason string

// The reasons.
const (
	TooLarge Reason = "memory"   // it wanted more memory than Limits.Memory
	TooSlow  Reason = "time"     // it took longer than Limits.CPU or Limits.Wait
	TooLong  Reason = "line"     // one line was longer than Limits.Line
	TooMuch  Reason = "output"   // all lines together were more than Limits.Output
	Reached  Reason = "reached"  // it tried what no parser needs: network, another program, another process
	Crashed  Reason = "crashed"  // the parser broke
	Stranger Reason = "stranger" // the child is not this program, or not one that calls Main
)

// Failure says why a reading was ended. It holds nothing of the file.
type Failure struct {
	Reason Reason
	At     string // where a crash happened in our code, or what kept a child from beginning, for the log; "" if unknown
}

// Error implements error.
func (f *Failure) Error() string {
	if f.At != "" {
		return "quarantine: " + string(f.Reason) + " at " + f.At
	}
	return "quarantine: " + string(f.Reason)
}

// ReasonOf gives the reason why a reading was ended; "" when err is something else.
func ReasonOf(err error) Reason {
	var f *Failure
	if errors.As(err, &f) {
		return f.Reason
	}
	return ""
}

// sentences for people, with the file's name and a limit.
var sentences = map[Reason]string{
	TooLarge: "%s was not taken in, nor any part of it: reading it takes more than %s of memory.",
	TooSlow:  "%s was not taken in, nor any part of it: reading it takes longer than %s.",
	TooLong:  "%s was not taken in, nor any part of it: one message or entry in it is larger than %s.",
	TooMuch:  "%s was not taken in, nor any part of it: it unfolds to more than %s.",
	Reached:  "%s was not taken in, nor any part of it: while it was read, its reader tried to reach the network or another program, which no file needs.%s",
	Crashed:  "%s was not taken in, nor any part of it: the program that reads such files broke on it.%s",
}

const advice = " It may be damaged, or made to do harm: keep it as it is, do not open it elsewhere, ask the sender for a new one and tell your administrator."

func (r *reading) sentence(why Reason) string {
	limit := ""
	switch why {
	case TooLarge:
		limit = megabytes(r.limits.Memory)
	case TooSlow:
		limit = fmt.Sprintf("%d s", max(1, int(min(r.limits.CPU, r.limits.Wait).Seconds())))
	case TooLong:
		limit = megabytes(int64(r.limits.Line))
	case TooMuch:
		limit = megabytes(r.limits.Output)
	}
	return fmt.Sprintf(sentences[why], r.name, limit) + advice
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// judge says how a child ended.
func (r *reading) judge(waited error) error {
	why := r.reason
	if why == "" {
		why = r.cause(waited)
	}
	switch why {
	case "":
		return nil
	case Stranger:
		return &record.Error{Kind: record.Internal, Err: &Failure{Reason: Stranger, At: r.before()},
			Message: fmt.Sprintf("%s was not taken in, because the program could not start itself anew to read it; tell the administrator", r.name)}
	}
	return &record.Error{Kind: record.Invalid, Message: r.sentence(why), Err: &Failure{Reason: why, At: r.errs.at()}}
}

// exit codes of a child.
const (
	exitParser  = 70 // the parser returned an error that is no answer
	exitConfine = 71 // it could not shut itself in
)

// cause tells from the end of a child what ended it; "" = it came to its end.
func (r *reading) cause(waited error) Reason {
	var exit *exec.ExitError
	switch {
	case waited == nil && r.begun && r.refused == "":
		return ""
	case !r.begun && r.errs.says(saysConfine), r.refused != "":
		return Stranger
	case errors.As(waited, &exit):
		if why := signalled(exit.ProcessState, r.limits); why != "" {
			return why
		}
		if r.errs.says("out of memory", "cannot allocate memory", "stack exceeds") {
			return TooLarge
		}
		if r.errs.says("cpu limit exceeded") || exit.UserTime()+exit.SystemTime() >= r.limits.CPU {
			return TooSlow
		}
	}
	if !r.begun {
		return Stranger
	}
	return Crashed
}

// before is what a child said before it read anything, so that it can be logged.
func (r *reading) before() string {
	switch {
	case r.refused != "":
		return r.refused
	case !r.begun && r.errs.says(saysConfine):
		line, _, _ := strings.Cut(string(r.errs.b), "\n")
		return line
	}
	return ""
}

// frame is a line of a stack that names a function of ours; what is printed of its arguments is left out.
var frame = regexp.MustCompile(`(?m)^(sarhad/[A-Za-z0-9_./*()]+)\(`)

// at names the function of ours that crashed.
func (t *tail) at() string {
	m := frame.FindSubmatch(t.b)
	if m == nil {
		return ""
	}
	const most = 120
	at := string(m[1])
	return strings.TrimSuffix(at[:min(len(at), most)], "(")
}
