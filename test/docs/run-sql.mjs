// Runs the SQL on standard input in the database that DATABASE_URL names: psql may not be there.
import { readFileSync } from 'node:fs'
import pg from 'pg'

const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
try {
  await client.query(readFileSync(0, 'utf8'))
} finally {
  await client.end()
}
