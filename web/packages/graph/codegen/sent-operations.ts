import { globSync } from 'node:fs'
import { join } from 'node:path'
import { addTypenameToDocument } from '@apollo/client/utilities/index.js'
import { getOperationAST, print, type DocumentNode } from 'graphql'

const web = join(import.meta.dirname, '..', '..', '..')

/** The texts that the web sends: every operation of its parts as Apollo Client prints it, with `__typename` everywhere. */
export async function readSentOperations(): Promise<string[]> {
  const files = globSync('{apps,packages}/*/src/generated/documents.ts', { cwd: web }).sort()
  const modules = await Promise.all(
    files.map((file) => import(join(web, file)) as Promise<Record<string, unknown>>),
  )
  return modules
    .flatMap((exported) => Object.values(exported))
    .filter(isDocument)
    .filter((document) => getOperationAST(document))
    .map((document) => print(addTypenameToDocument(document)))
}

const isDocument = (value: unknown): value is DocumentNode =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Document'
