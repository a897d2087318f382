package app

// Pause closes the line to the hub and keeps it closed until Resume: what is dispatched waits here, what comes waits at the hub. It
// is a bad day for a demonstration and for tests; a restart begins as Options.Cut says.
func (n *Network) Pause() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.paused = true
	n.drop()
}

// Resume opens the line again.
func (n *Network) Resume() {
	n.mu.Lock()
	n.paused = false
	n.mu.Unlock()
	n.wake()
}

// Paused reports whether the line was closed by Pause.
func (n *Network) Paused() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.paused
}

// Joined reports whether every lane of the line is up.
func (n *Network) Joined() bool {
	n.mu.Lock()
	line := n.line
	n.mu.Unlock()
	if line == nil {
		return false
	}
	for _, s := range line.States() {
		if !s.Up {
			return false
		}
	}
	return true
}
