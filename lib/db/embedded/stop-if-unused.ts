import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedServer } from './server.js'

/** Run as a process of its own (deputy.ts): stops the server of a home if no process uses it. */

const [home] = process.argv.slice(2)
// The process that started this one needs a moment to end.
await sleep(200)
await new EmbeddedServer({ home: home as string }).stopIfUnused()
