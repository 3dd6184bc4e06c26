// `overpunch key`, and a gateway that lets the key in over TLS: both as processes of their own.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { folderWith, problemsOf } from '../config/written.ts';
import { authority, hasOpenssl } from '../fakes/certificates.ts';
import { skipUnless } from '../skip.ts';
import { MAIN, overpunch, type Started, serving } from './overpunch.ts';

const running = new Set<Started>();
after(() => {
  for (const { child } of running) child.kill('SIGKILL');
});

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

async function hashed(input: string): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, 'key', '--hash'], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

describe('overpunch key', () => {
  it('prints a fresh key, and lines that are valid when they are pasted', async () => {
    const { code, out } = await overpunch(['key', '--client', 'web-team']);
    assert.equal(code, 0);
    const [key = '', empty, ...lines] = out.trimEnd().split('\n');
    assert.match(key, /^op_[\w-]{43}$/);
    assert.equal(empty, '');
    const pasted = lines.map((line) => line.replace(/^# /, '')).join('\n');
    assert.ok(pasted.includes(sha256(key)) && !pasted.includes(key));
    const problems = await problemsOf(
      `sources: { core: { adapter: memory, collections: {} } }\nroles: { ROLE: {} }\n${pasted}\n`,
    );
    assert.deepEqual(problems, []);
    assert.notEqual((await overpunch(['key'])).out.split('\n')[0], key);
  });

  it('--hash reads a key and prints its hash, with or without a line end', async () => {
    const key = `op_${'k'.repeat(43)}`;
    for (const end of ['', '\n', '\r\n']) {
      assert.deepEqual(await hashed(key + end), { code: 0, out: `${sha256(key)}\n`, err: '' });
    }
  });

  it('--hash refuses what is no key, and does not repeat it', async () => {
    for (const input of ['', 'hunter2', `${'k'.repeat(40)} ${'k'.repeat(40)}`, `${'ä'.repeat(40)}\n`]) {
      const { code, out, err } = await hashed(input);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^expected one key on standard input: at least 32 visible ASCII characters\n$/);
    }
  });

  it('takes a name of a client and no other', async () => {
    for (const args of [
      ['--client', '7'],
      ['--client', 'a b'],
      ['--hash', '--client', 'a'],
    ]) {
      assert.equal((await overpunch(['key', ...args])).code, 2);
    }
  });
});

const BANK = `sources:
  core:
    adapter: memory
    collections:
      customers:
        key: [custId]
        fields: { custId: int64 }
        rows: [{ custId: "4711" }]
roles: { teller: { collections: { customers: read } } }
`;

describe('serve', () => {
  it('without access says that nobody may ask, and answers nobody', async () => {
    const gateway = await serving(['-c', join(folderWith({ 'c.yaml': BANK }), 'c.yaml'), '--port', '0']);
    running.add(gateway);
    await gateway.says('OVERPUNCH_KEY');
    assert.match(gateway.out(), /Nobody may ask: the configuration has no `access`\./);
    const response = await fetch(`${gateway.url}/api/customers`);
    assert.equal(response.status, 401);
    assert.match(await response.text(), /`access`/);
    assert.equal((await fetch(`${gateway.url}/health/ready`)).status, 200);
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 0);
  });

  it('in development says so in the greeting and warns in the log', async () => {
    const file = join(folderWith({ 'c.yaml': `${BANK}access: { development: true }\n` }), 'c.yaml');
    const gateway = await serving(['-c', file, '--port', '0']);
    running.add(gateway);
    await gateway.says('DEVELOPMENT MODE: everybody who reaches this address may do everything.');
    gateway.child.kill('SIGTERM');
    const [started] = (await gateway.ended).err.split('\n').map((line) => JSON.parse(line || '{}'));
    assert.deepEqual([started.event, started.level], ['started', 'warn']);
    assert.match(started.msg, /development mode: everybody may do everything/);
  });

  it('over TLS shows https everywhere, and its examples work with the key', {
    skip: skipUnless(hasOpenssl, 'openssl is not installed'),
  }, async () => {
    const key = `op_${'x'.repeat(43)}`;
    const folder = folderWith({
      'c.yaml': `${BANK}access: { clients: { web: { roles: [teller], keys: [{ sha256: ${sha256(key)} }] } } }
server: { tls: { certificate: server.pem, key: server.key } }
`,
    });
    const ours = authority('CA', folder);
    const { cert, secret } = ours.issue('server');
    await writeFile(join(folder, 'server.pem'), cert);
    await writeFile(join(folder, 'server.key'), secret);
    const file = join(folder, 'c.yaml');
    assert.equal((await overpunch(['check', '-c', file])).code, 0);
    await writeFile(join(folder, 'server.key'), ours.secret);
    const checked = await overpunch(['check', '-c', file]);
    assert.equal(checked.code, 1);
    assert.match(checked.err, /^\S+c\.yaml:11:16 server\.tls: \S+server\.key is not the private key/);
    await writeFile(join(folder, 'server.key'), secret);
    const gateway = await serving(['-c', file, '--port', '0']);
    running.add(gateway);
    await gateway.says('OVERPUNCH_KEY');
    assert.match(gateway.url, /^https:/);
    const greeted = gateway.out();
    assert.ok(!greeted.includes('http://'), greeted);
    // What stands in rows is not shown to who reads the log of a gateway that is not open.
    assert.ok(!greeted.includes('4711'), greeted);
    const pasted = greeted.match(/^ {2}curl .*$/gm) ?? [];
    assert.equal(pasted.length, 3);
    for (const command of pasted) {
      const { stdout } = await promisify(execFile)('sh', ['-c', `${command.trim()} -s`], {
        env: { PATH: process.env['PATH'], OVERPUNCH_KEY: key, CURL_CA_BUNDLE: ours.certificate },
      });
      assert.match(stdout, /"custId":"4711"/, command);
    }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${gateway.url}/api/customers`, { ca: readFileSync(ours.certificate) }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once('error', reject)
        .end();
    });
    assert.equal(status, 401);
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 0);
  });
});
