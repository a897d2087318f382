package synth

// The names of peoples whose papers begin in another script, each with the Latin spellings that passports, visas and
// lists give it. The first spelling is the commonest.

var otherPeoples = []people{
	{id: "persian", nationality: "IRN", practice: practicePlain,
		men: "امیر=Amir رضا=Reza/Riza حسین=Hossein/Husayn/Hosein مهدی=Mehdi/Mahdi بهرام=Bahram پرویز=Parviz/Parwiz داریوش=Dariush/Daryoush " +
			"فرهاد=Farhad کاوه=Kaveh/Kave کیوان=Keyvan/Kayvan محسن=Mohsen/Muhsin ناصر=Naser/Nasir نیما=Nima سعید=Saeed/Saeid/Sa'id سیاوش=Siavash/Siyavush " +
			"شهرام=Shahram یوسف=Yousef/Yusuf/Yousof جواد=Javad/Jawad آرش=Arash بابک=Babak",
		women: "مریم=Maryam/Mariam زهرا=Zahra فاطمه=Fatemeh/Fatima لیلا=Leila/Layla نسرین=Nasrin پریسا=Parisa شیرین=Shirin سارا=Sara مینا=Mina الهام=Elham " +
			"نرگس=Narges/Nargis سمیرا=Samira/Sameera آزاده=Azadeh مهسا=Mahsa ناهید=Nahid",
		families: "کریمی=Karimi حسینی=Hosseini/Husayni/Hoseini رضایی=Rezaei/Rezai/Rezaie موسوی=Mousavi/Musavi جعفری=Jafari/Ja'fari صادقی=Sadeghi/Sadeqi " +
			"کاظمی=Kazemi/Kazimi نوری=Nouri/Noori/Nuri رحیمی=Rahimi شریفی=Sharifi اکبری=Akbari حیدری=Heydari/Haidari قاسمی=Ghasemi/Qasemi/Qasimi " +
			"بهرامی=Bahrami یوسفی=Yousefi/Yusufi رستمی=Rostami/Rustami فرهادی=Farhadi عبادی=Ebadi/Abadi محمودی=Mahmoudi/Mahmudi طاهری=Taheri/Tahiri " +
			"زارعی=Zarei نجفی=Najafi سلطانی=Soltani/Sultani باقری=Bagheri/Baqeri ملکی=Maleki کمالی=Kamali امینی‌پور=Aminipour/Aminipur حسن‌زاده=Hassanzadeh/Hasanzade"},
	{id: "dari", nationality: "AFG", practice: practicePlain,
		men: "احمد=Ahmad/Ahmed محمود=Mahmood/Mahmud/Mahmoud عبدالله=Abdullah/Abdollah عبدالرحیم=Abdul_Rahim/Abdulrahim/Abdur_Rahim فرید=Farid/Fareed " +
			"حامد=Hamid/Hamed جاوید=Jawid/Javid/Jawed نجیب=Najib/Najeeb نصیر=Nasir/Naseer نور=Noor/Nur رحمت=Rahmat شفیق=Shafiq/Shafeeq شکیب=Shakib/Shakeeb " +
			"وحید=Wahid/Waheed زلمی=Zalmai/Zalmay ذبیح=Zabih/Zabeeh میرویس=Mirwais/Mirwees همایون=Homayoun/Humayun یما=Yama امان=Aman",
		women: "فریبا=Fariba فرشته=Fereshta/Ferishta حسینه=Hasina/Haseena لطیفه=Latifa/Lateefa مرسل=Mursal نازنین=Nazanin نیلوفر=Nilofar/Niloufar پروین=Parwin/Parveen " +
			"روشن=Roshan شبنم=Shabnam ثریا=Soraya/Suraya ذکیه=Zakia/Zakiya زرغونه=Zarghuna",
		families: "احمدی=Ahmadi عزیزی=Azizi امیری=Amiri فیضی=Faizi/Fayzi حکیمی=Hakimi حبیبی=Habibi ابراهیمی=Ibrahimi/Ebrahimi کریمی=Karimi قادری=Qaderi/Qadiri/Ghaderi " +
			"محمدی=Mohammadi/Muhammadi نظری=Nazari نوری=Noori/Nuri رحمانی=Rahmani رسولی=Rasooli/Rasuli صمدی=Samadi شریفی=Sharifi سلطانی=Sultani یوسفی=Yousufi/Yusufi " +
			"ظاهری=Zahiri/Zaheri هاشمی=Hashimi/Hashemi صافی=Safi وردک=Wardak بدخشی=Badakhshi کوهستانی=Kohistani"},
	{id: "pashto", nationality: "AFG", practice: practicePlain,
		men: "اسماعیل=Ismail/Ismael بختیار=Bakhtiar/Bakhtyar دوست_محمد=Dost_Mohammad/Dost_Muhammad گل_آغا=Gul_Agha حیات_الله=Hayatullah عصمت_الله=Ismatullah/Esmatullah " +
			"خان_محمد=Khan_Mohammad/Khan_Muhammad لعل_محمد=Lal_Mohammad نصرالله=Nasrullah نقیب_الله=Naqibullah/Naqeebullah رحمت_الله=Rahmatullah روح_الله=Rohullah/Ruhullah " +
			"سمیع_الله=Samiullah شیر_محمد=Sher_Mohammad تور_جان=Tor_Jan ولی=Wali زرین=Zarin",
		women:    "اسما=Asma بی‌بی_گل=Bibi_Gul گلالی=Gulalai/Gulalay ملالی=Malalai/Malalay نازو=Nazo پلوشه=Palwasha/Palwashah سپوژمی=Spozhmai/Spogmai تورپیکی=Torpekai زرمینه=Zarmina",
		families: "اچکزی=Achakzai/Achekzai الکوزی=Alokozai/Alkozai احمدزی=Ahmadzai/Ahmedzai بارکزی=Barakzai/Barekzai استانکزی=Stanikzai/Stanekzai غلزی=Ghilzai/Ghalzai کاکړ=Kakar/Kakarr نورزی=Noorzai/Nurzai پوپلزی=Popalzai/Popalzay صدوزی=Sadozai شینواری=Shinwari/Shenwari ستانکزی=Stanikzay یوسفزی=Yousafzai/Yusufzai ځدراڼ=Zadran/Jadran مومند=Mohmand/Momand"},
	{id: "arab", nationality: "SAU", practice: practicePlain,
		men:      "احمد=Ahmed/Ahmad خالد=Khalid/Khaled راشد=Rashid/Rashed فهد=Fahd/Fahad ماجد=Majid/Majed نايف=Nayef/Naif طارق=Tariq/Tarek يوسف=Yousef/Yusuf زياد=Ziad/Ziyad عمر=Omar/Umar بدر=Badr/Bader وليد=Walid/Waleed حسن=Hassan/Hasan كريم=Karim/Kareem",
		women:    "عائشة=Aisha/Aysha فاطمة=Fatimah/Fatima هند=Hind ليلى=Layla/Leila مريم=Mariam/Maryam نورة=Noura/Nora ريم=Reem/Rim سارة=Sarah/Sara سلمى=Salma",
		families: "الحربي=Al-Harbi/Alharbi القحطاني=Al-Qahtani/Alqahtani/Al_Kahtani الغامدي=Al-Ghamdi/Alghamdi الزهراني=Al-Zahrani/Azzahrani الشمري=Al-Shammari/Ash-Shammari المطيري=Al-Mutairi/Almutayri الدوسري=Al-Dosari/Aldossary العتيبي=Al-Otaibi/Al_Utaybi البصري=Al-Basri/Albasri الكعبي=Al-Kaabi/Alkaabi النعيمي=Al-Nuaimi/Alnoaimi المنصوري=Al-Mansoori/Almansouri الشامسي=Al-Shamsi/Ashshamsi"},
	{id: "turkish", nationality: "TUR", practice: practiceTurkish,
		men:      "Ahmet Mehmet Mustafa Murat Emre Burak Hakan Hüseyin İbrahim Kemal Okan Onur Orhan Serkan Şükrü Tolga Uğur Volkan Yiğit Çağlar Deniz=Deniz Umut=Umut",
		women:    "Ayşe Fatma Zeynep Elif Emine Gülşen Hatice Merve Özlem Pınar Selin Şule Tuğba Yasemin Çiğdem Deniz=Deniz Umut=Umut",
		families: "Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Kara Koç Kurt Özkan Şimşek Polat Korkmaz Çakır Erdoğmuş Güneş Aksoy Taş Bozkurt Güler Keskin"},
	{id: "uyghur", nationality: "CHN", practice: practicePlain,
		men:      "مەمەت=Memet/Maimaiti/Muhammet ئابدۇللا=Abdulla/Abudula ئەخمەت=Ehmet/Aihemaiti/Ahmat تۇرسۇن=Tursun/Tuerxun ئوسمان=Osman/Wusiman يۈسۈپ=Yusup/Yusufu ئىمىن=Imin/Yiming كېرىم=Kerim/Kelimu نۇرمەمەت=Nurmemet/Nuermaimaiti رازاق=Razaq/Rezake قادىر=Qadir/Kadier ھەسەن=Hesen/Aishan",
		women:    "ئايشە=Ayshe/Ayixia پاتىمە=Patime/Patiman گۈلنار=Gulnar/Gulina مەريەم=Meryem/Maliyamu رىزۋانگۈل=Rizwangul/Rezhiwanguli ئامىنە=Amine/Amina زۇلپىيە=Zulpiye/Zulipiya نۇرگۈل=Nurgul/Nuerguli خالىدە=Xalide/Halidai",
		families: "ئابدۇرېھىم=Abdurehim/Abudureyimu ئەمەت=Emet/Aimaiti ئىسمايىل=Ismayil/Yisimayi تۇرسۇن=Tursun/Tuerxun جۈمە=Jume/Jumai داۋۇت=Dawut/Dawuti راخمان=Raxman/Reheman روزى=Rozi/Ruzi سادىق=Sadiq/Shadike ھاشىم=Hashim/Hashimu نىياز=Niyaz/Niyazi ياسىن=Yasin/Yaxin"},
	{id: "chinese", nationality: "CHN", practice: practicePlain, familyFirst: true,
		men:      "建国=Jianguo 志强=Zhiqiang 伟=Wei 勇=Yong 晓东=Xiaodong 海涛=Haitao 文=Wen 明=Ming 俊杰=Junjie 子轩=Zixuan 国庆=Guoqing 学军=Xuejun 磊=Lei 超=Chao 波=Bo 雨泽=Yuze",
		women:    "丽=Li 芳=Fang 秀英=Xiuying 晓燕=Xiaoyan 文=Wen 敏=Min 静=Jing 雪梅=Xuemei 玉兰=Yulan 婷婷=Tingting 思雨=Siyu 欣怡=Xinyi 红=Hong 明=Ming",
		families: "王=Wang 李=Li 张=Zhang 刘=Liu 陈=Chen 杨=Yang 赵=Zhao 黄=Huang 周=Zhou 吴=Wu 徐=Xu 孙=Sun 胡=Hu 朱=Zhu 高=Gao 林=Lin 何=He 郭=Guo 马=Ma 罗=Luo 梁=Liang 宋=Song 郑=Zheng 谢=Xie 韩=Han 唐=Tang 冯=Feng 于=Yu 董=Dong 萧=Xiao 欧阳=Ouyang"},
	{id: "korean", nationality: "KOR", practice: practicePlain, familyFirst: true,
		men:      "민수=Minsu/Min_Soo 지훈=Jihun/Ji_Hoon 성민=Seongmin/Sung_Min 영호=Yeongho/Young_Ho 준호=Junho/Joon_Ho 현우=Hyeonu/Hyun_Woo 동현=Donghyeon/Dong_Hyun 재원=Jaewon/Jae_Won",
		women:    "지은=Jieun/Ji_Eun 수진=Sujin/Soo_Jin 민지=Minji/Min_Ji 영희=Yeonghui/Young_Hee 현정=Hyeonjeong/Hyun_Jung 은주=Eunju/Eun_Joo 서연=Seoyeon/Seo_Yeon 재원=Jaewon/Jae_Won",
		families: "김=Kim 이=Lee/Yi/Rhee 박=Park/Pak/Bak 최=Choi/Choe 정=Jung/Jeong/Chung 강=Kang/Gang 조=Cho/Jo 윤=Yoon/Yun 장=Jang/Chang 임=Lim/Im/Rim 한=Han 오=Oh/O 서=Seo/Suh 신=Shin/Sin 권=Kwon/Gwon"},
	{id: "hindi", nationality: "IND", practice: practicePlain,
		men:      "Aakash Amit Anil Arjun Ashok Deepak Dinesh Gaurav Karan Manoj Mohit Naveen Nikhil Pankaj Pradeep Rahul Rajesh Rakesh Rohit Sandeep Sanjay Suresh Vijay Vikram Vivek",
		women:    "Anita Anjali Deepika Divya Kavita Lakshmi Meena Neha Nisha Pooja Priya Rekha Ritu Shalini Shreya Sneha Sunita Swati Vandana",
		families: "Agarwal=Agarwal/Aggarwal/Agrawal Bansal Bhatt Chauhan=Chauhan/Chouhan Choudhary=Choudhary/Chaudhary/Chowdhury Desai Goyal=Goyal/Goel Gupta Iyer=Iyer/Aiyar Jain Joshi Kapoor=Kapoor/Kapur Khanna Kulkarni Kumar Malhotra Mehta Menon Mishra=Mishra/Misra Nair=Nair/Nayar Pandey=Pandey/Pande Patel Rao Reddy Saxena Sharma Shukla Srivastava=Srivastava/Shrivastava Tiwari=Tiwari/Tewari Verma=Verma/Varma Yadav"},
	{id: "punjabi", nationality: "IND", practice: practicePlain,
		men:      "Gurpreet=Gurpreet Harpreet=Harpreet Manpreet=Manpreet Jaspreet=Jaspreet Amardeep=Amardeep Sukhdeep=Sukhdeep Kuldeep=Kuldeep Gurdeep=Gurdeep Rajinder=Rajinder/Rajender Baljeet=Baljeet/Baljit Parminder=Parminder",
		women:    "Gurpreet=Gurpreet Harpreet=Harpreet Manpreet=Manpreet Jaspreet=Jaspreet Amardeep=Amardeep Sukhdeep=Sukhdeep Kuldeep=Kuldeep Gurdeep=Gurdeep Rajinder=Rajinder/Rajender Baljeet=Baljeet/Baljit Parminder=Parminder",
		families: "Gill Sandhu Sidhu Dhillon Grewal Brar Bains Dhaliwal Randhawa Virk Sohal Bajwa"},
	{id: "urdu", nationality: "PAK", practice: practicePlain,
		men:      "عمران=Imran فیصل=Faisal/Faysal کامران=Kamran نعیم=Naeem/Naim عثمان=Usman/Othman وقاص=Waqas/Waqqas شاہد=Shahid/Shaheed طارق=Tariq زاہد=Zahid بلال=Bilal عدنان=Adnan حمزہ=Hamza سلمان=Salman اسد=Asad",
		women:    "عائشہ=Ayesha/Aisha فرح=Farah حنا=Hina نادیہ=Nadia صبا=Saba ثنا=Sana سمیرا=Samira/Sumaira زینب=Zainab/Zaynab شازیہ=Shazia",
		families: "چوہدری=Chaudhry/Choudhry/Chaudhary ملک=Malik بٹ=Butt/Bhutt شیخ=Sheikh/Shaikh قریشی=Qureshi/Quraishi/Koreshi مرزا=Mirza خٹک=Khattak راجپوت=Rajput اعوان=Awan گوندل=Gondal بھٹی=Bhatti راجہ=Raja سومرو=Soomro/Sumro جٹ=Jutt"},
	{id: "german", nationality: "DEU", practice: practiceGerman,
		men: "Jürgen Klaus Matthias Stefan Thomas Uwe Jörg Andreas Florian Sebastian", women: "Anja Birgit Claudia Katrin Sabine Ulrike Jana Käthe Lena Steffi",
		families: "Müller Schröder Krüger Schäfer Köhler Weiß Jäger Böhm Lange Vogt Brandt Kühn Haas Sommer Winter Groß"},
	{id: "english", nationality: "GBR", practice: practicePlain,
		men: "Andrew Colin Daniel Edward George Graham Ian Kevin Martin Neil Oliver Peter Simon Stephen=Stephen/Steven", women: "Alison Catherine=Catherine/Katherine Claire Emma Fiona Helen Jane Laura Rachel Sarah=Sarah/Sara Susan",
		families: "Ashworth Barlow Cartwright Dunmore Ellwood Fairbank Greenhalgh Hollins Kirkby Langford Marwood Norcross Pemberton Ridley Stanbury Thorley Whitaker=Whitaker/Whittaker"},
}
