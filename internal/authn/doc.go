// Package authn is the door of a node: who is there, since when, and what for.
// It keeps local users, signs them in, and guards http requests. What a
// signed-in user may do is not its business but that of record/access.
//
// # Nouns
//
//   - User: a person with a sign-in name, an agency, perhaps a place, roles.
//   - Session: one signed-in browser, with the present purpose of work.
//   - Service: signs in, authenticates, manages accounts.
//   - Passkey: the public half of a WebAuthn credential of a user.
//   - Intent, Challenge, Proof: an act that is to be signed, and the signing.
//   - Device: a browser that several officers share.
//   - Guard: cookies and http middleware around a Service.
//   - Reason: the code inside an error that tells a screen what to do next.
//
// # Promises
//
//   - Passwords are kept as argon2id (RFC 9106) PHC strings, computed over
//     Unicode form NFKC; parameters that were raised reach a user at the next
//     sign-in. Short, common and obvious passwords are refused
//     (NIST SP 800-63B section 5.1.1.2).
//   - Codes are TOTP (RFC 6238) with one step of tolerance; a code is accepted
//     once, also when two sign-ins bring it at the same moment.
//   - An unknown name, a disabled user and a wrong password cost the same
//     time, count the same, and get the same answer.
//   - Wrong tries are limited for each name and each address. The wait is
//     never longer than the time in which one try is forgiven; nothing locks
//     for ever. Somebody else's tries do not lock out a user at an address
//     from which they have signed in before.
//   - Of a session token only its SHA-256 is stored. A session ends after 12 h,
//     after 30 min without use, when it is revoked, when the user is disabled,
//     and when the password changes; each takes effect with the next request.
//   - A passkey (WebAuthn Level 3) is bound to one host name and to names of
//     the node's certificate, verifies who is there, and is put out of use when
//     its counter falls behind. Its challenge serves once, for two minutes.
//   - An act is signed as it will stand in the audit, by the strongest way the
//     officer has at this address; the proof serves that act once.
//   - On a shared device a locked session's token opens nothing; its PIN is
//     worth nothing without the device's cookie, and five wrong ones end it.
//   - A purpose lasts 8 h and never longer than its session.
//   - Every act writes its audit row in its own transaction, with ids only.
//
// # Must never
//
// Read the environment; log; put a name, password, code or token into an
// audit row or an error's operator text; trust a header the peer can write;
// tell at the door whether a name exists; decide what a role may do.
//
// # Limits
//
// Counts of wrong tries live in memory: a restart forgets them. There is no
// support for a proxy in front of the node: all its users would share one
// address.
//
// # What a store implements
//
// The interface Store, made of Users (User, UserByName, ListUsers), UserWriter
// (InsertUser, UpdateUser), Sessions (InsertSession, Session, UpdateSession),
// SessionEnder (SessionsOf, DeleteSession, PruneSessions), Acts (WriteAct),
// Passkeys and Devices;
// the semantics stand at each method, and authntest.Contract tests them:
//
//	users     User without loss: every field, times to the microsecond, UTC.
//	          Unique: ID; Name, compared bytewise.
//	sessions  ID, UserID, Epoch, CreatedAt, SeenAt, Address, Purpose (as JSON,
//	          zero Purpose included), Device, PIN, PINTries, LockedAt, Secret;
//	          not User. Unique: ID. A session of a
//	          user who does not exist may be refused.
//	errors    record.Error of kind not-found or conflict, where said.
//	change    the functions given to UpdateUser and UpdateSession run inside
//	          the write transaction; their error rolls it back and is returned
//	          so that errors.As finds it. They take microseconds.
//	audit     a record.Act whose Action is not empty becomes one audit row in
//	          the same transaction, with the actor of the context, which is
//	          always there when an act is given; number, time and actor fields
//	          are the store's to fill, Subject is the id of a user.
//	          The zero Act becomes no row.
package authn
