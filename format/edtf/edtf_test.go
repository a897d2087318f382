package edtf

import "testing"

func TestFromText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"07 Sep 1972", "1972-09-07"},
		{"7 Sept. 1972", "1972-09-07"},
		{"September 7, 1972", "1972-09-07"},
		{"1972-09-07", "1972-09-07"},
		{"1972-9-7", "1972-09-07"},
		{"1972-09-07-04:00", "1972-09-07"}, // xs:date with a zone, as some publishers export it
		{"1972-09-07T00:00:00Z", "1972-09-07"},
		{"07.09.1972", "1972-09-07"},
		{"07/09/1972", "1972-09-07"},
		{"09.1972", "1972-09"},
		{"Nov. 1973 ", "1973-11"},
		{"May 1963", "1963-05"},
		{"1958", "1958"},
		{"circa 1958", "1958~"},
		{"circa 07 Sep 1972", "1972-09-07~"},
		{"Approximately 1958", "1958~"},
		{"1958~", "1958~"},
		{"1958 to 1963", "1958/1963"},
		{"1958-1963", "1958/1963"},
		{"1958/1963", "1958/1963"},
		{"circa 1958-1963", "1958/1963"},
		{"01 Jan 1973 to 31 Dec 1973", "1973"},
		{"01 Jan 1963 to 31 Dec 1965", "1963/1965"},
		{"05 Feb 1963 to 06 Mar 1965", "1963-02-05/1965-03-06"},
		{"May 1963 to Jun 1963", "1963-05/1963-06"},
		{"Between Aug. and Sep. 1977", "1977-08/1977-09"},
		{"between 1958 and 1963", "1958/1963"},

		{"", ""}, {"unknown", ""}, {"30-35 years old", ""},
		{"24/06/1402 (Hijri Calendar)", ""}, {"24/06/1402", ""}, // another calendar is not guessed
		{"31 Feb 1970", ""}, {"1970-13-01", ""}, {"1970-00-12", ""}, {"12 Mumble 1970", ""},
		{"1963 to 1958", ""}, {"Decimal 1970", ""}, {"1/1/1", ""}, {"/", ""},
	} {
		got, ok := FromText(c.in)
		if got != c.want && ok || ok != (c.want != "") {
			t.Errorf("FromText(%q) = %q, %v; want %q", c.in, got, ok, c.want)
		}
	}
}

func TestMonth(t *testing.T) {
	if got, ok := Month("1977", " Sep. "); !ok || got != "1977-09" {
		t.Errorf("Month = %q, %v", got, ok)
	}
	if _, ok := Month("1977", "from false passport"); ok {
		t.Error("a remark was taken for a month")
	}
}

// FuzzFromText: whatever is returned as good is valid, and reading it again changes nothing.
func FuzzFromText(f *testing.F) {
	for _, s := range []string{"circa 1958", "Between Aug. and Sep. 1977", "01 Jan 1973 to 31 Dec 1975", "07.09.1972", "1958~/1960", "–", "31 Feb 1970"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := FromText(s)
		if !ok {
			return
		}
		if !Valid(got) {
			t.Fatalf("FromText(%q) = %q is not valid", s, got)
		}
		if again, ok := FromText(got); !ok || again != got {
			t.Fatalf("FromText(%q) = %q, read again %q %v", s, got, again, ok)
		}
	})
}
