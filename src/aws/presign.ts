import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { Presigned, PresignGetOptions, PresignPutOptions } from '../backend.ts'
import type { Bucket } from './bucket.ts'
import { call } from './call.ts'
import { describe } from './put.ts'

/** What the SDK sends as the media type of bytes of which nothing is said. */
const anyBytes = 'application/octet-stream'

/** One PUT of an object that is not there yet, by whoever has the URL and sends the headers as they are. */
export async function presignPut(bucket: Bucket, key: string, options: PresignPutOptions): Promise<Presigned> {
  const { size, expiresSeconds } = options
  const described = describe(options)
  const { ContentType = anyBytes, Metadata = {} } = described
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: key,
    ...described,
    ContentType,
    IfNoneMatch: '*',
    ...(size === undefined ? {} : { ContentLength: size }),
  })
  const notes = Object.entries(Metadata).map(([name, value]) => [`x-amz-meta-${name}`, value] as const)
  const { url, expiresAt } = await sign(bucket, command, expiresSeconds, {
    // What must be sent as it was said; in the URL alone it would be left to the server to mind.
    signableHeaders: new Set([
      'host',
      'content-type',
      'if-none-match',
      'content-length',
      ...notes.map(([name]) => name),
    ]),
    unhoistableHeaders: new Set(notes.map(([name]) => name)),
  })
  const headers = { 'Content-Type': ContentType, 'If-None-Match': '*', ...Object.fromEntries(notes) }
  return { method: 'PUT', url, headers, expiresAt }
}

/** Reading an object, by whoever has the URL. */
export async function presignGet(bucket: Bucket, key: string, options: PresignGetOptions): Promise<Presigned> {
  const { contentType, disposition, expiresSeconds } = options
  const command = new GetObjectCommand({
    Bucket: bucket.name,
    Key: key,
    ...(contentType === undefined ? {} : { ResponseContentType: contentType }),
    ...(disposition === undefined ? {} : { ResponseContentDisposition: disposition }),
  })
  return { method: 'GET', headers: {}, ...(await sign(bucket, command, expiresSeconds, {})) }
}

async function sign(
  bucket: Bucket,
  command: PutObjectCommand | GetObjectCommand,
  expiresIn: number,
  which: { readonly signableHeaders?: Set<string>; readonly unhoistableHeaders?: Set<string> },
): Promise<Pick<Presigned, 'url' | 'expiresAt'>> {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
  const signingDate = new Date()
  const client = plain(bucket.s3)
  const operation = command instanceof PutObjectCommand ? 'PutObject' : 'GetObject'
  const url = await call(bucket.doing(operation, command.input.Key), {}, () =>
    getSignedUrl(client, command, { ...which, expiresIn, signingDate }),
  )
  return { url, expiresAt: new Date(signingDate.getTime() + expiresIn * 1000) }
}

/** A client for the same place and with the same keys, without sums of bodies, which would be those of no bytes at all. */
function plain({ config }: S3Client): S3Client {
  const { region, credentials, endpoint, forcePathStyle, useDualstackEndpoint, useFipsEndpoint, sha256 } = config
  return new S3Client({
    region,
    credentials,
    sha256,
    useDualstackEndpoint,
    useFipsEndpoint,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
  })
}
