/**
 * Every sentence the web app can say: the literals of `t('…')` and `tn(count, '…', '…')`, found with the TypeScript
 * compiler, and what is wrong with calls that no catalogue could translate.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

/** The names in {braces} of a text, sorted. */
export const placeholders = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()

function literal(node) {
  return node && ts.isStringLiteralLike(node) ? node.text : null
}

/** Whether a call runs while its module loads: its sentence would stay in the language of that moment. */
function runsAtLoad(node) {
  for (let at = node.parent; at; at = at.parent) if (ts.isFunctionLike(at)) return false
  return true
}

/** The sentences of one source, and its faults as `file:line: fault`. */
export function sentencesIn(fileName, text) {
  const kind = fileName.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.ESNext, true, kind)
  const sentences = []
  const faults = []
  const visit = (node) => {
    ts.forEachChild(node, visit)
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return
    const name = node.expression.text
    if (name !== 't' && name !== 'tn') return
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
    const fault = (what) => faults.push(`${fileName}:${line}: ${what}`)
    const [one, other] =
      name === 't' ? [null, literal(node.arguments[0])] : node.arguments.slice(1, 3).map(literal)
    if (other == null || (name === 'tn' && one === null)) fault(`${name}() needs a literal sentence`)
    else sentences.push(name === 't' ? { key: other, line } : { key: other, one, line })
    if (runsAtLoad(node)) fault(`${name}() runs before a language is chosen: call it in a function`)
  }
  visit(source)
  return { sentences, faults }
}

const IS_SOURCE = /\.tsx?$/
const IS_TEST = /\.(test|live|d)\.tsx?$/

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && IS_SOURCE.test(entry.name) && !IS_TEST.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

/** Key → the sentence, its singular where it counts, and where it is said; all faults of the folder. */
export function collect(folder) {
  const found = new Map()
  const faults = []
  for (const file of sourceFiles(folder)) {
    const read = sentencesIn(relative(folder, file), readFileSync(file, 'utf8'))
    faults.push(...read.faults)
    for (const { key, one = null, line } of read.sentences) {
      const place = `${relative(folder, file)}:${line}`
      const known = found.get(key)
      if (!known) found.set(key, { one, places: [place] })
      else if (known.one !== one) faults.push(`${place}: “${key}” is said with another singular elsewhere`)
      else known.places.push(place)
    }
  }
  return { found, faults }
}
