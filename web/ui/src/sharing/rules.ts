import type { AgreementKind } from '../api/sharing'

/** How one kind is narrowed while an agreement is written. */
export interface KindWish {
  how: '' | 'only' | 'except'
  fields: string[]
}

/** The kind for which a rule was chosen and no field; undefined when all are whole. */
export const badKind = (rules: Record<string, KindWish>): string | undefined =>
  Object.entries(rules).find(([, r]) => r.how && !r.fields.length)?.[0]

export const rulesOf = (rules: Record<string, KindWish>): AgreementKind[] =>
  Object.entries(rules).flatMap(([kind, r]) => (r.how && r.fields.length ? [{ kind, [r.how]: r.fields }] : []))
