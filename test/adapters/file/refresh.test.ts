// New versions that are looked for without being asked: requests take what is there. On local disk.

import assert from 'node:assert/strict';
import { renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Fault, type Source } from '#spi';
import { diskStore } from '../../../adapters/file/store/disk.ts';
import { published } from '../../../adapters/file/versions/publication.ts';
import { scheduled } from '../../../adapters/file/versions/schedule.ts';
import { sharedFile } from '../../../adapters/file/versions/shared-file.ts';
import { collect, type Folder, faultOf, folder, hostAt, never, openFiles } from './opening.ts';

const LINES = {
  'line.json': JSON.stringify([{ name: 'text', start: 0, width: 8, type: 'string', padPosition: 'end' }]),
};

/** Renamed into place, changed an hour ago. */
function put(at: Folder, name: string, content: string): void {
  at.write('new', content);
  const changed = Date.now() / 1000 - 3_600;
  utimesSync(join(at.path, 'new'), changed, changed);
  renameSync(join(at.path, 'new'), join(at.path, name));
}

const open = (at: Folder, lines: object, store: object = {}): Promise<Source> =>
  openFiles(hostAt(at.path), {
    store: { disk: store },
    collections: { lines: { parseMap: 'line.json', ...lines } },
  });

const texts = async (source: Source) =>
  (await collect(source, { collection: 'lines' })).map((row) => row['text']);

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 800, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const shows = (source: Source, ...wanted: readonly string[]) =>
  until(`${wanted} is shown`, async () => JSON.stringify(await texts(source)) === JSON.stringify(wanted));

describe('new versions looked for in the background', () => {
  const ways: Readonly<Record<string, object>> = {
    'at intervals': { everyMs: 100 },
    'at the times of a cron expression': { cron: '* * * * * *', timeZone: 'Europe/Berlin' },
    'when the folder changes': { watch: true },
  };
  for (const [way, refresh] of Object.entries(ways)) {
    it(`${way} are shown, of a file and of a set`, async () => {
      using at = folder(LINES);
      put(at, 'data.txt', 'one\n');
      await using source = await open(at, { path: 'data.txt', refresh });
      await using set = await open(at, { files: 'data*.txt', refresh });
      assert.deepEqual([await texts(source), await texts(set)], [['one'], ['one']]);
      put(at, 'data.txt', 'two\n');
      put(at, 'data2.txt', 'more\n');
      await shows(source, 'two');
      await shows(set, 'two', 'more');
    });
  }

  it('are the only ones: a request does not look', async () => {
    using at = folder(LINES);
    put(at, 'data.txt', 'one\n');
    await using source = await open(at, { path: 'data.txt', refresh: { everyMs: 3_600_000 } });
    await using set = await open(at, { files: 'data*.txt', refresh: { cron: '0 0 1 1 *' } });
    assert.deepEqual([await texts(source), await texts(set)], [['one'], ['one']]);
    put(at, 'data.txt', 'two\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual([await texts(source), await texts(set)], [['one'], ['one']]);
  });

  it('are looked for again after a look that failed, and the source says meanwhile what is wrong', async () => {
    using at = folder(LINES);
    put(at, 'data.txt', 'one\n');
    await using source = await open(at, { path: 'data.txt', refresh: { watch: true } });
    assert.deepEqual(await texts(source), ['one']);
    rmSync(join(at.path, 'data.txt'));
    await until('it is missed', () => source.stale?.()?.code === 'file-missing');
    assert.deepEqual(await texts(source), ['one']);
    assert.equal((await faultOf(() => source.check(never))).code, 'file-missing');
    put(at, 'data.txt', 'two\n');
    await shows(source, 'two');
    assert.equal(source.stale?.(), undefined);
    await source.check(never);
  });

  it('are shown when their trigger comes, without another change of the file', async () => {
    using at = folder(LINES);
    const publish = { trigger: 'ready' };
    put(at, 'data.txt', 'one\n');
    put(at, 'ready', '');
    await using source = await open(at, { path: 'data.txt', publish, refresh: { watch: true } });
    assert.deepEqual(await texts(source), ['one']);
    at.write('data.txt.new', 'two\n');
    renameSync(join(at.path, 'data.txt.new'), join(at.path, 'data.txt'));
    await until('it waits', () => source.stale?.()?.code === 'trigger-older');
    assert.deepEqual(await texts(source), ['one']);
    rmSync(join(at.path, 'ready'));
    at.write('ready', '');
    await shows(source, 'two');
  });

  it('are not looked for any more once the source is closed', async () => {
    let looks = 0;
    {
      using _ = scheduled(
        { everyMs: 100 },
        {
          async look() {
            looks++;
            throw new Fault('unavailable', 'gone');
          },
        },
      );
      await until('it looks', () => looks >= 2);
    }
    const ended = looks;
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(looks, ended);
  });

  it('are not looked for while the host is to be left alone, and at the next chance after that', async () => {
    let looks = 0;
    let quiet = true;
    let asked = 0;
    using _ = scheduled(
      { everyMs: 10 },
      {
        async look() {
          looks++;
        },
        quiet() {
          asked++;
          return quiet;
        },
      },
    );
    await until('it waits', () => asked >= 3);
    assert.equal(looks, 0);
    quiet = false;
    await until('it looks', () => looks >= 1);
  });

  it('are told to who listens, each once', async () => {
    using at = folder();
    put(at, 'data.txt', 'one\n');
    await using publication = published(diskStore(at.path).file('data.txt'));
    await using shared = sharedFile(publication);
    const told: string[] = [];
    using listening = shared.onPublished?.((version) => told.push(version));
    assert.ok(listening !== undefined);
    await publication.look();
    await publication.look();
    put(at, 'data.txt', 'two\n');
    await publication.look();
    await using file = await publication.open({ signal: never });
    assert.equal(told.length, 2);
    assert.equal(told[1], file.version);
  });

  const wrong: Readonly<Record<string, readonly [refresh: object, message: RegExp]>> = {
    'a cron expression that is none': [{ cron: '61 * * * *' }, /cron expression "61 \* \* \* \*"/],
    'a time zone that is none': [{ cron: '* * * * *', timeZone: 'Mars/Base' }, /time zone "Mars\/Base"/],
  };
  for (const [what, [refresh, message]] of Object.entries(wrong)) {
    it(`are not looked for by ${what}`, async () => {
      using at = folder(LINES);
      const fault = await faultOf(() => open(at, { path: 'data.txt', refresh }));
      assert.deepEqual([fault.code, fault.misconfigured], ['bad-cron', true]);
      assert.match(fault.message, message);
    });
  }

  it('are not looked for by nothing at all', () => {
    using at = folder(LINES);
    assert.throws(() => void open(at, { path: 'data.txt', refresh: {} }), /Give one of/);
  });
});

describe('a file of a set', () => {
  it('that may still be written to is no member yet, and a member that changes stays what it was', async () => {
    using at = folder(LINES);
    put(at, 'a.txt', 'one\n');
    await using source = await open(at, { files: '*.txt' }, { settleMs: 600_000 });
    assert.deepEqual(await texts(source), ['one']);
    at.write('b.txt', 'new\n');
    at.write('a.new', 'one, changed\n');
    renameSync(join(at.path, 'a.new'), join(at.path, 'a.txt'));
    await until('it waits', async () => {
      await texts(source);
      return source.stale?.()?.code === 'file-unsettled';
    });
    assert.deepEqual(await texts(source), ['one']);
    assert.equal((await faultOf(() => source.check(never))).code, 'file-unsettled');
    put(at, 'b.txt', 'new\n');
    put(at, 'a.txt', 'two\n');
    await shows(source, 'two', 'new');
    await source.check(never);
  });

  it('is a member when its own trigger is there', async () => {
    using at = folder(LINES);
    put(at, 'a.txt', 'one\n');
    put(at, 'b.txt', 'two\n');
    at.write('a.txt.done', '');
    await using source = await open(at, { files: '*.txt', publish: { trigger: '{path}.done' } });
    assert.deepEqual(await texts(source), ['one']);
    assert.equal(source.stale?.()?.place.file, 'b.txt');
    at.write('b.txt.done', '');
    await shows(source, 'one', 'two');
    assert.equal(source.stale?.(), undefined);
  });

  it('that does not agree with its trailer is left out of a view that was shown before, and is the fault of one that was not', async () => {
    using at = folder({
      'pay.cpy':
        '       01 PAY. 05 KIND PIC X. 05 N PIC 9(3).\n       01 TAIL. 05 KIND PIC X. 05 N PIC 9(3).\n',
    });
    const lines = {
      files: '*.dat',
      parseMap: undefined,
      copybook: 'pay.cpy',
      charset: 'ascii',
      records: { format: 'F', length: 4 },
      record: 'PAY',
      when: "kind eq 'P'",
      publish: { trailer: { record: 'TAIL', when: "kind eq 'T'", count: 'N' } },
    };
    const numbers = async (source: Source) =>
      (await collect(source, { collection: 'lines' })).map((row) => row['n']);
    put(at, 'a.dat', 'P001T001');
    await using source = await open(at, lines);
    assert.deepEqual(await numbers(source), [1]);
    put(at, 'b.dat', 'P002T009');
    put(at, 'a.dat', 'P003');
    await until('they are refused', async () => {
      await numbers(source);
      return source.stale?.()?.place.file === 'a.dat';
    });
    assert.deepEqual(await numbers(source), [1]);
    const fault = await faultOf(() => source.check(never));
    assert.deepEqual([fault.kind, fault.place.file], ['corrupt', 'a.dat']);

    await using other = await open(at, lines);
    assert.equal((await faultOf(() => numbers(other))).code, 'trailer-missing');

    put(at, 'a.dat', 'P004T001');
    put(at, 'b.dat', 'P005T001');
    await until('both are good', async () => JSON.stringify(await numbers(source)) === '[4,5]');
    assert.equal(source.stale?.(), undefined);
  });
});
