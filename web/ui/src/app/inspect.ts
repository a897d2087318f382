import type { Component } from 'svelte'
import HitInspect from '../hit/HitInspect.svelte'
import InstructionInspect from '../instruction/InstructionInspect.svelte'
import JourneyInspect from '../passenger/JourneyInspect.svelte'
import PartnerInspect from '../network/PartnerInspect.svelte'
import RecordInspect from '../record/RecordInspect.svelte'
import EntryInspect from '../watchlist/EntryInspect.svelte'
import type { Selected } from './selection.svelte'

/** Which room shows which selection. */
export const INSPECT: Record<Selected['kind'], Component<never>> = {
  hit: HitInspect,
  instruction: InstructionInspect,
  journey: JourneyInspect,
  record: RecordInspect,
  entry: EntryInspect,
  partner: PartnerInspect,
}
