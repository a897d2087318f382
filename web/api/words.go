package api

import "sarhad/screening/hit"

// said is a sentence in both languages of the screens.
type said struct{ en, ru string }

// leanings put the machine's leaning into words.
var leanings = map[string]said{
	"same.document":         {"Same document number: very likely the same person", "Совпадает номер документа: скорее всего, то же лицо"},
	"same.name-born":        {"Name and full birth date agree: likely the same person", "Совпадают имя и полная дата рождения: вероятно, то же лицо"},
	"different.sex":         {"Sex differs: likely another person", "Пол не совпадает: вероятно, другое лицо"},
	"different.born":        {"Birth date differs: likely another person", "Дата рождения не совпадает: вероятно, другое лицо"},
	"different.nationality": {"No birth date to compare by and nationality differs: likely another person", "Дату рождения не подтвердить, гражданство другое: вероятно, другое лицо"},
	"different.document":    {"Another document of the same country: likely another person", "Другой документ той же страны: вероятно, другое лицо"},
	"unclear.year":          {"Birth date agrees only in part: compare documents", "Дата рождения совпадает частично: сравните документы"},
	"unclear.name":          {"Only the name agrees: nothing else to compare", "Совпадает только имя: сравнить больше нечего"},
	"unclear.mixed":         {"Name and birth date agree, nationality differs: check the papers", "Имя и дата рождения совпадают, гражданство другое: проверьте документы"},
}

func leaningOf(h *hit.Hit) Verdict {
	l := h.Lean()
	s := leanings[l.Code]
	return Verdict{Code: l.Code, Leans: l.Leans, TextEn: s.en, TextRu: s.ru}
}

// russian puts a reason into Russian; the English sentence stands in until a code has words.
func russian(r hit.Reason) string {
	if say, ok := reasonsRu[r.Code]; ok {
		return say(r)
	}
	return r.Text
}

var reasonsRu = map[string]func(hit.Reason) string{}
