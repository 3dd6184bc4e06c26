// Every kind of security, as the service sees it. Digests, signatures and NTLM responses are worked out here anew.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Fault, settled } from '#spi';
import { childrenOf, textOf, type XmlElement } from '../../../../adapters/soap/xml/element.ts';
import { readXml } from '../../../../adapters/soap/xml/read-xml.ts';
import {
  answering,
  ENVELOPE11,
  ENVELOPE12,
  envelope,
  type Script,
  startScripted,
} from '../../../fakes/scripted-http.ts';
import { skipUnless } from '../../../skip.ts';
import { answered, ask, openAsk } from './service.ts';

const GOOD = answering(envelope(answered('in')));
const SECRETS = { PASSWORD: 'p<&>"ä\'', TOKEN: 'tok.en-1', NAME: 'Ünal & Söhne' };
const password = { env: 'PASSWORD' };

/** What the service gets of `times` calls. */
async function seenOf(
  options: Readonly<Record<string, unknown>>,
  { version = '1.1', times = 1 }: { readonly version?: '1.1' | '1.2'; readonly times?: number } = {},
) {
  await using server = await startScripted(
    version === '1.1' ? GOOD : answering(envelope(answered('in'), { version: ENVELOPE12 })),
  );
  await using source = await openAsk(server.url, options, { version, env: SECRETS });
  for (let i = 0; i < times; i++) await ask(source, { text: `call ${i}` });
  return server.seen.map(({ headers, body }) => ({
    headers,
    xml: body.toString('utf8'),
    root: readXml(body.toString('utf8')),
  }));
}

function find(element: XmlElement, local: string): XmlElement | undefined {
  if (element.local === local) return element;
  for (const child of childrenOf(element)) {
    const found = find(child, local);
    if (found !== undefined) return found;
  }
  return undefined;
}

function textIn(root: XmlElement | undefined, local: string): string {
  const found = root === undefined ? undefined : find(root, local);
  return found === undefined ? '' : textOf(found);
}

describe('security in HTTP', () => {
  it('basic, bearer, and further headers', async () => {
    const [basic] = await seenOf({ security: { basic: { user: { env: 'NAME' }, password } } });
    assert.equal(
      basic?.headers.authorization,
      `Basic ${Buffer.from(`${SECRETS.NAME}:${SECRETS.PASSWORD}`).toString('base64')}`,
    );
    const [bearer] = await seenOf({
      security: { bearer: { token: { env: 'TOKEN' } } },
      httpHeaders: { 'X-Api-Key': { env: 'TOKEN' }, 'X-Plain': 'plain' },
    });
    assert.equal(bearer?.headers.authorization, 'Bearer tok.en-1');
    assert.deepEqual([bearer?.headers['x-api-key'], bearer?.headers['x-plain']], ['tok.en-1', 'plain']);
  });

  it('an action with quotes stays one value', async () => {
    const operations = { Ask: { action: 'urn:"a\\b"' } };
    const [one] = await seenOf({ operations });
    assert.equal(one?.headers['soapaction'], String.raw`"urn:\"a\\b\""`);
    const [two] = await seenOf({ operations }, { version: '1.2' });
    assert.match(two?.headers['content-type'] ?? '', /; action="urn:\\"a\\\\b\\""$/);
  });

  it('SOAPAction of 1.1 is a header, that of 1.2 a parameter of the media type', async () => {
    const [one] = await seenOf({});
    assert.deepEqual(
      [one?.headers['soapaction'], one?.headers['content-type']],
      ['"urn:test/Ask"', 'text/xml; charset=utf-8'],
    );
    assert.equal(one?.root.uri, ENVELOPE11);
    const [two] = await seenOf({}, { version: '1.2' });
    assert.deepEqual(
      [two?.headers['soapaction'], two?.headers['content-type']],
      [undefined, 'application/soap+xml; charset=utf-8; action="urn:test/Ask"'],
    );
    assert.equal(two?.root.uri, ENVELOPE12);
  });

  it('a secret that is not there stops the start and names the reference', async () => {
    await assert.rejects(
      openAsk('http://127.0.0.1:1/', { security: { bearer: { token: { env: 'GONE' } } } }),
      (error) => {
        assert.ok(error instanceof Fault && error.misconfigured);
        assert.match(error.message, /"GONE"/);
        return true;
      },
    );
  });
});

// MS-NLMP: a server that really checks NTLM version 2.
const md4: { create(): { update(data: Buffer): { hex(): string } } } = createRequire(
  createRequire(import.meta.url).resolve('axios-ntlm'),
)('js-md4');

function ntlmServer(user: string, secret: string, domain: string): Script {
  const known = new Set<object>();
  const challenge = randomBytes(8);
  return (seen, res) => {
    const [, message = ''] = /^NTLM (\S+)/.exec(seen.headers.authorization ?? '') ?? [];
    const bytes = Buffer.from(message, 'base64');
    const type = bytes.length > 12 ? bytes.readUInt32LE(8) : 0;
    if (type === 1) {
      const info = Buffer.concat([
        Buffer.from([2, 0, domain.length * 2, 0]),
        Buffer.from(domain, 'utf16le'),
        Buffer.alloc(4),
      ]);
      const head = Buffer.alloc(48);
      head.write('NTLMSSP\0', 0, 'latin1');
      head.writeUInt32LE(2, 8);
      head.writeUInt32LE(48, 16);
      // Unicode, target info, NTLM2 session security.
      head.writeUInt32LE(0x0088_8205 & ~2, 20);
      challenge.copy(head, 24);
      head.writeUInt16LE(info.length, 40);
      head.writeUInt16LE(info.length, 42);
      head.writeUInt32LE(48, 44);
      res.writeHead(401, { 'www-authenticate': `NTLM ${Buffer.concat([head, info]).toString('base64')}` });
      res.end();
      return;
    }
    if (type === 3) {
      const part = (at: number): Buffer =>
        bytes.subarray(bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 4) + bytes.readUInt16LE(at));
      const response = part(20);
      const [target, name] = [part(28).toString('utf16le'), part(36).toString('utf16le')];
      const hash = Buffer.from(md4.create().update(Buffer.from(secret, 'utf16le')).hex(), 'hex');
      const key = createHmac('md5', hash)
        .update(Buffer.from(name.toUpperCase() + target, 'utf16le'))
        .digest();
      const proof = createHmac('md5', key)
        .update(Buffer.concat([challenge, response.subarray(16)]))
        .digest();
      if (name === user && proof.equals(response.subarray(0, 16))) known.add(seen.socket);
    }
    if (known.has(seen.socket)) return GOOD(seen, res);
    res.writeHead(401, { 'www-authenticate': 'NTLM' });
    res.end();
  };
}

describe('NTLM', () => {
  const ntlm = (user: string) => ({ security: { ntlm: { user, password, domain: 'BANK' } } });

  it('logs a connection in once, with a response that a server can verify', async () => {
    await using server = await startScripted(ntlmServer('svc', SECRETS.PASSWORD, 'BANK'));
    await using source = await openAsk(server.url, ntlm('svc'), { env: SECRETS });
    for (let i = 0; i < 3; i++) assert.deepEqual(settled(await ask(source)), { text: 'in', bytes: [] });
    // Two messages of the conversation, then calls without any.
    assert.deepEqual([server.seen.length, server.connections.length], [4, 1]);
    assert.equal(server.seen[0]?.body.length, 0);
  });

  it('calls at once log in on connections of their own', async () => {
    await using server = await startScripted(ntlmServer('svc', SECRETS.PASSWORD, 'BANK'));
    await using source = await openAsk(server.url, { ...ntlm('svc'), connections: 3 }, { env: SECRETS });
    await Promise.all(Array.from({ length: 12 }, () => ask(source)));
    assert.equal(server.connections.length, 3);
  });

  it('a wrong password ends in a fault', async () => {
    await using server = await startScripted(ntlmServer('svc', 'other', 'BANK'));
    await using source = await openAsk(server.url, ntlm('svc'), { env: SECRETS });
    await assert.rejects(ask(source), { kind: 'upstream', code: 'credentials-refused' });
  });
});

describe('WS-Security', () => {
  const token = (more: unknown = {}, security: unknown = {}) => ({
    wsSecurity: { usernameToken: { user: { env: 'NAME' }, password, ...Object(more) }, ...Object(security) },
  });

  it('a timestamp may be all there is; a header with nothing in it, or a signature over what is not sent, is refused', async () => {
    const [seen] = await seenOf({ wsSecurity: { mustUnderstand: false, actor: 'urn:a' } });
    const header = find(seen?.root ?? assert.fail(), 'Security');
    assert.ok(header);
    assert.deepEqual(
      childrenOf(header).map(({ local }) => local),
      ['Timestamp'],
    );
    assert.deepEqual(
      header.attributes.map(({ local, value }) => [local, value]),
      [['actor', 'urn:a']],
    );
    const life = ['Created', 'Expires'].map((local) => Temporal.Instant.from(textIn(header, local)));
    assert.equal(life[1]?.since(life[0] ?? assert.fail()).total('minutes'), 10);
    const key = { key: { env: 'TOKEN' }, certificate: { env: 'TOKEN' } };
    for (const wsSecurity of [
      { timestamp: false },
      { timestamp: false, x509: { ...key, sign: ['Timestamp'] } },
      { x509: { ...key, sign: ['UsernameToken'] } },
    ]) {
      await assert.rejects(seenOf({ wsSecurity }), { name: 'ZodError' });
    }
  });

  it('a UsernameToken with the password as text, escaped', async () => {
    const [seen] = await seenOf(token());
    const header = find(seen?.root ?? assert.fail(), 'Security');
    assert.equal(textIn(header, 'Username'), SECRETS.NAME);
    assert.equal(textIn(header, 'Password'), SECRETS.PASSWORD);
    assert.ok(find(header ?? assert.fail(), 'Timestamp'));
    assert.equal(find(header ?? assert.fail(), 'Nonce'), undefined);
    assert.equal(header?.attributes.find(({ local }) => local === 'mustUnderstand')?.value, '1');
    assert.equal(header?.attributes.find(({ local }) => local === 'mustUnderstand')?.uri, ENVELOPE11);
  });

  it('a UsernameToken with a digest: Base64(SHA-1(nonce + created + password)), a nonce for each call', async () => {
    const calls = await seenOf(token({ type: 'digest' }), { times: 3 });
    const nonces = calls.map(({ root }) => {
      const header = find(root, 'UsernameToken');
      const nonce = textIn(header, 'Nonce');
      const digest = createHash('sha1')
        .update(
          Buffer.concat([
            Buffer.from(nonce, 'base64'),
            Buffer.from(textIn(header, 'Created')),
            Buffer.from(SECRETS.PASSWORD),
          ]),
        )
        .digest('base64');
      assert.equal(textIn(header, 'Password'), digest);
      return nonce;
    });
    assert.equal(new Set(nonces).size, 3);
    assert.ok(!calls.some(({ xml }) => xml.includes('p&lt;')));
  });

  it('nonce, time, timestamp, mustUnderstand and actor are as told; SOAP 1.2 calls the actor role', async () => {
    const [one] = await seenOf(
      token({ nonce: true, created: false }, { timestamp: false, mustUnderstand: false, actor: 'urn:a"b' }),
    );
    const header = find(one?.root ?? assert.fail(), 'Security');
    assert.ok(header && find(header, 'Nonce') && !find(header, 'Timestamp') && !find(header, 'Created'));
    assert.equal(
      header.attributes.find(({ local }) => local === 'mustUnderstand'),
      undefined,
    );
    assert.equal(header.attributes.find(({ local }) => local === 'actor')?.value, 'urn:a"b');
    const [two] = await seenOf(token({}, { actor: 'urn:a' }), { version: '1.2' });
    const role = find(two?.root ?? assert.fail(), 'Security')?.attributes.find(
      ({ local }) => local === 'role',
    );
    assert.deepEqual([role?.value, role?.uri], ['urn:a', ENVELOPE12]);
  });
});

const hasTools = ['openssl', 'xmlsec1'].every(
  (tool) => spawnSync(tool, [tool === 'openssl' ? 'version' : '--version']).status === 0,
);

describe('X.509 signatures', { skip: skipUnless(hasTools, 'openssl or xmlsec1 is not installed') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-x509-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, name);
  if (hasTools) {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        file('key.pem'),
        '-out',
        file('cert.pem'),
        '-days',
        '2',
        '-subj',
        '/CN=gateway',
      ],
      { stdio: 'ignore' },
    );
    execFileSync('openssl', ['x509', '-in', file('cert.pem'), '-pubkey', '-noout', '-out', file('pub.pem')], {
      stdio: 'ignore',
    });
  }
  const x509 = (more: unknown = {}, security: unknown = {}) => ({
    wsSecurity: {
      x509: { key: { file: file('key.pem') }, certificate: { file: file('cert.pem') }, ...Object(more) },
      ...Object(security),
    },
  });

  /** What xmlsec1 says of an envelope: another implementation of XML Signature than the one that made it. */
  const verifies = (xml: string): boolean => {
    writeFileSync(file('message.xml'), xml);
    const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
    const nodes = [
      `${ENVELOPE11}:Body`,
      `${ENVELOPE12}:Body`,
      `${wsu}:Timestamp`,
      'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd:UsernameToken',
    ];
    const ids = nodes.flatMap((node) => ['--id-attr:Id', node]);
    const { status } = spawnSync('xmlsec1', [
      '--verify',
      '--pubkey-pem',
      file('pub.pem'),
      ...ids,
      file('message.xml'),
    ]);
    return status === 0;
  };
  const references = (root: XmlElement): number =>
    childrenOf(find(root, 'SignedInfo') ?? assert.fail()).filter(({ local }) => local === 'Reference').length;

  for (const version of ['1.1', '1.2'] as const) {
    it(`sign Body and Timestamp of SOAP ${version}, each call for itself; a change anywhere breaks them`, async () => {
      const calls = await seenOf(x509(), { version, times: 3 });
      for (const { xml, root } of calls) {
        assert.equal(references(root), 2);
        assert.ok(verifies(xml));
        assert.ok(!verifies(xml.replace('call ', 'cull ')));
        assert.ok(!verifies(xml.replace(/<(?:wsu:)?Expires>\d/, (tag) => `${tag.slice(0, -1)}3`)));
        const certificate = readFileSync(file('cert.pem'), 'utf8').replace(/-----[^-]+-----|\s/g, '');
        assert.equal(textIn(root, 'BinarySecurityToken'), certificate);
      }
      assert.equal(new Set(calls.map(({ root }) => textIn(root, 'SignatureValue'))).size, 3);
    });
  }

  it('with other algorithms, and only what is told', async () => {
    const [sha512] = await seenOf(x509({ algorithm: 'rsa-sha512', digest: 'sha512' }));
    assert.ok(verifies(sha512?.xml ?? ''));
    assert.match(sha512?.xml ?? '', /rsa-sha512.*xmlenc#sha512/s);
    const [body] = await seenOf(x509({ sign: ['Body'] }, { timestamp: false }));
    assert.equal(references(body?.root ?? assert.fail()), 1);
    assert.ok(verifies(body?.xml ?? ''));
  });

  it('cover a UsernameToken beside them', async () => {
    const [seen] = await seenOf(
      x509({ sign: ['Body', 'Timestamp', 'UsernameToken'] }, { usernameToken: { user: 'me', password } }),
    );
    assert.equal(references(seen?.root ?? assert.fail()), 3);
    assert.ok(verifies(seen?.xml ?? ''));
    assert.ok(!verifies((seen?.xml ?? '').replace('>me<', '>you<')));
  });

  it('cover texts with line ends of every kind, and the texts arrive as they are', async () => {
    const text = 'a\r\nb\u0085c\u2028d\te & <f> "g" 😀';
    await using server = await startScripted(GOOD);
    await using source = await openAsk(server.url, x509());
    await ask(source, { text });
    const xml = server.seen[0]?.body.toString('utf8') ?? '';
    assert.ok(verifies(xml));
    assert.equal(textIn(find(readXml(xml), 'Body'), 'text'), text);
    assert.match(xml, /a&#13;\nb&#133;c&#8232;d/);
  });

  it('are for whom the configuration says', async () => {
    const [seen] = await seenOf(x509({}, { mustUnderstand: false, actor: 'urn:a' }));
    const header = find(seen?.root ?? assert.fail(), 'Security');
    assert.deepEqual(
      header?.attributes.map(({ local, value }) => [local, value]),
      [['actor', 'urn:a']],
    );
    assert.ok(verifies(seen?.xml ?? ''));
  });

  it('cover the bytes of MTOM parts, not only the references to them', async () => {
    await using server = await startScripted(GOOD);
    await using source = await openAsk(server.url, { ...x509(), mtom: true });
    const bytes = new Uint8Array([1, 2, 3, 255]);
    await ask(source, { text: 'x', bytes: [bytes] });
    const xml = server.seen[0]?.body.toString('utf8') ?? '';
    const sent = xml.slice(xml.indexOf('<soap:Envelope'), xml.lastIndexOf('</soap:Envelope>') + 16);
    const whole = (value: Uint8Array) => sent.replace(/<[^<>]*:Include [^<>]*\/>/, value.toBase64());
    assert.ok(verifies(whole(bytes)));
    assert.ok(!verifies(whole(bytes.toReversed())));
  });

  it('a key or certificate that cannot be one stops the start, names its option and shows nothing of it', async () => {
    execFileSync('openssl', ['genrsa', '-out', file('other.pem'), '2048'], { stdio: 'ignore' });
    execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('ec.pem')], {
      stdio: 'ignore',
    });
    writeFileSync(file('broken.pem'), '-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n');
    const of = (name: string) => ({ file: file(name) });
    const tls = (key: string, certificate: string) => ({
      tls: { key: of(key), certificate: of(certificate) },
    });
    const cases: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
      [x509({ key: of('broken.pem') }), /^wsSecurity\.x509\.key is no private key/],
      [x509({ key: of('other.pem') }), /^wsSecurity\.x509\.key is not the key of the certificate/],
      [x509({ key: of('ec.pem') }), /^wsSecurity\.x509\.key is no key of RSA/],
      [x509({ certificate: of('broken.pem') }), /^wsSecurity\.x509\.certificate is no certificate/],
      [tls('broken.pem', 'cert.pem'), /^tls\.key is no private key/],
      [tls('other.pem', 'cert.pem'), /^tls\.key is not the key of the certificate/],
      [tls('key.pem', 'broken.pem'), /^tls\.certificate is no certificate/],
      [{ tls: { key: of('key.pem') } }, /^tls\.certificate is missing/],
      [{ tls: { certificate: of('cert.pem') } }, /^tls\.key is missing/],
      [{ tls: { ca: of('broken.pem') } }, /^tls\.ca is no certificate/],
    ];
    for (const [options, message] of cases) {
      await assert.rejects(openAsk('http://127.0.0.1:1/', options), (error) => {
        assert.ok(error instanceof Fault && error.misconfigured, String(error));
        assert.match(error.message, message);
        assert.doesNotMatch(error.message + String(error.cause), /CANARY/);
        return true;
      });
    }
  });

  it('canonical XML is what xmlsec1 digests, wherever namespaces and attributes stand', async () => {
    const body = `<n1:a xmlns:n1="urn:1" xmlns:n2="urn:2" xmlns:x="urn:unused" soap:encodingStyle="s" b="1&#9;&gt;" n2:z="&quot;" n1:a="" a="2"><n2:b/><c xmlns="urn:d"><d xmlns=""/><e/></c><n2:b n1:q="n2:v">t&gt;&apos;</n2:b></n1:a>`;
    const { composer } = await import('../../../../adapters/soap/exchange/compose.ts');
    const { readSecrets } = await import('../../../../adapters/soap/exchange/credentials.ts');
    const { exchangeSchema } = await import('../../../../adapters/soap/exchange/options.ts');
    const { credentials, wsSecurity } = await readSecrets(exchangeSchema.parse(x509()), {
      secret: async (reference) => ('file' in reference ? readFileSync(reference.file, 'utf8') : ''),
    });
    const compose = await composer('1.1', credentials, wsSecurity);
    const { envelope: xml } = compose({
      operation: 'Ask',
      version: '1.1',
      endpoint: 'http://127.0.0.1:1/',
      action: '',
      body,
      headers: [],
      idempotent: true,
      oneWay: false,
      signal: new AbortController().signal,
    });
    assert.ok(verifies(xml));
  });
});
