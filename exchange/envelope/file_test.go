package envelope

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"sarhad/record"
)

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func sealFile(t testing.TB, plain []byte) (File, []byte) {
	t.Helper()
	var out bytes.Buffer
	f, err := SealFile(&out, iotest.OneByteReader(bytes.NewReader(plain)))
	if err != nil {
		t.Fatal(err)
	}
	return f, out.Bytes()
}

// TestFileArrivesInPieces proves that the ciphertext may be cut anywhere, arrive in any order and twice, with a pause in
// between, and opens to what was sent once every byte has its place; its key travels as a message.
func TestFileArrivesInPieces(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	draw := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 4095, 4096, 65536, 65537, 300000} {
		plain := noise(n)
		f, sealed := sealFile(t, plain)
		c := letter(from, to)
		c.Body = f.Marshal()
		_, got, _, err := Open(to.name, mustSeal(t, c, to, from.sign), []Opener{to.open}, verifying(from))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := ParseFile(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(sealed)) != theirs.Sealed || int64(n) != theirs.Size {
			t.Errorf("%d bytes: measures %d %d", n, theirs.Size, theirs.Sealed)
		}
		here := make([]byte, len(sealed))
		var cuts [][2]int
		for at := 0; at < len(sealed); {
			end := min(len(sealed), at+1+draw.IntN(40000))
			cuts = append(cuts, [2]int{at, end})
			at = end
		}
		draw.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		for i, cut := range append(cuts, cuts[0]) {
			if i < len(cuts) {
				if err := CheckFile(bytes.NewReader(here), theirs); !errors.Is(err, ErrDamaged) {
					t.Fatalf("%d of %d pieces are here: %v", i, len(cuts), err)
				}
			}
			copy(here[cut[0]:cut[1]], sealed[cut[0]:cut[1]])
		}
		var out bytes.Buffer
		if err := OpenFile(&out, bytes.NewReader(here), theirs); err != nil || !bytes.Equal(out.Bytes(), plain) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestFileIsChanged proves that a file that is cut, longer, changed or out of order is refused and nothing of it is written.
func TestFileIsChanged(t *testing.T) {
	f, sealed := sealFile(t, noise(300000))
	const block = 65536 + 16
	start := len(sealed) - 5*block + 5*65536 - int(paddedFile(300000)) // where the first block begins
	swapped := bytes.Clone(sealed)
	copy(swapped[start:], sealed[start+block:start+2*block])
	copy(swapped[start+block:], sealed[start:start+block])
	flipped := bytes.Clone(sealed)
	flipped[200000] ^= 4
	_, other := sealFile(t, noise(300000))
	for name, bad := range map[string][]byte{
		"empty": {}, "cut at a block": sealed[:start+4*block], "a byte short": sealed[:len(sealed)-1], "a byte more": append(bytes.Clone(sealed), 0),
		"blocks swapped": swapped, "a bit changed": flipped, "another file": other,
	} {
		var out bytes.Buffer
		if err := OpenFile(&out, bytes.NewReader(bad), f); !errors.Is(err, ErrDamaged) || out.Len() > 0 || record.KindOf(err) != record.Invalid {
			t.Errorf("%s: %v, %d bytes written", name, err, out.Len())
		}
	}
	if err := CheckFile(bytes.NewReader(append(bytes.Clone(sealed), 0)), f); !strings.Contains(record.MessageOf(err), "longer") {
		t.Errorf("a byte more: the officer is told %v", err)
	}
	// Even when the sender says that it is so, the cipher itself finds it.
	for name, bad := range map[string][]byte{"blocks swapped": swapped, "cut at a block": sealed[:start+4*block], "a bit changed": flipped} {
		lied := f
		lied.Sealed, lied.Hash = int64(len(bad)), hashOf(bad)
		if err := OpenFile(io.Discard, bytes.NewReader(bad), lied); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s with its hash: %v", name, err)
		}
	}
	for _, size := range []int64{299999 - 40000, 300000 + 40000} {
		lied := f
		lied.Size = size
		if err := OpenFile(io.Discard, bytes.NewReader(sealed), lied); !errors.Is(err, ErrDamaged) {
			t.Errorf("with size %d: %v", size, err)
		}
	}
}

// TestFileSizeIsALie proves that a file of zeros is not told shorter than it was sealed.
func TestFileSizeIsALie(t *testing.T) {
	f, sealed := sealFile(t, make([]byte, 300000))
	f.Size = 200000
	if err := OpenFile(io.Discard, bytes.NewReader(sealed), f); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

// TestDiskIsFullWhileOpening proves that an error of this machine is not laid on the sender.
func TestDiskIsFullWhileOpening(t *testing.T) {
	f, sealed := sealFile(t, noise(100000))
	full := errors.New("no space left on device")
	if err := OpenFile(failing{full}, bytes.NewReader(sealed), f); !errors.Is(err, full) || errors.Is(err, ErrDamaged) {
		t.Errorf("opening: %v", err)
	}
	if _, err := SealFile(failing{full}, bytes.NewReader(sealed)); !errors.Is(err, full) {
		t.Errorf("sealing: %v", err)
	}
	broken := errors.New("read error")
	if _, err := SealFile(io.Discard, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("reading: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestFileHidesItsLength proves that files of about one length make ciphertexts of one length, at most 12 % longer.
func TestFileHidesItsLength(t *testing.T) {
	for size, want := range map[int64]int64{0: 4096, 4096: 4096, 150000: 151552, 151552: 151552, 151553: 155648, 50_000_000: 50_331_648, MaxFile: MaxFile} {
		if got := paddedFile(size); got != want {
			t.Errorf("%d becomes %d, want %d", size, got, want)
		}
	}
	for size := int64(minFile); size < MaxFile; size += size/97 + 1 {
		if got := paddedFile(size); got < size || got > size+size*12/100 || paddedFile(got) != got {
			t.Errorf("%d becomes %d", size, got)
		}
	}
	a, _ := sealFile(t, noise(148000))
	b, _ := sealFile(t, noise(150000))
	if a.Sealed != b.Sealed {
		t.Errorf("%d and %d", a.Sealed, b.Sealed)
	}
}

// TestFileKeyIsStrange proves that measures that cannot be and keys that are none are refused before anything is fetched.
func TestFileKeyIsStrange(t *testing.T) {
	f, _ := sealFile(t, noise(10000))
	if again, err := ParseFile(f.Marshal()); err != nil || !cmp.Equal(again.Marshal(), f.Marshal()) {
		t.Error(err)
	}
	good := fileForm{Version: 1, Suite: SealAge, Key: f.Key.Secret(), Size: uint64(f.Size), Sealed: uint64(f.Sealed), Hash: f.Hash[:]}
	for name, edit := range map[string]func(*fileForm){
		"size beyond":     func(f *fileForm) { f.Size, f.Sealed = MaxFile+1, MaxFile+20000 },
		"size negative":   func(f *fileForm) { f.Size = 1 << 63 },
		"sealed less":     func(f *fileForm) { f.Sealed = f.Size - 1 },
		"sealed far more": func(f *fileForm) { f.Sealed = f.Size * 4 },
		"hash short":      func(f *fileForm) { f.Hash = f.Hash[:31] },
		"key in capitals": func(f *fileForm) { f.Key = openPrefix + f.Key },
		"key with spaces": func(f *fileForm) { f.Key += " " },
	} {
		bad := good
		edit(&bad)
		if _, err := ParseFile(marshal(bad)); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := good
	bad.Suite = "kuznyechik"
	if _, err := ParseFile(marshal(bad)); !errors.Is(err, ErrSuite) {
		t.Errorf("suite: %v", err)
	}
	bad = good
	bad.Version = 2
	if _, err := ParseFile(marshal(bad)); !errors.Is(err, ErrNewer) {
		t.Errorf("version: %v", err)
	}
	for _, b := range [][]byte{nil, f.Marshal()[1:], append(f.Marshal(), 0)} {
		if _, err := ParseFile(b); !errors.Is(err, ErrForm) {
			t.Errorf("form: %v", err)
		}
	}
}

func hashOf(b []byte) [32]byte { return sha256.Sum256(b) }
