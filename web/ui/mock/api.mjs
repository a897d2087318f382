import { account } from './account.mjs'
import { recordPages } from './office.mjs'
import { details, listPages } from './pages.mjs'
import { AIRPORTS, MAY, USERS, VOCAB } from './vocab.mjs'
import { world } from './world.mjs'

/** Serves /api from invented fixtures: enough of the node's behaviour to see and test every screen. */
export function createMock() {
  const w = world()
  const streams = new Set()
  const emit = (change) => {
    w.seq++
    for (const s of streams) s.write(`event: change\ndata: ${JSON.stringify({ seq: w.seq, ...change })}\n\n`)
    for (const s of streams) s.write(`event: status\ndata: ${JSON.stringify(status())}\n\n`)
  }
  const open = () => w.hits.filter((h) => h.state === 'new' || h.state === 'claimed')
  const late = (h) => h.state === 'new' && Date.parse(h.voyage.arrives) - Date.now() < 45 * 60_000
  const status = () => ({
    unscreened: 0,
    seq: w.seq,
    openHits: open().length,
    overdueHits: open().filter(late).length,
    now: new Date().toISOString(),
    lastImport: w.iso(-4),
    link: { state: 'standalone', waiting: 0 },
  })
  const ctx = { w, emit, status, open, late, fail, look }

  function fail(code, kind, title, detail = '') {
    return Object.assign(new Error(detail || title), { code, problem: { status: code, kind, title, detail } })
  }
  function look(me, action, topic, subject, count = 1, more = {}) {
    w.looks.unshift({
      seq: 900 + w.looks.length,
      at: new Date().toISOString(),
      user: { id: me.id, display: me.display },
      role: me.role,
      action,
      topic,
      subject,
      count,
      purpose: me.purpose,
      ...more,
    })
  }
  const meOf = (me) => ({
    user: {
      id: me.id,
      name: me.name,
      display: me.display,
      agency: me.agency,
      place: me.place,
      roles: [me.role],
      lang: me.lang ?? 'en',
    },
    purpose: me.purpose,
    csrf: 'mock-csrf',
    node: { name: 'Almaty PIU (demo)', country: 'KAZ', role: 'node' },
    version: '0.1.0-mock',
    demo: true,
    may: MAY[me.role],
    mustChange: !!me.mustChange,
  })
  const duty = (role) => ({
    kind: 'duty',
    text: {
      analyst: 'Screening of arrivals, this shift',
      border: 'Border control at the booth',
      supervisor: 'Supervision of the shift',
      oversight: 'Oversight of access and decisions',
      admin: 'Administration of the node',
    }[role],
    since: new Date().toISOString(),
    until: new Date(Date.now() + 8 * 3600_000).toISOString(),
  })

  async function route(req, path, query, me) {
    const is = (method, pattern) => {
      if (req.method !== method) return null
      const found = new RegExp('^' + pattern.replaceAll(':id', '([^/]+)') + '$').exec(path)
      return found ? found.slice(1).map(decodeURIComponent) : null
    }
    if (is('GET', '/demo'))
      return {
        places: [],
        users: USERS.filter((u) => !u.mustChange).map(({ name, password, role, display }) => ({
          name,
          password,
          role,
          display,
        })),
      }
    if (is('POST', '/session')) {
      const { name, password } = await json(req)
      const user = USERS.find((u) => u.name === name && (w.passwords.get(u.id) ?? u.password) === password)
      if (!user) throw fail(401, 'forbidden', 'Name or password is wrong')
      const token = Math.random().toString(36).slice(2)
      const mine = { ...user, purpose: duty(user.role) }
      w.sessions.set(token, mine)
      req.setCookie = `sarhad=${token}; Path=/; HttpOnly; SameSite=Strict`
      return meOf(mine)
    }
    if (!me) throw fail(401, 'forbidden', 'Sign in')
    if (is('GET', '/session')) return meOf(me)
    if (is('DELETE', '/session')) return void w.sessions.delete(me.token)
    if (is('PUT', '/session/purpose')) {
      me.purpose = {
        ...(await json(req)),
        since: new Date().toISOString(),
        until: new Date(Date.now() + 8 * 3600_000).toISOString(),
      }
      return meOf(me)
    }
    if (is('GET', '/session/purposes'))
      return [duty(me.role), { kind: 'case', ref: 'ALM-2026-0412', text: 'Check of a tip on a courier' }]
    if (is('PUT', '/session/lang')) return void (me.lang = (await json(req)).lang)
    if (is('GET', '/vocab')) return VOCAB
    const own = await account(ctx, req, is, me, meOf)
    if (own !== undefined) return own
    if (is('GET', '/airports')) return AIRPORTS
    if (is('GET', '/status')) return status()
    return (
      (await details(ctx, req, is, query, me)) ??
      (await listPages(ctx, req, is, query, me)) ??
      recordPages(ctx, req, is, query, me)
    )
  }

  return async function handle(req, res) {
    const url = new URL(req.url, 'http://localhost')
    const path = url.pathname.replace(/^\/api/, '')
    const token = /sarhad=([a-z0-9]+)/.exec(req.headers.cookie ?? '')?.[1]
    const me = w.sessions.get(token)
    if (me) me.token = token
    if (path === '/events') {
      if (!me) return answer(res, 401, { title: 'Sign in' })
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      res.write(`event: status\ndata: ${JSON.stringify(status())}\n\n`)
      streams.add(res)
      const beat = setInterval(() => res.write(`event: status\ndata: ${JSON.stringify(status())}\n\n`), 5000)
      req.on('close', () => (clearInterval(beat), streams.delete(res)))
      return
    }
    try {
      const body = await route(req, path, Object.fromEntries(url.searchParams), me)
      answer(res, body == null ? 204 : 200, body ?? undefined, req.setCookie)
    } catch (error) {
      answer(
        res,
        error.code ?? 500,
        error.problem ?? { status: 500, kind: 'internal', title: 'Failed', detail: String(error) },
      )
    }
  }
}

export async function json(req) {
  let text = ''
  for await (const chunk of req) text += chunk
  return text ? JSON.parse(text) : {}
}
function answer(res, code, body, cookie) {
  res.writeHead(code, {
    'Content-Type': code >= 400 ? 'application/problem+json' : 'application/json',
    'Cache-Control': 'no-store',
    ...(cookie ? { 'Set-Cookie': cookie } : {}),
  })
  res.end(body === undefined ? undefined : JSON.stringify(body))
}
