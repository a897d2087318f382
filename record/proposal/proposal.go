package proposal

import "sarhad/record"

// Bodies lists the bodies of this package for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{func() record.Body { return &Handover{} }}
}
