// The servers that cases run on. There is one at a time, so that none writes while another is measured.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { copiedBinaries, packagedBinaries } from '../../dist/db/embedded/binaries.js'
import { serverIdentity } from '../../dist/db/embedded/identity.js'
import { startCluster } from './cluster.mjs'
import { startEmbedded } from './embedded.mjs'

const DEBIANS = '/usr/lib/postgresql/15/bin'

/**
 * @typedef {object} Server
 * @property {string} url
 * @property {string} [log] the file that it logs to
 * @property {() => Promise<void>} destroy stops it and removes its data
 *
 * @typedef {'embedded' | 'defaults-18' | 'defaults-15'} ServerName
 */

/** @type {Record<ServerName, (folder: string) => Promise<Server>>} */
export const servers = {
  embedded: startEmbedded,
  'defaults-18': async (folder) => await startCluster(folder, join(await packaged(folder), 'bin')),
  'defaults-15': async (folder) => await startCluster(folder, DEBIANS),
}

/** Why a server cannot be started on this machine. @param {ServerName} name */
export function lackOf(name) {
  const lacks = name === 'defaults-15' && !existsSync(join(DEBIANS, 'initdb'))
  return lacks ? 'PostgreSQL 15 is not on this machine (apt-get install postgresql-15)' : undefined
}

/** The programs of the embedded server, where the user that the server runs as can run them. @param {string} folder */
async function packaged(folder) {
  const as = await serverIdentity(undefined)
  const binaries = await packagedBinaries()
  if (await binaries.repair(as)) return binaries.folder
  return (await copiedBinaries(binaries, join(folder, 'binaries'), as)).folder
}
