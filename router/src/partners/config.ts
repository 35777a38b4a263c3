import { resolve } from 'node:path'
import { z } from 'zod'

/** Where the partners' routes and keys are; paths are relative to the router's configuration file. */
export const partnersSchema = z.strictObject({
  /** Operations (`*.graphql`), the routes of each (`*.yaml` of the same name) and what they share (`api.yaml`). */
  folder: z.string(),
  /** The API keys (`keys.ts`), watched. Without it there are none. */
  keys: z.string().optional(),
})

export type PartnersConfig = z.infer<typeof partnersSchema>

/** The same with absolute paths. */
export function locatePartners({ folder, keys }: PartnersConfig, base: string): PartnersConfig {
  return { folder: resolve(base, folder), ...(keys === undefined ? {} : { keys: resolve(base, keys) }) }
}
