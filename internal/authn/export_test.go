package authn

// FillHashing takes every place for computing passwords until release.
func (s *Service) FillHashing() (release func()) {
	for range cap(s.hashing) {
		s.hashing <- struct{}{}
	}
	return func() {
		for range cap(s.hashing) {
			<-s.hashing
		}
	}
}

// ParsePHC and FormatPHC let the fuzz target read without hashing.
var ParsePHC = parsePHC

func FormatPHC(p Params, salt, key []byte) string { return formatPHC(p, salt, key) }

// BoundPIN lets a test look at what is hashed.
var BoundPIN = bound
