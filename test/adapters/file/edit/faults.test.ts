// A disk that refuses: whatever call fails, the old content stands, nothing is left beside it, and the fault says what it was.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { machineOf } from '../../../../adapters/file/edit/machine.ts';
import type { FileEdit } from '../../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import { toFault } from '../../../../src/fault.ts';
import { bytesOf, editing, folder, handlesOn, leftIn, never, piecesOf, textOf } from '../opening.ts';
import { stoppingMachine } from './stopping.ts';

const ask = { signal: never };
const OLD = 'old record 1|old record 2|';

const CHANGES: Readonly<
  Record<string, { readonly change: (edit: FileEdit) => Promise<string>; readonly becomes: string }>
> = {
  'a patch': {
    change: (edit) =>
      edit.patch?.(
        [
          { offset: 0, bytes: new TextEncoder().encode('new') },
          { offset: OLD.length, bytes: new TextEncoder().encode('new record 3|') },
        ],
        ask,
      ) ?? Promise.reject(),
    becomes: 'new record 1|old record 2|new record 3|',
  },
  'a replacement': { change: (edit) => edit.replace(piecesOf('all new|'), ask), becomes: 'all new|' },
};

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: by the test`), { code });
}

describe('a disk that refuses one call of a change', () => {
  for (const [name, { change, becomes }] of Object.entries(CHANGES)) {
    for (const [code, expected] of [
      ['ENOSPC', 'disk-full'],
      ['EDQUOT', 'quota'],
      ['EACCES', 'file-unwritable'],
      ['EROFS', 'file-unwritable'],
      ['EIO', 'write-error'],
      ['EFBIG', 'file-too-large'],
      ['EWEIRD', 'file-error'],
    ] as const) {
      it(`${name}, ${code}: the old content stands and nothing is left, or it is said that nobody knows`, async () => {
        let seen = 0;
        for (let refused = 0; ; refused++) {
          using at = folder({ data: OLD });
          const { machine, done, end } = stoppingMachine((_, number) => {
            if (number === refused && !met) {
              met = true;
              throw systemError(code);
            }
          });
          let met = false;
          const stored = diskStore(at.path, { machine }).file('data');
          await using reader = await stored.open(ask);
          const outcome = await editing(stored, change).then(
            () => 'changed',
            (error: unknown) => {
              const { kind, code: told } = toFault(error);
              return `${kind} ${told}`;
            },
          );
          if (!met) {
            assert.equal(outcome, 'changed');
            await end();
            break;
          }
          const text = readFileSync(join(at.path, 'data'), 'latin1');
          const what = `call ${refused}, after ${done.join(', ')}`;
          if (outcome === `unavailable ${expected}`) {
            assert.equal(text, OLD, what);
            seen++;
          } else {
            assert.match(outcome, /^(changed|upstream outcome-unknown)$/, what);
            assert.equal(text, becomes, what);
          }
          assert.deepEqual(leftIn(at.path), [], what);
          assert.equal(new TextDecoder().decode(await bytesOf(reader)), OLD);
          await editing(stored, change);
          await end();
        }
        assert.ok(seen >= 4);
      });
    }
  }

  it('and everything after it: what is there is the old content, at the latest when the disk is well again', async () => {
    for (const { change, becomes } of Object.values(CHANGES)) {
      for (let refused = 0; ; refused++) {
        using at = folder({ data: OLD });
        let met = false;
        let ill = true;
        const { machine, end } = stoppingMachine((_, number) => {
          met ||= number === refused;
          if (met && ill) throw systemError('EIO');
        });
        const stored = diskStore(at.path, { machine }).file('data');
        await using reader = await stored.open(ask);
        const outcome = await editing(stored, async (edit) => {
          try {
            return await change(edit);
          } finally {
            // As long as the edit has the file, and its images, nobody sees a mixture.
            if (met) assert.ok([OLD, becomes].includes(await textOf(stored)));
          }
        }).then(
          () => 'changed',
          (error: unknown) => toFault(error).code,
        );
        if (!met) {
          await end();
          break;
        }
        assert.match(outcome, /^(write-error|outcome-unknown|changed)$/);
        assert.equal(new TextDecoder().decode(await bytesOf(reader)), OLD);
        ill = false;
        const text = await textOf(stored);
        assert.ok(
          text === OLD || (text === becomes && outcome !== 'write-error'),
          `${refused} ${outcome}: ${text}`,
        );
        await editing(stored, async () => {});
        assert.deepEqual(leftIn(at.path), []);
        await end();
      }
    }
  });
});

describe('the order of calls', () => {
  const order = async (
    change: (edit: FileEdit) => Promise<string>,
    files: Readonly<Record<string, string>>,
  ) => {
    using at = folder(files);
    const { machine, done, end } = stoppingMachine(() => {});
    await editing(diskStore(at.path, { machine }).file('data'), change);
    await end();
    // The instant of the change is moved on only where the clock has not.
    const calls = done.filter((call) => !call.startsWith('utimes'));
    return calls.join(', ').replaceAll(/(write \w+, )\1+/g, '$1');
  };

  it('of a patch: the journal is on the disk before the file is touched, and the file before the journal is gone', async () => {
    assert.equal(
      await order(CHANGES['a patch']?.change ?? (() => Promise.reject()), { data: OLD }),
      'unlink part, open journal, write journal, sync journal, sync folder, write data, sync data, unlink journal, sync folder',
    );
  });

  it('of a replacement: the content is on the disk before it gets its name', async () => {
    const { change = () => Promise.reject() } = CHANGES['a replacement'] ?? {};
    assert.equal(
      await order(change, { data: OLD }),
      'unlink part, open part, write part, chmod part, sync part, rename part, sync folder',
    );
    assert.equal(
      await order(change, {}),
      'unlink part, open part, write part, sync part, link part, unlink part, sync folder',
    );
  });
});

describe('a system that refuses', () => {
  const run = (limit: string, at: string, uid?: number) =>
    spawnSync(
      'bash',
      ['-c', `${limit}; exec "$0" "$1" "$2"`, process.execPath, join(import.meta.dirname, 'refused.ts'), at],
      { encoding: 'utf8', ...(uid === undefined ? {} : { uid }) },
    );

  it('more bytes in one file than it allows: a fault, and the old content', async () => {
    using at = folder({ data: OLD });
    // Ignored, the signal leaves the error of the call. The limit counts 1024 bytes.
    const { stdout, stderr } = run("trap '' XFSZ; ulimit -f 64", at.path);
    assert.deepEqual(
      JSON.parse(stdout),
      ['unavailable file-too-large', 'unavailable file-too-large'],
      stderr,
    );
    assert.equal(await textOf(diskStore(at.path, { machine: machineOf() }).file('data')), OLD);
    assert.deepEqual(leftIn(at.path), []);
    assert.equal(handlesOn(at.path), 0);
    assert.equal(statSync(join(at.path, 'data')).size, OLD.length);
  });
});
