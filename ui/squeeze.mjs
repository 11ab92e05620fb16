// A large file made smaller for the program that carries it: node squeeze.mjs FROM TO
import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants } from 'node:zlib'

const [from, to] = process.argv.slice(2)
const whole = readFileSync(from)
const params = {
  [constants.BROTLI_PARAM_QUALITY]: 9, // the last two steps take minutes for a hundredth
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_SIZE_HINT]: whole.length,
}
writeFileSync(to, brotliCompressSync(whole, { params }))
