package audit

import "golang.org/x/mod/sumdb/tlog"

// growing is the root of a tree while leaves are added in order: the roots of its perfect subtrees, largest first (RFC 6962
// section 2.1). It keeps O(log n) hashes.
type growing struct {
	n     int64
	peaks []peak
}

type peak struct {
	height int
	hash   tlog.Hash
}

func (g *growing) add(leaf tlog.Hash) {
	p := peak{0, leaf}
	for k := len(g.peaks); k > 0 && g.peaks[k-1].height == p.height; k-- {
		p = peak{p.height + 1, tlog.NodeHash(g.peaks[k-1].hash, p.hash)}
		g.peaks = g.peaks[:k-1]
	}
	g.peaks = append(g.peaks, p)
	g.n++
}

// root is the root of the leaves added so far, of which there must be one.
func (g *growing) root() tlog.Hash {
	k := len(g.peaks) - 1
	h := g.peaks[k].hash
	for k--; k >= 0; k-- {
		h = tlog.NodeHash(g.peaks[k].hash, h)
	}
	return h
}
