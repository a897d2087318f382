// Package store is the floor under the rooms: where records are kept.
//
//   - sqlite: one file in a data directory, embedded; outposts and nodes.
//   - storetest: what every store must do, as tests that run on each of them.
//   - storebench: what a store does in a second, as figures.
//
// The contract itself is record.Store. Rooms see only that; app chooses the store.
package store
