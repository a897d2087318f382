/**
 * The one door to the node: every request of the workbench goes through `call`. It adds the CSRF token, reads
 * problem+json into an ApiError, and counts what is under way, so that a page can say when it is ready.
 */

export type Kind =
  | 'invalid'
  | 'not-found'
  | 'conflict'
  | 'forbidden'
  | 'purpose'
  | 'unavailable'
  | 'internal'
  | 'signed-out'
  | 'too-many'
  | 'offline'

export class ApiError extends Error {
  constructor(
    readonly kind: Kind,
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: { location: string; message: string }[] = [],
    /** Of a refused sign-in, session or signature: what the screen can do about it. */
    readonly reason = '',
  ) {
    super(detail || title)
  }
}

const BY_STATUS: Record<number, Kind> = {
  400: 'invalid',
  401: 'signed-out',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'invalid',
  422: 'invalid',
  429: 'too-many',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}
const KINDS = new Set<string>(['invalid', 'not-found', 'conflict', 'forbidden', 'purpose', 'unavailable', 'internal'])

/** What the frame wants to know of every request; set once by the frame. */
export interface Listener {
  pending(delta: 1 | -1): void
  failed(error: ApiError): void
}
let listener: Listener = { pending: () => undefined, failed: () => undefined }
let csrf = ''

export function listen(to: Listener): void {
  listener = to
}
export function setCsrf(token: string): void {
  csrf = token
}

export type Params = Record<string, string | number | boolean | undefined | null>

/** Query string of the parameters that say something; order as given, so that an address stays the same. */
export function query(params: Params = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value))
  }
  const text = search.toString()
  return text ? '?' + text : ''
}

async function problem(response: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {}
  try {
    body = (await response.json()) as Record<string, unknown>
  } catch {
    // A proxy's page is not ours to show.
  }
  const named = typeof body.kind === 'string' && KINDS.has(body.kind) ? (body.kind as Kind) : undefined
  // 401 always means the session is gone, whatever the body calls it.
  const kind = response.status === 401 ? 'signed-out' : (named ?? BY_STATUS[response.status] ?? 'internal')
  return new ApiError(
    kind,
    response.status,
    typeof body.title === 'string' ? body.title : '',
    typeof body.detail === 'string' ? body.detail : '',
    Array.isArray(body.errors) ? (body.errors as { location: string; message: string }[]) : [],
    typeof body.reason === 'string' ? body.reason : '',
  )
}

export interface Options {
  signal?: AbortSignal
  /** Does not count as the page loading, and its failure concerns nobody but the caller. */
  quiet?: boolean
  headers?: Record<string, string>
}

const alone = new WeakSet<AbortSignal>()

/** What is asked under this signal the screen asks by itself: it does not keep a forgotten session alive. */
export function unattended(signal: AbortSignal): void {
  alone.add(signal)
}

export async function call<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf
  else if (options.signal && alone.has(options.signal)) headers['X-Sarhad-Quiet'] = '1'
  const init: RequestInit = { method, headers, credentials: 'same-origin', signal: options.signal ?? null }
  if (body instanceof FormData || body instanceof Blob) init.body = body
  else if (body !== undefined) {
    headers['Content-Type'] = 'application/json'
    init.body = JSON.stringify(body)
  }
  if (!options.quiet) listener.pending(1)
  try {
    const response = await fetch('/api' + path, init)
    if (!response.ok) throw await problem(response)
    if (response.status === 204) return undefined as T
    const text = await response.text()
    return (text ? JSON.parse(text) : undefined) as T
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    const error = cause instanceof ApiError ? cause : new ApiError('offline', 0, '', '')
    if (!options.quiet) listener.failed(error)
    throw error
  } finally {
    if (!options.quiet) listener.pending(-1)
  }
}

/** Drops what an older node may leave out, so that a list is always a list. */
export async function list<T extends { items: unknown[] }>(path: string, options?: Options): Promise<T> {
  const answer = await call<(T & { next?: string | number }) | null>('GET', path, undefined, options)
  const next = answer?.next ? String(answer.next) : undefined
  return { ...(answer as T), items: answer?.items ?? [], next }
}
