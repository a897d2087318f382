package envelope

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"filippo.io/age"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// sealedGolden is the sealed part of the vector "ordinary", with the text that is in it. SARHAD_UPDATE=1 writes golden.age and
// golden.identity after the vector.
func sealedGolden(t *testing.T) (sealed, padded []byte) {
	t.Helper()
	if updating() {
		writeVectors(t)
	}
	v := readVector(t, "testdata/vectors/ordinary.json")
	o, err := readOutside(v.Wire)
	if err != nil {
		t.Fatal(err)
	}
	identity := "# invented for the test vectors\n" + strings.TrimPrefix(v.Open[0], openPrefix) + "\n"
	golden(t, "golden.identity", []byte(identity))
	if updating() {
		golden(t, "golden.age", o.Sealed)
	}
	sealed, err = os.ReadFile("testdata/golden.age")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sealed, o.Sealed) {
		t.Fatal("golden.age is not the sealed part of the vector")
	}
	padded, ok := pad(v.Want.Signed, Class(v.Want.Size))
	if !ok {
		t.Fatal("does not fit")
	}
	return sealed, padded
}

// TestAgeLibraryOpens proves that what is sealed is an age file like any other.
func TestAgeLibraryOpens(t *testing.T) {
	sealed, want := sealedGolden(t)
	f, err := os.Open("testdata/golden.identity")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	identities, err := age.ParseIdentities(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestAgeToolOpens proves the same with the program anybody can get, built of the module we depend on, without the network.
func TestAgeToolOpens(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the age tool")
	}
	_, want := sealedGolden(t)
	version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "filippo.io/age").Output()
	if err != nil {
		t.Skipf("no go command here: %v", err)
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skipf("no go command here: %v", err)
	}
	// The module cache is laid out as a proxy is (go help goproxy), so that nothing is asked of the network.
	root := strings.TrimPrefix(filepath.ToSlash(strings.TrimSpace(string(cache))), "/")
	proxy := url.URL{Scheme: "file", Path: "/" + root + "/cache/download"}
	dir := t.TempDir()
	build := exec.Command("go", "install", "filippo.io/age/cmd/age@"+strings.TrimSpace(string(version)))
	build.Dir = dir
	build.Env = append(os.Environ(), "GOBIN="+dir, "GOPROXY="+proxy.String(), "GOSUMDB=off", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod", "GOOS=", "GOARCH=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("the age tool cannot be built here without the network; go install filippo.io/age/cmd/age@%s fetches what it needs: %v\n%s", strings.TrimSpace(string(version)), err, out)
	}
	tool := filepath.Join(dir, "age")
	if runtime.GOOS == "windows" {
		tool += ".exe"
	}
	open := exec.Command(tool, "--decrypt", "-i", "testdata/golden.identity", "testdata/golden.age")
	var problem bytes.Buffer
	open.Stderr = &problem
	got, err := open.Output()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v\n%s", len(got), err, problem.String())
	}
}
