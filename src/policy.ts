// Knows: every default and every limit of the gateway, in one place.
// Must not know: who enforces them.

export interface Policy {
  readonly page: {
    /** Rows of a list when the client names no `first`. */
    readonly defaultRows: number;
    /** Largest `first` of a list. */
    readonly maxRows: number;
  };
  readonly query: {
    /** Deepest nesting of relations in one request. */
    readonly maxDepth: number;
    /** Rows that one request may ask for: `first` of each level multiplied along the relations, summed up. */
    readonly maxCost: number;
    /** Rows that a source may be asked to scan for one answer when it cannot use a key or an index. */
    readonly maxScanRows: number;
    /** Rows kept in memory for an order that the source does not give. */
    readonly maxSortRows: number;
    /** Children read for all parents of one relation together. */
    readonly maxRelationRows: number;
    /** Keys in one batched read of a relation. */
    readonly keysPerRead: number;
    /** Characters of a filter text. */
    readonly maxFilterChars: number;
    /** Conditions in one filter, and nesting of its parentheses. */
    readonly maxFilterConditions: number;
    readonly maxFilterDepth: number;
  };
  readonly http: {
    readonly maxBodyBytes: number;
    /** Up to this size an answer is buffered: it gets an ETag and a proper status when a late record is bad. */
    readonly bufferedBytes: number;
    /** How long running requests may go on after SIGTERM. */
    readonly drainMs: number;
  };
  readonly graphql: {
    readonly maxDepth: number;
    readonly maxTokens: number;
  };
  readonly source: {
    /** Longest wait for one answer of a source. */
    readonly timeoutMs: number;
    /** Longest wait for the check of a source at start. */
    readonly checkMs: number;
    /** Pause between two attempts to bring back a source that is down. */
    readonly reopenMs: number;
  };
  readonly run: {
    /** Longest time that a scan holds the event loop before others get their turn. */
    readonly sliceMs: number;
  };
}

export const DEFAULT_POLICY: Policy = {
  page: { defaultRows: 50, maxRows: 1_000 },
  query: {
    maxDepth: 8,
    maxCost: 10_000_000,
    maxScanRows: 20_000_000,
    maxSortRows: 200_000,
    maxRelationRows: 100_000,
    keysPerRead: 1_000,
    maxFilterChars: 8_192,
    maxFilterConditions: 200,
    maxFilterDepth: 20,
  },
  http: { maxBodyBytes: 1_048_576, bufferedBytes: 262_144, drainMs: 10_000 },
  graphql: { maxDepth: 16, maxTokens: 4_000 },
  source: { timeoutMs: 30_000, checkMs: 10_000, reopenMs: 5_000 },
  run: { sliceMs: 10 },
};
