package authn

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"sync"
	"time"
)

// asking is one thing an officer who is signed in was asked to sign or to enrol.
type asking struct {
	session   string // id
	challenge []byte
	at        Origin
	until     time.Time
	enrol     bool
	draft     draft // of an act; zero for an enrolment
}

// maxAsked is how many open questions one session has: more tabs than anybody works in. The oldest is forgotten first.
const maxAsked = 8

// askings are kept in memory: a restart forgets them, and the officer signs anew.
type askings struct {
	mu   sync.Mutex
	open map[string][]asking // by session
}

func (a *askings) add(now time.Time, q asking) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = map[string][]asking{}
	}
	for id, list := range a.open { // at most maxAsked for each live session
		if !now.Before(list[len(list)-1].until) {
			delete(a.open, id)
		}
	}
	list := append(a.open[q.session], q)
	if len(list) > maxAsked {
		list = list[1:]
	}
	a.open[q.session] = list
}

// take gives the question with this challenge and forgets it: right or wrong, it is answered once.
func (a *askings) take(now time.Time, session string, challenge []byte) (asking, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.open[session]
	for i, q := range list {
		if !bytes.Equal(q.challenge, challenge) {
			continue
		}
		if len(list) == 1 {
			delete(a.open, session)
		} else {
			a.open[session] = append(append([]asking{}, list[:i]...), list[i+1:]...)
		}
		return q, now.Before(q.until)
	}
	return asking{}, false
}

// doorbell makes the challenges of a sign-in by passkey: 16 random bytes, the time in seconds, and 16 bytes of HMAC-SHA-256
// over both under a key of this process, made when it is first needed. Only those that led to a session are remembered, until
// they run out.
type doorbell struct {
	mu    sync.Mutex
	key   []byte
	spent map[string]time.Time
}

const bellRandom, bellBody, bellSize = 16, 24, 40

func (d *doorbell) issue(now time.Time, rand io.Reader) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.key == nil {
		key := make([]byte, 32)
		if _, err := io.ReadFull(rand, key); err != nil {
			return nil, err
		}
		d.key = key
	}
	c := make([]byte, bellRandom, bellSize)
	if _, err := io.ReadFull(rand, c); err != nil {
		return nil, err
	}
	c = binary.BigEndian.AppendUint64(c, uint64(now.Unix()))
	return append(c, d.mac(c)...), nil
}

// mac is called under mu.
func (d *doorbell) mac(body []byte) []byte {
	m := hmac.New(sha256.New, d.key)
	m.Write([]byte("sarhad passkey sign-in v1"))
	m.Write(body)
	return m.Sum(nil)[:bellSize-bellBody]
}

// mine reports whether a challenge was made here within the time of a ceremony.
func (d *doorbell) mine(now time.Time, c []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.key == nil || len(c) != bellSize || !hmac.Equal(d.mac(c[:bellBody]), c[bellBody:]) {
		return false
	}
	age := now.Sub(time.Unix(int64(binary.BigEndian.Uint64(c[bellRandom:bellBody])), 0))
	return age > -time.Second && age < ceremony
}

// spend uses a challenge up; false when somebody did before.
func (d *doorbell) spend(now time.Time, c []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.spent == nil {
		d.spent = map[string]time.Time{}
	}
	for k, at := range d.spent {
		if now.Sub(at) > 2*ceremony {
			delete(d.spent, k)
		}
	}
	if _, used := d.spent[string(c)]; used {
		return false
	}
	d.spent[string(c)] = now
	return true
}
