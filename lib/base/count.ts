/** 466693 as 466,693. Not by Intl: loading it takes a fifth of the time of a short command. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}
