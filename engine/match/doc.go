// Package match compares a traveller with listed persons across scripts and
// explains every figure it gives.
package match
