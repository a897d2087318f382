// Package listcsv reads lists of persons that an agency keeps itself, as comma-separated text with
// a header (RFC 4180 with leniency):
//
//	id,name,aliases,born,nationality,sex,documents,reason,severity,instruction,contact,valid_until
//
// Columns:
//
//	id           the agency's own number of the entry; unique, never used again
//	name         one name in any script; "SURNAME, Given" where the parts are known
//	aliases      other spellings, divided by ";" or "|"
//	born         1972-09-07, 1972-09, 1972, 1958/1963, 1958~, or 07.09.1972; several divided by ";"
//	nationality  ICAO 9303 code or name of a country, as written; several divided by ";"
//	sex          M, F, X, or empty
//	documents    divided by ";": type:number:issuer, issuer:number, type:number or the number alone;
//	             in the pair, three letters are an issuer ("KAZ:N01234567"), others a type ("P:N01234567")
//	reason, severity, instruction, contact   as written
//	valid_until  the last day the entry counts, 2027-12-31 or 31.12.2027
//
// Only id and name must be there; columns may stand in any order, under some other titles too, and
// further ones are left out with a remark. Comma, semicolon and tab are told apart by the header;
// UTF-8 with or without a mark, UTF-16 and windows-1251 are recognised.
//
// Guarantees: Read is all or nothing, and the *Error names every bad line; ReadRows keeps the good
// rows and gives one *Error for each bad one; ReadEverybody keeps every row, a bad one without what
// is wrong with it. The package must never guess a value that it does not understand: a date or sex
// that it cannot read makes the row bad.
package listcsv
