// Knows: what a place for files offers: one file of it, opened as one version, read by byte ranges; what lies in a folder.
// Must not know: records, layouts, queries. The local disk is one such place; a new place is one more of these.

/** A place for files. */
export interface ByteStore {
  /**
   * Names a file without touching it. Throws a misconfigured Fault for a path that the store does not serve,
   * such as one that leaves its root.
   */
  file(path: string): StoredFile;
  /**
   * What lies in a folder, one level of it, in any order; a path of '' is the root. Throws `unavailable` for a folder that is missing
   * or cannot be read, and a misconfigured Fault as `file` does.
   */
  list(folder: string, ask: { readonly signal: AbortSignal }): Promise<readonly Entry[]>;
  /** Throws the fault that keeps the store from looking for newer versions, while it serves those that it has. */
  check?(): void;
}

export interface Entry {
  readonly name: string;
  /** A symbolic link is what it leads to; `outside`: it leads out of the root. Devices, pipes and links into nothing are `other`. */
  readonly kind: 'file' | 'folder' | 'outside' | 'other';
}

export interface StoredFile {
  /** As configured: this is what messages show. */
  readonly path: string;
  /** Throws `unavailable` for a file that is missing, cannot be read, or is no file. */
  open(ask: { readonly signal: AbortSignal }): Promise<ByteFile>;
  /** The version that would be opened now; offered where that costs less than to open it. Throws as `open` does. */
  version?(ask: { readonly signal: AbortSignal }): Promise<string>;
}

/** One version of a file, open for reading. Disposing it frees the handle. */
export interface ByteFile extends AsyncDisposable {
  /** In bytes. */
  readonly size: number;
  /** Equal for equal content as far as the store can tell without reading it: size, time of change, identity. */
  readonly version: string;
  /** Instant of the last change, ISO text in UTC. */
  readonly modifiedAt: string;
  /**
   * Fills `into` from `offset` of the file. Throws `unavailable` with the code `file-changed` when the file ends
   * before that: it shrank after it was opened.
   */
  read(into: Uint8Array, offset: number, ask: { readonly signal: AbortSignal }): Promise<void>;
}
