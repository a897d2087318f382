// Package listxlsx reads lists of persons that an agency keeps in a spreadsheet (Office Open XML, .xlsx): the same columns
// as package listcsv, which see, in the first sheet that has titles id and name among its first rows.
//
// Guarantees: Read is all or nothing; an error names sheet and cell. Cells are taken as they are stored, not as they are
// shown: a date is a date whatever its format, a number keeps its digits. Nothing is evaluated or guessed: a formula, an
// error value, a number where a date belongs, a number too long for a spreadsheet to keep, merged cells and macros are
// errors, because what is shown there and what is stored may differ. Hidden sheets are left out with a remark; hidden rows
// are read with a remark.
//
// The archive is opened by package archive and its XML read behind package xmlguard; nothing is written to disk. The package
// must never follow a link to another file.
//
// ECMA-376 part 1, s.12.3 (workbook), 18.3 (sheets), 18.4 (shared strings), 18.8 (styles), 18.17.4 (dates).
package listxlsx
