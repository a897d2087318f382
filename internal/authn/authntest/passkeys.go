package authntest

import (
	"bytes"
	"context"
	"slices"

	"sarhad/internal/authn"
	"sarhad/record"
)

func clonePasskey(p authn.Passkey) authn.Passkey {
	p.ID, p.Key, p.Transports = bytes.Clone(p.ID), bytes.Clone(p.Key), slices.Clone(p.Transports)
	return p
}

// PasskeysOf implements authn.Passkeys.
func (m *Memory) PasskeysOf(_ context.Context, userID string) (out []authn.Passkey, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.passkeys {
		if p.UserID == userID {
			out = append(out, clonePasskey(p))
		}
	}
	slices.SortFunc(out, func(a, b authn.Passkey) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return bytes.Compare(a.ID, b.ID)
	})
	return out, m.fail
}

// Passkey implements authn.Passkeys.
func (m *Memory) Passkey(_ context.Context, id []byte) (authn.Passkey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return authn.Passkey{}, m.fail
	}
	p, ok := m.passkeys[string(id)]
	if !ok {
		return authn.Passkey{}, none("passkey")
	}
	return clonePasskey(p), nil
}

// InsertPasskey implements authn.Passkeys.
func (m *Memory) InsertPasskey(ctx context.Context, p authn.Passkey, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.passkeys[string(p.ID)]; ok {
		return record.Errorf(record.Conflict, "there is already such a passkey")
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	if m.passkeys == nil {
		m.passkeys = map[string]authn.Passkey{}
	}
	m.passkeys[string(p.ID)] = clonePasskey(p)
	return nil
}

// UpdatePasskey implements authn.Passkeys.
func (m *Memory) UpdatePasskey(ctx context.Context, id []byte, act record.Act, change func(*authn.Passkey) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.passkeys[string(id)]
	if !ok {
		return none("passkey")
	}
	p := clonePasskey(old)
	if err := change(&p); err != nil {
		return err
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	p.ID, p.UserID, p.RP, p.Key, p.CreatedAt = old.ID, old.UserID, old.RP, old.Key, old.CreatedAt
	m.passkeys[string(id)] = clonePasskey(p)
	return nil
}

// DeletePasskey implements authn.Passkeys.
func (m *Memory) DeletePasskey(ctx context.Context, id []byte, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.passkeys[string(id)]; !ok {
		return none("passkey")
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	delete(m.passkeys, string(id))
	return nil
}
