// One opened version for many readers: how long it is given out, what replaces it, and that no handle stays open.
// The clock and the place for files are made up here, so nothing depends on real time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import type { ByteFile, StoredFile } from '../../../adapters/file/store/byte-store.ts';
import { sharedFile } from '../../../adapters/file/versions/shared-file.ts';
import { faultOf, never } from './opening.ts';

const NOON = Date.parse('2024-02-29T12:00:00Z');
const LARGE = 4_194_305;

/** A file that a test changes under its readers, and a clock that it turns. */
function world(content = 'AAAA') {
  const state = {
    now: NOON,
    /** The bytes that a newly opened handle sees, and when they were written. */
    content: new TextEncoder().encode(content),
    size: undefined as number | undefined,
    modifiedAt: NOON - 60_000,
    version: 1,
    opens: 0,
    reads: 0,
    handles: 0,
    /** Called before an opening is answered, and before a read is. */
    onOpen: async (): Promise<void> => {},
    onRead: async (): Promise<void> => {},
    closeFails: false,
  };
  const stored: StoredFile = {
    path: 'F',
    async open() {
      state.opens++;
      const { content: bytes, version, modifiedAt, size = bytes.length } = state;
      await state.onOpen();
      state.handles++;
      let open = true;
      const file: ByteFile = {
        size,
        version: String(version),
        modifiedAt: new Date(modifiedAt).toISOString(),
        async read(into, offset) {
          assert.ok(open, 'a closed file is not read');
          state.reads++;
          await state.onRead();
          assert.ok(open, 'a file is not closed under a read');
          into.set(bytes.subarray(offset, offset + into.length));
        },
        async [Symbol.asyncDispose]() {
          assert.ok(open, 'a file is closed once');
          open = false;
          state.handles--;
          if (state.closeFails) throw new Error('no close');
        },
      };
      return file;
    },
  };
  const file = sharedFile(stored, () => state.now);
  return {
    state,
    file,
    open: (signal = never) => file.open({ signal }),
    /** The file as the next opening finds it. */
    change(next: string) {
      state.content = new TextEncoder().encode(next);
      state.version++;
    },
  };
}

const close = (file: ByteFile) => file[Symbol.asyncDispose]();

async function textOf(file: ByteFile, offset = 0, length = file.size - offset): Promise<string> {
  const into = new Uint8Array(length);
  await file.read(into, offset, { signal: never });
  return new TextDecoder().decode(into);
}

/** An event that a test waits for, and that it lets happen. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

describe('a shared file', () => {
  it('is opened once for readers side by side and behind each other, and stays open for the next', async () => {
    const { state, file, open } = world();
    const first = await open();
    const second = await open();
    await close(first);
    state.now += 249;
    const third = await open();
    assert.deepEqual([state.opens, state.handles], [1, 1]);
    assert.equal(await textOf(third), 'AAAA');
    await close(second);
    await close(third);
    assert.equal(state.handles, 1);
    await file[Symbol.asyncDispose]();
    assert.equal(state.handles, 0);
  });

  it('is looked for again after 250 ms: readers of the old version finish on it, then it is closed', async () => {
    const { state, open, change } = world();
    const old = await open();
    change('BBBBB');
    state.now += 249;
    const late = await open();
    assert.equal(late.version, '1');
    await close(late);
    state.now += 1;
    const fresh = await open();
    assert.deepEqual([fresh.version, fresh.size, await textOf(fresh)], ['2', 5, 'BBBBB']);
    assert.equal(state.handles, 2);
    assert.equal(await textOf(old), 'AAAA');
    await close(old);
    assert.equal(state.handles, 1);
    await close(fresh);
    assert.equal(state.handles, 1);
  });

  it('is looked for again when the clock was set back', async () => {
    const { state, open, change } = world();
    await close(await open());
    change('BBBB');
    state.now -= 3_600_000;
    state.modifiedAt -= 7_200_000;
    const fresh = await open();
    assert.equal(fresh.version, '2');
  });

  it('opened by several readers at once leaves one handle open, whoever is served first', async () => {
    for (const servedFirst of [0, 1, 2]) {
      const { state, file, open, change } = world();
      await close(await open());
      state.now += 300;
      const gates = [gate(), gate(), gate()];
      const openings: Promise<ByteFile>[] = [];
      for (const [i, one] of gates.entries()) {
        if (i === 1) change('BBBB');
        state.onOpen = () => one.passed;
        openings.push(open());
        state.now += 1;
      }
      gates[servedFirst]?.open();
      await openings[servedFirst];
      for (const one of gates) one.open();
      const files = await Promise.all(openings);
      assert.deepEqual(
        files.map(({ version }) => version),
        ['1', '2', '2'],
      );
      assert.equal((await open()).version, '2', 'the version of whoever looked last');
      assert.equal(state.opens, 4);
      for (const one of files) await close(one);
      assert.equal(state.handles, 1);
      await file[Symbol.asyncDispose]();
      assert.equal(state.handles, 1, 'that of the reader which is still there');
    }
  });

  it('that cannot be opened any more is closed, and opened again as soon as it can be', async () => {
    const { state, open } = world();
    const reader = await open();
    state.now += 300;
    state.onOpen = () => Promise.reject(new Fault('unavailable', 'gone', { code: 'file-missing' }));
    assert.equal((await faultOf(() => open())).code, 'file-missing');
    assert.equal(await textOf(reader), 'AAAA');
    await close(reader);
    assert.equal(state.handles, 0);
    state.onOpen = async () => {};
    assert.equal(await textOf(await open()), 'AAAA');
  });

  it('stays as it is when a reader leaves while it is opened, or another is served meanwhile', async () => {
    const { state, open } = world();
    assert.equal(await textOf(await open()), 'AAAA');
    state.now += 300;
    const leaving = new AbortController();
    state.onOpen = async () => {
      leaving.abort(new Error('gone'));
      leaving.signal.throwIfAborted();
    };
    await assert.rejects(open(leaving.signal), /gone/);
    state.onOpen = async () => {};
    assert.equal(await textOf(await open()), 'AAAA');
    assert.equal(state.reads, 1, 'what was read of the version is kept');

    state.now += 300;
    const failing = gate();
    state.onOpen = () => failing.passed.then(() => Promise.reject(new Fault('unavailable', 'once')));
    const failed = faultOf(() => open());
    state.onOpen = async () => {};
    const served = await open();
    failing.open();
    await failed;
    const { opens } = state;
    await close(served);
    await close(await open());
    assert.equal(state.opens, opens);
  });

  it('that was written is looked for again at once, and what was being opened before is shared with nobody', async () => {
    const { state, file, open, change } = world();
    const reader = await open();
    const { promise, resolve: go } = Promise.withResolvers<void>();
    state.onOpen = () => promise;
    state.now += 250;
    const early = open();
    change('BBBB');
    await file.forget();
    state.onOpen = async () => {};
    go();
    const slow = await early;
    const next = await open();
    assert.deepEqual(
      [await textOf(reader), await textOf(slow), await textOf(next)],
      ['AAAA', 'AAAA', 'BBBB'],
    );
    for (const one of [reader, slow, next]) await close(one);
    await file[Symbol.asyncDispose]();
    assert.equal(state.handles, 0);
  });

  it('is not opened for a reader that has left', async () => {
    const { state, open } = world();
    await assert.rejects(open(AbortSignal.abort(new Error('gone'))), /gone/);
    assert.equal(state.opens, 0);
  });

  it('is not shared while it is recently modified: each reader has its own, and nothing is kept', async () => {
    const { state, open, change } = world();
    await close(await open());
    state.now += 300;
    change('BBBB');
    state.modifiedAt = state.now - 1_999;
    const first = await open();
    const second = await open();
    assert.deepEqual([state.opens, state.handles], [3, 2]);
    await close(first);
    await close(second);
    assert.equal(state.handles, 0);
    state.now += 1;
    await close(await open());
    await close(await open());
    assert.deepEqual([state.opens, state.handles], [4, 1]);
  });

  it('that was disposed of is closed behind its last reader, and is not kept open by those who come later', async () => {
    const { state, file, open } = world();
    const reader = await open();
    const opening = gate();
    state.now += 300;
    state.onOpen = () => opening.passed;
    const late = open();
    await file[Symbol.asyncDispose]();
    assert.equal(await textOf(reader), 'AAAA');
    assert.equal(state.handles, 1);
    await close(reader);
    assert.equal(state.handles, 0);
    opening.open();
    await close(await late);
    await close(await open());
    assert.equal(state.handles, 0);
  });

  it('counts a reader that closes twice once', async () => {
    const { state, file, open } = world();
    const [first, second] = [await open(), await open()];
    await Promise.all([close(first), close(first)]);
    await file[Symbol.asyncDispose]();
    assert.equal(state.handles, 1);
    await close(second);
    assert.equal(state.handles, 0);
  });

  it('whose old version cannot be closed serves the new one', async () => {
    const { state, open, change } = world();
    await close(await open());
    change('BBBB');
    state.now += 300;
    state.closeFails = true;
    assert.equal(await textOf(await open()), 'BBBB');
  });
});

describe('the bytes of a shared file', () => {
  it('are read once for all readers of a version, also of one that was looked for again', async () => {
    const { state, open, change } = world('ABCDEFGH');
    const [first, second] = [await open(), await open()];
    assert.deepEqual(await Promise.all([textOf(first, 0, 2), textOf(second, 6, 2)]), ['AB', 'GH']);
    state.now += 300;
    assert.equal(await textOf(await open(), 2, 3), 'CDE');
    assert.deepEqual([state.opens, state.reads], [2, 1]);
    state.now += 300;
    change('12345678');
    assert.equal(await textOf(await open(), 2, 3), '345');
    assert.equal(state.reads, 2);
    // Versions that were replaced may be many: their bytes are not held.
    assert.equal(await textOf(first, 2, 3), 'CDE');
    assert.equal(state.reads, 3);
  });

  it('are read piece by piece from a large file', async () => {
    const { state, open } = world('ABCDEFGH');
    state.size = LARGE;
    const file = await open();
    assert.equal(await textOf(file, 2, 3), 'CDE');
    assert.equal(await textOf(file, 2, 3), 'CDE');
    assert.equal(state.reads, 2);
  });

  it('that could not be read are read again, also by those who looked for the file meanwhile', async () => {
    const { state, open } = world();
    const reading = gate();
    state.onRead = () => reading.passed.then(() => Promise.reject(new Fault('unavailable', 'disk')));
    const first = await open();
    const failed = faultOf(() => textOf(first));
    state.now += 300;
    const second = await open();
    reading.open();
    assert.equal((await failed).message, 'disk');
    state.onRead = async () => {};
    assert.deepEqual([await textOf(first), await textOf(second)], ['AAAA', 'AAAA']);
  });

  it('are read to the end when the only reader leaves meanwhile, and the file is closed behind that', async () => {
    const { state, file, open } = world();
    const reading = gate();
    state.onRead = () => reading.passed;
    const reader = await open();
    const leaving = new AbortController();
    const left = assert.rejects(reader.read(new Uint8Array(2), 0, { signal: leaving.signal }), /gone/);
    leaving.abort(new Error('gone'));
    await close(reader);
    await file[Symbol.asyncDispose]();
    assert.equal(state.handles, 1);
    reading.open();
    await left;
    assert.equal(state.handles, 0);
  });

  it('behind the end are the file’s own business', async () => {
    const { state, open } = world();
    const file = await open();
    await textOf(file, 2, 3);
    await textOf(file, 2, 3);
    assert.equal(state.reads, 2);
  });
});
