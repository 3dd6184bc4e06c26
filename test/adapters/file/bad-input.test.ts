// Whatever goes wrong with a file or its host gets its own fault, with the file and the host in it; the version before goes on being shown;
// and no temporary file is left behind. On local disk, on local disk with copies, and by SFTP.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import ssh2 from 'ssh2';
import type { Fault, Source } from '#spi';
import { keyPair } from '../../fakes/sftp/server.ts';
import { collect, faultOf, folder, hostAt, never, openFiles } from './opening.ts';
import { SECRETS, site } from './sftp/opening.ts';

const LARGE = 'fresh\n'.repeat(400_000);

/** A place with one file, of which the version `one` is shown. */
interface Place extends AsyncDisposable {
  readonly test: TestContext;
  readonly source: Source;
  /** The folder that the file is in. */
  readonly folder: string;
  /** The file, changed an hour ago. */
  put(content: string): void;
  /** Does something once a read of the file has come to its middle. */
  meanwhile(action: () => void): void;
  /** The gateway is started again, with other options. */
  restart(more?: Readonly<Record<string, unknown>>): Promise<void>;
  /** The server's own part. */
  readonly server?: Awaited<ReturnType<typeof site>>['server'];
}

type Make = (test: TestContext) => Promise<Place>;

const putIn =
  (path: string) =>
  (content: string): void => {
    writeFileSync(join(path, 'new'), content);
    const changed = Math.floor(Date.now() / 1000) - 3_600;
    utimesSync(join(path, 'new'), changed, changed);
    renameSync(join(path, 'new'), join(path, 'data.txt'));
  };

const disk =
  (copies: boolean): Make =>
  async (test) => {
    const at = folder({
      'line.json': JSON.stringify([{ name: 'text', start: 0, width: 8, type: 'string', padPosition: 'end' }]),
    });
    const root = join(at.path, 'root');
    mkdirSync(root);
    const options = {
      store: { disk: { root, copies } },
      cache: { folder: join(at.path, 'cache') },
      collections: { lines: { path: 'data.txt', parseMap: 'line.json' } },
    };
    const start = () => openFiles(hostAt(at.path), options);
    let source = await start();
    return {
      test,
      get source() {
        return source;
      },
      folder: root,
      put: putIn(root),
      meanwhile: (action) => onHandles(test, 'read', action),
      async restart() {
        await source[Symbol.asyncDispose]();
        source = await start();
      },
      async [Symbol.asyncDispose]() {
        await source[Symbol.asyncDispose]();
        const left = readdirSync(at.path, { recursive: true }).map(String);
        at[Symbol.dispose]();
        assert.deepEqual(
          left.filter((name) => name.endsWith('.part')),
          [],
        );
      },
    };
  };

const bySftp: Make = async (test) => {
  const at = await site();
  let source = await at.open();
  return {
    test,
    get source() {
      return source;
    },
    folder: at.remote.path,
    put: putIn(at.remote.path),
    server: at.server,
    meanwhile(action) {
      let done = false;
      at.server.fate = ({ kind, offset }) => {
        if (kind === 'read' && offset > 1_000_000 && offset < 2_000_000 && !done) {
          done = true;
          action();
        }
        return 'answer';
      };
    },
    async restart(more = {}) {
      await source[Symbol.asyncDispose]();
      source = await at.open(more);
    },
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      assert.deepEqual(
        at.cached().filter((name) => name.endsWith('.part')),
        [],
      );
      await at[Symbol.asyncDispose]();
    },
  };
};

/** Every handle on a file is of this class. */
async function handleClass(): Promise<{
  read: (...given: unknown[]) => Promise<unknown>;
  write: (...given: unknown[]) => Promise<unknown>;
}> {
  await using handle = await open(import.meta.filename);
  return Object.getPrototypeOf(handle);
}
const HANDLES = await handleClass();

/** In the middle of a file, once. */
function onHandles(test: TestContext, method: 'read', action: () => void): void {
  const { read } = HANDLES;
  let done = false;
  test.mock.method(HANDLES, method, async function (this: unknown, ...given: unknown[]) {
    const answer = await read.apply(this, given);
    const offset = given[3];
    if (!done && typeof offset === 'number' && offset > 1_000_000) {
      done = true;
      action();
    }
    return answer;
  });
}

function writesFail(test: TestContext, code: string): void {
  test.mock.method(HANDLES, 'write', () => Promise.reject(Object.assign(new Error('no'), { code })));
}

const texts = async (source: Source) =>
  (await collect(source, { collection: 'lines' }, 2)).map((row) => row['text']);

function otherFingerprint(): string {
  const key = ssh2.utils.parseKey(keyPair().public);
  if (key instanceof Error) throw key;
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}

interface Case {
  /** Code of the fault, by place; a place that is not named does not know the case. */
  readonly code: Readonly<Record<string, string>>;
  /** Makes it happen to the file, of which a version is shown. */
  spoil(place: Place): void | Promise<void>;
  /** Makes everything good again. */
  mend?(place: Place): void | Promise<void>;
  /** What the message names beside the host; the file by default. */
  readonly names?: RegExp;
}

const EVERYWHERE = ['disk', 'copies', 'sftp'] as const;
const everywhere = (code: string): Case['code'] =>
  Object.fromEntries(EVERYWHERE.map((place) => [place, code]));
const remove = ({ folder: at }: Place) => rmSync(join(at, 'data.txt'), { recursive: true, force: true });

const cases: Readonly<Record<string, Case>> = {
  'wrong password': {
    code: { sftp: 'login' },
    spoil(place) {
      SECRETS.set('WRONG', 'wrong');
      return place.restart({ password: { env: 'WRONG' } });
    },
    names: /does not accept the login/,
  },
  'unknown host key': {
    code: { sftp: 'host-key' },
    spoil: (place) => place.restart({ hostKey: undefined }),
    names: /SHA256:/,
  },
  'changed host key': {
    code: { sftp: 'host-key' },
    spoil: (place) => place.restart({ hostKey: otherFingerprint() }),
    names: /SHA256:/,
  },
  'missing path': { code: everywhere('file-missing'), spoil: remove },
  'permission denied': {
    code: { disk: 'file-unreadable', sftp: 'file-unreadable' },
    spoil(place) {
      place.put('two\n');
      if (place.server !== undefined) place.server.fate = ({ kind }) => (kind === 'open' ? 3 : 'answer');
      else {
        chmodSync(join(place.folder, 'data.txt'), 0);
        // The superuser may read everything.
        if (process.getuid?.() === 0) process.seteuid?.(65_534);
      }
    },
    mend(place) {
      if (process.getuid?.() === 0) process.seteuid?.(0);
      if (place.server !== undefined) place.server.fate = () => 'answer';
    },
  },
  'disk full': {
    code: { copies: 'cache-full', sftp: 'cache-full' },
    spoil(place) {
      writesFail(place.test, 'ENOSPC');
      place.put('two\n');
    },
    mend: ({ test }) => test.mock.restoreAll(),
  },
  'quota exceeded': {
    code: { copies: 'cache-quota', sftp: 'cache-quota' },
    spoil(place) {
      writesFail(place.test, 'EDQUOT');
      place.put('two\n');
    },
    mend: ({ test }) => test.mock.restoreAll(),
  },
  'cut connection in the middle': {
    code: { sftp: 'connection-lost' },
    spoil(place) {
      place.put(LARGE);
      if (place.server !== undefined)
        place.server.fate = ({ kind, offset }) => (kind === 'read' && offset >= 32_768 ? 'cut' : 'answer');
    },
    mend(place) {
      if (place.server !== undefined) place.server.fate = () => 'answer';
    },
    names: /./,
  },
  'server that stalls': {
    code: { sftp: 'stalled' },
    spoil(place) {
      place.put(LARGE);
      if (place.server !== undefined)
        place.server.fate = ({ kind, offset }) => (kind === 'read' && offset >= 32_768 ? 'stall' : 'answer');
      return place.restart({ stallMs: 300 });
    },
    mend(place) {
      if (place.server !== undefined) place.server.fate = () => 'answer';
    },
    names: /sent nothing for 300 ms/,
  },
  'file truncated during the copy': {
    code: { copies: 'file-changed', sftp: 'file-changed' },
    spoil(place) {
      place.meanwhile(() => truncateSync(join(place.folder, 'data.txt'), 500_000));
      place.put(LARGE);
    },
  },
  'file grown during the copy': {
    code: { copies: 'file-changed', sftp: 'file-changed' },
    spoil(place) {
      place.meanwhile(() => writeFileSync(join(place.folder, 'data.txt'), 'more\n', { flag: 'a' }));
      place.put(LARGE);
    },
  },
  'file replaced by a folder': {
    code: everywhere('not-a-file'),
    spoil(place) {
      remove(place);
      mkdirSync(join(place.folder, 'data.txt'));
    },
  },
  'symbolic link out of the root': {
    code: { disk: 'link-outside-root', copies: 'link-outside-root', sftp: 'path-outside-root' },
    spoil(place) {
      remove(place);
      symlinkSync('/etc/hostname', join(place.folder, 'data.txt'));
    },
  },
};

const places: Readonly<Record<string, Make>> = { disk: disk(false), copies: disk(true), sftp: bySftp };

/** Its looks go on beside the requests: what they end with is seen when it is there. */
async function staleAs(source: Source, code: string): Promise<Fault> {
  for (let tries = 0; ; tries++) {
    assert.deepEqual(await texts(source), ['one']);
    const fault = source.stale?.();
    if (fault?.code === code) return fault;
    assert.ok(tries < 300, `it is ${fault?.code}, not ${code}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('what goes wrong with a file', () => {
  for (const [what, { code, spoil, mend, names = /"data\.txt"/ }] of Object.entries(cases)) {
    for (const [place, named] of Object.entries(code)) {
      it(`${what}, ${place}: is the fault ${named}, while the version before is shown`, async (test) => {
        const make = places[place];
        assert.ok(make !== undefined);
        await using at = await make(test);
        at.put('one\n');
        assert.deepEqual(await texts(at.source), ['one']);
        try {
          await spoil(at);
          // A change during a copy happens once; the look after it finds the new version, which is then shown.
          const once = named === 'file-changed';
          const fault = once ? await changedOnce(at) : await staleAs(at.source, named);
          assert.ok(fault.kind === 'unavailable' || fault.misconfigured);
          assert.match(fault.message, names);
          if (place === 'sftp') assert.match(fault.message, /127\.0\.0\.1/);
          if (!once) assert.equal((await faultOf(() => at.source.check(never))).code, named);
        } finally {
          await mend?.(at);
        }
      });
    }
  }

  /** By the store alone: what it is asked while the file changes it refuses, and shows the version before. */
  async function changedOnce({ source }: Place): Promise<Fault> {
    for (let tries = 0; ; tries++) {
      const seen = await texts(source);
      const fault = source.stale?.();
      if (fault?.code === 'file-changed') {
        assert.deepEqual(seen, ['one']);
        return fault;
      }
      assert.ok(tries < 300, `it is ${fault?.code}, and ${seen} is shown`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('a path that leads out of the root is refused before anything is opened', async () => {
    using at = folder({
      'line.json': JSON.stringify([{ name: 'text', start: 0, width: 8, type: 'string', padPosition: 'end' }]),
    });
    await using by = await site();
    for (const path of ['../data.txt', 'a/../../b', '.', 'a\0b']) {
      for (const copies of [false, true]) {
        const options = {
          store: { disk: { root: '.', copies } },
          collections: { lines: { path, parseMap: 'line.json' } },
        };
        const fault = await faultOf(() => openFiles(hostAt(at.path), options));
        assert.deepEqual([fault.code, fault.misconfigured], ['path-outside-root', true]);
      }
      assert.equal((await faultOf(() => by.open({}, path))).code, 'path-outside-root');
    }
  });
});
