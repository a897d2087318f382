package sharing

import (
	"maps"
	"strings"
)

// Reason is why something goes or stays: a code for screens to translate, the same in English words, and what it speaks of (an
// id, a country, a date), which a translation needs too.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"`
	Ref  string `json:"ref,omitempty"`
}

// Codes about a record as a whole: it does not go.
const (
	NoAgreement   = "no-agreement"   // nothing was agreed with this recipient
	AgreementOver = "agreement-over" // what was agreed is over
	NoParty       = "no-party"       // not in the directory
	Foreign       = "foreign"        // another node's record
	OwnersWord    = "h2"             // H2, and the owner is somebody else
	TooRed        = "tlp-red"
	TooStrict     = "tlp-strict"
	Compartment   = "compartment"
	TooHigh       = "marking"
	NotReleased   = "not-released" // a release list that does not name the recipient
	HouseOnly     = "house"        // says how this node is run
	IsMasked      = "masked"
	NotOpen       = "not-open" // expired, or closed for a reason that is not told
	Refuge        = "refuge"   // refugees and stateless persons
	Unknown       = "unknown-kind"
	Nothing       = "nothing" // every field stays
	GoneThere     = "gone-there"
	TooLarge      = "too-large"
	NoUpdates     = "no-updates"
	Already       = "already"
)

// Codes about a field or a part of the envelope.
const (
	Goes        = "agreed"      // goes: its class was agreed
	GoesWhole   = "whole"       // goes: this program does not know the kind, and the strictest class was agreed
	GoesAlways  = "always"      // goes: says how to handle the record
	Replaced    = "replaced"    // goes, and says what concerns the recipient only
	NotAgreed   = "class"       // stays: its class was not agreed
	NotListed   = "not-listed"  // stays: other fields of this kind were agreed
	Excluded    = "excluded"    // stays: excluded by the agreement
	StaysHome   = "home"        // stays, whatever is agreed
	StaysSource = "source"      // stays, whatever is agreed
	StaysMinor  = "minor"       // stays: the record names a minor
	Unclassed   = "unclassed"   // stays: this program does not know what it is
	StaysStaff  = "staff"       // stays: names an officer
	NotShared   = "not-shared"  // stays: a parent that the recipient does not have
	NoWay       = "no-way"      // a file: nothing carries it
	HubNobody   = "hub"         // the hub: nobody
	OnwardNot   = "onward-not"  // note: the recipient passes it on only with the owner's consent
	CourtNot    = "court-not"   // note: H1
	FurtherWord = "further"     // note: H3
	WithinOnly  = "within-only" // note: TLP amber
)

// sentences are the texts of the codes; %s is Ref.
var sentences = map[string]string{
	NoAgreement:   "nothing is agreed with this recipient about records of this topic",
	AgreementOver: "what was agreed with this recipient about this topic is over",
	NoParty:       "%s is no other node of the network",
	Foreign:       "%s writes this record: ask it to share it with whom you mean",
	OwnersWord:    "H2: not to be passed on without the consent of its owner, %s; ask it",
	TooRed:        "TLP:RED: for those only who have it now, and not sent",
	TooStrict:     "TLP:AMBER+STRICT: kept inside the organisation",
	Compartment:   "it is kept in the compartment of a case",
	TooHigh:       "its marking, %s, is higher than what was agreed",
	NotReleased:   "it is released to others, and not to %s",
	HouseOnly:     "it says how this node is run",
	IsMasked:      "the names in it are sealed by the clock of the law",
	NotOpen:       "this record is not open for sharing",
	Refuge:        "it names a refugee, a stateless person or somebody who asks for asylum, and %s is, or may be, the country of nationality",
	Unknown:       "this program does not know records of this kind, so nothing can be cut out of it; it goes only where the strictest class (free text) is agreed as a whole",
	Nothing:       "of this record nothing may go under the agreement",
	GoneThere:     "the recipient was asked to erase it, and what was erased does not come back",
	TooLarge:      "it is too large for one message (%s bytes): divide it, or attach what is large",
	NoUpdates:     "updates were not agreed",
	Already:       "the recipient has it as it is now",

	Goes:        "goes: the agreement allows this class",
	GoesWhole:   "goes as a whole, unread: the agreement allows the strictest class",
	GoesAlways:  "goes: says how the record is handled",
	Replaced:    "goes, saying only what concerns the recipient: %s",
	NotAgreed:   "stays: the agreement does not allow fields of class %s",
	NotListed:   "stays: for this kind the agreement names other fields",
	Excluded:    "stays: the agreement excludes this field",
	StaysHome:   "stays: never leaves this node, whatever is agreed",
	StaysSource: "stays: tells where the information came from",
	StaysMinor:  "stays: the record names somebody who may be younger than 18",
	Unclassed:   "stays: this program does not know what it tells",
	StaysStaff:  "stays: names an officer",
	NotShared:   "stays: the recipient does not have this record",
	NoWay:       "stays: nothing carries files from here",
	HubNobody:   "the hub carries it sealed: nobody there can read it",
	OnwardNot:   "the recipient may pass it on only with the owner's consent",
	CourtNot:    "H1: not to be used as evidence in court without the owner's permission",
	FurtherWord: "H3: handled as the owner says further",
	WithinOnly:  "TLP:AMBER: the recipient keeps it among those of the own organisation who need to know",
}

// because makes a reason.
func because(code, ref string) Reason {
	return Reason{code, strings.ReplaceAll(sentences[code], "%s", ref), ref}
}

// Codes lists every code, for the screens' translations.
func Codes() map[string]string { return maps.Clone(sentences) }
