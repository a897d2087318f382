import { m } from '../paraglide/messages'
import { kindName } from '../record/kinds'

const KINDS: Record<string, () => string> = {
  directory: m.network_k_directory,
  'sharing.edition': m.network_k_edition,
  edition: m.network_k_edition,
}
export const messageKind = (kind: string | undefined): string =>
  kind ? (KINDS[kind]?.() ?? kindName(kind)) : m.unknown()
