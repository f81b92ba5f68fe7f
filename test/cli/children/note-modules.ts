/** Loaded before a program: writes down what the program loads, into the file that MODULES_FILE names. */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const urls = new Set<string>()
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context)
    urls.add(found.url)
    return found
  },
})
process.on('exit', () => {
  // What Node itself has loaded of its own, also where nobody imported it by name.
  const builtins: unknown = Reflect.get(process, 'moduleLoadList')
  const hasSqlite = Array.isArray(builtins) && builtins.includes('NativeModule sqlite')
  writeFileSync(process.env['MODULES_FILE'] ?? '', JSON.stringify([...urls, ...(hasSqlite ? ['node:sqlite'] : [])]))
})
