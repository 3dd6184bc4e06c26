// A process stops at each point of a change, and another one at each point of undoing it: the file is the old one or the new one.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { machineOf } from '../../../../adapters/file/edit/machine.ts';
import type { FileEdit, Patch } from '../../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import {
  bytesOf,
  editing,
  type Folder,
  faultOf,
  folder,
  handlesOn,
  leftIn,
  never,
  piecesOf,
  textOf,
} from '../opening.ts';
import { Stopped, type Stopping, stoppingMachine } from './stopping.ts';

const ask = { signal: never };
const OLD = 'old record 1|old record 2|old record 3|';

function patch(offset: number, text: string): Patch {
  return { offset, bytes: new TextEncoder().encode(text) };
}

const inPlace = (edit: FileEdit) =>
  edit.patch?.([patch(26, 'new'), patch(0, 'new'), patch(39, 'new record 4|')], ask) ?? Promise.reject();

const CHANGES: Readonly<
  Record<string, { readonly change: (edit: FileEdit) => Promise<string>; readonly becomes: string }>
> = {
  'an update in place': { change: inPlace, becomes: 'new record 1|old record 2|new record 3|new record 4|' },
  'an append': {
    change: (edit) => edit.patch?.([patch(39, 'new record 4|')], ask) ?? Promise.reject(),
    becomes: `${OLD}new record 4|`,
  },
  'a replacement': { change: (edit) => edit.replace(piecesOf('all new|'), ask), becomes: 'all new|' },
};

/** A process that stops before the call of that number; then it is gone. */
async function stopped(
  at: Folder,
  stop: number,
  act: (stopping: Stopping) => Promise<unknown>,
): Promise<Stopping> {
  let dead = false;
  const stopping = stoppingMachine((_, number) => {
    dead ||= number === stop;
    if (dead) throw new Stopped(`at ${stop}`);
  });
  try {
    await act(stopping);
  } catch {
    assert.ok(dead);
  }
  await stopping.end();
  assert.equal(handlesOn(at.path), 0);
  return stopping;
}

/** Waits until the clock of the file system has ticked: what is made now was born later than what is there. */
function tick(at: Folder): void {
  const probe = join(at.path, 'probe');
  const now = (): bigint => {
    writeFileSync(probe, '');
    const { ctimeNs } = statSync(probe, { bigint: true });
    rmSync(probe);
    return ctimeNs;
  };
  for (const first = now(); now() === first; );
}

const afresh = (at: Folder) => diskStore(at.path, { machine: machineOf() }).file('data');

describe('a change that is cut', () => {
  for (const [name, { change, becomes }] of Object.entries(CHANGES)) {
    it(`${name}: at each of its calls the file is the old one or the new one for who opens it next`, async () => {
      const seen = new Set<string>();
      let calls = Number.POSITIVE_INFINITY;
      for (let stop = 0; stop <= calls; stop++) {
        using at = folder({ data: OLD });
        let made = false;
        const { done } = await stopped(at, stop, async ({ machine }) => {
          await editing(diskStore(at.path, { machine }).file('data'), change);
          made = true;
        });
        if (made) calls = Math.min(calls, done.length);
        const text = await textOf(afresh(at));
        assert.ok(text === OLD || text === becomes, `${stop}: ${text}`);
        if (made) assert.equal(text, becomes);
        seen.add(text);
        const version = await editing(afresh(at), change);
        assert.equal(await afresh(at).version?.(ask), version);
        assert.deepEqual(leftIn(at.path), [], String(stop));
      }
      assert.ok(calls > 5 && calls < 40);
      assert.deepEqual(seen, new Set([OLD, becomes]));
    });
  }

  it('is undone however often the undoing is cut, at each of its calls', async () => {
    let points = 0;
    for (let stop = 4; stop < 14; stop++) {
      for (let again = 0; ; again++) {
        using at = folder({ data: OLD });
        await stopped(at, stop, ({ machine }) =>
          editing(diskStore(at.path, { machine }).file('data'), inPlace),
        );
        if (!leftIn(at.path).some((name) => name.endsWith('.journal'))) break;
        let whole = false;
        await stopped(at, again, async ({ machine }) => {
          assert.equal(await textOf(diskStore(at.path, { machine }).file('data')), OLD);
          whole = true;
        });
        points++;
        assert.equal(await textOf(afresh(at)), OLD);
        assert.deepEqual(leftIn(at.path), []);
        if (whole) break;
      }
    }
    assert.ok(points > 20);
  });

  it('has a version of its own when it was undone', async () => {
    using at = folder({ data: OLD });
    const versions = new Set([await afresh(at).version?.(ask)]);
    await stopped(at, 7, ({ machine }) => editing(diskStore(at.path, { machine }).file('data'), inPlace));
    versions.add(`${OLD.length}-${readFileSync(join(at.path, 'data'), 'latin1')}`);
    assert.notEqual(readFileSync(join(at.path, 'data'), 'latin1'), OLD);
    versions.add(await afresh(at).version?.(ask));
    assert.equal(versions.size, 3);
  });

  it('is undone by whoever asks first: for the version, by opening, by taking it for writing, by another path', async () => {
    const asking = [
      (at: Folder) => afresh(at).version?.(ask),
      (at: Folder) => textOf(afresh(at)),
      (at: Folder) => editing(afresh(at), async () => {}),
      (at: Folder) => textOf(diskStore('/', { machine: machineOf() }).file(join(at.path, 'data'))),
    ];
    for (const act of asking) {
      using at = folder({ data: OLD });
      await stopped(at, 7, ({ machine }) => editing(diskStore(at.path, { machine }).file('data'), inPlace));
      assert.notEqual(readFileSync(join(at.path, 'data'), 'latin1'), OLD);
      await act(at);
      assert.equal(readFileSync(join(at.path, 'data'), 'latin1'), OLD);
      assert.deepEqual(leftIn(at.path), []);
    }
  });

  it('is never undone in a file that was replaced, written or deleted since; that is said to who runs the gateway', async () => {
    // As if the patches had been made in it, too: the bytes alone would tell nothing.
    const theirs = 'new record 9|their record|new record 3|new record 4|';
    const since: Readonly<Record<string, (data: string) => string | undefined>> = {
      replaced(data) {
        writeFileSync(`${data}.next`, theirs);
        renameSync(`${data}.next`, data);
        return theirs;
      },
      'deleted and made again'(data) {
        rmSync(data);
        // Mostly it gets the number that the deleted one had.
        writeFileSync(data, theirs);
        return theirs;
      },
      'written in place'(data) {
        const text = `their${readFileSync(data, 'latin1').slice(5)}`;
        writeFileSync(data, text, { flag: 'r+' });
        return text;
      },
      appended(data) {
        writeFileSync(data, 'their record, which is a long one|', { flag: 'a' });
        return readFileSync(data, 'latin1');
      },
      'cut off'(data) {
        truncateSync(data, 13);
        return readFileSync(data, 'latin1');
      },
      deleted(data) {
        rmSync(data);
        return undefined;
      },
    };
    for (const [what, act] of Object.entries(since)) {
      using at = folder();
      tick(at);
      at.write('data', OLD);
      await stopped(at, 7, ({ machine }) => editing(diskStore(at.path, { machine }).file('data'), inPlace));
      tick(at);
      const expected = act(join(at.path, 'data'));
      const told: string[] = [];
      const machine = { ...machineOf(), warn: (message: string) => told.push(message) };
      const stored = diskStore(at.path, { machine }).file('data');
      await editing(stored, async (edit) => assert.equal(edit.file === undefined, expected === undefined));
      if (expected !== undefined) assert.equal(await textOf(stored), expected, what);
      assert.equal(told.length, 1, what);
      assert.match(told[0] ?? '', /"data" was cut.*nothing is undone/);
      assert.deepEqual(leftIn(at.path), []);
    }
  });

  it('and cannot be undone is a fault for readers, and never a mixture', async () => {
    using at = folder({ data: OLD });
    await stopped(at, 7, ({ machine }) => editing(diskStore(at.path, { machine }).file('data'), inPlace));
    const { machine, end } = stoppingMachine(() => {
      throw Object.assign(new Error('a file system that is only read'), { code: 'EROFS' });
    });
    const stored = diskStore(at.path, { machine }).file('data');
    for (const act of [() => textOf(stored), () => stored.version?.(ask) ?? Promise.reject()]) {
      const fault = await faultOf(act);
      assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-unrecovered']);
    }
    await end();
    assert.equal(await textOf(afresh(at)), OLD);
  });

  it('and is known by a later version of the gateway only is left to that', async () => {
    using at = folder({ data: 'some mixture' });
    const later = new TextEncoder().encode(`OVERPUNCH JOURNAL 9\n${'.'.repeat(60)}`);
    at.write('.overpunch-data.journal', Buffer.concat([later, createHash('sha256').update(later).digest()]));
    assert.equal((await faultOf(() => textOf(afresh(at)))).code, 'journal-unknown');
    assert.deepEqual(leftIn(at.path), ['.overpunch-data.journal']);
  });

  it('before its journal was whole has changed nothing: of a journal that was cut anywhere nothing is undone', async () => {
    using at = folder({ data: OLD });
    await stopped(at, 7, ({ machine }) => editing(diskStore(at.path, { machine }).file('data'), inPlace));
    const name = join(at.path, '.overpunch-data.journal');
    const journal = readFileSync(name);
    for (let length = 0; length < journal.length; length += 7) {
      at.write('data', 'what there is');
      writeFileSync(name, journal.subarray(0, length));
      assert.equal(await textOf(afresh(at)), 'what there is');
      assert.deepEqual(leftIn(at.path), []);
    }
    const damaged = journal.with(30, (journal[30] ?? 0) ^ 1);
    writeFileSync(name, damaged);
    assert.equal(await textOf(afresh(at)), 'what there is');
  });

  it('is waited for by other processes as long as it may still be completed, and refused by name then', async () => {
    using at = folder({ data: OLD });
    const machine = machineOf();
    const other = diskStore(at.path, {
      machine: { ...machine, lock: (file, of) => machine.lock(file, { ...of, waitMs: 0 }) },
    }).file('data');
    const { promise: goOn, resolve } = Promise.withResolvers<void>();
    const { promise: written, resolve: tell } = Promise.withResolvers<void>();
    const slow = stoppingMachine(() => {});
    const calls: typeof slow.machine.calls = {
      ...slow.machine.calls,
      async unlink(path) {
        if (String(path).endsWith('.journal')) {
          tell();
          await goOn;
        }
        await slow.machine.calls.unlink(path);
      },
    };
    const mine = diskStore(at.path, { machine: { ...slow.machine, calls } }).file('data');
    const changing = editing(mine, inPlace);
    await written;
    // Other processes are told, this one has the old version until the change is complete.
    assert.equal((await faultOf(() => textOf(other))).code, 'file-locked');
    assert.equal(await textOf(mine), OLD);
    await using before = await mine.open(ask);
    resolve();
    const version = await changing;
    assert.notEqual(before.version, version);
    assert.equal(new TextDecoder().decode(await bytesOf(before)), OLD);
    assert.equal(await textOf(other), 'new record 1|old record 2|new record 3|new record 4|');
  });
});
