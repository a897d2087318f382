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

// actPurpose proves that what an act says it was for is kept, and found, though the session says something else.
func actPurpose(s *scene) {
	session := record.Purpose{Kind: "duty", Text: "evening shift", Since: s.Clock.Now(), Until: s.Clock.Now().Add(8 * time.Hour)}
	since, until := session.Since, session.Until
	a := person("analyst")
	a.Purpose = session
	later := s.Clock.Now().Add(time.Hour)
	for _, said := range []record.Purpose{
		{},
		{Kind: "hit", Ref: "h-1", Text: "possible match"},
		{Kind: "case", Ref: "C-9", Text: "case nine", Since: later, Until: later.Add(time.Hour)},
		{Kind: "free", Text: "until further notice", Since: later},
	} {
		s.ok(s.Store.Update(record.WithActor(context.Background(), a), func(tx record.Tx) error {
			return tx.Audit(record.Act{Action: "read", Purpose: said})
		}))
	}
	var got []record.Purpose
	for _, r := range s.acts() {
		got = append(got, r.Purpose)
	}
	s.same("purposes", got, []record.Purpose{
		session,
		{Kind: "hit", Ref: "h-1", Text: "possible match", Since: since, Until: until},
		{Kind: "case", Ref: "C-9", Text: "case nine", Since: later, Until: later.Add(time.Hour)},
		{Kind: "free", Text: "until further notice", Since: later},
	})
	found, err := s.Store.AskAudit(context.Background(), audit.Question{Case: "h-1"})
	s.ok(err)
	if len(found) != 1 || found[0].Number != 2 {
		s.Fatalf("oversight finds %+v for the hit", found)
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
	if last, err := s.Store.LastCheckpoint(ctx); err != nil || last.Number != 0 || last.Text != nil {
		s.Fatalf("an unsigned log's last checkpoint is %+v, %v", last, err)
	}
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
	all, err := s.Store.Checkpoints(ctx, 0, 10)
	s.ok(err)
	some, err := s.Store.Checkpoints(ctx, 1, 2)
	s.ok(err)
	last, err := s.Store.LastCheckpoint(ctx)
	s.ok(err)
	if len(all) != 4 {
		s.Fatalf("%d checkpoints, want 4", len(all))
	}
	s.same("checkpoints after the first", some, all[1:3])
	s.same("the last checkpoint", last, all[3])
	for i, c := range all {
		got, err := audit.ReadCheckpoint(c.Text)
		s.ok(err)
		if c.Number != int64(i)+1 || got.Size != int64(i+1)*11 {
			s.Fatalf("checkpoint %d has number %d and size %d", i, c.Number, got.Size)
		}
	}
	mixed, err := s.Store.TreeHashes(ctx, []int64{5, 0, 5})
	s.ok(err)
	if mixed[0] != mixed[2] || mixed[0] == mixed[1] {
		s.Fatal("hashes come in another order than they were asked for")
	}
	s.kind("growing from a wrong size", s.Store.GrowTree(ctx, 3, nil, nil), record.Conflict)
	if _, err := s.Store.TreeHashes(ctx, []int64{0, 1 << 30}); err == nil {
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
	recent := record.Purpose{Kind: "case", Ref: "C-2", Text: "another"}
	s.Clock.Tick(40 * 24 * time.Hour)
	a := person("passenger")
	a.Purpose = recent
	s.ok(s.Store.Update(record.WithActor(context.Background(), a), func(tx record.Tx) error { return tx.Audit(record.Act{Action: "read"}) }))
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     []string
	}{
		{"of the last month when nobody says", time.Time{}, time.Time{}, []string{"C-2"}},
		{"of the month before", time.Time{}, start.Add(24 * time.Hour), []string{"C-0", "C-1"}},
		{"since long ago", start.Add(-time.Hour), time.Time{}, []string{"C-0", "C-1", "C-2"}},
	} {
		got, err := s.Store.Purposes(context.Background(), c.from, c.to, 10)
		s.ok(err)
		var refs []string
		for _, p := range got {
			refs = append(refs, p.Ref)
		}
		s.same("purposes "+c.name, refs, c.want)
	}
}
