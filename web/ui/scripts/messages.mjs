// Joins the messages of all rooms into one file for each language: the compiler of messages takes 7 s for one file and
// minutes for twenty. Two rooms with one key are a mistake, and said.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

const from = new URL('../messages/', import.meta.url)
const to = new URL('../node_modules/.messages/', import.meta.url)
mkdirSync(to, { recursive: true })
for (const locale of readdirSync(from)) {
  const all = {}
  for (const file of readdirSync(new URL(`${locale}/`, from)).sort()) {
    const room = JSON.parse(readFileSync(new URL(`${locale}/${file}`, from), 'utf8'))
    for (const [key, text] of Object.entries(room)) {
      if (key !== '$schema' && key in all)
        throw new Error(`messages/${locale}/${file}: the key ${key} is in another room too`)
      all[key] = text
    }
  }
  writeFileSync(new URL(`${locale}.json`, to), JSON.stringify(all))
}
