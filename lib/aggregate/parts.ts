import { OWN_SCHEMA } from '../base/own-schema.js'
import { AGGREGATES } from '../db/locks.js'
import { type Fragment, ident, literal, number } from '../db/sql.js'

/** The objects of a live aggregate: see sql/migrations/000003_aggregates.sql. */
export function partsOf(id: number) {
  const names = {
    storage: storageName(id),
    marks: `marks_${id}`,
    epochs: `epochs_${id}`,
    tracker: trackerName(id),
    follow: `follow_${id}`,
    amend: `amend_${id}`,
  }
  const own = (name: string): Fragment => ident(OWN_SCHEMA, name)
  const text = (name: string): Fragment => literal(own(name).sql)
  return {
    id: number(id),
    lock_class: number(AGGREGATES),
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

export function storageName(id: number): string {
  return `groups_${id}`
}

function trackerName(id: number): string {
  return `column_${id}`
}

/** A table of groups and its indexes: the storage of an aggregate, or a prepared table. */
export function storageOf(name: string) {
  return {
    storage: ident(OWN_SCHEMA, name),
    level_index: ident(levelIndex(name)),
    value_index: ident(valueIndex(name)),
    own_value_index: ident(OWN_SCHEMA, valueIndex(name)),
  } satisfies Record<string, Fragment>
}

export function renaming(from: string, to: string) {
  return {
    storage: ident(OWN_SCHEMA, from),
    old_level_index: ident(OWN_SCHEMA, levelIndex(from)),
    old_value_index: ident(OWN_SCHEMA, valueIndex(from)),
    name: ident(to),
    level_index: ident(levelIndex(to)),
    value_index: ident(valueIndex(to)),
  } satisfies Record<string, Fragment>
}

function levelIndex(name: string): string {
  return `${name}_level`
}

function valueIndex(name: string): string {
  return `${name}_value`
}
