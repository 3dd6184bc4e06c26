// Large files: memory stays bounded, others get their turn, a lookup reads only what it needs.

import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Batch } from '#spi';
import { folder, hostAt, never, openFiles } from './opening.ts';

const COPYBOOK = `
       01  ROW.
           05  ID      PIC 9(9) COMP.
           05  AMOUNT  PIC S9(5)V99 COMP.
           05  NOTE    PIC X(92).
`;
const MEGABYTES = 40;

/** A file that is nothing but a hole: zeros, at no cost of disk. */
function sparse() {
  const at = folder({ 'row.cpy': COPYBOOK, 'ROWS.BIN': '' });
  truncateSync(join(at.path, 'ROWS.BIN'), MEGABYTES * 1_000_000);
  return at;
}

const rows = (at: { readonly path: string }, sliceMs = 10) =>
  openFiles(hostAt(at.path, sliceMs), {
    collections: { rows: { path: 'ROWS.BIN', copybook: 'row.cpy', charset: 'cp037' } },
  });

describe('a large file', () => {
  it('is scanned in bounded memory, however slow the reader', async () => {
    using at = sparse();
    await using source = await rows(at);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let seen = 0;
    const access = source.access({ collection: 'rows', where: [], order: [] });
    for await (const batch of access.read({ fields: ['id'], signal: never })) {
      seen += batch.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    assert.equal(seen, MEGABYTES * 10_000);
    assert.ok(most < 8_000_000, `${most} bytes of buffers`);
  });

  it('is counted and filtered without a row being made, and others get their turn meanwhile', async () => {
    using at = sparse();
    await using source = await rows(at, 1);
    const where = [
      { op: 'ne', field: 'amount', type: { kind: 'decimal', precision: 7, scale: 2 }, value: '0.00' },
    ] as const;
    let turns = 0;
    const ticker = setInterval(() => turns++, 0);
    const count = await source.access({ collection: 'rows', where, order: [] }).count?.({ signal: never });
    clearInterval(ticker);
    assert.equal(count, 0);
    assert.ok(turns > 0, 'the event loop turned');
    assert.equal(
      await source.access({ collection: 'rows', where: [], order: [] }).count?.({ signal: never }),
      MEGABYTES * 10_000,
    );
  });

  it('of short lines with a wide layout makes no more records at once than fit', async () => {
    const map = [{ name: 'wide', start: 0, width: 30_000, padPosition: 'end' }];
    using at = folder({ 'lines.txt': '\n'.repeat(100_000), 'map.json': JSON.stringify(map) });
    await using source = await openFiles(hostAt(at.path), {
      collections: { lines: { path: 'lines.txt', parseMap: 'map.json' } },
    });
    let most = 0;
    let seen = 0;
    const access = source.access({ collection: 'lines', where: [], order: [] });
    for await (const batch of access.read({ fields: [], signal: never })) {
      seen += batch.length;
      most = Math.max(most, batch.length);
      if (seen > 5_000) break;
    }
    // A batch is made of one buffer, so its size is what is held; what the collector has not freed yet says nothing.
    assert.ok(most * 30_000 < 2_000_000, `${most} records of 30,000 bytes at once`);
  });

  it('the first batch of a list is small', async () => {
    using at = sparse();
    await using source = await rows(at);
    let first: Batch | undefined;
    for await (const batch of source
      .access({ collection: 'rows', where: [], order: [] })
      .read({ fields: ['id'], signal: never })) {
      first = batch;
      break;
    }
    assert.ok(first !== undefined && first.length <= 1_000);
  });
});
