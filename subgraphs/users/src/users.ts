import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '@mall/service/logger'
import { closeRedis, createRedis, redisAnswers } from '@mall/service/redis'
import { startSubgraph } from '@mall/service/subgraph'
import type { RunningSubgraph } from '@mall/service/subgraph'
import { createAccounts } from './accounts.ts'
import type { Config } from './config.ts'
import { createAttempts } from './data/attempts.ts'
import { createDatabase } from './data/database.ts'
import { createLoaders } from './data/loaders.ts'
import { preparePasswords } from './data/passwords.ts'
import { createRightsPublisher } from './data/rights-publisher.ts'
import { createRightsRepository } from './data/rights-repository.ts'
import { createSessionRepository } from './data/session-repository.ts'
import { loadDevelopmentKeys, readSigningKeys } from './data/signing-keys.ts'
import { createTokens } from './data/tokens.ts'
import { createUserRepository } from './data/user-repository.ts'
import { addAuthRoutes } from './http/auth-routes.ts'
import { addIntrospectionRoute } from './http/introspection.ts'
import { addJwksRoute } from './http/jwks.ts'
import { policies } from './policies.ts'
import { resolvers } from './resolvers/index.ts'
import { createRights } from './rights.ts'
import type { AnnounceRights } from './rights.ts'

/** How often expired tokens and sessions are deleted, in milliseconds. */
const SWEEP_INTERVAL_MS = 60 * 60 * 1_000

/** Puts the subgraph together and serves it; everything it opened is closed again by `close`. */
export async function startUsers({
  config,
  logger,
  announce,
  clock = () => new Date(),
}: {
  readonly config: Config
  readonly logger: Logger
  readonly announce: AnnounceRights
  readonly clock?: () => Date
}): Promise<RunningSubgraph> {
  const { accessSeconds, refreshSeconds } = config.tokens
  const db = createDatabase({ ...config.database, logger })
  const redis = createRedis(config.redis.url, logger)
  const keys = (await readSigningKeys(config.tokens.signing)) ?? (await loadDevelopmentKeys(db))

  const users = createUserRepository(db)
  const sessions = createSessionRepository(db)
  const repository = createRightsRepository(db)
  const publisher = createRightsPublisher({ repository, redis, accessSeconds, logger, clock })
  const rights = createRights({ repository, users, publisher, announce, clock })
  const accounts = createAccounts({
    users,
    sessions,
    tokens: createTokens(keys, { accessSeconds }),
    attempts: createAttempts(redis, config.logIn),
    rights: publisher,
    clock,
    lifetimes: { accessSeconds, refreshSeconds },
  })
  const freshLoaders = () => createLoaders({ db, users, rights: repository })
  await Promise.all([publisher.publish(), preparePasswords()])

  const sweep = () =>
    sessions
      .sweep(clock())
      .catch((error: unknown) => logger.warn({ error }, 'expired sessions could not be deleted'))
  const sweeper = setInterval(() => void sweep(), SWEEP_INTERVAL_MS).unref()

  const server = await startSubgraph({
    name: 'users',
    typeDefs: readFileSync(join(import.meta.dirname, '..', 'schema.graphql'), 'utf8'),
    resolvers,
    policies,
    listen: config.listen,
    identityKeys: config.identityKeys,
    drainMs: config.drainMs,
    logger,
    createContext: ({ viewer }) => ({
      viewer,
      accounts,
      rights,
      users,
      roles: repository,
      loaders: freshLoaders(),
      signedInNow: new Set<string>(),
    }),
    // Each in a scope of its own: forms are for introspection, and must not reach the routes that know the cookie.
    routes: async (app) => {
      const createLoaders = freshLoaders
      await app.register((scope) =>
        addAuthRoutes(scope, {
          accounts,
          createLoaders,
          refreshSeconds,
          secureCookie: config.isProduction,
          logger,
        }),
      )
      await app.register((scope, _options, done) => {
        addIntrospectionRoute(scope, { accounts, createLoaders, clients: config.introspectionClients })
        addJwksRoute(scope, keys)
        done()
      })
    },
    ready: async () => ({
      database: await db.$queryRaw`select 1`.then(
        () => true,
        () => false,
      ),
      redis: await redisAnswers(redis),
    }),
  })

  return {
    url: server.url,
    async close() {
      clearInterval(sweeper)
      publisher.stop()
      await server.close()
      await Promise.all([db.$disconnect(), closeRedis(redis)])
    },
  }
}
