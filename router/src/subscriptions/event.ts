/** An event as its subscribers get it: the same bytes for all of them. */
export interface StreamEvent {
  /** JSON of the answer, without line breaks. */
  readonly payload: Buffer
  /** What it is the state of; undefined for an event that no later one makes superfluous. */
  readonly key: string | undefined
  /** How new the state is; undefined: as new as it is late. */
  readonly version: unknown
}

/** Whether `event` says less than what is known already. Versions are numbers, or texts of digits, or times. */
export function isOlder({ version }: StreamEvent, known: StreamEvent | undefined): boolean {
  if (!known || isAbsent(version) || isAbsent(known.version)) return false
  const [mine, theirs] = [toComparable(version), toComparable(known.version)]
  return mine !== null && theirs !== null && mine < theirs
}

const isAbsent = (version: unknown) => version === undefined || version === null

function toComparable(version: unknown): number | bigint | null {
  if (typeof version === 'number') return version
  if (typeof version !== 'string') return null
  if (/^\d+$/.test(version)) return BigInt(version)
  const time = Date.parse(version)
  return Number.isNaN(time) ? null : time
}
