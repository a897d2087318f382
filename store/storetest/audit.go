package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	signed "golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
	"sarhad/record/audit"
)

// acts gives the whole audit.
func (s *scene) acts() []audit.Row {
	s.Helper()
	rows, err := s.Store.AuditRows(context.Background(), 0, 1000)
	s.ok(err)
	return rows
}

func actNeeded(s *scene) {
	s.kind("a put without an act", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(note(Note{Title: "x"})) }), record.Internal)
	s.same("records", s.titles(machine(), record.Query{}), []string(nil))
	r := s.put(note(Note{Title: "y"}))
	err := s.Store.Bulk(machine(), func(tx record.Tx) error {
		_, err := tx.Erase(r.ID)
		return err
	})
	s.kind("an erasure without an act", err, record.Internal)
	s.same("records", s.titles(machine(), record.Query{}), []string{"y"})
	s.ok(s.Store.Update(machine(), func(tx record.Tx) error { return tx.SetCursor("c", 1) }))
}

func actFilled(s *scene) {
	a := person("passenger", "analyst")
	a.Place = "ALA"
	a.Purpose = record.Purpose{Kind: "case", Ref: "C-7", Text: "case seven", Since: s.Clock.Now().Add(1234567), Until: s.Clock.Now().Add(time.Hour).Local()}
	subject := record.ID{7, 7}
	s.ok(s.Store.Update(record.WithActor(context.Background(), a), func(tx record.Tx) error {
		return tx.Audit(record.Act{Number: 99, User: "somebody else", Action: "decide", Topic: "hit", Subject: subject, Count: 3, IDs: "ab",
			Verdict: "dismissed", Reason: "other-person", Took: 1500 * time.Millisecond})
	}))
	got := s.acts()[0]
	want := record.Act{Number: 1, At: s.Clock.Now(), User: "u-1", Role: "passenger", Agency: "police", Place: "ALA", Action: "decide", Topic: "hit",
		Subject: subject, Count: 3, IDs: "ab", Verdict: "dismissed", Reason: "other-person", Took: 1500 * time.Millisecond,
		Purpose: record.Purpose{Kind: "case", Ref: "C-7", Text: "case seven", Since: s.Clock.Now().Add(time.Millisecond), Until: s.Clock.Now().Add(time.Hour).UTC()}}
	s.same("the act", got.Act, want)
	if len(got.Salt) != 16 || got.Leaf != (tlog.Hash{}) {
		s.Fatalf("salt of %d bytes, leaf %v", len(got.Salt), got.Leaf)
	}
}

func actsGapless(s *scene) {
	for i := range 30 {
		err := s.Store.Update(machine(), func(tx record.Tx) error {
			for range i%3 + 1 {
				if err := tx.Audit(record.Act{Action: "test", Count: i}); err != nil {
					return err
				}
			}
			if i%4 == 0 {
				return errStop
			}
			return nil
		})
		if i%4 != 0 {
			s.ok(err)
		}
	}
	for i, r := range s.acts() {
		if r.Number != int64(i)+1 {
			s.Fatalf("row %d has number %d", i, r.Number)
		}
	}
}

func auditTree(s *scene) {
	ctx := context.Background()
	tree, err := s.Store.AuditTree(ctx)
	s.ok(err)
	if tree.Size != 0 || tree.Rows != 0 || tree.Incarnation == "" {
		s.Fatalf("an empty log is %+v", tree)
	}
	skey, vkey, err := signed.GenerateKey(rand.Reader, "node-a")
	s.ok(err)
	signer, err := signed.NewSigner(skey)
	s.ok(err)
	verifier, err := signed.NewVerifier(vkey)
	s.ok(err)
	seq := &audit.Sequencer{Table: s.Store, Signer: signer, Now: s.Clock.Now, Batch: 7}
	for round := range 4 {
		for i := range 11 {
			s.put(note(Note{Title: fmt.Sprint(round, i)}))
		}
		s.ok(seq.TakeIn(ctx))
		s.ok(seq.Sign(ctx))
	}
	s.put(note(Note{Title: "waiting"}))
	rep, err := audit.Verify(ctx, s.Store, signed.VerifierList(verifier), nil)
	s.ok(err)
	if !rep.OK() || rep.Size != 44 || rep.Rows != 45 || rep.Waiting != 1 || rep.Checkpoints != 4 {
		s.Fatalf("the report is %+v", rep)
	}
	s.kind("growing from a wrong size", s.Store.GrowTree(ctx, 3, nil, nil), record.Conflict)
	if _, err := s.Store.TreeHashes(ctx, []int64{1 << 30}); err == nil {
		s.Error("a hash that is not there was read")
	}
	rows := s.acts()
	for _, r := range rows[:44] {
		leaf, err := audit.LeafOf(r.Act, r.Salt)
		s.ok(err)
		if leaf != r.Leaf {
			s.Fatalf("act %d has another leaf than its row", r.Number)
		}
	}
}

func oversight(s *scene) {
	subject := record.ID{9}
	for i := range 12 {
		a := person("passenger")
		a.User = fmt.Sprintf("u-%d", i%3)
		a.Purpose = record.Purpose{Kind: "case", Ref: fmt.Sprintf("C-%d", i%2), Text: "a case"}
		act := record.Act{Action: []string{"read", "decide"}[i%2], Took: time.Duration(i) * time.Second}
		if i%4 == 0 {
			act.Subject = subject
		}
		s.Clock.Tick(time.Minute)
		s.ok(s.Store.Update(record.WithActor(context.Background(), a), func(tx record.Tx) error { return tx.Audit(act) }))
	}
	start := s.Clock.Now().Add(-12 * time.Minute)
	for _, c := range []struct {
		name string
		q    audit.Question
		want []int64
	}{
		{"everything, newest first", audit.Question{Limit: 3}, []int64{12, 11, 10}},
		{"the page after", audit.Question{Limit: 3, Before: 10}, []int64{9, 8, 7}},
		{"a user", audit.Question{User: "u-2"}, []int64{12, 9, 6, 3}},
		{"a subject", audit.Question{Subject: subject}, []int64{9, 5, 1}},
		{"a case", audit.Question{Case: "C-1", Limit: 2}, []int64{12, 10}},
		{"an action", audit.Question{Actions: []string{"decide"}, Before: 5}, []int64{4, 2}},
		{"a period", audit.Question{From: start.Add(3 * time.Minute), To: start.Add(5 * time.Minute)}, []int64{4, 3}},
		{"decided fast", audit.Question{Actions: []string{"decide"}, TookUnder: 4 * time.Second}, []int64{4, 2}},
		{"nothing", audit.Question{User: "nobody"}, nil},
	} {
		rows, err := s.Store.AskAudit(context.Background(), c.q)
		s.ok(err)
		var got []int64
		for _, r := range rows {
			got = append(got, r.Number)
		}
		s.same(c.name, got, c.want)
	}
	got, err := s.Store.Purposes(context.Background(), start, start.Add(12*time.Minute), 10)
	s.ok(err)
	s.same("purposes", got, []audit.PurposeCount{
		{Kind: "case", Ref: "C-0", Text: "a case", Count: 6, Users: 3, Last: start.Add(11 * time.Minute)},
		{Kind: "case", Ref: "C-1", Text: "a case", Count: 5, Users: 3, Last: start.Add(10 * time.Minute)},
	})
}
