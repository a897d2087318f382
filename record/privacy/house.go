package privacy

// House implements record.HouseBody: no other node sets our clocks.
func (*Policy) House() {}

// House implements record.HouseBody.
func (*Hold) House() {}

// House implements record.HouseBody.
func (*Unmasking) House() {}
