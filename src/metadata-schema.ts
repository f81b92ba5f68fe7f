import { RemoteJobError } from './errors.ts'

/**
 * A Standard Schema (https://standardschema.dev, version 1): what zod, valibot, arktype and others make.
 * `Input` is what a requester gives and what travels, `Output` what a worker gets.
 */
export interface MetadataSchema<Input, Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * The schema's output for `metadata`.
 * @throws RemoteJobError `INVALID_ARGUMENT` that names every member at fault
 */
export async function validateMetadata<Output>(
  schema: MetadataSchema<unknown, Output>,
  metadata: unknown,
): Promise<Output> {
  const result = await schema['~standard'].validate(metadata)
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(
    ({ path = [], message }) => `\`${['metadata', ...path.map(nameOf)].join('.')}\`: ${message}`,
  )
  throw new RemoteJobError('INVALID_ARGUMENT', `The metadata does not fit the queue's schema: ${issues.join('; ')}`)
}

function nameOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part)
}
