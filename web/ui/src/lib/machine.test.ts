import { beforeAll, describe, expect, it } from 'vitest'
import { doing } from '../oversight/actions'
import { overwriteGetLocale } from '../paraglide/runtime'
import { actName } from './acts'
import { actorName, machinePart } from './machine'

beforeAll(() => overwriteGetLocale(() => 'en'))

describe('who acted', () => {
  it.each([
    [{ id: 'machine:screening', display: 'screening' }, 'Machine: screening'],
    [{ id: 'machine:demo', display: '' }, 'Machine: demo data'],
    ['machine:screening', 'Machine: screening'],
    [{ id: 'machine:another', display: 'another' }, 'Machine: another'],
    [{ id: 'u-1', display: 'Aliya Seitova' }, 'Aliya Seitova'],
    [{ id: 'u-1', display: '' }, 'u-1'],
    [{ display: 'Aliya Seitova' }, 'Aliya Seitova'],
    ['Aliya Seitova', 'Aliya Seitova'],
    [undefined, ''],
  ])('%j is %s', (by, name) => expect(actorName(by)).toBe(name))

  it('takes nobody whose id only begins alike for a machine', () => {
    expect(machinePart('machinery')).toBeUndefined()
    expect(machinePart(undefined)).toBeUndefined()
  })
})

// The actions the node writes into its log, and the steps of a hit and an instruction: none is shown as a code.
const LOG =
  'read list search mentions revisions import create claim release take-over decide undo send acknowledge outcome follow screen not-screened oversee verify erase revise propose withdraw export hand-over sign-in sign-out sign-in-refused session-revoke session-revoke-all purpose-set user-create user-change user-disable user-enable password-set password-rehash totp-offer totp-confirm totp-use totp-remove'
const STEPS =
  'found claim release take-over confirm dismiss undo evidence reopen moved instruct send acknowledge outcome withdraw'
it.each(LOG.split(' '))('the log has a word for %s', (code) => expect(doing(code)).not.toBe(code))
it.each(STEPS.split(' '))('a history has a word for %s', (code) => expect(actName(code)).not.toBe(code))
