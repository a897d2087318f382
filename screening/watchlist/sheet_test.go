package watchlist

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sarhad/record"
)

const ownText = `id,name,aliases,born,nationality,sex,documents,reason,severity,instruction,contact,valid_until
A-1,"MINSIZOV, Askar",Аскар Минсизов;Asqar Minsiz,1972-09-07,KAZ,M,P:N01234567:KAZ,court order 1,high,second-line,duty officer,2027-12-31
A-2,Ҳеҷкас Дарвеш,,1958/1963,Tajikistan;Узбекистан,,AB123456,,,,,
`

// asSheet is a list as a spreadsheet of texts.
func asSheet(t *testing.T, text string) *bytes.Buffer {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return &b
}

// TestSheetIsTheSameList proves that an agency which sends its list as a spreadsheet once and as CSV the next time has
// changed nothing.
func TestSheetIsTheSameList(t *testing.T) {
	text, err := Parse(File{Name: "own.csv", Data: strings.NewReader(ownText)})
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := Parse(File{Name: "own.xlsx", Data: asSheet(t, ownText)})
	if err != nil {
		t.Fatal(err)
	}
	if sheet[0].List != text[0].List || sheet[0].Hash() != text[0].Hash() || len(sheet[0].Entries) != 2 || !Own(sheet[0].Format) {
		t.Errorf("%+v is not %+v", sheet[0], text[0])
	}
}

// TestSheetErrors proves that what is wrong with a word is told by sheet and row.
func TestSheetErrors(t *testing.T) {
	_, err := Parse(File{Name: "own.xlsx", Data: asSheet(t, "id,name,severity\n1,Nobody,terrible\n")})
	if record.KindOf(err) != record.Invalid || !strings.HasPrefix(err.Error(), `own.xlsx, sheet “Sheet1”, row 2: the severity "terrible" is not known`) {
		t.Error(err)
	}
}
