// Package authntest serves tests: Memory is an authn.Store without a
// database, Contract the suite every authn.Store must pass. It must never be
// part of a running node: Memory forgets everything.
package authntest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
)

// Memory is a Store in memory, safe for concurrent use.
type Memory struct {
	mu       sync.Mutex
	users    map[string]authn.User
	sessions map[string]authn.Session
	passkeys map[string]authn.Passkey
	devices  map[string]authn.Device
	acts     []record.Act
	fail     error
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{users: map[string]authn.User{}, sessions: map[string]authn.Session{}}
}

// Acts returns the audit rows so far, with User filled from the context.
func (m *Memory) Acts() []record.Act {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.acts)
}

// Fail makes every call from now on fail with err; nil ends it.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func none(what string) error {
	return record.Errorf(record.NotFound, "there is no such %s", what)
}

// write appends the audit row; the caller holds the lock and has changed
// nothing yet.
func (m *Memory) write(ctx context.Context, act record.Act) error {
	if m.fail != nil {
		return m.fail
	}
	if act.Action == "" {
		return nil
	}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	act.Number = int64(len(m.acts)) + 1
	act.User, act.Agency, act.Place = actor.User, actor.Agency, actor.Place
	m.acts = append(m.acts, act)
	return nil
}

// User implements authn.Users.
func (m *Memory) User(_ context.Context, id string) (authn.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return authn.User{}, m.fail
	}
	u, ok := m.users[id]
	if !ok {
		return authn.User{}, none("user")
	}
	return u.Clone(), nil
}

// UserByName implements authn.Users.
func (m *Memory) UserByName(_ context.Context, name string) (authn.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return authn.User{}, m.fail
	}
	for _, u := range m.users {
		if u.Name == name {
			return u.Clone(), nil
		}
	}
	return authn.User{}, none("user")
}

// ListUsers implements authn.Users.
func (m *Memory) ListUsers(context.Context) ([]authn.User, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return nil, m.fail
	}
	var out []authn.User
	for _, u := range m.users {
		out = append(out, u.Clone())
	}
	slices.SortFunc(out, func(a, b authn.User) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// InsertUser implements authn.UserWriter.
func (m *Memory) InsertUser(ctx context.Context, u authn.User, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, have := range m.users {
		if have.ID == u.ID || have.Name == u.Name {
			return record.Errorf(record.Conflict, "there is already such a user")
		}
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	m.users[u.ID] = u.Clone()
	return nil
}

// UpdateUser implements authn.UserWriter.
func (m *Memory) UpdateUser(ctx context.Context, id string, act record.Act, change func(*authn.User) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.users[id]
	if !ok {
		return none("user")
	}
	u := old.Clone()
	if err := change(&u); err != nil {
		return err
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	u.ID, u.Name, u.CreatedAt = old.ID, old.Name, old.CreatedAt
	m.users[id] = u.Clone()
	return nil
}

// InsertSession implements authn.Sessions.
func (m *Memory) InsertSession(ctx context.Context, s authn.Session, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.sessions[s.ID]; ok {
		return record.Errorf(record.Conflict, "there is already such a session")
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	s.User = authn.User{}
	m.sessions[s.ID] = s
	return nil
}

// Session implements authn.Sessions.
func (m *Memory) Session(_ context.Context, id string) (authn.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return authn.Session{}, m.fail
	}
	s, ok := m.sessions[id]
	if !ok {
		return authn.Session{}, none("session")
	}
	return s, nil
}

// UpdateSession implements authn.Sessions.
func (m *Memory) UpdateSession(ctx context.Context, id string, act record.Act, change func(*authn.Session) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.sessions[id]
	if !ok {
		return none("session")
	}
	s := old
	if err := change(&s); err != nil {
		return err
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	s.ID, s.UserID, s.CreatedAt, s.Address, s.User = old.ID, old.UserID, old.CreatedAt, old.Address, authn.User{}
	m.sessions[id] = s
	return nil
}

// SessionsOf implements authn.SessionEnder.
func (m *Memory) SessionsOf(_ context.Context, userID string) ([]authn.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []authn.Session
	for _, s := range m.sessions {
		if s.UserID == userID {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b authn.Session) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return out, m.fail
}

// DeleteSession implements authn.SessionEnder.
func (m *Memory) DeleteSession(ctx context.Context, id string, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.sessions[id]; !ok {
		return none("session")
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	delete(m.sessions, id)
	return nil
}

// PruneSessions implements authn.SessionEnder.
func (m *Memory) PruneSessions(_ context.Context, created, seen time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for id, s := range m.sessions {
		if s.CreatedAt.Before(created) || s.SeenAt.Before(seen) && s.PIN == "" {
			delete(m.sessions, id)
			n++
		}
	}
	return n, m.fail
}

// WriteAct implements authn.Acts.
func (m *Memory) WriteAct(ctx context.Context, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(ctx, act)
}

var _ authn.Store = (*Memory)(nil)
