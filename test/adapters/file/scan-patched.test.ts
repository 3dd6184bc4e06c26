// Scans that threads do while the gateway itself overwrites records of the file in place: an answer is of the version before or of the one
// after, as a whole.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Conjunct, Source } from '#spi';
import { adapter, fileSource } from '../../../adapters/file/file.ts';
import { PROCESS_SCANS } from '../../../adapters/file/scans/scans.ts';
import type { ByteStore } from '../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../adapters/file/store/disk.ts';
import { collect, folder, hostAt, never } from './opening.ts';
import { update } from './writing.ts';

const COPYBOOK = '       01 ROW. 05 ID PIC 9(6). 05 FLAG PIC X. 05 NOTE PIC X(93).\n';
const COUNT = 20_000;
/** Records that are changed together, over the whole file. */
const CHANGED = Array.from({ length: 40 }, (_, i) => i * 499 + 7);
/** Reports of scans that came too late, and those that did not, before the test is content. */
const WANTED = 8;
const MOST_CHANGES = 200;

/** Counts what becomes of scans: are their findings believed? */
function counted(store: ByteStore): ByteStore & { readonly told: { yes: number; no: number } } {
  const told = { yes: 0, no: 0 };
  return {
    ...store,
    told,
    file(path) {
      const stored = store.file(path);
      return {
        ...stored,
        async open(ask) {
          const file = await stored.open(ask);
          return {
            ...file,
            async descriptor(how) {
              const lent = await file.descriptor?.(how);
              assert.ok(lent);
              return {
                ...lent,
                async confirm() {
                  const believed = await lent.confirm();
                  told[believed ? 'yes' : 'no']++;
                  return believed;
                },
              };
            },
          };
        },
      };
    },
  };
}

/** A filter that threads look for. */
function flagged(source: Source, value: string): readonly Conjunct[] {
  const type = source.model.collections[0]?.fields.find(({ name }) => name === 'flag')?.type;
  assert.ok(type?.kind === 'string');
  return [{ op: 'eq', field: 'flag', type, value }];
}

describe('a scan by threads while its file is changed in place', () => {
  it('finds the version before or the one after as a whole, row by row and in a count', async () => {
    const content = Array.from(
      { length: COUNT },
      (_, i) => `${String(i).padStart(6, '0')}${CHANGED.includes(i) ? 'A' : '.'}${'x'.repeat(93)}`,
    ).join('');
    using at = folder({ 'row.cpy': COPYBOOK, DATA: content });
    const store = counted(diskStore(at.path));
    const collections = {
      rows: { path: 'DATA', copybook: 'row.cpy', charset: 'ascii', key: ['ID'], writes: ['update'] },
    };
    const scans = { ...PROCESS_SCANS, smallestBytes: 0, firstBytes: 0 };
    await using source = await fileSource(
      adapter.options.parse({ collections }),
      store,
      hostAt(at.path),
      scans,
    );

    const answers = new Set<number>();
    let over = false;
    const reading = async (ask: (where: readonly Conjunct[]) => Promise<number>) => {
      try {
        while (!over) for (const flag of ['A', 'B']) answers.add(await ask(flagged(source, flag)));
      } finally {
        over = true;
      }
    };
    const rows = reading(async (where) => {
      const found = (await collect(source, { collection: 'rows', where })).map(({ id }) => id);
      if (found.length > 0) assert.deepEqual(found, CHANGED);
      return found.length;
    });
    const count = reading(async (where) => {
      const access = source.access({ collection: 'rows', where, order: [] });
      return (await access.count?.({ signal: never })) ?? Number.NaN;
    });
    const writing = async () => {
      for (let i = 0; i < MOST_CHANGES && Math.min(store.told.yes, store.told.no) < WANTED; i++) {
        const flag = i % 2 === 0 ? 'B' : 'A';
        const changes = CHANGED.map((id) => update('rows', [id], { flag }));
        const before = store.told.yes;
        await source.write?.(changes, { signal: never });
        // The next change meets a scan that has begun.
        while (store.told.yes === before && !over) await setTimeout(1);
      }
    };
    const ended = writing().finally(() => {
      over = true;
    });
    const all = await Promise.allSettled([rows, count, ended]);
    for (const one of all) if (one.status === 'rejected') throw one.reason;
    assert.deepEqual(
      [...answers].toSorted((a, b) => a - b),
      [0, CHANGED.length],
    );
    assert.ok(Math.min(store.told.yes, store.told.no) >= WANTED, JSON.stringify(store.told));
  });
});
