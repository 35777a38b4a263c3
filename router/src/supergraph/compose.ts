import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { composeServices } from '@apollo/composition'
import { parse, Source } from 'graphql'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { fieldSetConflicts } from './field-set-conflicts.ts'

/** The file format of `rover supergraph compose`, as far as subgraphs are read from files. */
const fileSchema = z.object({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z
    .record(
      z.string(),
      z.object({ routing_url: z.string().min(1), schema: z.object({ file: z.string().min(1) }) }),
    )
    .refine((subgraphs) => Object.keys(subgraphs).length > 0, { error: 'names no subgraph' }),
})

/**
 * Composes the subgraphs that a `supergraph.yaml` names; files are relative to it. Throws an Error whose message
 * names every fault. Hints are faults too: differences between copies of an input or of a nullability are only hints,
 * and composition then silently takes the narrower one.
 */
export async function compose(file: string): Promise<{ supergraphSdl: string }> {
  const { subgraphs } = await readComposition(file)
  const services = await Promise.all(
    Object.entries(subgraphs).map(async ([name, { routing_url, schema }]) => ({
      name,
      url: routing_url,
      typeDefs: await readSchema(name, resolve(dirname(file), schema.file)),
    })),
  )
  const { errors, hints, supergraphSdl } = composeServices(services)
  const faults = [
    ...fieldSetConflicts(services).map((fault) => `FIELD_SET_ARGUMENTS: ${fault}`),
    ...(errors ?? []).map(({ message, extensions }) => `${textOf(extensions.code, 'ERROR')}: ${message}`),
    ...(hints ?? []).map(({ definition, message }) => `${definition.code}: ${message}`),
  ]
  if (faults.length > 0 || supergraphSdl === undefined)
    throw new Error([`${file} does not compose:`, ...faults.map((fault) => `  ${fault}`)].join('\n'))
  return { supergraphSdl }
}

/** The composition file itself and the schema files that it names. Throws as `compose` does. */
export async function filesOfComposition(file: string): Promise<string[]> {
  const { subgraphs } = await readComposition(file)
  return [file, ...Object.values(subgraphs).map(({ schema }) => resolve(dirname(file), schema.file))]
}

async function readComposition(file: string): Promise<z.infer<typeof fileSchema>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`${file} cannot be read`, { cause })
  })
  try {
    return fileSchema.parse(parseYaml(text))
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause)
    throw new Error(`${file} is not a composition file:\n${problem}`, { cause })
  }
}

async function readSchema(name: string, file: string) {
  try {
    return parse(new Source(await readFile(file, 'utf8'), file))
  } catch (cause) {
    throw new Error(`The schema of subgraph "${name}" (${file}) cannot be read: ${messageOf(cause)}`, {
      cause,
    })
  }
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))
const textOf = (value: unknown, fallback: string) => (typeof value === 'string' ? value : fallback)
