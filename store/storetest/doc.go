// Package storetest is the conformance suite of record.Store: what a store must do to stand under the rooms. Run takes a
// function that opens an empty store with the Types, the rule of access and the Clock of this package.
//
// The bodies here say exactly the words they are made of, so that a test writes down what must be found.
package storetest
