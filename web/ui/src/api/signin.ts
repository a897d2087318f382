/** Signing of acts, passkeys, the shared computer. Binary values travel as base64 (RFC 4648 section 4). */

export interface PasskeyAssertion {
  credential: string
  authenticator: string
  client: string
  value: string
  user?: string
}

/** How an officer signs an act; it answers a challenge. */
export interface Proof {
  challenge: string
  assertion?: PasskeyAssertion
  password?: string
  code?: string
}

/** An act by everything that makes it another act; the door of the act must come to the same. */
export interface ToSign {
  action: string
  topic?: string
  subject?: string
  /** Number of the revision on the screen. */
  revision?: number
  verdict?: string
  reason?: string
  details?: Record<string, string>
}

export type SignMethod = 'passkey' | 'password+totp' | 'password'

export interface AllowedPasskey {
  id: string
  transports: string[] | null
}

export interface SigningChallenge {
  challenge: string
  statement: string
  method: SignMethod
  rp?: string
  passkeys: AllowedPasskey[] | null
  until: string
}

export interface Passkey {
  id: string
  name: string
  host: string
  here: boolean
  created: string
  used?: string
  cloned?: string
}

export interface PasskeyList {
  items: Passkey[] | null
  possible: boolean
  host?: string
}

export interface PasskeyOffer {
  challenge: string
  rp: string
  user: string
  name: string
  display: string
  algorithms: number[] | null
  exclude: AllowedPasskey[] | null
}

export interface PasskeyChallenge {
  challenge: string
  rp: string
}

export interface Device {
  shared: boolean
  name?: string
  /** Seconds. */
  lockAfter: number
  parked: ParkedDesk[] | null
}

export interface ParkedDesk {
  id: string
  display: string
  since: string
  until: string
}

/** How long browsers trust the node. */
export interface Certificate {
  tls: boolean
  until?: string
  soon: boolean
}
