package app_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"sarhad/collection/passenger"
	"sarhad/exchange/sharing"
	"sarhad/record"
	"sarhad/record/access"
)

// partners is a directory of this node and one other.
type partners struct{ own string }

func (p partners) Parties() []sharing.Party {
	return []sharing.Party{{Node: p.own, Name: sharing.Text{En: "Own"}, Country: "KAZ", Agencies: []string{"KAZ-PIU"}}, {Node: "kg-one", Name: sharing.Text{En: "Kyrgyzstan"}, Country: "KGZ", Agencies: []string{"KGZ-PIU"}}}
}

// sharedWorld is one of everything of sharing, all of KAZ-PIU.
type sharedWorld struct {
	agreement, share, alarm, onward string
	received                        string // record of a partner
}

// share fills the register: a draft, a share, an alarm, a request, and a record that came from a partner.
func (w *world) share() (out sharedWorld) {
	w.t.Helper()
	w.app.Sharing.Directory = partners{w.app.Config.Name}
	voyage, err := record.ParseID(w.voyage)
	if err != nil {
		w.t.Fatal(err)
	}
	now := time.Now().UTC()
	put := func(b record.Body) string {
		rec := &record.Record{Owner: record.Owner{Agency: "KAZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Sharing}, Body: b}
		if err := w.app.Store.Update(record.WithActor(w.t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
			if err := tx.Put(rec); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "test", Topic: access.Sharing, Subject: rec.ID})
		}); err != nil {
			w.t.Fatal(err)
		}
		return rec.ID.String()
	}
	out.agreement = put(&sharing.Agreement{Side: sharing.Ours, From: "KAZ-PIU", To: "KGZ-PIU", Node: "kg-one", Topic: access.Passenger, Legal: sharing.Text{En: "Treaty", Ru: "Договор"},
		Classes: []record.Class{record.Plain}, Until: now.AddDate(1, 0, 0), State: sharing.Draft, Drafted: sharing.Step{User: "x", Display: "X", At: now}})
	out.share = put(&sharing.Share{Record: voyage, Of: "passenger.voyage", Topic: access.Passenger, To: "KGZ-PIU", Node: "kg-one", Number: 1, Hash: "00", Revision: 1, State: sharing.Active})
	out.alarm = put(&sharing.Alarm{From: "kg-one", State: sharing.AlarmOpen, At: now, Hour: 51})
	out.onward = put(&sharing.Onward{Side: sharing.Theirs, Record: voyage, Node: "kg-one", For: "uz-one", Why: "a case of theirs", State: sharing.OnwardOpen, At: now})
	out.received = w.receive()
	return out
}

// receive takes a record of the partner in, through the room, as the network would.
func (w *world) receive() string {
	w.t.Helper()
	voyage := &passenger.Voyage{}
	w.see(func(tx record.Tx) error {
		id, err := record.ParseID(w.voyage)
		if err != nil {
			return err
		}
		rec, err := tx.Get(id)
		if err == nil {
			voyage = rec.Body.(*passenger.Voyage)
		}
		return err
	})
	raw, err := json.Marshal(voyage)
	if err != nil {
		w.t.Fatal(err)
	}
	rec := &record.Record{ID: record.ID{0x01, 0x99, 0x77}, Kind: voyage.Kind(), Version: voyage.Version(), Revision: record.Revision{Number: 1}, Writer: "kg-one",
		Owner: record.Owner{Agency: "KGZ-PIU"}, Handling: record.Handling{Marking: "official", Topic: access.Passenger, Releasable: []string{"KAZ-PIU"}},
		Created: time.Now().UTC().Truncate(time.Millisecond), Edition: &record.Edition{Of: 4}, Raw: raw}
	line, err := rec.AppendWire(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var content bytes.Buffer
	content.WriteString(`{"sarhad":"` + sharing.Form + `","kind":"edition","say":{"purpose":"joint check","legal":{"en":"Treaty","ru":"Договор"}}}` + "\n")
	content.Write(line)
	machine := record.WithActor(w.t.Context(), record.Machine("relay", ""))
	a := record.Arrival{ID: record.ID{9}, From: "kg-one", Kind: sharing.MsgEdition, Content: content.Bytes(), Sent: time.Now(), Arrived: time.Now()}
	if err := w.app.Store.Update(machine, func(tx record.Tx) error { return w.app.Sharing.Handlers()[a.Kind](machine, tx, a) }); err != nil {
		w.t.Fatal(err)
	}
	return rec.ID.String()
}

// sharings are the doors of sharing.
func (w *world) sharings() (ds []door) {
	s := w.sharing
	add := func(method, path, action, at, body, shows string) *door {
		ds = append(ds, door{method: method, path: path, action: action, topic: access.Sharing, at: at, body: body, shows: shows})
		return &ds[len(ds)-1]
	}
	add("GET", "/sharing/parties", access.Ask, "/sharing/parties", "", "").own = true
	add("GET", "/sharing/kinds", access.Read, "/sharing/kinds", "", "").own = true
	add("GET", "/sharing/agreements", access.Read, "/sharing/agreements?limit=200", "", s.agreement)
	add("POST", "/sharing/agreements", access.Change, "/sharing/agreements",
		`{"to":"KGZ-PIU","node":"kg-one","topic":"passenger","legal":{"en":"x","ru":"x"},"classes":["home"],"until":"2999-01-01T00:00:00Z"}`, "").own = true
	add("POST", "/sharing/agreements/{id}/agree", access.Decide, "/sharing/agreements/"+s.agreement+"/agree", `{}`, "")
	add("POST", "/sharing/agreements/{id}/end", access.Change, "/sharing/agreements/"+s.agreement+"/end", `{"reason":" "}`, "")
	add("GET", "/records/{id}/sharing", access.Read, "/records/"+w.voyage+"/sharing", "", s.share)
	add("GET", "/sharing/shares", access.Read, "/sharing/shares?limit=200", "", s.share)
	add("POST", "/sharing/recall", access.Change, "/sharing/recall", `{"shares":["`+s.share+`"],"reason":" "}`, "")
	add("GET", "/sharing/alarms", access.Read, "/sharing/alarms?limit=200", "", s.alarm)
	add("POST", "/sharing/alarms/{id}/decide", access.Decide, "/sharing/alarms/"+s.alarm+"/decide", `{"goOn":true,"reason":" "}`, "")
	add("GET", "/sharing/onward", access.Read, "/sharing/onward?limit=200", "", s.onward)
	add("POST", "/sharing/onward/{id}/decide", access.Decide, "/sharing/onward/"+s.onward+"/decide", `{"grant":false,"reason":" "}`, "")
	add("POST", "/records/{id}/onward", access.Ask, "/records/"+w.voyage+"/onward", `{"for":"kg-one","why":"a case"}`, "")
	for topic, id := range map[string]string{access.Passenger: w.voyage, access.Watchlist: w.entry, access.Hit: w.held, access.Evidence: w.exhibit} {
		ds = append(ds,
			door{method: "POST", path: "/records/{id}/sharing/preview", action: access.Share, topic: topic, at: "/records/" + id + "/sharing/preview", body: `{"to":["kg-one"]}`},
			door{method: "POST", path: "/records/{id}/sharing", action: access.Share, topic: topic, at: "/records/" + id + "/sharing", body: `{"to":[{"node":"kg-one","edition":"00"}],"purpose":"joint check"}`})
	}
	return append(ds,
		door{method: "GET", path: "/received", action: access.Read, topic: access.Passenger, at: "/received?limit=200", shows: s.received, everybody: true},
		door{method: "GET", path: "/records/{id}", action: access.Read, topic: access.Passenger, at: "/records/" + s.received, everybody: true},
		door{method: "GET", path: "/records/{id}/received", action: access.Read, topic: access.Passenger, at: "/records/" + s.received + "/received", everybody: true})
}

// TestTheRoomIsThere proves that a node without a network opens the register and sends nothing.
func TestTheRoomIsThere(t *testing.T) {
	a, _ := quietNode(t, "kz-one")
	if got := a.Sharing.Directory.Parties(); len(got) > 0 {
		t.Errorf("parties of a node in no network: %v", got)
	}
}
