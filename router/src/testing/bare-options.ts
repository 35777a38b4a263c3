import { createLogger } from '@mall/service/logger'
import type { RouterFile } from '../config.ts'
import type { RouterOptions } from '../start.ts'

/** A router on a free port that knows nobody, with what `file` says beside what it must. */
export const bareOptions = (supergraphSdl: string, file: Partial<RouterFile> = {}): RouterOptions => ({
  supergraphSdl,
  listen: { host: '127.0.0.1', port: 0 },
  identityKeys: [{ id: 'test', secret: 'a-secret-for-this-test' }],
  file: {
    forward: [],
    timeouts: {},
    operationTimeout: 5_000,
    trustedProxies: [],
    playground: false,
    ...file,
  },
  subgraphUrls: new Map(),
  rights: null,
  isProduction: true,
  logger: createLogger({ name: 'test', level: 'silent' }),
})
