package authntest

import (
	"context"
	"slices"

	"sarhad/internal/authn"
	"sarhad/record"
)

// Device implements authn.Devices.
func (m *Memory) Device(_ context.Context, id string) (authn.Device, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return authn.Device{}, m.fail
	}
	d, ok := m.devices[id]
	if !ok {
		return authn.Device{}, none("device")
	}
	return d, nil
}

// InsertDevice implements authn.Devices.
func (m *Memory) InsertDevice(ctx context.Context, d authn.Device, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.devices[d.ID]; ok {
		return record.Errorf(record.Conflict, "there is already such a device")
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	if m.devices == nil {
		m.devices = map[string]authn.Device{}
	}
	m.devices[d.ID] = d
	return nil
}

// DeleteDevice implements authn.Devices.
func (m *Memory) DeleteDevice(ctx context.Context, id, keep string, act record.Act) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.devices[id]; !ok {
		return none("device")
	}
	if err := m.write(ctx, act); err != nil {
		return err
	}
	delete(m.devices, id)
	for key, s := range m.sessions {
		if s.Device != id {
			continue
		}
		if key != keep {
			delete(m.sessions, key)
			continue
		}
		s.Device, s.PIN, s.PINTries = "", "", 0
		m.sessions[key] = s
	}
	return nil
}

// SessionsAt implements authn.Devices.
func (m *Memory) SessionsAt(_ context.Context, device string) ([]authn.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []authn.Session
	for _, s := range m.sessions {
		if s.Device == device && device != "" {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b authn.Session) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out, m.fail
}

// RenewSession implements authn.Devices.
func (m *Memory) RenewSession(ctx context.Context, id string, act record.Act, change func(*authn.Session) error) error {
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
	delete(m.sessions, id)
	s.UserID, s.CreatedAt, s.User = old.UserID, old.CreatedAt, authn.User{}
	m.sessions[s.ID] = s
	return nil
}
