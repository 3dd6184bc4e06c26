// Files that are packed by gzip.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Fault } from '#spi';
import type { StoredFile } from '../../../adapters/file/store/byte-store.ts';
import { unpackedFile } from '../../../adapters/file/store/gzip.ts';
import { random } from '../../random.ts';
import { faultOf, never } from './opening.ts';

/** A file in memory that counts how often it is read; `content` may be replaced. */
function stored(content: Uint8Array) {
  const file = { content, version: 1, reads: 0, open: 0 };
  const store: StoredFile = {
    path: 'DATA.gz',
    async open() {
      const { content: bytes } = file;
      file.open++;
      return {
        size: bytes.length,
        version: String(file.version),
        modifiedAt: '2024-02-29T00:00:00Z',
        async read(into, offset) {
          file.reads++;
          into.set(bytes.subarray(offset, offset + into.length));
        },
        async [Symbol.asyncDispose]() {
          file.open--;
        },
      };
    },
  };
  return { file, store };
}

const dice = random(3);
const CONTENT = Uint8Array.from({ length: 3_000_000 }, () => dice.int(40));

async function contentOf(store: StoredFile): Promise<Uint8Array> {
  await using file = await store.open({ signal: never });
  const bytes = new Uint8Array(file.size);
  await file.read(bytes, 0, { signal: never });
  return bytes;
}

describe('a file that is packed by gzip', () => {
  it('is unpacked once for a version, and every byte of it can be reached', async () => {
    const { file, store } = stored(gzipSync(CONTENT));
    await using unpacked = unpackedFile(store);
    assert.deepEqual(await contentOf(unpacked), CONTENT);
    const { reads } = file;
    await using opened = await unpacked.open({ signal: never });
    for (const [offset, length] of [
      [0, 1],
      [1_048_570, 20],
      [2_999_990, 10],
      [500_000, 2_200_000],
    ] as const) {
      const part = new Uint8Array(length);
      await opened.read(part, offset, { signal: never });
      assert.deepEqual(part, CONTENT.subarray(offset, offset + length));
    }
    assert.equal(file.reads, reads);
    assert.equal(file.open, 0, 'the packed file is closed');
    assert.equal(opened.modifiedAt, '2024-02-29T00:00:00Z');

    file.content = gzipSync(CONTENT.subarray(0, 10));
    file.version = 2;
    assert.deepEqual(await contentOf(unpacked), CONTENT.subarray(0, 10));
  });

  it('may have several members, an empty one, and zeros behind them', async () => {
    const packed = Buffer.concat([gzipSync('ab'), gzipSync(''), gzipSync('cd'), Buffer.alloc(512)]);
    await using unpacked = unpackedFile(stored(packed).store);
    assert.equal(Buffer.from(await contentOf(unpacked)).toString(), 'abcd');
    await using empty = unpackedFile(stored(gzipSync('')).store);
    assert.equal((await contentOf(empty)).length, 0);
  });

  it('that is cut off or damaged is corrupt, by name, and no byte of it is shown', async () => {
    const packed = gzipSync(CONTENT.subarray(0, 100_000));
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['gzip-cut-off', packed.subarray(0, packed.length - 3)],
      ['gzip-cut-off', packed.subarray(0, 40)],
      ['gzip-damaged', packed.with(30_000, (packed[30_000] ?? 0) ^ 0x55)],
      ['gzip-damaged', packed.with(packed.length - 6, (packed.at(-6) ?? 0) ^ 1)],
      ['gzip-damaged', Buffer.concat([packed, Buffer.from('and more')])],
      ['not-gzip', Buffer.from('no gzip at all')],
      ['not-gzip', new Uint8Array(0)],
    ];
    for (const [code, bytes] of cases) {
      const { file, store } = stored(bytes);
      await using unpacked = unpackedFile(store);
      const fault = await faultOf(() => contentOf(unpacked));
      assert.deepEqual([fault.kind, fault.code], ['corrupt', code]);
      assert.match(fault.message, /"DATA.gz"/);
      assert.equal(file.open, 0);
    }
  });

  it('of more than the limit is too costly, and the fault names the limit', async () => {
    const { file, store } = stored(gzipSync(CONTENT));
    await using unpacked = unpackedFile(store, 2_999_999);
    const fault = await faultOf(() => contentOf(unpacked));
    assert.deepEqual([fault.kind, fault.code], ['too-costly', 'unpacked-too-large']);
    assert.match(fault.message, /2999999 bytes/);
    assert.equal(file.open, 0);
    await using enough = unpackedFile(store, 3_000_000);
    assert.equal((await contentOf(enough)).length, 3_000_000);
  });

  it('is unpacked for all who wait: one may leave without disturbing the others', async () => {
    const { store } = stored(gzipSync(CONTENT));
    await using unpacked = unpackedFile(store);
    const leaving = new AbortController();
    const leaver = assert.rejects(() => unpacked.open({ signal: leaving.signal }), /gone/);
    const stayer = contentOf(unpacked);
    leaving.abort(new Error('gone'));
    await leaver;
    assert.equal((await stayer).length, CONTENT.length);
  });

  it('ends its unpacking when the source is closed', async () => {
    const { file, store } = stored(gzipSync(CONTENT));
    const unpacked = unpackedFile(store);
    const opening = unpacked.open({ signal: never });
    opening.catch(() => {});
    await new Promise(setImmediate);
    await unpacked[Symbol.asyncDispose]();
    await assert.rejects(opening, (error) => error instanceof Fault && error.code === 'closing');
    assert.equal(file.open, 0);
  });
});
