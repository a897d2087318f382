package privacy

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// MaxStep is by how much the clock of the machine may be away from the trusted time: what is more is no night switched off
// but a wrong clock, and a wrong clock must not erase.
const MaxStep = 24 * time.Hour

// Stopped says that the clocks stand still, and why.
type Stopped struct {
	Since   time.Time `json:"since"`   // by the clock of the machine
	Trusted time.Time `json:"trusted"` // the time that was trusted last
	Wall    time.Time `json:"wall"`    // what the machine said
}

// trusted is how far time has moved in small steps. It is not the time of the last act: the next sign-in under a wrong clock
// writes one.
type trusted struct {
	At      time.Time `json:"at"`
	Stopped *Stopped  `json:"stopped,omitempty"`
}

func (c *Clocks) time(ctx context.Context) (t trusted, err error) {
	text, err := c.State.Setting(ctx, setTime)
	if err != nil || text == "" {
		return t, err
	}
	return t, json.Unmarshal([]byte(text), &t)
}

func (c *Clocks) setTime(ctx context.Context, t trusted) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return c.State.SetSetting(ctx, setTime, string(text))
}

// Begin looks at the time before anybody signs in, so that a directory without a trusted time takes that of its last act.
func (c *Clocks) Begin(ctx context.Context) error {
	_, err := c.tick(c.machine(ctx))
	return err
}

// tick moves the trusted time on, or stops the clocks. Only ConfirmTime starts them again.
func (c *Clocks) tick(ctx context.Context) (*Stopped, error) {
	t, err := c.time(ctx)
	if err != nil || t.Stopped != nil {
		return t.Stopped, err
	}
	wall := c.Now().UTC()
	if t.At.IsZero() {
		last, err := c.Audit.AskAudit(ctx, audit.Question{Limit: 1})
		if err != nil {
			return nil, err
		}
		if t.At = wall; len(last) > 0 {
			t.At = last[0].At
		}
	}
	if off := wall.Sub(t.At); off > MaxStep || off < -MaxStep {
		t.Stopped = &Stopped{Since: wall, Trusted: t.At, Wall: wall}
		if err := c.setTime(ctx, t); err != nil {
			return t.Stopped, err
		}
		if c.Log != nil {
			c.Log.Error("privacy: the clocks are stopped: the machine's clock is more than a day from the last trusted time", "trusted", t.At, "wall", wall)
		}
		return t.Stopped, c.Store.Update(ctx, func(tx record.Tx) error {
			return tx.Audit(record.Act{Action: "clocks-stop", Topic: access.Privacy})
		})
	}
	t.At = later(t.At, wall)
	return nil, c.setTime(ctx, t)
}

// ConfirmTime says that the clock of the machine is right: the clocks run again from it. The actor answers for it with a
// reason, which stays in the log.
func (c *Clocks) ConfirmTime(ctx context.Context, reason string) (err error) {
	defer record.Wrap(&err, "privacy.ConfirmTime")
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	if !access.Allow(a, access.Change, c.envelope(KindPolicy).Scope()) {
		return record.Errorf(record.Forbidden, "only a supervisor of %s confirms the time of this node", c.Agency)
	}
	if strings.TrimSpace(reason) == "" {
		return record.Errorf(record.Invalid, "say how you know that the clock is right, such as why the node was switched off")
	}
	err = c.Store.Update(ctx, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: "confirm-time", Topic: access.Privacy, Purpose: record.Purpose{Kind: "free", Text: reason}})
	})
	if err != nil {
		return err
	}
	return c.setTime(ctx, trusted{At: c.Now().UTC()})
}
