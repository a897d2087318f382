package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"time"
)

const (
	// warnBefore is how long before its end a certificate is told of: time to renew it in office hours, also after a holiday.
	warnBefore = 30 * 24 * time.Hour
	// lookAgain is how often the file is looked at. Whoever renews sees the new one at work within a minute.
	lookAgain = 30 * time.Second
	// warnAgain is how often the log says that a certificate ends.
	warnAgain = 24 * time.Hour
)

// certificate is the server certificate as it stands in its files, read again when they change.
type certificate struct {
	cert, key string
	now       func() time.Time
	log       *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamp  [2]fileStamp
	looked time.Time
	warned time.Time
}

type fileStamp struct {
	at   time.Time
	size int64
}

// newCertificate reads the files; a node whose certificate cannot be read does not start.
func newCertificate(cert, key string, now func() time.Time, log *slog.Logger) (*certificate, error) {
	c := &certificate{cert: cert, key: key, now: now, log: log}
	stamp, err := c.stamps()
	if err != nil {
		return nil, err
	}
	c.looked = now()
	return c, c.read(stamp)
}

func (c *certificate) stamps() (out [2]fileStamp, err error) {
	for i, path := range []string{c.cert, c.key} {
		info, err := os.Stat(path)
		if err != nil {
			return out, err
		}
		out[i] = fileStamp{info.ModTime(), info.Size()}
	}
	return out, nil
}

// read is called under mu, or before anybody else knows c.
func (c *certificate) read(stamp [2]fileStamp) error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return err
	}
	if pair.Leaf == nil {
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return err
		}
	}
	c.pair, c.stamp = &pair, stamp
	return nil
}

// current gives the certificate in force. Files that cannot be read, such as half-written ones, leave the former in force and
// are looked at again.
func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.looked).Abs() < lookAgain {
		return c.pair
	}
	c.looked = now
	stamp, err := c.stamps()
	if err == nil && stamp == c.stamp {
		return c.pair
	}
	if err == nil {
		err = c.read(stamp)
	}
	if err != nil {
		c.log.Error("tls: the certificate was changed and cannot be read; the former one stays in force", "err", err)
		return c.pair
	}
	c.log.Info("tls: the certificate was read anew", "until", c.pair.Leaf.NotAfter.UTC())
	return c.pair
}

// config is the TLS of the node. HTTP/2 is offered by net/http.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil }}
}

// warn writes into the log, once a day, that the certificate ends soon or has ended.
func (c *certificate) warn() {
	leaf := c.current().Leaf
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	left := leaf.NotAfter.Sub(now)
	if left >= warnBefore || now.Sub(c.warned) < warnAgain {
		return
	}
	c.warned = now
	if left <= 0 {
		c.log.Error("tls: the certificate has ended; browsers refuse the node. Run sarhad node tls again with the same hosts", "until", leaf.NotAfter.UTC())
		return
	}
	c.log.Warn("tls: the certificate ends soon; run sarhad node tls again with the same hosts", "until", leaf.NotAfter.UTC(), "days", int(left.Hours()/24))
}

// answersFor reports whether the certificate vouches for a host name, so that passkeys may be bound to it.
func (a *App) answersFor(host string) bool {
	if a.certificate == nil {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	return a.certificate.current().Leaf.VerifyHostname(host) == nil
}

// CertificateEnds tells when the server certificate ends, and whether that is soon; zero without TLS.
func (a *App) CertificateEnds() (until time.Time, soon bool) {
	if a.certificate == nil {
		return time.Time{}, false
	}
	until = a.certificate.current().Leaf.NotAfter.UTC()
	return until, until.Sub(a.opt.Now()) < warnBefore
}

// watchCertificate warns before the certificate ends, until ctx does.
func (a *App) watchCertificate(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		a.certificate.warn()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
