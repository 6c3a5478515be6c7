/** `--key :row`: the whole record is the key. */
export const ROW_KEY = ':row'
