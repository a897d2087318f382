// Package edtf turns the dates that publishers of lists write ("circa 1958", "Between Aug. and
// Sep. 1977", "07 Sep 1972", "07.09.1972") into the Extended Date/Time Format of ISO 8601-2:2019.
//
// Only the part that dates of birth need is written:
//
//	1972-09-07   a day            1972-09   a month           1972   a year
//	1958/1963    an interval      1958~     approximately     1972-09-07~
//
// FromText guarantees that whatever it returns as good passes Valid, that an impossible day
// (31 February) is never returned, and that an interval does not run backwards. It never guesses
// a part that the text does not state: what it does not understand it refuses.
package edtf
