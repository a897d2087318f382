package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
)

// Backup is what the node knows of its backups. It names a directory of the machine and no person.
type Backup struct {
	Configured bool      `json:"configured" doc:"backup_dir is set, so that a backup can be asked for here"`
	Daily      string    `json:"daily,omitempty" doc:"time of the daily backup by the machine's clock, HH:MM"`
	Dir        string    `json:"dir,omitempty" doc:"where the last one went"`
	Data       string    `json:"data" doc:"data directory of the node, absolute"`
	Number     int64     `json:"number" doc:"of the last backup; 0 = there never was one"`
	At         time.Time `json:"at,omitzero" doc:"when it was made, UTC"`
	Bytes      int64     `json:"bytes" doc:"that it restores"`
	Written    int64     `json:"written" doc:"new encrypted bytes that it took"`

	VerifiedAt     time.Time `json:"verifiedAt,omitzero" doc:"when a restore of this set was last tried"`
	VerifiedNumber int64     `json:"verifiedNumber" doc:"which backup was tried; 0 = none ever"`

	Running bool   `json:"running"`
	Percent int    `json:"percent" doc:"of the database, while one runs"`
	Failed  string `json:"failed,omitempty" doc:"why the last one that was asked for here or by the clock was not made"`
}

// Backups makes backups: the app.
type Backups interface {
	// BackupState tells of the last backup and of one that runs.
	BackupState() (Backup, error)
	// BeginBackup starts one and returns; what can be refused at once is. The actor of ctx stands in the log.
	BeginBackup(ctx context.Context) error
}

func (a *API) backup(h huma.API) {
	register(a, h, "GET", "/backup", "getBackup", "The last backup of the node", a.backupState)
	register(a, h, "POST", "/backup", "beginBackup", "Begin a backup of the node", a.beginBackup)
}

func (a *API) backupState(ctx context.Context, _ *empty) (*body[Backup], error) {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if err := access.Check(actor, access.Change, access.Users); err != nil {
		return nil, err
	}
	return answer(a.Backups.BackupState())
}

func (a *API) beginBackup(ctx context.Context, _ *empty) (*body[Backup], error) {
	if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
		return nil, err
	}
	if err := a.Backups.BeginBackup(ctx); err != nil {
		return nil, err
	}
	return answer(a.Backups.BackupState())
}
