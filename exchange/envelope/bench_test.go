package envelope

import (
	"bytes"
	"io"
	"testing"
	"time"

	"sarhad/record"
)

// BenchmarkSeal5 seals 2 KB to five nodes. Goal: seal_ms < 3.
func BenchmarkSeal5(b *testing.B) {
	from := newParty(b, "uz-hq")
	var to []party
	for _, name := range []string{"kz-a", "kg-a", "tj-a", "tm-a", "hub"} {
		to = append(to, newParty(b, name))
	}
	body := noise(2048)
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range to {
			c := letter(from, p)
			c.Body = body
			if _, err := Seal(c, sent.Add(time.Hour), []Signer{from.sign}, p.open.Public()); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "seal_ms")
}

// BenchmarkOpen opens one of them. Goal: open_ms < 2.
func BenchmarkOpen(b *testing.B) {
	from, to := newParty(b, "uz-hq"), newParty(b, "kz-a")
	c := letter(from, to)
	c.Body = noise(2048)
	wire := mustSeal(b, c, to, from.sign)
	openers, verify := []Opener{to.open}, verifying(from)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := Open(to.name, wire, openers, verify); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "open_ms")
}

// BenchmarkReadHeader is what the hub does with each message.
func BenchmarkReadHeader(b *testing.B) {
	from, to := newParty(b, "uz-hq"), newParty(b, "kz-a")
	c := letter(from, to)
	c.Lane, c.Body = record.Flash, noise(2048)
	wire := mustSeal(b, c, to, from.sign)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadHeader(wire); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFile seals and opens 16 MB.
func BenchmarkFile(b *testing.B) {
	plain := noise(16 << 20)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		var out bytes.Buffer
		f, err := SealFile(&out, bytes.NewReader(plain))
		if err != nil {
			b.Fatal(err)
		}
		if err := OpenFile(io.Discard, bytes.NewReader(out.Bytes()), f); err != nil {
			b.Fatal(err)
		}
	}
}
