import { call, list, query, type Options, type Params } from './client'
import type * as T from './types'

/** The files of a drop, as the node reads them. */
function form(files: File[], fields: Record<string, string | undefined> = {}): FormData {
  const data = new FormData()
  for (const [key, value] of Object.entries(fields)) if (value) data.append(key, value)
  for (const file of files) data.append('files', file, file.name)
  return data
}
const id = encodeURIComponent
const get = <R>(path: string, params?: Params, options?: Options): Promise<R> =>
  call<R>('GET', path + query(params), undefined, options)
const rows = <R>(path: string, params?: Params, options?: Options): Promise<T.List<R>> =>
  list<T.List<R>>(path + query(params), options)
/** Some answers are a bare array, some a list; both are read. */
async function items<R>(path: string, params?: Params, options?: Options): Promise<R[]> {
  const answer = await get<R[] | T.List<R> | null>(path, params, options)
  return Array.isArray(answer) ? answer : (answer?.items ?? [])
}

/** Every call of the API, by room. */
export const api = {
  session: {
    get: (o?: Options) => get<T.Me>('/session', {}, o),
    signIn: (name: string, password: string, totp?: string) =>
      call<T.Me>('POST', '/session', { name, password, ...(totp ? { totp } : {}) }, { quiet: true }),
    signOut: () => call<void>('DELETE', '/session'),
    purpose: (p: { kind: string; ref?: string; text: string }) => call<T.Me>('PUT', '/session/purpose', p),
    purposes: () => items<T.Purpose>('/session/purposes'),
    password: (present: string, next: string) =>
      call<T.Me>('PUT', '/session/password', { present, next }, { quiet: true }),
    offerCodes: (password: string) => call<T.Enrolment>('POST', '/session/totp', { password }, { quiet: true }),
    confirmCodes: (code: string) => call<void>('PUT', '/session/totp', { code }, { quiet: true }),
    lang: (lang: string) => call<void>('PUT', '/session/lang', { lang }, { quiet: true }),
    signing: () => get<{ method: T.SignMethod }>('/signing', {}, { quiet: true }),
    askToSign: (act: T.ToSign) => call<T.SigningChallenge>('POST', '/signing', act, { quiet: true }),
    askPasskey: () => call<T.PasskeyChallenge>('POST', '/passkey', {}, { quiet: true }),
    signInPasskey: (a: T.PasskeyAssertion) => call<T.Me>('POST', '/session/passkey', a, { quiet: true }),
    pin: (pin: string, password?: string) =>
      call<T.Me>('PUT', '/session/pin', { pin, ...(password ? { password } : {}) }, { quiet: true }),
    lock: () => call<void>('POST', '/session/lock', {}, { quiet: true }),
    unlock: (desk: string, pin: string) => call<T.Me>('POST', '/session/unlock', { id: desk, pin }, { quiet: true }),
    demo: () => get<{ users: T.DemoUser[]; places: T.DemoPlace[] }>('/demo', {}, { quiet: true }),
    demoLine: (node: string, cut: boolean) =>
      call<{ items: T.DemoPlace[] }>('POST', '/demo/line', { node, cut }, { quiet: true }),
  },
  passkeys: {
    list: (o?: Options) => get<T.PasskeyList>('/passkeys', {}, o),
    offer: (password: string, code: string) =>
      call<T.PasskeyOffer>('POST', '/passkeys/offer', { password, ...(code ? { code } : {}) }, { quiet: true }),
    add: (p: { name: string; client: string; attestation: string; transports: string[] }) =>
      call<T.PasskeyList>('POST', '/passkeys', p, { quiet: true }),
    name: (key: string, name: string) => call<T.PasskeyList>('PUT', `/passkeys/${id(key)}`, { name }, { quiet: true }),
    remove: (key: string, password: string, code: string) =>
      call<T.PasskeyList>(
        'POST',
        `/passkeys/${id(key)}/remove`,
        { password, ...(code ? { code } : {}) },
        { quiet: true },
      ),
  },
  device: {
    get: (o?: Options) => get<T.Device>('/device', {}, { quiet: true, ...o }),
    share: (name: string) => call<T.Device>('POST', '/device', { name }, { quiet: true }),
    unshare: () => call<void>('DELETE', '/device', undefined, { quiet: true }),
  },
  vocab: () => get<T.Vocab>('/vocab'),
  airports: () => items<T.Airport>('/airports'),
  status: () => get<T.Status>('/status', {}, { quiet: true }),
  today: (o?: Options) => get<T.Today>('/today', {}, o),
  suggest: (q: string, o?: Options) => get<T.Suggest>('/suggest', { q }, o),

  hits: {
    list: (p: Params, o?: Options) => list<T.HitList>('/hits' + query(p), o),
    get: (hit: string, o?: Options) => get<T.Hit>(`/hits/${id(hit)}`, {}, o),
    claim: (hit: string) => call<T.Hit>('POST', `/hits/${id(hit)}/claim`, {}),
    release: (hit: string) => call<T.Hit>('POST', `/hits/${id(hit)}/release`, {}),
    confirm: (hit: string, body: T.ConfirmHit) => call<T.Hit>('POST', `/hits/${id(hit)}/confirm`, body),
    dismiss: (hit: string, body: { reason: string; note: string }) =>
      call<T.Hit>('POST', `/hits/${id(hit)}/dismiss`, body),
    undo: (hit: string) => call<T.Hit>('POST', `/hits/${id(hit)}/undo`, {}),
  },
  instructions: {
    list: (p: Params, o?: Options) => rows<T.InstructionRow>('/instructions', p, o),
    get: (key: string, o?: Options) => get<T.Instruction>(`/instructions/${id(key)}`, {}, o),
    acknowledge: (key: string) => call<T.Instruction>('POST', `/instructions/${id(key)}/acknowledge`, {}),
    outcome: (key: string, code: string, note: string) =>
      call<T.Instruction>('POST', `/instructions/${id(key)}/outcome`, { code, note }),
  },
  voyages: {
    list: (p: Params, o?: Options) => rows<T.VoyageRow>('/voyages', p, o),
    get: (key: string, o?: Options) => get<T.Voyage>(`/voyages/${id(key)}`, {}, o),
    journeys: (key: string, p: Params, o?: Options) => rows<T.JourneyRow>(`/voyages/${id(key)}/journeys`, p, o),
  },
  imports: {
    list: (p: Params, o?: Options) => rows<T.ImportRow>('/imports', p, o),
    send: (files: File[]) => call<{ items: T.ImportResult[] }>('POST', '/imports', form(files)),
  },
  lists: {
    list: (o?: Options) => rows<T.ListRow>('/lists', {}, o),
    get: (key: string, o?: Options) => get<T.WatchList>(`/lists/${id(key)}`, {}, o),
    preview: (files: File[]) => call<T.ListDelta[]>('POST', '/lists/preview', form(files)),
    send: (files: File[], fields: { title?: string; effect?: string }) =>
      call<T.ListDelta[]>('POST', '/lists/import', form(files, fields)),
    effect: (key: string, effect: T.Effect, reason: string) =>
      call<T.WatchList>('PUT', `/lists/${id(key)}`, { effect, reason }),
    entries: (key: string, p: Params, o?: Options) => rows<T.EntryRow>(`/lists/${id(key)}/entries`, p, o),
  },
  records: {
    list: (p: Params, o?: Options) => rows<T.RecordRow>('/records', p, o),
    get: (key: string, p: Params = {}, o?: Options) => get<T.RecordPage>(`/records/${id(key)}`, p, o),
    revisions: (key: string, o?: Options) => items<T.Revision>(`/records/${id(key)}/revisions`, {}, o),
    index: (key: string, o?: Options) => get<T.RecordIndex>(`/records/${id(key)}/index`, {}, o),
    mentions: (p: Params, o?: Options) => rows<T.RecordRow>('/mentions', p, o),
  },
  uploads: {
    list: (o?: Options) => items<T.Upload>('/uploads', {}, o),
    get: (key: string, o?: Options) => get<T.Upload>(`/uploads/${id(key)}`, {}, { quiet: true, ...o }),
    begin: (name: string, size: number) => call<T.Upload>('POST', '/uploads', { name, size }, { quiet: true }),
    piece: (key: string, offset: number, piece: Blob, signal: AbortSignal) =>
      call<T.Upload>('PATCH', `/uploads/${id(key)}`, piece, {
        quiet: true,
        signal,
        headers: { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
      }),
    cancel: (key: string) => call<void>('DELETE', `/uploads/${id(key)}`, undefined, { quiet: true }),
  },
  exhibits: {
    list: (record: string, p: Params, o?: Options) => rows<T.Exhibit>(`/records/${id(record)}/exhibits`, p, o),
    get: (key: string, o?: Options) => get<T.Exhibit>(`/exhibits/${id(key)}`, {}, o),
    create: (record: string, e: T.NewExhibit) =>
      call<T.Exhibit>('POST', `/records/${id(record)}/exhibits`, e, { quiet: true }),
    erase: (key: string, reason: string) =>
      call<void>('POST', `/exhibits/${id(key)}/erase`, { reason }, { quiet: true }),
    endHold: (key: string) => call<void>('DELETE', `/exhibits/${id(key)}/hold`, undefined, { quiet: true }),
    file: (key: string, o?: Options) => get<T.AttachedFilePage>(`/attachments/${id(key)}`, {}, o),
    /** Addresses for an image and a download: the browser fetches them itself. */
    small: (key: string) => `/api/attachments/${id(key)}/small`,
    content: (key: string) => `/api/attachments/${id(key)}/content`,
  },
  proposals: {
    of: (key: string, o?: Options) => get<T.Proposals>(`/records/${id(key)}/proposals`, {}, o),
    make: (key: string, body: T.Propose) => call<T.Proposals>('POST', `/records/${id(key)}/proposals`, body),
    list: (p: Params, o?: Options) => rows<T.Proposal>('/proposals', p, o),
    decide: (key: string, verdict: 'accept' | 'refuse', reason: string) =>
      call<T.Proposals>('POST', `/proposals/${id(key)}/${verdict}`, { reason }),
    withdraw: (key: string) => call<T.Proposals>('POST', `/proposals/${id(key)}/withdraw`, {}),
  },
  exports: {
    preview: (q: T.ExportQuery, o?: Options) => call<T.ExportPreview>('POST', '/exports/preview', q, o),
    ask: (wish: T.ExportWish) => call<T.ExportRow>('POST', '/exports', wish),
    list: (p: Params, o?: Options) => rows<T.ExportRow>('/exports', p, o),
    agree: (key: string, proof: T.Proof) => call<T.ExportRow>('POST', `/exports/${id(key)}/agree`, { proof }),
    refuse: (key: string, note: string) => call<T.ExportRow>('POST', `/exports/${id(key)}/refuse`, { note }),
    take: (key: string, separator?: string) =>
      call<T.ExportCopy>('POST', `/exports/${id(key)}/copies`, separator ? { separator } : {}),
    destroyed: (key: string, copy: number) =>
      call<T.ExportRow>('POST', `/exports/${id(key)}/copies/${copy}/destroyed`, {}),
  },
  network: {
    get: (o?: Options) => get<T.NetworkPage>('/network', {}, o),
    messages: (p: Params, o?: Options) => rows<T.NetworkMessage>('/network/messages', p, o),
    directory: (o?: Options) => items<T.NetworkParty>('/network/directory', {}, o),
    tryAgain: () => call<T.NetworkPage>('POST', '/network/try', {}),
    settle: (number: number, reason: string) =>
      call<void>('POST', `/network/messages/${number}/settle`, { reason }, { quiet: true }),
    clearFork: (reason: string) => call<T.NetworkPage>('POST', '/network/fork/clear', { reason }, { quiet: true }),
  },
  oversight: {
    looks: (p: Params, o?: Options) => rows<T.Look>('/oversight/looks', p, o),
    purposes: (o?: Options) => items<T.PurposeUse>('/oversight/purposes', {}, o),
    quick: (p: Params, o?: Options) => rows<T.Look>('/oversight/quick', p, o),
    log: (o?: Options) => get<T.LogState>('/oversight/log', {}, o),
    verify: () => call<T.LogCheck>('POST', '/oversight/verify', {}),
  },
  admin: {
    users: (o?: Options) => items<T.UserRow>('/users', {}, o),
    create: (u: T.UserInput) => call<T.UserRow>('POST', '/users', u),
    update: (key: string, u: T.UserInput) => call<T.UserRow>('PUT', `/users/${id(key)}`, u),
    removeCodes: (key: string) => call<void>('DELETE', `/users/${id(key)}/totp`),
    removePasskeys: (key: string) => call<void>('DELETE', `/users/${id(key)}/passkeys`),
    certificate: (o?: Options) => get<T.Certificate>('/certificate', {}, { quiet: true, ...o }),
    streams: (o?: Options) => get<{ open: number }>('/streams', {}, { quiet: true, ...o }),
    resetPassword: (key: string) => call<{ password: string }>('POST', `/users/${id(key)}/password`),
    matrix: (o?: Options) => get<T.AccessMatrix>('/access/matrix', {}, o),
    backup: (o?: Options) => get<T.Backup>('/backup', {}, o),
    beginBackup: () => call<T.Backup>('POST', '/backup', {}),
    examine: (o?: Options) => get<T.Examination>('/doctor', {}, o),
  },
}

export { ApiError } from './client'
export type * from './types'
