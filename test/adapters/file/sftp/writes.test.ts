// Writing files by SFTP: what is on the server afterwards, whatever happens in between. The server is in this process.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import type { Fate } from '../../../fakes/sftp/server.ts';
import { faultOf, never } from '../opening.ts';
import { type Site, site } from './opening.ts';
import { content, editing, namesOf, read, remote, replace, storeAt, until } from './writing.ts';

const LARGE = Buffer.alloc(2_000_000, 'the new bytes of a file ');
const OTHER = Buffer.from(LARGE.toReversed());
const writesOf = (at: Site) => at.server.requests.filter(({ kind }) => kind === 'write');
/** Of a server that has nothing beside SFTP's version 3. */
const PLAIN = { extensions: {} };

describe('a file that is replaced by SFTP', () => {
  it('is the new one as a whole, keeps its permissions, and nothing is left beside it', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    chmodSync(join(at.remote.path, 'data.txt'), 0o640);
    await using store = await storeAt(at);
    await replace(store.file('data.txt'), 'new ', 'bytes\n');
    assert.equal(remote(at, 'data.txt'), 'new bytes\n');
    assert.equal(statSync(join(at.remote.path, 'data.txt')).mode & 0o777, 0o640);
    assert.deepEqual(namesOf(at), ['data.txt']);
    assert.ok(at.server.requests.some(({ kind }) => kind === 'fsync'));
  });

  it('is read at once, in the version that was told, and is not copied back', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    const file = store.file('data.txt');
    const before = await file.open({ signal: never });
    const version = await replace(file, LARGE);
    at.server.requests.length = 0;
    assert.ok((await read(file)) === LARGE.toString());
    assert.equal(await file.version?.({ signal: never }), version);
    const reads = at.server.requests.filter(({ kind }) => kind === 'read');
    assert.ok(reads.every(({ offset }) => offset === 0 || offset === LARGE.length - 4_096));
    const old = Buffer.alloc(4);
    await before.read(old, 0, { signal: never });
    assert.equal(old.toString(), 'old\n', 'who reads the version before finishes on it');
    await before[Symbol.asyncDispose]();
    await replace(file, 'newer\n');
    assert.equal(remote(at, 'data.txt'), 'newer\n');
  });

  it('is another version also within one second, whether the server lets its time be set or not', async () => {
    for (const fate of ['answer', 3] as const) {
      await using at = await site();
      at.put('data.txt', LARGE);
      at.server.fate = ({ kind }) => (kind === 'setstat' ? fate : 'answer');
      await using store = await storeAt(at);
      const file = store.file('data.txt');
      const versions = new Set<string>();
      for (const letter of 'abc') {
        const middle = Buffer.from(LARGE).fill(letter, 1_000_000, 1_000_010);
        versions.add(await replace(file, middle));
        assert.equal((await read(file)).slice(1_000_000, 1_000_010), letter.repeat(10));
      }
      assert.equal(versions.size, 3);
      assert.deepEqual(namesOf(at), ['data.txt']);
    }
  });

  it('is open in the version that is replaced', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    await using edit = await editing(store.file('data.txt'));
    assert.equal(edit.file?.size, 4);
    assert.equal(edit.patch, undefined);
  });

  it('is not replaced when another program has changed it meanwhile', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    await using edit = await editing(store.file('data.txt'));
    at.put('data.txt', 'odd\n');
    const fault = await faultOf(() => edit.replace(content('new\n'), { signal: never }));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-changed']);
    assert.equal(remote(at, 'data.txt'), 'odd\n');
    assert.deepEqual(namesOf(at), ['data.txt']);
  });

  it('is not taken while another program may still be writing to it', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    await read(store.file('data.txt'));
    at.put('data.txt', 'half', 0);
    assert.equal((await faultOf(() => editing(store.file('data.txt')))).code, 'file-unsettled');
  });

  it('has one writer at a time, also from another source; whoever waits may leave', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    await using other = await storeAt(at);
    const first = await editing(store.file('data.txt'));
    const leaving = new AbortController();
    const left = other.file('data.txt').edit?.({ signal: leaving.signal });
    const second = replace(other.file('data.txt'), 'second\n');
    leaving.abort(new Error('enough'));
    await assert.rejects(async () => left, /enough/);
    await first.replace(content('first\n'), { signal: never });
    assert.equal(remote(at, 'data.txt'), 'first\n');
    await first[Symbol.asyncDispose]();
    await assert.rejects(second, { code: 'file-unsettled' }, 'to the other source, it is another program');
    await replace(store.file('data.txt'), 'third\n');
    assert.equal(remote(at, 'data.txt'), 'third\n');
  });

  it('behind a link is replaced there, and the link stays', async () => {
    await using at = await site();
    mkdirSync(join(at.remote.path, 'sub'));
    at.put('sub/real', 'old\n');
    symlinkSync('sub/real', join(at.remote.path, 'data.txt'));
    at.server.aliases.set(join(at.remote.path, 'sub/real'), join(at.remote.path, 'sub/real'));
    await using store = await storeAt(at);
    await replace(store.file('data.txt'), 'new\n');
    assert.equal(readlinkSync(join(at.remote.path, 'data.txt')), 'sub/real');
    assert.equal(remote(at, 'sub/real'), 'new\n');
  });
});

describe('a file that is made by SFTP', () => {
  it('is there as a whole, and read at once, also as a member of a set', async () => {
    await using at = await site();
    at.put('OUT1', 'one\n');
    await using store = await storeAt(at, { maxAgeMs: 600_000 });
    const names = async () => (await store.list('', { signal: never })).map(({ name }) => name).toSorted();
    assert.deepEqual(await names(), ['OUT1']);
    await using edit = await editing(store.file('OUT2'));
    assert.equal(edit.file, undefined);
    await edit.replace(content('two\n'), { signal: never });
    assert.deepEqual(await names(), ['OUT1', 'OUT2']);
    assert.equal(await read(store.file('OUT2')), 'two\n');
    store.check?.();
  });

  for (const [server, options] of [
    ['OpenSSH’s extensions', {}],
    ['none', PLAIN],
  ] as const) {
    it(`is not made where there is one by then, on a server with ${server}`, async () => {
      await using at = await site(options);
      await using store = await storeAt(at);
      for (const when of ['before it is sent', 'at the last moment']) {
        await using edit = await editing(store.file(when));
        if (when === 'before it is sent') at.put(when, 'mine\n');
        else {
          at.server.fate = ({ kind }) => {
            if (kind === 'rename') at.put(when, 'mine\n');
            return 'answer';
          };
        }
        const fault = await faultOf(() => edit.replace(content('two\n'), { signal: never }));
        assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-exists']);
        assert.equal(remote(at, when), 'mine\n');
      }
      assert.equal(namesOf(at).length, 2);
    });
  }

  it('is not made in a folder that is not there, nor behind a link that leads out', async () => {
    await using at = await site();
    await using store = await storeAt(at);
    const missing = await faultOf(() => editing(store.file('nowhere/OUT')));
    assert.equal(missing.code, 'file-unwritable');
    symlinkSync('/tmp', join(at.remote.path, 'out'));
    const outside = await faultOf(() => editing(store.file('out/OUT')));
    assert.deepEqual([outside.code, outside.misconfigured], ['path-outside-root', true]);
  });

  it('is not made when its content fails, or the writer leaves; nothing is left', async () => {
    await using at = await site();
    await using store = await storeAt(at);
    async function* bad(): AsyncIterable<Uint8Array> {
      yield Buffer.from('one');
      throw new Fault('invalid', 'no such field', { code: 'bad-field' });
    }
    {
      await using edit = await editing(store.file('OUT'));
      assert.equal((await faultOf(() => edit.replace(bad(), { signal: never }))).code, 'bad-field');
    }
    const leaving = new AbortController();
    at.server.fate = ({ kind, offset }) => {
      if (kind === 'write' && offset > 1_000_000) leaving.abort(new Error('enough'));
      return 'answer';
    };
    await using edit = await editing(store.file('OUT'));
    await assert.rejects(edit.replace(content(LARGE), { signal: leaving.signal }), /enough/);
    assert.deepEqual(namesOf(at), []);
    await store[Symbol.asyncDispose]();
    assert.deepEqual(at.cached(), []);
  });
});

describe('an upload by SFTP', () => {
  it('is resumed where a connection was cut: what was confirmed is not sent again', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    let cuts = 0;
    at.server.fate = ({ kind, offset }) => {
      if (kind !== 'write' || cuts === 2 || offset < 700_000 * (cuts + 1)) return 'answer';
      cuts++;
      return 'cut';
    };
    await replace(store.file('data.txt'), LARGE);
    assert.equal(cuts, 2);
    assert.ok(remote(at, 'data.txt') === LARGE.toString());
    assert.equal(writesOf(at).filter(({ offset }) => offset === 0).length, 1);
    assert.deepEqual(namesOf(at), ['data.txt']);
  });

  it('begins anew where what is there is not what was sent', async () => {
    await using at = await site();
    await using store = await storeAt(at);
    let cuts = 0;
    at.server.fate = ({ kind, path, offset }) => {
      if (kind === 'write' && offset >= 700_000 && cuts === 0) {
        cuts++;
        return 'cut';
      }
      if (kind === 'stat' && path.endsWith('.part') && cuts === 1) {
        cuts++;
        writeFileSync(join(at.remote.path, path), Buffer.alloc(700_000, '?'));
      }
      return 'answer';
    };
    await replace(store.file('OUT'), LARGE);
    assert.ok(remote(at, 'OUT') === LARGE.toString());
    assert.equal(writesOf(at).filter(({ offset }) => offset === 0).length, 2);
  });

  it('goes on over a slow line', async () => {
    await using at = await site();
    await using store = await storeAt(at, { stallMs: 300 });
    at.server.fate = ({ kind }) =>
      kind === 'write' ? new Promise((resolve) => setTimeout(() => resolve('answer'), 30)) : 'answer';
    await replace(store.file('OUT'), LARGE);
    assert.ok(remote(at, 'OUT') === LARGE.toString());
  });

  it('that is cut or stalls for good is a fault; the old file stays, and what is left goes when the server is back', async () => {
    for (const [fate, code] of [
      ['cut', 'connection-lost'],
      ['stall', 'stalled'],
    ] as const) {
      await using at = await site();
      at.put('data.txt', 'old\n');
      await using store = await storeAt(at, { stallMs: 150 });
      at.server.fate = ({ kind }) => {
        if (kind !== 'write') return 'answer';
        at.server.down = true;
        return fate;
      };
      const fault = await faultOf(() => replace(store.file('data.txt'), LARGE));
      assert.equal(fault.kind, 'unavailable');
      assert.ok([code, 'connection-lost', 'cannot-connect', 'handshake'].includes(fault.code), fault.code);
      assert.equal(remote(at, 'data.txt'), 'old\n');
      assert.equal(namesOf(at).length, 2);
      at.server.fate = () => 'answer';
      at.server.down = false;
      assert.equal(await read(store.file('data.txt')), 'old\n');
      await until(() => namesOf(at).length === 1);
      assert.equal(await read(store.file('data.txt')), 'old\n');
    }
  });

  it('that was broken off by the end of the process is cleared away by the next start', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    const store = await storeAt(at);
    const reached = Promise.withResolvers<void>();
    at.server.fate = ({ kind, offset }) => {
      if (kind === 'write' && offset > 1_000_000) reached.resolve();
      return kind === 'write' && offset > 1_000_000 ? 'stall' : 'answer';
    };
    const writing = faultOf(() => replace(store.file('data.txt'), LARGE));
    await reached.promise;
    await store[Symbol.asyncDispose]();
    await writing;
    assert.equal(namesOf(at).length, 2);
    writeFileSync(join(at.remote.path, '.overpunch-of-somebody-else.part'), '');
    at.server.fate = () => 'answer';
    await using _next = await storeAt(at);
    await until(() => namesOf(at).length === 2);
    assert.deepEqual(namesOf(at), ['.overpunch-of-somebody-else.part', 'data.txt']);
  });

  it('that another process has in hand is left alone by a start beside it', async () => {
    await using at = await site();
    await using store = await storeAt(at);
    await read(store.file('data.txt')).catch(() => {});
    const beside = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const start = readFileSync(`/proc/${beside.pid}/stat`, 'utf8').split(' ')[21];
    const names = [`${beside.pid}-${start}.a.part`, `${beside.pid}-1.b.part`, '.overpunch-x.part'];
    const cache = join(at.local.path, 'cache', 'files');
    const record = {
      path: 'd',
      file: 'd',
      target: 'd',
      part: '.overpunch-x.part',
      aside: '.overpunch-x.old',
    };
    writeFileSync(join(cache, `${beside.pid}-${start}.a.upload`), JSON.stringify(record));
    for (const name of names) writeFileSync(join(name.startsWith('.') ? at.remote.path : cache, name), '');
    {
      await using second = await storeAt(at);
      await second.list('', { signal: never });
      assert.deepEqual(
        at.cached().filter((name) => !name.endsWith('.list')),
        [`${beside.pid}-${start}.a.part`, `${beside.pid}-${start}.a.upload`],
      );
      assert.deepEqual(namesOf(at), ['.overpunch-x.part']);
    }
    const ended = new Promise((resolve) => beside.once('exit', resolve));
    beside.kill();
    await ended;
    await using _third = await storeAt(at);
    await until(() => namesOf(at).length === 0);
    await until(() => at.cached().every((name) => name.endsWith('.list')));
  });

  it('of which the server keeps something else is not given the name', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    const file = store.file('data.txt');
    for (const lied of [0, 32_768 * 20, 32_768 * 61]) {
      at.server.fate = ({ kind, offset }) => (kind === 'write' && offset === lied ? 'lie' : 'answer');
      const fault = await faultOf(() => replace(file, LARGE));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', 'write-error']);
    }
    assert.equal(remote(at, 'data.txt'), 'old\n');
    assert.deepEqual(namesOf(at), ['data.txt']);
  });

  it('that the server refuses is a fault with file and host, by the status', async () => {
    const refusals: readonly (readonly [kind: 'open' | 'write' | 'fsync', status: number, code: string])[] = [
      ['open', 3, 'file-unwritable'],
      ['open', 12, 'file-unwritable'],
      ['write', 4, 'write-error'],
      ['write', 14, 'disk-full'],
      ['write', 15, 'quota'],
      ['fsync', 4, 'write-error'],
    ];
    await using at = await site();
    at.put('data.txt', 'old\n');
    await using store = await storeAt(at);
    const file = store.file('data.txt');
    for (const [kind, status, code] of refusals) {
      at.server.fate = (request) => {
        const asked = request.kind === kind && (kind !== 'open' || request.writes === true);
        return asked ? status : 'answer';
      };
      const fault = await faultOf(() => replace(file, 'new\n'));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', code]);
      assert.match(fault.message, /"data\.txt" on 127\.0\.0\.1/);
      assert.ok(code !== 'write-error' || fault.place.hint?.includes('quota'));
    }
    at.server.fate = ({ kind }) => (kind === 'write' ? 4 : 'answer');
    at.server.freeBytes = 3;
    assert.equal((await faultOf(() => replace(file, 'new\n'))).code, 'disk-full');
    assert.equal(remote(at, 'data.txt'), 'old\n');
    assert.deepEqual(namesOf(at), ['data.txt']);
  });
});

for (const [server, options, kind] of [
  ['that renames over a file', {}, 'posix-rename'],
  ['that only renames where nothing is', PLAIN, 'rename'],
] as const) {
  describe(`the name on a server ${server}`, () => {
    /** What becomes of the first, the second … request that renames; from then on it is done. */
    const fates = (at: Site, ...given: readonly Fate[]): (() => number) => {
      let asked = 0;
      at.server.fate = (request) => (request.kind === kind ? (given[asked++] ?? 'answer') : 'answer');
      return () => asked;
    };

    it('is the new file’s in the end, whether the answer came or not', async () => {
      await using at = await site(options);
      for (const given of [['cut'], ['done-cut'], ['answer', 'cut'], ['answer', 'done-cut']] as const) {
        at.put('data.txt', 'old\n');
        await using store = await storeAt(at);
        const asked = fates(at, ...given);
        const version = await replace(store.file('data.txt'), 'new\n');
        assert.ok(asked() >= 1);
        assert.equal(remote(at, 'data.txt'), 'new\n');
        assert.equal(await store.file('data.txt').version?.({ signal: never }), version);
        await until(() => namesOf(at).length === 1);
        at.server.fate = () => 'answer';
      }
    });

    it('is known to be of one of them only, when the server is gone for good', async () => {
      for (const given of ['cut', 'done-cut'] as const) {
        await using at = await site(options);
        at.put('data.txt', 'old\n');
        const store = await storeAt(at);
        at.server.fate = (request) => {
          if (request.kind !== kind) return 'answer';
          at.server.down = true;
          return given;
        };
        const fault = await faultOf(() => replace(store.file('data.txt'), 'new\n'));
        assert.deepEqual([fault.kind, fault.code], ['upstream', 'outcome-unknown']);
        await store[Symbol.asyncDispose]();
        at.server.fate = () => 'answer';
        at.server.down = false;
        await using _next = await storeAt(at);
        await until(() => namesOf(at).length === 1);
        const isNew = given === 'done-cut' && kind === 'posix-rename';
        assert.equal(remote(at, 'data.txt'), isNew ? 'new\n' : 'old\n');
      }
    });

    it('stays the old file’s when the server refuses', async () => {
      await using at = await site(options);
      at.put('data.txt', 'old\n');
      await using store = await storeAt(at);
      for (const given of [[3], ['answer', 3]] as const) {
        if (kind === 'posix-rename' && given.length === 2) continue;
        fates(at, ...given);
        assert.equal((await faultOf(() => replace(store.file('data.txt'), 'new\n'))).code, 'file-unwritable');
        assert.equal(remote(at, 'data.txt'), 'old\n');
        assert.deepEqual(namesOf(at), ['data.txt']);
      }
    });
  });
}

describe('a data set of z/OS', () => {
  it('is written in its place, and only where the configuration says so', async () => {
    await using at = await site(PLAIN);
    at.put('dataset', 'old\n');
    const name = "//'PROD.DATA'";
    at.server.aliases.set(name, join(at.remote.path, 'dataset'));
    await using careful = await storeAt(at);
    const fault = await faultOf(() => editing(careful.file(name)));
    assert.deepEqual([fault.code, fault.misconfigured], ['no-rename', true]);
    await using store = await storeAt(at, { rename: false, stallMs: 200 });
    await replace(store.file(name), LARGE);
    assert.ok(remote(at, 'dataset') === LARGE.toString());
    assert.ok((await read(store.file(name))) === LARGE.toString());
    let cuts = 0;
    at.server.fate = ({ kind, offset }) =>
      kind === 'write' && offset > 500_000 && cuts++ === 0 ? 'cut' : 'answer';
    await replace(store.file(name), OTHER);
    assert.ok(remote(at, 'dataset') === OTHER.toString());
    at.server.fate = ({ kind }) => (kind === 'write' ? 4 : 'answer');
    const torn = await faultOf(() => replace(store.file(name), 'new\n'));
    assert.deepEqual([torn.kind, torn.code], ['upstream', 'outcome-unknown']);
    const asked = at.server.requests.filter(({ kind }) => kind === 'realpath' || kind === 'rename');
    assert.deepEqual(asked, [], 'such a server may know neither');
  });

  it('a server that cannot rename at all is told of as one', async () => {
    await using at = await site(PLAIN);
    at.put('data.txt', 'old\n');
    at.server.fate = ({ kind }) => (kind === 'rename' ? 8 : 'answer');
    await using store = await storeAt(at);
    for (const name of ['data.txt', 'OUT']) {
      const fault = await faultOf(() => replace(store.file(name), 'new\n'));
      assert.deepEqual([fault.code, fault.misconfigured], ['no-rename', true]);
    }
    assert.deepEqual(namesOf(at), ['data.txt']);
  });
});
