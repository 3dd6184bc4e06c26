// Logging in by SFTP: who is let in, and which hosts are believed. The server is in this process.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import ssh2 from 'ssh2';
import { adapter } from '../../../../adapters/file/file.ts';
import { keyPair } from '../../../fakes/sftp/server.ts';
import { faultOf } from '../opening.ts';
import { PASSWORD, SECRETS, site, texts } from './opening.ts';

/** What is in known_hosts of the key of a server. */
function publicKey(hostKey: string): string {
  const key = ssh2.utils.parseKey(hostKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}

describe('a login by SFTP', () => {
  it('by a wrong password is refused without the password, and is not tried again at once', async () => {
    await using at = await site({ password: 'another one' });
    at.put('data.txt', 'one\n');
    const source = await at.open();
    for (let i = 0; i < 3; i++) {
      const fault = await faultOf(() => texts(source));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', 'login']);
      assert.match(fault.message, /^127\.0\.0\.1 does not accept the login/);
      assert.ok(!JSON.stringify(fault).includes(PASSWORD));
      assert.ok(!String(fault.cause).includes(PASSWORD));
    }
    assert.equal(at.server.refusals(), 1);
  });

  it('is done by prompts where the server asks by them', async () => {
    await using at = await site({ password: undefined, prompted: PASSWORD });
    at.put('data.txt', 'one\n');
    assert.equal((await faultOf(async () => texts(await at.open()))).code, 'login');
    assert.deepEqual(await texts(await at.open({ keyboardInteractive: true })), ['one']);
  });

  it('is done by a private key, also by one with a passphrase', async () => {
    const plain = keyPair();
    const locked = ssh2.utils.generateKeyPairSync('ecdsa', {
      bits: 256,
      passphrase: 'pass phrase',
      cipher: 'aes256-ctr',
      rounds: 4,
    });
    SECRETS.set('KEY', plain.private).set('LOCKED', locked.private).set('PHRASE', 'pass phrase');
    const key = { password: undefined, privateKey: { env: 'KEY' } };
    const lockedKey = { password: undefined, privateKey: { env: 'LOCKED' } };
    {
      await using at = await site({ password: undefined, publicKey: plain.public });
      at.put('data.txt', 'one\n');
      assert.deepEqual(await texts(await at.open(key)), ['one']);
    }
    await using at = await site({ password: undefined, publicKey: locked.public });
    at.put('data.txt', 'one\n');
    assert.deepEqual(await texts(await at.open({ ...lockedKey, passphrase: { env: 'PHRASE' } })), ['one']);
    const elsewhere = { ...key, cache: { folder: 'elsewhere' } };
    assert.equal((await faultOf(async () => texts(await at.open(elsewhere)))).code, 'login');
    for (const wrong of [{}, { passphrase: { env: 'PASSWORD' } }]) {
      const fault = await faultOf(() => at.open({ ...lockedKey, ...wrong }));
      assert.deepEqual([fault.code, fault.misconfigured], ['bad-private-key', true]);
      assert.ok(!JSON.stringify(fault).includes(PASSWORD));
    }
  });

  it('by an old algorithm needs an option that says so', async () => {
    await using at = await site({
      algorithms: { kex: ['diffie-hellman-group14-sha1'], cipher: ['aes128-cbc'] },
    });
    at.put('data.txt', 'one\n');
    const fault = await faultOf(async () => texts(await at.open()));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'handshake']);
    const algorithms = { keyExchange: ['diffie-hellman-group14-sha1'], ciphers: ['aes128-cbc'] };
    assert.deepEqual(await texts(await at.open({ algorithms })), ['one']);
  });

  it('at a port where nothing listens is a host that cannot be reached', async () => {
    await using at = await site();
    const source = await at.open({ port: 1 });
    const fault = await faultOf(() => texts(source));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'cannot-connect']);
    assert.match(fault.message, /ECONNREFUSED/);
  });
});

describe('the host key', () => {
  it('is not believed when nothing is known of it; the fault has the fingerprint to add', async () => {
    await using at = await site();
    const fault = await faultOf(async () => texts(await at.open({ hostKey: undefined })));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'host-key']);
    assert.ok(fault.message.includes(`${at.server.fingerprint} (ssh-ed25519)`));
    assert.ok(fault.place.hint?.includes(`hostKey: "${at.server.fingerprint}"`));
    assert.equal(at.server.logins() + at.server.refusals(), 0, 'no secret was sent');
  });

  it('is not believed when it is another one, and the old version is still served', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    await texts(await at.open());
    const hostKey = `SHA256:${'A'.repeat(43)}`;
    const other = await at.open({ hostKey, cache: { folder: 'elsewhere' } });
    const fault = await faultOf(() => texts(other));
    assert.equal(fault.code, 'host-key');
    assert.match(fault.message, /is not the one that is known/);
    const after = await at.open({ hostKey });
    assert.deepEqual(await texts(after), ['one']);
    assert.equal((await faultOf(() => after.check(new AbortController().signal))).code, 'host-key');
  });

  it('is believed when it is one of several', async () => {
    await using at = await site();
    at.put('data.txt', 'one\n');
    const hostKey = [`SHA256:${'A'.repeat(43)}`, at.server.fingerprint];
    assert.deepEqual(await texts(await at.open({ hostKey })), ['one']);
  });

  it('is believed by known_hosts, by name, pattern or hash, and by the port', async () => {
    const hostKey = keyPair().private;
    await using at = await site({ hostKey });
    at.put('data.txt', 'one\n');
    const key = publicKey(hostKey);
    const name = `[127.0.0.1]:${at.server.port}`;
    const salt = Buffer.from('a salt of twenty by.');
    const hash = createHmac('sha1', salt).update(name).digest('base64');
    const hashed = `|1|${salt.toString('base64')}|${hash}`;
    const other = publicKey(keyPair().private);
    const verdicts: readonly (readonly [text: string, code: string | undefined])[] = [
      [`# comment\n\n${name} ${key} a comment\n`, undefined],
      [`elsewhere,[127.0.0.?]:* ${key}\r\n`, undefined],
      [`${hashed} ${key}\n`, undefined],
      [`127.0.0.1 ${key}\n`, 'host-key'],
      [`!${name},* ${key}\n`, 'host-key'],
      [`${name} ${other}\n`, 'host-key'],
      [`${name} ${key}\n@revoked ${name} ${key}\n`, 'host-key'],
      [`@cert-authority ${name} ${key}\n`, 'host-key'],
      ['', 'host-key'],
    ];
    for (const [i, [text, code]] of verdicts.entries()) {
      at.local.write('known_hosts', text);
      const cache = { folder: `cache${i}` };
      const source = await at.open({ hostKey: undefined, knownHosts: 'known_hosts', cache });
      if (code === undefined) assert.deepEqual(await texts(source), ['one'], text);
      else assert.equal((await faultOf(() => texts(source))).code, code, text);
    }
  });

  it('cannot be looked up in a file that is not there', async () => {
    await using at = await site();
    const fault = await faultOf(() => at.open({ hostKey: undefined, knownHosts: 'nowhere' }));
    assert.deepEqual([fault.code, fault.misconfigured], ['known-hosts-missing', true]);
  });
});

describe('the options of SFTP', () => {
  const given = { host: 'mf', user: 'batch', password: { env: 'PASSWORD' } };
  const wrong: Readonly<Record<string, object>> = {
    'a secret that stands in the file': { ...given, password: 'sesame' },
    'no way to log in': { host: 'mf', user: 'batch' },
    'a passphrase without a key': { ...given, passphrase: { env: 'X' } },
    'prompts without a password': { host: 'mf', user: 'batch', agent: '/a', keyboardInteractive: true },
    'a fingerprint of another form': { ...given, hostKey: 'MD5:00:11' },
    'both ways to know the host': { ...given, hostKey: `SHA256:${'A'.repeat(43)}`, knownHosts: 'x' },
    'an algorithm that is not there': { ...given, algorithms: { ciphers: ['rot13'] } },
    'an unknown word': { ...given, hostkey: 'x' },
  };
  for (const [what, sftp] of Object.entries(wrong)) {
    it(`are refused with ${what}`, () => {
      const parse = (options: object) =>
        adapter.options.safeParse({ store: { sftp: options }, collections: {} }).success;
      assert.equal(parse(sftp), false);
      assert.equal(parse(given), true);
    });
  }
});
