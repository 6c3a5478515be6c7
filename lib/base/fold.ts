/** Folds a name: names that differ only in case, spaces and underscores become equal. */
export function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_]/g, '')
}

/** Whether a name can be the number of a column: `3` in `--map 3=name`. */
export function isPosition(name: string): boolean {
  return /^[1-9]\d{0,3}$/.test(name)
}
