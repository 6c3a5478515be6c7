import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedServer } from './server.js'

/** Run as a process of its own (deputy.ts): stops the server of a home if nobody uses it any more. */

const [home] = process.argv.slice(2)
// The one who sent us needs a moment to be gone.
await sleep(200)
await new EmbeddedServer({ home: home as string }).stopIfUnused()
