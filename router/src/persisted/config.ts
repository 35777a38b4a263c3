import { resolve } from 'node:path'
import { z } from 'zod'

/** Which texts may be run, and texts that clients send once and name by their hash afterwards. */
export const persistedSchema = z.strictObject({
  /** JSON: SHA-256 (hex) of an operation's text → the text; beside the configuration. `npm run persist` writes one. */
  manifest: z.string().optional(),
  /** `enforce` refuses texts that are not in the manifest, `log` counts and logs them. */
  mode: z.enum(['enforce', 'log', 'off']).default('off'),
  /** Apollo's automatic persisted queries. Kept in Redis where there is one, and in the router. */
  automatic: z.boolean().default(true),
})

export type PersistedConfig = z.infer<typeof persistedSchema>

export const locateManifest = (config: PersistedConfig, folder: string): PersistedConfig => ({
  ...config,
  manifest: config.manifest === undefined ? undefined : resolve(folder, config.manifest),
})
