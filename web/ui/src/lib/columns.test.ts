import { describe, expect, it } from 'vitest'
import { asText, nextOrder, readLayout, shownColumns, sorted, type Column } from './columns'

interface Row {
  name: string
  n?: number
}
const columns: Column<Row>[] = [
  { id: 'name', title: 'Name', text: (r) => r.name, sort: (r) => r.name },
  { id: 'n', title: 'N', text: (r) => String(r.n ?? ''), sort: (r) => r.n, hidden: true },
]

it('shows what was chosen, and never nothing', () => {
  expect(shownColumns(columns, { hidden: {}, widths: {} }).map((c) => c.id)).toEqual(['name'])
  expect(shownColumns(columns, { hidden: { n: false }, widths: {} }).map((c) => c.id)).toEqual(['name', 'n'])
  expect(shownColumns(columns, { hidden: { name: true }, widths: {} }).map((c) => c.id)).toEqual(['name'])
})

it('survives a broken memory of the browser', () => {
  expect(readLayout('{')).toEqual({ hidden: {}, widths: {} })
  expect(readLayout(null)).toEqual({ hidden: {}, widths: {} })
})

it('sorts up, down, then as it came', () => {
  expect(nextOrder(undefined, 'n')).toEqual({ id: 'n', down: false })
  expect(nextOrder({ id: 'n', down: false }, 'n')).toEqual({ id: 'n', down: true })
  expect(nextOrder({ id: 'n', down: true }, 'n')).toBeUndefined()
})

describe('sorted', () => {
  const rows: Row[] = [{ name: 'б', n: 10 }, { name: 'А' }, { name: 'в', n: 9 }]
  it('compares words as the language does', () =>
    expect(sorted(rows, columns[0], false, 'ru').map((r) => r.name)).toEqual(['А', 'б', 'в']))
  it('keeps unknown values last either way', () => {
    expect(sorted(rows, columns[1], false, 'ru').map((r) => r.n)).toEqual([9, 10, undefined])
    expect(sorted(rows, columns[1], true, 'ru').map((r) => r.n)).toEqual([10, 9, undefined])
  })
})

it('copies text that no spreadsheet runs as a formula', () => {
  expect(asText(columns.slice(0, 1), [{ name: '=HYPERLINK("x")' }, { name: 'a\tb' }, { name: '-5' }])).toBe(
    'Name\n\'=HYPERLINK("x")\na b\n-5',
  )
})
