import { type Profiler, Session } from 'node:inspector/promises'

/** Milliseconds of the processor by whose code ran: a library's, Node's, the garbage collector's. */
export type Shares = Readonly<Record<Owner, number>>

/** Whose code runs; what V8 does for somebody (JSON, regular expressions) is that one's. */
export const owners = ['remotejob', 'SDK', 'other code', 'Node', 'garbage', 'system and V8'] as const
export type Owner = (typeof owners)[number]

/** Does the work while it is looked at every 0.2 ms, and says whose code was running. */
export async function profile<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly shares: Shares }> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: 200 })
    await session.post('Profiler.start')
    const result = await work()
    const { profile: taken } = await session.post('Profiler.stop')
    return { result, shares: sharesOf(taken) }
  } finally {
    session.disconnect()
  }
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
  const spent = new Map<number, number>()
  for (const [index, id] of samples.entries()) spent.set(id, (spent.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000)
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const shares = { remotejob: 0, SDK: 0, 'other code': 0, Node: 0, garbage: 0, 'system and V8': 0 }
  const visit = (node: Profiler.ProfileNode, above: Owner): void => {
    const owner = ownerOf(node.callFrame, above)
    if (node.callFrame.functionName !== '(idle)') shares[owner] += spent.get(node.id) ?? 0
    for (const id of node.children ?? []) {
      const child = byId.get(id)
      if (child) visit(child, owner)
    }
  }
  const [root] = nodes
  if (root) visit(root, 'system and V8')
  return shares
}

function ownerOf({ functionName, url }: Profiler.ProfileNode['callFrame'], above: Owner): Owner {
  if (functionName === '(garbage collector)') return 'garbage'
  if (url === '') return above
  if (url.startsWith('node:')) return 'Node'
  if (/node_modules\/(@aws-sdk|@smithy|@aws-crypto|fast-xml-parser)\//.test(url)) return 'SDK'
  return url.includes('/src/') && !url.includes('/node_modules/') ? 'remotejob' : 'other code'
}
