// Knows: the questions that both sides of the files benchmark answer, and the gateway's side of them: through the adapter, as the
// gateway asks it.
// Must not know: how the answers are timed.

import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { adapter } from '../adapters/file/file.ts';
import { ByteSink, type Conjunct, type Query, type Scalar, type Source } from '../src/spi.ts';

export interface Side {
  /** Rows as JSON. `reader`: those that ask at once have different numbers. */
  lookup(id: number, reader: number): Promise<readonly string[]>;
  /** The first 50 by key of those of the branch. */
  page(branch: string): Promise<readonly string[]>;
  /** Of those of the branch that have a balance above 0. */
  count(branch: string): Promise<number>;
}

export interface FileSide extends AsyncDisposable {
  /** The questions of one collection. */
  of(collection: string): Side;
}

const ACCT_ID = { field: 'acctId', type: { kind: 'int32' } } as const;
const BRANCH = { field: 'branch', type: { kind: 'string', length: 4 } } as const;
const BALANCE = { field: 'balance', type: { kind: 'decimal', precision: 11, scale: 2 } } as const;
const BY_KEY = [{ field: 'acctId', type: ACCT_ID.type as Scalar, descending: false }];

/** `collections`: more options of each, by name; all are tables over files with accounts. */
export async function fileSide(
  folder: string,
  collections: Readonly<Record<string, { readonly path: string } & object>>,
): Promise<FileSide> {
  const options = Object.fromEntries(
    Object.entries(collections).map(([name, own]) => [
      name,
      { copybook: 'ACCOUNT.cpy', charset: 'cp037', key: ['ACCT-ID'], ...own },
    ]),
  );
  const source = await adapter.open(adapter.options.parse({ collections: options }), {
    source: 'bench',
    path: (relative) => join(folder, relative),
    secret: () => Promise.reject(new Error('no secrets here')),
    sliceMs: 10,
  });
  return {
    of: (collection) => sideOf(source, collection),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

function sideOf(source: Source, collection: string): Side {
  const { signal } = new AbortController();
  const fields = source.model.collections
    .find(({ name }) => name === collection)
    ?.fields.map(({ name }) => name);
  const sink = new ByteSink();
  const rows = async (query: Query, limit?: number): Promise<readonly string[]> => {
    const found: string[] = [];
    const ask = { fields: [], json: fields ?? [], signal, ...(limit === undefined ? {} : { limit }) };
    for await (const batch of source.access(query).read(ask)) {
      for (let i = 0; i < batch.length; i++) {
        batch.json?.(i, sink);
        found.push(new TextDecoder().decode(sink.take()));
      }
    }
    return found;
  };
  const ofBranch = (value: string): Conjunct => ({ op: 'eq', ...BRANCH, value });
  return {
    lookup: (id) =>
      rows({ collection, where: [{ op: 'keys', fields: [ACCT_ID], keys: [[id]] }], order: BY_KEY }),
    page: (branch) => rows({ collection, where: [ofBranch(branch)], order: BY_KEY }, 50),
    async count(branch) {
      const where: readonly Conjunct[] = [ofBranch(branch), { op: 'gt', ...BALANCE, value: '0.00' }];
      const count = await source.access({ collection, where, order: [] }).count?.({ signal });
      return count ?? Number.NaN;
    },
  };
}

let publications = 0;

/** As if the file had just come: a version that nobody has seen, and old enough to be shared. */
export function publish(path: string): void {
  const at = Date.now() / 1000 - 3_600 + ++publications;
  utimesSync(path, at, at);
}
