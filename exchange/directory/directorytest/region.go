package directorytest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/nats-io/nkeys"

	"sarhad/exchange/directory"
	"sarhad/record"
)

// Codes are the countries of the region, as data.
var Codes = []string{"KAZ", "KGZ", "TJK", "TKM", "UZB"}

// Region is five countries with root, registrar and witness each, and a node for each, on one clock. All keys come from a seed, so that
// a failing run can be played again.
type Region struct {
	T         testing.TB
	Time      time.Time
	Countries map[string]*Land
	Genesis   []byte
	Keeper    *Land // keeps the log that registrars hand their statements to; KAZ
	made      int
}

// Land is a country with its node.
type Land struct {
	Code      string
	Roots     []*directory.Signer
	Store     *Memory
	Directory *directory.Directory
	Registrar *directory.Registrar
	Witness   *directory.Witness
}

// Now is the clock of the region.
func (r *Region) Now() time.Time { return r.Time }

// Seed makes 32 bytes that depend on what only.
func Seed(what string) []byte {
	sum := sha256.Sum256([]byte("sarhad test key " + what))
	return sum[:]
}

// NewRegion makes a region whose directory counts at every node: genesis, appointments, and an agency for each country.
func NewRegion(t testing.TB) *Region {
	t.Helper()
	r := &Region{T: t, Time: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Countries: map[string]*Land{}}
	var founders []directory.Founder
	for _, code := range Codes {
		land := r.Land(code)
		founders = append(founders, directory.Founder{Country: code, Roots: land.Roots, Registrar: land.Registrar.Signer.Public(), Witness: land.Witness.Signer.Public()})
	}
	keeper := r.Countries["KAZ"]
	r.Keeper = keeper
	r.must(keeper.Directory.Found(r.ctx(), "region", 3, founders))
	r.Genesis = keeper.Directory.Waiting()[0].Data
	for _, code := range Codes {
		land := r.Countries[code]
		if land != keeper {
			r.must(land.Directory.Pin(r.ctx(), keeper.Directory.Identity()))
		}
	}
	r.Publish(keeper, Codes...)
	for _, code := range Codes {
		r.must(r.Countries[code].Registrar.Introduce(r.ctx(), directory.Party{ID: code, Type: directory.Country, Country: code, Names: Names(code)}))
		r.must(r.Countries[code].Registrar.Introduce(r.ctx(), directory.Party{ID: code + "-PIU", Type: directory.Agency, Country: code, Parent: code, Names: Names(code + " PIU")}))
	}
	r.Publish(keeper, Codes...)
	return r
}

// Copy is the region once more, on copies of its storages.
func (r *Region) Copy(t testing.TB) *Region {
	t.Helper()
	c := &Region{T: t, Time: r.Time, Countries: map[string]*Land{}, Genesis: r.Genesis}
	for code, land := range r.Countries {
		c.Countries[code] = &Land{Code: code, Roots: land.Roots, Store: land.Store.Copy()}
		c.Reopen(c.Countries[code], land.Witness.Incarnation)
	}
	c.Keeper = c.Countries[r.Keeper.Code]
	return c
}

// Land makes a country that is not in the directory yet. What its registrar signs goes to the log that KAZ keeps.
func (r *Region) Land(code string) *Land {
	land := &Land{Code: code, Store: NewMemory()}
	for i := range directory.RootKeys {
		s, err := directory.RootSigner(code, Seed(code+" root "+string(rune('1'+i))))
		r.must(err)
		land.Roots = append(land.Roots, s)
	}
	r.Countries[code] = land
	r.must(directory.NewWitnessKey(r.ctx(), land.Store, code, "life-1"))
	r.Reopen(land, "life-1")
	return land
}

// Reopen starts the node of a country anew on its storage, as after a restart or, with another life, a restore.
func (r *Region) Reopen(land *Land, life string) {
	r.T.Helper()
	d, err := directory.Open(r.ctx(), land.Store, r.Now)
	r.must(err)
	land.Directory = d
	registrar, err := directory.RegistrarSigner(land.Code, Seed(land.Code+" registrar"))
	r.must(err)
	witness, err := directory.WitnessSigner(land.Code, Seed(land.Code+" witness"))
	r.must(err)
	land.Registrar = &directory.Registrar{Country: land.Code, Signer: registrar, Directory: d, Now: r.Now, Submit: func(ctx context.Context, s []byte) error {
		return r.Keeper.Directory.Propose(ctx, s)
	}}
	land.Witness = &directory.Witness{Country: land.Code, Signer: witness, Store: land.Store, Directory: d, Now: r.Now, Incarnation: life}
}

// On makes another log the one that registrars, first that of KAZ, work on: a dishonest operator has several.
func (r *Region) On(log *Land) {
	r.Keeper = log
	r.Countries["KAZ"].Registrar.Directory = log.Directory
}

// Appoint lets a root appoint the registrar and witness of its country.
func (r *Region) Appoint(keeper *Land, code string) {
	r.T.Helper()
	land := r.Countries[code]
	draft, err := keeper.Directory.DraftAuthority(code, directory.Authority{Registrar: land.Registrar.Signer.Public(), Witness: land.Witness.Signer.Public(),
		Since: r.Time, Until: r.Time.Add(directory.AuthorityLife)})
	r.must(err)
	r.must(keeper.Directory.Propose(r.ctx(), r.Sign(draft, land.Roots[0], land.Roots[2])))
}

// Sign signs a draft.
func (r *Region) Sign(draft []byte, by ...*directory.Signer) []byte {
	r.T.Helper()
	out, err := directory.Sign(draft, by...)
	r.must(err)
	return out
}

// Cosigned has a log cosigned by countries and gives the bundle from a size on.
func (r *Region) Cosigned(keeper *Land, from int64, by ...string) []byte {
	r.T.Helper()
	var words [][]byte
	for _, code := range by {
		land := r.Countries[code]
		have, _ := land.Directory.Size()
		size, _ := keeper.Directory.Size()
		draft, err := keeper.Directory.Draft(min(have, size))
		r.must(err)
		data, err := draft.Encode()
		r.must(err)
		word, err := land.Witness.Cosign(r.ctx(), data)
		r.must(err)
		words = append(words, word)
	}
	draft, err := keeper.Directory.Draft(from)
	r.must(err)
	bundle, err := directory.Join(draft, words...)
	r.must(err)
	data, err := bundle.Encode()
	r.must(err)
	return data
}

// Publish has what waits cosigned by countries and gives it to every node that has a directory.
func (r *Region) Publish(keeper *Land, by ...string) []byte {
	r.T.Helper()
	from, _ := keeper.Directory.Size()
	data := r.Cosigned(keeper, from, by...)
	_, err := keeper.Directory.Take(r.ctx(), data)
	r.must(err)
	for _, code := range Codes {
		if land := r.Countries[code]; land != keeper && land.Directory.Identity() != "" {
			r.Sync(keeper, land)
		}
	}
	return data
}

// Sync brings one node up to date from another.
func (r *Region) Sync(from, to *Land) {
	r.T.Helper()
	for {
		have, _ := to.Directory.Size()
		b, err := from.Directory.Missing(r.ctx(), have)
		r.must(err)
		data, err := b.Encode()
		r.must(err)
		t, err := to.Directory.Take(r.ctx(), data)
		r.must(err)
		if t.New == 0 {
			return
		}
	}
}

// Machine is the keys of a machine under test.
type Machine struct {
	Keys directory.Keys
	Sign *directory.Signer
	Seal *age.HybridIdentity
}

// Machine makes the keys of a machine. Only the seal key is random.
func (r *Region) Machine(node, generation string) Machine {
	r.T.Helper()
	seal, err := age.GenerateHybridIdentity()
	r.must(err)
	line, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, Seed(node+" line "+generation))
	r.must(err)
	public, err := line.PublicKey()
	r.must(err)
	sign, err := directory.NewSigner(node, Seed(node+" sign "+generation))
	r.must(err)
	return Machine{Keys: directory.Keys{Sign: []string{sign.Public()}, Seal: []string{directory.SuiteAge + ":" + seal.Recipient().String()},
		Line: []string{directory.SuiteNKey + ":" + public}}, Sign: sign, Seal: seal}
}

// Join invites a machine, lets it answer and approves it; the statement waits for Publish.
func (r *Region) Join(code, node string, m Machine) {
	r.T.Helper()
	if !r.Invited(code, node, m) {
		r.T.Fatalf("%s could not join: too much waits for cosignatures", node)
	}
}

// Invited is Join, but gives false when so much waits that it must be cosigned first.
func (r *Region) Invited(code, node string, m Machine) bool {
	r.T.Helper()
	land := r.Countries[code]
	r.made++
	nonce := hex.EncodeToString(Seed("nonce " + node + string(rune('0'+r.made)))[:16])
	file, _, err := land.Registrar.Invite(r.ctx(), node, directory.Node, code+"-PIU", nonce)
	r.must(err)
	inv, err := directory.ReadInvitation(file)
	r.must(err)
	request, err := inv.Answer(r.Time, Names(node), m.Keys, []string{"drugs"}, map[string][]int{"incident.report": {1, 2}}, nil, "", m.Sign)
	r.must(err)
	q, err := directory.ReadRequest(request)
	r.must(err)
	err = land.Registrar.Approve(r.ctx(), q)
	if record.KindOf(err) == record.Unavailable {
		return false
	}
	r.must(err)
	return true
}

// Names makes names of a party.
func Names(en string) directory.Names { return directory.Names{En: en, Ru: en + " по-русски"} }

// Publics are the public halves of keys.
func Publics(signers []*directory.Signer) (out []string) {
	for _, s := range signers {
		out = append(out, s.Public())
	}
	return out
}

func (r *Region) ctx() context.Context { return r.T.Context() }

func (r *Region) must(err error) {
	r.T.Helper()
	if err != nil {
		r.T.Fatal(err)
	}
}
