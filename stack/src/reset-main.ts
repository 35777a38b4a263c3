/** `npm run reset`: removes all data of the stopped mall; what was downloaded stays. */
import { rmSync } from 'node:fs'
import { defaultDataDir } from './paths.ts'

rmSync(process.env.MALL_DATA_DIR ?? defaultDataDir, { recursive: true, force: true })
console.log('The data is cleared. The next npm start begins afresh.')
