package api

import (
	"strings"

	"sarhad/screening/hit"
)

// said is a sentence in both languages of the screens. In reasons, {q} stands for what the traveller's side says and {l}
// for the list's.
type said struct{ en, ru string }

// leanings put the machine's leaning into words.
var leanings = map[string]said{
	"same.document":         {"Same document number: very likely the same person", "Совпадает номер документа: скорее всего, то же лицо"},
	"same.name-born":        {"Name and full birth date agree: likely the same person", "Совпадают имя и полная дата рождения: вероятно, то же лицо"},
	"different.sex":         {"Sex differs: likely another person", "Пол не совпадает: вероятно, другое лицо"},
	"different.born":        {"Birth date differs: likely another person", "Дата рождения не совпадает: вероятно, другое лицо"},
	"different.nationality": {"No birth date to compare, nationality differs: likely another person", "Даты рождения для сравнения нет, гражданство другое: вероятно, другое лицо"},
	"different.partial":     {"Birth date agrees only in part, nationality differs: likely another person", "Дата рождения совпадает лишь частично, гражданство другое: вероятно, другое лицо"},
	"unclear.document":      {"Document numbers are nearly the same: compare them letter by letter", "Номера документов почти совпадают: сверьте их посимвольно"},
	"unclear.year":          {"Birth date agrees only in part: compare the documents", "Дата рождения совпадает лишь частично: сравните документы"},
	"unclear.name":          {"Only the name agrees, nothing else to compare", "Совпадает только имя, сравнить больше нечего"},
	"unclear.mixed":         {"Name and birth date agree, nationality differs: check the papers", "Имя и дата рождения совпадают, гражданство другое: проверьте документы"},
}

func leaningOf(h *hit.Hit) Verdict {
	l := h.Lean()
	s := leanings[l.Code]
	return Verdict{Code: l.Code, Leans: l.Leans, TextEn: s.en, TextRu: s.ru}
}

// reasons say each code of engine/match; a test proves that none is missing.
var reasons = map[string]said{
	"name.same":         {"Same name", "Имя совпадает"},
	"name.romanization": {"Same name, written in another alphabet or romanization", "То же имя в другой письменности или транслитерации"},
	"name.spelling":     {"Same name in another spelling", "То же имя в другом написании"},
	"name.typo":         {"Similar name, some letters differ", "Похожее имя, отдельные буквы отличаются"},
	"name.initial":      {"Agrees as far as the initial tells", "Совпадает, насколько можно судить по инициалу"},
	"name.shorter":      {"Agrees, but one side gives more names", "Совпадает, но с одной стороны имён больше"},
	"name.partial":      {"Part of the name agrees", "Совпадает часть имени"},
	"name.different":    {"Different name", "Другое имя"},
	"name.unknown":      {"No name to compare", "Имени для сравнения нет"},

	"born.same":              {"Same birth date", "Дата рождения совпадает"},
	"born.new-year":          {"Both 1 January, which often stands for an unknown day", "У обоих 1 января: так часто пишут, когда день неизвестен"},
	"born.within":            {"Fits the listed period {l}", "Входит в указанный в списке период {l}"},
	"born.near-range":        {"Close to the listed {l}", "Близко к указанному в списке {l}"},
	"born.month-only":        {"Year and month agree, the day is not known", "Год и месяц совпадают, день неизвестен"},
	"born.year-only":         {"Only the year is known on one side, and it agrees", "С одной стороны известен только год, он совпадает"},
	"born.day-month-swapped": {"Day and month are exchanged", "День и месяц переставлены"},
	"born.one-digit":         {"One digit differs", "Отличается одна цифра"},
	"born.year-digit":        {"One digit of the year differs: years apart", "Отличается одна цифра года: разница в годы"},
	"born.same-year":         {"Same year, another day", "Тот же год, другой день"},
	"born.near-year":         {"Born about a year apart", "Разница около года"},
	"born.other-year":        {"Born in another year", "Другой год рождения"},
	"born.unknown":           {"Birth date is not known on both sides", "Дата рождения известна не с обеих сторон"},

	"sex.same":      {"Same sex", "Пол совпадает"},
	"sex.different": {"Sex differs", "Пол не совпадает"},
	"sex.unknown":   {"Sex is not known on both sides", "Пол известен не с обеих сторон"},

	"nationality.same":      {"Same nationality", "Гражданство совпадает"},
	"nationality.different": {"Another nationality", "Другое гражданство"},
	"nationality.unknown":   {"Nationality is not known on both sides", "Гражданство известно не с обеих сторон"},

	"document.same":         {"Same document", "Тот же документ"},
	"document.same-number":  {"Same document number, an issuer is not given", "Тот же номер документа, страна выдачи не указана"},
	"document.confusable":   {"Document numbers differ only in signs that are easily confused", "Номера документов отличаются лишь похожими знаками"},
	"document.other-issuer": {"Same document number, another country of issue", "Тот же номер документа, другая страна выдачи"},
	"document.different":    {"No document in common; people change passports", "Общего документа нет; паспорта меняют"},
}

// phrase says a reason in both languages. A code without words keeps the matcher's own sentence.
func phrase(r hit.Reason) said {
	s, ok := reasons[r.Code]
	if !ok {
		return said{r.Text, r.Text}
	}
	fill := strings.NewReplacer("{q}", r.Query, "{l}", r.Listed)
	return said{fill.Replace(s.en), fill.Replace(s.ru)}
}
