export { createClient, signIn, type Answer, type GraphError, type MallClient } from './client.ts'
export { createTestDatabase, testKafkaBrokers, testRedisUrl, type TestDatabase } from './environment.ts'
export { eventually, killProcess, mallState } from './mall.ts'
