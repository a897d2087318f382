package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sarhad/internal/authn"
	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/record/privacy"
	"sarhad/record/vocab"
)

// Setup is what a new node needs to be told.
type Setup struct {
	Role    string // outpost, node, hub
	Country string // ISO 3166 alpha-2 or alpha-3
	Name    string // "" = made of country and role
	HTTP    string // "" = the default
	Admin   string // sign-in name of the first administrator; "" = none
	Now     func() time.Time
	Secret  func(what, secret string) // told once each secret that is printed and never kept: "recovery"; nil = nobody

	Phrases privacy.Phrases // of the keys that open masked records; without them masking waits for 'sarhad node keys make'
	Work    int             // scrypt work factor of the phrases; 0 = privacy.WorkFactor
}

// Init makes a data directory: settings, keys, an empty store and the first administrator, whose password it returns. A
// directory that already has a node is refused and left as it is.
func Init(ctx context.Context, dir string, s Setup) (password string, err error) {
	country, ok := vocab.Country(strings.ToUpper(s.Country))
	if !ok {
		return "", record.Errorf(record.Invalid, "%q is no country code; write two or three letters, such as UZ or UZB", s.Country)
	}
	c := config.Default()
	c.Role, c.Country, c.Name = config.Role(s.Role), country.Alpha3, s.Name
	if c.Name == "" {
		c.Name = strings.ToLower(country.Alpha2) + "-" + s.Role
	}
	if s.HTTP != "" {
		c.HTTP = config.LocalAddress(s.HTTP)
	}
	if err := c.Validate(); err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, config.FileName)); !errors.Is(err, fs.ErrNotExist) {
		return "", record.Errorf(record.Conflict, "%s already has a node; choose another directory", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := MakeKeys(filepath.Join(dir, keysDir), c.Name); err != nil {
		return "", err
	}
	if err := makeRecovery(filepath.Join(dir, keysDir), s.Secret); err != nil {
		return "", err
	}
	if err := config.Write(dir, c); err != nil {
		return "", err
	}
	if s.Phrases != (privacy.Phrases{}) {
		if _, err := privacy.NewKeys(filepath.Join(dir, keysDir), s.Phrases, s.Work); err != nil {
			return "", err
		}
	}
	a, err := New(ctx, dir, Options{Now: s.Now})
	if err == nil {
		err = a.beginPrivacy(ctx)
	}
	if err != nil || s.Admin == "" {
		if a != nil {
			err = errors.Join(err, a.Stop())
		}
		return "", err
	}
	defer func() { err = errors.Join(err, a.Stop()) }()
	if password, err = a.Authn.NewPassword(); err != nil {
		return "", err
	}
	ctx = record.WithActor(ctx, record.Machine("init", ""))
	_, err = a.Authn.CreateUser(ctx, s.Admin, authn.Profile{Display: "Administrator", Agency: Agency(c.Country), Roles: []string{"admin"}, Lang: c.Language}, password, true)
	return password, err
}

// VerifyAudit recomputes the log from the store's rows and holds it against all checkpoints: those in the store, those
// written out, and further files. The node may run meanwhile.
func (a *App) VerifyAudit(ctx context.Context, files []string) (audit.Report, error) {
	extra, err := a.ReadCheckpoints()
	if err != nil {
		return audit.Report{}, err
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return audit.Report{}, err
		}
		extra = append(extra, b)
	}
	return audit.Verify(ctx, a.Store, a.Verifiers, extra)
}
