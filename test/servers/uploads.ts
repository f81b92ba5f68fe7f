import { type Reply, xmlReply } from './reply.ts'
import type { ProxiedRequest } from './request.ts'

interface Upload {
  readonly bucket: string
  readonly key: string
  readonly id: string
}

/** The uploads in parts that nobody finished, so that they can be listed as S3 does. */
export class Uploads {
  #open: Upload[] = []

  note(request: ProxiedRequest, reply: Reply): void {
    const { operation, bucket = '', key = '' } = request
    if (operation !== 'CreateMultipartUpload') return this.end(request)
    const [, id = ''] = /<UploadId>([^<]+)</.exec(reply.body.toString()) ?? []
    this.#open.push({ bucket, key, id })
  }

  /** It was completed or aborted. */
  end({ query }: ProxiedRequest): void {
    this.#open = this.#open.filter(({ id }) => id !== query.get('uploadId'))
  }

  list({ bucket, query }: ProxiedRequest): Reply {
    const found = this.#open.filter((one) => one.bucket === bucket && one.key.startsWith(query.get('prefix') ?? ''))
    const uploads = found.map(({ key, id }) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`)
    return xmlReply(
      `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`,
    )
  }
}
