import { Desk } from './browser.mjs'

/** The phrases of the demonstration; `sarhad demo` prints them. */
const PHRASES = { unit: 'north-lantern-6021', oversight: 'quiet-harbour-9385' }
const REASON = 'The court asks who this was'

/** Clocks, holds, the opening of a masked record by two people, and an erasure, each by the officer whose work it is. */
export async function privacy(browser, options, users) {
  options.report.step('story of privacy')
  const user = (name) => users.find((u) => u.name === name)
  const desks = {}
  for (const name of ['analyst', 'supervisor', 'oversight']) {
    desks[name] = await Desk.open(browser, options)
    await desks[name].signIn(user(name))
  }
  await refused(desks)
  const request = await asked(desks, options.report)
  await agreed(desks, request, options.report)
  await read(desks.analyst, request, options.report)
  await held(desks.supervisor, options.report)
  await erased(desks.supervisor, options.report)
  await time(desks.supervisor, options.report)
  for (const desk of Object.values(desks)) await desk.close()
}

const line = (id, state) => `li[data-key="${id}"][data-state="${state}"]`

/** The wish that the demonstration left is refused, and its analyst reads why. */
async function refused({ supervisor, analyst }) {
  const { page, report } = supervisor
  await supervisor.go('/privacy/unmaskings', 'unmaskings')
  const id = await page.getAttribute('li[data-state="requested"]', 'data-key')
  await supervisor.look('unmaskings')
  await page.click(`li[data-key="${id}"] [data-act="refuse"]`)
  await page.click('dialog button.primary')
  await page.waitForSelector('dialog textarea[aria-invalid="true"]')
  await page.fill('dialog textarea[name="reason"]', 'The case number is not of this agency')
  await page.click('dialog button.primary')
  await page.waitForSelector('dialog', { state: 'detached' })
  report.step('a wish to open a record is refused, not without a reason')
  await analyst.go('/privacy/unmaskings/mine', 'ownunmaskings')
  await analyst.page.waitForSelector(line(id, 'refused'))
  report.check(
    (await analyst.page.textContent(line(id, 'refused'))).includes('not of this agency'),
    'who asked reads why',
  )
  await analyst.page.click(`${line(id, 'refused')} a[href^="/records/"]`)
  await analyst.ready('record')
}

async function ask(page) {
  await page.click('[data-act="ask"]')
  await page.fill('[data-form="ask"] input[name="case"]', 'DEMO-119')
  await page.fill('[data-form="ask"] textarea[name="reason"]', REASON)
}

/** From the page of the masked record: asked, taken back, asked again. */
async function asked({ analyst }, report) {
  const { page } = analyst
  const record = new URL(page.url()).pathname
  await page.waitForSelector('[data-sealed]')
  report.check(!/TASKYNBAYEV|ZZ5550733/.test(await page.textContent('body')), 'a masked record names nobody')
  await analyst.look('masked-record')
  await ask(page)
  await analyst.look('unmask-ask')
  await page.click('[data-form="ask"] button.primary')
  await analyst.ready('ownunmaskings')
  const first = await page.getAttribute('li[data-state="requested"]', 'data-key')
  await page.click(`li[data-key="${first}"] [data-act="withdraw"]`)
  await page.click('dialog button.primary')
  await page.waitForSelector(line(first, 'withdrawn'))
  report.step('the analyst takes their own wish back')
  await analyst.go(record, 'record')
  await ask(page)
  await page.click('[data-form="ask"] button.primary')
  await analyst.ready('ownunmaskings')
  return page.getAttribute('li[data-state="requested"]', 'data-key')
}

async function step(desk, id, act, phrase) {
  const { page } = desk
  await desk.go('/privacy/unmaskings', 'unmaskings')
  await page.click(`li[data-key="${id}"] [data-act="${act}"]`)
  await page.waitForSelector(`[data-form="${act}"] [data-sign="password"]`)
  await page.fill('input[name="phrase"]', phrase)
  await page.fill('input[name="sign-password"]', desk.user.password)
}
const sign = (desk, act) => desk.page.click(`[data-form="${act}"] [data-act="sign"]`)

async function agreed({ supervisor, oversight }, id, report) {
  await step(supervisor, id, 'agree', PHRASES.oversight)
  await sign(supervisor, 'agree')
  await supervisor.page.waitForSelector('input[name="phrase"][aria-invalid="true"]')
  await supervisor.look('unmask-agree-wrong')
  report.step('a wrong phrase opens nothing, and says so where it stands')
  await supervisor.page.fill('input[name="phrase"]', PHRASES.unit)
  await sign(supervisor, 'agree')
  await supervisor.page.waitForSelector('[data-form="agree"]', { state: 'detached' })
  await step(oversight, id, 'open', PHRASES.oversight)
  await oversight.look('unmask-open')
  await sign(oversight, 'open')
  await oversight.page.waitForSelector('[data-form="open"]', { state: 'detached' })
  report.step('the unit agrees and oversight opens, both signed')
}

async function read(desk, id, report) {
  const { page } = desk
  await desk.go('/privacy/unmaskings/mine', 'ownunmaskings')
  await desk.look('unmaskings-mine')
  await page.click(`${line(id, 'opened')} [data-act="read"]`)
  await desk.ready('unmasked')
  await page.waitForSelector('[data-opened="false"]')
  await desk.look('unmasked-other-purpose')
  await page.click('[data-act="work"]')
  await page.waitForSelector('[data-opened="true"]')
  report.check((await page.textContent('main')).includes('TASKYNBAYEV'), 'opened for the case, and only on the case')
  await desk.look('unmasked')
  await page.click('[data-act="withdraw"]')
  await page.click('dialog button.primary')
  await desk.ready('ownunmaskings')
  await page.waitForSelector(line(id, 'ended'))
  report.step('the reading is ended before its time')
}

/** A hold from the page of a voyage; while it lasts nothing of it can be erased; then it is lifted. */
async function held(desk, report) {
  const { page } = desk
  await desk.go('/records?kind=passenger.voyage', 'records')
  await page.click('tbody a[href^="/records/"] >> nth=1')
  await desk.ready('record')
  const record = new URL(page.url()).pathname
  await page.click('[data-act="hold"]')
  await page.click('[data-form="hold"] button.primary')
  await page.waitForSelector('[data-form="hold"] input[name="basis"][aria-invalid="true"]')
  await page.fill('input[name="basis"]', 'District court, order 2-114/26')
  await page.fill('input[name="until"]', '2031-01-31')
  await desk.look('hold-new')
  await page.click('[data-form="hold"] button.primary')
  await page.waitForSelector('[data-form="hold"]', { state: 'detached' })
  await page.click('[data-act="erase"]')
  await page.waitForSelector('dialog a[href="/privacy/holds"]')
  await desk.look('erase-held')
  report.step('what is held cannot be erased, and the way to the hold is shown')
  await page.click('dialog a[href="/privacy/holds"]')
  await desk.ready('holds')
  await desk.look('holds')
  await page.click('[data-act="end"] >> nth=0')
  await page.click('dialog button.primary')
  await page.waitForSelector('li[data-state="active"]', { state: 'detached' })
  report.step('the hold is lifted')
  await desk.go(record, 'record')
}

async function erased(desk, report) {
  const { page } = desk
  const record = new URL(page.url()).pathname
  await page.click('[data-act="erase"]')
  await page.waitForSelector('[data-form="erase"] [data-goes]')
  const goes = Number(await page.getAttribute('[data-form="erase"] [data-goes]', 'data-goes'))
  await page.fill('textarea[name="ground"]', 'District court, decision 2-114/26')
  await page.waitForSelector('[data-form="erase"] [data-sign="password"]')
  await page.fill('input[name="sign-password"]', desk.user.password)
  await desk.look('erase')
  await page.click('[data-form="erase"] [data-act="sign"]')
  await page.waitForSelector('[data-erased]')
  const went = Number(await page.getAttribute('[data-erased]', 'data-erased'))
  report.check(goes > 1 && went === goes, `erased by a signed act what was shown before: ${went} records`)
  await desk.look('erase-done')
  await page.click('dialog button.primary')
  await desk.ready('records')
  await page.goto(desk.base + record)
  await desk.ready('record')
  report.check(!(await page.$('h1 >> text=Voyage')), 'the page of what is gone says so')
  await desk.look('erased-page')
}

/** The clocks; then the same screen as it stands after the machine was off for long: its time waits for a person. */
async function time(desk, report) {
  const { page } = desk
  await desk.go('/privacy', 'clocks')
  await page.waitForSelector('[data-clocks="running"]')
  await desk.look('clocks')
  await page.route('**/api/privacy/clocks', async (route) => {
    const answer = await route.fetch()
    const clocks = await answer.json()
    const trusted = new Date(Date.parse(clocks.now) - 9 * 86_400_000).toISOString()
    await route.fulfill({
      response: answer,
      json: { ...clocks, stopped: { since: clocks.now, wall: clocks.now, trusted } },
    })
  })
  await desk.go('/privacy', 'clocks')
  await page.waitForSelector('[data-clocks="stopped"]')
  await desk.look('clocks-stopped')
  await page.unroute('**/api/privacy/clocks')
  await page.click('[data-act="confirm-time"]')
  await page.fill('dialog textarea[name="reason"]', 'The node was switched off for repairs from 3 to 12')
  await desk.look('confirm-time')
  await page.click('dialog button.primary')
  await page.waitForSelector('[data-clocks="running"]')
  report.step('the time is confirmed with a reason, and the clocks run')
}
