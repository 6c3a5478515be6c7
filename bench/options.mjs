// Reads what is given on the command line.

/** @param {string} name @param {string} text @param {number} [least] */
export function wholeNumber(name, text, least = 1) {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least) return number
  throw new Error(`--${name} must be a whole number from ${least}, not "${text}"`)
}
