import { loadConfig } from './config.ts'
import { createDatabase } from './data/database.ts'

const warehouses = [
  { id: 'wh-shanghai', name: '上海仓 · Shanghai', region: 'Shanghai', position: 0 },
  { id: 'wh-beijing', name: '北京仓 · Beijing', region: 'Beijing', position: 1 },
  { id: 'wh-guangzhou', name: '广州仓 · Guangzhou', region: 'Guangdong', position: 2 },
]

const config = loadConfig()
if (config.isProduction) throw new Error('Demo data is not for production.')
const db = createDatabase(config.database)
for (const warehouse of warehouses)
  await db.warehouse.upsert({ where: { id: warehouse.id }, create: warehouse, update: warehouse })
await db.$disconnect()
