/** Milliseconds from year 1, where .NET counts from, to 1970. */
const untilUnix = 62_135_596_800_000

/**
 * An instant as .NET has it: tenths of microseconds since the beginning of year 1. Whole milliseconds are written exactly, though such
 * numbers are beyond those that are counted one by one.
 */
export const netTicks = (at: Date): number => (at.getTime() + untilUnix) * 10_000
