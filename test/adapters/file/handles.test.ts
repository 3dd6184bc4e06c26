// Files of a set that are open at once: how many, and what becomes of one that was closed for others.

import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ByteFile } from '../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../adapters/file/store/disk.ts';
import { handlesWithin } from '../../../adapters/file/store/handles.ts';
import { faultOf, folder, handlesOn, never } from './opening.ts';

const ask = { signal: never };

function files() {
  return folder(Object.fromEntries(['A', 'B', 'C', 'D'].map((name) => [name, name.repeat(10)])));
}

describe('files that are open at once', () => {
  it('are no more than allowed; one that was closed for others is opened again when it is read', async () => {
    using at = files();
    const store = diskStore(at.path);
    await using handles = handlesWithin({ handles: 2 });
    const opened: ByteFile[] = [];
    for (const name of ['A', 'B', 'C', 'D']) opened.push(await handles.open(store.file(name), ask));
    assert.equal(handlesOn(at.path), 2);
    const read = async (i: number) => {
      const bytes = new Uint8Array(3);
      await opened[i]?.read(bytes, 7, ask);
      return new TextDecoder().decode(bytes);
    };
    assert.deepEqual(await Promise.all([0, 1, 2, 3, 0, 1].map(read)), [
      'AAA',
      'BBB',
      'CCC',
      'DDD',
      'AAA',
      'BBB',
    ]);
    assert.equal(handlesOn(at.path), 2);
    for (const file of opened) await file[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
  });

  it('hold no more bytes than allowed where they are held in memory', async () => {
    using at = files();
    const store = diskStore(at.path);
    await using handles = handlesWithin({ handles: 9, bytes: 25 });
    for (const name of ['A', 'B', 'C']) await handles.open(store.file(name), ask);
    assert.equal(handlesOn(at.path), 2);
  });

  it('one that was replaced meanwhile is a fault and no mixture; one that stayed open is the old one', async () => {
    using at = files();
    const store = diskStore(at.path);
    await using handles = handlesWithin({ handles: 1 });
    const closed = await handles.open(store.file('A'), ask);
    const open = await handles.open(store.file('B'), ask);
    for (const name of ['A', 'B']) {
      at.write('next', 'other');
      renameSync(join(at.path, 'next'), join(at.path, name));
    }
    const bytes = new Uint8Array(10);
    await open.read(bytes, 0, ask);
    assert.equal(new TextDecoder().decode(bytes), 'BBBBBBBBBB');
    const fault = await faultOf(() => closed.read(bytes, 0, ask));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-changed']);
  });

  it('everything is closed in the end, also when it is disposed of while it is read', async () => {
    using at = files();
    const store = diskStore(at.path);
    await using handles = handlesWithin({ handles: 1 });
    const file = await handles.open(store.file('A'), ask);
    await handles.open(store.file('B'), ask);
    const reading = file.read(new Uint8Array(5), 0, ask);
    await file[Symbol.asyncDispose]();
    await reading;
    await handles[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
  });
});
