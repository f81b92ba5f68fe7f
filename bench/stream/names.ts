/** The queue that all runs use, each in a server or directory of its own. */
export const queueName = 'bench'

export const bucket = `remotejobs-${queueName}`
