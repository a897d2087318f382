import type { Party } from '../api/sharing'
import { pick } from '../app/locale.svelte'
import { vocab } from '../app/vocab.svelte'
import { m } from '../paraglide/messages'

const CLASSES: Record<string, () => string> = {
  plain: m.class_plain,
  identity: m.class_identity,
  sensitive: m.class_sensitive,
  text: m.class_text,
  home: m.class_home,
  source: m.class_source,
}
export const className = (code: string): string => CLASSES[code]?.() ?? code

/** What a partner is called: its name, else its node. */
export const partyName = (p: Party): string => pick(p.name.en, p.name.ru) || p.node
export const partyWhere = (p: Party): string =>
  [p.country ? vocab.label('country', p.country) : '', p.agencies.join(', ')].filter(Boolean).join(' · ')

/** The name of the node in a list of parties; the node itself when the list does not know it. */
export function nodeName(all: Party[], node: string): string {
  const found = all.find((p) => p.node === node)
  return found ? partyName(found) : node
}
