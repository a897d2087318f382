import { deflateSync } from 'node:zlib'
import { Desk } from './browser.mjs'

/** Lists taken out, corrections, exhibits: each played by the officers whose work it is. */
export async function paper(browser, options, users) {
  options.report.step('story of exports, corrections and exhibits')
  const desks = {}
  for (const name of ['analyst', 'supervisor']) {
    desks[name] = await Desk.open(browser, options)
    await desks[name].signIn(users.find((u) => u.name === name))
  }
  await small(desks.analyst)
  await large(desks)
  await corrected(desks)
  await proved(desks.analyst)
  for (const desk of Object.values(desks)) await desk.close()
}

const open = async (desk) => {
  await desk.page.click('main [data-act="export"]')
  await desk.page.waitForSelector('[data-form="export"] [data-rows]')
  return Number(await desk.page.getAttribute('[data-form="export"] [data-rows]', 'data-rows'))
}
const submit = (desk) => desk.page.click('[data-form="export"] [data-act="take"]')

/** What the filter of the queue selects goes out, also what the screen has not loaded: as a file, then as a page. */
async function small(desk) {
  const { page, report } = desk
  await desk.go('/hits', 'hits')
  const loaded = await page.locator('li[data-hit]').count()
  const rows = await open(desk)
  report.check(rows >= loaded && rows > 50, `the export takes ${rows} hits; the screen has loaded ${loaded}`)
  await desk.look('export')
  await page.check('input[name="form"][value="csv"]')
  const [file] = await Promise.all([page.waitForEvent('download'), submit(desk)])
  report.check(/^official-\d+-1\.csv$/.test(file.suggestedFilename()), 'the name of the file has marking and number')
  const text = await readAll(await file.createReadStream())
  report.check(text.trim().split('\n').length > rows, 'every row bears who took it out, in ' + rows + ' rows')
  await page.waitForSelector('[data-form="export"][data-done="true"]')
  await page.keyboard.press('Escape')

  await open(desk)
  await page.check('input[name="form"][value="print"]')
  const [sheet] = await Promise.all([desk.context.waitForEvent('page'), submit(desk)])
  await sheet.waitForSelector('table')
  const shown = Object.assign(Object.create(Object.getPrototypeOf(desk)), desk, { page: sheet })
  report.check((await sheet.textContent('body')).includes(desk.user.display), 'the printed page names who printed it')
  await shown.look('export-print')
  await sheet.close()
  await page.keyboard.press('Escape')
}

async function readAll(stream) {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}

/** More rows than one person may take out: a second one agrees by signature, and the register has it all. */
async function large({ analyst, supervisor }) {
  const { page, report } = analyst
  const range = await bigDay(analyst)
  await analyst.go('/records?kind=passenger.journey&' + range, 'records')
  const rows = await open(analyst)
  await page.waitForSelector('[data-second="rows"]')
  await analyst.look('export-second')
  await submit(analyst)
  await page.waitForSelector('[data-form="export"]', { state: 'detached' })
  report.step(`${rows} rows wait for a second person`)
  const boss = supervisor.page
  await supervisor.go('/exports', 'exports')
  await supervisor.look('exports-waiting')
  const id = await boss.getAttribute('li[data-key] >> nth=0', 'data-key')
  await boss.click(`li[data-key="${id}"] [data-act="agree"]`)
  await boss.waitForSelector('[data-sign="password"]')
  await boss.fill('input[name="sign-password"]', supervisor.user.password)
  await supervisor.look('export-agree')
  await boss.click('[data-form="agree"] [data-act="sign"]')
  await boss.waitForSelector('[data-form="agree"]', { state: 'detached' })
  await analyst.go('/exports?view=mine', 'exports')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.click(`li[data-key="${id}"] [data-act="take"]`),
  ])
  report.check(/\.xlsx$/.test(file.suggestedFilename()), 'agreed by signature; the officer makes the copy')
  await page.waitForSelector(`li[data-key="${id}"] [data-act="destroyed"]`)
  await analyst.look('exports-mine')
  await page.click(`li[data-key="${id}"] [data-act="destroyed"]`)
  await page.waitForSelector(`li[data-key="${id}"] [data-act="destroyed"]`, { state: 'detached' })
  report.step('the copy is told to be destroyed')
  await supervisor.go('/exports?view=all', 'exports')
  await boss.click(`li[data-key="${id}"] summary`)
  await supervisor.look('exports-register')
}

/** A day with more journeys than one person may take out and fewer than never go out. */
async function bigDay(desk) {
  return desk.page.evaluate(async () => {
    const list = await (await fetch('/api/records?kind=passenger.journey&limit=1')).json()
    const last = Date.parse(list.items[0].occurred)
    for (let back = 0; back < 9; back++) {
      const day = new Date(last - back * 86_400_000).toISOString().slice(0, 10)
      const at = `/api/records?kind=passenger.journey&limit=200&from=${day}T00:00:00Z&to=${day}T23:59:59Z`
      let rows = 0
      for (let cursor = ''; cursor !== undefined && rows <= 4000;) {
        const page = await (await fetch(at + '&cursor=' + cursor)).json()
        rows += page.items.length
        cursor = page.next || undefined
      }
      if (rows > 500 && rows < 4000) return `from=${day}&to=${day}`
    }
    throw new Error('no day with 500 to 4000 journeys')
  })
}

/** An analyst finds a mistake twice; the supervisor takes one and refuses the other, each with a reason. */
async function corrected({ analyst, supervisor }) {
  const { page, report } = analyst
  await analyst.go('/records?kind=passenger.journey', 'records')
  await page.click('tbody a[href^="/records/"] >> nth=2')
  await analyst.ready('record')
  const at = new URL(page.url()).pathname
  for (const [value, reason] of [
    ['ISABEKOVA', 'The passport at the counter ends in A'],
    ['NO SUCH NAME', 'Somebody said so on the telephone'],
  ]) {
    await analyst.go(at + '?view=corrections', 'record')
    await page.click('[data-open="propose"]')
    await page.fill('[data-form="proposal"] input[name="surname"]', value)
    await page.click('[data-act="propose"]')
    await page.waitForSelector('[data-form="proposal"] textarea[aria-invalid="true"]')
    await page.fill('[data-form="proposal"] textarea[name="reason"]', reason)
    if (value === 'ISABEKOVA') await analyst.look('correction-new')
    await page.click('[data-act="propose"]')
    await page.waitForSelector('[data-form="proposal"]', { state: 'detached' })
  }
  report.step('an analyst proposes two corrections')
  const boss = supervisor.page
  await supervisor.go('/proposals', 'proposals')
  await supervisor.look('corrections-queue')
  const good = await boss.locator('[data-proposal]', { hasText: 'ISABEKOVA' }).first().getAttribute('data-proposal')
  const bad = await boss.locator('[data-proposal]', { hasText: 'NO SUCH' }).first().getAttribute('data-proposal')
  await decide(supervisor, bad, 'refuse', 'Not seen in a document')
  await decide(supervisor, good, 'accept', 'Compared with the passport')
  await analyst.go(at + '?view=corrections', 'record')
  const text = await page.textContent('main')
  report.check(
    text.includes('Not seen in a document') && (await page.textContent('h1')).includes('ISABEKOVA'),
    'one is taken into the record, of the other the reason is read',
  )
  await analyst.look('corrections-decided')
}

async function decide({ page }, id, verdict, reason) {
  const card = `[data-proposal="${id}"]`
  await page.click(`${card} [data-open="${verdict}"]`)
  await page.fill(`${card} textarea[name="decision"]`, reason)
  await page.click(`${card} [data-act="${verdict}"]`)
  await page.waitForSelector(card, { state: 'detached' })
}

/** A picture, an empty file and a program under a wrong name: the first proves something, the others are told apart. */
async function proved(desk) {
  const { page, report } = desk
  await desk.go('/records?kind=screening.hit', 'records')
  await page.click('tbody a[href^="/records/"] >> nth=0')
  await desk.ready('record')
  const choose = (files) => page.setInputFiles('[data-part="exhibits"] input[type="file"][multiple]', files)
  await choose([
    { name: 'stamp.png', mimeType: 'image/png', buffer: picture() },
    { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
    { name: 'photograph.jpg.exe', mimeType: 'image/jpeg', buffer: program() },
  ])
  await page.waitForSelector('[data-file-name="empty.txt"] [role="alert"]')
  await page.waitForSelector('[data-file-name="photograph.jpg.exe"] [role="status"]')
  await page.waitForSelector('[data-file-name="stamp.png"][data-stage="done"]')
  await page.locator('[data-form="exhibit"]').scrollIntoViewIfNeeded()
  await page.locator('[data-act="attach"]').scrollIntoViewIfNeeded()
  await desk.look('exhibit-refused')
  report.step('empty: ' + (await page.textContent('[data-file-name="empty.txt"] [role="alert"]')).trim())
  report.step('program: ' + (await page.textContent('[data-file-name="photograph.jpg.exe"] [role="status"]')).trim())
  for (const name of ['empty.txt', 'photograph.jpg.exe'])
    await page.click(`[data-file-name="${name}"] [data-act="remove"]`)
  await page.fill('[data-form="exhibit"] input[name="title"]', 'Stamp in the passport')
  await page.fill(
    '[data-form="exhibit"] textarea[name="how"]',
    'Photographed at the counter, in the presence of the traveller',
  )
  await page.locator('[data-act="attach"]').scrollIntoViewIfNeeded()
  await desk.look('exhibit-new')
  await page.click('[data-form="exhibit"] [data-act="attach"]')
  await page.waitForSelector('[data-exhibit] [data-file] img')
  await desk.look('exhibit')
  await page.click('[data-exhibit] h3 a')
  await desk.ready('record')
  await page.waitForSelector('[data-part="files"] [data-file]')
  await page.waitForFunction(() => document.querySelector('[data-part="files"] img')?.naturalWidth > 0)
  await desk.look('exhibit-page')
  await page.click('[data-part="files"] [data-file]')
  await page.waitForSelector('dialog a[download]')
  await desk.look('exhibit-file')
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('dialog a[download]')])
  report.check(file.suggestedFilename() === 'stamp.png', 'the page of an exhibit lists its files, and gives them')
  await page.keyboard.press('Escape')
}

/** A small invented picture, PNG. */
function picture() {
  const [w, h] = [160, 100]
  const rows = Buffer.alloc(h * (w * 3 + 1))
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const ring = Math.abs(Math.hypot(x - 80, y - 50) - 34) < 3 || (Math.abs(y - 50) < 2 && Math.abs(x - 80) < 24)
      rows.set(ring ? [30, 60, 130] : [238, 232, 215], y * (w * 3 + 1) + 1 + x * 3)
    }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(w, 0)
  head.writeUInt32BE(h, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(8 + data.length + 4)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc(body), 8 + data.length)
    return out
  }
  const sign = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([sign, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
function crc(bytes) {
  let c = 0xffffffff
  for (const b of bytes) {
    c ^= b
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  }
  return (c ^ 0xffffffff) >>> 0
}
/** The first bytes of a Windows program. */
function program() {
  const out = Buffer.alloc(512)
  out.write('MZ', 0)
  out.writeUInt32LE(0x80, 0x3c)
  out.write('PE\0\0', 0x80)
  return out
}

/** Screens of these rooms as they stand after the stories, in the looks that the stories did not photograph. */
const SCREENS = [
  { role: 'supervisor', path: '/privacy', page: 'clocks' },
  { role: 'supervisor', path: '/privacy/holds?state=all', page: 'holds' },
  { role: 'supervisor', path: '/privacy/unmaskings?view=all', page: 'unmaskings' },
  { role: 'supervisor', path: '/requests', page: 'requests' },
  { role: 'supervisor', path: '/proposals', page: 'proposals' },
  { role: 'supervisor', path: '/exports?view=all', page: 'exports' },
  { role: 'analyst', path: '/privacy/unmaskings/mine', page: 'ownunmaskings' },
  { role: 'analyst', path: '/hits', page: 'hits', dialog: 'export' },
]
const LOOKS = [
  { theme: 'dark', lang: 'ru', size: [1366, 768] },
  { theme: 'light', lang: 'ru', size: [360, 740] },
]

export async function papers(browser, options, users) {
  const { report } = options
  for (const look of LOOKS) {
    const tail = `${look.theme}-${look.lang}-${look.size[0]}`
    for (const role of ['supervisor', 'analyst']) {
      const desk = await Desk.open(browser, options, look)
      await desk.signIn(users.find((u) => u.name === role))
      for (const s of SCREENS.filter((s) => s.role === role)) {
        await desk.go(s.path, s.page)
        if (s.dialog) await open(desk)
        const over = await outside(desk)
        if (over.length)
          report.problem(`${s.dialog ?? s.page} ${tail} stands over the edge: ${over.slice(0, 4).join(', ')}`)
        await desk.look(`${s.dialog ?? s.page}-${tail}`)
      }
      await desk.close()
    }
  }
  report.step('papers and privacy photographed')
}

/** What stands over the right edge of the window, except in what scrolls by itself. */
async function outside(desk) {
  return desk.page.evaluate(() => {
    const box = (e) => (e.closest('dialog') ?? document.documentElement).getBoundingClientRect()
    return [...document.querySelectorAll('main *, dialog[open] *')]
      .filter((e) => e.getClientRects().length && !e.closest('.scroll, .tabs, nav, .unseen'))
      .filter((e) => e.getBoundingClientRect().right > box(e).right + 1)
      .map((e) => e.tagName + '.' + e.className)
  })
}
