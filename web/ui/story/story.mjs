import { Desk } from './browser.mjs'

const as = (users, role, place) => {
  const found = users.filter((u) => u.role === role)
  return (place ? found.find((u) => u.name.endsWith('.' + place.toLowerCase())) : undefined) ?? found[0]
}

/** Plays the hit's life and returns what it touched, so that the pictures can show it. */
export async function story(browser, options, users) {
  const { report } = options
  report.step('story of a hit')

  const analyst = await Desk.open(browser, options)
  await analyst.signIn(as(users, 'analyst'))
  report.step('the analyst has signed in and sees Today')

  const dismissed = await dismissOne(analyst, report)
  const confirmed = await confirmOne(analyst, report)

  const booth = await Desk.open(browser, options, { size: [360, 740], lang: 'ru' })
  const officer = await officerAt(users, confirmed.place)
  await booth.signIn(officer)
  await atTheBooth(booth, report, confirmed)

  await analyst.go('/hits/' + confirmed.id, 'hit')
  await analyst.page.waitForSelector('.page[data-state="closed"]')
  report.step('the analyst sees the outcome')

  const oversight = await Desk.open(browser, options)
  await oversight.signIn(as(users, 'oversight'))
  await inTheLog(oversight, report, dismissed, 'dismissed')
  await inTheLog(oversight, report, confirmed, 'confirmed')
  await oversight.go('/oversight/log', 'log')
  await oversight.page.click('[data-act="verify"]')
  await oversight.page.waitForSelector('[data-verified]')
  report.step(
    'oversight has verified the log: ' + (await oversight.page.getAttribute('[data-verified]', 'data-verified')),
  )

  for (const desk of [analyst, booth, oversight]) await desk.close()
  return { dismissed, confirmed }

  function officerAt(all, place) {
    const at = all.filter((u) => u.role === 'border')
    return at.find((u) => u.name.endsWith('.' + place.toLowerCase())) ?? at.find((u) => !u.name.includes('.')) ?? at[0]
  }
}

/** Opens the first hit of a leaning that nobody holds, at a place where a booth officer of the demo works. */
async function openHit(desk, leans, places) {
  await desk.go('/hits?leans=' + leans, 'hits')
  const rows = await desk.page.$$eval('li[data-hit][data-state="new"]', (items) =>
    items.map((i) => ({
      id: i.getAttribute('data-hit'),
      place: i.querySelector('.leg')?.textContent?.trim().slice(-3) ?? '',
    })),
  )
  const row = rows.find((r) => !places || places.includes(r.place)) ?? rows[0]
  if (!row) throw new Error(`no open hit that leans ${leans}`)
  await desk.go('/hits/' + row.id, 'hit')
  await desk.page.waitForSelector(`.page[data-hit="${row.id}"]`)
  return { ...row, name: await desk.page.textContent('h1') }
}

async function dismissOne(desk, report) {
  const hit = await openHit(desk, 'different')
  await desk.page.keyboard.press('c')
  await desk.page.waitForSelector(`.page[data-hit="${hit.id}"][data-state="claimed"]`)
  report.step('claimed with the keyboard: nobody else works on it')
  await desk.page.keyboard.press('d')
  await desk.page.waitForSelector('[data-form="dismiss"]')
  await desk.page.keyboard.press('1')
  await desk.page.waitForSelector('[data-form="dismiss"] input[name="reason"]:checked')
  await desk.page.keyboard.press('Control+Enter')
  await desk.page.waitForSelector('[data-toast="undo"]')
  await desk.page.waitForFunction((id) => !location.pathname.endsWith(id), hit.id)
  report.step('dismissed with a reason; the next hit is shown, and the decision can be undone')
  return hit
}

async function confirmOne(desk, report) {
  const hit = await openHit(desk, 'same', ['ALA', 'NQZ']).catch(() => openHit(desk, 'unclear', ['ALA', 'NQZ']))
  await desk.page.keyboard.press('y')
  await desk.page.waitForSelector('[data-form="confirm"]')
  await desk.page.check('[data-form="confirm"] input[name="reason"] >> nth=0')
  await desk.page.check('[data-form="confirm"] input[name="action"][value="second-line"]')
  await desk.page.fill(
    '[data-form="confirm"] textarea[name="text"]',
    'Take aside politely and compare the face with the passport.',
  )
  await desk.page.fill('[data-sign="password"] input[name="sign-password"]', 'not the password')
  await desk.page.click('[data-form="confirm"] [data-act="decide"]')
  await desk.page.waitForSelector('[data-sign="password"] [role="alert"]')
  report.step('a wrong password signs nothing, and what was typed stays')
  await desk.page.fill('[data-sign="password"] input[name="sign-password"]', desk.user.password)
  await desk.look('confirm-sign')
  await desk.page.click('[data-form="confirm"] [data-act="decide"]')
  await desk.page.waitForFunction((id) => !location.pathname.endsWith(id), hit.id)
  report.step('confirmed with an instruction to ' + hit.place + ', signed')
  return hit
}

async function atTheBooth(desk, report, hit) {
  await desk.go('/instructions', 'instructions')
  // The instruction leaves when the ten seconds of undoing are over; the page learns of it by itself.
  const card = desk.page.locator('[data-instruction], main li a', { hasText: hit.name }).first()
  await card.waitFor({ timeout: 60_000 })
  const line = desk.page.locator('main li a', { hasText: hit.name }).first()
  if (await line.count()) await line.click()
  const mine = desk.page.locator('[data-instruction]', { hasText: hit.name }).first()
  await mine.waitFor()
  report.step('the booth shows the instruction by itself')
  await desk.look('booth-360-ru')
  await mine.locator('[data-act="acknowledge"]').click()
  await desk.page.waitForSelector('[data-instruction][data-state="acknowledged"]')
  report.step('acknowledged at the booth')
  await mine.locator('[data-act="report"]').click()
  await desk.page.check('[data-form="outcome"] input[value="other-person"]')
  await desk.look('booth-outcome-360-ru')
  await desk.page.click('[data-act="save-outcome"]')
  await desk.page.waitForSelector('[data-form="outcome"]', { state: 'detached' })
  report.step('the outcome is recorded')
}

async function inTheLog(desk, report, hit, verdict) {
  await desk.go('/oversight?subject=' + hit.id, 'looks')
  const rows = await desk.page.$$eval('tbody tr', (trs) => trs.map((tr) => tr.textContent ?? ''))
  report.check(
    rows.some((r) => r.includes(verdict)),
    `oversight finds who ${verdict} ${hit.id.slice(0, 13)} and for what (${rows.length} rows)`,
  )
}
