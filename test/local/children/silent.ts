// Uses the backend, and says when SQLite was loaded. Other warnings are heard as before.
import { openTest, print } from './open.ts'

process.removeAllListeners('warning')
process.on('warning', ({ name, message }) => process.stderr.write(`${name}: ${message}\n`))

print(`imported ${withSqlite()}`)
const opened = await openTest()
await opened.pending.send({ body: '1' })
await opened.close()
print(`used ${withSqlite()}`)
process.emitWarning('still heard')

function withSqlite(): string {
  const list: unknown = Reflect.get(process, 'moduleLoadList')
  return Array.isArray(list) && list.includes('NativeModule sqlite') ? 'with sqlite' : 'without sqlite'
}
