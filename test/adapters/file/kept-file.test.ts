// Versions that stay open when others took their place: how long, how many, and that no handle stays behind.
// The clock and the place for files are made up here, so nothing depends on real time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteFile, StoredFile } from '../../../adapters/file/store/byte-store.ts';
import { type Keeping, keeperOf } from '../../../adapters/file/versions/keeper.ts';
import { keptFile } from '../../../adapters/file/versions/kept-file.ts';
import { sharedFile } from '../../../adapters/file/versions/shared-file.ts';
import { never } from './opening.ts';

const LONG_AGO = '2024-02-29T12:00:00Z';

/** A file that a test changes under its readers, and clocks that it turns. */
function world(keeping: Partial<Keeping> = {}, modifiedAt = LONG_AGO) {
  const state = { now: 1_000, content: 'AAAA', version: 1, handles: 0, overwritten: new Set<number>() };
  const stored: StoredFile = {
    path: 'F',
    async open() {
      const { version } = state;
      const bytes = new TextEncoder().encode(state.content);
      state.handles++;
      return {
        size: bytes.length,
        version: String(version),
        modifiedAt,
        read: async (into, offset) => into.set(bytes.subarray(offset, offset + into.length)),
        unchanged: async () => !state.overwritten.has(version),
        async [Symbol.asyncDispose]() {
          state.handles--;
        },
      };
    },
  };
  const keeper = keeperOf({ forMs: 60_000, most: 3, maxBytes: 1_000, ...keeping }, () => state.now);
  const shared = sharedFile(stored, () => Date.parse(LONG_AGO) + 1_000_000 + state.now);
  const file = keptFile(shared, keeper);
  const read = async (version?: string): Promise<readonly [name: string, text: string]> => {
    await using opened = await file.open({ signal: never, version });
    return [nameOf(opened), await textOf(opened)];
  };
  return {
    state,
    file,
    read,
    open: (version?: string) => file.open({ signal: never, version }),
    /** The next opening finds another version, or the same one, and so does a reader. */
    async change(content: string, version = state.version + 1): Promise<string> {
      state.now += 300;
      state.content = content;
      state.version = version;
      return (await read())[0];
    },
    async dispose() {
      await file[Symbol.asyncDispose]();
      await keeper[Symbol.asyncDispose]();
      await shared[Symbol.asyncDispose]();
    },
  };
}

const nameOf = (file: ByteFile) => file.kept?.name ?? '';

async function textOf(file: ByteFile): Promise<string> {
  const into = new Uint8Array(file.size);
  await file.read(into, 0, { signal: never });
  return new TextDecoder().decode(into);
}

/** Everything that is due has had its turn. */
const settled = () => new Promise(setImmediate);

describe('a version that was replaced', () => {
  it('is opened by its name, for as long as it is kept after it was last asked for', async () => {
    const { state, read, change } = world();
    const [a] = await read();
    assert.match(a, /^[\w-]{22}$/);
    await change('BBBB');
    assert.deepEqual(await read(a), [a, 'AAAA']);
    state.now += 50_000;
    assert.deepEqual(await read(a), [a, 'AAAA']);
    state.now += 59_999;
    assert.deepEqual(await read(a), [a, 'AAAA']);
    state.now += 60_000;
    await change('CCCC');
    await settled();
    assert.equal((await read(a))[1], 'CCCC');
    await change('DDDD');
  });

  it('counts its time from when another version was seen', async () => {
    const { state, read, change } = world();
    const [a] = await read();
    state.now += 3_600_000;
    await change('BBBB');
    state.now += 59_999;
    assert.equal((await read(a))[1], 'AAAA');
  });

  it('gives way to those that were asked for later: by number, and by bytes', async () => {
    for (const [keeping, left] of [
      [{ most: 2 }, 2],
      [{ maxBytes: 9 }, 2],
      [{ maxBytes: 3 }, 1],
    ] as const) {
      const { state, read, change, dispose } = world(keeping);
      const names = [(await read())[0]];
      for (const content of ['BBBB', 'CCCC', 'DDDD']) {
        names.push(await change(content));
        // The first one is read again and again.
        if (left > 1) assert.equal((await read(names[0]))[1], 'AAAA');
      }
      await settled();
      const there = await Promise.all(names.map(async (name) => (await read(name))[0] === name));
      const wanted = left === 1 ? [false, false, true, true] : [true, false, true, true];
      assert.deepEqual(there, wanted, JSON.stringify(keeping));
      assert.equal(state.handles, left + 1);
      await dispose();
      assert.equal(state.handles, 0);
    }
  });

  it('is not opened again when its bytes were changed under it', async () => {
    const { state, read, change } = world();
    const [a] = await read();
    await change('BBBB');
    state.overwritten.add(1);
    assert.equal((await read(a))[1], 'BBBB');
    assert.equal(state.handles, 1);
    state.overwritten.add(2);
    state.content = 'CCCC';
    state.version = 3;
    const [b] = await read();
    assert.equal((await read(b))[1], 'CCCC', 'the newest, too, is looked at anew');
  });

  it('is the newest again when it comes back', async () => {
    const { state, read, change } = world();
    const [a] = await read();
    const b = await change('BBBB');
    assert.equal(await change('AAAA', 1), a);
    assert.deepEqual([(await read())[0], (await read(b))[1]], [a, 'BBBB']);
    state.now += 100_000;
    await change('AAAA', 1);
    await settled();
    assert.equal((await read(a))[1], 'AAAA');
  });

  it('is gone when it is not kept and nobody reads it: only then', async () => {
    const { state, open, change, file, dispose } = world();
    const reader = await open();
    const twin = reader.kept?.share();
    let gone = false;
    reader.kept?.gone.then(() => {
      gone = true;
    });
    await change('BBBB');
    await dispose();
    await reader[Symbol.asyncDispose]();
    await settled();
    assert.ok(twin !== undefined && !gone);
    assert.equal(await textOf(twin), 'AAAA');
    await twin[Symbol.asyncDispose]();
    await twin[Symbol.asyncDispose]();
    await settled();
    assert.ok(gone);
    assert.equal(state.handles, 0);
    await (await file.open({ signal: never }))[Symbol.asyncDispose]();
    assert.equal(state.handles, 0, 'nothing is kept any more');
  });

  it('that may still be written to keeps one handle, however often it is opened', async () => {
    const { state, read, open, dispose } = world({}, '2099-01-01T00:00:00Z');
    const first = await open();
    for (let i = 0; i < 5; i++) await read();
    assert.equal(state.handles, 2);
    await first[Symbol.asyncDispose]();
    assert.equal(state.handles, 1);
    await dispose();
    assert.equal(state.handles, 0);
  });
});
