package app

// FinishIndex brings a rebuild of the index to its end in the background, when whoever began it on a running node left.
// Without it nobody new would be screened until the next start. It must not be called after Stop.
func (a *App) FinishIndex() {
	if a.run == nil {
		return // not serving: the next start goes on
	}
	a.part(func() { a.reindex(a.run) })
}
