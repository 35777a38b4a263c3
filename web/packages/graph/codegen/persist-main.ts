/**
 * `npm run persist`: writes the manifest of registered operations, SHA-256 of a text → text, for `persisted.manifest` of
 * router.yaml: what the web sends, and what partners' routes run. Comes after `npm run codegen`, which does it, too.
 */
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, print, separateOperations } from 'graphql'
import { readSentOperations } from './sent-operations.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..')
const folder = join(root, 'generated')

const partners = globSync('partners/*.graphql', { cwd: root }).map((file) =>
  readFileSync(join(root, file), 'utf8'),
)
const ofPartners = Object.values(separateOperations(parse(partners.join('\n')))).map(print)
const texts = [...(await readSentOperations()), ...ofPartners].toSorted()
const manifest = Object.fromEntries(
  texts.map((text) => [createHash('sha256').update(text).digest('hex'), text]),
)
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'operations.json'), `${JSON.stringify(manifest, null, 2)}\n`)
console.log(`generated/operations.json has ${Object.keys(manifest).length} operations`)
