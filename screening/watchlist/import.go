package watchlist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"sarhad/record"
)

const (
	// MaxRemovedShare is the share of a list's active entries that one publication may remove. The
	// UN list loses about one in a hundred in a month; a quarter at once is a wrong or cut file.
	MaxRemovedShare = 0.25
	// fewRemoved is how many may always go: small own lists change by large shares.
	fewRemoved = 2
	// actTime is how long one act of an import should take, and the sizes it may have.
	actTime            = 25 * time.Millisecond
	minBatch, maxBatch = 8, 128
	pageSize           = 250 // entries read at once when comparing
)

// Topic is the handling topic of lists and entries.
const Topic = "watchlist"

// Source is what to import, and as whom. Files or Publication must be given, Node and Agency too.
type Source struct {
	Files       []File
	Publication *Publication // parsed before; nil = parse Files, which must be one list

	Node   string // writer of the records
	Agency string // owner of the records

	// Title, Effect, Severity and Instruction replace what the format starts with, if set. Effect is
	// looked at only when the list is new: later it is changed by SetEffect.
	Title, Effect         string
	Severity, Instruction string
	// Published is the day of publication for formats that state none.
	Published time.Time
	// Force imports what is refused otherwise: a publication that removes more than MaxRemovedShare, or is older than the
	// stored one.
	Force bool
	// Preview compares and writes nothing.
	Preview bool
	// Handling replaces the default: open for published lists, official for own ones.
	Handling *record.Handling

	Now      func() time.Time   // nil = time.Now
	Progress func(done, of int) // called after each act; may be nil
}

// Import brings a publication into the store; see the package comment for what it guarantees. The
// context's actor must be able to read and write the list. Errors are *record.Error: Invalid for a
// broken file, Conflict for a publication that would remove too much or is older than the stored one,
// and for two imports of one list at the same time.
func Import(ctx context.Context, store record.Store, src Source) (Delta, error) {
	if src.Now == nil {
		src.Now = time.Now
	}
	p := src.Publication
	if p == nil {
		all, err := Parse(src.Files...)
		if err != nil {
			return Delta{}, err
		}
		if len(all) > 1 {
			return Delta{}, record.Errorf(record.Invalid, "the files are %d different lists; import one list at a time.", len(all))
		}
		p = all[0]
	}
	if src.Node == "" || src.Agency == "" {
		return Delta{}, record.Errorf(record.Invalid, "an import needs the node and the agency that answer for the list.")
	}
	src.apply(p)
	im := &importer{src: src, store: store, pub: p, hash: p.Hash()}
	return im.run(ctx)
}

// apply lets the source overrule what the format starts with.
func (src *Source) apply(p *Publication) {
	if src.Title != "" {
		p.Title = src.Title
	}
	if src.Effect != "" {
		p.Effect = src.Effect
	}
	if p.Published.IsZero() {
		p.Published = src.Published
	}
	if src.Severity == "" && src.Instruction == "" {
		return
	}
	for _, e := range p.Entries {
		if src.Severity != "" {
			e.Severity = src.Severity
		}
		if src.Instruction != "" {
			e.Instruction = src.Instruction
		}
		e.Seal()
	}
}

type importer struct {
	src   Source
	store record.Store
	pub   *Publication
	hash  string

	list     *record.Record // the list's record as last written
	resuming bool
	// stamp marks what this import writes (Entry.Publication): the publication and when its import
	// began, so that a resumed import knows its own work from that of a former, finished one.
	stamp string
	began time.Time
}

// stored is what is known of a stored entry.
type stored struct {
	fingerprint, state, publication, change string
}

func (im *importer) run(ctx context.Context) (Delta, error) {
	if len(im.pub.Entries) == 0 {
		return Delta{}, record.Errorf(record.Conflict, "%s holds no entries; an empty list is not imported, because it would remove everybody. Get the list again.", im.named())
	}
	if err := im.readList(ctx); err != nil {
		return Delta{}, err
	}
	have, err := im.readEntries(ctx)
	if err != nil {
		return Delta{}, err
	}
	delta, write := im.compare(have)
	if err := im.outdated(); err != nil {
		return delta, err
	}
	if err := im.guard(have, delta); err != nil || im.src.Preview {
		return delta, err
	}
	if len(write) > 0 {
		if err := im.begin(ctx); err != nil {
			return Delta{}, err
		}
		if err := im.write(ctx, write); err != nil {
			return Delta{}, err
		}
	}
	return delta, im.finish(ctx, &delta, have)
}

func (im *importer) named() string {
	if len(im.pub.Files) > 0 {
		return strings.Join(im.pub.Files, ", ")
	}
	return im.pub.Title
}

// readList finds the list's record, and whether a former import of this publication was interrupted.
func (im *importer) readList(ctx context.Context) error {
	return im.store.View(ctx, func(tx record.Tx) error {
		im.list, im.resuming = nil, false
		im.setStamp(im.src.Now())
		r, err := tx.ByKey(ListKind, im.pub.List)
		if record.KindOf(err) == record.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		l, ok := r.Body.(*List)
		if !ok {
			return record.Errorf(record.Conflict, "list %s was written by a newer program; import it there.", im.pub.List)
		}
		im.list = r
		if im.resuming = l.Pending != nil && l.Pending.Hash == im.hash; im.resuming {
			im.setStamp(l.Pending.Imported)
		}
		return nil
	})
}

func (im *importer) setStamp(began time.Time) {
	im.began = began.UTC().Truncate(time.Millisecond)
	im.stamp = im.hash + "@" + im.began.Format(time.RFC3339Nano)
}

// readEntries reads the stored entries of the list, page by page. For a lossy publication it also
// puts back the letters that are stored.
func (im *importer) readEntries(ctx context.Context) (map[string]stored, error) {
	incoming := map[string]*Entry{}
	if im.pub.Lossy {
		for _, e := range im.pub.Entries {
			incoming[e.Key()] = e
		}
	}
	have := map[string]stored{}
	q := record.Query{Kinds: []string{EntryKind}, Thing: record.Thing{Type: record.ThingList, Key: im.pub.List}, Full: true, Limit: pageSize}
	for {
		var page record.Page
		err := im.store.View(ctx, func(tx record.Tx) (err error) {
			page, err = tx.List(q)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			e, ok := row.Record.Body.(*Entry)
			if !ok || row.Record.Writer != im.src.Node {
				continue // of a newer program, or another node's: left alone
			}
			have[e.Key()] = stored{fingerprint: e.Fingerprint, state: e.State, publication: e.Publication, change: e.Change}
			if in := incoming[e.Key()]; in != nil {
				if sameButForLoss(e, in) {
					in.Fingerprint = e.Fingerprint
				} else {
					keepLetters(e, in)
				}
			}
		}
		if page.Next == "" {
			return have, nil
		}
		q.Cursor = page.Next
	}
}

// change is one entry to write.
type change struct {
	entry *Entry // of a removed entry only List and ID are set
	as    string // Added, Changed, Removed
}

// compare finds what to write and counts. What an interrupted import of the same publication has
// written already is counted again and not written again.
func (im *importer) compare(have map[string]stored) (Delta, []change) {
	d := Delta{List: im.pub.List, Hash: im.hash, Version: im.pub.Version, Published: im.pub.Published,
		Resumed: im.resuming, Forced: im.src.Force, Problems: im.pub.Problems}
	var write []change
	named := make(map[string]bool, len(im.pub.Entries))
	for _, e := range im.pub.Entries {
		named[e.Key()] = true
		s, known := have[e.Key()]
		as := ""
		switch {
		case !known || s.state != Active:
			as = Added
		case s.fingerprint != e.Fingerprint:
			as = Changed
		default:
			d.count(im.did(s))
			continue
		}
		e.Publication, e.Change = im.stamp, as
		d.count(as)
		write = append(write, change{entry: e, as: as})
	}
	for key, s := range have {
		switch {
		case named[key]:
		case s.state == Active:
			d.count(Removed)
			write = append(write, change{entry: &Entry{List: im.pub.List, ID: strings.TrimPrefix(key, im.pub.List+"/")}, as: Removed})
		case im.did(s) == Removed:
			d.count(Removed)
		}
	}
	slices.SortFunc(write, func(a, b change) int { return strings.Compare(a.entry.ID, b.entry.ID) })
	return d, write
}

// did says what the interrupted import of this publication did to an entry; "" = nothing.
func (im *importer) did(s stored) string {
	if im.resuming && s.publication == im.stamp {
		return s.change
	}
	return ""
}

func (d *Delta) count(as string) {
	switch as {
	case Added:
		d.Added++
	case Changed:
		d.Changed++
	case Removed:
		d.Removed++
	default:
		d.Unchanged++
	}
}

// outdated refuses a publication of an earlier day than the stored one, which would take back what came since. An import that
// was begun and not ended counts as stored, because its entries may be. Publications without a date cannot be judged.
func (im *importer) outdated() error {
	if im.src.Force || im.list == nil || im.pub.Published.IsZero() {
		return nil
	}
	l := im.list.Body.(*List)
	stored := l.Current.Published
	if l.Pending != nil && l.Pending.Published.After(stored) {
		stored = l.Pending.Published
	}
	ours, theirs := im.pub.Published.UTC().Format(time.DateOnly), stored.UTC().Format(time.DateOnly)
	if stored.IsZero() || ours >= theirs {
		return nil
	}
	return record.Errorf(record.Conflict, "%s was published on %s, and the stored publication of %s is of %s; nothing was changed. Get the newest publication, or import this one with force if it is the right one.",
		im.named(), ours, im.pub.List, theirs)
}

// guard refuses a publication that would remove too much.
func (im *importer) guard(have map[string]stored, d Delta) error {
	active := 0
	for _, s := range have {
		if s.state == Active || im.did(s) == Removed {
			active++
		}
	}
	share := float64(d.Removed) / float64(max(active, 1))
	if im.src.Force || d.Removed <= fewRemoved || share <= MaxRemovedShare {
		return nil
	}
	return record.Errorf(record.Conflict, "%s would remove %d of the %d entries of %s (%.0f %%, more than %.0f %%); nothing was changed. Check the file, and import it with force if it is right.",
		im.named(), d.Removed, active, im.pub.List, share*100, MaxRemovedShare*100)
}

// begin notes in the list's record that an import runs.
func (im *importer) begin(ctx context.Context) error {
	return im.putList(ctx, func(l *List) {
		issue := im.issue()
		issue.Imported = im.began
		l.Pending = &issue
	})
}

// finish names the publication as current.
func (im *importer) finish(ctx context.Context, d *Delta, have map[string]stored) error {
	counts := im.counts(have)
	return im.putList(ctx, func(l *List) {
		issue := im.issue()
		d.At = issue.Imported
		l.Current, l.Pending, l.Counts = issue, nil, counts
		l.History = slices.Insert(l.History, 0, *d)
		l.History = l.History[:min(len(l.History), maxHistory)]
	})
}

func (im *importer) issue() Issue {
	return Issue{Hash: im.hash, Version: im.pub.Version, Published: im.pub.Published, Files: im.pub.Files,
		Imported: im.src.Now().UTC().Truncate(time.Millisecond), Lossy: im.pub.Lossy}
}

func (im *importer) counts(have map[string]stored) Counts {
	c := Counts{Active: len(im.pub.Entries)}
	named := map[string]bool{}
	for _, e := range im.pub.Entries {
		named[e.Key()] = true
		if e.Type == Person {
			c.Persons++
		}
	}
	for key := range have {
		if !named[key] {
			c.Removed++
		}
	}
	return c
}

// putList writes the next revision of the list's record. Somebody else's import of the same list
// in between is a Conflict.
func (im *importer) putList(ctx context.Context, change func(*List)) error {
	var put *record.Record
	err := im.store.Bulk(ctx, func(tx record.Tx) error {
		r := record.Record{Kind: ListKind, Version: 1, Key: im.pub.List, Writer: im.src.Node, Owner: record.Owner{Agency: im.src.Agency},
			Handling: im.handling(), Origin: im.origin()}
		l := &List{ID: im.pub.List, Title: im.pub.Title, Publisher: im.pub.Publisher, Format: im.pub.Format, Effect: im.pub.Effect}
		action := "create"
		if im.list != nil {
			r = *im.list
			former := *im.list.Body.(*List)
			former.History = slices.Clone(former.History)
			l, action = &former, "revise"
			r.Origin = im.origin()
		}
		change(l)
		r.Body, r.Raw = l, nil
		if err := tx.Put(&r); err != nil {
			return err
		}
		put = &r
		return tx.Audit(record.Act{Action: action, Topic: Topic, Subject: r.ID, Count: 1})
	})
	if record.KindOf(err) == record.Conflict {
		return record.Errorf(record.Conflict, "another import of %s is running; wait for it and import again.", im.pub.List)
	}
	if err == nil {
		im.list = put
	}
	return err
}

// write writes the entries in acts of about actTime.
func (im *importer) write(ctx context.Context, todo []change) error {
	size, done := minBatch, 0
	for done < len(todo) {
		batch := todo[done:min(done+size, len(todo))]
		var took time.Duration
		err := im.store.Bulk(ctx, func(tx record.Tx) error {
			began := im.src.Now()
			if err := im.act(tx, batch); err != nil {
				return err
			}
			took = im.src.Now().Sub(began)
			return nil
		})
		if err != nil {
			return fmt.Errorf("import of %s, %d of %d entries written: %w", im.pub.List, done, len(todo), err)
		}
		done += len(batch)
		if im.src.Progress != nil {
			im.src.Progress(done, len(todo))
		}
		switch {
		case took > actTime:
			size = max(size/2, minBatch)
		case took < actTime/2:
			size = min(size*2, maxBatch)
		}
	}
	return nil
}

// act writes one batch. It looks at what is stored now, so that doing it twice does it once.
func (im *importer) act(tx record.Tx, batch []change) error {
	var ids []string
	for _, c := range batch {
		r, err := tx.ByKey(EntryKind, c.entry.Key())
		if err != nil && record.KindOf(err) != record.NotFound {
			return err
		}
		next := record.Record{Kind: EntryKind, Version: 1, Key: c.entry.Key(), Writer: im.src.Node, Owner: record.Owner{Agency: im.src.Agency},
			Handling: im.handling(), Occurred: day(c.entry.Listed)}
		body := *c.entry
		if err == nil {
			former, ok := r.Body.(*Entry)
			if !ok {
				continue
			}
			next = *r
			if c.as == Removed {
				body = *former
				body.State, body.Publication, body.Change = Removed, im.stamp, Removed
			}
			if former.State == body.State && former.Fingerprint == body.Fingerprint {
				continue
			}
		} else if c.as == Removed {
			continue
		}
		next.Origin, next.Body, next.Raw = im.origin(), &body, nil
		if err := tx.Put(&next); err != nil {
			return err
		}
		ids = append(ids, next.ID.String())
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return tx.Audit(record.Act{Action: "import", Topic: Topic, Subject: im.list.ID, Count: len(ids), IDs: hex.EncodeToString(sum[:])})
}

func (im *importer) origin() record.Origin {
	return record.Origin{Message: im.pub.Version, File: strings.Join(im.pub.Files, " "), Hash: im.pub.FileHash}
}

func (im *importer) handling() record.Handling {
	switch {
	case im.src.Handling != nil:
		return *im.src.Handling
	case Own(im.pub.Format):
		return record.Handling{Marking: "official", TLP: "amber", Topic: Topic}
	}
	return record.Handling{Marking: "open", TLP: "clear", Topic: Topic}
}
