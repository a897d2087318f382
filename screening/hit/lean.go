package hit

// Leaning is what the machine makes of the evidence, in a word and the evidence that decided it. It orders attention; it
// decides nothing.
type Leaning struct {
	Leans string // same, different, unclear
	Code  string // same.document, same.name-born, different.sex, different.born, different.document, different.nationality, unclear.year, unclear.name, unclear.mixed
}

// Lean weighs the evidence the way an experienced officer reads it: a document that agrees settles more than any name; a
// sex or a birth date that differs settles more than a name that agrees; a name alone settles nothing.
func (h *Hit) Lean() Leaning {
	by := map[string]Reason{}
	for _, r := range h.Reasons {
		if old, ok := by[r.Field]; !ok || abs(r.Weight) > abs(old.Weight) {
			by[r.Field] = r
		}
	}
	born, nation := by["born"].Agreement, by["nationality"].Agreement
	switch {
	case by["document"].Agreement == "same":
		return Leaning{"same", "same.document"}
	case by["sex"].Agreement == "different":
		return Leaning{"different", "different.sex"}
	case born == "different":
		return Leaning{"different", "different.born"}
	case born == "same" && by["name"].Agreement != "different" && nation == "different":
		return Leaning{"unclear", "unclear.mixed"}
	case born == "same" && by["name"].Agreement != "different":
		return Leaning{"same", "same.name-born"}
	case nation == "different":
		return Leaning{"different", "different.nationality"}
	case born == "similar":
		return Leaning{"unclear", "unclear.year"}
	}
	return Leaning{"unclear", "unclear.name"}
}

func abs(f float64) float64 {
	if f < 0 {
		return -f
	}
	return f
}
