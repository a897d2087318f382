/** Exhibits, their files, and files on their way in. */

export type FileGroup = 'picture' | 'document' | 'sheet' | 'text' | 'mail' | 'audio' | 'video' | 'opaque'

export interface Upload {
  id: string
  name: string
  size: number
  /** Bytes that are safely at the node: go on from this one. */
  offset: number
  done: boolean
  began: string
  expires: string
  type?: string
  group?: FileGroup
  /** The complete file tells where it was made. */
  place?: boolean
  /** What it tells cannot be taken out here: kept on purpose or not at all. */
  dirty?: boolean
}

export interface AttachedFile {
  id: string
  name: string
  type: string
  group: FileGroup
  size: number
  width?: number
  height?: number
  pages?: number
  small?: { width: number; height: number }
  clean: boolean
  kept?: { reason: string; note?: string }
  added: string
  by?: string
}

export interface AttachedFilePage extends AttachedFile {
  record: string
  sha256: string
  /** SHA-256 of the file as it came, where something was taken out of it. */
  came?: string
}

export interface Exhibit {
  id: string
  title: string
  description?: string
  how: string
  taken?: string
  takenBy?: string
  legal?: string
  hold?: { basis: string; until?: string }
  marking: string
  agency: string
  officer?: string
  created: string
  files: AttachedFile[]
  mayErase: boolean
}

export interface NewExhibit {
  title: string
  how: string
  description?: string
  taken?: string
  takenBy?: string
  legal?: string
  hold?: { basis: string; until?: string }
  files: { upload: string; keep?: boolean; reason?: string; note?: string }[]
}
