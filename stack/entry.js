// The way in for `npm start` and `npm test`, right after a clone: plain JavaScript that any Node from 20 on can run.
// It installs the packages when they are missing or out of date, Node 24 among them, and hands over to that.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const pinnedNode = join(root, 'node_modules', '.bin', 'node')
const mark = join(root, 'node_modules', '.installed')
const [command = 'start', ...args] = process.argv.slice(2)

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(
    `Node 20 or newer is needed to begin with; this is ${process.version}. See https://nodejs.org.`,
  )
  process.exit(1)
}

const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
  console.log('· installing packages (once, about a minute)')
  // Install scripts would download binaries; all that is needed is in the packages themselves.
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (npm.status !== 0) {
    console.error('npm ci failed; see above. Nothing was started.')
    process.exit(1)
  }
  mkdirSync(dirname(mark), { recursive: true })
  writeFileSync(mark, lock)
}

// Where npm has no Node 24 for this platform (macOS), the one that runs this has to be new enough.
const node = existsSync(pinnedNode) ? pinnedNode : process.execPath
if (node !== pinnedNode && Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `On this platform Node 24 must be installed by hand; this is ${process.version}. See https://nodejs.org.`,
  )
  process.exit(1)
}

// In a group of its own: a Ctrl-C would reach its servers together with it, and it stops them in an order.
const child = spawn(
  node,
  ['--disable-warning=ExperimentalWarning', join(root, 'stack', 'src', `${command}-main.ts`), ...args],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH ?? ''}` },
  },
)
// Asked once: a second signal, such as an impatient Ctrl-C, would end it before what it started.
let isAsked = false
const stop = (signal) => {
  if (!isAsked) child.kill(signal)
  isAsked = true
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop)
// A closed terminal.
process.on('SIGHUP', () => stop('SIGTERM'))
// npm passes a SIGTERM on to its shell only, which then leaves us behind.
const parent = process.ppid
const orphaned = setInterval(() => process.ppid !== parent && stop('SIGTERM'), 500)
child.once('error', (error) => {
  console.error(`Node 24 could not be started: ${error.message}`)
  process.exit(1)
})
child.once('exit', (status, signal) => {
  clearInterval(orphaned)
  process.exit(signal ? 130 : (status ?? 1))
})
