package app_test

import "sarhad/record/access"

// networks are the doors of the network.
func (w *world) networks() (ds []door) {
	add := func(method, path, action, at, body, shows string) {
		ds = append(ds, door{method: method, path: path, action: action, topic: access.Network, at: at, body: body, shows: shows})
	}
	add("GET", "/network", access.Read, "/network", "", `"joined":false`)
	add("GET", "/network/messages", access.Read, "/network/messages", "", `"items"`)
	add("GET", "/network/directory", access.Read, "/network/directory", "", `"items"`)
	add("POST", "/network/try", access.Carry, "/network/try", "", "")
	add("POST", "/network/messages/{number}/settle", access.Carry, "/network/messages/1/settle", `{"reason":" "}`, "")
	add("POST", "/network/fork/clear", access.Carry, "/network/fork/clear", `{"reason":" "}`, "")
	return ds
}
