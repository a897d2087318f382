/** Invented people only: travellers, and the invented listed persons they look like. */

/** surname, given, native, born, sex, nationality, document */
export const TRAVELLERS = [
  ['ZHUMABAEV', 'DAULET', 'Жұмабаев Дәулет', '1981-03-14', 'M', 'KAZ', 'N08841236'],
  ['KARIMOVA', 'GULNORA', 'Каримова Гулнора', '1990-11-02', 'F', 'UZB', 'FA4471902'],
  ['RAHIMOV', 'FARRUKH', 'Раҳимов Фаррух', '1977-06-30', 'M', 'TJK', '401882316'],
  ['SADYKOV', 'NURLAN', 'Садыков Нурлан', '1969-01-19', 'M', 'KGZ', 'AC2217640'],
  ['ATAYEV', 'MERDAN', 'Ataýew Merdan', '1985-08-08', 'M', 'TKM', 'A1190443'],
  ['IBRAGIMOV', 'RUSTAM', 'Ибрагимов Рустам', '1974-12-25', 'M', 'UZB', 'FB1180275'],
  ['TOKHTAROVA', 'AIGUL', 'Тохтарова Айгүл', '1993-04-17', 'F', 'KAZ', 'N11265480'],
  ['YUSUPOV', 'SHERZOD', 'Юсупов Шерзод', '1988-09-21', 'M', 'UZB', 'FA9003117'],
  ['HASANOV', 'ILHOM', 'Ҳасанов Илҳом', '1979-02-11', 'M', 'TJK', '400518829'],
  ['ABDYRAKHMANOV', 'BAKYT', 'Абдырахманов Бакыт', '1966-10-05', 'M', 'KGZ', 'AN3340158'],
  ['OMAROV', 'ARMAN', 'Омаров Арман', '1995-05-29', 'M', 'KAZ', 'N13007752'],
  ['NAZAROVA', 'DILBAR', 'Назарова Дилбар', '1982-07-13', 'F', 'UZB', 'FA7714206'],
  ['MIRZOEV', 'JAMSHED', 'Мирзоев Ҷамшед', '1971-03-03', 'M', 'TJK', '402213370'],
  ['KALIEV', 'TIMUR', 'Калиев Тимур', '1987-01-27', 'M', 'KAZ', 'N09911840'],
  ['DURDIYEVA', 'OGULJAN', 'Durdyýewa Oguljan', '1991-06-16', 'F', 'TKM', 'A2208115'],
  ['ALIMBEKOV', 'AZAMAT', 'Алимбеков Азамат', '1984-11-11', 'M', 'KGZ', 'AC5501927'],
  ['SAIDOV', 'BAHROM', 'Саидов Баҳром', '1975-04-22', 'M', 'TJK', '400990124'],
  ['ERGASHEV', 'OTABEK', 'Эргашев Отабек', '1992-02-08', 'M', 'UZB', 'FB6620913'],
  ['DEMIR', 'KEREM', '', '1980-10-10', 'M', 'TUR', 'U21904477'],
  ['WANG', 'LIANG', '王亮', '1978-12-01', 'M', 'CHN', 'EJ4410086'],
  ['SULEYMANOV', 'VUGAR', 'Süleymanov Vüqar', '1983-03-19', 'M', 'AZE', 'C02881745'],
  ['PETRENKO', 'OLEG', 'Петренко Олег', '1970-08-24', 'M', 'RUS', '714402287'],
  ['HAYDARI', 'NAWID', 'نوید حیدری', '1986', 'M', 'AFG', 'P01882940'],
  ['BEKOVA', 'SALTANAT', 'Бекова Салтанат', '1989-09-09', 'F', 'KAZ', 'N10443921'],
]

/**
 * Listed persons in the same order; the last two columns say how it leans and what the machine finds.
 * name, native, born, sex, nationality, list, leans, score, reasons
 */
export const LISTED = [
  ['Jumabayev Daulet Serikovich', 'Жумабаев Даулет Серикович', '1981-03-14', 'M', 'KAZ', 'national', 'same', 0.96],
  ['Karimov Gulom', 'Каримов Ғулом', '1964', 'M', 'UZB', 'un', 'different', 0.62],
  ['Rakhimov Farukh Davlatovich', 'Рахимов Фарух Давлатович', '1958/1963', 'M', 'TJK', 'un', 'different', 0.71],
  ['Sadikov Nurlan Bekovich', 'Садиков Нурлан Бекович', '1969-01', 'M', 'KGZ', 'national', 'unclear', 0.84],
  ['Atayev Myrat', 'Ataýew Myrat', '1961-02-20', 'M', 'TKM', 'ofac', 'different', 0.58],
  ['Ibrahimov Rustem', 'Ибрагимов Рустем', '1990-05-05', 'M', 'AZE', 'ofac', 'different', 0.66],
  ['Tokhtarov Aidar', 'Тохтаров Айдар', '1972-01-08', 'M', 'KAZ', 'national', 'different', 0.55],
  ['Yusupov Sherali', 'Юсупов Шерали', '1959', 'M', 'TJK', 'un', 'different', 0.6],
  ['Khasanov Ilkhomjon', 'Хасанов Илхомжон', '1991-07-01', 'M', 'UZB', 'un', 'different', 0.64],
  ['Abdurakhmonov Bakhit', 'Абдурахмонов Бахит', '1988', 'M', 'UZB', 'ofac', 'different', 0.57],
  ['Umarov Arman', 'Умаров Арман', '1970-03-15', 'M', 'RUS', 'un', 'different', 0.63],
  ['Nazarov Dilovar', 'Назаров Диловар', '1979-12-30', 'M', 'TJK', 'national', 'different', 0.56],
  ['Mirzoyev Jamshed', 'Мирзоев Джамшед', '1971', 'M', 'TJK', 'un', 'unclear', 0.86],
  ['Galiev Timur', 'Галиев Тимур', '1965-04-04', 'M', 'RUS', 'ofac', 'different', 0.59],
  ['Durdyev Ogul', 'Durdyýew Ogul', '1980', 'M', 'TKM', 'ofac', 'different', 0.54],
  ['Olimbekov Azamat', 'Олимбеков Азамат', '1996-08-18', 'M', 'UZB', 'national', 'different', 0.68],
  ['Saidov Bakhrom', 'Саидов Бахром', '1975-04-22', 'M', 'TJK', 'national', 'same', 0.93],
  ['Ergashev Otabek Umarovich', 'Эргашев Отабек Умарович', '1963-09', 'M', 'UZB', 'un', 'different', 0.7],
  ['Demir Karim', 'کریم دمیر', '1955', 'M', 'IRQ', 'un', 'different', 0.53],
  ['Wang Lian', '王莲', '1978', 'F', 'CHN', 'ofac', 'different', 0.61],
  ['Suleimanov Vagif', 'Сулейманов Вагиф', '1976-06-06', 'M', 'RUS', 'ofac', 'different', 0.55],
  ['Petrenko Oleh Ivanovych', 'Петренко Олег Иванович', '1970-08-02', 'M', 'UKR', 'national', 'different', 0.72],
  ['Haidari Navid', 'نوید حیدری', '1986~', 'M', 'AFG', 'un', 'unclear', 0.82],
  ['Bekov Saltan', 'Беков Салтан', '1977-07-07', 'M', 'KAZ', 'national', 'different', 0.52],
]

export const LISTS = {
  un: { title: 'UN Security Council (sample)', publisher: 'United Nations', effect: 'binding' },
  ofac: { title: 'OFAC SDN (sample)', publisher: 'US Treasury', effect: 'information' },
  national: { title: 'National wanted list', publisher: 'Ministry of the Interior', effect: 'national' },
}
