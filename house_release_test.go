package sarhad_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sarhad/app"
	"sarhad/record"
)

// TestEveryVersionIsReadable proves that a kind of version n can read all its versions from 1 on, and sees each as the present
// one: who changes a body keeps the former shape and its Upgrade.
func TestEveryVersionIsReadable(t *testing.T) {
	for _, gap := range versionGaps(app.Types()) {
		t.Error(gap)
	}
	if got := versionGaps(record.NewTypes(func() record.Body { return &third{} })); len(got) != 2 {
		t.Errorf("a kind that begins with version 3 has the gaps %q", got)
	}
}

func versionGaps(types *record.Types) (out []string) {
	for _, b := range types.Each() {
		if b.Version() != types.Present(b.Kind()) {
			continue
		}
		for v := 1; v < b.Version(); v++ {
			old, err := types.Decode(b.Kind(), v, []byte("{}"))
			if err != nil || old == nil || old.Version() != b.Version() {
				out = append(out, b.Kind()+": a body of an older version cannot be read as the present one; keep its shape and give it Upgrade")
			}
		}
	}
	return out
}

type third struct{}

func (*third) Kind() string        { return "test.third" }
func (*third) Version() int        { return 3 }
func (*third) Validate() error     { return nil }
func (*third) Index(*record.Index) {}

// TestEveryReleaseIsKept proves that no release is tagged without a directory of it that later programs open.
func TestEveryReleaseIsKept(t *testing.T) {
	out, err := exec.Command("git", "tag", "--list", "v*").Output()
	if err != nil {
		t.Skip("no repository here: ", err)
	}
	for _, tag := range unkept(strings.Fields(string(out)), "testdata/releases") {
		t.Errorf("%s is tagged and testdata/releases/%s is missing: run scripts/release-testdata %s BINARY", tag, tag, tag)
	}
	if got := unkept([]string{"v0.1.0", "v9.9.9", "v1-draft"}, "testdata/releases"); len(got) != 1 || got[0] != "v9.9.9" {
		t.Errorf("of three tags %q are found missing, want v9.9.9", got)
	}
}

func unkept(tags []string, dir string) (out []string) {
	release := regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
	for _, tag := range tags {
		if !release.MatchString(tag) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, tag, "facts.json")); err != nil {
			out = append(out, tag)
		}
	}
	return out
}
