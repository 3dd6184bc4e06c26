// Knows: what has been found out about one version of a file: its keys in order, and where each record stands.
// Must not know: queries. A file that was replaced is another version; readers of the old one finish on it.

import type { Decode } from '#codec/compile/compile';
import { Fault, keyText, type Value, valueAt } from '#spi';
import { type Block, type FixedFraming, type Span, scanBlocks } from './blocks.ts';
import type { ByteFile, StoredFile } from './byte-store.ts';
import { collectKeys, isKeyIndex, type KeyIndex } from './key-index.ts';
import { placeIn } from './place.ts';
import { slices } from './slices.ts';
import type { Table } from './table.ts';

export interface VersionIndex {
  readonly keys: KeyIndex;
  span(record: number): Span;
}

export interface Versions extends AsyncDisposable {
  /**
   * The index of the version that `file` has open: built when first asked for, by reading the keys of all records, and kept
   * until another version is asked for. Throws `corrupt` when two records have one key (`key-not-unique`,
   * misconfigured), or a key is null or cannot be decoded.
   */
  index(file: ByteFile, ask: { readonly signal: AbortSignal }): Promise<VersionIndex>;
}

interface Known {
  readonly version: string;
  readonly index: Promise<VersionIndex>;
}

export interface VersionsOf {
  readonly source: string;
  readonly table: Table;
  readonly stored: StoredFile;
  readonly sliceMs: number;
}

export function versionsOf(of: VersionsOf): Versions {
  const closing = new AbortController();
  let known: Known | undefined;
  return {
    async index(file, { signal }) {
      signal.throwIfAborted();
      if (known?.version !== file.version) {
        const fresh: Known = { version: file.version, index: build(of, file.version, closing.signal) };
        known = fresh;
        fresh.index.catch((error: unknown) => {
          // Bad data stays bad as long as the version is the same; anything else is worth another attempt.
          const lasting = error instanceof Fault && error.kind === 'corrupt';
          if (!lasting && known === fresh) known = undefined;
        });
      }
      return unlessAborted(known.index, signal);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await known?.index.catch(() => {});
    },
  };
}

/** Several readers wait for one index; each may leave alone. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

async function build(of: VersionsOf, version: string, signal: AbortSignal): Promise<VersionIndex> {
  const { table, stored, source, sliceMs } = of;
  await using file = await stored.open({ signal });
  if (file.version !== version) {
    throw new Fault('unavailable', `"${stored.path}" was replaced while it was opened`, {
      code: 'file-changed',
    });
  }
  const { key, framing } = table;
  const decode: Decode = table.codec.decoder(key.map(({ field }) => field));
  const collector = collectKeys(key.map(({ type }) => type));
  const slice = slices(sliceMs);
  const lines = lineSpansOf();
  const addKeys = async (block: Block): Promise<void> => {
    const place = placeIn(source, table.collection.name, block);
    try {
      for (; place.i < block.length; place.i++) {
        const row = decode(block.bytes, block.start(place.i), block.end(place.i), place.locate);
        const values = key.map(({ field }) => valueAt(row, field));
        if (values.includes(null)) {
          throw new Fault('corrupt', 'A record has no value in its key', {
            ...place.locate(),
            code: 'key-is-null',
          });
        }
        collector.add(values);
        if ((place.i & 0xff) === 0 && slice.over()) {
          await slice.next();
          signal.throwIfAborted();
        }
      }
    } catch (error) {
      throw place.settle(error);
    }
  };
  for await (const raw of scanBlocks(file, framing, { signal })) {
    if (framing.kind === 'lines') {
      for (let i = 0; i < raw.length; i++) lines.add(raw.offset(i), raw.end(i) - raw.start(i));
    }
    for (const block of table.shape(raw)) await addKeys(block);
  }
  const keys = await collector.finish({ slice, signal });
  if (!isKeyIndex(keys)) throw notUnique(of, keys.first, keys.second, keys.key);
  return { keys, span: framing.kind === 'fixed' ? fixedSpan(framing) : lines.span };
}

function notUnique(
  { source, table }: VersionsOf,
  first: number,
  second: number,
  key: readonly Value[],
): Fault {
  const names = table.key.map(({ field }) => field).join(', ');
  const shown = key.map((value, i) => keyText(table.key.slice(i, i + 1), [value])).join(', ');
  return new Fault(
    'corrupt',
    `The key (${names}) of "${table.collection.name}" is not unique: records ${first + 1} and ${second + 1} of "${table.path}" both have ${shown.slice(0, 200)}`,
    {
      code: 'key-not-unique',
      source,
      collection: table.collection.name,
      record: second + 1,
      misconfigured: true,
      hint: 'Add the field that tells them apart to "key", or leave "key" out.',
    },
  );
}

function fixedSpan({ length, shown }: FixedFraming) {
  return (record: number): Span => ({ record, offset: record * length, length: shown });
}

/** Where lines stand, in the order of the file. */
function lineSpansOf() {
  const offsets: number[] = [];
  const lengths: number[] = [];
  return {
    add(offset: number, length: number): void {
      offsets.push(offset);
      lengths.push(length);
    },
    span: (record: number): Span => ({ record, offset: offsets[record] ?? 0, length: lengths[record] ?? 0 }),
  };
}
