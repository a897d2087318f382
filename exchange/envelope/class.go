package envelope

import "sarhad/record"

// Class is a size class: how many bytes of body an envelope takes, 1 KB to 16 MB. Everybody sees it, so there are few.
//
// Why these: receipts and heartbeats end in the first, an enquiry in the second or third, a record with its history in the next; a
// piece of a file is made exactly as long as a class. Steps of two to 16 KB, for on a line of 64 kbit/s a step of four there
// would be two seconds of nothing before the next flash message; steps of four to 256 KB, where lines are better and few classes
// tell less. Above that a step of four would be megabytes, so the classes go on in multiples of the largest.
type Class uint32

const (
	kb = 1 << 10

	// Room is what a sealed text is longer than its class: names, numbers and one Ed25519 signature find place in it at their
	// longest (a test counts), so that a body of exactly a class's size needs no larger one. Longer signatures take of the
	// class.
	Room = 512
	// LargestStep is the class whose multiples follow: what the relay sends as the largest piece.
	LargestStep Class = 256 * kb
	// MaxBody is the longest body: sender, hub and addressee hold it in memory whole, a few at a time. What is longer goes by
	// SealFile.
	MaxBody = 16 << 20
	// MaxClass leaves a body of MaxBody a step for long signatures.
	MaxClass = Class(MaxBody) + LargestStep
)

// Classes are the classes below the multiples, smallest first.
func Classes() []Class { return []Class{1 * kb, 2 * kb, 4 * kb, 8 * kb, 16 * kb, 64 * kb, LargestStep} }

// ClassFor is the smallest class for so many bytes of body. More than MaxBody is Invalid.
func ClassFor(body int) (Class, error) {
	if body < 0 || body > MaxBody {
		return 0, record.Errorf(record.Invalid, "a message of %d bytes is too long: %d MB is the most, larger things go as a file", body, MaxBody>>20)
	}
	return classOf(body), nil
}

func classOf(n int) Class {
	for _, c := range Classes() {
		if n <= int(c) {
			return c
		}
	}
	return Class((n + int(LargestStep) - 1) / int(LargestStep) * int(LargestStep))
}

// Valid reports whether the class is one of those there are.
func (c Class) Valid() bool { return c > 0 && c <= MaxClass && classOf(int(c)) == c }

// sealedBounds are how long the ciphertext of a class can be: the text itself, and what a suite adds: keys wrapped for
// the addressee (1.7 KB for ML-KEM-768 with X25519; other suites get some more) and a tag for each block.
func (c Class) sealedBounds() (low, high int) {
	const keys = 16 * kb
	n := int(c) + Room
	return n, n + keys + n/256
}

// pad lengthens text to the class: its length in four bytes, big-endian, the text, zeros.
func pad(text []byte, c Class) ([]byte, bool) {
	size := int(c) + Room
	if len(text)+4 > size {
		return nil, false
	}
	out := make([]byte, size)
	n := len(text)
	out[0], out[1], out[2], out[3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	copy(out[4:], text)
	return out, true
}

// unpad takes the text out again; it is false unless the text is padded in exactly that way.
func unpad(padded []byte, c Class) ([]byte, bool) {
	if len(padded) != int(c)+Room {
		return nil, false
	}
	n := int64(padded[0])<<24 | int64(padded[1])<<16 | int64(padded[2])<<8 | int64(padded[3])
	if n > int64(len(padded)-4) {
		return nil, false
	}
	for _, b := range padded[4+n:] {
		if b != 0 {
			return nil, false
		}
	}
	return padded[4 : 4+n : 4+n], true
}
