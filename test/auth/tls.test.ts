// TLS of the listener and certificates of clients, on real sockets.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import type { AccessDeclaration } from '../../src/auth/access.ts';
import { createAuthenticate } from '../../src/auth/create-authenticate.ts';
import { hashOfKey, newKey } from '../../src/auth/key.ts';
import { Fault } from '../../src/fault.ts';
import { listen } from '../../src/http/listen.ts';
import { createApp } from '../../src/http/server.ts';
import type { Observation } from '../../src/observe.ts';
import type { Caller } from '../../src/query/caller.ts';
import { fileChanges } from '../../src/serving/on-file-change.ts';
import { type Authority, authority, type Certificate, hasOpenssl } from '../fakes/certificates.ts';
import { startIdentityProvider } from '../fakes/identity-provider.ts';
import { bank } from '../rest/bank.ts';
import { skipUnless } from '../skip.ts';
import { accessOf, client, issuerOf, ROLES } from './access.ts';

const key = newKey();
const nightKey = newKey();

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('TLS', { skip: skipUnless(hasOpenssl, 'openssl is not installed') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-tls-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  let ours: Authority;
  let theirs: Authority;
  let server: Certificate;
  let web: Certificate;
  let night: Certificate;
  let unknown: Certificate;
  before(() => {
    ours = authority('Bank CA', folder);
    theirs = authority('Bank CA', folder);
    server = ours.issue('server');
    web = ours.issue('web', { subject: '/C=CH/O=Bank, Zürich/CN=web-team' });
    night = ours.issue('night');
    unknown = ours.issue('unknown');
  });

  const fingerprint = ({ cert }: Certificate): string => {
    const { fingerprint256 } = new (process.getBuiltinModule('node:crypto').X509Certificate)(cert);
    return fingerprint256;
  };
  const known = (): AccessDeclaration =>
    accessOf({
      clients: {
        web: client({
          keys: [{ sha256: hashOfKey(key) }],
          certificates: [{ subject: 'CN=web-team, O="Bank, Zürich", C=CH' }],
        }),
        night: client({
          keys: [{ sha256: hashOfKey(nightKey) }],
          certificates: [{ fingerprint256: fingerprint(night).replaceAll(':', '').toLowerCase() }],
        }),
      },
    });

  async function start(
    t: TestContext,
    {
      access,
      clients,
      files = server,
    }: {
      readonly access?: AccessDeclaration;
      readonly clients?: { readonly authorities: string; readonly required: boolean };
      readonly files?: { readonly certificate: string; readonly key: string };
    } = {},
  ) {
    const seen: Observation[] = [];
    const callers: (Caller | undefined)[] = [];
    const never = (): never => assert.fail('no file is read');
    const observe = (observation: Observation): void => void seen.push(observation);
    const who = await createAuthenticate(access ?? accessOf({ anonymous: ['clerk'] }), {
      roles: ROLES,
      observe,
      readClients: never,
      readKeys: never,
      watch: never,
    });
    const { execute, ...parts } = bank();
    const app = createApp({
      ...parts,
      execute: (asked, context) => {
        callers.push(context.caller);
        return execute(asked, context);
      },
      health: () => [],
      authenticate: who.authenticate,
      observe,
    });
    const listening = await listen(app, {
      host: '127.0.0.1',
      port: 0,
      tls: {
        files: {
          certificate: files.certificate,
          key: files.key,
          ...(clients === undefined ? {} : { clients }),
        },
        observe,
        watch: fileChanges({ pollMs: 50, settleMs: 20 }),
      },
    });
    t.after(async () => {
      who[Symbol.dispose]();
      await listening.close(0);
    });
    return {
      ...listening,
      seen,
      callers,
      reloads: () => seen.flatMap((one) => (one.kind === 'reload' ? [one] : [])),
      /** On a connection of its own, unless an agent is given. */
      ask: (
        shown?: Certificate,
        headers: Record<string, string> = {},
        agent: Agent | false = false,
      ): Promise<Answer> =>
        new Promise((resolve, reject) => {
          const sent = request(
            `${listening.url}/api/customers`,
            {
              ca: [ours.cert, theirs.cert],
              agent,
              headers,
              ...(shown === undefined ? {} : { cert: shown.cert, key: shown.secret }),
            },
            async (response) => {
              let body = '';
              for await (const chunk of response) body += String(chunk);
              resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
            },
          );
          sent.once('error', reject).end();
        }),
    };
  }

  /** What the server shows, or the code of the error. */
  async function handshake(port: number, options: ConnectionOptions = {}): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1', ca: [ours.cert, theirs.cert], ...options });
    try {
      await once(socket, 'secureConnect');
      return `${socket.getProtocol()} ${socket.getPeerCertificate().subject['CN']}`;
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      socket.destroy();
    }
  }

  it('serves the same API, at an https address, from version 1.2 on', async (t) => {
    const { url, port, ask } = await start(t);
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await ask()).status, 200);
    assert.equal(await handshake(port), 'TLSv1.3 server');
    assert.equal(await handshake(port, { maxVersion: 'TLSv1.2' }), 'TLSv1.2 server');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    assert.match(await handshake(port, old), /^(ERR_SSL|ECONNRESET)/);
  });

  it('tells who speaks plain HTTP to the port that it speaks https, and goes on', async (t) => {
    const { port, ask } = await start(t);
    const socket = connectPlain(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.write(`GET /api/customers HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${key}\r\n\r\n`);
    await once(socket, 'close');
    assert.match(text, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(text, /"code":"https-only"/);
    for (const nonsense of ['\0\0\0\0\0\0\0\0', 'hello', '\x16\x03\x01\x00\x05hello']) {
      const other = connectPlain(port, '127.0.0.1');
      other.on('error', () => {});
      other.resume();
      other.end(nonsense);
      await once(other, 'close');
    }
    assert.equal((await ask()).status, 200);
  });

  describe('the certificate of the listener', () => {
    const moving = (name: string) => ({
      certificate: join(folder, `${name}.pem`),
      key: join(folder, `${name}.key`),
    });
    const put = ({ certificate, key: secret }: Certificate, name: string): void => {
      copyFileSync(certificate, join(folder, `${name}.pem`));
      copyFileSync(secret, join(folder, `${name}.key`));
    };
    const soon = async (what: () => Promise<boolean> | boolean): Promise<void> => {
      for (let i = 0; i < 500; i++) {
        if (await what()) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.fail('it did not come about in 10 s');
    };

    it('changes with its files; connections that are open stay', async (t) => {
      put(server, 'renewed');
      const { port, ask, reloads } = await start(t, { files: moving('renewed') });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      t.after(() => agent.destroy());
      assert.equal((await ask(undefined, {}, agent)).status, 200);
      put(theirs.issue('next'), 'renewed');
      await soon(async () => (await handshake(port)) === 'TLSv1.3 next');
      assert.equal((await ask(undefined, {}, agent)).status, 200);
      assert.deepEqual(
        reloads().map(({ problems }) => problems),
        [0],
      );
    });

    for (const [what, breakIt] of [
      ['half a certificate', () => writeFileSync(join(folder, 'broken.pem'), server.cert.subarray(0, 200))],
      ['a key of another certificate', () => copyFileSync(web.key, join(folder, 'broken.key'))],
      ['no file at all', () => rmSync(join(folder, 'broken.pem'))],
      ['an empty file', () => writeFileSync(join(folder, 'broken.key'), '')],
    ] as const) {
      it(`stays when there is ${what} in its place, which is told`, async (t) => {
        put(server, 'broken');
        const { port, ask, reloads } = await start(t, { files: moving('broken') });
        breakIt();
        await soon(() => reloads().length > 0);
        const [{ problems = 0, notes = [] } = {}] = reloads();
        assert.equal(problems, 1);
        assert.match(notes.join(), /broken\.(pem|key)/);
        assert.ok(!notes.join().includes('PRIVATE KEY-'));
        assert.equal(await handshake(port), 'TLSv1.3 server');
        assert.equal((await ask()).status, 200);
        put(ours.issue('mended'), 'broken');
        await soon(async () => (await handshake(port)) === 'TLSv1.3 mended');
      });
    }

    it('that cannot be used at the start stops it, and its file is named', async (t) => {
      const start1 = start(t, { files: { certificate: server.certificate, key: web.key } });
      await assert.rejects(start1, (error: unknown) => {
        assert.ok(error instanceof Fault);
        assert.ok(error.misconfigured && error.message.includes(web.key));
        return true;
      });
      const clients = { authorities: web.key, required: true };
      await assert.rejects(start(t, { clients }), /holds no certificate/);
    });
  });

  describe('a client certificate', () => {
    const optional = () => ({ authorities: ours.certificate, required: false });

    it('says who asks: by its subject, or by its fingerprint', async (t) => {
      const { ask, callers } = await start(t, { access: known(), clients: optional() });
      assert.equal((await ask(web)).status, 200);
      assert.equal((await ask(night)).status, 200);
      assert.deepEqual(
        callers.map((caller) => [caller?.client, caller?.by]),
        [
          ['web', 'certificate'],
          ['night', 'certificate'],
        ],
      );
    });

    it('makes the same caller on every connection, the very object', async (t) => {
      const { ask, callers } = await start(t, { access: known(), clients: optional() });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      t.after(() => agent.destroy());
      for (const one of [agent, agent, false as const]) await ask(web, {}, one);
      assert.equal(new Set(callers).size, 1);
    });

    it('that is nobody’s is refused where it stands alone, though nobody needs credentials', async (t) => {
      const access = { ...known(), anonymous: ['clerk'] };
      const { ask } = await start(t, { access, clients: optional() });
      assert.equal((await ask()).status, 200);
      const refused = await ask(unknown);
      assert.equal(refused.status, 401);
      assert.match(refused.body, /"code":"bad-credentials"/);
    });

    it('of an authority that is not trusted is refused, whoever it says it is, and with a right key too', async (t) => {
      const { ask } = await start(t, { access: known(), clients: optional() });
      const forged = theirs.issue('forged', { subject: '/C=CH/O=Bank, Zürich/CN=web-team' });
      const self = { ...forged, cert: theirs.cert, secret: theirs.secret };
      assert.equal((await ask(forged)).status, 401);
      assert.equal((await ask(forged, { 'x-api-key': key })).status, 401);
      assert.equal((await ask(self)).status, 401);
    });

    it('that has ended is refused', async (t) => {
      const { ask } = await start(t, { access: known(), clients: optional() });
      const ended = ours.issue('ended', { subject: '/C=CH/O=Bank, Zürich/CN=web-team', days: -1 });
      assert.equal((await ask(ended)).status, 401);
    });

    it('where one is required is required by the handshake: no request is read without', async (t) => {
      const clients = { authorities: ours.certificate, required: true };
      const { ask, callers, seen } = await start(t, { access: known(), clients });
      await assert.rejects(ask(undefined, { 'x-api-key': key }));
      await assert.rejects(ask(theirs.issue('stranger'), { 'x-api-key': key }));
      assert.equal(seen.length, 0);
      assert.equal((await ask(web)).status, 200);
      assert.equal(callers.length, 1);
    });

    it('and a key must be of one client; beside a certificate that is nobody’s the key says who asks', async (t) => {
      const { ask, callers } = await start(t, { access: known(), clients: optional() });
      assert.equal((await ask(web, { 'x-api-key': key })).status, 200);
      assert.equal((await ask(unknown, { 'x-api-key': key })).status, 200);
      assert.equal((await ask(web, { 'x-api-key': nightKey })).status, 401);
      assert.equal((await ask(web, { 'x-api-key': newKey() })).status, 401);
      assert.deepEqual(
        callers.map((caller) => [caller?.client, caller?.by]),
        [
          ['web', 'key'],
          ['web', 'key'],
        ],
      );
    });

    it('is not believed when a header speaks of it', async (t) => {
      const { ask } = await start(t, { access: known(), clients: optional() });
      const pem = encodeURIComponent(web.cert.toString());
      for (const name of ['x-client-cert', 'x-forwarded-client-cert', 'ssl-client-cert', 'client-cert']) {
        assert.equal((await ask(undefined, { [name]: pem })).status, 401);
      }
    });

    it('that a token is bound to must be the one of the connection (RFC 8705)', async (t) => {
      await using idp = await startIdentityProvider();
      const access = { ...known(), tokens: [issuerOf(idp.issuer)] };
      const { ask, callers } = await start(t, { access, clients: optional() });
      const thumbprint = Buffer.from(fingerprint(unknown).replaceAll(':', ''), 'hex').toString('base64url');
      const authorization = `Bearer ${await idp.token({ cnf: { 'x5t#S256': thumbprint } })}`;
      assert.equal((await ask(unknown, { authorization })).status, 200);
      assert.equal((await ask(undefined, { authorization })).status, 401);
      assert.equal((await ask(night, { authorization })).status, 401);
      assert.equal((await ask(unknown, { authorization })).status, 200);
      assert.deepEqual(
        callers.map((caller) => caller?.by),
        ['token', 'token'],
      );
    });

    it('is verified in every handshake: none goes on where an earlier one ended', async (t) => {
      const { port } = await start(t, { access: known(), clients: optional() });
      const shown = { host: '127.0.0.1', port, ca: [ours.cert], cert: web.cert, key: web.secret };
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const first = connect({ ...shown, maxVersion });
        const session = first.getSession();
        let ticket: Buffer | undefined = session;
        first.on('session', (given) => {
          ticket = given;
        });
        await once(first, 'secureConnect');
        first.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
        await once(first, 'data');
        ticket ??= first.getSession();
        first.destroy();
        const second = connect({
          ...shown,
          maxVersion,
          ...(ticket === undefined ? {} : { session: ticket }),
        });
        await once(second, 'secureConnect');
        assert.equal(second.isSessionReused(), false, maxVersion);
        second.destroy();
      }
    });

    it('is taken by the authorities of the file as it is now', async (t) => {
      const authorities = join(folder, 'authorities.pem');
      copyFileSync(ours.certificate, authorities);
      const access = accessOf({
        clients: { web: client({ certificates: [{ subject: 'CN=late' }] }) },
      });
      const { ask, reloads } = await start(t, { access, clients: { authorities, required: false } });
      const late = theirs.issue('late');
      const early = ours.issue('late');
      assert.deepEqual([(await ask(late)).status, (await ask(early)).status], [401, 200]);
      copyFileSync(theirs.certificate, authorities);
      for (let i = 0; i < 500 && reloads().length === 0; i++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual([(await ask(late)).status, (await ask(early)).status], [200, 401]);
    });
  });
});
