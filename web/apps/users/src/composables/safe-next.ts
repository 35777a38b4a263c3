/** Where to go after signing in: only paths of this shop, so that a link cannot lead away from it. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
}
