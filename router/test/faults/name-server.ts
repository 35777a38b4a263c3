import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A name server that answers every question with the SRV records that it was given. */
export interface NameServer {
  /** Host and port, as resolvers take it. */
  readonly address: string
  srv: readonly { readonly target: string; readonly port: number }[]
  close(): Promise<void>
}

const HEADER_LENGTH = 12
const SRV = 33
const IN = 1

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const server: NameServer = {
    address: `127.0.0.1:${socket.address().port}`,
    srv: [],
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (message, { port, address }) => {
    socket.send(answer(message, server.srv), port, address)
  })
  return server
}

/** RFC 1035, 4.1: the header, the question as it came, and a record for each instance. */
function answer(message: Buffer, records: NameServer['srv']): Buffer {
  const endOfName = message.indexOf(0, HEADER_LENGTH)
  const question = message.subarray(HEADER_LENGTH, endOfName + 5)
  const header = numbers(message.readUInt16BE(0), 0x8180, 1, records.length, 0, 0)
  const found = records.map(({ target, port }) => {
    const name = Buffer.concat([...target.split('.').map(label), Buffer.of(0)])
    const data = Buffer.concat([numbers(1, 1, port), name])
    // The name is a pointer to the question's; it may be kept for no time at all.
    return Buffer.concat([numbers(0xc000 | HEADER_LENGTH, SRV, IN, 0, 0, data.length), data])
  })
  return Buffer.concat([header, question, ...found])
}

const label = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])

function numbers(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => buffer.writeUInt16BE(value, index * 2))
  return buffer
}
