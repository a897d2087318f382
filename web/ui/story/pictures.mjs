import { Desk } from './browser.mjs'

/** Key screens: who looks, where, which page answers, what to do there first. */
const SCREENS = [
  { name: 'today', role: 'analyst', path: '/', page: 'today' },
  { name: 'hits', role: 'analyst', path: '/hits', page: 'hits', keys: ['j'] },
  { name: 'hit', role: 'analyst', path: '/hits', page: 'hits', open: 'hit' },
  { name: 'voyages', role: 'analyst', path: '/voyages', page: 'voyages' },
  { name: 'manifest', role: 'analyst', path: '/voyages', page: 'voyages', open: 'voyage' },
  { name: 'lists', role: 'supervisor', path: '/lists', page: 'lists' },
  { name: 'records', role: 'analyst', path: '/records', page: 'records', keys: ['j'] },
  { name: 'record', role: 'analyst', path: '/records', page: 'records', open: 'record' },
  { name: 'booth', role: 'border', path: '/instructions?state=all', page: 'instructions' },
  { name: 'looks', role: 'oversight', path: '/oversight', page: 'looks' },
  { name: 'log', role: 'oversight', path: '/oversight/log', page: 'log' },
  { name: 'access', role: 'admin', path: '/admin/access', page: 'access' },
]
const LOOKS = [
  { theme: 'light', lang: 'en' },
  { theme: 'light', lang: 'ru' },
  { theme: 'dark', lang: 'en' },
  { theme: 'dark', lang: 'ru' },
]

/** Photographs every key screen in light and dark, in English and Russian; axe reads each. */
export async function pictures(browser, options, users, done) {
  const { report } = options
  report.step('key screens')
  const roles = [...new Set(SCREENS.map((s) => s.role))]
  for (const look of LOOKS) {
    const first = await Desk.open(browser, options, look)
    await first.page.goto(options.base + '/')
    await first.ready('signin')
    await first.look(`signin-${look.theme}-${look.lang}`)
    await first.close()
    for (const role of roles) {
      const user = users.find((u) => u.role === role)
      if (!user) continue
      const desk = await Desk.open(browser, options, look)
      await desk.signIn(user)
      for (const screen of SCREENS.filter((s) => s.role === role)) await picture(desk, screen, look, done)
      await desk.close()
    }
    report.step(`photographed in ${look.theme}, ${look.lang}`)
  }
}

async function picture(desk, screen, look, done) {
  await desk.go(screen.path, screen.page)
  for (const key of screen.keys ?? []) await desk.page.keyboard.press(key)
  if (screen.keys) {
    await desk.page.waitForSelector('aside.inspector').catch(() => undefined)
    await desk.ready(screen.page)
  }
  if (screen.open) {
    const links = await desk.page.$$eval(`main a[href^="${screen.path}/"]`, (as) =>
      as.map((a) => a.getAttribute('href')),
    )
    const skip = [done?.dismissed?.id, done?.confirmed?.id]
    const href = links.find((l) => l && !skip.some((id) => id && l.endsWith(id)))
    if (!href) return
    await desk.go(href, screen.open)
  }
  await desk.look(`${screen.name}-${look.theme}-${look.lang}`)
}
