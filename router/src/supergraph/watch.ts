import type { Logger } from '@mall/service/logger'
import type { Counts } from '../metrics/counts.ts'
import { watchFiles } from '../watch-files.ts'
import { filesOfComposition } from './compose.ts'
import { loadSupergraph } from './load.ts'

export interface WatchOptions {
  /** A supergraph; without it the composition file and the schema files that it names are watched. */
  readonly file: string | undefined
  readonly compositionFile: string
  /** What is served already. */
  readonly supergraphSdl: string
  /** Called with a supergraph that is another than before, one at a time. */
  readonly onChange: (supergraphSdl: string) => Promise<void>
  /** Where it counts what cannot be loaded. */
  readonly counts: Pick<Counts, 'swapsRefused'>
  readonly logger: Logger
}

/** Watches the supergraph. One that cannot be loaded, or that `onChange` throws on, is logged and nothing else. */
export async function watchSupergraph(options: WatchOptions): Promise<{ stop(): void }> {
  const { file, compositionFile, onChange, counts, logger } = options
  let known = options.supergraphSdl
  let loading: Promise<void> = Promise.resolve()
  let stopWatching = () => undefined as void
  let isStopped = false
  await watch()
  return {
    stop() {
      isStopped = true
      stopWatching()
    },
  }

  /** The composition file may name others than before. */
  async function watch(): Promise<void> {
    const files = file === undefined ? await filesOfComposition(compositionFile) : [file]
    stopWatching()
    if (!isStopped) stopWatching = watchFiles(files, () => void (loading = loading.then(load)))
  }

  async function load(): Promise<void> {
    if (isStopped) return
    try {
      if (file === undefined) await watch()
      const supergraphSdl = await loadSupergraph(file, compositionFile).catch((error: unknown) => {
        counts.swapsRefused += 1
        throw error
      })
      if (supergraphSdl === known) return
      await onChange(supergraphSdl)
      known = supergraphSdl
    } catch (error) {
      logger.error({ error }, 'the changed supergraph cannot be served; the old one goes on')
    }
  }
}
