import type { Component } from 'svelte'
import type { PageName } from './route.svelte'

type Loader = () => Promise<{ default: Component<never> }>

/** Every page comes on its own when it is first opened; the shell stays small. */
export const PAGES: Record<PageName, Loader> = {
  today: () => import('../today/Today.svelte'),
  hits: () => import('../hit/Hits.svelte'),
  hit: () => import('../hit/HitPage.svelte'),
  voyages: () => import('../passenger/Voyages.svelte'),
  voyage: () => import('../passenger/VoyagePage.svelte'),
  imports: () => import('../passenger/Imports.svelte'),
  instructions: () => import('../instruction/Booth.svelte'),
  instruction: () => import('../instruction/Booth.svelte'),
  lists: () => import('../watchlist/Lists.svelte'),
  list: () => import('../watchlist/ListPage.svelte'),
  records: () => import('../record/Records.svelte'),
  record: () => import('../record/RecordPage.svelte'),
  proposals: () => import('../record/ProposalQueue.svelte'),
  mention: () => import('../record/MentionPage.svelte'),
  requests: () => import('../request/Requests.svelte'),
  request: () => import('../request/RequestPage.svelte'),
  signs: () => import('../oversight/Signs.svelte'),
  sign: () => import('../oversight/QuestionPage.svelte'),
  planted: () => import('../oversight/Planted.svelte'),
  units: () => import('../oversight/Units.svelte'),
  exports: () => import('../export/Exports.svelte'),
  clocks: () => import('../privacy/Clocks.svelte'),
  holds: () => import('../privacy/Holds.svelte'),
  unmaskings: () => import('../privacy/Unmaskings.svelte'),
  ownunmaskings: () => import('../privacy/OwnUnmaskings.svelte'),
  unmasked: () => import('../privacy/UnmaskedPage.svelte'),
  looks: () => import('../oversight/Looks.svelte'),
  purposes: () => import('../oversight/Purposes.svelte'),
  quick: () => import('../oversight/Quick.svelte'),
  log: () => import('../oversight/Log.svelte'),
  users: () => import('../admin/Users.svelte'),
  access: () => import('../admin/Access.svelte'),
  backup: () => import('../admin/Backup.svelte'),
  health: () => import('../admin/Health.svelte'),
  me: () => import('../session/MyPage.svelte'),
}
