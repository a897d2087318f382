// Package oversight finds in the log of acts what should be asked about, and keeps the questions.
//
// # Nouns
//
//   - Sign: why an act, or several, should be asked about: drawn by lot, a planted record, the own name, the own surname, a
//     search for the own name, night, quick decisions, the same record again and again, looks without an act, the same words.
//     A sign is no verdict.
//   - Question: "why did you open this?", to one officer about numbered acts; asked -> answered -> judged. The officer answers
//     in a line within AnswerDays and is not told the sign; questions that share acts are put as one, so that none betrays a planted record.
//   - Canary: the mark that a record is planted: an invented person on a real flight of the past. The record itself is like
//     any other; the mark is read by oversight alone.
//   - Room: the follower of the log (Step, Run) and the methods of officers (Plant, Retire, Answer, Judge).
//
// # Promises
//
//   - The follower reads the log after its own durable cursor, in acts of its own that are safe to repeat: no act is skipped,
//     no question is asked twice.
//   - One look in DrawOneIn is drawn, by the leaf of the act in the log: it is salted and made after the act, so neither the
//     officer nor oversight can choose; anybody with the log can check it.
//   - Names are compared when the log is read and never written into log or question.
//   - A canary is planted only when no list and no stored document resembles it, on a flight too old to be held against a
//     changed list: it raises no alarm. Canaries tells what leaves the node what to leave out.
//   - Nobody judges a question put to themselves, and every judgement has a reason.
//
// # Must never
//
// Judge, score or rank officers; hold a name; write to a record that it did not make.
package oversight
