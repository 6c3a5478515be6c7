import { type Fragment, fromCatalog, ident, literal } from '../db/sql.js'
import { OWN_SCHEMA } from '../own-schema.js'

/** What locks.ts calls CLASS + 3. */
const LOCK_CLASS = 1684108156

/** What a live aggregate is made of, by its number: see sql/migrations/000009_append_only_aggregates.sql. */
export function partsOf(id: number) {
  const names = {
    storage: `groups_${id}`,
    marks: `marks_${id}`,
    epochs: `epochs_${id}`,
    tracker: trackerName(id),
    follow: `follow_${id}`,
    amend: `amend_${id}`,
  }
  const own = (name: string): Fragment => ident(OWN_SCHEMA, name)
  const text = (name: string): Fragment => literal(own(name).sql)
  return {
    id: fromCatalog(String(id)),
    lock_class: fromCatalog(String(LOCK_CLASS)),
    storage: own(names.storage),
    marks: own(names.marks),
    epochs: own(names.epochs),
    tracker: own(names.tracker),
    follow: own(names.follow),
    amend: own(names.amend),
    storage_name: text(names.storage),
    marks_name: text(names.marks),
    epochs_name: text(names.epochs),
    column_name: literal(names.tracker),
    follow_name: literal(names.follow),
    on_begin: ident(`dasy_${id}_begin`),
    on_insert: ident(`dasy_${id}_insert`),
    on_update: ident(`dasy_${id}_update`),
    on_delete: ident(`dasy_${id}_delete`),
    on_truncate: ident(`dasy_${id}_truncate`),
    amend_trigger: ident(`dasy_${id}_amend`),
  } satisfies Record<string, Fragment>
}

function trackerName(id: number): string {
  return `column_${id}`
}
