// Knows: some rows on their way from a source to a client.
// Must not know: who made them and who writes them.

import type { ByteSink } from './byte-sink.ts';
import type { Cached } from './cache-use.ts';
import type { Row } from './value.ts';

/** Some rows, decoded as late as possible. Valid until the next batch is asked for, unless `row` was called. */
export interface Batch {
  readonly length: number;
  /** The fields asked for; a field that cannot be decoded holds its Fault. */
  row(i: number): Row;
  /** Writes the row as one JSON object. A field that cannot be decoded throws its Fault and leaves `out` as it was. */
  json?(i: number, out: ByteSink): void;
  /** Instant at which the data was current (ISO text in UTC). */
  readonly asOf?: string;
  /**
   * The version of the data that the rows are of; told by sources that keep a version for a while after a newer one has come, so that the next
   * page can be of the same (`Query.version`). At most 100 visible ASCII characters.
   */
  readonly version?: string;
  /** Said by the cache, never by a source. */
  readonly cache?: Cached;
}
