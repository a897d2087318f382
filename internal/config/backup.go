package config

import (
	"strconv"
	"time"
)

// DefaultBackupKeep is two weeks of daily backups: long enough to notice a loss, short enough that what was erased is soon in
// none of them.
const DefaultBackupKeep = "14"

// BackupTime gives the time of the day of the daily backup; ok is false when none is set.
func (c Config) BackupTime() (hour, minute int, ok bool) {
	t, err := time.Parse("15:04", c.BackupAt)
	return t.Hour(), t.Minute(), err == nil && c.BackupDir != ""
}

// Keep is how many backups stay; 0 = all.
func (c Config) Keep() int {
	n, _ := strconv.Atoi(c.BackupKeep) // Validate has looked
	return n
}

func (c Config) backupProblems(add func(key, text string)) {
	if _, err := time.Parse("15:04", c.BackupAt); c.BackupAt != "" && err != nil {
		add("backup_at", `must be a time of the day, such as "02:30", or ""`)
	} else if c.BackupAt != "" && c.BackupDir == "" {
		add("backup_dir", "is empty: a daily backup needs a directory, best on another disk")
	}
	if n, err := strconv.Atoi(c.BackupKeep); err != nil || n < 0 {
		add("backup_keep", `must be a number in quotes, such as "14"; "0" keeps all`)
	}
}
