package match

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
)

// An invented population with romanizers and a distorter that know nothing of
// the package's tables: names are made in Cyrillic and written in Latin by the
// rules below, which were put down from passports' habits, not from match.

var maleGiven = strings.Fields(`Азамат Айбек Акмал Алихан Алишер Амирбек Анвар Арман Арсен Аскар Бахтиёр Бекзод Болат Давлат Данияр Дильшод
	Ерлан Жасур Жахонгир Зафар Ибрагим Икром Ильхом Искандер Камол Канат Кубаныч Кайрат Лазиз Манас Мансур Марат Мирлан Мурод Мухаммад Назар Насим
	Нурлан Нурсултан Обид Одил Парвиз Рахим Рустам Руслан Садриддин Саидджон Санжар Сардор Серик Сирожиддин Сухроб Таалай Талгат Темур Тимур Толиб
	Улугбек Умид Урмат Файзулло Фаррух Фирдавс Хасан Хусейн Хуршед Шавкат Шамиль Шерзод Шухрат Эльдар Эмомали Эркин Юсуф Якуб Аброр Баходур
	Вячеслав Сергей Андрей Дмитрий Алексей Евгений Юрий Геннадий Виталий Анатолий Григорий Николай Аркадий Тилек Жаныбек Чингиз Мейрам Жомарт Ермек`)

var femaleGiven = strings.Fields(`Айгерим Айгуль Алтынай Анора Асель Барно Гулнора Гульмира Дилафруз Дильбар Динара Жамиля Жанна Зарина Зебо Зухра
	Камила Лола Мадина Малика Матлуба Мехринисо Мунира Назокат Наргис Нигора Нилуфар Нозима Ойгуль Парвина Рано Сабина Саида Саодат Сайёра Ситора
	Тахмина Умида Фарида Фируза Хилола Шахноза Шахло Юлия Ольга Елена Наталья Татьяна Ирина Анастасия Ксения Чолпон Бегимай Жылдыз`)

var surnameStems = strings.Fields(`Абдулло Абдурахмон Акрам Алим Аминов Аскар Ашур Бабаджан Бакир Баходир Бегмат Бердие Бобо Бойма Валие
	Гафур Гулям Давлат Джала Джура Джума Ерга Жакып Жолдош Жума Зари Зокир Ибрагим Икром Исмоил Исоқ Кадыр Камол Карим Касым Кенже Кодир Кудрат
	Курбан Латиф Мадами Махкам Махмуд Мирзо Муминов Муро Муса Назар Насыр Нигмат Норму Нурма Одина Ораз Орипов Пулат Раджаб Разза Рахим Рахматулл
	Рузи Сабир Садык Саид Салим Самад Сапар Сатыбалд Собир Сулейман Султан Сухан Тагай Тажи Талип Тилля Токтогул Толеген Туйчи Тулеген Турсун
	Умар Умурза Усман Усубал Файз Фозил Хайдар Хаким Халил Хамид Хасан Ходжа Холма Худойберд Чоршанб Шамси Шарип Шерма Шукур Эгамберд Эргаш
	Эшма Юлдаш Юнус Юсуп Якуб Ярмат Байжан Сыдык Асан Мамыт Жээнбек Бейшен Кожомкул Тынчтык Сагын Оспан Есим Ахмет Нурпеис Дюсен Калие`)

// writer makes people; the same seed makes the same people.
type writer struct{ *rand.Rand }

func newWriter(seed uint64) *writer { return &writer{rand.New(rand.NewPCG(seed, 77))} }

func pick[T any](w *writer, list []T) T { return list[w.IntN(len(list))] }

// truth is an invented person in Cyrillic.
type truth struct {
	surname, given, patronymic string
	sex, born, nation, number  string
}

func (w *writer) person() truth {
	t := truth{sex: "M", nation: pick(w, []string{"KAZ", "KGZ", "TJK", "UZB", "UZB", "RUS"})}
	t.surname = surnameOf(pick(w, surnameStems))
	if w.IntN(2) == 0 {
		t.surname = surnameOf(pick(w, surnameStems) + pick(w, strings.Fields("бек бой кул жан назар али мурод хон дин берди гали мухамед шах бай")))
	}
	t.given = pick(w, maleGiven)
	father := pick(w, maleGiven)
	t.patronymic = patronymicOf(father, "M")
	if w.IntN(3) == 0 {
		t.sex, t.given = "F", pick(w, femaleGiven)
		t.surname += "а"
		t.patronymic = patronymicOf(father, "F")
	}
	switch {
	case w.IntN(2) == 0 && t.sex == "M":
		t.given += pick(w, strings.Fields("бек джон хон жан бой али шо мурод бай"))
	case w.IntN(3) == 0 && t.sex == "F":
		t.given += pick(w, strings.Fields("хон ой бону нисо жан"))
	}
	t.born = fmt.Sprintf("%04d-%02d-%02d", 1950+w.IntN(55), 1+w.IntN(12), 1+w.IntN(28))
	t.number = fmt.Sprintf("%c%c%07d", 'A'+w.IntN(26), 'A'+w.IntN(26), w.IntN(10_000_000))
	return t
}

func surnameOf(stem string) string {
	r := []rune(stem)
	switch last := r[len(r)-1]; {
	case strings.HasSuffix(stem, "ов"):
		return stem
	case strings.ContainsRune("аеиоуыэюя", last):
		return stem + "ев"
	}
	return stem + "ов"
}

func patronymicOf(father, sex string) string {
	r := []rune(father)
	switch last := r[len(r)-1]; {
	case last == 'й':
		father = string(r[:len(r)-1]) + "е"
	case strings.ContainsRune("аеиоу", last):
		father += "е"
	default:
		father += "о"
	}
	if sex == "F" {
		return father + "вна"
	}
	return father + "вич"
}

// Latin writers: several habits of one Cyrillic letter.
var (
	icaoHabit     = habit("а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ы=y э=e ю=iu я=ia қ=q")
	englishHabit  = habit("а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ы=y э=e ю=yu я=ya қ=q ев=yev")
	uzbekHabit    = habit("а=a б=b в=v г=g д=d е=e ё=yo ж=j дж=j з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=x ц=ts ч=ch ш=sh щ=sh ы=i э=e ю=yu я=ya қ=q")
	frenchHabit   = habit("а=a б=b в=v г=g д=d е=e ё=io ж=j дж=dj з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=ou ф=f х=kh ц=ts ч=tch ш=ch щ=chtch ы=y э=e ю=iou я=ia қ=k")
	germanHabit   = habit("а=a б=b в=w г=g д=d е=e ё=jo ж=sch дж=dsch з=s и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=ch ц=z ч=tsch ш=sch щ=schtsch ы=y э=e ю=ju я=ja қ=k")
	turkishHabit  = habit("а=a б=b в=v г=g д=d е=e ё=yo ж=c дж=c з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=ts ч=ç ш=ş щ=ş ы=ı э=e ю=yu я=ya қ=k")
	scholarHabit  = habit("а=a б=b в=v г=g д=d е=e ё=ë ж=ž з=z и=i й=j к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=c ч=č ш=š щ=ŝ ы=y э=è ю=û я=â қ=ķ")
	passportHabit = []map[string]string{icaoHabit, englishHabit, uzbekHabit}
)

func habit(table string) map[string]string {
	m := map[string]string{}
	for _, f := range strings.Fields(table) {
		cyr, lat, _ := strings.Cut(f, "=")
		m[cyr] = lat
	}
	return m
}

func latin(word string, h map[string]string) string {
	lower := []rune(strings.ToLower(word))
	var b strings.Builder
	for i := 0; i < len(lower); i++ {
		if i+1 < len(lower) {
			if s, ok := h[string(lower[i:i+2])]; ok {
				b.WriteString(s)
				i++
				continue
			}
		}
		b.WriteString(h[string(lower[i])])
	}
	out := []rune(b.String())
	if len(out) > 0 {
		out[0] = unicode.ToUpper(out[0])
	}
	return string(out)
}

// listed writes a truth as a list publisher might, in Cyrillic or Latin.
func (w *writer) listed(id int, t truth) Person {
	p := Person{ID: fmt.Sprintf("L%06d", id), Born: []string{t.born}, Sex: t.sex, Nationalities: []string{t.nation}}
	if w.IntN(2) == 0 {
		p.Names = []Name{{Surname: t.surname, Given: t.given, Patronymic: t.patronymic}}
	} else {
		h := pick(w, passportHabit)
		p.Names = []Name{{Full: strings.ToUpper(latin(t.surname, h)) + ", " + latin(t.given, h) + " " + latin(t.patronymic, h)}}
	}
	if w.IntN(2) == 0 {
		h := pick(w, passportHabit)
		p.Names = append(p.Names, Name{Full: latin(t.given, h) + " " + latin(t.surname, h)})
	}
	if w.IntN(4) == 0 {
		p.Documents = []Document{{Type: "P", Number: t.number, Issuer: t.nation}}
	}
	return p
}

// traveller writes a truth as a passenger list does.
func traveller(t truth, h map[string]string) Person {
	return Person{ID: "q", Sex: t.sex, Born: []string{t.born}, Nationalities: []string{t.nation},
		Names: []Name{{Surname: strings.ToUpper(latin(t.surname, h)), Given: strings.ToUpper(latin(t.given, h))}}}
}

// distortion is one kind of damage to a traveller.
type distortion struct {
	kind  string
	floor float64 // least recall at the default threshold
	apply func(w *writer, t truth) Person
}

func upperFirst(s string) string {
	r := []rune(strings.ToLower(s))
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// typo makes one keyboard error inside a word.
func (w *writer) typo(s string) string {
	r := []rune(s)
	if len(r) < 4 {
		return s
	}
	i := 1 + w.IntN(len(r)-2)
	switch w.IntN(4) {
	case 0:
		r[i], r[i+1] = r[i+1], r[i]
	case 1:
		r = append(r[:i], r[i+1:]...)
	case 2:
		r[i] = rune('A' + w.IntN(26))
	default:
		r = append(r[:i], append([]rune{rune('A' + w.IntN(26))}, r[i:]...)...)
	}
	return string(r)
}

func named(p Person, surname, given string) Person {
	p.Names = []Name{{Surname: surname, Given: given}}
	return p
}

var distortions = []distortion{
	{"passport habits", 0.97, func(w *writer, t truth) Person { return traveller(t, pick(w, passportHabit)) }},
	{"french", 0.9, func(w *writer, t truth) Person { return traveller(t, frenchHabit) }},
	{"german", 0.9, func(w *writer, t truth) Person { return traveller(t, germanHabit) }},
	{"turkish", 0.9, func(w *writer, t truth) Person { return traveller(t, turkishHabit) }},
	{"scholarly", 0.9, func(w *writer, t truth) Person { return traveller(t, scholarHabit) }},
	{"cyrillic", 0.97, func(w *writer, t truth) Person {
		return named(traveller(t, icaoHabit), t.surname, t.given)
	}},
	{"order exchanged", 0.97, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		return named(p, p.Names[0].Given, p.Names[0].Surname)
	}},
	{"running text with patronymic", 0.97, func(w *writer, t truth) Person {
		h := pick(w, passportHabit)
		p := traveller(t, h)
		p.Names = []Name{{Full: latin(t.surname, h) + " " + latin(t.given, h) + " " + latin(t.patronymic, h)}}
		return p
	}},
	{"title glued", 0.95, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		return named(p, p.Names[0].Surname, p.Names[0].Given+map[string]string{"M": "MR", "F": pick(w, []string{"MRS", "MS", "MISS"})}[t.sex])
	}},
	{"split word", 0.9, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		s := p.Names[0].Surname
		cut := len(s) / 2
		return named(p, s[:cut]+" "+s[cut:], p.Names[0].Given)
	}},
	{"joined into one", 0.85, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		p.Names = []Name{{Full: p.Names[0].Surname + p.Names[0].Given}}
		return p
	}},
	{"one typing error", 0.93, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		return named(p, w.typo(p.Names[0].Surname), p.Names[0].Given)
	}},
	{"two typing errors", 0.85, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		return named(p, w.typo(p.Names[0].Surname), w.typo(p.Names[0].Given))
	}},
	{"vowels heard otherwise", 0.9, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		swap := strings.NewReplacer("OV", "OV", "O", "A", "A", pick(w, []string{"A", "O", "E"}), "I", pick(w, []string{"I", "E", "Y"}))
		return named(p, swap.Replace(p.Names[0].Surname), swap.Replace(p.Names[0].Given))
	}},
	{"given as initial", 0.8, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		return named(p, p.Names[0].Surname, p.Names[0].Given[:1])
	}},
	{"year of birth only", 0.85, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		p.Born = []string{t.born[:4] + "-00-00"}
		return p
	}},
	{"1 January", 0.85, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		p.Born = []string{t.born[:4] + "-01-01"}
		return p
	}},
	{"day and month exchanged", 0.95, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		if t.born[8:] <= "12" {
			p.Born = []string{t.born[:4] + "-" + t.born[8:] + "-" + t.born[5:7]}
		}
		return p
	}},
	{"one digit of the day", 0.95, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		p.Born = []string{t.born[:9] + string('0'+(t.born[9]-'0'+1)%10)}
		if strings.HasSuffix(p.Born[0], "00") || p.Born[0][8:] == "30" {
			p.Born = []string{t.born}
		}
		return p
	}},
	{"no birth date", 0.85, func(w *writer, t truth) Person {
		p := traveller(t, pick(w, passportHabit))
		p.Born = nil
		return p
	}},
}

// region makes n truths and their listed persons.
func region(seed uint64, n int) ([]truth, []Person) {
	w := newWriter(seed)
	truths, people := make([]truth, n), make([]Person, n)
	for i := range n {
		truths[i] = w.person()
		people[i] = w.listed(i, truths[i])
	}
	return truths, people
}
