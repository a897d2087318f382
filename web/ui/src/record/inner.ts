/** Fields that say how a record came and how it is told apart: for those who ask, not for the first look. */
const INNER = /^(sources|raw|problems|marks?|mark|key|fingerprint|hash|publication|message|segment|seen)\b/

export const isInner = (code: string): boolean =>
  INNER.test(code) ||
  /^(id|proves(\.\d+)?|subject)$/.test(code) ||
  /\.(quality|original|former|restored|mark)$/.test(code)
