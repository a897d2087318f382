import { Desk } from './browser.mjs'

/** Passkeys with the DevTools virtual authenticator, a shared computer with two officers, one event stream for all tabs. */
export async function signin(browser, options, users) {
  options.report.step('story of signing in')
  const analyst = users.find((u) => u.role === 'analyst')
  const supervisor = users.find((u) => u.role === 'supervisor')
  const admin = users.find((u) => u.role === 'admin')
  await passkey(browser, options, supervisor)
  await shared(browser, options, analyst, supervisor)
  await idle(browser, options, supervisor)
  await oneStream(browser, options, admin)
}

/** A security key in the browser: CTAP2, resident keys, user verified. */
async function authenticator(desk) {
  const cdp = await desk.context.newCDPSession(desk.page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { cdp, authenticatorId }
}

async function passkey(browser, options, user) {
  const { report } = options
  const desk = await Desk.open(browser, options)
  const key = await authenticator(desk)
  await desk.signIn(user)
  await desk.go('/me', 'me')
  await desk.page.click('[data-act="add-passkey"]')
  await desk.page.fill('input[name="passkey-name"]', 'Office laptop')
  await desk.page.fill('[data-form="passkey"] input[name="again-password"]', user.password)
  await desk.page.click('[data-act="save-passkey"]')
  await desk.page.waitForSelector('[data-passkeys="1"]')
  const { credentials } = await key.cdp.send('WebAuthn.getCredentials', { authenticatorId: key.authenticatorId })
  report.check(
    credentials.length === 1 && credentials[0].isResidentCredential,
    'a passkey is enrolled in the virtual authenticator',
  )
  await desk.look('me-passkeys')

  await desk.page.click('.who')
  await desk.page.getByRole('button', { name: 'Sign out' }).click()
  await desk.ready('signin')
  await desk.page.click('[data-act="passkey"]')
  await desk.page.waitForSelector('main[data-ready="true"]:not([data-page="signin"])')
  report.step('signed in by passkey, nothing typed')

  await desk.go('/hits?leans=same', 'hits')
  const id = await desk.page.getAttribute('li[data-hit][data-state="new"] >> nth=0', 'data-hit')
  await desk.go('/hits/' + id, 'hit')
  await desk.page.keyboard.press('y')
  await desk.page.waitForSelector('[data-form="confirm"]')
  await desk.page.check('[data-form="confirm"] input[name="reason"] >> nth=0')
  if (await desk.page.$('[data-form="confirm"] input[name="action"]')) {
    await desk.page.check('[data-form="confirm"] input[name="action"][value="second-line"]')
    await desk.page.waitForSelector('[data-sign="passkey"]')
    await desk.look('confirm-passkey')
    await desk.page.click('[data-form="confirm"] [data-act="decide"]')
    await desk.page.waitForFunction((hit) => !location.pathname.endsWith(hit), id)
    report.step('confirmed, signed by passkey')
  } else report.problem('the hit that leans same reaches no booth, so nothing was signed by passkey')

  await desk.go('/me', 'me')
  await desk.page.click('[data-act="remove-passkey"]')
  await desk.page.fill('[data-form="passkey"] input[name="again-password"]', user.password)
  await desk.page.click('[data-act="save-passkey"]')
  await desk.page.waitForSelector('[data-form="passkey"]', { state: 'detached' })
  await desk.page.waitForSelector('[data-passkeys="1"]', { state: 'detached' })
  report.step('the passkey is removed')
  await desk.close()
}

async function choosePIN(desk, pin) {
  await desk.page.waitForSelector('[data-form="pin"]')
  await desk.page.fill('input[name="new-pin"]', pin)
  await desk.page.fill('input[name="again-pin"]', pin)
  await desk.page.click('[data-act="save-pin"]')
  await desk.page.waitForSelector('[data-form="pin"]', { state: 'detached' })
}

async function shared(browser, options, first, second) {
  const { report } = options
  const desk = await Desk.open(browser, options)
  const { page } = desk
  await desk.signIn(first)
  await desk.go('/me', 'me')
  await page.fill('input[name="device-name"]', 'Duty room, left')
  await page.click('[data-act="share"]')
  await choosePIN(desk, '402917')
  report.step('the computer is marked as shared, and the analyst has a PIN')

  // A draft and a page that must come back.
  await desk.go('/hits', 'hits')
  const id = await page.getAttribute('li[data-hit][data-state="new"] >> nth=0', 'data-hit')
  await desk.go('/hits/' + id, 'hit')
  await page.keyboard.press('y')
  await page.waitForSelector('[data-form="confirm"]')
  await page.fill('[data-form="confirm"] textarea[name="note"]', 'called the twin post, they call back')
  await page.keyboard.press('Control+Alt+l')
  await page.waitForSelector('[data-form="switch"]')
  report.check(
    !(await page.content()).includes('twin post') && new URL(page.url()).pathname === '/',
    'locked by key: page and draft are out of sight',
  )
  await desk.look('switcher')
  const stored = await page.evaluate(() => JSON.stringify(localStorage))
  report.check(!stored.includes('twin post'), 'what was typed lies encrypted in the browser')

  await page.click('[data-act="other"]')
  await desk.signInHere(second)
  await choosePIN(desk, '118203')
  await page.keyboard.press('Control+Alt+l')
  await page.waitForSelector('[data-form="switch"]')
  report.step('a second officer has signed in and locked')

  await page.fill('input[name="pin"]', '111222')
  await page.waitForSelector('[data-form="switch"] .bad')
  report.step('a wrong PIN is told: ' + (await page.textContent('[data-form="switch"] .bad')))

  const began = Date.now()
  await page.fill('input[name="pin"]', '402917')
  await page.waitForSelector(`.page[data-hit="${id}"]`)
  await page.waitForSelector('[data-form="confirm"]')
  const took = Date.now() - began
  const note = await page.inputValue('[data-form="confirm"] textarea[name="note"]')
  report.check(note === 'called the twin post, they call back', 'the analyst is back on the hit with what was typed')
  report.check(took < 3000, `switched by PIN in ${took} ms, to the page being ready`)
  await page.keyboard.press('Escape')
  await page.keyboard.press('r')
  await page.waitForSelector(`.page[data-hit="${id}"][data-state="new"]`)
  await desk.close()
}

/**
 * A shared computer that nobody touches locks by itself. The node says how long that takes; here the answer says two
 * seconds, and everything else is the node's own.
 */
async function idle(browser, options, who) {
  const { report } = options
  const desk = await Desk.open(browser, options)
  const { page } = desk
  await desk.signIn(who)
  await desk.go('/me', 'me')
  await page.fill('input[name="device-name"]', 'Duty room, right')
  await page.click('[data-act="share"]')
  await choosePIN(desk, '650318')
  await page.route('**/api/session', async (route) => {
    if (route.request().method() !== 'GET') return route.continue()
    const answer = await route.fetch()
    if (!answer.ok()) return route.fulfill({ response: answer })
    await route.fulfill({ response: answer, json: { ...(await answer.json()), lockAfter: 2 } })
  })
  await desk.go('/hits', 'hits')
  await page.waitForSelector('[data-form="switch"]')
  report.check(
    new URL(page.url()).pathname === '/' && (await page.locator('li[data-hit]').count()) === 0,
    'left alone, the screen locks by itself and shows nothing of the work',
  )
  const parked = await page.evaluate(async () => (await fetch('/api/session')).status)
  report.check(parked === 401, 'the session is locked at the node too')
  await page.fill('input[name="pin"]', '650318')
  await desk.ready('hits')
  report.step('the PIN brings back the page that was left')
  await desk.close()
}

async function oneStream(browser, options, admin) {
  const { report } = options
  const desk = await Desk.open(browser, options)
  await desk.signIn(admin)
  // The node's own count; desks that were closed a moment ago may still be in it.
  const one = () =>
    desk.page.waitForFunction(async () => (await (await fetch('/api/streams')).json()).open === 1, undefined, {
      polling: 200,
    })
  await one()
  const tabs = []
  for (let i = 0; i < 5; i++) {
    const tab = await desk.context.newPage()
    await tab.goto(options.base + '/admin/users')
    await tab.waitForSelector('main[data-page="users"][data-ready="true"]')
    tabs.push(tab)
  }
  await one()
  report.step('six tabs hold one event stream, by the count of the node')
  await desk.close()
}
