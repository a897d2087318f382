// Package page makes plain HTML pages to print: letters to persons and printed exports. They hold no script, ask nobody for
// anything and carry their own content security policy; every value is escaped by html/template. It writes what it is given
// and must never read a record or decide what is told.
package page
