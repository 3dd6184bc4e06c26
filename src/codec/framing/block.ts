// Knows: some records in memory, as they come from a file.
// Must not know: where the file is, layouts.

/** Records in memory. `i` counts from 0 within the block; `end` is the offset behind the last byte. */
export interface Block {
  readonly length: number;
  readonly bytes: Uint8Array;
  start(i: number): number;
  end(i: number): number;
  /** Offset in the file of the byte `at` bytes behind the record's first byte (0 unless told otherwise). */
  offset(i: number, at?: number): number;
  /** Number of the record in the file, from 0. */
  record(i: number): number;
  /** Bytes that the record takes in the file from `extent(i).offset` on, descriptor words and line ends included. */
  extent(i: number): { readonly offset: number; readonly length: number };
}

/** Where bytes come from. */
export interface ByteSource {
  /** In bytes, where it is known beforehand. A stream that is still being unpacked does not know it. */
  readonly size?: number;
  /** Fills `into` from `offset` on. How many bytes there were: fewer than asked for only at the end. */
  read(into: Uint8Array, offset: number, ask: { readonly signal: AbortSignal }): Promise<number>;
}
