// Package access decides who may do what with which record: one table of roles x actions x topics x reach.
//
// Allow is a pure function of actor, action and scope. The store evaluates it once for each interned scope and filters
// every query with the result; the web asks May before it shows a door. Nothing else in the program decides access.
//
// Reach says how far a rule goes: own place (a booth), own agency, or the whole node. On top of the table three things
// narrow every rule: a compartment (Handling.Case) is closed to every officer until a register of cases says who works on
// it, because a purpose is what an officer says of themselves; TLP:RED stays with the owning agency; a record with a release list is for those it names and its owner.
//
// `sarhad access matrix` prints the table.
package access
