import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedServer } from './server.js'

/** The main module of a process that stop-on-exit.ts starts: stops the server of a home if no process uses it. */

const [home] = process.argv.slice(2)
// The process that started this one is still ending.
await sleep(200)
await new EmbeddedServer({ home: home as string }).stopIfUnused()
