import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTokenIn } from '../api/tokens.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'

/** The first admin token of a database that has had none, or the file in which it is. */
export interface FirstToken {
  readonly token: string | null
  readonly tokenFile: string | null
}

/** @param isShown whether the caller shows it; otherwise only a file has it, which its owner alone can read */
export async function firstToken(session: Session, home: string, isShown: boolean): Promise<FirstToken> {
  return await session.transaction(async () => {
    // Another "dasy serve" may begin at the same time.
    await session.run(query`LOCK TABLE dasy.tokens IN SHARE ROW EXCLUSIVE MODE`)
    const row = await session.row<{ exists: boolean }>(
      query`SELECT EXISTS (SELECT FROM dasy.tokens) AS exists`,
    )
    if (row?.exists) return { token: null, tokenFile: null }
    const { token } = await createTokenIn(session, { name: 'admin', scope: 'admin', seconds: null })
    return isShown ? { token, tokenFile: null } : { token: null, tokenFile: await written(home, token) }
  })
}

async function written(home: string, token: string): Promise<string> {
  const file = join(home, 'admin-token')
  await mkdir(home, { recursive: true })
  // One that is there may have other permissions, or be a link.
  await rm(file, { force: true })
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
  return file
}
