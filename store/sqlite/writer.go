package sqlite

import (
	"database/sql"

	"sarhad/record"
)

// writes reports whether this node is the writer.
func (s *Store) writes(node string) bool { return s.cfg.Node == "" || node == s.cfg.Node }

// mayBegin refuses a new record in the name of another node, and a hand-over that hands nothing over.
func (t *tx) mayBegin(p *record.Record) error {
	if !t.s.writes(p.Writer) {
		return record.Errorf(record.Forbidden, "a new %s is written by this node, not by %s: what another node wrote is received", p.Kind, p.Writer)
	}
	if b, ok := p.Body.(record.HandoverBody); ok {
		return t.checkHandover(b)
	}
	return nil
}

// mayRevise is the rule of the one writer. It gives the writer of the next revision of a stored record: whom it was handed
// over to, else its writer; only that node may store it, and the revision may name nobody else.
func (t *tx) mayRevise(old *record.Record, hash, named string) (writer string, err error) {
	if t.s.cfg.Node == "" {
		return named, nil
	}
	writer, err = t.writerAfter(old, hash)
	if err != nil {
		return "", err
	}
	if writer != t.s.cfg.Node {
		return "", record.Errorf(record.Forbidden, "this record is revised by %s: send a proposal", writer)
	}
	if named != old.Writer && named != writer {
		return "", record.Errorf(record.Forbidden, "the writer of a record changes only by a signed hand-over, and there is none to %s", named)
	}
	return writer, nil
}

// writerAfter tells which node writes the revision after a stored one.
func (t *tx) writerAfter(old *record.Record, hash string) (string, error) {
	kind, ok, err := t.term(inKind, record.KindHandover)
	if err != nil || !ok {
		return old.Writer, err
	}
	var vids []int64
	err = t.ses.each(t.ctx, `SELECT r.vid FROM parent p JOIN record r ON r.vid = p.k >> 12
		WHERE p.parent = $1 AND p.until IS NULL AND r.kind = $2 AND r.until IS NULL ORDER BY r.vid`, []any{old.ID[:], kind}, func(rows *sql.Rows) error {
		var vid int64
		err := rows.Scan(&vid)
		vids = append(vids, vid)
		return err
	})
	if err != nil {
		return "", err
	}
	for _, vid := range vids {
		r, err := t.full(vid)
		if err != nil {
			return "", err
		}
		if b, ok := r.Body.(record.HandoverBody); ok && r.Writer == old.Writer {
			h, signature := b.Handover()
			if h.Target == old.ID && h.Revision == hash && h.From == old.Writer && h.To != "" && t.s.believes(h, signature) == nil {
				return h.To, nil // the first one: nobody can hand over twice
			}
		}
	}
	return old.Writer, nil
}

func (s *Store) believes(h record.Handover, signature string) error {
	if s.cfg.Handover == nil {
		return record.Errorf(record.Unavailable, "this node has no register of other nodes' keys")
	}
	return s.cfg.Handover(h, signature)
}

// checkHandover refuses a hand-over of ours that would be stale, twice, or not ours to give.
func (t *tx) checkHandover(b record.HandoverBody) error {
	h, signature := b.Handover()
	old, err := t.Get(h.Target)
	if err != nil {
		return err
	}
	hash := old.Hash()
	writer, err := t.writerAfter(old, hash)
	switch {
	case err != nil:
		return err
	case old.Writer != h.From || !t.s.writes(h.From):
		return record.Errorf(record.Forbidden, "only %s, which writes this record, can hand it over", old.Writer)
	case writer != old.Writer:
		return record.Errorf(record.Conflict, "this record is handed over to %s already", writer)
	case h.Revision != hash:
		return record.Errorf(record.Conflict, "the hand-over was signed for another revision of the record: read it again and sign anew")
	case h.To == "" || h.To == h.From:
		return record.Errorf(record.Invalid, "a hand-over names another node")
	}
	return t.s.believes(h, signature)
}
