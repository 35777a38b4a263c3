import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

export type { Logger } from 'pino'

const secretNames = [
  'authorization',
  'cookie',
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  '["set-cookie"]',
  '["x-internal-identity"]',
]

/** JSON lines on standard output; values under secret names are replaced down to the third level. */
export function createLogger(
  { name, level = 'info' }: { readonly name: string; readonly level?: string },
  destination?: DestinationStream,
): Logger {
  const options = {
    name,
    level,
    redact: { paths: secretNames.flatMap(atEachLevel), censor: '[secret]' },
    errorKey: 'error',
  }
  return destination ? pino(options, destination) : pino(options)
}

function atEachLevel(name: string): string[] {
  const member = name.startsWith('[') ? name : `.${name}`
  return [name, `*${member}`, `*.*${member}`]
}
