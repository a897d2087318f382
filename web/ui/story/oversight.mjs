import { Desk } from './browser.mjs'

/** What the demonstration hides, as oversight finds it: the sign, and what its acts must show. */
const HIDDEN = [
  ['relative', 'ZHUMADILOV'],
  ['night', 'ZHUMADILOV'],
  ['canary', 'SANDYBAROV'],
  ['quick', ''],
]
const LOOKS = [
  { theme: 'light', lang: 'en' },
  { theme: 'dark', lang: 'ru' },
]

/** Oversight starts from Today and must get to the acts of all seeded misuse in a few clicks; then a request is answered. */
export async function oversight(browser, options, users) {
  const user = (name) => users.find((u) => u.name === name)
  await walk(browser, options, user('oversight'))
  await asked(browser, options, user('analyst.late'))
  await request(browser, options, user('supervisor'), user('oversight'))
  for (const look of LOOKS) await photographs(browser, options, users, look)
}

async function walk(browser, options, who) {
  const { report } = options
  const desk = await Desk.open(browser, options)
  await desk.signIn(who)
  const begun = Date.now()
  let clicks = 0
  const click = async (selector, page) => {
    clicks++
    await desk.page.click(selector)
    await desk.ready(page)
  }
  await click('.figures a[href="/oversight/signs"]', 'signs')
  for (const [sign, name] of HIDDEN) {
    const href = await desk.page.evaluate(async (wanted) => {
      const answer = await fetch('/api/oversight/questions', { headers: { 'X-Sarhad-Quiet': '1' } })
      const { items } = await answer.json()
      return items.find((q) => q.sign === wanted)?.id
    }, sign)
    await click(`a[href="/oversight/signs/${href}"]`, 'sign')
    const text = await desk.page.textContent('.acts')
    report.check(text.includes(name) && text.length > 20, `the acts of the sign "${sign}" are named`)
    if (sign === 'relative') await desk.look('walk-sign')
    clicks++
    await desk.page.goBack()
    await desk.ready('signs')
  }
  const seconds = (Date.now() - begun) / 1000
  report.check(
    seconds < 180,
    `oversight found all four from Today: ${clicks} clicks, ${seconds.toFixed(1)} s of the machine`,
  )
  await desk.close()
}

async function asked(browser, options, who) {
  const desk = await Desk.open(browser, options)
  await desk.signIn(who)
  await desk.go('/me', 'me')
  const text = await desk.page.textContent('main')
  options.report.check(
    /ZHUMADILOV/.test(text) && !/planted|surname/i.test(text),
    'the officer sees the acts, not the sign',
  )
  await desk.look('my-questions')
  await desk.page.fill('input[name="answer"] >> nth=0', 'I was checking the list of that flight')
  const before = await desk.page.locator('[data-question]').count()
  await desk.page.click('[data-act="answer"] >> nth=0')
  await desk.page.waitForFunction((n) => document.querySelectorAll('[data-question]').length < n, before)
  options.report.step('the officer answers in one line')
  await desk.close()
}

async function request(browser, options, boss, eye) {
  const desk = await Desk.open(browser, options)
  const { page } = desk
  await desk.signIn(boss)
  await desk.go('/requests', 'requests')
  await desk.look('requests-empty')
  await page.keyboard.press('c')
  await page.fill('textarea[name="names"]', 'Жумадилов Ернур')
  await page.fill('input[name="born"]', '1968-11-30')
  await page.fill('input[name="document"]', 'ZZ5550198')
  await desk.look('request-new')
  await page.click('[data-form="request"] [data-act="save"]')
  await desk.ready('request')
  await page.click('[data-act="prove"]')
  await page.selectOption('select[name="code"]', 'document-seen')
  await page.click('[data-form="prove"] [data-act="submit"]')
  await page.click('[data-act="search"]')
  await page.waitForSelector('[data-state="searching"] .found')
  options.report.step('a name in Cyrillic finds the journey in Latin letters')
  await desk.look('request-found')
  for (let left = await page.locator('.found .chip').count(); left > 0;) {
    await page.keyboard.press('s')
    await page.fill('input[name="reason"]', 'Same passport, seen at the counter')
    await page.keyboard.press('Control+Enter')
    await page.waitForSelector('.answers')
    await page.keyboard.press('1')
    const was = left
    await page.waitForFunction((n) => document.querySelectorAll('.found .chip').length < n, was)
    left = await page.locator('.found .chip').count()
  }
  options.report.step('decided by keyboard alone')
  await desk.ready('request')
  await desk.look('request-decided')
  await page.click('[data-act="draft"]')
  await page.click('[data-form="draft"] [data-act="submit"]')
  await page.waitForSelector('[data-state="drafted"]')
  const at = new URL(page.url()).pathname
  const second = await Desk.open(browser, options)
  await second.signIn(eye)
  await second.go(at, 'request')
  await second.look('request-approve')
  await second.page.click('[data-act="approve"]')
  await second.page.waitForSelector('[data-state="approved"]')
  options.report.step('a second person approves what they read')
  await second.page.goto(options.base + '/api' + at + '/print?lang=ru')
  await second.page.waitForSelector('footer')
  await second.look('request-letter')
  await second.close()
  await desk.close()
}

async function photographs(browser, options, users, look) {
  const tail = `${look.theme}-${look.lang}`
  const desk = await Desk.open(browser, options, look)
  await desk.signIn(users.find((u) => u.name === 'oversight'))
  await desk.look('oversight-today-' + tail)
  for (const [path, page] of [
    ['/oversight/signs', 'signs'],
    ['/oversight/planted', 'planted'],
    ['/oversight/units', 'units'],
    ['/requests', 'requests'],
  ]) {
    await desk.go(path, page)
    await desk.look(page + '-' + tail)
  }
  await desk.go('/oversight/planted', 'planted')
  await desk.page.click('[data-act="plant"]')
  await desk.page.waitForSelector('[data-form="plant"]')
  await desk.look('plant-' + tail)
  await desk.go('/requests?state=all', 'requests')
  await desk.page.click('main a[href^="/requests/"]')
  await desk.ready('request')
  await desk.look('request-' + tail)
  await desk.close()
  options.report.step('oversight photographed in ' + tail)
}
