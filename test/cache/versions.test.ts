// What is kept of files goes with their version, on a local disk: through the file adapter and the cache around it.

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Source } from '#spi';
import { type Folder, folder, hostAt, openFiles } from '../adapters/file/opening.ts';
import { WRITES, written } from '../adapters/file/writing.ts';
import { answerOf, caching, never } from './caching.ts';

const LINES = {
  'line.json': JSON.stringify([{ name: 'text', start: 0, width: 8, type: 'string', padPosition: 'end' }]),
};
const FOREVER = { maxAgeMs: 1_000_000, staleIfErrorMs: 1_000_000 };

/** Renamed into place, changed so many seconds ago. */
function put(at: Folder, name: string, content: string, ago = 3_600): void {
  at.write('new', content);
  const changed = Date.now() / 1000 - ago;
  utimesSync(join(at.path, 'new'), changed, changed);
  renameSync(join(at.path, 'new'), join(at.path, name));
}

const open = (at: Folder, lines: object, more: object = {}): Promise<Source> =>
  openFiles(hostAt(at.path), { ...more, collections: { lines: { parseMap: 'line.json', ...lines } } });

async function seen(source: Source, collection = 'lines') {
  const { rows, cache } = await answerOf(source, { collection, fields: ['text'] });
  return { texts: rows.map(({ text }) => text), use: cache?.use };
}

/** Longer than an opened version is given out before the disk is looked at. */
const LOOK_MS = 300;

for (const [what, lines] of [
  ['a file', { path: 'data.txt' }],
  ['a set of files', { files: 'data*.txt' }],
] as const) {
  describe(`what is kept of ${what}`, () => {
    it('is given until another version is known of; who looks first makes it forgotten for all', async () => {
      using at = folder(LINES);
      put(at, 'data.txt', 'one\n');
      await using plain = await open(at, lines);
      const { source } = caching(plain, FOREVER);
      await source.check(never);
      assert.deepEqual(await seen(source), { texts: ['one'], use: 'miss' });
      assert.deepEqual(await seen(source), { texts: ['one'], use: 'hit' });
      put(at, 'data.txt', 'two\n', 1_800);
      await wait(LOOK_MS);
      assert.deepEqual(await seen(source), { texts: ['one'], use: 'hit' }, 'nobody has looked');
      // Another question opens the file and meets the new version.
      await answerOf(source, { collection: 'lines', fields: ['text'], limit: 1 });
      assert.deepEqual(await seen(source), { texts: ['two'], use: 'miss' });
      await seen(source);
      assert.deepEqual(await seen(source), { texts: ['two'], use: 'hit' });
    });

    it('is forgotten when a look in the background finds a new version, though nobody reads', async () => {
      using at = folder(LINES);
      put(at, 'data.txt', 'one\n');
      await using plain = await open(at, { ...lines, refresh: { everyMs: 100 } });
      const { source } = caching(plain, FOREVER);
      await source.check(never);
      await seen(source);
      assert.deepEqual(await seen(source), { texts: ['one'], use: 'hit' });
      put(at, 'data.txt', 'two\n', 1_800);
      for (let i = 0; i < 400; i++) {
        const { texts } = await seen(source);
        if (texts[0] === 'two') break;
        await wait(10);
      }
      assert.deepEqual((await seen(source)).texts, ['two']);
    });

    it('stays the last good answer while the file is gone', async () => {
      using at = folder(LINES);
      put(at, 'data.txt', 'one\n');
      // A set of which no file is there is empty, which is an answer; a folder that is gone is none.
      const inside = 'path' in lines ? { path: 'in/data.txt' } : { files: 'in/data*.txt' };
      mkdirSync(join(at.path, 'in'));
      renameSync(join(at.path, 'data.txt'), join(at.path, 'in', 'data.txt'));
      await using plain = await open(at, inside);
      const { source, clock } = caching(plain, FOREVER);
      await source.check(never);
      await seen(source);
      rmSync(join(at.path, 'in'), { recursive: true });
      await wait(LOOK_MS);
      clock.forward(1_000_001);
      // A file that is open is still read by its source; of a set the folder cannot be looked at.
      assert.deepEqual(await seen(source), { texts: ['one'], use: 'path' in lines ? 'miss' : 'stale' });
    });

    it('is not kept as long as it may change without its time of change telling', async () => {
      using at = folder(LINES);
      put(at, 'data.txt', 'one\n', 0);
      await using plain = await open(at, lines);
      const { source } = caching(plain, FOREVER);
      await source.check(never);
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(await seen(source), { texts: ['one'], use: 'miss' });
        if ('files' in lines) await wait(LOOK_MS);
      }
    });
  });
}

describe('what is kept of two collections over one file', () => {
  it('is forgotten of both when one of them is written', async () => {
    const LAYOUT = `
       01  THING.
           05  ID     PIC 9(4).
           05  LABEL  PIC X(6).
`;
    const one = { path: 'a.dat', copybook: 'a.cpy', charset: 'ascii', key: ['ID'] };
    await using it = await written(
      { 'a.cpy': LAYOUT, 'a.dat': '0001one   0002two   ' },
      { things: { ...one, writes: WRITES }, same: one },
    );
    const past = Date.now() / 1000 - 3_600;
    utimesSync(join(it.place.path, 'a.dat'), past, past);
    const { source } = caching(it.source, FOREVER);
    await source.check(never);
    const labels = async (collection: string) => {
      const { rows, cache } = await answerOf(source, { collection });
      return { labels: rows.map(({ label }) => label), use: cache?.use };
    };
    for (const collection of ['things', 'same']) {
      await labels(collection);
      assert.deepEqual(await labels(collection), { labels: ['one', 'two'], use: 'hit' });
    }
    await source.write?.([{ collection: 'things', verb: 'update', key: [1], values: { label: 'new' } }], {
      signal: never,
    });
    for (const collection of ['same', 'things'])
      assert.deepEqual(await labels(collection), { labels: ['new', 'two'], use: 'miss' });
  });
});
