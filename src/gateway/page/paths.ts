/**
 * Where things are, below the gateway's start, which every page names as its base: so they hold wherever the gateway is mounted. Names
 * of others become parts of URLs here, and nowhere else.
 */
export const startPath = './'
export const queuePath = (queue: string): string => `ui/queues/${encodeURIComponent(queue)}`
export const jobPath = (queue: string, id: string): string => `${queuePath(queue)}/jobs/${encodeURIComponent(id)}`
/** The bytes of an asset, or without a name of the input. */
export const filePath = (queue: string, id: string, name: string | undefined): string => {
  const job = `${v1JobsPath(queue)}/${encodeURIComponent(id)}`
  return name === undefined ? `${job}/input` : `${job}/assets/${encodeURIComponent(name)}`
}
export const v1JobsPath = (queue: string): string => `v1/queues/${encodeURIComponent(queue)}/jobs`
export const runsPath = (queue: string): string => `${queuePath(queue)}/runs`
export const runPath = (queue: string, name: string): string => `${runsPath(queue)}/${encodeURIComponent(name)}`
export const schedulesPath = (queue: string): string => `${queuePath(queue)}/schedules`
export const deadPath = (queue: string): string => `${queuePath(queue)}/dead`
