// tap gives this to Node.js before a test (.taprc). Node.js runs TypeScript then, and a test file starts in under a
// second: tap's own way, ts-node, compiles all that a file imports, in each process anew.
import { register } from 'node:module'

// It keeps ts-node away (.taprc), and must not go on to what the test starts.
delete process.env.TAP_TYPE_STRIP_ONLY
register('./hooks.mjs', import.meta.url)
