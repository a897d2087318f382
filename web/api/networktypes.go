package api

import "time"

// NetworkPage is how the network stands, as this node knows it. It names no record and no content.
type NetworkPage struct {
	At         time.Time        `json:"at"`
	Node       string           `json:"node"`
	Joined     bool             `json:"joined" doc:"the directory knows this node"`
	Network    string           `json:"network,omitempty" doc:"name of the directory"`
	Problem    string           `json:"problem,omitempty" doc:"why the line cannot be opened at all, in words"`
	Line       Line             `json:"line"`
	Lanes      []NetworkLane    `json:"lanes"`
	Waiting    int              `json:"waiting" doc:"messages of ours that nobody delivered yet"`
	Oldest     time.Time        `json:"oldest,omitzero" doc:"when the oldest of them was queued"`
	Unreadable int              `json:"unreadable" doc:"came and could not be read: a person must look"`
	Stuck      []NetworkStuck   `json:"stuck" doc:"came and wait for a part of this program"`
	Files      []NetworkFile    `json:"files" doc:"large files on their way"`
	Directory  NetworkDirectory `json:"directory"`
	Partners   []NetworkPartner `json:"partners" doc:"the worst first"`
	Hub        []NetworkNode    `json:"hub" doc:"of a hub: what it carries for each node"`
}

// NetworkLane is one lane of the line.
type NetworkLane struct {
	Lane    string    `json:"lane" enum:"flash,routine,bulk"`
	Up      bool      `json:"up"`
	Since   time.Time `json:"since,omitzero" doc:"up or down"`
	Way     string    `json:"way,omitempty" doc:"how, while up"`
	Problem string    `json:"problem,omitempty" doc:"why the last try failed, while down"`
}

// NetworkStuck is a message that came and could not be taken up yet.
type NetworkStuck struct {
	ID    string    `json:"id"`
	From  string    `json:"from"`
	Kind  string    `json:"kind"`
	Why   string    `json:"why"`
	Since time.Time `json:"since"`
	Next  time.Time `json:"next" doc:"tried again"`
	Tries int       `json:"tries"`
}

// NetworkFile is a large file on its way.
type NetworkFile struct {
	ID      string    `json:"id"`
	Partner string    `json:"partner"`
	Out     bool      `json:"out"`
	Kind    string    `json:"kind"`
	Size    int64     `json:"size" doc:"bytes"`
	Moved   int64     `json:"moved" doc:"bytes"`
	Since   time.Time `json:"since"`
	State   string    `json:"state"`
}

// NetworkDirectory is how the directory stands.
type NetworkDirectory struct {
	State      string       `json:"state" enum:"none,fresh,old,stale,forked" doc:"stale and forked: nothing is sent"`
	Cosigned   time.Time    `json:"cosigned,omitzero"`
	Why        string       `json:"why,omitempty"`
	Statements int64        `json:"statements"`
	Root       string       `json:"root" doc:"what countries compare by telephone"`
	Countries  []string     `json:"countries"`
	Quorum     int          `json:"quorum"`
	Fork       *NetworkFork `json:"fork,omitempty"`
}

// NetworkFork is the proof that two directories were cosigned.
type NetworkFork struct {
	Found  time.Time `json:"found"`
	Ours   string    `json:"ours"`
	Theirs string    `json:"theirs"`
}

// NetworkPartner is how things stand with one node.
type NetworkPartner struct {
	Node    string    `json:"node"`
	Name    PartyName `json:"name"`
	Country string    `json:"country,omitempty" doc:"ISO 3166-1 alpha-3"`
	Type    string    `json:"type" enum:"node,outpost,hub,unknown"`
	Parent  string    `json:"parent,omitempty" doc:"its agency, or the node of an outpost"`

	Worst string         `json:"worst" enum:"ok,warn,bad"`
	Wrong []NetworkWrong `json:"wrong" doc:"what is wrong, the worst first"`

	Lanes        []NetworkBacklog `json:"lanes"`
	Waiting      int              `json:"waiting" doc:"here"`
	Away         int              `json:"away" doc:"at the hub"`
	Oldest       time.Time        `json:"oldest,omitzero"`
	Blocked      string           `json:"blocked,omitempty" doc:"why nothing can be sealed for it, in words"`
	BlockedSince time.Time        `json:"blockedSince,omitzero"`

	LastSeen time.Time    `json:"lastSeen,omitzero"`
	DelayMS  int64        `json:"delayMs" doc:"half of the last hundred messages were delivered faster; 0 = none was"`
	Gaps     []NetworkGap `json:"gaps" doc:"of its messages, missing here"`
	Missing  int64        `json:"missing" doc:"how many these are"`
	Lacks    int64        `json:"lacks" doc:"messages of ours that it says are missing there"`
	Gone     int64        `json:"gone" doc:"messages that it can send no more"`
	SkewMS   int64        `json:"skewMs" doc:"its clock minus ours, the way included"`
	Version  string       `json:"version,omitempty"`
	Unread   []string     `json:"unread" doc:"kinds that we send and it cannot read, kind@version"`
	State    string       `json:"state" enum:"current,early,expired,revoked,left,unknown" doc:"of its statement in the directory"`
	Why      string       `json:"why,omitempty"`
	Until    time.Time    `json:"until,omitzero" doc:"when its statement, and so its keys, end"`
	Keys     []NetworkKey `json:"keys"`

	Call []NetworkPerson `json:"call" doc:"whom to call, who is on duty now first"`
}

// NetworkWrong is one thing that is wrong with a partner.
type NetworkWrong struct {
	Code   string    `json:"code" enum:"blocked,keys-over,keys-ending,never,silent,waiting,gaps,gone,lacks,clock,unread" doc:"for the words of the screen"`
	Weight string    `json:"weight" enum:"warn,bad"`
	N      int64     `json:"n,omitempty" doc:"how many"`
	At     time.Time `json:"at,omitzero" doc:"since, or when"`
}

// NetworkBacklog is what is not delivered yet in one lane.
type NetworkBacklog struct {
	Lane    string `json:"lane" enum:"flash,routine,bulk"`
	Waiting int    `json:"waiting" doc:"here"`
	Away    int    `json:"away" doc:"at the hub"`
}

// NetworkGap is a range of numbers that did not come.
type NetworkGap struct {
	Lane  string `json:"lane" enum:"flash,routine,bulk"`
	First int64  `json:"first"`
	Last  int64  `json:"last"`
}

// NetworkKey is a key of a party.
type NetworkKey struct {
	Use string `json:"use"`
	ID  string `json:"id" doc:"first 8 bytes of its SHA-256, hexadecimal"`
}

// NetworkPerson is an officer whom another country may call.
type NetworkPerson struct {
	Role      string    `json:"role" enum:"focal,duty,deputy"`
	Name      PartyName `json:"name"`
	Phones    []string  `json:"phones" doc:"ITU-T E.164"`
	Hours     string    `json:"hours,omitempty"`
	Zone      string    `json:"zone,omitempty" doc:"IANA"`
	Local     string    `json:"local,omitempty" doc:"time there now, HH:MM"`
	Duty      string    `json:"duty" enum:"on,off,unknown" doc:"now, by the hours"`
	Languages []string  `json:"languages"`
	Deputy    PartyName `json:"deputy,omitzero" doc:"whom to ask when nobody answers"`
	Of        string    `json:"of" doc:"the party whose officer this is"`
}

// NetworkParty is somebody in the directory.
type NetworkParty struct {
	ID        string          `json:"id"`
	Type      string          `json:"type" enum:"country,agency,node,outpost,topic,hub"`
	Country   string          `json:"country"`
	Parent    string          `json:"parent,omitempty"`
	Name      PartyName       `json:"name"`
	Own       string          `json:"own,omitempty" doc:"in the language of the country"`
	State     string          `json:"state"`
	Why       string          `json:"why,omitempty"`
	Until     time.Time       `json:"until"`
	Topics    []string        `json:"topics"`
	Addresses []string        `json:"addresses"`
	Keys      []NetworkKey    `json:"keys"`
	People    []NetworkPerson `json:"people"`
}

// NetworkNode is what a hub carries for one node.
type NetworkNode struct {
	Node     string    `json:"node"`
	Name     PartyName `json:"name"`
	Lines    int       `json:"lines" doc:"lanes that are connected, 3 = all"`
	Waiting  int64     `json:"waiting" doc:"messages for it"`
	Bytes    int64     `json:"bytes" doc:"of these"`
	Unrouted int64     `json:"unrouted" doc:"messages of it that were not moved on yet"`
	Sent     int64     `json:"sent" doc:"moved on, since the hub started"`
	Refused  int64     `json:"refused"`
	Denied   int64     `json:"denied" doc:"attempts at what is not allowed"`
	Missing  bool      `json:"missing" doc:"a lane of it cannot be used now"`
}

// NetworkMessage is a message without its content.
type NetworkMessage struct {
	Number    int64     `json:"number"`
	ID        string    `json:"id"`
	Box       string    `json:"box" enum:"out,in"`
	Partner   string    `json:"partner,omitempty" doc:"absent while nobody could read who signed it"`
	Lane      string    `json:"lane"`
	Kind      string    `json:"kind,omitempty"`
	State     string    `json:"state" enum:"queued,sealed,accepted,delivered,opened,refused,expired,recalled,new,done,unreadable"`
	Problem   string    `json:"problem,omitempty"`
	About     string    `json:"about,omitempty" doc:"the record it speaks of, for who may read it"`
	Seq       int64     `json:"seq,omitempty"`
	At        time.Time `json:"at" doc:"queued here, or came"`
	Tries     int       `json:"tries,omitempty"`
	Tried     time.Time `json:"tried,omitzero"`
	Accepted  time.Time `json:"accepted,omitzero" doc:"the hub has it since"`
	Delivered time.Time `json:"delivered,omitzero"`
	Closed    time.Time `json:"closed,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	Sent      time.Time `json:"sent,omitzero" doc:"by the sender's clock"`
	Opened    time.Time `json:"opened,omitzero" doc:"the sender was told that it was opened"`
}
