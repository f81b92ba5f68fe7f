import { UnrecoverableError } from '../../job-errors.ts'

/** An input that is no zip, or none that may be unpacked: another try would find it so again. */
export class ZipError extends UnrecoverableError {
  override readonly name = 'ZipError'
  readonly code = 'ZIP_REFUSED'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    // Its own stack would tell of this library, and not of the zip.
    this.stack = `${this.name}: ${message}`
  }
}
