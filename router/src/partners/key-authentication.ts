import type { Viewer } from '@mall/access'
import { unauthenticated, unavailable } from '@mall/service/errors'
import type { RightsReader } from '@mall/service/rights'
import type { Authentication, Session } from '../authentication.ts'
import type { KeyRing } from './key-ring.ts'
import type { ApiKey } from './keys.ts'

/** A session that an API key stands for. */
interface KeySession extends Session {
  readonly key: ApiKey
}

/** API keys beside tokens: `ApiKey <key>` and `Bearer <key>`; a token has dots, a key has none. */
export function withApiKeys(
  tokens: Authentication | null,
  ring: KeyRing,
  rights: RightsReader | null,
): Authentication {
  function viewerOfKey(known: ApiKey): Viewer | null {
    const key = ring.current(known)
    if (!key) return null
    const { name, viewerId: id, roles } = key
    const sessionId = `key:${name}`
    // Roles by the key's own name: those of the customer whom it acts for are not the partner's.
    const byRole = rights?.viewerOf({ sub: `partner:${name}`, sid: sessionId, roles })?.scopes ?? []
    return { id, roles, scopes: [...new Set([...key.scopes, ...byRole])], sessionId }
  }

  return {
    async authenticate(header) {
      const given = keyIn(header ?? '')
      if (given === null) return tokens?.authenticate(header) ?? null
      const key = ring.find(given)
      if (!key) throw unauthenticated('The API key is not valid.')
      if (key.roles.length > 0 && rights && !rights.isReady())
        throw unavailable('Signing in cannot be checked at the moment.')
      return toSession(key)
    },
    viewerOf: (session) =>
      isOfKey(session) ? viewerOfKey(session.key) : (tokens?.viewerOf(session) ?? null),
    onChange(listener) {
      const offs = [ring.onChange(listener), tokens?.onChange(listener)]
      return () => offs.forEach((off) => off?.())
    },
    isReady: () => tokens?.isReady() ?? true,
  }
}

/** Whatever claims to be a key must be one; null for a token, or nothing. */
function keyIn(header: string): string | null {
  const [, scheme = '', value = ''] = /^(ApiKey|Bearer)(?: +(.*))?$/i.exec(header.trim()) ?? []
  const isKey = scheme.toLowerCase() === 'apikey' || (scheme !== '' && !value.includes('.'))
  return isKey ? value : null
}

function toSession(key: ApiKey): KeySession {
  const { name, viewerId, roles, scopes, expiresAt } = key
  return { sub: viewerId, sid: `key:${name}`, roles, scopes, expiresAt, key }
}

const isOfKey = (session: Session): session is KeySession => 'key' in session
