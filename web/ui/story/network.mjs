// node story/network.mjs --base http://127.0.0.1:8080 --name supervisor --password ... [--shots DIR] [--prefix up]
//
// Plays the network against any running node: the headline, a partner in the inspector, messages with their states, the
// directory; a supervisor acts, the bar tells the link. Photographs and axe-checks every page in both languages and themes, on a
// desk and on a telephone. It depends on no particular region: what is not there (a partner, a message) is not asked for.
import { parseArgs } from 'node:util'
import { pathToFileURL } from 'node:url'
import { Desk, openBrowser, Report } from './browser.mjs'

const LOOKS = [
  ['light', 'en', [1366, 768]],
  ['dark', 'ru', [1366, 768]],
  ['light', 'ru', [360, 740]],
]

/** The network as this person sees it. */
export async function network(browser, options, user, prefix = 'network') {
  for (const [theme, lang, size] of LOOKS) {
    const desk = await Desk.open(browser, options, { theme, lang, size })
    const tag = `${prefix}-${size[0]}-${lang}-${theme}`
    await desk.signIn(user)
    await purpose(desk)
    await state(desk, tag, size[0] > 900)
    await desk.go('/network/messages', 'messages')
    await desk.look(tag + '-messages')
    await desk.go('/network/messages?box=in&state=unreadable', 'messages')
    await desk.look(tag + '-unreadable')
    await people(desk, tag)
    await desk.close()
  }
}

/** Outside a demonstration a purpose of work is asked for. */
async function purpose({ page, base }) {
  const me = await page.evaluate(() => fetch('/api/session').then((r) => r.json()))
  if (me.purpose) return
  const status = await page.evaluate(
    (csrf) =>
      fetch('/api/session/purpose', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
        body: JSON.stringify({ kind: 'duty', text: 'Night shift' }),
      }).then((r) => r.status),
    me.csrf,
  )
  if (status >= 400) throw new Error(`no purpose at ${base}: ${status}`)
  await page.reload()
}

async function state(desk, tag, wide) {
  const { page, report } = desk
  await desk.go('/network', 'network')
  const joined = await page.$('[data-headline]')
  await desk.look(tag + '-state')
  if (!joined) return report.step(`${tag}: this node belongs to no network, and the page says how it joins`)
  report.step(`${tag}: ${(await joined.textContent()).trim()}`)
  const rows = await page.$$eval('li[data-worst]', (all) => all.map((x) => x.dataset.worst))
  const turn = ['bad', 'warn', 'ok']
  report.check(
    rows.every((x, i) => i === 0 || turn.indexOf(x) >= turn.indexOf(rows[i - 1])),
    `${tag}: the worst stands first (${rows.join(' ')})`,
  )
  report.check((await page.$$('li[data-worst] a[href^="tel:"]')).length > 0, `${tag}: there is a number to call`)
  if (!rows.length) return
  await page.keyboard.press('j')
  await page.waitForSelector('[data-inspect="partner"]')
  await desk.look(tag + '-partner')
  await page.keyboard.press('Escape')
  await page.waitForSelector('[data-inspect="partner"]', { state: 'detached' })
  report.step(`${tag}: a partner opens and closes from the keyboard`)
  if (wide) {
    await page.click('[data-act="try"]')
    await page.waitForSelector('[data-act="try"]:not([disabled])')
    report.step(`${tag}: what waits is tried again`)
  }
}

async function people(desk, tag) {
  const { page, report } = desk
  await desk.go('/network/directory', 'directory')
  await desk.look(tag + '-directory')
  const all = (await page.$$('[data-party]')).length
  if (!all) return
  const id = await page.getAttribute('[data-party]', 'data-party')
  await page.fill('input[name="q"]', id)
  await page.waitForSelector(`[data-party="${id}"]`)
  report.check((await page.$$('[data-party]')).length <= all, `${tag}: the directory is searched`)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      base: { type: 'string', default: 'http://127.0.0.1:8080' },
      name: { type: 'string', default: 'supervisor' },
      password: { type: 'string' },
      shots: { type: 'string', default: '' },
      prefix: { type: 'string', default: 'network' },
    },
  })
  const report = new Report()
  const options = { base: values.base.replace(/\/$/, ''), shots: values.shots, report }
  const browser = await openBrowser()
  try {
    await network(browser, options, { name: values.name, password: values.password }, values.prefix)
  } catch (error) {
    report.problem(error.stack ?? String(error))
  } finally {
    await browser.close()
  }
  console.log(`${report.steps.length} steps, ${report.pages} pages checked by axe, ${report.problems.length} problems`)
  process.exit(report.problems.length ? 1 : 0)
}
