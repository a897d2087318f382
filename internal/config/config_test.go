package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sarhad/internal/config"
	"sarhad/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

func valid() config.Config {
	c := config.Default()
	c.Name, c.Country = "almaty-1", "KAZ"
	return c
}

func TestDefaultListensHereOnly(t *testing.T) {
	c := config.Default()
	if c.HTTP != "127.0.0.1:8080" || c.TLS() || c.Role != config.Node || c.DataDir != "." {
		t.Errorf("defaults %+v", c)
	}
	if err := valid().Validate(); err != nil {
		t.Errorf("with a name and a country: %v", err)
	}
}

func TestEncodeGolden(t *testing.T) {
	c := valid()
	c.BackupDir, c.BackupAt = `E:\backup`, "02:30"
	c.TLSCert, c.TLSKey, c.HTTP = `C:\sarhad\tls\node.pem`, "tls/it's.key", ":8443"
	c.MetricsTokenFile = "metrics.token"
	c.AttachmentFile, c.AttachmentUploads, c.Readers = "1 GB", "20", "2"
	c.HubWays, c.HubBulk, c.RelayListen, c.RelayTwins = "tcp hub.example:4222, wss hub.example:443", "64", ":7443", "uzb-post=192.168.1.7:7443"
	golden := filepath.Join("testdata", "sarhad.toml")
	if *update {
		if err := os.WriteFile(golden, c.Encode(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(c.Encode()) != string(want) {
		t.Errorf("the file is\n%s", c.Encode())
	}
	got, err := config.Parse(want)
	if err != nil || got != c {
		t.Errorf("read back as %+v, %v, want %+v", got, err, c)
	}
}

// What a person reads when the file is wrong, word for word.
func TestParseSaysWhatIsWrong(t *testing.T) {
	const good = "name = \"almaty-1\"\ncountry = \"KAZ\"\n"
	for _, c := range []struct{ name, text, want string }{
		{"typing error", good + "\nadress = \"x\"\nhtpp = \"127.0.0.1:1\"\n",
			"sarhad.toml line 4: adress is no setting: the settings are role, name, country, language, http, data_dir, tls_cert, tls_key, backup_dir, backup_at, backup_keep, lock_after, metrics_token_file, attachment_file, attachment_user, attachment_node, attachment_uploads, readers_at_once, hub_ways, hub_proxy, hub_bulk, hub_listen, hub_websocket, hub_cluster, hub_peers, relay_listen, relay_twins\n" +
				"sarhad.toml line 5: htpp is no setting: did you mean http?"},
		{"hyphen", good + "data-dir = \"x\"", "sarhad.toml line 3: data-dir is no setting: did you mean data_dir?"},
		{"capitals", good + "HTTP = \"127.0.0.1:1\"", "sarhad.toml line 3: HTTP is no setting: did you mean http?"},
		{"quoted", good + "\"tls_crt\" = \"x\"", "sarhad.toml line 3: tls_crt is no setting: did you mean tls_cert?"},
		{"table", good + "[tls_keys]\nfile = \"x\"", "sarhad.toml line 3: tls_keys is no setting: did you mean tls_key?"},
		{"dotted", good + "http.port = 8080", "sarhad.toml line 3: http must be text in quotes: http = \"...\""},
		{"number", "http = 8080\n" + good, "sarhad.toml line 1: http must be text in quotes: http = \"...\""},
		{"list", good + "role = [\"node\"]", "sarhad.toml line 3: role must be text in quotes: role = \"...\""},
		{"nothing", "", "sarhad.toml: name is missing: give the node a name, such as name = \"almaty-1\"\n" +
			"sarhad.toml: country is missing: write the three letters of the country, such as country = \"KAZ\""},
		{"values", "role = \"server\"\nname = \"Almaty 1\"\ncountry = \"UZ\"\nlanguage = \"fr\"\ndata_dir = \"\"",
			"sarhad.toml line 1: role must be \"outpost\", \"node\" or \"hub\"\n" +
				"sarhad.toml line 2: name may have lower-case letters a-z, digits and hyphens, at most 40, a letter first\n" +
				"sarhad.toml line 3: country must be the three capital letters of ICAO 9303, such as \"KAZ\" or \"UZB\"\n" +
				"sarhad.toml line 4: language must be one of en, ru, kk, uz, tg, ky, tk\n" +
				"sarhad.toml line 5: data_dir is empty: write \".\" for the directory of this file"},
		{"open without TLS", good + "http = \":8080\"",
			"sarhad.toml line 3: http \":8080\" would be reached from other machines without TLS: write \"127.0.0.1:8080\" for this machine only, or set tls_cert and tls_key (sarhad node tls makes them)"},
		{"half of TLS", good + "tls_cert = \"a.pem\"\nhttp = \":8080\"", "sarhad.toml: tls_key is missing: tls_cert and tls_key go together\n" +
			"sarhad.toml line 4: http \":8080\" would be reached from other machines without TLS: write \"127.0.0.1:8080\" for this machine only, or set tls_cert and tls_key (sarhad node tls makes them)"},
		{"backups", good + "backup_at = \"25:00\"\nbackup_keep = \"all\"", "sarhad.toml line 3: backup_at must be a time of the day, such as \"02:30\", or \"\"\n" +
			"sarhad.toml line 4: backup_keep must be a number in quotes, such as \"14\"; \"0\" keeps all"},
		{"backups nowhere", good + "backup_at = \"02:30\"", "sarhad.toml: backup_dir is empty: a daily backup needs a directory, best on another disk"},
		{"network", good + "hub_ways = \"udp x:1\"\nhub_proxy = \"proxy\"\nhub_bulk = \"fast\"\nhub_listen = \":4222\"\nrelay_listen = \"lan\"\nrelay_twins = \"uzb-post\"",
			"sarhad.toml line 3: hub_ways has a way that cannot be read: write \"tcp hub.example:4222, wss hub.example:443\"\n" +
				"sarhad.toml line 4: hub_proxy must be host and port of the proxy, such as \"proxy.example:3128\"\n" +
				"sarhad.toml line 5: hub_bulk must be kilobits a second in quotes from \"1\" to \"10000000\"; \"\" for all of the line\n" +
				"sarhad.toml line 6: hub_listen and hub_websocket are for a hub: a node opens no port to the network, it calls the hub\n" +
				"sarhad.toml line 7: relay_listen must be host and port, such as \":4222\"\n" +
				"sarhad.toml line 8: relay_twins must name each twin once, another node than this, and where it listens: \"uzb-post=192.168.1.7:7443\""},
		{"sizes", good + "attachment_file = \"3 GB\"\nattachment_user = \"many\"\nattachment_node = \"0 GB\"\nattachment_uploads = \"0\"\nreaders_at_once = \"65\"",
			"sarhad.toml line 3: attachment_file is more than \"2 GB\", which is not read in time: keep what is larger on a medium of its own\n" +
				"sarhad.toml line 4: attachment_user must be a size in quotes, such as \"512 MB\" or \"20 GB\"; \"\" for the default\n" +
				"sarhad.toml line 5: attachment_node must be a size in quotes, such as \"512 MB\" or \"20 GB\"; \"\" for the default\n" +
				"sarhad.toml line 6: attachment_uploads must be a number in quotes from \"1\" to \"10000\"; \"\" for the default\n" +
				"sarhad.toml line 7: readers_at_once must be a number in quotes from \"1\" to \"64\"; \"\" for the default"},
		{"lock too long", good + "lock_after = \"1h\"", "sarhad.toml line 3: lock_after must be from one minute to half an hour: write \"5m\""},
		{"lock is no time", good + "lock_after = \"soon\"", "sarhad.toml line 3: lock_after must be from one minute to half an hour: write \"5m\""},
		{"other half", good + "tls_key = \"a.pem\"", "sarhad.toml: tls_cert is missing: tls_cert and tls_key go together"},
		{"twice", good + "name = \"b\"", "sarhad.toml line 3: Key 'name' has already been defined: compare it with a file that sarhad init writes"},
		{"no quotes", "name = almaty", "sarhad.toml line 1: expected value but found \"almaty\" instead: compare it with a file that sarhad init writes"},
		{"Windows path", good + `data_dir = "C:\sarhad"`,
			`sarhad.toml line 3: invalid escape in string '\s': write paths with \ in single quotes: data_dir = 'C:\sarhad'`},
		{"control character", good + `data_dir = "a\u0000b"`, "sarhad.toml line 3: data_dir has a control character or a broken one in it: type it anew"},
		{"UTF-16", "\xff\xfen\x00", "sarhad.toml is saved as UTF-16: save it as UTF-8"},
		{"CP1251", good + "# \xef\xf0\xe8", "sarhad.toml is not saved as UTF-8: save it as UTF-8"},
		{"huge", strings.Repeat("# \n", 30_000), "sarhad.toml is larger than 64 KiB, so it is no settings file: look whether another file was copied over it"},
	} {
		got, err := config.Parse([]byte(c.text))
		if record.KindOf(err) != record.Invalid || record.MessageOf(err) != c.want {
			t.Errorf("%s: kind %q\n got %s\nwant %s", c.name, record.KindOf(err), record.MessageOf(err), c.want)
		}
		if got != (config.Config{}) {
			t.Errorf("%s: half a configuration %+v", c.name, got)
		}
	}
}

func TestParseTakesWhatEditorsWrite(t *testing.T) {
	for _, text := range []string{
		"name = \"almaty-1\"\ncountry = \"KAZ\"",
		"\ufeffname = 'almaty-1'\r\ncountry = \"KAZ\"\r\n",
		"# words\n  \"name\"=\"almaty-1\" # here\n\ncountry=\"KAZ\"",
	} {
		if c, err := config.Parse([]byte(text)); err != nil || c != valid() {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
}

func TestCheckListen(t *testing.T) {
	for _, c := range []struct {
		address     string
		plain, cert bool
	}{
		{"127.0.0.1:8080", true, true}, {"127.1.2.3:0", true, true}, {"[::1]:8080", true, true}, {"localhost:8080", true, true},
		{"LOCALHOST:8080", true, true}, {"[::ffff:127.0.0.1]:8080", true, true},
		{":8080", false, true}, {"0.0.0.0:8080", false, true}, {"[::]:8080", false, true}, {"192.0.2.1:8080", false, true},
		{"node.example:8080", false, true}, {"localhost.example:8080", false, true}, {"127.0.0.1.example:8080", false, true},
		{"", false, false}, {"127.0.0.1", false, false}, {"127.0.0.1:", false, false}, {"127.0.0.1:http", false, false},
		{"127.0.0.1:65536", false, false}, {"127.0.0.1:-1", false, false}, {"127.0.0.1:+80", false, false}, {"::1:8080", false, false},
		{"http://127.0.0.1:8080", false, false}, {"a b:80", false, false}, {"a/b:80", false, false},
	} {
		for _, tls := range []bool{false, true} {
			want := c.plain
			if tls {
				want = c.cert
			}
			err := config.CheckListen(c.address, tls)
			if (err == nil) != want {
				t.Errorf("%q, TLS %v: %v", c.address, tls, err)
			}
			if err != nil && record.KindOf(err) != record.Invalid {
				t.Errorf("%q: kind %q", c.address, record.KindOf(err))
			}
		}
	}
}

func TestLocalAddress(t *testing.T) {
	for in, want := range map[string]string{
		":8080": "127.0.0.1:8080", "8080": "127.0.0.1:8080", ":0": "127.0.0.1:0", "0.0.0.0:80": "0.0.0.0:80",
		"localhost:80": "localhost:80", "": "", "70000": "70000",
	} {
		if got := config.LocalAddress(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWriteAndLoad(t *testing.T) {
	dir := t.TempDir()
	_, err := config.Load(dir)
	if record.KindOf(err) != record.NotFound || !strings.Contains(record.MessageOf(err), "sarhad init") {
		t.Errorf("no file: %v", err)
	}
	c := valid()
	c.TLSCert, c.TLSKey, c.HTTP = "tls/node.pem", filepath.Join(dir, "elsewhere.key"), "0.0.0.0:8443"
	if err := config.Write(dir, c); err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(dir)
	want := c
	want.DataDir, want.TLSCert = dir, filepath.Join(dir, "tls", "node.pem")
	if err != nil || got != want {
		t.Errorf("loaded %+v, %v, want %+v", got, err, want)
	}

	// Settings that cannot work do not replace those that do.
	bad := c
	bad.TLSCert, bad.TLSKey = "", ""
	if err := config.Write(dir, bad); record.KindOf(err) != record.Invalid {
		t.Errorf("wrote an open address without TLS: %v", err)
	}
	if got, err := config.Load(dir); err != nil || got != want {
		t.Errorf("after a refused write: %+v, %v", got, err)
	}
	c.Language = "kk"
	if err := config.Write(dir, c); err != nil {
		t.Fatal(err)
	}
	if got, _ := config.Load(dir); got.Language != "kk" {
		t.Errorf("not replaced: %+v", got)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
	if err := config.Write(filepath.Join(dir, "none"), c); record.KindOf(err) != record.Internal {
		t.Errorf("into no directory: %v", err)
	}
}

// No text breaks the reader, and what it accepts survives being written.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "name = \"a\"\ncountry = \"KAZ\"", "[a.b]\nc=1", "a.b.c = 1", "\"\" = 1", "''=1\n[[x]]",
		"name = \"a\"\ncountry = \"KAZ\"\ndata_dir = '''C:\\x\n'''", "name = \"a\"\ncountry = \"KAZ\"\ndata_dir = \"it's \\\\ \\\"q\\\"\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse([]byte(text))
		if err != nil {
			if record.KindOf(err) != record.Invalid {
				t.Errorf("kind %q: %v", record.KindOf(err), err)
			}
			return
		}
		got, err := config.Parse(c.Encode())
		if err != nil || got != c {
			t.Errorf("%+v was read back as %+v, %v", c, got, err)
		}
	})
}

// TestAttachments proves how sizes are read: in units of 1024, and silence leaves the default to whoever keeps the limit.
func TestAttachments(t *testing.T) {
	c := valid()
	if got := c.Attachments(); got != (config.Limits{}) || c.ReadersAtOnce() != 0 {
		t.Errorf("of silent settings %+v, %d", got, c.ReadersAtOnce())
	}
	c.AttachmentFile, c.AttachmentUser, c.AttachmentNode, c.AttachmentUploads, c.Readers = "700MB", "2 GB", "40 GB", "7", "5"
	if got, want := c.Attachments(), (config.Limits{File: 700 << 20, User: 2 << 30, Node: 40 << 30, Uploads: 7}); got != want || c.ReadersAtOnce() != 5 {
		t.Errorf("%+v, want %+v", got, want)
	}
}
