package app

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"time"

	"sarhad/app/doctor"
	"sarhad/exchange/directory"
	"sarhad/record"
)

// networkFacts learns how a node stands in the network, also beside a serving one.
func (a *App) networkFacts(ctx context.Context, now time.Time) (f doctor.Network) {
	ctx = record.WithActor(ctx, record.Machine("doctor", ""))
	d, err := a.Directory(ctx)
	if err != nil {
		return doctor.Network{Err: record.MessageOf(err)}
	}
	if d.Identity() == "" {
		return f
	}
	f.Joined, f.Node, f.Forked = true, a.Config.Name, d.Fork() != nil
	fresh := d.Fresh(now)
	f.Cosigned, f.Sends = fresh.Cosigned, fresh.Sends
	if p, err := d.Party(a.Config.Name); err != nil {
		f.State, f.Why = "unknown", "nobody has spoken of it in the directory yet"
	} else {
		f.State, f.Why, f.Until = string(p.State), p.Why, p.Until
	}
	f.HubName, f.HubEnds = hubEnds(d)
	err = a.Store.View(ctx, func(tx record.Tx) error {
		bad, err := tx.Arrivals(record.ArrivalQuery{State: record.ArrivalUnreadable, Limit: record.MaxLimit})
		f.Unreadable = len(bad)
		return err
	})
	if err != nil {
		f.Err = record.MessageOf(err)
	}
	if n := a.Network; n != nil && a.run != nil {
		f.LineKnown = true
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.line == nil {
			return f
		}
		for _, s := range n.line.States() {
			if !s.Up && (f.LineDown.IsZero() || s.Since.Before(f.LineDown)) {
				f.LineDown = s.Since
			}
		}
	}
	return f
}

// hubEnds is the hub whose certificate authority ends first.
func hubEnds(d *directory.Directory) (name string, ends time.Time) {
	for _, p := range d.Parties() {
		if p.Type != directory.Hub || p.State != directory.Current {
			continue
		}
		der, err := base64.StdEncoding.DecodeString(p.CA)
		if err != nil {
			continue
		}
		if ca, err := x509.ParseCertificate(der); err == nil && (ends.IsZero() || ca.NotAfter.Before(ends)) {
			name, ends = p.ID, ca.NotAfter
		}
	}
	return name, ends
}
