/** The width of a text in a terminal; build.mjs uses it instead of the package of this name. */
module.exports = (/** @type {string} */ text) => text.length
