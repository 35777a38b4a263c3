import { generateCode } from './codegen.ts'
import { report } from './report.ts'

await report(() => generateCode((text) => console.log(`· ${text}`)))
