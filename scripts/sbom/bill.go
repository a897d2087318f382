package main

import (
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

// bill is a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/), as much of it as is used here.
type bill struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string          `json:"type"`
	Ref        string          `json:"bom-ref"`
	Name       string          `json:"name"`
	Version    string          `json:"version,omitempty"`
	Scope      string          `json:"scope,omitempty"` // required; excluded = needed to build only
	Hashes     []hash          `json:"hashes,omitempty"`
	Licenses   []licenseChoice `json:"licenses,omitempty"`
	Purl       string          `json:"purl,omitempty"`
	Properties []property      `json:"properties,omitempty"`
	Components []component     `json:"components,omitempty"`
}

type hash struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

type licenseChoice struct {
	License    *license `json:"license,omitempty"`
	Expression string   `json:"expression,omitempty"`
}

type license struct {
	ID string `json:"id"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

func newBill(version string) *bill {
	return &bill{Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: metadata{component{Type: "application", Ref: "sarhad@" + version, Name: "sarhad", Version: version, Licenses: licences("Apache-2.0")}}}
}

// program adds a built file with its hash.
func (b *bill) program(name, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	b.Metadata.Component.Components = append(b.Metadata.Component.Components,
		component{Type: "file", Ref: "file:" + name, Name: name, Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}})
	return nil
}

// goModules adds the standard library and every module that is in a program. Modules that another program has too are the
// same component.
func (b *bill) goModules(info *buildinfo.BuildInfo, known table) {
	b.add(component{Type: "library", Name: "stdlib", Version: strings.TrimPrefix(info.GoVersion, "go"), Purl: "pkg:golang/stdlib@" + strings.TrimPrefix(info.GoVersion, "go"),
		Scope: "required", Licenses: licences("BSD-3-Clause")})
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component{Type: "library", Name: m.Path, Version: m.Version, Scope: "required", Licenses: licences(known[m.Path].licence),
			Purl: "pkg:golang/" + strings.ToLower(m.Path) + "@" + m.Version}
		if m.Sum != "" { // of go.sum: a hash over the module's files, not of one file
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		b.add(c)
	}
}

// locked is a package in package-lock.json, lockfileVersion 3.
type locked struct {
	Version      string            `json:"version"`
	Integrity    string            `json:"integrity"`
	License      any               `json:"license"`
	Dependencies map[string]string `json:"dependencies"`
	Optional     bool              `json:"optional"`
}

// npm adds the packages of the workbench. What the table calls shipped, and what that depends on, is required; the rest only
// builds and tests.
func (b *bill) npm(lock []byte, known table) error {
	var file struct {
		Version  int               `json:"lockfileVersion"`
		Packages map[string]locked `json:"packages"`
	}
	if err := json.Unmarshal(lock, &file); err != nil {
		return err
	}
	if file.Version != 3 {
		return fmt.Errorf("the lock file has version %d; 3 is understood", file.Version)
	}
	shipped := map[string]bool{}
	var ship func(name string)
	ship = func(name string) {
		if p, ok := file.Packages["node_modules/"+name]; ok && !shipped[name] {
			shipped[name] = true
			for d := range p.Dependencies {
				ship(d)
			}
		}
	}
	for name, e := range known {
		if e.shipped {
			ship(name)
		}
	}
	for path, p := range file.Packages {
		at := strings.LastIndex(path, "node_modules/")
		if at < 0 {
			continue // the workbench itself
		}
		name := path[at+len("node_modules/"):]
		c := component{Type: "library", Name: name, Version: p.Version, Scope: "excluded", Purl: "pkg:npm/" + strings.ReplaceAll(url.PathEscape(name), "%2F", "/") + "@" + p.Version}
		if shipped[name] {
			c.Scope = "required"
		}
		if text, ok := p.License.(string); ok {
			c.Licenses = licences(text)
		}
		if sum, ok := strings.CutPrefix(p.Integrity, "sha512-"); ok {
			raw, err := base64.StdEncoding.DecodeString(sum)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			c.Hashes = []hash{{"SHA-512", hex.EncodeToString(raw)}}
		}
		b.add(c)
	}
	return nil
}

// add adds a component once. One that some path makes required is required.
func (b *bill) add(c component) {
	c.Ref = c.Purl
	c.Purl = strings.Replace(c.Purl, "pkg:npm/@", "pkg:npm/%40", 1)
	for i, old := range b.Components {
		if old.Ref == c.Ref {
			if c.Scope == "required" {
				b.Components[i].Scope = c.Scope
			}
			return
		}
	}
	b.Components = append(b.Components, c)
}

// finish orders everything and names the document by its content.
func (b *bill) finish() *bill {
	slices.SortFunc(b.Components, func(x, y component) int { return cmp.Compare(x.Ref, y.Ref) })
	slices.SortFunc(b.Metadata.Component.Components, func(x, y component) int { return cmp.Compare(x.Ref, y.Ref) })
	root := dependency{Ref: b.Metadata.Component.Ref}
	for _, c := range b.Components {
		if c.Scope == "required" {
			root.DependsOn = append(root.DependsOn, c.Ref)
		}
	}
	b.Dependencies = []dependency{root}
	b.Serial = ""
	text, err := json.Marshal(b)
	if err != nil {
		panic(err) // strings and slices of strings
	}
	sum := sha256.Sum256(text)
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8, RFC 9562 section 5.8
	b.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	return b
}

// licences gives an SPDX id, or an expression of several.
func licences(text string) []licenseChoice {
	switch {
	case text == "" || strings.HasPrefix(text, "SEE "):
		return nil
	case strings.ContainsAny(text, " ()"):
		return []licenseChoice{{Expression: text}}
	}
	return []licenseChoice{{License: &license{text}}}
}
