// The embedded server, with dasy's settings.
import { dirname, join } from 'node:path'
import { EmbeddedServer } from '../../dist/db/embedded/server.js'

/** @param {string} folder @returns {Promise<import('./index.mjs').Server>} */
export async function startEmbedded(folder) {
  const server = new EmbeddedServer({ home: join(folder, 'home') })
  try {
    const { dataDirectory } = await server.keep()
    return {
      url: await server.url(),
      log: join(dirname(/** @type {string} */ (dataDirectory)), 'log'),
      destroy: () => server.destroy(),
    }
  } catch (error) {
    await server.destroy()
    throw error
  }
}
