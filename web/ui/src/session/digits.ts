/** The six digits of a one-time code as typed, gaps and all; undefined while they are no code. */
export function sixDigits(typed: string): string | undefined {
  const digits = typed.replace(/\s/g, '')
  return /^\d{6}$/.test(digits) ? digits : undefined
}
