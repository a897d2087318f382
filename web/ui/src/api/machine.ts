// What the node tells of itself and its machine.

/** What the node knows of its backups. Sizes in bytes. */
export interface Backup {
  configured: boolean
  daily?: string
  dir?: string
  /** Data directory of the node, absolute. */
  data: string
  number: number
  at?: string
  bytes: number
  written: number
  verifiedAt?: string
  verifiedNumber: number
  running: boolean
  percent: number
  failed?: string
}

/** One thing that was looked at on the machine of the node. */
export interface Finding {
  check: string
  code: string
  state: 'ok' | 'unknown' | 'warn' | 'bad'
  /** English; the workbench has its own words for the codes it knows. */
  means: string
  do?: string
  values?: Record<string, string>
}

export interface Examination {
  at: string
  worst: Finding['state']
  findings: Finding[]
}
