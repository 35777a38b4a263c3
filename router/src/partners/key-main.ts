/**
 * Makes an API key: prints it once, with the entry to add to the file of keys.
 * npm run partners:key -- --name acme --scopes stock:read,orders:read [--roles staff] [--customer <user id>] [--expires 2027-12-31]
 */
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { createKey, hashKey, keysFileSchema } from './keys.ts'

const listOf = (text = '') => text.split(',').filter(Boolean)

const { values } = parseArgs({
  options: {
    name: { type: 'string' },
    scopes: { type: 'string' },
    roles: { type: 'string' },
    customer: { type: 'string' },
    expires: { type: 'string' },
  },
})
const { name, customer, expires } = values
const [scopes, roles] = [listOf(values.scopes), listOf(values.roles)]
const key = createKey()
const entry = {
  name: name ?? '',
  hash: `sha256:${hashKey(key).toString('hex')}`,
  scopes,
  ...(roles.length > 0 ? { roles } : {}),
  ...(customer === undefined ? {} : { customer }),
  ...(expires === undefined ? {} : { expires }),
}
const checked = keysFileSchema.safeParse({ keys: [entry] })
if (checked.success) {
  console.log(`The key, shown this once:\n\n  ${key}\n\nIts entry under "keys:" in the file of keys:\n`)
  console.log(stringify([entry]).replaceAll(/^/gm, '  ').trimEnd())
} else {
  for (const { path, message } of checked.error.issues)
    console.error(`${path.slice(2).join('.')}: ${message}`)
  process.exitCode = 1
}
