package bus

import (
	"slices"

	"github.com/nats-io/nats-server/v2/server"

	"sarhad/record"
)

// durable is the name of the one consumer of each stream.
const durable = "one"

func account(node string) string                    { return "node-" + node }
func upSubject(node string, l record.Lane) string   { return "up." + node + "." + string(l) }
func downSubject(node string, l record.Lane) string { return "down." + node + "." + string(l) }
func upStream(l record.Lane) string                 { return "UP-" + string(l) }
func downStream(l record.Lane) string               { return "DOWN-" + string(l) }
func nextSubject(stream string) string              { return "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + durable }
func enterSubject(l record.Lane) string             { return "hub.entered." + string(l) } // among processes of the hub
func inbox(node string) string                      { return "in." + node }
func isLane(s string) bool                          { return slices.Contains(record.Lanes, record.Lane(s)) }

// permissions are everything that a connection of a node may do; see doc.go. What is not named is denied.
func permissions(node string, l record.Lane) *server.Permissions {
	return &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{
			upSubject(node, l),
			nextSubject(downStream(l)),
			"$JS.ACK." + downStream(l) + "." + durable + ".>",
		}},
		Subscribe: &server.SubjectPermission{Allow: []string{inbox(node) + ".>"}},
	}
}
