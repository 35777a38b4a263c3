export type MediaType = 'application/json' | 'application/graphql-response+json'

/** Which of the two forms of an answer a client wants; null when it takes neither. Nothing said means plain JSON. */
export function negotiate(accept: string | undefined): MediaType | null {
  if (!accept?.trim()) return 'application/json'
  const ranges = accept.split(',').map(readRange)
  const score = (type: MediaType) =>
    Math.max(0, ...ranges.map((range) => (matches(range.type, type) ? range.weight : 0)))
  const modern = ranges.find(({ type }) => type === 'application/graphql-response+json')?.weight ?? 0
  const plain = score('application/json')
  if (modern > 0 && modern >= plain) return 'application/graphql-response+json'
  return plain > 0 ? 'application/json' : null
}

/**
 * Whether a client asks for plain JSON by name. GraphQL over HTTP keeps the status of such answers at 200 once the request
 * itself is in order, for clients that take any other status for a fault of the network.
 */
export const namesPlainJson = (accept: string | undefined): boolean =>
  negotiate(accept) === 'application/json' && /\bapplication\/json\b/i.test(accept ?? '')

function readRange(text: string): { type: string; weight: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
  return { type, weight: Number.isNaN(weight) ? 1 : weight }
}

const matches = (range: string, type: MediaType) =>
  range === type || range === '*/*' || range === 'application/*'
