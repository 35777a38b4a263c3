import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'
import { link, schemas, subgraphNames, type SubgraphName } from './graph.ts'

/** Runs a program of this folder in a process of its own. */
export const start = (file: string, args: readonly string[] = [], execArgv: string[] = []): ChildProcess =>
  fork(join(import.meta.dirname, file), args, {
    execArgv,
    env: { ...process.env, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true' },
  })

/** What a process says next. */
export async function told<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, 'message')) as [Message]
  return message
}

export function compose(services: readonly { name: string; url: string; sdl: string }[]): string {
  const { supergraphSdl, errors } = composeServices(
    services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
  )
  if (!supergraphSdl) throw new Error(String(errors))
  return supergraphSdl
}

/** The graph of `graph.ts`. */
export const composeGraph = (urls: Readonly<Record<SubgraphName, string>>): string =>
  compose(subgraphNames.map((name) => ({ name, url: urls[name], sdl: link + schemas[name] })))
