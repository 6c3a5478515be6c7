/** `--key :row`: the key is the record as a whole. */
export const ROW_KEY = ':row'
