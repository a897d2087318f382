// node story/run.mjs --base http://127.0.0.1:8080 [--shots DIR] [--only story|signin|oversight|privacy|paper|pictures]
//
// The story of a hit, played in a real browser against a running node: an analyst dismisses one and confirms one, the
// booth acknowledges and reports, oversight finds both. Then the key screens are photographed and checked by axe.
// Every wait is on a state of the page, never on time. Exit code 1 when anything was not so.
import { parseArgs } from 'node:util'
import { openBrowser, Report } from './browser.mjs'
import { oversight } from './oversight.mjs'
import { paper, papers } from './paper.mjs'
import { pictures } from './pictures.mjs'
import { privacy } from './privacy.mjs'
import { signin } from './signin.mjs'
import { story } from './story.mjs'

const { values } = parseArgs({
  options: {
    base: { type: 'string', default: 'http://127.0.0.1:8080' },
    shots: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
  },
})
const base = values.base.replace(/\/$/, '')
const report = new Report()
const options = { base, shots: values.shots, report }

const answer = await fetch(base + '/api/demo')
if (!answer.ok) {
  console.error(`No demonstration answers at ${base}; start one with: sarhad demo`)
  process.exit(1)
}
const { users } = await answer.json()

const browser = await openBrowser()
try {
  const does = (part) => !values.only || values.only === part
  const done = does('story') ? await story(browser, options, users) : undefined
  if (does('signin')) await signin(browser, options, users)
  if (does('oversight')) await oversight(browser, options, users)
  if (does('privacy')) await privacy(browser, options, users)
  if (does('paper')) await paper(browser, options, users)
  if (does('pictures')) await pictures(browser, options, users, done)
  if (does('pictures') || does('papers')) await papers(browser, options, users)
} catch (error) {
  report.problem(error.stack ?? String(error))
} finally {
  await browser.close()
}
console.log(`${report.steps.length} steps, ${report.pages} pages checked by axe, ${report.problems.length} problems`)
process.exit(report.problems.length ? 1 : 0)
