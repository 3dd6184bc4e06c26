// Knows: which scans of a source are done by threads, and how their findings become rows.
// Must not know: how threads work, and how a scan is done.

import type { Block } from '#codec/framing/block';
import { Fault, type Filter, faultOfData } from '#spi';
import type { OpenTable, Selection } from '../reads/selection.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { fetchBlock, recordsBlock } from '../tables/fetch.ts';
import { ownerOf } from '../tables/place.ts';
import { type Findings, type Report, type ScanOrder, spansIn, type Want } from './scan-order.ts';
import { processThreads, type Scan, type ScanThreads } from './scan-threads.ts';

/** What of a file is to be found by looking at its records. */
export interface Search {
  readonly of: OpenTable;
  readonly file: ByteFile;
  /** Which rows; empty: all. */
  readonly where: Filter;
  /** Where every record is a row of one length: the first record, and the one behind the last. */
  readonly records?: readonly [from: number, end: number];
  readonly signal: AbortSignal;
}

/** The scans of a source that threads do. Disposing of it ends them. */
export interface Scans extends AsyncDisposable {
  /**
   * Are so many bytes of the file, all of them unless told otherwise, worth a thread? To hand it over costs some tenths of a millisecond, and to start the first thread some ten milliseconds:
   * what is small is looked at sooner than that.
   */
  take(file: ByteFile, bytes?: number): boolean;
  /** Bytes of a file that are looked at before a thread is asked for the rows behind them: a page is often full by then. */
  readonly firstBytes: number;
  /** Rows that match. Nothing where this process has changed the file in place meanwhile: threads do not see the older version then. */
  count(search: Search): Promise<number | undefined>;
  /** The rows that match, at most `limit`, without the first `skip`. Returns false where they are cut short by such a change. */
  rows(
    search: Search,
    most: { readonly skip: number; readonly limit: number },
  ): AsyncGenerator<Selection, boolean>;
  /** One bit for each row of the file, of which there are `rows`: does it match? Nothing as with `count`. */
  bits(search: Search, rows: number): Promise<Uint8Array | undefined>;
}

export interface ScansOf {
  readonly threads: ScanThreads;
  /** Fewer bytes are not worth a thread. */
  readonly smallestBytes: number;
  readonly firstBytes: number;
}

export const PROCESS_SCANS: ScansOf = {
  threads: processThreads,
  smallestBytes: 16_777_216,
  firstBytes: 65_536,
};

export function scansOf({ threads, smallestBytes, firstBytes }: ScansOf): Scans {
  const closing = new AbortController();
  const running = new Set<Scan>();
  let membership: AsyncDisposable | undefined;

  /** All reports; returns false where they cannot be believed from here on. Whoever leaves early ends the scan. */
  async function* reports(search: Search, want: Want): AsyncGenerator<Findings, boolean> {
    const signal = AbortSignal.any([search.signal, closing.signal]);
    signal.throwIfAborted();
    await using lent = await search.file.descriptor?.({ signal });
    if (lent === undefined) throw new TypeError('the file has no descriptor');
    signal.throwIfAborted();
    membership ??= threads.join();
    await using scan = threads.scan(orderOf(search, lent.fd, want));
    running.add(scan);
    try {
      for (let ended = false; !ended; ) {
        const report: Report = await scan.next({ signal });
        if (!(await lent.confirm())) return false;
        yield report.findings;
        if (report.fault !== undefined) throw faultOfData(report.fault);
        ({ ended } = report);
      }
      return true;
    } finally {
      running.delete(scan);
    }
  }

  async function last(search: Search, want: Want): Promise<Findings | undefined> {
    const told = reports(search, want);
    for (let found: Findings | undefined; ; ) {
      const { done, value } = await told.next();
      if (done === true) return value ? found : undefined;
      found = value;
    }
  }

  return {
    firstBytes,
    take: (file, bytes = file.size) => file.descriptor !== undefined && bytes >= smallestBytes,
    async count(search) {
      const found = await last(search, { kind: 'count' });
      return found?.kind === 'count' ? found.count : undefined;
    },
    async bits(search, rows) {
      const found = await last(search, { kind: 'bits', rows });
      return found?.kind === 'bits' ? found.bits : undefined;
    },
    async *rows(search, most) {
      const told = reports(search, { kind: 'rows', ...most });
      try {
        for (;;) {
          const { done, value } = await told.next();
          if (done === true) return value;
          yield* rowsOf(search, value);
        }
      } finally {
        await told.return(false);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      for (const scan of [...running]) await scan[Symbol.asyncDispose]();
      await membership?.[Symbol.asyncDispose]();
    },
  };
}

function orderOf({ of, file, where, records }: Search, fd: number, want: Want): ScanOrder {
  const { size, version, modifiedAt } = file;
  return {
    recipe: of.table.recipe,
    owner: ownerOf(of),
    file: { path: of.stored.path, fd, size, version, modifiedAt },
    where,
    want,
    ...(records === undefined ? {} : { records }),
  };
}

async function* rowsOf({ of, file, signal }: Search, found: Findings): AsyncGenerator<Selection, void> {
  const { table } = of;
  if (found.kind === 'records' && table.fixed !== undefined) {
    yield { block: recordsBlock(table.fixed, found.numbers, found.bytes) };
  } else if (found.kind === 'places' && found.spans.length > 0) {
    const block = await fetchBlock(file, table.framing, spansIn(found.spans), { signal });
    for await (const rows of table.rows(one(block))) yield { block: rows };
  }
}

async function* one(block: Block): AsyncGenerator<Block, void> {
  yield block;
}
