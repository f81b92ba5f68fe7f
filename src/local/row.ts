import type { SQLOutputValue } from 'node:sqlite'
import { RemoteJobError } from '../errors.ts'

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>

export function textOf(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : broken(column, value)
}

export function maybeTextOf(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column)
}

export function numberOf(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : broken(column, value)
}

export function maybeNumberOf(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberOf(row, column)
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column]
  return value instanceof Uint8Array ? value : broken(column, value)
}

function broken(column: string, value: unknown): never {
  throw new RemoteJobError('UNAVAILABLE', `The local store is damaged: column "${column}" holds ${typeof value}`)
}
