import { m } from '../paraglide/messages'

const FACTS: Record<string, (value: string) => string> = {
  leaf: (v) => m.fact_leaf({ v: v.slice(0, 8) }),
  'one-in': (v) => m.fact_one_in({ v }),
  local: (v) => m.fact_local({ v }),
  seconds: (v) => m.fact_seconds({ v }),
  looks: (v) => m.fact_looks({ v }),
  persons: () => '',
  day: () => '',
}

/** Why a question was asked, in figures; a code this build does not know keeps its value. */
export function drawnBy(facts: { code: string; value: string }[]): string {
  return facts
    .map((f) => (FACTS[f.code] ? FACTS[f.code]?.(f.value) : `${f.code} ${f.value}`))
    .filter(Boolean)
    .join(', ')
}
