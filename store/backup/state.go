package backup

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// StateFile is where a node notes its last backup, in its data directory.
const StateFile = "backup.json"

// verifiedFile is where a trial restore notes itself in a set, on whatever machine it was made.
const verifiedFile = "verified.json"

// State is what is known of a node's backups. It is a note, not a proof.
type State struct {
	At      time.Time `json:"at,omitzero"` // of the last whole backup, UTC
	Dir     string    `json:"dir"`         // where it went
	Number  int64     `json:"number"`
	Bytes   int64     `json:"bytes"`   // that it restores
	Written int64     `json:"written"` // new ones in the set, encrypted

	VerifiedAt     time.Time `json:"verifiedAt,omitzero"` // of the last trial restore of this set
	VerifiedNumber int64     `json:"verifiedNumber"`      // of the backup that was tried
}

// ReadState reads the note of a data directory; the zero value when there never was a backup. The last trial restore is looked
// up in the set, if that can be reached.
func ReadState(data string) (s State, err error) {
	if err := readJSON(filepath.Join(data, StateFile), &s); err != nil {
		return s, err
	}
	if s.Dir != "" {
		var v State
		if readJSON(filepath.Join(s.Dir, verifiedFile), &v) == nil && !v.VerifiedAt.IsZero() {
			s.VerifiedAt, s.VerifiedNumber = v.VerifiedAt, v.VerifiedNumber
		}
	}
	return s, nil
}

func readJSON(name string, to any) error {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

// Note writes the note.
func (s State) Note(data string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(data, StateFile), append(b, '\n'))
}

// Verified notes a trial restore in the set. A set on a disk that cannot be written to is no fault.
func (s Set) Verified(number int64, at time.Time) error {
	b, err := json.Marshal(State{VerifiedAt: at.UTC().Truncate(time.Second), VerifiedNumber: number})
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(s.Dir, verifiedFile), append(b, '\n'))
}
