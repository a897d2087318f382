import { sharing, type SharingPreview } from '../api/sharing'

/** What one question asks of the node at most. */
const MOST = 50

/** What every partner would get of a record, and why the others get nothing: what can go first. */
export async function previewAll(record: string, signal: AbortSignal): Promise<SharingPreview> {
  const nodes = (await sharing.parties({ signal })).items.map((p) => p.node)
  let all = await sharing.preview(record, nodes.slice(0, MOST), { signal })
  for (let from = MOST; from < nodes.length; from += MOST) {
    const more = await sharing.preview(record, nodes.slice(from, from + MOST), { signal })
    all = { ...more, for: [...all.for, ...more.for] }
  }
  return all
}
