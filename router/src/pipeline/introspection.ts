import type { Viewer } from '@mall/access'
import { z } from 'zod'

/** Who may ask for `__schema` and `__type`: everybody, nobody, or who has one of the roles or scopes. */
export const introspectionSchema = z.union([
  z.enum(['always', 'never']),
  z.strictObject({ roles: z.array(z.string()).default([]), scopes: z.array(z.string()).default([]) }),
])

export type IntrospectionConfig = z.infer<typeof introspectionSchema>

/** What holds where nothing is configured. */
export const defaultIntrospection = (isProduction: boolean): IntrospectionConfig =>
  isProduction ? { roles: ['admin'], scopes: [] } : 'always'

export function mayIntrospect(config: IntrospectionConfig, viewer: Viewer | null): boolean {
  if (typeof config === 'string') return config === 'always'
  if (!viewer) return false
  return (
    config.roles.some((role) => viewer.roles.includes(role)) ||
    config.scopes.some((scope) => viewer.scopes.includes(scope))
  )
}
