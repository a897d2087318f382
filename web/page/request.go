package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sarhad/record/privacy/request"
	"sarhad/record/vocab"
)

// Letter is a reply to a person in one language: what the screen previews and what is printed.
type Letter struct {
	Lang     string          `json:"lang"`
	Agency   string          `json:"agency"` // letterhead
	Title    string          `json:"title"`
	To       []string        `json:"to"`
	Number   string          `json:"number"`
	Dates    []LetterLine    `json:"dates"`
	Opening  []string        `json:"opening"`
	Sections []LetterSection `json:"sections"`
	Closing  []LetterSection `json:"closing"`
}

// LetterLine is a label and a value.
type LetterLine struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// LetterSection is one record, or one right, under a heading.
type LetterSection struct {
	Heading string       `json:"heading"`
	Note    string       `json:"note,omitempty"` // what is not told, and on which ground
	Text    []string     `json:"text"`
	Lines   []LetterLine `json:"lines"`
}

// speak holds one language; its methods give the words of the letter.
type speak struct{ ru bool }

func (s speak) of(en, ru string) string {
	if s.ru {
		return ru
	}
	return en
}

func (s speak) lang() string { return s.of("en", "ru") }

func (s speak) day(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if s.ru {
		return t.UTC().Format("02.01.2006")
	}
	return t.UTC().Format("2 January 2006")
}

func (s speak) term(vocabulary, code string) string { return vocab.Label(vocabulary, code, s.lang()) }

// RequestLetter puts a reply into words. Silent records are in none of them; a letter with some reads like one without.
func RequestLetter(r *request.Reply, lang string) Letter {
	s := speak{strings.HasPrefix(lang, "ru")}
	q := &r.Request
	l := Letter{Lang: s.lang(), Agency: r.Agency, Number: q.Number, Sections: []LetterSection{}, Opening: []string{}, To: []string{}}
	l.Title = s.of("Reply to your request: ", "Ответ на ваш запрос: ") + lower(s.term(vocab.RequestKinds, q.Asks))
	if len(q.Person.Names) > 0 {
		l.To = append(l.To, q.Person.Names[0].Full)
	}
	if q.Person.Address != "" {
		l.To = append(l.To, q.Person.Address)
	}
	l.Dates = []LetterLine{{s.of("Your request of", "Ваш запрос от"), s.day(q.Received)}, {s.of("Data as of", "Сведения на"), s.day(r.At)}}
	switch {
	case q.Draft != nil && q.Draft.Refuse:
		l.Opening = append(l.Opening, s.of("We cannot grant your request. Ground: ", "Мы не можем удовлетворить ваш запрос. Основание: ")+lower(s.term(vocab.RequestGrounds, q.Draft.Ground))+".")
	default:
		l.Opening = append(l.Opening, s.opening(r))
	}
	if q.Draft != nil && q.Draft.Words != "" {
		l.Opening = append(l.Opening, strings.Split(q.Draft.Words, "\n")...)
	}
	if q.Draft != nil && q.Draft.Waiting != "" {
		l.Opening = append(l.Opening, s.of("What happens next: ", "Что будет дальше: ")+q.Draft.Waiting)
	}
	if q.Draft == nil || !q.Draft.Refuse {
		for _, it := range r.Items {
			if it.What != request.Silent {
				l.Sections = append(l.Sections, s.item(len(l.Sections)+1, it))
			}
		}
	}
	l.Closing = s.closing(r)
	return l
}

// opening says how much there is. It is the same sentence whether something is kept silent or not.
func (s speak) opening(r *request.Reply) string {
	n := 0
	for _, it := range r.Items {
		if it.What != request.Silent {
			n++
		}
	}
	base := s.of("We searched our records by the names and documents that you gave. ", "Мы провели поиск в наших записях по указанным вами именам и документам. ")
	if n == 0 {
		return base + s.of("There is nothing that we can tell you of. This neither confirms nor denies that records exist which the law keeps from disclosure.",
			"Сведений, которые мы могли бы вам сообщить, нет. Это не подтверждает и не отрицает существования записей, раскрытие которых ограничено законом.")
	}
	return base + fmt.Sprintf(s.of("Records about you that we tell you of: %d. This neither confirms nor denies that others exist which the law keeps from disclosure.",
		"Записей о вас, о которых мы сообщаем: %d. Это не подтверждает и не отрицает существования других, раскрытие которых ограничено законом."), n)
}

func (s speak) item(n int, it request.Item) LetterSection {
	out := LetterSection{Heading: strconv.Itoa(n) + ". " + s.term(vocab.ToldKinds, it.Kind), Lines: []LetterLine{}, Text: []string{}}
	add := func(en, ru, value string) {
		if value != "" {
			out.Lines = append(out.Lines, LetterLine{s.of(en, ru), value})
		}
	}
	if !it.Standing.Erased.IsZero() {
		out.Note = fmt.Sprintf(s.of("This record was erased on %s; nothing of it is kept.", "Эта запись удалена %s; её содержание не хранится."), s.day(it.Standing.Erased))
		return out
	}
	purpose := ""
	if t, ok := vocab.Lookup(vocab.ToldKinds, it.Kind); ok {
		purpose = t.Note(s.lang())
	}
	add("Why it is kept", "Зачем хранится", first(purpose, it.Purpose))
	add("Legal basis", "Правовое основание", it.Legal)
	add("Where it came from", "Откуда получено", s.origin(it.Origin))
	add("Kept since", "Хранится с", s.day(it.Created))
	add("Kept until", "Хранится до", s.until(it.Standing))
	add("Given to", "Кому передано", first(strings.Join(it.Shared, ", "), s.of("nobody outside this agency, by this record", "по этой записи – никому вне ведомства")))
	add("Opened", "Открывали", s.looks(it.Looks))
	if it.Ground != "" {
		out.Note = s.of("Not told in full. Ground: ", "Сообщается не полностью. Основание: ") + lower(s.term(vocab.RequestGrounds, it.Ground))
		if it.What == request.Withheld {
			out.Note = s.of("The content is withheld. Ground: ", "Содержание не сообщается. Основание: ") + lower(s.term(vocab.RequestGrounds, it.Ground))
		}
		if day, err := time.Parse(time.DateOnly, it.Until); err == nil {
			out.Note += s.of(", until ", ", до ") + s.day(day)
		}
	} else if it.Left > 0 {
		out.Note = s.of("Left out: what concerns other persons or the sources of this record.", "Не приводится то, что касается других лиц или источников этой записи.")
	}
	if it.Standing.Masked {
		out.Text = append(out.Text, s.of("What names you in this record is sealed.", "Сведения, называющие вас в этой записи, запечатаны."))
	}
	for _, f := range it.Fields {
		out.Lines = append(out.Lines, LetterLine{s.field(f.Path), s.value(f.Path, f.Value)})
	}
	return out
}

func (s speak) origin(code string) string {
	switch code {
	case "message":
		return s.of("a message of the carrier or of another authority", "сообщение перевозчика или другого органа")
	case "officer":
		return s.of("an officer of this agency", "сотрудник ведомства")
	case "computed":
		return s.of("computed from another record of this list", "получено обработкой другой записи из этого перечня")
	}
	return s.of("not recorded", "не указано")
}

func (s speak) until(st request.Standing) string {
	switch {
	case st.Held:
		return s.of("a legal hold ends", "снятия законного запрета на удаление")
	case st.Until.IsZero():
		return s.of("the term that the rules of the agency set for such records", "истечения срока, установленного для таких записей")
	}
	return s.day(st.Until)
}

func (s speak) looks(all []request.AgencyLooks) string {
	var out []string
	for _, l := range all {
		if l.Agency == "" { // a part of the program
			continue
		}
		out = append(out, fmt.Sprintf(s.of("%s: times – %d, days – %d, %s to %s", "%s: раз – %d, дней – %d, с %s по %s"), l.Agency, l.Count, l.Days, s.day(l.First), s.day(l.Last)))
	}
	if len(out) == 0 {
		return s.of("never on its own page", "отдельно не открывали")
	}
	return strings.Join(out, "; ")
}

// field names a field by the last word of its path; what has no name in the vocabulary keeps its own.
func (s speak) field(path string) string {
	parts := strings.Split(path, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		if _, err := strconv.Atoi(parts[i]); err == nil {
			continue
		}
		if t, ok := vocab.Lookup(vocab.ToldFields, parts[i]); ok {
			return t.Label(s.lang())
		}
		return strings.ReplaceAll(parts[i], "_", " ")
	}
	return path
}

// wordsOf are the vocabularies that say the value of a field, by the last word of its path.
func wordsOf(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r >= '0' && r <= '9' })
	if len(parts) == 0 {
		return ""
	}
	switch parts[len(parts)-1] {
	case "nationality", "nationalities", "residence", "issuer":
		return vocab.Countries
	case "sex":
		return vocab.Sexes
	case "role":
		return vocab.TravellerRoles
	case "state":
		return vocab.ToldValues
	}
	return ""
}

func (s speak) value(path, v string) string {
	if name := wordsOf(path); name != "" {
		return s.term(name, v)
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	return v
}

func (s speak) closing(r *request.Reply) []LetterSection {
	rules := r.Rules
	return []LetterSection{
		{Heading: s.of("Your rights", "Ваши права"), Lines: []LetterLine{}, Text: []string{
			s.of("You may ask that wrong data be corrected, that data kept without a ground be deleted, and that its use be restricted meanwhile. Write to this agency and cite the number above.",
				"Вы вправе требовать исправить неверные сведения, удалить хранящиеся без основания и ограничить на это время их использование. Обратитесь в это ведомство, указав номер выше."),
			s.of("Basis: ", "Основание: ") + s.of(rules.LegalEn, rules.LegalRu) + ".",
		}},
		{Heading: s.of("If you do not agree", "Если вы не согласны"), Lines: []LetterLine{}, Text: []string{
			s.of("You may complain to ", "Вы вправе обратиться ") + s.of(rules.ComplainEn, rules.ComplainRu) + ".",
		}},
	}
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// lower makes a label fit the middle of a sentence.
func lower(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}
