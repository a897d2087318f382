// Package proposal holds the two ways in which somebody other than its writer changes a record: a hand-over makes another node
// the writer, a proposal asks the writer for a correction.
//
// # Nouns
//
//   - Handover (record.handover@1): signed by the node that gives, good for the one revision it names.
//   - Proposal (record.proposal@1): fields of one record as they are and as they should be, with a reason; open until somebody
//     decides: accepted or refused with a reason, or withdrawn by who made it.
//
// # Promises
//
//   - A record has one writer node at a time. Put holds everybody to it; a stale or repeated hand-over changes nothing.
//   - A proposal changes nothing by itself. Accept applies it to the present revision, which cites it, and refuses where a field
//     was changed meanwhile.
//   - What may be proposed follows the class of a field: plain, identity and text; what tells where information came from, what
//     must stay home and what somebody decided is not corrected from outside.
//   - A proposal is handled as strictly as its record and erased with it.
//
// # Must never
//
// It knows no kind: fields are found by the class walker. The machine decides no proposal.
package proposal
