// Programs that overwrite a file in place instead of renaming a new one over it: no reader sees a mixture of two versions.

import assert from 'node:assert/strict';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Source } from '#spi';
import { diskStore } from '../../../adapters/file/store/disk.ts';
import { collect, type Folder, faultOf, folder, handlesOn, hostAt, never, openFiles } from './opening.ts';

const LINES = {
  'line.json': JSON.stringify([{ name: 'text', start: 0, width: 7, type: 'string', padPosition: 'end' }]),
};
/** More than is held in memory. */
const COUNT = 700_000;

function overwrite(path: string, content: Uint8Array, offset = 0): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, content, 0, content.length, offset);
  closeSync(fd);
}

const open = (at: Folder, copies: boolean): Promise<Source> =>
  openFiles(hostAt(at.path), {
    store: { disk: { copies } },
    cache: { folder: 'cache' },
    collections: { lines: { path: 'data.txt', parseMap: 'line.json' } },
  });

/** Reads all of it, and does something once the first rows are there. */
async function seenWhile(source: Source, action: () => void): Promise<ReadonlySet<unknown>> {
  const seen = new Set<unknown>();
  const access = source.access({ collection: 'lines', where: [], order: [] });
  let first = true;
  for await (const batch of access.read({ fields: ['text'], signal: never })) {
    for (let i = 0; i < batch.length; i++) seen.add(batch.row(i)['text']);
    if (first) action();
    first = false;
  }
  return seen;
}

describe('a file that is overwritten in place', () => {
  const old = Buffer.from('one    \n'.repeat(COUNT));
  const next = Buffer.from('two    \n'.repeat(COUNT));

  it('is a fault for who reads it meanwhile, and the new version for who reads it then', async () => {
    using at = folder({ ...LINES, 'data.txt': old });
    await using source = await open(at, false);
    const fault = await faultOf(() => seenWhile(source, () => overwrite(join(at.path, 'data.txt'), next)));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-changed']);
    assert.match(fault.place.hint ?? '', /copies: true/);
    assert.deepEqual([...(await seenWhile(source, () => {}))], ['two']);
  });

  it('is one version for each reader where copies are read', async () => {
    using at = folder({ ...LINES, 'data.txt': old });
    await using source = await open(at, true);
    assert.deepEqual(
      [...(await seenWhile(source, () => overwrite(join(at.path, 'data.txt'), next)))],
      ['one'],
    );
    assert.deepEqual([...(await seenWhile(source, () => {}))], ['two']);
  });

  it('is refused by the read that ends after the change, also where its size is the same, and by reads side by side', async () => {
    using at = folder({ F: 'one' });
    await using file = await diskStore(at.path).file('F').open({ signal: never });
    const into = () => new Uint8Array(3);
    await Promise.all(Array.from({ length: 5 }, () => file.read(into(), 0, { signal: never })));
    utimesSync(join(at.path, 'F'), 1, 1);
    overwrite(join(at.path, 'F'), Buffer.from('two'));
    const reads = await Promise.allSettled(
      Array.from({ length: 5 }, () => file.read(into(), 0, { signal: never })),
    );
    assert.ok(reads.every(({ status }) => status === 'rejected'));
  });
});

describe('copies of local files', () => {
  it('are served while the file is gone, also after a restart, and the check says so', async () => {
    using at = folder({ ...LINES, 'data.txt': 'one\n' });
    utimesSync(join(at.path, 'data.txt'), 1_700_000_000, 1_700_000_000.25);
    const first = await open(at, true);
    assert.deepEqual(await collect(first, { collection: 'lines' }), [{ text: 'one' }]);
    await first[Symbol.asyncDispose]();
    rmSync(join(at.path, 'data.txt'));
    await using second = await open(at, true);
    const access = second.access({ collection: 'lines', where: [], order: [] });
    for await (const batch of access.read({ fields: ['text'], signal: never })) {
      assert.deepEqual([batch.row(0), batch.asOf], [{ text: 'one' }, '2023-11-14T22:13:20.25Z']);
    }
    assert.equal((await faultOf(() => second.check(never))).code, 'file-missing');
  });

  it('are made once, and of an unchanged file not again', async () => {
    using at = folder({ ...LINES, 'data.txt': 'one\n' });
    for (let start = 0; start < 2; start++) {
      await using source = await open(at, true);
      assert.deepEqual(await collect(source, { collection: 'lines' }), [{ text: 'one' }]);
      assert.equal(readdirSync(join(at.path, 'cache', 'files')).length, 1);
    }
    assert.equal(handlesOn(at.path), 0);
  });

  it('that were damaged on the disk, wherever in them, are made again', async () => {
    const content = 'one    \n'.repeat(20_000);
    using at = folder({ ...LINES, 'data.txt': content });
    const first = await open(at, true);
    await seenWhile(first, () => {});
    await first[Symbol.asyncDispose]();
    const [name = ''] = readdirSync(join(at.path, 'cache', 'files'));
    const copy = join(at.path, 'cache', 'files', name);
    overwrite(copy, Buffer.from('bad'), 80_000);
    await using second = await open(at, true);
    assert.deepEqual([...(await seenWhile(second, () => {}))], ['one']);
    const [again = ''] = readdirSync(join(at.path, 'cache', 'files'));
    assert.equal(readFileSync(join(at.path, 'cache', 'files', again), 'latin1'), content);
  });

  it('of patterns are looked for where the files are', async () => {
    using at = folder({ ...LINES, 'a.txt': 'one\n' });
    await using source = await openFiles(hostAt(at.path), {
      store: { disk: { copies: true } },
      cache: { folder: 'cache' },
      collections: { lines: { files: '*.txt', parseMap: 'line.json', key: ['text'] } },
    });
    writeFileSync(join(at.path, 'b.txt'), 'two\n');
    assert.deepEqual(
      (await collect(source, { collection: 'lines' })).map((row) => row['text']),
      ['one', 'two'],
    );
    await source.check(never);
  });
});
