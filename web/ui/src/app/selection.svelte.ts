import type { EntryRow, HitRow, InstructionRow, JourneyRow, NetworkPartner, RecordRow } from '../api'

export type Selected =
  | { kind: 'hit'; id: string; row: HitRow }
  | { kind: 'journey'; id: string; row: JourneyRow }
  | { kind: 'record'; id: string; row: RecordRow }
  | { kind: 'entry'; id: string; row: EntryRow }
  | { kind: 'instruction'; id: string; row: InstructionRow }
  | { kind: 'partner'; id: string; row: NetworkPartner }

/** One selection for the whole workbench; the inspector shows it, whatever page it was made on. */
class Selection {
  current = $state.raw<Selected | undefined>()
  set(selected: Selected | undefined): void {
    this.current = selected
  }
  has(kind: Selected['kind'], id: string): boolean {
    return this.current?.kind === kind && this.current.id === id
  }
  clear(): void {
    this.current = undefined
  }
}
export const selection = new Selection()
