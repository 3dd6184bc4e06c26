// Files by SFTP: what is served when, and what becomes of copies. The server is in this process.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sftp } from '../../../../adapters/file/options/sftp-options.ts';
import { sftpStore } from '../../../../adapters/file/sftp/store.ts';
import { collect, faultOf, handlesOn, hostAt, never } from '../opening.ts';
import { PASSWORD, type Site, site, texts } from './opening.ts';

/** Lines of eight characters: `size` bytes in all. */
function lines(size: number): string {
  return `${randomBytes(4).toString('hex').slice(0, 7)}\n`.repeat(size / 8);
}

/** What is shared of an opened version is given up after a quarter of a second. */
const looksAgain = () => new Promise((resolve) => setTimeout(resolve, 300));

const reads = (at: Site) => at.server.requests.filter(({ kind }) => kind === 'read');

describe('a file by SFTP', () => {
  it('is served as it is on the server', async () => {
    await using at = await site();
    at.put('data.txt', 'one\ntwo\n');
    const source = await at.open();
    assert.deepEqual(await texts(source), ['one', 'two']);
    await source.check(never);
  });

  it('is empty where it is empty on the server', async () => {
    await using at = await site();
    at.put('data.txt', '');
    assert.deepEqual(await texts(await at.open()), []);
  });

  it('is copied once: a version that is there is not copied again, not even by the next process', async () => {
    await using at = await site();
    const content = lines(200_000);
    at.put('data.txt', content);
    const first = await at.open();
    assert.equal((await texts(first)).length, 25_000);
    await first[Symbol.asyncDispose]();
    at.server.requests.length = 0;
    assert.equal((await texts(await at.open())).length, 25_000);
    assert.ok(reads(at).every(({ offset }) => offset === 0 || offset === content.length - 4_096));
  });

  it('is not looked for again before the last look is old', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const source = await at.open({ maxAgeMs: 600_000 });
    await texts(source);
    const before = at.server.requests.length;
    at.put('data.txt', 'two\n');
    await looksAgain();
    assert.deepEqual(await texts(source), ['one']);
    assert.equal(at.server.requests.length, before);
  });

  it('is a new version when only its bytes changed, within one second', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const source = await at.open();
    assert.deepEqual(await texts(source), ['one']);
    at.put('data.txt', 'two\n');
    await looksAgain();
    assert.deepEqual(await texts(source), ['two']);
  });

  it('stays one version for who reads it while it is replaced', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n'.repeat(200_000));
    const source = await at.open({ cache: { folder: 'cache', maxBytes: 1_000_000 } });
    const seen = new Set<unknown>();
    let rows = 0;
    const reading = source.access({ collection: 'lines', where: [], order: [] });
    for await (const batch of reading.read({ fields: ['text'], signal: never })) {
      if (rows === 0) {
        at.put('data.txt', 'two\n'.repeat(200_000));
        await looksAgain();
        const newer = await collect(source, { collection: 'lines' }, 1);
        assert.deepEqual(newer[0], { text: 'two' });
      }
      for (let i = 0; i < batch.length; i++) seen.add(batch.row(i)['text']);
      rows += batch.length;
    }
    assert.equal(rows, 200_000);
    assert.deepEqual([...seen], ['one']);
    await source[Symbol.asyncDispose]();
    assert.equal(at.cached().length, 1, 'the old version is over maxBytes, and nobody reads it any more');
    assert.equal(handlesOn(at.local.path), 0);
  });

  it('keeps old versions while they have room', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const source = await at.open();
    await texts(source);
    at.put('data.txt', 'two\n');
    await looksAgain();
    await texts(source);
    assert.equal(at.cached().length, 2);
  });

  it('says by asOf when it changed on the server', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    utimesSync(join(at.remote.path, 'data.txt'), 1_700_000_000, 1_700_000_000);
    const source = await at.open();
    const reading = source.access({ collection: 'lines', where: [], order: [] });
    for await (const batch of reading.read({ fields: ['text'], signal: never })) {
      assert.equal(batch.asOf, '2023-11-14T22:13:20Z');
    }
  });

  it('goes on being served while the server is down, also after a restart, and the check says so', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const first = await at.open();
    await texts(first);
    at.server.down = true;
    at.server.cut();
    await looksAgain();
    assert.deepEqual(await texts(first), ['one']);
    await first[Symbol.asyncDispose]();
    const second = await at.open();
    assert.deepEqual(await texts(second), ['one']);
    const fault = await faultOf(() => second.check(never));
    assert.equal(fault.kind, 'unavailable');
    at.server.down = false;
    await looksAgain();
    await second.check(never);
  });

  it('goes on being served while the server stalls', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const source = await at.open({ waitMs: 50, stallMs: 60_000 });
    await texts(source);
    at.server.fate = () => 'stall';
    await looksAgain();
    assert.deepEqual(await texts(source), ['one']);
  });

  it('is waited for by nobody once a request has waited long enough for a slow look', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const source = await at.open({ waitMs: 2_000, stallMs: 60_000 });
    await texts(source);
    at.server.fate = () => 'stall';
    await looksAgain();
    await texts(source);
    await looksAgain();
    const requests = at.server.requests.length;
    const before = performance.now();
    assert.deepEqual(await texts(source), ['one']);
    assert.ok(performance.now() - before < 1_900);
    assert.equal(at.server.requests.length, requests, 'one look at a time');
  });

  it('is had by a new connection when the one at hand turns out to be lost', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const source = await at.open();
    await texts(source);
    at.put('data.txt', 'two\n');
    let cuts = 0;
    at.server.fate = () => (cuts++ === 0 ? 'cut' : 'answer');
    await looksAgain();
    assert.deepEqual(await texts(source), ['two']);
    assert.equal(at.server.logins(), 2);
  });

  it('is not shown while it may still be written to, and the version before it is', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n', 0);
    const source = await at.open({ settleMs: 600_000 });
    const fault = await faultOf(() => texts(source));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-unsettled']);
    at.put('data.txt', 'one\n');
    assert.deepEqual(await texts(source), ['one']);
    at.put('data.txt', 'one\ntwo', 0);
    await looksAgain();
    assert.deepEqual(await texts(source), ['one']);
    await source.check(never);
  });

  it('is shown from a server whose clock is ahead once it has looked the same for long enough', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n', -3_600);
    const source = await at.open({ settleMs: 200 });
    assert.equal((await faultOf(() => texts(source))).code, 'file-unsettled');
    await looksAgain();
    assert.deepEqual(await texts(source), ['one']);
  });

  it('is resumed where a connection was cut', async () => {
    await using at = await site();
    const content = lines(4_000_000);
    at.put('data.txt', content);
    let cuts = 0;
    at.server.fate = ({ kind, offset }) => {
      if (kind !== 'read' || offset < 1_500_000 * (cuts + 1) || offset > content.length - 5_000)
        return 'answer';
      if (cuts === 2) return 'answer';
      cuts++;
      return 'cut';
    };
    assert.equal((await texts(await at.open())).length, 500_000);
    assert.equal(cuts, 2);
    const first = reads(at).filter(({ offset }) => offset === 32_768);
    assert.equal(first.length, 1, 'what was copied before the cut is not copied again');
    assert.equal(at.cached().length, 1);
  });

  it('is a fault when each connection is cut before anything came, and nothing is left in the cache', async () => {
    await using at = await site();
    at.put('data.txt', lines(1_000_000));
    at.server.fate = ({ kind, offset }) => (kind === 'read' && offset === 32_768 ? 'cut' : 'answer');
    const source = await at.open();
    const fault = await faultOf(() => texts(source));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'connection-lost']);
    await source[Symbol.asyncDispose]();
    assert.deepEqual(at.cached(), []);
  });

  it('is a fault when the server owes an answer for too long, and the next request connects anew', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    at.server.fate = ({ kind }) => (kind === 'read' ? 'stall' : 'answer');
    const source = await at.open({ stallMs: 200 });
    const fault = await faultOf(() => texts(source));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'stalled']);
    assert.match(fault.message, /^127\.0\.0\.1 sent nothing for 200 ms/);
    at.server.fate = () => 'answer';
    assert.deepEqual(await texts(source), ['one']);
  });

  it('is not waited for longer than the request may wait', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    at.server.fate = () => 'stall';
    const source = await at.open();
    const leaving = new AbortController();
    const reading = source.access({ collection: 'lines', where: [], order: [] });
    const asked = Array.fromAsync(reading.read({ fields: ['text'], signal: leaving.signal }));
    setTimeout(() => leaving.abort(new Error('enough')), 100);
    await assert.rejects(asked, /enough/);
  });

  const spoilt: Readonly<Record<string, (path: string) => void>> = {
    truncated: (path) => truncateSync(path, 500_000),
    grown: (path) => writeFileSync(path, 'more\n', { flag: 'a' }),
    'replaced by another file': (path) => {
      writeFileSync(`${path}.new`, lines(1_000_000));
      renameSync(`${path}.new`, path);
    },
    'replaced by a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  };
  for (const [what, spoil] of Object.entries(spoilt)) {
    it(`is not published when it is ${what} during the copy; the version before it stays`, async () => {
      await using at = await site();
      const spoiled = (): (() => boolean) => {
        let done = false;
        at.server.fate = ({ kind, offset }) => {
          if (kind === 'read' && offset >= 600_000 && offset < 900_000 && !done) {
            done = true;
            spoil(join(at.remote.path, 'data.txt'));
          }
          return 'answer';
        };
        return () => done;
      };
      at.put('data.txt', 'one\n');
      const source = await at.open();
      await texts(source);
      at.put('data.txt', lines(1_000_000));
      const isSpoilt = spoiled();
      await looksAgain();
      assert.deepEqual(await texts(source), ['one']);
      assert.ok(isSpoilt());
      await source[Symbol.asyncDispose]();
      assert.equal(at.cached().length, 1);

      rmSync(join(at.remote.path, 'data.txt'), { recursive: true });
      at.put('data.txt', lines(1_000_000));
      spoiled();
      const other = await at.open({ cache: { folder: 'other' } });
      const fault = await faultOf(() => texts(other));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-changed']);
      assert.match(fault.message, /"data\.txt" on 127\.0\.0\.1/);
    });
  }

  it('shares few connections with others', async () => {
    await using at = await site();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) at.put(name, 'one\n');
    at.server.fate = () => new Promise((resolve) => setTimeout(() => resolve('answer'), 5));
    const options = sftp.parse({
      host: '127.0.0.1',
      port: at.server.port,
      user: 'batch',
      password: { env: 'PASSWORD' },
      hostKey: at.server.fingerprint,
      connections: 2,
    });
    const host = { ...hostAt(at.local.path), secret: async () => PASSWORD };
    await using store = await sftpStore(
      { sftp: options, cache: { folder: 'cache', maxBytes: 1_000_000 } },
      host,
    );
    const files = await Promise.all(names.map((name) => store.file(name).open({ signal: never })));
    for (const file of files) await file[Symbol.asyncDispose]();
    assert.equal(at.server.logins(), 2);
    assert.equal(at.server.peak(), 2);
  });

  it('is passed as it stands where its path is the name of a data set of z/OS', async () => {
    await using at = await site();
    at.put('dataset', 'one\n');
    at.server.aliases.set("//'PROD.DATA'", join(at.remote.path, 'dataset'));
    assert.deepEqual(await texts(await at.open({ root: '/somewhere' }, "//'PROD.DATA'")), ['one']);
  });
});

describe('the cache of a source by SFTP', () => {
  it('is cleared of unfinished copies and of damaged ones at the start, and of nothing else', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const first = await at.open();
    await texts(first);
    await first[Symbol.asyncDispose]();
    const folder = join(at.local.path, 'cache', 'files');
    const [copy = ''] = at.cached();
    writeFileSync(join(folder, 'left.part'), 'on');
    writeFileSync(join(folder, 'README'), 'mine');
    writeFileSync(join(folder, copy), 'o');
    const second = await at.open();
    assert.deepEqual(at.cached(), ['README']);
    assert.deepEqual(await texts(second), ['one']);
  });

  it('holds no copy that is damaged anywhere: it is copied anew', async () => {
    await using at = await site();
    const content = 'one\n'.repeat(20_000);
    at.put('data.txt', content);
    const first = await at.open();
    await texts(first);
    await first[Symbol.asyncDispose]();
    const folder = join(at.local.path, 'cache', 'files');
    const [copy = ''] = at.cached();
    assert.ok(copy.endsWith(createHash('sha256').update(content).digest('hex')));
    writeFileSync(join(folder, copy), `${content.slice(0, 40_000)}bad${content.slice(40_003)}`);
    const second = await at.open();
    assert.deepEqual([...new Set(await texts(second))], ['one']);
    const [again = ''] = at.cached();
    assert.equal(readFileSync(join(folder, again), 'latin1'), content);
  });

  it('does without a copy that was deleted by somebody', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const source = await at.open();
    await texts(source);
    rmSync(join(at.local.path, 'cache', 'files'), { recursive: true });
    mkdirSync(join(at.local.path, 'cache', 'files'));
    await looksAgain();
    assert.deepEqual(await texts(source), ['one']);
  });

  it('refuses a file that it has no room for', async () => {
    await using at = await site();
    at.put('data.txt', lines(8_000));
    const source = await at.open({ cache: { folder: 'cache', maxBytes: 7_999 } });
    const fault = await faultOf(() => texts(source));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'cache-full']);
  });

  it('has to be a folder that the gateway can write to', async () => {
    await using at = await site();
    writeFileSync(join(at.local.path, 'cache'), '');
    const fault = await faultOf(() => at.open());
    assert.deepEqual([fault.code, fault.misconfigured], ['cache-unusable', true]);
  });
});

describe('a file by SFTP that cannot be had', () => {
  const cases: Readonly<
    Record<string, { readonly prepare: (at: Site) => void; readonly code: string; readonly path?: string }>
  > = {
    'does not exist': { prepare: () => {}, code: 'file-missing' },
    'may not be read': { prepare: (at) => fate(at, 'open', 3), code: 'file-unreadable' },
    'fails at the server': { prepare: (at) => fate(at, 'read', 4), code: 'read-error' },
    'is a folder': { prepare: (at) => mkdirSync(join(at.remote.path, 'data.txt')), code: 'not-a-file' },
    'ends before its size': {
      prepare: (at) => {
        at.server.fate = ({ kind, offset }) => (kind === 'read' && offset >= 40_000 ? 'end' : 'answer');
      },
      code: 'file-changed',
    },
    'is a link that leads out of the root': {
      prepare: (at) => symlinkSync('/etc/hostname', join(at.remote.path, 'link')),
      path: 'link',
      code: 'path-outside-root',
    },
  };
  function fate(at: Site, wanted: string, status: number): void {
    at.server.fate = ({ kind }) => (kind === wanted ? status : 'answer');
  }
  for (const [what, { prepare, code, path = 'data.txt' }] of Object.entries(cases)) {
    it(`is the fault ${code} when it ${what}, with file and host and no secret`, async () => {
      await using at = await site();
      if (code !== 'file-missing' && code !== 'not-a-file') at.put('data.txt', lines(80_000));
      prepare(at);
      const source = await at.open({}, path);
      const fault = await faultOf(() => texts(source));
      assert.equal(fault.code, code);
      assert.match(fault.message, new RegExp(`"${path}".* on 127\\.0\\.0\\.1`));
      assert.ok(!JSON.stringify(fault).includes(PASSWORD));
      await source[Symbol.asyncDispose]();
      assert.deepEqual(at.cached(), []);
    });
  }

  it('is refused when its path leads out of the root', async () => {
    await using at = await site();
    for (const path of ['../data.txt', 'a/../../b', '.', 'a\0b']) {
      const fault = await faultOf(() => at.open({}, path));
      assert.deepEqual([fault.code, fault.misconfigured], ['path-outside-root', true]);
    }
  });
});
