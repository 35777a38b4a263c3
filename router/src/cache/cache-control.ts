/** Nothing is kept longer, in seconds: tags forget when they were invalidated. */
const MAX_AGE = 3_600

/**
 * For how many seconds an answer may be kept and given to anybody, by its `Cache-Control` (RFC 9111); 0 for one that is
 * for its viewer alone, or says nothing.
 */
export function sharedMaxAge(header: string | undefined): number {
  const directives = new Map(
    (header ?? '').split(',').map((part) => {
      const [name = '', value = ''] = part.trim().toLowerCase().split('=')
      return [name, value.replaceAll('"', '')] as const
    }),
  )
  if (['private', 'no-store', 'no-cache'].some((name) => directives.has(name))) return 0
  const age = directives.get('s-maxage') ?? directives.get('max-age') ?? ''
  return /^\d+$/.test(age) ? Math.min(Number(age), MAX_AGE) : 0
}
