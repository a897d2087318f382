import { m } from '../paraglide/messages'
import type { Finding } from '../api'

type Values = Record<string, string>
type Said = (v: Values) => string

/** Every finding the node may have, in the reader's language; the node's own sentence for one of a newer node. */
const MEANS: Record<string, Said> = {
  'disk.encrypted': (v) => m.health_disk_encrypted({ device: v.device ?? '', how: v.how ?? '' }),
  'disk.plain': (v) => m.health_disk_plain({ device: v.device ?? '' }),
  'disk.unknown': (v) => m.health_disk_unknown({ err: v.err ?? '' }),
  'disk.windows': () => m.health_disk_windows(),
  'clock.forward': (v) => m.health_clock_forward({ zone: v.zone ?? '' }),
  'clock.behind': (v) => m.health_clock_behind({ act: v.act ?? '', now: v.now ?? '' }),
  'clock.jumped': (v) => m.health_clock_jumped({ n: v.n ?? '' }),
  'clock.synced': () => m.health_clock_synced(),
  'clock.free': () => m.health_clock_free(),
  'clock.unknown': () => m.health_clock_unknown(),
  'rights.closed': (v) => m.health_rights_closed({ n: v.n ?? '' }),
  'rights.open': (v) => m.health_rights_open({ mode: v.mode ?? '', path: v.path ?? '' }),
  'rights.owner': (v) => m.health_rights_owner({ path: v.path ?? '' }),
  'rights.unreadable': (v) => m.health_rights_unreadable({ err: v.err ?? '', path: v.path ?? '' }),
  'rights.windows': () => m.health_rights_windows(),
  'tls.none': (v) => m.health_tls_none({ http: v.http ?? '' }),
  'tls.broken': (v) => m.health_tls_broken({ err: v.err ?? '' }),
  'tls.over': (v) => m.health_tls_over({ list: v.list ?? '', until: v.until ?? '' }),
  'tls.early': (v) => m.health_tls_early({ list: v.list ?? '' }),
  'tls.soon': (v) => m.health_tls_soon({ days: v.days ?? '', list: v.list ?? '', until: v.until ?? '' }),
  'tls.good': (v) => m.health_tls_good({ days: v.days ?? '', list: v.list ?? '', until: v.until ?? '' }),
  'backup.never': () => m.health_backup_never(),
  'backup.late': (v) => m.health_backup_late({ at: v.at ?? '', to: v.to ?? '' }),
  'backup.missed': (v) => m.health_backup_missed({ at: v.at ?? '', to: v.to ?? '' }),
  'backup.future': (v) => m.health_backup_future({ at: v.at ?? '' }),
  'backup.unverified': (v) => m.health_backup_unverified({ at: v.at ?? '', to: v.to ?? '' }),
  'backup.unreadable': (v) => m.health_backup_unreadable({ err: v.err ?? '' }),
  'backup.fresh': (v) => m.health_backup_fresh({ at: v.at ?? '', to: v.to ?? '' }),
  'version.closed': (v) => m.health_version_closed({ err: v.err ?? '' }),
  'version.newer': (v) =>
    m.health_version_newer({ known: v.known ?? '', program: v.program ?? '', schema: v.schema ?? '' }),
  'version.older': (v) =>
    m.health_version_older({ known: v.known ?? '', program: v.program ?? '', schema: v.schema ?? '' }),
  'version.current': (v) =>
    m.health_version_current({ index: v.index ?? '', program: v.program ?? '', schema: v.schema ?? '' }),
  'version.index': (v) => m.health_version_index({ index: v.index ?? '' }),
  'version.reindex': (v) => m.health_version_reindex({ n: v.n ?? '' }),
  'version.strange': (v) => m.health_version_strange({ kinds: v.kinds ?? '' }),
  'version.kinds': (v) => m.health_version_kinds({ kinds: v.kinds ?? '' }),
  'space.full': (v) => m.health_space_full({ database: v.database ?? '', day: v.day ?? '', free: v.free ?? '' }),
  'space.soon': (v) => m.health_space_soon({ day: v.day ?? '', days: v.days ?? '', free: v.free ?? '' }),
  'space.tight': (v) => m.health_space_tight({ database: v.database ?? '', free: v.free ?? '' }),
  'space.enough': (v) => m.health_space_enough({ database: v.database ?? '', day: v.day ?? '', free: v.free ?? '' }),
  'space.unknown': (v) => m.health_space_unknown({ err: v.err ?? '' }),
  'owner.served': (v) => m.health_owner_served({ pid: v.pid ?? '', since: v.since ?? '', version: v.version ?? '' }),
  'owner.silent': (v) => m.health_owner_silent({ pid: v.pid ?? '' }),
  'owner.nobody': () => m.health_owner_nobody(),
  'log.taken': (v) => m.health_log_taken({ n: v.n ?? '' }),
  'log.stuck': (v) => m.health_log_stuck({ n: v.n ?? '', since: v.since ?? '' }),
  'log.waiting': (v) => m.health_log_waiting({ n: v.n ?? '' }),
  'log.signed': (v) => m.health_log_signed({ at: v.at ?? '', size: v.size ?? '' }),
  'log.unsigned': () => m.health_log_unsigned(),
  'log.shorter': (v) => m.health_log_shorter({ acts: v.acts ?? '', size: v.size ?? '' }),
  'log.late': (v) => m.health_log_late({ at: v.at ?? '' }),
  'log.checkpoint': (v) => m.health_log_checkpoint({ err: v.err ?? '' }),
  'journal.wal': (v) => m.health_journal_wal({ size: v.size ?? '' }),
  'journal.long': (v) => m.health_journal_long({ size: v.size ?? '' }),
  'journal.erasures': (v) => m.health_journal_erasures({ n: v.n ?? '' }),
  'quarantine.full': (v) => m.health_quarantine_full({ walls: v.walls ?? '' }),
  'quarantine.thin': (v) => m.health_quarantine_thin({ missing: v.missing ?? '', walls: v.walls ?? '' }),
  'quarantine.partial': (v) => m.health_quarantine_partial({ missing: v.missing ?? '', walls: v.walls ?? '' }),
  'quarantine.none': () => m.health_quarantine_none(),
  'quarantine.windows': (v) => m.health_quarantine_windows({ walls: v.walls ?? '' }),
  'quarantine.broken': (v) => m.health_quarantine_broken({ err: v.err ?? '' }),
}

/** What to do about it; absent where nothing has to be done. */
const DO: Record<string, Said> = {
  'disk.plain': () => m.health_disk_plain_do(),
  'disk.unknown': () => m.health_disk_unknown_do(),
  'disk.windows': () => m.health_disk_windows_do(),
  'clock.behind': () => m.health_clock_behind_do(),
  'clock.jumped': () => m.health_clock_jumped_do(),
  'clock.free': () => m.health_clock_free_do(),
  'clock.unknown': () => m.health_clock_unknown_do(),
  'rights.open': (v) => m.health_rights_open_do({ path: v.path ?? '', want: v.want ?? '' }),
  'rights.owner': (v) => m.health_rights_owner_do({ dir: v.dir ?? '', path: v.path ?? '' }),
  'rights.unreadable': () => m.health_rights_unreadable_do(),
  'rights.windows': (v) => m.health_rights_windows_do({ dir: v.dir ?? '' }),
  'tls.broken': (v) => m.health_tls_broken_do({ dir: v.dir ?? '' }),
  'tls.over': (v) => m.health_tls_over_do({ dir: v.dir ?? '', names: v.names ?? '' }),
  'tls.early': (v) => m.health_tls_early_do({ dir: v.dir ?? '', names: v.names ?? '' }),
  'tls.soon': (v) => m.health_tls_soon_do({ dir: v.dir ?? '', names: v.names ?? '' }),
  'backup.never': (v) => m.health_backup_never_do({ dir: v.dir ?? '' }),
  'backup.late': (v) => m.health_backup_late_do({ dir: v.dir ?? '' }),
  'backup.missed': (v) => m.health_backup_missed_do({ dir: v.dir ?? '' }),
  'backup.future': (v) => m.health_backup_future_do({ dir: v.dir ?? '' }),
  'backup.unverified': () => m.health_backup_unverified_do(),
  'backup.unreadable': (v) => m.health_backup_unreadable_do({ dir: v.dir ?? '' }),
  'version.closed': () => m.health_version_closed_do(),
  'version.newer': () => m.health_version_newer_do(),
  'version.older': () => m.health_version_older_do(),
  'version.index': () => m.health_version_index_do(),
  'version.reindex': (v) => m.health_version_reindex_do({ dir: v.dir ?? '' }),
  'version.strange': () => m.health_version_strange_do(),
  'space.full': () => m.health_space_full_do(),
  'space.soon': () => m.health_space_soon_do(),
  'space.tight': () => m.health_space_tight_do(),
  'space.unknown': () => m.health_space_unknown_do(),
  'owner.silent': (v) => m.health_owner_silent_do({ pid: v.pid ?? '' }),
  'log.stuck': () => m.health_log_stuck_do(),
  'log.waiting': () => m.health_log_waiting_do(),
  'log.unsigned': () => m.health_log_unsigned_do(),
  'log.shorter': () => m.health_log_shorter_do(),
  'log.late': () => m.health_log_late_do(),
  'log.checkpoint': () => m.health_log_checkpoint_do(),
  'journal.long': () => m.health_journal_long_do(),
  'quarantine.partial': () => m.health_quarantine_partial_do(),
  'quarantine.none': () => m.health_quarantine_none_do(),
  'quarantine.windows': () => m.health_quarantine_windows_do(),
  'quarantine.broken': () => m.health_quarantine_broken_do(),
}

const AREAS: Record<string, () => string> = {
  disk: m.health_area_disk,
  clock: m.health_area_clock,
  rights: m.health_area_rights,
  tls: m.health_area_tls,
  backup: m.health_area_backup,
  version: m.health_area_version,
  space: m.health_area_space,
  owner: m.health_area_owner,
  log: m.health_area_log,
  journal: m.health_area_journal,
  quarantine: m.health_area_quarantine,
}

export const means = (f: Finding): string => MEANS[f.code]?.(f.values ?? {}) ?? f.means
export const remedy = (f: Finding): string => (f.do ? (DO[f.code]?.(f.values ?? {}) ?? f.do) : '')
export const area = (f: Finding): string => AREAS[f.check]?.() ?? f.check

const ORDER = ['bad', 'warn', 'unknown', 'ok'] as const
/** What must be done first. */
export const byWeight = (all: Finding[]): Finding[] =>
  [...all].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
