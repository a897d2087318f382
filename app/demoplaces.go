package app

import (
	"sarhad/exchange/directory"
	"sarhad/internal/config"
	"sarhad/web/api"
)

// demoMain is the place that shows everything; the others have a few records each.
const demoMain = "kz-demo"

// Nodes of the demonstration that its story speaks of.
const (
	demoHub     = "caricc"
	demoCustoms = "kz-customs"
	demoKGZ     = "kg-demo"
	demoTJK     = "tj-demo"
	demoTKM     = "tm-demo"
	demoUZB     = "uz-demo"
)

// demoCast is one place of the region.
type demoCast struct {
	node, country string
	role          config.Role
	agency        string // "" = the country's Agency
	called        directory.Names
	parent        string // of an outpost: its node
	post          string // where its booth officers sit
	names         directory.Names
	people        []directory.Person
	officers      []demoOfficer
	travellers    []demoTraveller
}

// demoOfficer is who signs in at a place, by the names and passwords of the main one.
type demoOfficer struct{ name, display string }

// secondChief agrees to what the other one drafts.
const secondChief = "supervisor.night"

// demoPlaces are the places of the region, the hub first. All people are invented, and so are the telephones: no country has +999.
var demoPlaces = []demoCast{
	{node: demoHub, country: "KAZ", role: config.Hub, agency: "KAZ-CARICC", called: directory.Names{En: "CARICC, Almaty", Ru: "ЦАРИКЦ, Алматы"},
		names:    directory.Names{En: "CARICC hub, Almaty", Ru: "Узел связи ЦАРИКЦ, Алматы"},
		people:   duty("Asia/Almaty", "01", "Duty engineer of the hub", "Дежурный инженер узла", "Ainur Bekova", "Айнур Бекова", "ru", "en"),
		officers: []demoOfficer{{"admin", "Ruslan Omarov"}}},
	{node: demoMain, country: "KAZ", role: config.Node, called: directory.Names{En: "Passenger information unit of Kazakhstan", Ru: "Подразделение информации о пассажирах Казахстана"},
		names:  directory.Names{En: "Kazakhstan, passenger unit", Ru: "Казахстан, пассажирское подразделение"},
		people: duty("Asia/Almaty", "11", "Duty desk of the passenger unit", "Дежурная часть ПИП", "Marat Iskanov", "Марат Исканов", "kk", "ru", "en")},
	{node: demoCustoms, country: "KAZ", role: config.Node, agency: "KAZ-CUS", called: directory.Names{En: "Customs of Kazakhstan", Ru: "Таможня Казахстана"},
		names:    directory.Names{En: "Kazakhstan, customs", Ru: "Казахстан, таможня"},
		people:   duty("Asia/Almaty", "21", "Customs duty desk", "Дежурная часть таможни", "Serik Baltabay", "Серик Балтабай", "kk", "ru"),
		officers: demoOffice("Zhanna Ospan", "Serik Baltabay", "Rauan Esen"),
		travellers: []demoTraveller{
			{"ABENOV", "DAULET", "1981-04-17", "M", "KAZ", "ZZ5551101", "Q0", "318", "URC", "ALA"}, {"LIN", "HAIYAN", "1990-09-02", "F", "CHN", "ZZ5551102", "Q0", "318", "URC", "ALA"}}},
	{node: demoKGZ, country: "KGZ", role: config.Node, called: directory.Names{En: "Passenger information unit of Kyrgyzstan", Ru: "Подразделение информации о пассажирах Кыргызстана"},
		names:    directory.Names{En: "Kyrgyzstan, passenger unit", Ru: "Кыргызстан, пассажирское подразделение"},
		people:   duty("Asia/Bishkek", "31", "Duty desk, Bishkek", "Дежурная часть, Бишкек", "Nurlan Toktosunov", "Нурлан Токтосунов", "ky", "ru"),
		officers: demoOffice("Aizada Bekmurat", "Nurlan Toktosunov", "Cholpon Asanova"),
		travellers: []demoTraveller{
			{"SYDYKOV", "MAKSAT", "1987-12-05", "M", "KGZ", "ZZ5551201", "Q1", "204", "IST", "FRU"}, {"ARSTANBEK", "GULZAT", "1994-06-21", "F", "KGZ", "ZZ5551202", "Q1", "204", "IST", "FRU"}}},
	{node: demoTJK, country: "TJK", role: config.Node, called: directory.Names{En: "Passenger information unit of Tajikistan", Ru: "Подразделение информации о пассажирах Таджикистана"},
		names:    directory.Names{En: "Tajikistan, passenger unit", Ru: "Таджикистан, пассажирское подразделение"},
		people:   duty("Asia/Dushanbe", "41", "Duty desk, Dushanbe", "Дежурная часть, Душанбе", "Farrukh Nazarov", "Фаррух Назаров", "tg", "ru"),
		officers: demoOffice("Manizha Sharif", "Farrukh Nazarov", "Zarina Odina"),
		travellers: []demoTraveller{
			{"GAFUROV", "JAMSHED", "1979-03-30", "M", "TJK", "ZZ5551301", "Q2", "611", "DXB", "DYU"}, {"SAIDOVA", "NIGORA", "1992-01-14", "F", "TJK", "ZZ5551302", "Q2", "611", "DXB", "DYU"}}},
	{node: demoTKM, country: "TKM", role: config.Node, called: directory.Names{En: "Passenger information unit of Turkmenistan", Ru: "Подразделение информации о пассажирах Туркменистана"},
		names:    directory.Names{En: "Turkmenistan, passenger unit", Ru: "Туркменистан, пассажирское подразделение"},
		people:   duty("Asia/Ashgabat", "51", "Duty desk, Ashgabat", "Дежурная часть, Ашхабад", "Merdan Orazov", "Мердан Оразов", "tk", "ru"),
		officers: demoOffice("Ogulnar Durdy", "Merdan Orazov", "Jeren Ataeva"),
		travellers: []demoTraveller{
			{"BERDIMYRAT", "KAKAJAN", "1985-08-08", "M", "TKM", "ZZ5551401", "Q3", "112", "IST", "ASB"}, {"NURYEVA", "AYNA", "1998-10-27", "F", "TKM", "ZZ5551402", "Q3", "112", "IST", "ASB"}}},
	{node: demoUZB, country: "UZB", role: config.Node, called: directory.Names{En: "Passenger information unit of Uzbekistan", Ru: "Подразделение информации о пассажирах Узбекистана"},
		names:    directory.Names{En: "Uzbekistan, passenger unit", Ru: "Узбекистан, пассажирское подразделение"},
		people:   duty("Asia/Tashkent", "61", "Duty desk, Tashkent", "Дежурная часть, Ташкент", "Bobur Rakhim", "Бобур Рахим", "uz", "ru", "en"),
		officers: demoOffice("Dilnoza Karim", "Bobur Rakhim", "Shahnoza Yuldash"),
		travellers: []demoTraveller{
			{"TURSUNKULOV", "OTABEK", "1983-05-19", "M", "UZB", "ZZ5551501", "Q4", "272", "IST", "TAS"}, {"MIRZAEVA", "LOLA", "1991-11-03", "F", "UZB", "ZZ5551502", "Q4", "272", "IST", "TAS"}}},
	{node: "kz-konysbaev", country: "KAZ", role: config.Outpost, parent: demoMain, post: "KON",
		names:    directory.Names{En: "Konysbaev, border liaison office", Ru: "Конысбаев, пограничное бюро"},
		people:   duty("Asia/Almaty", "71", "Booth of Konysbaev", "Пост Конысбаев", "Azamat Duis", "Азамат Дуйс", "kk", "ru", "uz"),
		officers: []demoOfficer{{"border", "Azamat Duis"}}},
	{node: "uz-yallama", country: "UZB", role: config.Outpost, parent: demoUZB, post: "YAL",
		names:    directory.Names{En: "Yallama, border liaison office", Ru: "Яллама, пограничное бюро"},
		people:   duty("Asia/Tashkent", "72", "Booth of Yallama", "Пост Яллама", "Sherzod Komil", "Шерзод Комил", "uz", "ru", "kk"),
		officers: []demoOfficer{{"border", "Sherzod Komil"}}},
}

func demoOffice(analyst, chief, second string) []demoOfficer {
	return []demoOfficer{{"analyst", analyst}, {"supervisor", chief}, {secondChief, second}}
}

// duty is a desk that answers day and night, and whom to ask in office hours.
func duty(zone, number, en, ru, focalEn, focalRu string, languages ...string) []directory.Person {
	return []directory.Person{
		{Role: directory.RoleDuty, Names: directory.Names{En: en, Ru: ru}, Phones: []string{"+999000" + number + "001"}, Hours: "24/7", Zone: zone, Languages: languages},
		{Role: directory.RoleFocal, Names: directory.Names{En: focalEn, Ru: focalRu}, Phones: []string{"+999000" + number + "002"}, Hours: "Mo-Fr 09:00-18:00", Zone: zone, Languages: languages, Deputy: en},
	}
}

// users are the sign-ins of a place.
func (c demoCast) users() (out []api.DemoUser) {
	if c.node == demoMain {
		return DemoUsers()
	}
	for _, o := range c.officers {
		for _, u := range DemoUsers() {
			if u.Name == o.name {
				u.Display = o.display
				out = append(out, u)
			}
		}
	}
	return out
}
