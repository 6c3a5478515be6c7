/** Names that differ only by case, spaces and underscores are taken for one. */
export function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_]/g, '')
}

/** Whether a name may be a column's number instead: `3` in `--map 3=name`. */
export function isPosition(name: string): boolean {
  return /^[1-9]\d{0,3}$/.test(name)
}
