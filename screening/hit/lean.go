package hit

// Leaning is what the machine makes of the evidence, in a word and the evidence that decided it. It orders attention; it
// decides nothing.
type Leaning struct {
	Leans string // same, different, unclear
	Code  string // leans and the evidence that decided it: same.document, different.sex, unclear.year ...
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
	born, otherNation, sameName := by["born"], by["nationality"].Agreement == "different", by["name"].Agreement != "different"
	switch {
	case by["document"].Agreement == "same":
		return Leaning{"same", "same.document"}
	case by["sex"].Agreement == "different":
		return Leaning{"different", "different.sex"}
	case born.Agreement == "different":
		return Leaning{"different", "different.born"}
	case by["document"].Agreement == "similar":
		return Leaning{"unclear", "unclear.document"}
	case born.Code == "born.same" && sameName && otherNation:
		return Leaning{"unclear", "unclear.mixed"}
	case born.Code == "born.same" && sameName:
		return Leaning{"same", "same.name-born"}
	case born.Agreement == "unknown" && otherNation:
		return Leaning{"different", "different.nationality"}
	case otherNation:
		return Leaning{"different", "different.partial"}
	case born.Agreement == "unknown" || born.Agreement == "":
		return Leaning{"unclear", "unclear.name"}
	}
	return Leaning{"unclear", "unclear.year"}
}

func abs(f float64) float64 {
	if f < 0 {
		return -f
	}
	return f
}
