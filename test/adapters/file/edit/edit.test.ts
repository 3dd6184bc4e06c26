// Files of a disk are changed as a whole or not at all, one change after the other, and readers keep what they have opened.

import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { machineOf } from '../../../../adapters/file/edit/machine.ts';
import type { FileEdit, Patch } from '../../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import { bytesOf, editing, faultOf, folder, handlesOn, leftIn, never, piecesOf, textOf } from '../opening.ts';

const ask = { signal: never };

function patch(offset: number, text: string): Patch {
  return { offset, bytes: new TextEncoder().encode(text) };
}

function patched(edit: FileEdit, ...patches: readonly Patch[]): Promise<string> {
  if (edit.patch === undefined) throw new Error('it is not patched in place');
  return edit.patch(patches, ask);
}

describe('a file that is patched', () => {
  it('has the new bytes, under a version that an opening finds again, and nothing is left beside it', async () => {
    using at = folder({ data: '0123456789' });
    const stored = diskStore(at.path).file('data');
    const version = await editing(stored, (edit) => patched(edit, patch(8, 'yz'), patch(1, 'ab')));
    assert.equal(await textOf(stored), '0ab34567yz');
    await using file = await stored.open(ask);
    assert.equal(file.version, version);
    assert.equal(await stored.version?.(ask), version);
    assert.deepEqual(leftIn(at.path), []);
  });

  it('has another version after each patch, however quickly they follow', async () => {
    using at = folder({ data: '0' });
    const stored = diskStore(at.path).file('data');
    const versions = new Set([await stored.version?.(ask)]);
    for (let i = 0; i < 20; i++) {
      versions.add(await editing(stored, (edit) => patched(edit, patch(0, String(i % 10)))));
      versions.add(await editing(stored, (edit) => edit.replace(piecesOf('x'), ask)));
    }
    assert.equal(versions.size, 41);
  });

  it('may be made longer, behind its end and at no other place', async () => {
    using at = folder({ data: 'abc' });
    const stored = diskStore(at.path).file('data');
    await editing(stored, (edit) => patched(edit, patch(0, 'X'), patch(3, 'def'), patch(6, 'g')));
    assert.equal(await textOf(stored), 'Xbcdefg');
    for (const wrong of [
      [patch(8, 'gap')],
      [patch(5, 'over the end')],
      [patch(1, 'bb'), patch(2, 'overlap')],
      [patch(-1, 'x')],
      [patch(0.5, 'x')],
    ]) {
      await assert.rejects(
        editing(stored, (edit) => patched(edit, ...wrong)),
        RangeError,
      );
    }
    assert.equal(await textOf(stored), 'Xbcdefg');
    assert.deepEqual(leftIn(at.path), []);
  });

  it('is read as it was by whoever had opened it, also while it is patched, until that reader leaves', async () => {
    using at = folder({ data: 'a'.repeat(100) });
    const stored = diskStore(at.path).file('data');
    const readers = [];
    for (const letter of 'bcdef') {
      readers.push(await stored.open(ask));
      const reading = new AbortController();
      const seen = new Set<string>();
      const last = readers.at(-1);
      const all = (async () => {
        while (!reading.signal.aborted && last !== undefined)
          seen.add(new TextDecoder().decode(await bytesOf(last)));
      })();
      await editing(stored, (edit) =>
        patched(edit, patch(10, letter.repeat(20)), patch(50, letter.repeat(3))),
      );
      reading.abort();
      await all;
      assert.equal(seen.size, 1);
    }
    const texts = await Promise.all(readers.map(bytesOf));
    const old = (letter: string) =>
      `${'a'.repeat(10)}${letter.repeat(20)}${'a'.repeat(20)}${letter.repeat(3)}${'a'.repeat(47)}`;
    assert.deepEqual(
      texts.map((bytes) => new TextDecoder().decode(bytes)),
      [...'abcde'].map(old),
    );
    assert.equal(await textOf(stored), old('f'));
    const part = new Uint8Array(4);
    await readers[1]?.read(part, 28, ask);
    assert.equal(new TextDecoder().decode(part), 'bbaa');
    for (const reader of readers) await reader[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
  });

  it('is read as it was by who is two versions back, while the next patch is made', async () => {
    using at = folder({ data: 'aaaa' });
    let meanwhile: (() => Promise<void>) | undefined;
    const calls: typeof fs = {
      ...fs,
      // The new bytes are there, and the change is not over.
      async unlink(path) {
        await meanwhile?.();
        await fs.unlink(path);
      },
    };
    const stored = diskStore(at.path, { machine: machineOf({ calls }) }).file('data');
    await using reader = await stored.open(ask);
    await editing(stored, (edit) => patched(edit, patch(1, 'b')));
    const read: string[] = [];
    meanwhile = async () => {
      read.push(new TextDecoder().decode(await bytesOf(reader)));
      assert.equal(await reader.unchanged?.(ask), true);
    };
    await editing(stored, (edit) => patched(edit, patch(2, 'c')));
    assert.ok(read.length > 0);
    assert.deepEqual(new Set(read), new Set(['aaaa']));
  });

  it('that was opened while it was patched is the old version or the new one, by its name and its bytes', async () => {
    using at = folder({ data: '0'.repeat(50_000) });
    const stored = diskStore(at.path).file('data');
    const contents = new Map<string, string>();
    let running = true;
    const reading = Array.from({ length: 4 }, async () => {
      while (running) {
        await using file = await stored.open(ask);
        const text = new TextDecoder().decode(await bytesOf(file));
        assert.equal(contents.get(file.version) ?? text, text);
        contents.set(file.version, text);
        const shown = await stored.version?.(ask);
        if (shown !== undefined && !contents.has(shown)) contents.set(shown, '');
        if (contents.get(shown ?? '') === '') contents.delete(shown ?? '');
      }
    });
    for (let i = 1; i < 5; i++) {
      const filled = new Uint8Array(1_000).fill(48 + i);
      const patches = Array.from({ length: 50 }, (_, at) => ({ offset: at * 1_000, bytes: filled }));
      await editing(stored, (edit) => edit.patch?.(patches, ask) ?? Promise.reject(new Error('no patch')));
    }
    running = false;
    await Promise.all(reading);
    for (const text of contents.values()) assert.match(text, /^(\d)\1{49999}$/);
  });

  it('is a fault for readers of versions from which too much was taken since, and never a mixture', async () => {
    using at = folder({ data: 'a'.repeat(4_000_000) });
    const stored = diskStore(at.path).file('data');
    await using first = await stored.open(ask);
    const bytes = new Uint8Array(4_000_000);
    for (let i = 0; i < 10; i++) {
      if (i === 5) assert.equal(new Set(await bytesOf(first)).size, 1);
      await editing(
        stored,
        (edit) => edit.patch?.([{ offset: 0, bytes: bytes.fill(i) }], ask) ?? Promise.reject(),
      );
    }
    const fault = await faultOf(() => bytesOf(first));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-changed']);
    await using last = await stored.open(ask);
    assert.deepEqual(new Set(await bytesOf(last)), new Set([9]));
  });

  it('is written anew where a patch is large, with the same outcome', async () => {
    using at = folder({ data: 'a'.repeat(9_000_000) });
    const stored = diskStore(at.path).file('data');
    const { ino } = statSync(join(at.path, 'data'));
    await using before = await stored.open(ask);
    const bytes = new Uint8Array(5_000_000).fill(98);
    const version = await editing(
      stored,
      (edit) =>
        edit.patch?.([{ offset: 2_000_001, bytes }, patch(9_000_000, 'end')], ask) ?? Promise.reject(),
    );
    assert.equal(
      await textOf(stored),
      `${'a'.repeat(2_000_001)}${'b'.repeat(5_000_000)}${'a'.repeat(1_999_999)}end`,
    );
    assert.notEqual(statSync(join(at.path, 'data')).ino, ino);
    assert.equal(await stored.version?.(ask), version);
    assert.equal(new Set(await bytesOf(before)).size, 1);
  });

  it('is only replaced where it has another name, whose content is not known here', async () => {
    using at = folder({ data: 'old' });
    linkSync(join(at.path, 'data'), join(at.path, 'copy of yesterday'));
    const stored = diskStore(at.path).file('data');
    await editing(stored, async (edit) => {
      assert.equal(edit.patch, undefined);
      await edit.replace(piecesOf('new'), ask);
    });
    assert.equal(readFileSync(join(at.path, 'data'), 'utf8'), 'new');
    assert.equal(readFileSync(join(at.path, 'copy of yesterday'), 'utf8'), 'old');
  });
});

describe('a file that is replaced', () => {
  it('has the new content, the rights it had, and readers of the old one keep it', async () => {
    using at = folder({ data: 'old' });
    chmodSync(join(at.path, 'data'), 0o640);
    const stored = diskStore(at.path).file('data');
    await using before = await stored.open(ask);
    const version = await editing(stored, (edit) => edit.replace(piecesOf('something new'), ask));
    assert.equal(await textOf(stored), 'something new');
    assert.equal(await stored.version?.(ask), version);
    assert.equal(new TextDecoder().decode(await bytesOf(before)), 'old');
    assert.equal(statSync(join(at.path, 'data')).mode & 0o777, 0o640);
    assert.deepEqual(leftIn(at.path), []);
  });

  it('may be new; then it is no file before it is complete', async () => {
    using at = folder();
    const stored = diskStore(at.path).file('data');
    await editing(stored, async (edit) => {
      assert.equal(edit.file, undefined);
      assert.equal(edit.patch, undefined);
      await edit.replace(
        (async function* () {
          yield new TextEncoder().encode('one ');
          assert.equal((await faultOf(() => textOf(stored))).code, 'file-missing');
          yield new TextEncoder().encode('two');
        })(),
        ask,
      );
    });
    assert.equal(await textOf(stored), 'one two');
    assert.deepEqual(leftIn(at.path), []);
  });

  it('is never replaced by one who thinks that it is new', async () => {
    using at = folder();
    const stored = diskStore(at.path).file('data');
    const fault = await faultOf(() =>
      editing(stored, (edit) => {
        at.write('data', 'of another program');
        return edit.replace(piecesOf('mine'), ask);
      }),
    );
    assert.deepEqual([fault.kind, fault.code], ['conflict', 'file-exists']);
    assert.equal(await textOf(stored), 'of another program');
    assert.deepEqual(leftIn(at.path), []);
  });

  it('stays what it was when the new content fails in the middle, or nobody wants it any more', async () => {
    using at = folder({ data: 'old' });
    const stored = diskStore(at.path).file('data');
    await assert.rejects(
      editing(stored, (edit) =>
        edit.replace(
          (async function* () {
            yield new Uint8Array(100_000);
            throw new Error('the records do not fit');
          })(),
          ask,
        ),
      ),
      /the records do not fit/,
    );
    const leaving = new AbortController();
    await assert.rejects(
      editing(stored, (edit) =>
        edit.replace(
          (async function* () {
            yield new Uint8Array(100_000);
            leaving.abort(new Error('gone'));
            yield new Uint8Array(100_000);
          })(),
          { signal: leaving.signal },
        ),
      ),
      /gone/,
    );
    assert.equal(await textOf(stored), 'old');
    assert.deepEqual(leftIn(at.path), []);
    assert.equal(handlesOn(at.path), 0);
  });
});

describe('who has a file for writing', () => {
  it('has it alone: the next one waits, also by another name, another store, a link to the folder', async () => {
    using at = folder({ data: '.' });
    symlinkSync(at.path, join(at.path, 'around'));
    symlinkSync('data', join(at.path, 'alias'));
    const files = [
      diskStore(at.path).file('data'),
      diskStore(at.path).file('around/data'),
      diskStore('/').file(join(at.path, 'around', 'alias')),
      diskStore(join(at.path, 'around')).file('alias'),
    ];
    let inside = 0;
    await Promise.all(
      [...files, ...files].map((stored) =>
        editing(stored, async (edit) => {
          assert.equal(++inside, 1);
          const length = edit.file?.size ?? 0;
          await patched(edit, patch(length, String(length)));
          inside--;
        }),
      ),
    );
    assert.equal(readFileSync(join(at.path, 'data'), 'utf8'), '.12345678');
    assert.equal(readlinkSync(join(at.path, 'alias')), 'data');
  });

  it('makes others wait no longer than they want to, and those behind them are not let in for it', async () => {
    using at = folder({ data: '0' });
    const stored = diskStore(at.path).file('data');
    const order: string[] = [];
    const leaving = new AbortController();
    let later: Promise<unknown> | undefined;
    await editing(stored, async (edit) => {
      const waiting = stored.edit?.({ signal: leaving.signal });
      later = editing(stored, async () => order.push('third'));
      leaving.abort(new Error('no time'));
      await assert.rejects(async () => waiting, /no time/);
      await patched(edit, patch(0, '1'));
      order.push('first');
    });
    await later;
    assert.deepEqual(order, ['first', 'third']);
    await assert.rejects(
      async () => stored.edit?.({ signal: AbortSignal.abort(new Error('at once')) }),
      /at once/,
    );
  });

  it('is told when another program has changed, replaced, or deleted it, and changes nothing then', async () => {
    for (const by of ['append', 'replace', 'delete'] as const) {
      for (const way of ['patch', 'replace'] as const) {
        using at = folder({ data: 'old' });
        const stored = diskStore(at.path).file('data');
        const fault = await faultOf(() =>
          editing(stored, (edit) => {
            if (by === 'append') writeFileSync(join(at.path, 'data'), '!', { flag: 'a' });
            else if (by === 'delete') rmSync(join(at.path, 'data'));
            else {
              at.write('next', 'new');
              renameSync(join(at.path, 'next'), join(at.path, 'data'));
            }
            return way === 'patch' ? patched(edit, patch(0, 'X')) : edit.replace(piecesOf('mine'), ask);
          }),
        );
        assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-changed'], `${by} ${way}`);
        if (by === 'delete') assert.equal((await faultOf(() => textOf(stored))).code, 'file-missing');
        else assert.equal(await textOf(stored), by === 'append' ? 'old!' : 'new');
        assert.deepEqual(leftIn(at.path), []);
      }
    }
  });

  it('does not give it up before its change is over, also when nobody waits for that', async () => {
    using at = folder({ data: 'old' });
    const stored = diskStore(at.path).file('data');
    let changing: Promise<string> | undefined;
    await editing(stored, async (edit) => {
      changing = patched(edit, patch(0, 'new'));
    });
    assert.deepEqual(leftIn(at.path), []);
    assert.equal(await textOf(stored), 'new');
    assert.equal(await stored.version?.(ask), await changing);
  });

  it('makes one change with it', async () => {
    using at = folder({ data: 'old' });
    const stored = diskStore(at.path).file('data');
    await editing(stored, async (edit) => {
      await patched(edit, patch(0, 'new'));
      await assert.rejects(edit.replace(piecesOf('more'), ask), TypeError);
    });
    assert.equal(await textOf(stored), 'new');
  });

  it('has it until it gives it back: another process is refused, and by name', async () => {
    using at = folder({ data: 'old' });
    const quick = (): ReturnType<typeof machineOf> => {
      const machine = machineOf();
      return { ...machine, lock: (file, of) => machine.lock(file, { ...of, waitMs: 0 }) };
    };
    const [one, other] = [quick(), quick()].map((machine) => diskStore(at.path, { machine }).file('data'));
    assert.ok(one && other);
    await editing(one, async (edit) => {
      const fault = await faultOf(() => editing(other, async () => {}));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-locked']);
      // Readers are not kept away by it.
      assert.equal(await textOf(other), 'old');
      await patched(edit, patch(0, 'new'));
    });
    await editing(other, (edit) => patched(edit, patch(0, 'two')));
    assert.equal(await textOf(one), 'two');
    assert.deepEqual(leftIn(at.path), []);
  });

  it('locks no file that a link beside it leads to', async () => {
    using at = folder({ data: 'old', other: '' });
    symlinkSync('other', join(at.path, '.overpunch-data.lock'));
    const fault = await faultOf(() => editing(diskStore(at.path).file('data'), async () => {}));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-unwritable']);
    assert.equal(await textOf(diskStore(at.path).file('data')), 'old');
  });

  it('is waited for by another process, for a while', async () => {
    using at = folder({ data: '.' });
    const files = Array.from({ length: 4 }, () => diskStore(at.path, { machine: machineOf() }).file('data'));
    await Promise.all(
      files.map((stored) => editing(stored, (edit) => patched(edit, patch(edit.file?.size ?? 0, '.')))),
    );
    assert.equal(readFileSync(join(at.path, 'data'), 'utf8'), '.....');
    assert.deepEqual(leftIn(at.path), []);
  });
});

describe('what is written', () => {
  it('is the file that a link leads to, and the link stays', async () => {
    using at = folder({ G0041: 'old' });
    mkdirSync(join(at.path, 'links'));
    symlinkSync('../G0041', join(at.path, 'links', 'current'));
    const stored = diskStore(at.path).file('links/current');
    await editing(stored, (edit) => edit.replace(piecesOf('new'), ask));
    await editing(stored, (edit) => patched(edit, patch(0, 'N')));
    assert.equal(readlinkSync(join(at.path, 'links', 'current')), '../G0041');
    assert.equal(readFileSync(join(at.path, 'G0041'), 'utf8'), 'New');
    assert.deepEqual([...leftIn(at.path), ...leftIn(join(at.path, 'links'))], []);
  });

  it('never lies outside of the root, by whatever link; what does not exist is told apart', async () => {
    using outside = folder({ secret: 'theirs' });
    using at = folder({ data: 'x' });
    mkdirSync(join(at.path, 'sub'));
    symlinkSync(join(outside.path, 'secret'), join(at.path, 'out'));
    symlinkSync(outside.path, join(at.path, 'away'));
    symlinkSync('nothing', join(at.path, 'broken'));
    for (const [path, code] of [
      ['out', 'link-outside-root'],
      ['away/secret', 'link-outside-root'],
      ['away/new', 'link-outside-root'],
      ['broken', 'link-into-nothing'],
      ['none/new', 'folder-missing'],
      ['data/new', 'folder-missing'],
      ['sub', 'not-a-file'],
      [`${'x'.repeat(300)}`, 'file-unwritable'],
    ] as const) {
      const fault = await faultOf(() =>
        editing(diskStore(at.path).file(path), (edit) => edit.replace(piecesOf('mine'), ask)),
      );
      assert.deepEqual([path, fault.kind, fault.code], [path, 'unavailable', code]);
    }
    assert.deepEqual([...leftIn(at.path), ...leftIn(outside.path), ...leftIn(join(at.path, 'sub'))], []);
    assert.equal(readFileSync(join(outside.path, 'secret'), 'utf8'), 'theirs');
    await editing(diskStore(at.path).file(join(outside.path, 'secret')), (edit) =>
      patched(edit, patch(0, 'T')),
    );
    assert.equal(readFileSync(join(outside.path, 'secret'), 'utf8'), 'Theirs');
  });

  it('may have the longest name that there is', async () => {
    using at = folder();
    const stored = diskStore(at.path).file('ä'.repeat(127));
    await editing(stored, (edit) => edit.replace(piecesOf('1'), ask));
    await editing(stored, (edit) => patched(edit, patch(1, '2')));
    assert.equal(await textOf(stored), '12');
    assert.deepEqual(leftIn(at.path), []);
  });
});
