import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A network between a client and a server that does what networks do: delays, cuts, resets, swallows. */

export interface Target {
  readonly host: string
  readonly port: number
}

/** Seen from the client: what it sends, and what it receives. */
export type Direction = 'up' | 'down'

/** How a connection ends: in good order, with a reset, or not at all, it just falls silent. */
export type Fault = 'cut' | 'reset' | 'swallow'

export interface Trouble {
  readonly fault: Fault
  /** Asked at everything that a connection forwards: true, and it befalls that connection. */
  readonly when: Trigger
  /** `swallow` in this direction only; else both. */
  readonly only?: Direction
}

export type Trigger = (seen: Seen) => boolean

export interface Seen {
  readonly direction: Direction
  readonly chunk: Buffer
  /** In this direction since the connection began, this chunk included. */
  readonly bytes: number
  /** Counted from 1, in the order in which they came. */
  readonly connection: number
  /** What the client calls itself: PostgreSQL's application_name. */
  readonly client: string
}

export class FaultyNetwork {
  /** Waits so long before it forwards a chunk, in either direction. */
  delayMs = 0
  /** How many troubles have befallen a connection. */
  befallen = 0
  connections = 0
  readonly port: number
  readonly #server: Server
  readonly #target: Target
  readonly #links = new Set<Link>()
  #troubles: Trouble[] = []
  #comers: Fault | undefined

  private constructor(server: Server, target: Target) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as { port: number }).port
    server.on('connection', (socket) => this.#accept(socket))
  }

  static async start(target: Target): Promise<FaultyNetwork> {
    const server = createServer({ allowHalfOpen: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    server.unref() // a connection that hangs, as some must, keeps no test from ending
    return new FaultyNetwork(server, target)
  }

  /** The next connections that these hold for, one each. */
  expect(...troubles: Trouble[]): void {
    this.#troubles.push(...troubles)
  }

  /** From now on, until it is mended: what befalls the connections there are, and those to come. */
  breakDown(fault: Fault, comers = fault): void {
    this.#comers = comers
    for (const link of this.#links) link.suffer(fault)
  }

  /** New connections go through again. */
  mend(): void {
    this.#comers = undefined
    this.#troubles = []
  }

  close(): void {
    for (const link of this.#links) link.suffer('reset')
    this.#server.close()
  }

  #accept(client: Socket): void {
    this.connections += 1
    const link = new Link(client, this.#target, this.connections, {
      delayMs: () => this.delayMs,
      troubleFor: (seen) => {
        const trouble = this.#troubles.find(({ when }) => when(seen))
        if (!trouble) return undefined
        this.#troubles = this.#troubles.filter((each) => each !== trouble)
        this.befallen += 1
        return trouble
      },
    })
    this.#links.add(link)
    link.closed.then(() => this.#links.delete(link))
    if (this.#comers) link.suffer(this.#comers)
  }
}

interface Rules {
  delayMs(): number
  troubleFor(seen: Seen): Trouble | undefined
}

/** One connection through the proxy. */
class Link {
  readonly closed: Promise<unknown>
  readonly #sockets: Record<Direction, Socket>
  readonly #silent = { up: false, down: false }
  #client = ''

  constructor(client: Socket, target: Target, connection: number, rules: Rules) {
    const server = dial({ ...target, allowHalfOpen: true })
    // Named by what they carry away: what the client sends is read from its socket.
    this.#sockets = { up: client, down: server }
    this.closed = Promise.all(
      [client, server].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    )
    for (const direction of ['up', 'down'] as const) {
      this.#sockets[direction]
        .setNoDelay(true)
        .unref()
        .on('error', () => this.suffer('reset'))
      this.#forward(direction, connection, rules).catch(() => this.suffer('reset'))
    }
  }

  suffer(fault: Fault, only?: Direction): void {
    if (fault === 'swallow') {
      for (const direction of ['up', 'down'] as const)
        this.#silent[direction] ||= (only ?? direction) === direction
      return
    }
    for (const socket of Object.values(this.#sockets)) {
      // Node cannot reset what is being shut down: it would never close, and spin at the end of the process.
      if (fault === 'reset' && !socket.writableEnded) socket.resetAndDestroy()
      else if (fault === 'reset') socket.destroy()
      else socket.end(() => socket.destroy())
    }
  }

  async #forward(direction: Direction, connection: number, rules: Rules): Promise<void> {
    const from = this.#sockets[direction]
    const to = this.#sockets[direction === 'up' ? 'down' : 'up']
    let bytes = 0
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (direction === 'up' && bytes === 0) this.#client = nameIn(chunk)
      bytes += chunk.length
      const trouble = rules.troubleFor({ direction, chunk, bytes, connection, client: this.#client })
      // Before the chunk is forwarded: an answer that is cut off does not arrive.
      if (trouble && direction === 'down') this.suffer(trouble.fault, trouble.only)
      if (rules.delayMs() > 0) await sleep(rules.delayMs())
      if (!this.#silent[direction] && !to.destroyed && !to.write(chunk)) await drained(to)
      if (trouble && direction === 'up') this.suffer(trouble.fault, trouble.only)
    }
    if (!this.#silent[direction]) to.end()
  }
}

/** PostgreSQL's first message is a list of names and values, each ended by a zero byte. */
function nameIn(startup: Buffer): string {
  const words = startup.toString('latin1').split('\0')
  return words[words.indexOf('application_name') + 1] ?? ''
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}
