import { relative } from 'node:path'
import { ConfigError } from '@mall/service/config'
import { getLocation, type ASTNode } from 'graphql'

/** What is wrong with a file of the partners' folder. Lines count from 1. */
export function faultAt(file: string, line: number, problem: string): ConfigError {
  return new ConfigError([{ variable: 'partners', problem: `${shown(file)}:${line}: ${problem}` }])
}

/** The same at a node of a GraphQL document, whose source is named after its file. */
export function faultAtNode(node: ASTNode | undefined, problem: string): ConfigError {
  const { loc } = node ?? {}
  if (!loc) return new ConfigError([{ variable: 'partners', problem }])
  return faultAt(loc.source.name, getLocation(loc.source, loc.start).line, problem)
}

/** A path as somebody in the project's folder would write it. */
function shown(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') ? file : path
}
