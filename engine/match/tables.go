package match

import "strings"

// arabicNameSpellings: common names in Arabic script with the vowels the script
// leaves out. Only names borne by many; anything else is compared by its
// consonants. The Latin side is the most usual spelling in the region.
var arabicNameSpellings = []string{
	"محمد muhammad", "محمود mahmud", "احمد ahmad", "حامد hamid", "حمید hamid", "علی ali", "حسن hasan", "حسین husain",
	"عمر umar", "عثمان usman", "ابوبکر abubakr", "عبدالله abdullah", "عبيدالله ubaidullah", "اسامة usama", "اسامه usama",
	"یوسف yusuf", "ابراهیم ibrahim", "اسماعیل ismail", "اسحاق ishak", "یعقوب yakub", "موسی musa", "عیسی isa",
	"داود daud", "داوود daud", "سلیمان sulaiman", "ادریس idris", "یونس yunus", "الیاس ilyas", "زکریا zakaria", "یحیی yahya",
	"هارون harun", "ایوب ayub", "رضا reza", "مهدی mahdi", "هادی hadi", "جعفر jafar", "کاظم kazim", "قاسم kasim",
	"صالح salih", "صادق sadik", "خالد khalid", "ولید walid", "سعید said", "سعد saad", "سید sayid", "ناصر nasir",
	"نصیر nasir", "طارق tarik", "طاهر tahir", "جمال jamal", "جلال jalal", "کمال kamal", "جواد javad", "امیر amir",
	"انور anwar", "اکبر akbar", "اصغر asghar", "اشرف ashraf", "اکرم akram", "اسلم aslam", "افضل afzal", "ایمن ayman",
	"بلال bilal", "حمزة hamza", "حمزه hamza", "حنیف hanif", "حکیم hakim", "رحیم rahim", "رحمن rahman", "رحمان rahman",
	"کریم karim", "رشید rashid", "راشد rashid", "رسول rasul", "زبیر zubair", "شاه shah", "خان khan", "گل gul",
	"شیر sher", "میر mir", "نور nur", "نوری nuri", "ملا mulla", "مولوی maulavi", "حاجی haji", "شیخ shaikh",
	"غلام ghulam", "فیصل faisal", "فاطمة fatima", "فاطمه fatima", "عائشة aisha", "عایشه aisha", "خدیجه khadija", "خدیجة khadija",
	"زینب zainab", "زهرا zahra", "مریم maryam", "لیلی laila", "لیلا laila", "الله allah", "مصطفی mustafa", "مرتضی murtaza",
	"مختار mukhtar", "منصور mansur", "مسعود masud", "معصوم masum", "نعیم naim", "نجیب najib", "نذیر nazir", "وحید wahid",
	"عزیز aziz", "عظیم azim", "علیم alim", "غفور ghafur", "قادر kadir", "لطیف latif", "مجید majid", "ملک malik",
	"ال al", "عبد abd", "عبدل abdul", "بن bin", "ابن ibn", "بنت bint", "ابو abu", "ام um", "الهام ilham", "الماس almas",
	"فرید farid", "فاروق faruk", "فرهاد farhad", "رستم rustam", "شریف sharif", "شهاب shahab", "شمس shams", "دین din",
	"هاشم hashim", "همایون humayun", "جان jan", "بهرام bahram", "بابک babak", "داریوش dariush", "کوروش kurush", "سهراب suhrab",
	"تیمور timur", "ذبیح zabih", "ضیا ziya", "ظاهر zahir", "عارف arif", "عباس abbas", "غنی ghani", "کرزی karzai",
}

// arabicNames: internal Arabic letters to Latin spelling.
var arabicNames = func() map[string]string {
	names := make(map[string]string, len(arabicNameSpellings))
	for _, line := range arabicNameSpellings {
		word, latin, _ := strings.Cut(line, " ")
		names[arabicLetters(word)] = latin
	}
	return names
}()

// equivalents: spellings and national forms of one given name that letters alone
// do not bring together. Short on purpose: every line costs precision. Sources:
// Quran/Bible concordance of names; ru/uk name pairs; Turkic forms of Muhammad.
var equivalents = []string{
	"muhammad mohammad mohamed mohammed muhammed mohamad muhamed mehmet mehmed magomed magomet mamed mammad mukhamed muhammet mahomed mohd mohamud muhammadi mahamat mukhamet md mhd",
	"ahmad ahmed ahmet akhmat ahmadu akhmad ahmod",
	"husain hussein hossein husayn huseyn guseyn hussain khusein hosein husein hussien khusain khusan",
	"hasan hassan gasan khasan hasson",
	"abd abdul abdel abdal abdur abdu abdo abdol abdil",
	"abdullah abdulla abdullo abdallah abdula abdollah abdellah",
	"usama osama oussama ussama",
	"umar omar omer umer",
	"usman osman othman uthman ussman otman",
	"yusuf joseph yosef iosif youssef yousef josef jose yousuf yusif yusup zhusup jusup giuseppe yusof",
	"ibrahim abraham avraam ibragim ebrahim ibrohim brahim ibraim",
	"musa moses moisei mousa moussa muso",
	"dawud david daud davud dovud dawood daoud davyd",
	"sulaiman solomon suleyman suleiman sulaymon soliman sulayman sulejman",
	"yakub jacob iakov yaqub yakov jakob yoqub yaqoob yakup zhakyp",
	"ishak isaac isak ishaq iskhak eshaq isaak iskhok",
	"ismail ishmael esmail ismoil ismael smail ysmaiyl",
	"maryam maria mary mariam miriam marya mariya mariyam",
	"ilyas elias ilya ilyos iliyas elyas illia ilia",
	"yahya yahia iakhya yahyo john ioann johannes",
	"zakaria zakariya zachary zakhar zakariyo zakaria",
	"yunus jonah yunis yonas yunos",
	"iskandar alexander aleksandr oleksandr alexandre eskandar iskander alejandro aleksander",
	"jibril gabriel gavriil jabrail gibril jabroil",
	"mikail michael mikhail mykhailo mikhael michel miguel mihail",
	"fatima fatma fatimah fotima fatemeh patima fatimeh",
	"aisha ayesha oisha aysha aicha aishah aisyah",
	"khadija hadicha khadicha xadicha khadijah hadija",
	"ali aliy aly",
	"jamal gamal jamol zhamal djamel",
	"jamshid jamshed zhamshid",
	"said saeed sayid saiyd sayeed saied",
	"sayed sayyid sayyed seyed seyyed saiyed seyid",
	"nikolai mykola nicholas nicolas nikolay",
	"sergei serhii sergiy serge sergey siarhei",
	"andrei andrii andrew andriy andrey andrej",
	"yevgeny evgenii yevhen eugene evgeny yevgeniy yevhenii evgeniy",
	"dmitri dmytro dimitri dmitry dmitriy dmitrii",
	"vladimir volodymyr uladzimir wladimir",
	"elena olena helena yelena helen",
	"ekaterina kateryna catherine katerina yekaterina katharina",
	"pavel pavlo paul pawel",
	"petr petro peter piotr pyotr",
	"aleksei oleksii alexis alexey oleksiy alexei aleksey",
	"grigori hryhorii gregory grigory grigoriy grigorii",
	"georgi george heorhii georgy georgii georgios",
	"igor ihor",
	"yuri yurii iurii george yuriy",
	"julia yulia yuliya iuliia yuliia",
	"fedor fyodor theodore fiodor",
	"ksenia xenia kseniya kseniia oksana",
	"oleg oleh", "gennadi hennadii gennady gennadiy", "tatiana tetiana tatyana", "natalia nataliya nataliia natalya",
	"anna hanna ganna hannah", "daniel danil daniil danylo daniyal", "stepan stephen steven stefan",
	"rahman rakhman rahmon rehman rohman", "rahim rakhim rahem", "karim kerim carim", "qasim ghasem kasim gasim kosim kassym kasym qosim",
	"cemal jamal", "can jan", "cengiz chingiz dzhengiz shyngys chyngyz shingis",
	"jurabek zhurabek djurabek jorabek jourabek", "dzhakhongir jahongir jahangir djakhangir zhakhangir",
}

// particles carry no identity: articles, kinship words, honorific links.
var particles = words(`al el ul il bin ben ibn bint binti binte abin wa
	van von der den de di da la le du dos das
	uly uulu ulu ogli oglu ogly oghlu ugli ugly uli kyzy kizi qizi gizi qyzy kyz kizy
	zoda zade zadeh zadah zada`)

// kinship words make the word before them a patronymic (Erlan uly, Asan uulu).
var kinship = words("uly uulu ulu ogli oglu ogly oghlu ugli ugly uli kyzy kizi qizi gizi qyzy kyz kizy")

// titles are not part of a name; passenger lists and list publishers both
// write them there.
var titles = words(`mr mrs ms miss mstr master dr prof sir fnu lnu nfn nmn chd inf
	mullah mulla mullo maulavi mawlawi maulawi molvi mawlavi qari haji hajji hadji haj hoji khaji sheikh shaykh shaikh
	imam ustad ustaz`)

// sun letters: the article before them takes their sound (ar-Rahman, ash-Shami).
var sunArticles = map[string]byte{
	"ar": 'r', "as": 's', "ash": 'x', "ad": 'd', "an": 'n', "at": 't', "az": 'z', "ur": 'r', "us": 's', "ud": 'd',
	"un": 'n', "uz": 'z', "er": 'r', "es": 's', "ed": 'd', "en": 'n',
}

// gluedTitles: reservation systems append the title to the given name (IATA
// reservation practice: IVANMR, ANNAMRS). Longest first.
var gluedTitles = []string{"mstr", "miss", "mrs", "mr", "ms"}

// Names so frequent that agreeing in them says little. Information in nats
// (-ln of the share of people): first line about 1 in 40, second 1 in 150,
// third 1 in 500. Order of magnitude only, from public name statistics of
// KZ, UZ, RU, TR, IR, CN; an index corrects it by what it holds itself.
var commonNames = [3]string{
	"muhammad ahmad ali abd abdul wang li zhang",
	`husain hasan abdullah mustafa ibrahim yusuf umar usman fatima aisha maria anna elena olga natalia tatiana ekaterina
	aleksandr sergei dmitri andrei aleksei vladimir nikolai ivan mikhail igor khan ahmadi hussaini kim liu chen yang
	rahman karim rahim ivanov ivanova hamid reza shah singh huang zhao wu lin zhou jan gul said sayed ismail`,
	`kuznetsov kuznetsova petrov petrova smirnov smirnova popov popova pavel oleg evgeni yuri viktor roman denis maxim timur
	rustam ruslan marat erlan nurlan aslan daniyar bakhtiyor farrukh jamshid dilshod sherzod umid ulugbek aziz
	akhmedov ahmedova ahmedov akhmedova karimov karimova rahimov rahimova ismailov ismailova yusupov yusupova aliev alieva
	abdullaev abdullaeva hasanov hasanova umarov umarova usmanov usmanova ibragimov ibragimova saidov saidova nazarov
	nazarova sultanov sultanova mamedov mamedova aliyev khalid nasir rashid salim tahir musa isa david daniel xu sun ma
	zhu hu guo he lee park nguyen tran yilmaz demir kaya mehmet mahmud rasul mansur amir akbar haidar latif`,
}

// commonInfo gives the nats of the three lines of commonNames, and of the rest.
var commonInfo = [3]float64{3.7, 5.0, 6.2}

// plainInfo is the information of a name of no table: about 1 in 3,000 people.
const plainInfo = 8.0

var (
	clusterOf = buildClusters()
	priorOf   = buildPriors()
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
		set[latinMain(w)] = true
	}
	return set
}

// buildClusters numbers the lines of equivalents from 1 by canonical form; a
// form in two lines keeps both.
func buildClusters() map[string][]uint16 {
	m := map[string][]uint16{}
	for n, line := range equivalents {
		for _, w := range strings.Fields(line) {
			form := latinMain(w)
			if k := m[form]; len(k) == 0 || k[len(k)-1] != uint16(n+1) {
				m[form] = append(k, uint16(n+1))
			}
		}
	}
	return m
}

func buildPriors() map[string]float64 {
	m := map[string]float64{}
	for line, list := range commonNames {
		for _, w := range strings.Fields(list) {
			form := latinMain(w)
			if _, seen := m[form]; !seen {
				m[form] = commonInfo[line]
			}
		}
	}
	return m
}
