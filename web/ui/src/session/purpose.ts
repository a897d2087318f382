import { m } from '../paraglide/messages'

/** Duty purposes are the node's own sentences; the reader gets them in their language, the log keeps the original. */
const DUTIES: Record<string, () => string> = {
  'Supervision of the shift': m.duty_supervisor,
  'Screening of arrivals, this shift': m.duty_analyst,
  'Border control at the booth': m.duty_border,
  'Oversight of access and decisions': m.duty_oversight,
  'Administration of the node': m.duty_admin,
}

export function purposeText(purpose: { kind: string; text: string } | undefined): string {
  if (!purpose) return ''
  return purpose.kind === 'duty' ? (DUTIES[purpose.text]?.() ?? purpose.text) : purpose.text
}
