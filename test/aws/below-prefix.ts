import { awsBackend } from '../../src/aws/backend.ts'
import type { AwsOptions } from '../../src/aws/options.ts'
import type { Backend } from '../../src/backend.ts'
import { prefixedStore } from '../../src/prefixed-store.ts'

/** Keeps to one prefix, for tests that expect an empty store: the bucket itself holds the probe of conditional writes too. */
export function belowPrefix(options: AwsOptions): Backend {
  const backend = awsBackend(options)
  return {
    open(place) {
      const opened = backend.open(place)
      return {
        objects: prefixedStore(opened.objects, 'below/'),
        queue: (name) => opened.queue(name),
        addQueue: (name) => opened.addQueue(name),
        removeQueue: (name) => opened.removeQueue(name),
        ready: () => opened.ready(),
        close: () => opened.close(),
      }
    },
  }
}
