package backup

import (
	"context"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// maxFaults keeps a report readable when a disk is lost.
const maxFaults = 20

// Checked is what can be said of a set without the recovery key.
type Checked struct {
	Backups int      `json:"backups"` // whose header, list and manifest are as they were written
	Chunks  int      `json:"chunks"`  // that were read and are as they were written
	Bytes   int64    `json:"bytes"`   // read
	Faults  []string `json:"faults"`  // sentences that name files; at most 20
	More    int      `json:"more"`    // faults beyond those
}

func (c *Checked) fault(text string) {
	if len(c.Faults) < maxFaults {
		c.Faults = append(c.Faults, text)
		return
	}
	c.More++
}

// OK reports whether everything is as it was written.
func (c Checked) OK() bool { return len(c.Faults) == 0 }

// Check reads everything in the set and compares with what was written. It proves that the disk keeps it, not that it opens:
// for that the recovery key is needed.
func (s Set) Check(ctx context.Context, verifiers note.Verifiers) (out Checked, err error) {
	defer record.Wrap(&err, "Check(%s)", s.Dir)
	headers, problems, err := s.Headers(verifiers)
	if err != nil {
		return out, err
	}
	for _, p := range problems {
		out.fault(p)
	}
	refs := map[string][]chunkRef{} // one that was damaged and written anew has another sum since
	for _, h := range headers {
		c, err := s.contents(h)
		if err != nil {
			out.fault(record.MessageOf(err))
			continue
		}
		if b, err := os.ReadFile(s.manifest(h.Number)); err != nil || sum(b) != h.Manifest {
			out.fault("the manifest " + s.manifest(h.Number) + " is missing or damaged")
			continue
		}
		out.Backups++
		for name, ref := range c.chunks {
			if !slices.Contains(refs[name], ref) {
				refs[name] = append(refs[name], ref)
			}
		}
	}
	for name, any := range refs {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		var bad error
		for _, ref := range slices.Backward(any) {
			if bad = s.check(name, ref); bad == nil {
				out.Chunks++
				out.Bytes += ref.size
				break
			}
		}
		if bad != nil {
			out.fault(record.MessageOf(bad))
		}
	}
	return out, nil
}
