package sharing

import (
	"slices"

	"sarhad/record"
)

// KindFile is the kind of a file that came with a received record. Its prefix keeps it from being shared further.
const KindFile = "record.file"

// ReceivedFile is a file of a received record, with its bytes as an attachment under the id that its owner gave it. The record itself
// is its writer's and cannot carry what is kept in our chunks; this one lies under it, is read like it and goes with it. Version 1.
type ReceivedFile struct {
	Record record.ID `json:"record" class:"plain"`
	From   string    `json:"from" class:"plain"`            // node
	File   record.ID `json:"file" class:"plain"`            // as its owner calls it
	Small  bool      `json:"small,omitempty" class:"plain"` // only the small picture is here so far
}

// Kind implements record.Body.
func (*ReceivedFile) Kind() string { return KindFile }

// Version implements record.Body.
func (*ReceivedFile) Version() int { return 1 }

// Validate implements record.Body.
func (f *ReceivedFile) Validate() error {
	if f.Record.IsZero() || f.File.IsZero() || f.From == "" {
		return record.Errorf(record.Invalid, "a received file names its record, its id and the node it came from")
	}
	return nil
}

// Index implements record.Body.
func (f *ReceivedFile) Index(ix *record.Index) {
	ix.Mention(record.ThingRecord, f.Record.String(), roleReceived, "")
}

func fileKey(rec, file record.ID) string { return "file/" + rec.String() + "/" + file.String() }

// Expected finds the file that a reference of a partner's edition names. Unavailable: the edition has not come yet. Forbidden: the
// record had to go, or its newest edition names no such file.
func (r *Room) Expected(tx record.Tx, from string, about record.ID, ref string) (f File, small bool, rec *record.Record, err error) {
	_, h, err := r.view(tx).holding(about, from)
	switch {
	case err != nil:
		return f, false, nil, err
	case h == nil:
		return f, false, nil, record.Errorf(record.Unavailable, "the record of this file has not come yet")
	case h.Wanted != nil || h.State == Gone:
		return f, false, nil, record.Errorf(record.Forbidden, "record %s had to be erased here: its files do not come", about)
	}
	i := slices.IndexFunc(h.Files, func(f File) bool { return ref != "" && (f.Ref == ref || f.Small == ref) })
	if i < 0 {
		return f, false, nil, record.Errorf(record.Forbidden, "no edition of record %s names this file", about)
	}
	rec, err = tx.Get(about)
	if err == nil && rec.Writer != from {
		err = record.Errorf(record.Forbidden, "record %s is written by %s", about, rec.Writer)
	}
	return h.Files[i], h.Files[i].Small == ref, rec, err
}

// KeepFile keeps a received file under its record. A small picture gives way to the whole, never the other way round.
func (r *Room) KeepFile(tx record.Tx, rec *record.Record, from string, f File, small bool, a record.Attachment) error {
	key := fileKey(rec.ID, f.ID)
	row, err := tx.ByKey(KindFile, key)
	if record.KindOf(err) == record.NotFound {
		h := rec.Handling
		row = &record.Record{Kind: KindFile, Version: 1, Writer: r.Node, Key: key, Owner: record.Owner{Agency: rec.Owner.Agency}, Occurred: rec.Occurred, Expires: rec.Expires,
			Handling: record.Handling{Marking: h.Marking, TLP: h.TLP, Topic: h.Topic, Place: h.Place, Releasable: slices.Clone(h.Releasable), Codes: slices.Clone(h.Codes)},
			Origin:   record.Origin{Parents: []record.ID{rec.ID}}}
	} else if err != nil {
		return err
	} else if had, ok := row.Body.(*ReceivedFile); ok && !had.Small && small {
		return nil
	}
	a.ID, a.Name = f.ID, record.FileName(f.Name)
	if f.Pages > 0 {
		a.Pages = f.Pages
	}
	row.Body, row.Attachments = &ReceivedFile{Record: rec.ID, From: from, File: f.ID, Small: small}, []record.Attachment{a}
	if err := put(tx, row); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "receive-file", Topic: rec.Handling.Topic, Subject: rec.ID, Count: 1})
}
