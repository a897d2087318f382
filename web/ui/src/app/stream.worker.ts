/**
 * One event stream for all tabs of a browser: a SharedWorker holds it and tells every tab. Browsers allow six connections
 * to a host over HTTP/1.1; six tabs with a stream each would leave none for work.
 */
import { Stream, type Heard, type Said } from './stream'

const ports = new Set<MessagePort>()
let session = ''
/** What a tab that comes late must know. */
let last: Heard | undefined
let lost = false

const stream = new Stream((what) => {
  lost = what.kind === 'lost'
  if (what.kind === 'status') last = what
  for (const port of ports) port.postMessage(what)
})

function said(port: MessagePort, what: Said): void {
  if (what.kind === 'leave') {
    ports.delete(port)
    if (ports.size === 0) {
      stream.close()
      session = ''
      last = undefined
    }
    return
  }
  ports.add(port)
  if (what.session !== session) {
    session = what.session
    last = undefined
    stream.open()
    return
  }
  if (lost) port.postMessage({ kind: 'lost' } satisfies Heard)
  else if (last) port.postMessage(last)
}

addEventListener('connect', (event) => {
  for (const port of (event as MessageEvent).ports) {
    port.addEventListener('message', (message: MessageEvent<Said>) => said(port, message.data))
    port.start()
  }
})
