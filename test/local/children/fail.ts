// Prints how opening the directory fails.
import { isRemoteJobError } from '../../../src/errors.ts'
import { openTest, print } from './open.ts'

try {
  await openTest()
  print('opened')
} catch (error) {
  print(isRemoteJobError(error) ? `${error.code} ${error.message}` : String(error))
}
