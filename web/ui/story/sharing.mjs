// node story/sharing.mjs --a http://localhost:8081 --b http://localhost:8082 [--journey ID] [--shots DIR] [--password P]
//
// The story of a shared record, played in two browsers against two nodes that are in one network: on A a supervisor drafts an
// agreement and a second one signs it, the record is seen as the partner will see it, sent, opened on B, recalled on A, and the
// partner's answer is read on A. Every wait is on a state of the page. Exit code 1 when anything was not so.
//
// A and B have the officers supervisor, second (a supervisor) and analyst, all with the same password; A has a record of a traveller.
import { parseArgs } from 'node:util'
import { Desk, openBrowser, Report } from './browser.mjs'

const { values } = parseArgs({
  options: {
    a: { type: 'string' },
    b: { type: 'string' },
    node: { type: 'string', default: 'kgz-centre' },
    journey: { type: 'string', default: '' },
    shots: { type: 'string', default: '' },
    password: { type: 'string', default: '' },
  },
})
const report = new Report()
const at = (base) => ({ base: base.replace(/\/$/, ''), shots: values.shots, report })
const user = (name) => ({ name, password: values.password })
const WHY = 'They work on the same flights'
const LINE = `[data-panel="shared"] li[data-node="${values.node}"]`

async function signed(page, form) {
  await page.waitForSelector(`${form} [data-sign="password"]`)
  await page.fill(`${form} input[name="sign-password"]`, values.password)
}

async function agreement(boss, second) {
  const { page } = boss
  await boss.go('/sharing/agreements', 'agreements')
  await boss.look('sharing-agreements-empty')
  await page.click('[data-act="new"]')
  await boss.ready('newagreement')
  await page.click('[data-act="draft"]')
  await page.waitForSelector('[aria-invalid="true"]')
  report.step('a draft without a partner is not kept')
  await page.selectOption('select[name="partner"]', { index: 1 })
  await page.evaluate((node) => {
    const select = document.querySelector('select[name="partner"]')
    select.value = [...select.options].find((o) => o.value.startsWith(node + ' ')).value
    select.dispatchEvent(new Event('change', { bubbles: true }))
  }, values.node)
  await page.selectOption('select[name="topic"]', 'passenger')
  await page.fill('input[name="legal-en"]', 'Agreement on passenger data, article 5')
  await page.fill('input[name="legal-ru"]', 'Соглашение о данных пассажиров, статья 5')
  await page.check('input[name="class-identity"]')
  await page.click('summary')
  await page.selectOption('select[name="how-passenger.journey"]', 'except')
  await page.check('[data-kind="passenger.journey"] fieldset input:not(:disabled) >> nth=0')
  await page.fill('input[name="until"]', `${new Date().getUTCFullYear() + 2}-06-30`)
  await boss.look('sharing-agreement-form')
  await page.click('[data-act="draft"]')
  await boss.ready('agreements')
  await page.waitForSelector('li[data-state="draft"]')
  report.check((await page.$$('[data-act="agree"]')).length === 0, 'who drafted cannot agree')
  await second.go('/', 'today')
  await second.page.waitForSelector('a[href="/sharing/agreements?state=draft"]')
  await second.look('sharing-today')
  await second.page.click('a[href="/sharing/agreements?state=draft"]')
  await second.ready('agreements')
  await second.page.click('[data-act="agree"]')
  await signed(second.page, '[data-form="agree"]')
  await second.look('sharing-agree')
  await second.page.click('[data-act="sign"]')
  await second.page.waitForSelector('dialog', { state: 'detached' })
  await second.go('/sharing/agreements', 'agreements')
  await second.page.waitForSelector('li[data-state="agreed"]')
  await second.look('sharing-agreements')
  report.step('a second supervisor puts the agreement in force')
}

async function shared(boss, record) {
  const { page } = boss
  await boss.go('/records/' + record, 'record')
  await page.waitForSelector('[data-panel="shared"]')
  await page.click('[data-act="share"]')
  await boss.ready('share')
  await page.waitForSelector(`[data-told="${values.node}"][data-goes="true"]`)
  report.check((await page.$$('[data-field][data-goes="false"]')).length > 0, 'what stays is shown too')
  await boss.look('sharing-preview')
  const other = await page.$('nav li.not button')
  if (other) {
    await other.click()
    await page.waitForSelector('[data-told][data-goes="false"] [data-why]')
    await boss.look('sharing-preview-not')
    report.step('who gets nothing is told why')
  }
  await page.check(`li[data-node="${values.node}"] input[type="checkbox"]`)
  await page.fill('textarea[name="purpose"]', 'Joint check of the flights of this week')
  await signed(page, '[data-form="share"]')
  await boss.look('sharing-sign')
  await page.click('[data-act="send"]')
  await boss.ready('record')
  await page.waitForSelector(LINE)
  report.step('the record is sent as it was seen')
}

async function opened(boss, reader, record) {
  const state = (code) => boss.page.waitForSelector(`${LINE}[data-state="${code}"]`)
  await reader.go('/received', 'received')
  await reader.page.waitForSelector(`a[href="/records/${record}"]`)
  await reader.look('sharing-received')
  await boss.go('/records/' + record, 'record')
  await state('delivered')
  await reader.go('/records/' + record, 'record')
  await reader.page.waitForSelector('[data-received="kept"]')
  report.check((await reader.page.$$('[data-act="share"]')).length === 0, 'a received record cannot be passed on')
  await reader.look('sharing-received-record')
  await reader.page.click('[data-act="onward"]')
  await reader.page.waitForSelector('[data-form="onward"] option:nth-child(2)', { state: 'attached' })
  await reader.look('sharing-ask-onward')
  await reader.page.selectOption('[data-form="onward"] select', { index: 1 })
  await reader.page.fill('[data-form="onward"] textarea', WHY)
  await reader.page.click('[data-form="onward"] button.primary')
  await reader.page.waitForSelector('dialog', { state: 'detached' })
  await onward(boss, reader, record)
  await settle(boss, record, 'opened')
  await boss.look('sharing-opened')
  report.step('when an officer there reads it, it counts as opened here')
}

/** The holder asked the owner to share it further: the owner refuses, and the holder reads why. */
async function onward(boss, reader, record) {
  const asked = `li[data-state="open"]:has-text("${WHY}")`
  await until(boss, '/sharing/onward', 'onward', asked)
  await boss.look('sharing-onward')
  await boss.page.click(`${asked} [data-act="refuse"]`)
  await boss.page.fill('dialog textarea[name="reason"]', 'They have to ask us themselves')
  await boss.page.click('dialog button.primary')
  await boss.page.waitForSelector('dialog', { state: 'detached' })
  await until(reader, '/records/' + record, 'record', '[data-received]:has-text("They have to ask us themselves")')
  report.step('a request to share further is refused by the owner, and who asked reads why')
}

/** What comes over the network is asked for again until it is there. */
async function until(desk, path, name, selector) {
  for (let i = 0; i < 40; i++) {
    await desk.go(path, name)
    if (await desk.page.$(selector)) return
  }
  report.problem(`${path} did not come to show ${selector}`)
}

const settle = (boss, record, code) => until(boss, '/records/' + record, 'record', `${LINE}[data-state="${code}"]`)

async function recalled(boss, reader, record) {
  const { page } = boss
  await page.click(`${LINE} [data-act="recall"]`)
  await page.click('dialog button.primary')
  await page.waitForSelector('dialog textarea[aria-invalid="true"]')
  await page.fill('dialog textarea[name="reason"]', 'The flight was mistaken for another one')
  await boss.look('sharing-recall')
  await page.click('dialog button.primary')
  await page.waitForSelector('dialog', { state: 'detached' })
  await settle(boss, record, 'gone')
  await page.click(`${LINE} summary`)
  await boss.look('sharing-erased')
  await reader.go('/received', 'received')
  report.check((await reader.page.$$(`a[href="/records/${record}"]`)).length === 0, 'it is gone at the partner')
  await boss.go('/sharing', 'sharing')
  await boss.look('sharing-register')
  report.step('recalled with a reason, erased there, and the answer is read here')
}

const browser = await openBrowser()
try {
  const boss = await Desk.open(browser, at(values.a))
  await boss.signIn(user('supervisor'))
  const second = await Desk.open(browser, at(values.a))
  await second.signIn(user('second'))
  const reader = await Desk.open(browser, at(values.b))
  await reader.signIn(user('analyst'))
  await agreement(boss, second)
  await shared(boss, values.journey)
  await opened(boss, reader, values.journey)
  await recalled(boss, reader, values.journey)
  for (const [theme, lang, size] of [
    ['dark', 'ru', [1366, 768]],
    ['light', 'ru', [360, 740]],
  ]) {
    const desk = await Desk.open(browser, at(values.a), { theme, lang, size })
    await desk.signIn(user('supervisor'))
    const tail = `-${theme}-${lang}-${size[0]}`
    for (const [path, name] of [
      ['/sharing', 'sharing'],
      ['/sharing?late=1', 'sharing'],
      ['/sharing/agreements', 'agreements'],
      ['/sharing/agreements/new', 'newagreement'],
      ['/sharing/onward', 'onward'],
      ['/sharing/alarms', 'alarms'],
      ['/received', 'received'],
      [`/records/${values.journey}/share`, 'share'],
      [`/records/${values.journey}`, 'record'],
      ['/', 'today'],
    ]) {
      await desk.go(path, name)
      await desk.look('sharing-' + name + (path.includes('late') ? '-late' : '') + tail)
    }
    await desk.close()
  }
} catch (error) {
  report.problem(error.stack ?? String(error))
} finally {
  await browser.close()
}
console.log(`${report.steps.length} steps, ${report.pages} pages checked by axe, ${report.problems.length} problems`)
process.exit(report.problems.length ? 1 : 0)
