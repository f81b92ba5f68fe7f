import type { ListPage, ObjectStore } from './backend.ts'

/** The same store with every key below `prefix`, which its callers never see. */
export function prefixedStore(store: ObjectStore, prefix: string): ObjectStore {
  if (prefix === '') return store
  const bare = <Item extends { readonly key: string }>(item: Item): Item => ({
    ...item,
    key: item.key.slice(prefix.length),
  })
  return {
    ...presigning(store, prefix),
    put: (key, body, options) => store.put(prefix + key, body, options),
    putIfAbsent: (key, body, options) => store.putIfAbsent(prefix + key, body, options),
    delete: (key, options) => store.delete(prefix + key, options),
    async get(key, options) {
      const reading = await store.get(prefix + key, options)
      return reading && bare(reading)
    },
    async head(key, options) {
      const info = await store.head(prefix + key, options)
      return info && bare(info)
    },
    async list(start, { after, ...options } = {}): Promise<ListPage> {
      const page = await store.list(prefix + start, {
        ...options,
        after: after === undefined ? undefined : prefix + after,
      })
      return { ...page, objects: page.objects.map(bare) }
    },
  }
}

/** Whoever cannot do it is not to seem to. */
function presigning(store: ObjectStore, prefix: string): Pick<ObjectStore, 'presignPut' | 'presignGet'> {
  const put = store.presignPut?.bind(store)
  const get = store.presignGet?.bind(store)
  return {
    ...(put && { presignPut: (key, options) => put(prefix + key, options) }),
    ...(get && { presignGet: (key, options) => get(prefix + key, options) }),
  }
}
