import type { S3Client } from '@aws-sdk/client-s3'
import type { SQSClient } from '@aws-sdk/client-sqs'

/**
 * Takes off a client what costs every request processor time and gives nobody anything:
 * - the middleware that copies each input and output for a logger, since there is none
 * - a new signer for every request; one for each service and region does the same, and asks for the credentials each time too
 */
export function lean<Client extends S3Client | SQSClient>(client: Client): Client {
  client.middlewareStack.remove('loggerMiddleware')
  const { config } = client
  const makeSigner = config.signer
  const signers = new Map<string, ReturnType<typeof makeSigner>>()
  config.signer = (scheme) => {
    const key = `${scheme?.name} ${scheme?.signingName} ${scheme?.signingRegion}`
    const signer = signers.get(key) ?? makeSigner(scheme)
    signers.set(key, signer)
    // One that could not be made (no region yet, say) is tried again.
    signer.catch(() => signers.delete(key))
    return signer
  }
  return client
}
