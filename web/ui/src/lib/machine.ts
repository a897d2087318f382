import { m } from '../paraglide/messages'

/** Parts of the program that act by themselves, as the log names them: `machine:screening`. */
const PARTS: Record<string, () => string> = {
  screening: m.part_screening,
  import: m.part_import,
  events: m.part_events,
  init: m.part_init,
  demo: m.part_demo,
  reindex: m.part_reindex,
  'sign-in': m.part_sign_in,
  status: m.part_status,
  'command-line': m.part_command,
  oversight: m.part_oversight,
}
const PREFIX = 'machine:'

/** The part of the program an id names, in a word; undefined when it names a person. */
export function machinePart(id: string | undefined): string | undefined {
  if (!id?.startsWith(PREFIX)) return id === 'machine' ? '' : undefined
  const part = id.slice(PREFIX.length)
  return PARTS[part]?.() ?? part
}

/** Who did something: a person by name, the program by its part. */
export function actorName(by: { id?: string; display: string } | string | undefined): string {
  if (!by) return ''
  const id = typeof by === 'string' ? by : by.id
  const part = machinePart(id)
  if (part !== undefined) return part ? m.look_machine_part({ part }) : m.look_machine()
  return typeof by === 'string' ? by : by.display || (by.id ?? '')
}
