import type { FileGroup } from '../api'
import type { Lang } from '../lib/format'
import { number } from '../lib/format'
import { m } from '../paraglide/messages'

const GROUPS: Record<FileGroup, () => string> = {
  picture: m.file_picture,
  document: m.file_document,
  sheet: m.file_sheet,
  text: m.file_text,
  mail: m.file_mail,
  audio: m.file_audio,
  video: m.file_video,
  opaque: m.file_opaque,
}
/** What a file is, in a word; one this build does not know is just a file. */
export function groupName(group: FileGroup | undefined): string {
  return (group && GROUPS[group]?.()) || m.file_opaque()
}

/** A size as people compare it: whole kB, MB with one digit. */
export function bytes(n: number, lang: Lang): string {
  const [kb, mb] = lang === 'ru' ? ['КБ', 'МБ'] : ['kB', 'MB']
  if (n < 1024 * 1024) return `${number(Math.max(1, Math.round(n / 1024)), lang)}\u00a0${kb}`
  return `${number(Math.round((n / 1024 / 1024) * 10) / 10, lang)}\u00a0${mb}`
}

/** `40 s`, `3 min`: what is left to wait. */
export function soon(seconds: number, lang: Lang): string {
  const [s, min] = lang === 'ru' ? ['с', 'мин'] : ['s', 'min']
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))}\u00a0${s}` : `${Math.round(seconds / 60)}\u00a0${min}`
}
