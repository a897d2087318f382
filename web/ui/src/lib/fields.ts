import { locale } from '../app/locale.svelte'
import { vocab } from '../app/vocab.svelte'
import { m } from '../paraglide/messages'
import { dateTime, edtf, wallDate, wallTime } from './format'
import { stateName } from './states'

const NAMES: Record<string, () => string> = {
  how: m.exhibit_how,
  taken: m.exhibit_taken,
  taken_by: m.exhibit_taken_by,
  'names.full': m.field_full,
  titles: m.field_titles,
  related: m.field_related,
  'places.role': m.field_place_role,
  'places.country': m.field_place_country,
  birth_place: m.field_birth_place,
  ticket: m.field_ticket,
  'contacts.kind': m.field_contact_kind,
  'contacts.value': m.field_contact_value,
  names: m.field_name,
  'places.text': m.thing_place,
  departs_local: m.field_departs_local,
  departsLocal: m.field_departs_local,
  arrives_local: m.field_arrives_local,
  arrivesLocal: m.field_arrives_local,
  passengers: m.voyage_persons,
  crew: m.voyage_crew,
  voyage_label: m.field_voyage,
  score: m.field_score,
  matched: m.field_matched,
  full: m.field_name,
  nationalities: m.field_nationality,
  issued: m.field_issued,
  type: m.field_type,
  quality: m.field_quality,
  remarks: m.field_remarks,
  programme: m.field_programme,
  listed: m.field_listed,
  valid_until: m.field_valid,
  entry: m.field_entry,
  label: m.field_voyage,
  name: m.field_name,
  alias: m.field_alias,
  aliases: m.field_alias,
  surname: m.field_surname,
  given: m.field_given,
  native: m.field_native,
  patronymic: m.field_patronymic,
  born: m.field_born,
  birthplace: m.field_birthplace,
  sex: m.field_sex,
  nationality: m.field_nationality,
  residence: m.field_residence,
  address: m.field_address,
  document: m.field_document,
  documents: m.field_document,
  'document.number': m.field_document_number,
  number: m.field_document_number,
  'document.issuer': m.field_document_issuer,
  issuer: m.field_document_issuer,
  expires: m.field_expires,
  role: m.field_role,
  booking: m.field_booking,
  seat: m.field_seat,
  bags: m.field_bags,
  voyage: m.field_voyage,
  carrier: m.field_carrier,
  from: m.field_from,
  to: m.field_to,
  departs: m.field_departs,
  arrives: m.field_arrives,
  list: m.field_list,
  reason: m.field_reason,
  contact: m.field_contact,
  instruction: m.field_instruction,
  severity: m.field_severity,
  effect: m.field_effect,
  title: m.field_title,
  state: m.field_state,
  note: m.field_note,
}

/** `documents.0.number` -> its words; positions in a list say nothing to a reader. */
function words(code: string): string[] {
  return code.split('.').filter((part) => !/^\d+$/.test(part))
}

/** The name of a field in the reader's language; an unknown one shows its code rather than nothing. */
export function fieldName(code: string): string {
  const path = words(code)
  const last = path.at(-1) ?? code
  const parent = path.at(-2)
  const named = NAMES[path.join('.')] ?? NAMES[last]
  if (parent === 'documents' && last !== 'number') {
    return `${m.field_document()}: ${(named?.() ?? last).toLocaleLowerCase()}`
  }
  if (parent === 'documents') return m.field_document()
  return named ? named() : path.join(' ').replaceAll(/[_-]/g, ' ')
}

const COUNTRY = new Set(['nationality', 'nationalities', 'residence', 'issuer', 'country'])
const DATE = new Set(['born', 'expires', 'issued', 'listed', 'valid_until', 'published'])

/** A value as a person reads it: dates in the reader's form, codes of the vocabularies as words. */
export function fieldValue(code: string, value: string): string {
  const last = words(code).at(-1) ?? code
  if (COUNTRY.has(last))
    return value
      .split(/[\s,]+/)
      .map((c) => vocab.label('country', c))
      .join(', ')
  if (DATE.has(last)) return edtf(value.replace(/T00:00:00Z$/, ''), locale.lang)
  if (last === 'sex') return value === 'M' ? m.sex_male() : value === 'F' ? m.sex_female() : value
  if (last === 'role') return vocab.label('travellerrole', value)
  if (last === 'severity') return vocab.label('severity', value)
  if (last === 'instruction' || last === 'action') return vocab.label('instruction', value)
  if (last === 'effect') return vocab.label('effect', value)
  if (last === 'state') return stateName(value)
  if (last === 'from' || last === 'to' || last === 'place') return vocab.airport(value)
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value)) return dateTime(value, locale.lang, 'UTC') + ' UTC'
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(value)) return `${wallDate(value, locale.lang)} ${wallTime(value)}`
  return value
}
