const t = (code, en, ru, note_en, note_ru) => ({ code, en, ru, ...(note_en ? { note_en, note_ru } : {}) })

export const VOCAB = {
  severity: [t('critical', 'Critical', 'Критическая'), t('high', 'High', 'Высокая'), t('medium', 'Medium', 'Средняя'), t('low', 'Low', 'Низкая')],
  hitstate: [
    t('new', 'New', 'Новое'),
    t('claimed', 'Claimed', 'В работе'),
    t('confirmed', 'Confirmed', 'Подтверждено'),
    t('dismissed', 'Dismissed', 'Отклонено'),
    t('instructed', 'Booth instructed', 'Указание дано'),
    t('acknowledged', 'Acknowledged', 'Пост принял'),
    t('closed', 'Closed', 'Закрыто'),
  ],
  dismissreason: [
    t('born-differs', 'Another birth date', 'Другая дата рождения'),
    t('sex-differs', 'Another sex', 'Другой пол'),
    t('name-differs', 'Another name on closer look', 'При сверке имя другое'),
    t('nationality-differs', 'Another nationality and no link to the listed one', 'Другое гражданство, связи нет'),
    t('document-known', 'Known traveller, document checked', 'Известный пассажир, документ проверен'),
    { ...t('other', 'Other (say which)', 'Другое (указать)'), text: true },
  ],
  confirmreason: [
    t('identity', 'Name and birth date agree', 'Сходятся имя и дата рождения'),
    t('document', 'Document agrees', 'Сходится документ'),
    t('several', 'Several traits agree', 'Сходится несколько признаков'),
    t('doubt', 'Cannot be ruled out, check at the booth', 'Исключить нельзя, проверить на посту'),
    { ...t('other', 'Other (say which)', 'Другое (указать)'), text: true },
  ],
  instruction: [
    t('second-line', 'Second line', 'Второй контроль', 'Send to second line; check the document against the listing.', 'Направить на второй контроль; сверить документ с записью в списке.'),
    t('discreet-check', 'Discreet check', 'Негласная проверка', 'Let pass; note companions, route and contact. Do not let the person notice.', 'Пропустить; записать спутников, маршрут, контакт. Человек не должен заметить.'),
    t('detain', 'Detain', 'Задержать', 'Detain and call the duty officer of the owner at once.', 'Задержать и сразу позвонить дежурному инициатора.'),
    t('refuse-entry', 'Refuse entry', 'Отказать во въезде', 'Refuse entry; hand over the written decision.', 'Отказать во въезде; вручить письменное решение.'),
    t('information', 'For information', 'К сведению', 'No action; for your information.', 'Действий не требуется; к сведению.'),
  ],
  outcome: [
    t('same-person', 'Same person, handed over', 'Тот же человек, передан'),
    t('other-person', 'Another person, let pass', 'Другой человек, пропущен'),
    t('refused', 'Entry refused', 'Во въезде отказано'),
    t('checked', 'Checked, let pass', 'Проверен, пропущен'),
    t('not-arrived', 'Did not arrive', 'Не прибыл'),
  ],
  effect: [
    t('binding', 'Binding', 'Обязательный', 'Binding on this country (UN Charter)', 'Обязателен для страны (Устав ООН)'),
    t('national', 'National', 'Национальный', 'In force by national law', 'Действует по национальному закону'),
    t('information', 'Information only', 'К сведению', 'No legal effect here; a lead at most', 'Не имеет силы здесь; только как зацепка'),
  ],
  marking: [t('open', 'Open', 'Открыто'), t('internal', 'Internal', 'Служебное'), t('official', 'For official use', 'Для служебного пользования')],
  role: [
    t('analyst', 'Analyst', 'Аналитик'),
    t('border', 'Border officer', 'Пограничник'),
    t('supervisor', 'Supervisor', 'Руководитель смены'),
    t('oversight', 'Oversight officer', 'Сотрудник надзора'),
    t('admin', 'Administrator', 'Администратор'),
  ],
  travellerrole: [t('passenger', 'Passenger', 'Пассажир'), t('crew', 'Crew', 'Экипаж'), t('transit', 'Transit', 'Транзит'), t('listed', 'Listed', 'В списке')],
  doctype: [t('P', 'Passport', 'Паспорт'), t('I', 'Identity card', 'Удостоверение личности'), t('V', 'Visa', 'Виза')],
  thing: [
    t('person', 'Person', 'Лицо'),
    t('document', 'Document', 'Документ'),
    t('voyage', 'Voyage', 'Рейс'),
    t('place', 'Place', 'Место'),
    t('booking', 'Booking', 'Бронь'),
    t('organisation', 'Organisation', 'Организация'),
  ],
  kind: [
    t('passenger.voyage', 'Voyage', 'Рейс'),
  ],
  problem: [t('missing-cnt', 'Count missing', 'Нет счётчика'), t('bad-date', 'Date not readable', 'Дата не читается')],
  country: [
    t('KAZ', 'Kazakhstan', 'Казахстан'),
    t('UZB', 'Uzbekistan', 'Узбекистан'),
    t('TJK', 'Tajikistan', 'Таджикистан'),
    t('KGZ', 'Kyrgyzstan', 'Кыргызстан'),
    t('TKM', 'Turkmenistan', 'Туркменистан'),
    t('TUR', 'Türkiye', 'Турция'),
    t('CHN', 'China', 'Китай'),
    t('AZE', 'Azerbaijan', 'Азербайджан'),
    t('RUS', 'Russian Federation', 'Россия'),
    t('UKR', 'Ukraine', 'Украина'),
    t('AFG', 'Afghanistan', 'Афганистан'),
    t('IRQ', 'Iraq', 'Ирак'),
  ],
}

const a = (code, name_en, name_ru, country, tz) => ({ code, name_en, name_ru, country, lat: 0, lon: 0, tz })
export const AIRPORTS = [
  a('ALA', 'Almaty', 'Алматы', 'KAZ', 'Asia/Almaty'),
  a('NQZ', 'Astana', 'Астана', 'KAZ', 'Asia/Almaty'),
  a('TAS', 'Tashkent', 'Ташкент', 'UZB', 'Asia/Tashkent'),
  a('DYU', 'Dushanbe', 'Душанбе', 'TJK', 'Asia/Dushanbe'),
  a('FRU', 'Bishkek', 'Бишкек', 'KGZ', 'Asia/Bishkek'),
  a('ASB', 'Ashgabat', 'Ашхабад', 'TKM', 'Asia/Ashgabat'),
  a('IST', 'Istanbul', 'Стамбул', 'TUR', 'Europe/Istanbul'),
  a('DXB', 'Dubai', 'Дубай', 'ARE', 'Asia/Dubai'),
  a('URC', 'Urumqi', 'Урумчи', 'CHN', 'Asia/Urumqi'),
  a('SVO', 'Moscow Sheremetyevo', 'Москва Шереметьево', 'RUS', 'Europe/Moscow'),
  a('GYD', 'Baku', 'Баку', 'AZE', 'Asia/Baku'),
  a('FRA', 'Frankfurt', 'Франкфурт', 'DEU', 'Europe/Berlin'),
]

export const USERS = [
  { id: 'u-analyst', name: 'aliya', password: 'demo-analyst', role: 'analyst', display: 'Aliya Seitova', agency: 'PIU' },
  { id: 'u-officer', name: 'bolat', password: 'demo-officer', role: 'border', display: 'Bolat Kenesov', agency: 'Border Service', place: 'ALA' },
  { id: 'u-super', name: 'dina', password: 'demo-supervisor', role: 'supervisor', display: 'Dina Akhmetova', agency: 'PIU' },
  { id: 'u-over', name: 'erlan', password: 'demo-oversight', role: 'oversight', display: 'Erlan Tulegenov', agency: 'Data Protection' },
  { id: 'u-admin', name: 'farida', password: 'demo-admin', role: 'admin', display: 'Farida Usmanova', agency: 'IT' },
]

const PIU = ['read:passenger', 'import:passenger', 'read:watchlist', 'import:watchlist', 'read:hit', 'decide:hit', 'read:instruction', 'read:clearance']
export const MAY = {
  analyst: PIU,
  border: ['read:instruction', 'act:instruction'],
  supervisor: [...PIU, 'change:watchlist', 'oversee:hit'],
  oversight: ['read:audit'],
  admin: ['read:users', 'change:users'],
}
