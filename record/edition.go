package record

// Edition says that a revision is what one recipient gets of a record, cut to what was agreed with them. Editions of a record
// to a recipient are a chain of revisions of their own: Revision.Number counts 1, 2, 3 and Revision.Former is the hash of the
// edition before, so that a recipient learns neither how often the record was revised nor what others got.
type Edition struct {
	Of int `json:"of"` // revision of the owner's record that it was made of
}
