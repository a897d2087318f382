// What every story needs: a browser, a page that waits on states, axe and pictures.
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

export async function openBrowser() {
  const executablePath = PLACES.find((p) => p && existsSync(p))
  if (!executablePath)
    throw new Error('No Chromium found; install the Debian package chromium or set CHROMIUM to its path.')
  return chromium.launch({ executablePath, args: FLAGS })
}

/** One person at one workbench. */
export class Desk {
  constructor(context, page, { base, shots, report }) {
    Object.assign(this, { context, page, base, shots, report })
  }

  static async open(browser, options, { theme = 'light', lang = 'en', size = [1366, 768] } = {}) {
    const context = await browser.newContext({
      viewport: { width: size[0], height: size[1] },
      reducedMotion: 'reduce',
      timezoneId: 'Asia/Almaty',
      bypassCSP: false,
    })
    await context.addInitScript(
      ([t, l]) => {
        if (!localStorage.getItem('sarhad.theme')) localStorage.setItem('sarhad.theme', t)
        if (!localStorage.getItem('sarhad.lang')) localStorage.setItem('sarhad.lang', l)
      },
      [theme, lang],
    )
    const page = await context.newPage()
    const desk = new Desk(context, page, options)
    page.on('pageerror', (error) => options.report.problem(`script error on ${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      const text = message.text()
      if (/Content Security Policy|violates/.test(text)) options.report.problem(`policy on ${page.url()}: ${text}`)
    })
    page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(options.base) && !/^(data|blob):/.test(url)) options.report.problem(`outside request: ${url}`)
    })
    return desk
  }

  /** The page of this name has arrived and nothing is under way. */
  async ready(name, timeout = 20_000) {
    const main = name ? `main[data-page="${name}"][data-ready="true"]` : 'main[data-ready="true"]'
    await this.page.waitForSelector(main, { timeout })
  }

  async signIn(user) {
    await this.page.goto(this.base + '/')
    await this.ready('signin')
    await this.signInHere(user)
  }

  /** On a page that asks who is there. */
  async signInHere(user) {
    this.user = user
    await this.page.fill('input[name="name"]', user.name)
    await this.page.fill('input[name="password"]', user.password)
    await this.page.keyboard.press('Enter')
    await this.ready('today')
  }

  async go(path, name) {
    await this.page.goto(this.base + path)
    await this.ready(name)
  }

  /** A picture, and what axe has to say about the page. */
  async look(name) {
    await this.page.evaluate(() => document.fonts.ready)
    if (this.shots) {
      await mkdir(this.shots, { recursive: true })
      await this.page.screenshot({ path: join(this.shots, name + '.png') })
    }
    await this.axe(name)
  }

  async axe(name) {
    // The policy forbids inline scripts on the page; an evaluated function is not one.
    await this.page.evaluate(axeSource)
    const found = await this.page.evaluate(async (rules) => {
      const result = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: rules } })
      return result.violations.map((v) => ({
        id: v.id,
        help: v.help,
        nodes: v.nodes.slice(0, 4).map((n) => n.target.join(' ') + (n.any[0]?.message ? ` (${n.any[0].message})` : '')),
      }))
    }, RULES)
    this.report.axe(name, found)
  }

  async close() {
    await this.context.close()
  }
}

/** Collects what happened; the story fails when something did that must not. */
export class Report {
  steps = []
  problems = []
  pages = 0
  step(text) {
    this.steps.push(text)
    console.log('  ' + text)
  }
  problem(text) {
    this.problems.push(text)
    console.error('  PROBLEM ' + text)
  }
  axe(name, violations) {
    this.pages++
    for (const v of violations) this.problem(`axe on ${name}: ${v.id}, ${v.help}\n      ${v.nodes.join('\n      ')}`)
  }
  check(condition, text) {
    if (condition) this.step(text)
    else this.problem('not so: ' + text)
  }
}
