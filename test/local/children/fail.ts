// Prints how opening the directory fails.
import { isRemoteJobError } from '../../../src/errors.ts'
import { openTest, print } from './open.ts'

// Root may write everywhere; once all is loaded, somebody else goes on.
if (process.getuid?.() === 0) {
  process.setgroups?.([])
  process.setegid?.(65_534)
  process.seteuid?.(65_534)
}

try {
  await openTest()
  print('opened')
} catch (error) {
  print(isRemoteJobError(error) ? `${error.code} ${error.message}` : String(error))
}
