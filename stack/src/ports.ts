import { createServer } from 'node:net'
import { Problem } from './problem.ts'

/** True when nothing listens on the port of this machine. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A port: the one asked for explicitly, or else the default or the next free one after it. */
export async function choosePort(
  name: string,
  defaultPort: number,
  explicit: string | undefined,
  taken: Set<number>,
): Promise<number> {
  if (explicit !== undefined && explicit !== '') {
    const port = Number(explicit)
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Problem(`${name}=${explicit} is not a port.`)
    if (!(await isFree(port)))
      throw new Problem(`Port ${port} (${name}) is taken. Free it, or set ${name} to another port.`)
    taken.add(port)
    return port
  }
  for (let port = defaultPort; port < defaultPort + 200; port += 1)
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port)
      return port
    }
  throw new Problem(`No free port found from ${defaultPort} on. Set ${name}.`)
}
