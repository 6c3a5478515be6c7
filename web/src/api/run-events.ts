import { Problem, send } from './request.js'
import type { Run } from './runs.js'

/** What the service tells of a run while it is at work (GET /v1/runs/N/events). */

export interface Progress {
  readonly bytes: number
  readonly totalBytes: number | null
  readonly records: number
  readonly perSecond: number
  readonly secondsLeft: number | null
}

export interface RunListener {
  onPhase(phase: string): void
  onProgress(progress: Progress): void
  /** The run has ended. */
  onEnd(receipt: Run): void
  /** Whether the service answers. If it does not, it is tried again. */
  onConnection(isThere: boolean): void
}

const PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 15_000

/**
 * Follows a run to its end, over connections that break. (EventSource cannot send the header that the cookie needs.)
 * @throws Problem that trying again does not help against
 */
export async function followRun(run: number, listener: RunListener, signal: AbortSignal): Promise<void> {
  let lastId = ''
  for (let failures = 0; !signal.aborted; ) {
    try {
      const headers = { accept: 'text/event-stream', ...(lastId !== '' && { 'last-event-id': lastId }) }
      const response = await send('GET', `/v1/runs/${run}/events`, { headers, signal })
      if (response.status === 204 || !response.body) return
      listener.onConnection(true)
      for await (const { id, event, data } of eventsIn(response.body)) {
        failures = 0
        if (id !== '') lastId = id
        if (hear(listener, event, data)) return
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem && error.status >= 400 && error.status < 500) throw error
      listener.onConnection(false)
    }
    failures += 1
    await pause(Math.min(PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal)
  }
}

/** @returns whether it was the last */
function hear(listener: RunListener, event: string, data: string): boolean {
  if (event === 'phase') listener.onPhase(JSON.parse(data).phase)
  else if (event === 'progress') listener.onProgress(JSON.parse(data))
  else if (event === 'receipt' || event === 'failed') {
    listener.onEnd(JSON.parse(data))
    return true
  }
  return false
}

interface ServerEvent {
  id: string
  event: string
  data: string
}

/** Server-Sent Events, as the HTML standard has them. */
async function* eventsIn(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream()) as never as AsyncIterable<string>) {
    const blocks = (rest + text).replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = { id: '', event: 'message', data: '' }
      for (const line of block.split('\n')) {
        const [, name, value = ''] = /^(id|event|data): ?(.*)$/.exec(line) ?? []
        if (name !== undefined) event[name as keyof ServerEvent] = value
      }
      if (event.data !== '') yield event
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
