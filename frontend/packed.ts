/** Packs the built texts once, so that the server only hands them out (backend/frontend.py). */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(js|css|svg|json|webmanifest|wasm)$/
/** Below this, the saving is lost in one packet. */
const WORTH_IT = 1_000
/** Nearly the smallest, in a tenth of the time. */
const QUALITY = 9

async function pack(file: string): Promise<void> {
  const text = await readFile(file)
  if (text.length < WORTH_IT) return
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  }
  await writeFile(`${file}.br`, await promisify(brotliCompress)(text, { params }))
  await writeFile(`${file}.gz`, await promisify(gzip)(text, { level: 9 }))
}

export function packed(): Plugin {
  let folder = ''
  let writes = true
  return {
    name: 'packed',
    apply: 'build',
    enforce: 'post',
    configResolved({ build, root }) {
      folder = join(root, build.outDir)
      writes = build.write
    },
    async closeBundle() {
      if (!writes) return
      const files = await readdir(folder, { recursive: true })
      await Promise.all(files.filter((name) => TEXT.test(name)).map((name) => pack(join(folder, name))))
    },
  }
}
