package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sarhad/internal/config"
	"sarhad/record"
)

const (
	caKeyFile   = "ca.key"
	caCertFile  = "ca.crt"
	tlsKeyFile  = "server.key"
	tlsCertFile = "server.crt"
	caLife      = 10 * 365 * 24 * time.Hour
	// serverLife is what browsers accept of a server certificate at most (CA/Browser Forum Baseline Requirements 6.3.2).
	serverLife = 397 * 24 * time.Hour
)

// TLSFiles is what MakeTLS made.
type TLSFiles struct {
	CA          string // certificate to install on the officers' machines
	Fingerprint string // SHA-256 of it, to be read over the telephone
	Until       time.Time
	Hosts       []string // names and addresses it is for
}

// MakeTLS makes a certificate authority for this node alone and a server certificate for the given host names and addresses,
// and writes them into the settings. The authority is constrained to these names: installed on a machine it can vouch for
// nothing else in the world (RFC 5280 section 4.2.1.10). Without hosts the present certificate is renewed for its own. An existing authority is kept and only the server certificate is
// made anew, unless the names changed.
func MakeTLS(dir string, hosts []string, now time.Time) (TLSFiles, error) {
	c, err := config.Load(dir)
	if err != nil {
		return TLSFiles{}, err
	}
	keys := filepath.Join(c.DataDir, keysDir)
	if len(hosts) == 0 {
		hosts = presentHosts(keys)
	}
	names, addresses, err := splitHosts(hosts)
	if err != nil {
		return TLSFiles{}, err
	}
	ca, caKey, err := loadCA(keys)
	if err != nil || !covers(ca, names, addresses) || now.After(ca.NotAfter.Add(-serverLife)) {
		if ca, caKey, err = makeCA(keys, c.Name, names, addresses, now); err != nil {
			return TLSFiles{}, err
		}
	}
	until := now.Add(serverLife)
	if err := makeServer(keys, ca, caKey, names, addresses, now, until); err != nil {
		return TLSFiles{}, err
	}
	if err := nameCertificate(dir); err != nil {
		return TLSFiles{}, err
	}
	sum := sha256.Sum256(ca.Raw)
	return TLSFiles{CA: filepath.Join(keys, caCertFile), Fingerprint: hex.EncodeToString(sum[:]), Until: until, Hosts: hosts}, nil
}

// presentHosts are the names of the certificate that is there, so that renewing it needs no memory; nil when there is none.
func presentHosts(keys string) []string {
	der, err := readPEM(filepath.Join(keys, tlsCertFile))
	if err != nil {
		return nil
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return append(append([]string{}, c.DNSNames...), addressText(c.IPAddresses)...)
}

// nameCertificate writes the certificate into the settings as they stand in the file: paths stay relative, so that a copied
// directory is a whole node.
func nameCertificate(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, config.FileName))
	if err != nil {
		return err
	}
	c, err := config.Parse(text)
	if err != nil {
		return err
	}
	c.TLSCert, c.TLSKey = filepath.Join(c.DataDir, keysDir, tlsCertFile), filepath.Join(c.DataDir, keysDir, tlsKeyFile)
	return config.Write(dir, c)
}

func splitHosts(hosts []string) (names []string, addresses []net.IP, err error) {
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			addresses = append(addresses, ip)
			continue
		}
		if h == "" || strings.ContainsAny(h, " /:*") {
			return nil, nil, record.Errorf(record.Invalid, "%q is no host name or IP address; write what officers type into the browser, without https:// and port", h)
		}
		names = append(names, strings.ToLower(h))
	}
	if len(names)+len(addresses) == 0 {
		return nil, nil, record.Errorf(record.Invalid, "name at least one host with --host: what officers type into the browser")
	}
	return names, addresses, nil
}

func template(name string, now, until time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Sarhad"}},
		NotBefore: now.Add(-time.Hour), NotAfter: until, BasicConstraintsValid: true}, nil
}

func makeCA(keys, node string, names []string, addresses []net.IP, now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	t, err := template("Sarhad node "+node, now, now.Add(caLife))
	if err != nil {
		return nil, nil, err
	}
	t.IsCA, t.MaxPathLenZero, t.KeyUsage = true, true, x509.KeyUsageCertSign
	t.PermittedDNSDomainsCritical = true
	t.PermittedDNSDomains = names
	for _, ip := range addresses {
		bits := 8 * net.IPv6len
		if ip.To4() != nil {
			ip, bits = ip.To4(), 8*net.IPv4len
		}
		t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)})
	}
	if len(names) == 0 { // an empty list would allow every name
		t.ExcludedDNSDomains = []string{""}
	}
	if len(addresses) == 0 {
		t.ExcludedIPRanges = []*net.IPNet{{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	if err := writePair(keys, caCertFile, caKeyFile, der, key); err != nil {
		return nil, nil, err
	}
	ca, err := x509.ParseCertificate(der)
	return ca, key, err
}

func makeServer(keys string, ca *x509.Certificate, caKey *ecdsa.PrivateKey, names []string, addresses []net.IP, now, until time.Time) error {
	first := append(append([]string{}, names...), addressText(addresses)...)[0]
	t, err := template(first, now, until)
	if err != nil {
		return err
	}
	t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	t.DNSNames, t.IPAddresses = names, addresses
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, ca, key.Public(), caKey)
	if err != nil {
		return err
	}
	return writePair(keys, tlsCertFile, tlsKeyFile, der, key)
}

func addressText(addresses []net.IP) []string {
	out := make([]string, 0, len(addresses))
	for _, ip := range addresses {
		out = append(out, ip.String())
	}
	return out
}

// writePair writes certificate and key; the key first, so that no certificate ever stands without its key.
func writePair(dir, certFile, keyFile string, der []byte, key *ecdsa.PrivateKey) error {
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name, typ string
		der       []byte
	}{{keyFile, "PRIVATE KEY", secret}, {certFile, "CERTIFICATE", der}} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path+".new", pem.EncodeToMemory(&pem.Block{Type: f.typ, Bytes: f.der}), 0o600); err != nil {
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	return nil
}

func loadCA(keys string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certDER, err := readPEM(filepath.Join(keys, caCertFile))
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := readPEM(filepath.Join(keys, caKeyFile))
	if err != nil {
		return nil, nil, err
	}
	ca, err := x509.ParseCertificate(certDER)
	if err != nil {
		return nil, nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(keyDER)
	if err != nil {
		return nil, nil, err
	}
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, nil, errors.New("the authority's key is of another kind")
	}
	return ca, ec, nil
}

func readPEM(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM file", path)
	}
	return block.Bytes, nil
}

// covers reports whether the authority may vouch for all names and addresses.
func covers(ca *x509.Certificate, names []string, addresses []net.IP) bool {
	if ca == nil {
		return false
	}
	for _, n := range names {
		ok := false
		for _, p := range ca.PermittedDNSDomains {
			ok = ok || n == p || strings.HasSuffix(n, "."+p)
		}
		if !ok {
			return false
		}
	}
	for _, ip := range addresses {
		ok := false
		for _, p := range ca.PermittedIPRanges {
			ok = ok || p.Contains(ip)
		}
		if !ok {
			return false
		}
	}
	return true
}
