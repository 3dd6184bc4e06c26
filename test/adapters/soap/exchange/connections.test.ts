// Connections to a service: kept, shared, capped, freed; TLS and proxies.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Fault, type Source, settled } from '#spi';
import {
  answering,
  envelope,
  type Script,
  type ScriptedHttp,
  startScripted,
} from '../../../fakes/scripted-http.ts';
import { skipUnless } from '../../../skip.ts';
import { ASK_READS, answered, ask, openAsk } from './service.ts';

/** Answers with the text that was asked, a turn later. */
const echoing: Script = async ({ body }, res) => {
  const text = /<n1:text>([^<]*)</.exec(body.toString('utf8'))?.[1] ?? '';
  await new Promise((resolve) => setImmediate(resolve));
  res.setHeader('content-type', 'text/xml');
  res.end(envelope(answered(text)));
};

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error;
  }
  return assert.fail('no fault');
}

describe('connections to a service', () => {
  it('are kept: twenty calls one after the other take one', async () => {
    await using server = await startScripted(echoing);
    await using source = await openAsk(server.url);
    for (let i = 0; i < 20; i++) await ask(source, { text: String(i) });
    assert.deepEqual([server.seen.length, server.connections.length], [20, 1]);
  });

  it('a hundred calls at once are not mixed up, and no more than allowed are under way', async () => {
    await using server = await startScripted(echoing);
    await using source = await openAsk(server.url, { connections: 7 });
    const texts = Array.from({ length: 100 }, (_, i) => `call ${i}`);
    const answers = await Promise.all(texts.map(async (text) => settled(await ask(source, { text }))));
    assert.deepEqual(
      answers,
      texts.map((text) => ({ text, bytes: [] })),
    );
    assert.ok(server.connections.length <= 7 && server.mostAtOnce() <= 7);
  });

  for (const [what, script] of [
    ['hangs', () => {}],
    [
      'drips',
      (_seen, res) => {
        res.writeHead(200, { 'content-type': 'text/xml' });
        const drip = setInterval(() => res.write(' '), 5);
        res.once('close', () => clearInterval(drip));
      },
    ],
  ] as const satisfies readonly (readonly [string, Script])[]) {
    it(`a service that ${what} is left when the caller leaves, and its connection is closed`, async () => {
      await using server = await startScripted(script);
      await using source = await openAsk(server.url);
      const leaving = new AbortController();
      const call = source.invoke?.('ask', { text: 'x' }, { signal: leaving.signal });
      assert.ok(call);
      while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const socket = server.connections[0];
      assert.ok(socket);
      const closed = once(socket, 'close');
      const reason = new Error('left');
      leaving.abort(reason);
      await assert.rejects(call, reason);
      await closed;
    });
  }

  /** Closes every kept connection at its second request, before it answers. */
  const closingSecond = (): Script => {
    const used = new Set<Socket>();
    return async (seen, res) => {
      if (used.has(seen.socket)) {
        seen.socket.destroy();
        return;
      }
      used.add(seen.socket);
      await echoing(seen, res);
    };
  };

  it('a kept connection that turns out to be dead is replaced for a call that only reads', async () => {
    await using server = await startScripted(closingSecond());
    await using source = await openAsk(server.url, ASK_READS);
    await ask(source);
    assert.deepEqual(settled(await ask(source, { text: 'again' })), { text: 'again', bytes: [] });
    assert.equal(server.connections.length, 2);
  });

  it('a write is never sent twice', async () => {
    await using server = await startScripted(closingSecond());
    await using source = await openAsk(server.url);
    await ask(source);
    const fault = await faultOf(ask(source));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'reset']);
    assert.equal(server.seen.length, 2);
  });

  it('that cannot be made say why, by their code', async () => {
    const gone = await startScripted(echoing);
    await gone[Symbol.asyncDispose]();
    await using refused = await openAsk(gone.url);
    assert.equal((await faultOf(ask(refused))).code, 'refused');
    await assert.rejects(refused.check(AbortSignal.timeout(5_000)), { kind: 'unavailable', code: 'refused' });
    await using nowhere = await openAsk('http://no-such-host.invalid/');
    assert.equal((await faultOf(ask(nowhere))).code, 'unknown-host');
    const noise = createServer();
    noise.on('connection', (socket) => socket.end('SSH-2.0-nothing\r\n'));
    noise.listen(0, '127.0.0.1');
    await once(noise, 'listening');
    const address = noise.address();
    await using wrong = await openAsk(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);
    assert.equal((await faultOf(ask(wrong))).code, 'bad-http');
    noise.close();
  });

  it('a source is well when something answers at its address, whatever it says', async () => {
    await using server = await startScripted(answering('', {}, 405));
    await using source = await openAsk(server.url);
    await source.check(AbortSignal.timeout(5_000));
    assert.equal(server.seen[0]?.method, 'GET');
  });

  it('requests are packed if so told', async () => {
    await using server = await startScripted(answering(envelope(answered('x'))));
    await using source = await openAsk(server.url, { gzip: true });
    await ask(source, { text: 'packed' });
    const [seen] = server.seen;
    assert.equal(seen?.headers['content-encoding'], 'gzip');
    assert.match(gunzipSync(seen?.body ?? Buffer.alloc(0)).toString(), /packed/);
  });

  it('go through a proxy, with its credentials', async () => {
    const through: string[] = [];
    const proxy = createServer((req, res) => {
      through.push(`${req.method} ${req.headers['proxy-authorization'] ?? ''}`);
      const onward = request(
        req.url ?? '',
        { method: req.method ?? 'GET', headers: req.headers },
        (answer) => {
          res.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(res);
        },
      );
      req.pipe(onward);
    });
    proxy.on('connect', (req, client: Socket) => {
      through.push(`CONNECT ${req.headers['proxy-authorization'] ?? ''}`);
      const [host = '', port = ''] = (req.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(client);
        client.pipe(onward);
      });
      onward.on('error', () => client.destroy());
      client.on('error', () => onward.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const address = proxy.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    await using server = await startScripted(echoing);
    await using source = await openAsk(
      server.url,
      { proxy: { url, user: 'me', password: { env: 'PROXY_PASSWORD' } } },
      { env: { PROXY_PASSWORD: 'p:w' } },
    );
    assert.deepEqual(settled(await ask(source, { text: 'by proxy' })), { text: 'by proxy', bytes: [] });
    assert.deepEqual(through, [`POST Basic ${Buffer.from('me:p:w').toString('base64')}`]);
    proxy.closeAllConnections();
    proxy.close();
  });
});

/** A proxy that does with each CONNECT what it is told. */
async function startProxy(connected: (client: Socket, target: string) => void) {
  const server = createServer();
  const clients = new Set<Socket>();
  server.on('connect', ({ url = '' }, client: Socket) => {
    clients.add(client);
    client.on('error', () => {});
    client.once('close', () => clients.delete(client));
    // Only who reads sees the other end leave, and a server's socket then stays half open.
    client.once('end', () => client.destroy());
    client.resume();
    connected(client, url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    clients,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a proxy before a service behind TLS', () => {
  const settledTo = async (clients: ReadonlySet<Socket>, count: number): Promise<void> => {
    for (let i = 0; i < 500 && clients.size !== count; i++) await new Promise((go) => setTimeout(go, 10));
    assert.equal(clients.size, count);
  };
  const call = (source: Source, signal: AbortSignal) => source.invoke?.('ask', { text: 'x' }, { signal });

  it('that never answers is left when the caller leaves', async () => {
    await using proxy = await startProxy(() => {});
    await using source = await openAsk('https://127.0.0.1:9/', { proxy: { url: proxy.url } });
    const leaving = new AbortController();
    const asked = call(source, leaving.signal);
    await settledTo(proxy.clients, 1);
    leaving.abort(new Error('the client left'));
    await assert.rejects(async () => asked, /the client left/);
    await settledTo(proxy.clients, 0);
  });

  it('that never answers holds no more connections than are allowed, and none when the source is closed', async () => {
    await using proxy = await startProxy(() => {});
    const source = await openAsk('https://127.0.0.1:9/', { proxy: { url: proxy.url }, connections: 2 });
    const never = new AbortController();
    const asked = Array.from({ length: 5 }, () => assert.rejects(async () => call(source, never.signal)));
    await settledTo(proxy.clients, 2);
    await new Promise((go) => setTimeout(go, 50));
    assert.equal(proxy.clients.size, 2);
    never.abort(new Error('over'));
    await source[Symbol.asyncDispose]();
    await settledTo(proxy.clients, 0);
    await Promise.all(asked);
  });

  it('that refuses is named in the fault, and not the service', async () => {
    for (const [status, code] of [
      ['407 Proxy Authentication Required', 'proxy-credentials'],
      ['503 Service Unavailable', 'proxy'],
    ] as const) {
      await using proxy = await startProxy((client) => client.end(`HTTP/1.1 ${status}\r\n\r\n`));
      await using source = await openAsk('https://127.0.0.1:9/', { proxy: { url: proxy.url } });
      await assert.rejects(ask(source), { kind: 'unavailable', code, message: /^The proxy/ });
    }
    for (const endpoint of ['https://127.0.0.1:9/', 'http://127.0.0.1:9/']) {
      await using source = await openAsk(endpoint, { proxy: { url: 'http://127.0.0.1:9' } });
      await assert.rejects(ask(source), {
        kind: 'unavailable',
        code: 'proxy-refused',
        message: /of the proxy$/,
      });
    }
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('TLS with a service', { skip: skipUnless(hasOpenssl, 'openssl is not installed') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-tls-'));
  const file = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(file(name), 'utf8');
  let server: ScriptedHttp;

  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const signed = (name: string, subject: string, more: string): void => {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${subject}`,
    );
    writeFileSync(file(`${name}.ext`), more);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      `${name}.pem`,
      '-extfile',
      `${name}.ext`,
    );
  };

  before(async () => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '2',
      '-subj',
      '/CN=Test authority',
    );
    signed('server', 'service.example', 'subjectAltName=IP:127.0.0.1');
    signed('client', 'gateway', 'extendedKeyUsage=clientAuth');
    server = await startScripted(
      (seen, res) => {
        const socket = seen.socket;
        const peer =
          'getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function'
            ? socket.getPeerCertificate()
            : {};
        return answering(envelope(answered(peer?.subject?.CN ?? 'nobody')))(seen, res);
      },
      {
        key: text('server.key'),
        cert: text('server.pem'),
        ca: text('ca.pem'),
        requestCert: true,
        rejectUnauthorized: false,
      },
    );
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const asked = async (tls: unknown, url = server.url): Promise<unknown> => {
    await using source = await openAsk(url, { tls });
    const value = settled(await ask(source));
    return typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
  };

  it('a certificate of an authority that is not known is refused', async () => {
    const fault = await faultOf(asked({}));
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'certificate']);
  });

  it('the authority can be named, and a client certificate shown', async () => {
    assert.equal(await asked({ ca: { file: file('ca.pem') } }), 'nobody');
    const tls = {
      ca: { file: file('ca.pem') },
      certificate: { file: file('client.pem') },
      key: { file: file('client.key') },
    };
    assert.equal(await asked(tls), 'gateway');
  });

  it('a certificate for another host is refused, unless the name is given', async () => {
    const elsewhere = server.url.replace('127.0.0.1', 'localhost');
    assert.match((await faultOf(asked({ ca: { file: file('ca.pem') } }, elsewhere))).message, /another host/);
    const tls = { ca: { file: file('ca.pem') }, serverName: 'service.example' };
    assert.equal(await asked(tls, elsewhere), 'nobody');
  });

  it('stands inside the tunnel of a proxy, which is kept for the next call', async () => {
    const tunnels: string[] = [];
    await using proxy = await startProxy((client, target) => {
      tunnels.push(target);
      const onward = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(client);
        client.pipe(onward);
      });
      onward.on('error', () => client.destroy());
      client.once('close', () => onward.destroy());
    });
    const options = { proxy: { url: proxy.url }, tls: { ca: { file: file('ca.pem') } } };
    await using source = await openAsk(server.url, options);
    for (let i = 0; i < 3; i++) assert.deepEqual(settled(await ask(source)), { text: 'nobody', bytes: [] });
    assert.deepEqual(tunnels, [new URL(server.url).host]);
    const elsewhere = await openAsk(server.url.replace('127.0.0.1', 'localhost'), options);
    await using _ = elsewhere;
    await assert.rejects(ask(elsewhere), { kind: 'unavailable', code: 'certificate' });
  });

  it('checking can be switched off', async () => {
    assert.equal(await asked({ verify: false }), 'nobody');
  });
});
