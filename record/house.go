package record

// HouseBody is a body that says how one node is run: a policy, a question to an officer, a line of a register. It means
// nothing elsewhere, so none is taken from another node, whatever topic its envelope names.
type HouseBody interface {
	Body
	House()
}
