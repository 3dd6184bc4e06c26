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
  /**
   * Calls `changed` when something has changed in the folder ('': the root), as far as the place tells: perhaps for nothing, perhaps not for
   * everything; offered where it tells at all. A folder that is not there is none in which anything changes.
   */
  watch?(folder: string, changed: () => void): Disposable;
  /** Throws the fault that keeps the store from looking for newer versions, while it serves those that it has. */
  check?(): void;
}

export interface Entry {
  readonly name: string;
  /** A symbolic link is what it leads to; `outside`: it leads out of the root. Devices, pipes and links into nothing are `other`. */
  readonly kind: 'file' | 'folder' | 'outside' | 'other';
}

export interface OpenAsk {
  readonly signal: AbortSignal;
  /** Asked in the background: a place that else serves for a while what it knows looks now, waits for it however long, and throws its fault. */
  readonly now?: boolean;
}

export interface StoredFile {
  /** As configured: this is what messages show. */
  readonly path: string;
  /**
   * Throws `unavailable` for a file that is missing, cannot be read, or is no file. `version`: the name of one that is `kept`; where it is not
   * kept any more, or none ever is, the newest is opened.
   */
  open(ask: OpenAsk & { readonly version?: string | undefined }): Promise<ByteFile>;
  /** The version that would be opened now; offered where that costs less than to open it. Throws as `open` does. */
  version?(ask: OpenAsk): Promise<string>;
  /**
   * What is known of the version that would be opened now, without asking anybody: it is another text once another version is known of, or was
   * written, or may have been. At most 100 visible ASCII characters.
   */
  known?(): string;
  /** The version before this one, where the place still has it: for who finds this one bad. */
  openBefore?(version: string, ask: { readonly signal: AbortSignal }): Promise<ByteFile | undefined>;
  /**
   * Takes the file for writing, whether it exists or not; offered where the place can be written. One at a time: whoever comes later waits.
   * Throws `unavailable` (`file-locked`) where another process has it, and as `open` does, but not for a missing file.
   */
  edit?(ask: { readonly signal: AbortSignal }): Promise<FileEdit>;
  /** Calls the listener with each version that is shown from then on; offered where versions are published. Disposing ends it. */
  onPublished?(listener: (version: string) => void): Disposable;
}

/**
 * A file that is being written by nobody else. Each change is made as a whole or not at all, also when the process is killed; the version
 * that was opened before it stays readable as it was. One change an edit. Throws `unavailable`: `file-changed` where another program has
 * changed the file meanwhile, `disk-full`, `quota`, `file-unwritable`, `file-too-large`, `write-error`; `conflict` (`file-exists`) for a new
 * file that another program has made meanwhile. What became of it may be unknown: `upstream`, `outcome-unknown`.
 */
export interface FileEdit extends AsyncDisposable {
  /** The version to be changed, open as long as the edit is; absent: there is no such file. */
  readonly file?: ByteFile;
  /**
   * Overwrites bytes in place. A patch lies within the file, or begins at its end and makes it longer; patches do not overlap. Offered where the
   * place can do it as a whole, by a journal. Resolves with the version that it has become.
   */
  patch?(patches: readonly Patch[], ask: { readonly signal: AbortSignal }): Promise<string>;
  /** The whole file anew, or a new file: written beside it, checked, and renamed over it. Resolves with the version that it has become. */
  replace(content: AsyncIterable<Uint8Array>, ask: { readonly signal: AbortSignal }): Promise<string>;
}

export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
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
  /**
   * The operating system's descriptor of the local file that this version lies in, by which any thread of the process can read it as long as
   * both it and the file are held; offered where there is one.
   */
  descriptor?(ask: { readonly signal: AbortSignal }): Promise<Descriptor>;
  /** Are the bytes still those of `version`? Offered where another program can write into a file that is open. */
  unchanged?(ask: { readonly signal: AbortSignal }): Promise<boolean>;
  /** Present where versions are kept. */
  readonly kept?: Kept;
}

/** A version that can be opened again for a while, also when it is not the newest any more. */
export interface Kept {
  /** For `StoredFile.open`: at most 100 visible ASCII characters. */
  readonly name: string;
  /** The same version for somebody else, who disposes of it, too. */
  share(): ByteFile;
  /** Settled when nobody has it and nobody can open it again: what was found out about it is of no use any more. */
  readonly gone: Promise<void>;
}

/** Disposing of it does not close the file: it tells that nobody reads by it any more. */
export interface Descriptor extends AsyncDisposable {
  readonly fd: number;
  /**
   * To be called behind reads, before their bytes are believed. False: this process has changed the file in place meanwhile, so that only
   * `read` still gives the version. Throws `unavailable` (`file-changed`) where another program has.
   */
  confirm(): Promise<boolean>;
}
