export { findFaults, type DataPlaces, type Fault, type Findings } from './consistency/index.ts'
export {
  startInfrastructure,
  clearData,
  type Infrastructure,
  type InfrastructureUrls,
} from './infrastructure.ts'
export { startMall, type Mall, type MallOptions, type MallState } from './mall.ts'
export { migrateAll } from './migrate.ts'
export { root, subgraphs, type SubgraphName } from './paths.ts'
export { databaseUrl, ensureDatabase } from './postgres.ts'
export { stopAllPrograms } from './process.ts'
export { startRedis } from './redis.ts'
export { openSchemaEngine } from './schema-engine.ts'
