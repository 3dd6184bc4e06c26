// Files by SFTP from a real server, OpenSSH: the suites of all adapters, how it is logged in to, and what it says of files that
// cannot be had.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { keyPair } from '../../../fakes/sftp/server.ts';
import { skipUnless } from '../../../skip.ts';
import { faultOf, never } from '../opening.ts';
import { conformanceBySftp, type Subject, writesBySftp } from './conformance.ts';
import { SECRETS, type Site, site, texts } from './opening.ts';
import { breakingLine, type OpenSsh, openSsh, SSHD, sshAgent } from './openssh.ts';
import { content, editing, namesOf, read, remote, replace, storeAt } from './writing.ts';

const skip = skipUnless(SSHD !== undefined, 'sshd is not installed (package openssh-server)');

const LARGE = Buffer.alloc(3_000_000, 'the new bytes of a file ');

let started: Promise<OpenSsh> | undefined;
const server = (): Promise<OpenSsh> => {
  started ??= openSsh();
  return started;
};
after(async () => (await started)?.[Symbol.asyncDispose]());

const subject: Subject = {
  name: 'file by SFTP from OpenSSH',
  skip,
  async serve(root) {
    const { port, user, key, fingerprint } = await server();
    const sftp = {
      host: '127.0.0.1',
      port,
      user,
      privateKey: { env: 'KEY' },
      hostKey: fingerprint,
      root,
    };
    return { sftp, secret: key };
  },
};

conformanceBySftp(subject);
writesBySftp(subject, ['F'], 4);

describe('a file by SFTP from OpenSSH', { skip }, () => {
  /** Options that lead to the server instead of the one in this process. */
  const there = async (at: Site) => {
    const { port, user, key, fingerprint } = await server();
    SECRETS.set('OPENSSH', key);
    return {
      port,
      user,
      password: undefined,
      privateKey: { env: 'OPENSSH' },
      hostKey: fingerprint,
      root: at.remote.path,
    };
  };

  it('is served by a login with a key, and looked for again', async () => {
    await using at = await site();
    at.put('data.txt', 'one\ntwo\n');
    const source = await at.open(await there(at));
    assert.deepEqual(await texts(source), ['one', 'two']);
    at.put('data.txt', 'three\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(await texts(source), ['three']);
    await source.check(new AbortController().signal);
  });

  it('comes whole when it is large', async () => {
    await using at = await site();
    const content = Array.from({ length: 1_000_000 }, (_, i) => `${String(i).padStart(7, '0')}\n`).join('');
    at.put('data.txt', content);
    const rows = await texts(await at.open(await there(at)));
    assert.equal(rows.length, 1_000_000);
    assert.equal(
      rows.every((text, i) => Number(text) === i),
      true,
    );
  });

  it('is served by a login with a key that an agent holds', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    await using agent = await sshAgent((await server()).key);
    const options = { ...(await there(at)), privateKey: undefined, agent: agent.path };
    assert.deepEqual(await texts(await at.open(options)), ['one']);
    const nobody = await at.open({ ...options, agent: `${agent.path}.gone`, cache: { folder: 'other' } });
    const fault = await faultOf(() => texts(nobody));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'login']);
  });

  it('is served by a host that known_hosts knows', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const { port, hostKey } = await server();
    at.local.write('known_hosts', `[127.0.0.1]:${port} ${hostKey}\n`);
    const options = { ...(await there(at)), hostKey: undefined, knownHosts: 'known_hosts' };
    assert.deepEqual(await texts(await at.open(options)), ['one']);
  });

  it('is refused from a host with another key, or of which nothing is known, with the fingerprint', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const { fingerprint } = await server();
    for (const hostKey of [`SHA256:${'A'.repeat(43)}`, undefined]) {
      const source = await at.open({ ...(await there(at)), hostKey });
      const fault = await faultOf(() => texts(source));
      assert.equal(fault.code, 'host-key');
      assert.ok(fault.message.includes(fingerprint));
    }
  });

  it('is refused to a key that may not log in', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const { key } = await server();
    const other = keyPair();
    const options = await there(at);
    SECRETS.set('OTHER', other.private);
    const source = await at.open({ ...options, privateKey: { env: 'OTHER' } });
    const fault = await faultOf(() => texts(source));
    assert.equal(fault.code, 'login');
    assert.ok(!JSON.stringify(fault).includes(key));
  });

  it('is replaced as a whole, keeps its permissions, and is read at once', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    chmodSync(join(at.remote.path, 'data.txt'), 0o604);
    await using store = await storeAt(at, await there(at));
    const file = store.file('data.txt');
    const version = await replace(file, LARGE);
    assert.ok(remote(at, 'data.txt') === LARGE.toString());
    assert.equal(statSync(join(at.remote.path, 'data.txt')).mode & 0o777, 0o604);
    assert.equal(await file.version?.({ signal: never }), version);
    await replace(file, 'small\n');
    assert.equal(await read(file), 'small\n');
    assert.deepEqual(namesOf(at), ['data.txt']);
  });

  it('is made where there is none, and only there', async () => {
    await using at = await site();
    await using store = await storeAt(at, await there(at));
    await using edit = await editing(store.file('OUT'));
    await using late = await editing(store.file('LATE'));
    await edit.replace(content('one\n'), { signal: never });
    assert.equal(remote(at, 'OUT'), 'one\n');
    at.put('LATE', 'mine\n');
    const fault = await faultOf(() => late.replace(content('two\n'), { signal: never }));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-exists']);
    assert.deepEqual(namesOf(at), ['LATE', 'OUT']);
    assert.equal(remote(at, 'LATE'), 'mine\n');
  });

  it('is not written by a login that may only read', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    const options = await there(at);
    SECRETS.set('READER', (await server()).readerKey);
    await using store = await storeAt(at, { ...options, privateKey: { env: 'READER' } });
    for (const name of ['data.txt', 'OUT']) {
      const fault = await faultOf(() => replace(store.file(name), 'new\n'));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-unwritable']);
      assert.match(fault.message, /on 127\.0\.0\.1 may not be written by the login/);
    }
    assert.deepEqual(namesOf(at), ['data.txt']);
    assert.equal(await read(store.file('data.txt')), 'old\n');
  });

  it('is sent on where the line broke', async () => {
    await using at = await site();
    at.put('data.txt', 'old\n');
    const options = await there(at);
    await using line = await breakingLine(options.port, [700_000, 900_000]);
    await using store = await storeAt(at, { ...options, port: line.port });
    await replace(store.file('data.txt'), LARGE);
    assert.ok(remote(at, 'data.txt') === LARGE.toString());
    assert.equal(line.taken(), 3);
    assert.deepEqual(namesOf(at), ['data.txt']);
  });

  it('is a fault when it is missing, a folder, or behind a link that leads out', async () => {
    await using at = await site();
    mkdirSync(join(at.remote.path, 'folder'));
    symlinkSync('/etc/hostname', join(at.remote.path, 'link'));
    symlinkSync('nowhere', join(at.remote.path, 'dangling'));
    const codes = {
      missing: 'file-missing',
      folder: 'not-a-file',
      link: 'path-outside-root',
      dangling: 'file-missing',
    };
    for (const [path, code] of Object.entries(codes)) {
      const source = await at.open(await there(at), path);
      const fault = await faultOf(() => texts(source));
      assert.equal(fault.code, code, path);
      assert.ok(fault.message.includes('127.0.0.1'), path);
    }
  });
});
