import { json } from './api.mjs'

/** One's own password and codes, and what an administrator does about those of others; null is an empty answer. */
export async function account(ctx, req, is, me, meOf) {
  const { w, fail } = ctx
  if (is('PUT', '/session/password')) {
    const { present, next } = await json(req)
    if (present !== (w.passwords.get(me.id) ?? me.password)) throw fail(403, 'forbidden', 'Forbidden', 'wrong password')
    if (next.length < 12) throw fail(422, 'invalid', 'Not valid', 'choose at least 12 characters')
    w.passwords.set(me.id, next)
    me.mustChange = false
    return meOf(me)
  }
  if (me.mustChange)
    throw fail(
      403,
      'forbidden',
      'Forbidden',
      'your password was set by somebody else: choose your own before you go on',
    )
  if (is('GET', '/signing')) return { method: 'password' }
  if (is('POST', '/signing')) {
    const until = new Date(Date.now() + 120_000).toISOString()
    return { challenge: 'bW9jaw==', statement: 'sarhad act v1', method: 'password', passkeys: [], until }
  }
  if (is('GET', '/passkeys')) return { items: [], possible: false }
  if (is('GET', '/device')) return { shared: false, lockAfter: 300, parked: [] }
  if (is('GET', '/certificate')) return { tls: false, soon: false }
  if (is('GET', '/streams')) return { open: 1 }
  if (is('POST', '/session/totp')) {
    const { password } = await json(req)
    if (password !== (w.passwords.get(me.id) ?? me.password))
      throw fail(403, 'forbidden', 'Forbidden', 'wrong password')
    const secret = 'KRSXG5CTMVRXEZLUKN2XAZLSONSWG4TF'
    return { secret, url: `otpauth://totp/Sarhad:${me.name}?secret=${secret}&issuer=Sarhad&period=30&digits=6` }
  }
  if (is('PUT', '/session/totp')) {
    const { code } = await json(req)
    if (code === '000000') throw fail(422, 'invalid', 'Not valid', 'the code does not fit')
    w.codes.add(me.id)
    return null
  }
  let p
  if ((p = is('DELETE', '/users/:id/totp'))) {
    w.codes.delete(p[0])
    return null
  }
  if ((p = is('POST', '/users/:id/password'))) {
    w.passwords.set(p[0], 'saiga-dastan-73')
    return { password: 'saiga-dastan-73' }
  }
  return undefined
}
