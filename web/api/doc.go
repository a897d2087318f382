// Package api is the one JSON door: everything the workbench shows and does goes through it, and nothing else does.
//
// The types of requests and answers are Go structs; the OpenAPI document is generated from them (GET /api/openapi.json) and
// kept as openapi.json beside this file, which may only grow: yesterday's client talks to today's node.
//
// # Promises
//
//   - Every named path asks who acts (a session), why (a purpose of work), and reads through record.Store, which filters by
//     scope. What an officer may not open is 404, in every list and count.
//   - Every look at named data is one act in the audit before the answer leaves: who, what, how many, a hash of the ids, the
//     purpose. The same look by the same officer within LookAgain is the same act; a search is an act each time, with a
//     keyed hash of what was searched for, never the words. Oversight's own looks are acts like any other.
//   - A file is read only for who may bring it in, in the name of the agency that will own it; too large a one is refused
//     whole (413), and nothing of it stays in the temporary directory after the answer.
//   - A screen hears of every change it may know of, or that it must read everything again.
//   - Lists are keyset pages with an opaque cursor; no list is without an end.
//   - Errors are application/problem+json with a kind and a sentence for the person. Nothing internal is told.
//
// # Must never
//
// Decide access, hold SQL, or know what a body of a room means beyond the room's own types.
package api
