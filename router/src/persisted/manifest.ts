import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Kind, parse } from 'graphql'
import { z } from 'zod'

/** Texts of operations by their SHA-256 in hex. */
export type Manifest = ReadonlyMap<string, string>

/** What operations of a manifest are called. */
export const namesIn = (manifest: Manifest): ReadonlySet<string> =>
  new Set(
    [...manifest.values()]
      .flatMap((text) => parse(text).definitions)
      .flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION && one.name ? [one.name.value] : [])),
  )

export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Reads a manifest; throws when it is not one, or when a text does not have the hash that it stands under. */
export async function readManifest(path: string): Promise<Manifest> {
  const entries = Object.entries(
    z.record(z.string(), z.string()).parse(JSON.parse(await readFile(path, 'utf8'))),
  )
  const wrong = entries.find(([hash, text]) => hashOf(text) !== hash)
  if (wrong) throw new Error(`${path}: the text under ${wrong[0]} has another hash`)
  return new Map(entries)
}
