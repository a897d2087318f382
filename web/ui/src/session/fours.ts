/** A key as a person copies it from a screen: groups of four. */
export function inFours(key: string): string {
  return key.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ')
}
