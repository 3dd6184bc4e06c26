import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';
import { loadSaved } from '../../adapters/soap/wsdl/disk.ts';
import { documentsOf } from '../../adapters/soap/wsdl/documents.ts';
import { readWsdl } from '../../adapters/soap/wsdl/read-wsdl.ts';
import { BANK, include, schema, types, wsdl } from '../adapters/soap/wsdl/documents.ts';
import { type Answer, serveDocuments } from '../fakes/document-server.ts';
import { skipUnless } from '../skip.ts';
import { type Ended, overpunch } from './overpunch.ts';

/** A new folder, gone after the tests. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'overpunch-import-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function importWsdl(target: string, out: string, ...more: readonly string[]): Promise<Ended> {
  return await overpunch(['import', 'wsdl', target, '-o', out, ...more], {
    TOKEN: 'canary-token',
    SECRET: 'canary-päss',
  });
}

async function imported(target: string, out: string, ...more: readonly string[]): Promise<Ended> {
  const ended = await importWsdl(target, out, ...more);
  assert.deepEqual([ended.code, ended.err], [0, '']);
  return ended;
}

/** Every file below, by its path. */
function filesIn(path: string): Readonly<Record<string, string>> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
  return Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(path, name), 'latin1')]));
}

const namesIn = (path: string): readonly string[] => Object.keys(filesIn(path));

/** The origin of a server of the tests, closed after them. */
async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

/** The second message of NTLM (MS-NLMP, section 2.2.1.2): a challenge without a name of the target. */
function challenge(): Buffer {
  const message = Buffer.alloc(56);
  message.write('NTLMSSP\0', 'latin1');
  message.writeUInt32LE(2, 8);
  message.writeUInt32LE(56, 16);
  // Unicode, NTLM, extended session security, target information.
  message.writeUInt32LE(0x00880201 | 0x00080000, 20);
  message.write('12345678', 24, 'latin1');
  message.writeUInt16LE(4, 40);
  message.writeUInt16LE(4, 42);
  message.writeUInt32LE(52, 44);
  return message;
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A certificate that signs itself, for 127.0.0.1. */
function certificate(path: string, name: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(path, `${name}.key`), join(path, `${name}.pem`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '2',
    ...subject,
  ];
  assert.equal(spawnSync('openssl', made).status, 0);
  return { key, cert };
}

/** Path and query of a location in a document below `/s/`. */
function pathOf(location: string): string {
  const { pathname, search } = new URL(location, 'http://host/s/');
  return pathname + search;
}

/** A WSDL with one operation, and this in its types. */
const scoring = (inTypes: string): string =>
  wsdl(`${types(inTypes)}
    <wsdl:message name="M"><wsdl:part name="p" type="xs:string"/></wsdl:message>
    <wsdl:portType name="T"><wsdl:operation name="GetScore">
      <wsdl:documentation>One score. Not more.</wsdl:documentation><wsdl:input message="tns:M"/><wsdl:output message="tns:M"/>
    </wsdl:operation></wsdl:portType>
    <wsdl:binding name="B" type="tns:T"><soap:binding style="rpc"/><wsdl:operation name="GetScore">
      <soap:operation soapAction="urn:a"/><wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation></wsdl:binding>
    <wsdl:service name="Scoring"><wsdl:port name="ScoringSoap" binding="tns:B">
      <soap:address location="http://scoring.example/"/>
    </wsdl:port></wsdl:service>`);

describe('import wsdl', () => {
  it('saves a WSDL on a disk with everything that it leads to: sub-folders stay, and so does every byte', async () => {
    const out = join(folder(), 'bank');
    await imported(BANK, out);
    const saved = filesIn(out);
    assert.deepEqual(Object.keys(saved), [
      'bank.wsdl',
      'contract/bank-contract.wsdl',
      'import.json',
      'shared/currency.xsd',
      'shared/money.xsd',
      'types/accounts.xsd',
      'types/deep/people.xsd',
    ]);
    for (const name of Object.keys(saved).filter((one) => one !== 'import.json')) {
      assert.equal(saved[name], readFileSync(join(BANK, '..', name), 'latin1'), name);
    }
  });

  it('says what was saved, what it offers, what was left out, and how a configuration begins', async () => {
    const out = join(folder(), 'bank');
    const { out: told } = await imported(BANK, out);
    assert.match(told, /^Saved 6 documents in .*bank\n {2}bank\.wsdl +bank\.wsdl\n/);
    assert.match(
      told,
      /\nService Bank, port BankSoap12: SOAP 1\.2, https:\/\/bank\.example\/soap12\n {2}OpenAccount {2}document\/literal, 1 fault\n/,
    );
    assert.match(told, /\n {2}Notify +document\/literal, one-way\n/);
    assert.match(told, /\n {2}Find \(FindByName\) +document\/literal\n/);
    assert.match(told, /\n {2}Post {2}rpc\/encoded\n/);
    assert.match(told, /\n4 remarks\n(.*\n)* {2}bank\.wsdl:53 BankHttp: The port is left out: /);
    assert.match(
      told,
      /\nsources:\n {2}bank:\n {4}adapter: soap\n {4}wsdl: .*\/bank\/bank\.wsdl\n {4}service: Bank\n {4}port: BankSoap\n {4}operations:\n/,
    );
    assert.match(told, /\n {6}OpenAccount: \{ effect: write \} {2}# Opens an account\.\n/);
  });

  it('the copy of a service loads from the disk alone when the service is gone', async () => {
    const host = await serveDocuments((origin) => ({
      '/svc/Scoring.svc?wsdl': scoring(
        `<xs:schema><xs:import namespace="urn:a" schemaLocation="${origin}/svc/Scoring.svc?xsd=xsd0"/></xs:schema>`,
      ),
      '/svc/Scoring.svc?xsd=xsd0': schema(
        include('../types/base.xsd') + include(`/${'deep/'.repeat(2)}base.xsd`),
        'urn:a',
      ),
      '/types/base.xsd': schema(
        '<xs:simpleType name="One"><xs:restriction base="xs:string"/></xs:simpleType>',
      ),
      '/deep/deep/base.xsd': schema(
        '<xs:simpleType name="Two"><xs:restriction base="xs:string"/></xs:simpleType>',
      ),
    }));
    const out = join(folder(), 'scoring');
    const { out: told } = await imported(`${host.origin}/svc/Scoring.svc?wsdl`, out);
    await host.close();
    assert.deepEqual(namesIn(out), [
      'Scoring-xsd0.xsd',
      'Scoring.wsdl',
      'base-2.xsd',
      'base.xsd',
      'import.json',
    ]);
    assert.match(told, /\n {6}GetScore: \{ effect: write \} {2}# One score\.$/m);
    const set = await loadSaved(join(out, 'Scoring.wsdl'));
    assert.deepEqual(
      documentsOf(set).map(({ shown }) => shown),
      ['Scoring.wsdl', 'Scoring-xsd0.xsd', 'base.xsd', 'base-2.xsd'],
    );
    const { services, schemas } = readWsdl(set);
    assert.equal(services[0]?.ports[0]?.operations[0]?.name, 'GetScore');
    assert.deepEqual(
      schemas.map(({ targetNamespace }) => targetNamespace),
      ['', 'urn:a', 'urn:a', 'urn:a'],
    );
  });

  it('the same documents give the same files, and a second import replaces what the first wrote', async () => {
    let version = 1;
    const host = await serveDocuments(() => ({
      '/a?wsdl': scoring(schema(include(version === 1 ? 'x.xsd' : 'y.xsd'))),
      '/x.xsd': schema(''),
      '/y.xsd': schema(''),
    }));
    const [one, other] = [join(folder(), 'a'), join(folder(), 'b')];
    await imported(`${host.origin}/a?wsdl`, one);
    await imported(`${host.origin}/a?wsdl`, other);
    assert.deepEqual(filesIn(one), filesIn(other));
    version = 2;
    await imported(`${host.origin}/a?wsdl`, one);
    assert.deepEqual(namesIn(one), ['a.wsdl', 'import.json', 'y.xsd']);
    assert.deepEqual(readdirSync(join(one, '..')), ['a'], 'nothing is left beside it');
  });

  it('a document keeps its encoding: nothing but the locations changes', async () => {
    const text = (encoding: string, from: string): string =>
      `<?xml version="1.0" encoding="${encoding}"?>\r\n<!-- Größe <xs:include schemaLocation="no.xsd"/> -->\r\n` +
      `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:ä="urn:ä"><xs:annotation><xs:documentation>` +
      `<![CDATA[<xs:include schemaLocation="no.xsd"/>]]> € ä > </xs:documentation></xs:annotation>` +
      `<xs:include id = 'é>' schemaLocation\n=\t'${from}' /></xs:schema>`;
    const latin = (one: string): Uint8Array => Buffer.from(one.replaceAll('€', '\u0080'), 'latin1');
    const utf16 = (one: string): Uint8Array => Buffer.from(`\ufeff${one}`, 'utf16le');
    const swapped = (one: string): Uint8Array => Buffer.from(utf16(one)).swap16();
    const bodies: Readonly<Record<string, (from: string) => Uint8Array>> = {
      w: (from) => latin(text('windows-1252', from)),
      l: (from) => latin(text('windows-1252', from)),
      u: (from) => utf16(text('UTF-16', from)),
      s: (from) => swapped(text('UTF-16', from)),
      e: (from) => Buffer.from(`\ufeff${text('UTF-8', from)}`, 'utf8'),
    };
    const host = await serveDocuments((origin) => ({
      '/a.wsdl': scoring(
        schema(
          Object.keys(bodies)
            .map((name) => include(`${name}.xsd`))
            .join(''),
        ),
      ),
      '/end?xsd=1': schema(''),
      ...Object.fromEntries(
        Object.entries(bodies).map(([name, body]) => [`/${name}.xsd`, { body: body(`${origin}/end?xsd=1`) }]),
      ),
    }));
    const out = join(folder(), 'out');
    await imported(`${host.origin}/a.wsdl`, out);
    for (const [name, body] of Object.entries(bodies)) {
      assert.deepEqual(readFileSync(join(out, `${name}.xsd`)), Buffer.from(body('end-1.xsd')), name);
    }
    assert.equal((await loadSaved(join(out, 'a.wsdl'))).byUrl.size, 7);
  });

  it('a charset that only HTTP named is kept beside the copy', async () => {
    const body = Buffer.from(
      schema('<xs:annotation><xs:documentation>Größe</xs:documentation></xs:annotation>'),
      'latin1',
    );
    const host = await serveDocuments(() => ({
      '/a.wsdl': scoring(schema(include('b.xsd'))),
      '/b.xsd': { headers: { 'content-type': 'text/xml; charset=ISO-8859-1' }, body },
    }));
    const out = join(folder(), 'out');
    await imported(`${host.origin}/a.wsdl`, out);
    assert.deepEqual(readFileSync(join(out, 'b.xsd')), body);
    assert.match(JSON.stringify(documentsOf(await loadSaved(join(out, 'a.wsdl')))[1]?.root), /Größe/);
  });

  it('names of files come from the addresses, and two documents never get one name', async () => {
    const locations = [
      'Svc?xsd=1',
      'Svc?xsd=types.xsd',
      'a/types.xsd',
      'b/Types.xsd',
      '/c/types.xsd',
      'Svc?token=canary',
      '%2e%2e%2fx.xsd',
      '/d/import.json',
      'w%C3%BCrste.xsd',
      '/?schema=3',
    ];
    const host = await serveDocuments(() => ({
      '/s/Svc.asmx?WSDL': scoring(schema(locations.map(include).join(''))),
      ...Object.fromEntries(locations.map((location) => [pathOf(location), schema('')])),
    }));
    const out = join(folder(), 'out');
    await imported(`${host.origin}/s/Svc.asmx?WSDL`, out);
    assert.deepEqual(namesIn(out), [
      'Svc-1.xsd',
      'Svc.wsdl',
      'Svc.xsd',
      'a/types.xsd',
      'b/Types.xsd',
      'import.json',
      'import.json.xsd',
      'schema-3.xsd',
      'types-2.xsd',
      'types.xsd',
      'wurste.xsd',
      'x.xsd',
    ]);
    assert.doesNotMatch(JSON.stringify(filesIn(out)['import.json']), /canary/);
  });

  it('follows a redirect, and locations then start from where it led', async () => {
    const host = await serveDocuments(() => ({
      '/a?wsdl': { status: 302, headers: { location: '/v2/a?wsdl' } },
      '/v2/a?wsdl': scoring(schema(include('b.xsd'))),
      '/v2/b.xsd': schema(''),
      '/loop': { status: 302, headers: { location: '/pool' } },
      '/pool': { status: 302, headers: { location: '/loop' } },
    }));
    const out = join(folder(), 'out');
    await imported(`${host.origin}/a?wsdl`, out);
    assert.deepEqual(namesIn(out), ['a.wsdl', 'b.xsd', 'import.json']);
    const { code, err } = await importWsdl(`${host.origin}/loop`, join(folder(), 'x'));
    assert.deepEqual([code, err], [1, `${host.origin}/loop: it redirects in a circle\n`]);
  });
});

describe('import wsdl with credentials', () => {
  const documents = (): Readonly<Record<string, string | Answer>> => ({
    '/a?wsdl': scoring(schema(include('b.xsd'))),
    '/b.xsd': schema(''),
  });

  it('logs in with a name and a password, and with a token', async () => {
    const basic = `Basic ${Buffer.from('ann:canary-päss').toString('base64')}`;
    for (const [header, flags] of [
      [basic, ['--user', 'ann', '--password', 'env:SECRET']],
      ['Bearer canary-token', ['--bearer', 'env:TOKEN']],
    ] as const) {
      const host = await serveDocuments(documents, header);
      const out = join(folder(), 'out');
      await imported(`${host.origin}/a?wsdl`, out, ...flags);
      assert.equal(host.requests.at(-1)?.path, '/b.xsd');
      assert.doesNotMatch(JSON.stringify(filesIn(out)), /canary/);
    }
  });

  it('reads a secret from a file, and sends the headers that it is told', async () => {
    const host = await serveDocuments(documents);
    const file = join(folder(), 'key');
    writeFileSync(file, 'canary-key\n');
    await imported(`${host.origin}/a?wsdl`, join(folder(), 'out'), '--header', `X-Api-Key=file:${file}`);
    assert.equal(host.requests[0]?.headers['x-api-key'], 'canary-key');
  });

  it('sends them to the origin of the first address and to nobody else', async () => {
    const other = await serveDocuments(() => ({ '/b.xsd': schema('') }));
    const host = await serveDocuments(
      () => ({
        '/a?wsdl': scoring(schema(include(`${other.origin}/b.xsd`) + include('c.xsd'))),
        '/c.xsd': { status: 307, headers: { location: `${other.origin}/b.xsd` } },
      }),
      'Bearer canary-token',
    );
    await imported(
      `${host.origin}/a?wsdl`,
      join(folder(), 'out'),
      '--bearer',
      'env:TOKEN',
      '--header',
      'X-Key=env:SECRET',
    );
    assert.ok(host.requests.every(({ headers }) => headers['x-key'] !== undefined));
    assert.ok(other.requests.length > 0);
    for (const { headers } of other.requests)
      assert.doesNotMatch(JSON.stringify(headers), /canary|x-key|authorization/);
  });

  it('wrong ones are told without them', async () => {
    const host = await serveDocuments(documents, 'Bearer other');
    const { code, out, err } = await importWsdl(
      `${host.origin}/a?wsdl`,
      join(folder(), 'out'),
      '--bearer',
      'env:TOKEN',
    );
    assert.equal(code, 1);
    assert.match(err, /a\?wsdl: credentials are needed, or were not accepted \(HTTP status 401\)/);
    assert.doesNotMatch(out + err, /canary/);
  });

  it('logs in by NTLM, on one connection', async () => {
    const said: string[] = [];
    const ports = new Set<number | undefined>();
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      const message = Buffer.from((request.headers.authorization ?? '').replace(/^NTLM /, ''), 'base64');
      const kind = message.length < 12 ? 0 : message.readUInt32LE(8);
      said.push(`${kind} ${request.url}`);
      if (kind === 1)
        response.writeHead(401, { 'www-authenticate': `NTLM ${challenge().toString('base64')}` });
      else if (kind === 3 || said.includes('3 /a?wsdl'))
        response.writeHead(200, { 'content-type': 'text/xml' });
      else response.writeHead(401, { 'www-authenticate': 'NTLM' });
      response.end(request.url === '/a?wsdl' ? scoring(schema(include('b.xsd'))) : schema(''));
    });
    const origin = await listening(server);
    const login = ['--ntlm', '--user', 'ann', '--password', 'env:SECRET', '--domain', 'BANK'];
    await imported(`${origin}/a?wsdl`, join(folder(), 'out'), ...login);
    assert.deepEqual(said, ['1 /a?wsdl', '3 /a?wsdl', '0 /b.xsd']);
    assert.equal(ports.size, 1);
  });

  it('shows its certificate to that origin only', {
    skip: skipUnless(hasOpenssl, 'openssl is not here'),
  }, async () => {
    const path = folder();
    const [server, client] = [certificate(path, 'server'), certificate(path, 'client')];
    const seen: string[] = [];
    const hosts = ['one', 'other'].map((name) =>
      createSecureServer(
        {
          key: readFileSync(server.key),
          cert: readFileSync(server.cert),
          requestCert: true,
          rejectUnauthorized: false,
        },
        (request, response) => {
          const socket = request.socket;
          const peer = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
          seen.push(`${name} ${request.url} ${peer?.subject?.CN ?? 'nobody'}`);
          response.end(
            request.url === '/a.wsdl' ? scoring(schema(include(`${origins[1]}/b.xsd`))) : schema(''),
          );
        },
      ),
    );
    const origins: string[] = [];
    for (const host of hosts) origins.push((await listening(host)).replace('http:', 'https:'));
    const refused = await importWsdl(`${origins[0]}/a.wsdl`, join(path, 'refused'));
    assert.match(refused.err, /certificate of the service is not accepted/);
    const identity = ['--cert', client.cert, '--key', client.key];
    await imported(`${origins[0]}/a.wsdl`, join(path, 'one'), ...identity, '--ca', server.cert);
    assert.deepEqual(seen, ['one /a.wsdl client', 'other /b.xsd nobody']);
    await imported(`${origins[0]}/a.wsdl`, join(path, 'two'), '--insecure');
    assert.deepEqual(seen.slice(2), ['one /a.wsdl nobody', 'other /b.xsd nobody']);
  });

  it('goes by way of a proxy', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url);
      response.end(scoring(''));
    });
    const out = join(folder(), 'out');
    await imported('http://scoring.invalid/a?wsdl', out, '--proxy', await listening(proxy));
    assert.deepEqual(asked, ['http://scoring.invalid/a?wsdl']);
  });

  it('uses the access of a source of the configuration', async () => {
    const host = await serveDocuments(documents, 'Bearer canary-token');
    const file = join(folder(), 'overpunch.yaml');
    writeFileSync(
      file,
      `sources:
  scoring: { adapter: soap, wsdl: not-there.wsdl, security: { bearer: { token: { env: TOKEN } } }, httpHeaders: { X-From: us } }
  other: { adapter: memory, collections: {} }
`,
    );
    const out = join(folder(), 'out');
    await imported(`${host.origin}/a?wsdl`, out, '-c', file, '--source', 'scoring');
    assert.equal(host.requests[0]?.headers['x-from'], 'us');
    const misspelt = await importWsdl(`${host.origin}/a?wsdl`, out, '-c', file, '--source', 'scorng');
    assert.match(misspelt.err, /^The source "scorng" is not there\. Did you mean "scoring"\?/);
    const wrong = await importWsdl(`${host.origin}/a?wsdl`, out, '-c', file, '--source', 'other');
    assert.match(wrong.err, /^The source "other" is no source of the adapter "soap"/);
    const both = await importWsdl(
      `${host.origin}/a?wsdl`,
      out,
      '-c',
      file,
      '--source',
      'scoring',
      '--insecure',
    );
    assert.match(both.err, /^--insecure and --source do not go together/);
    assert.deepEqual([misspelt.code, wrong.code, both.code], [2, 2, 2]);
  });

  it('a secret that is not there is named by its reference', async () => {
    const { code, err } = await importWsdl(
      'http://127.0.0.1:1/',
      join(folder(), 'out'),
      '--bearer',
      'env:NOT_SET',
    );
    assert.equal(code, 1);
    assert.match(err, /"NOT_SET"/);
  });

  const misuses: readonly (readonly [rule: string, args: readonly string[], told: RegExp])[] = [
    ['a literal secret', ['--bearer', 'canary'], /^--bearer says where a secret is, env:NAME or file:PATH/],
    ['a literal header', ['--header', 'X-Key=canary'], /^--header says where a secret is/],
    ['a user without a password', ['--user', 'ann'], /^--user and --password go together/],
    ['a certificate without its key', ['--cert', 'x.pem'], /^--cert and --key go together/],
    ['two ways to log in', ['--user', 'a', '--password', 'env:A', '--bearer', 'env:B'], /do not go together/],
    ['a source without a configuration', ['--source', 'x'], /^-c and --source go together/],
  ];
  for (const [rule, args, told] of misuses) {
    it(`${rule} is refused, exit code 2, and not repeated`, async () => {
      const { code, err } = await importWsdl('http://127.0.0.1:1/', join(folder(), 'out'), ...args);
      assert.equal(code, 2);
      assert.match(err, told);
      assert.doesNotMatch(err, /canary/);
    });
  }

  it('credentials in the address are refused, exit code 2, and not repeated', async () => {
    const { code, err } = await importWsdl('http://ann:canary@127.0.0.1:1/', join(folder(), 'out'));
    assert.equal(code, 2);
    assert.match(err, /^Credentials do not stand in the address: /);
    assert.doesNotMatch(err, /canary/);
  });
});

describe('import wsdl that fails', () => {
  it('tells the chain of files that led to what is missing, and leaves nothing behind', async () => {
    const host = await serveDocuments(() => ({
      '/a?wsdl': scoring(schema(include('b.xsd'))),
      '/b.xsd': schema(`\n${include('c.xsd')}`),
    }));
    const parent = folder();
    const { code, err } = await importWsdl(`${host.origin}/a?wsdl`, join(parent, 'out'));
    assert.equal(code, 1);
    assert.equal(
      err,
      [
        `${host.origin}/a?wsdl:4 includes ${host.origin}/b.xsd,`,
        `${host.origin}/b.xsd:2 includes ${host.origin}/c.xsd,`,
        `${host.origin}/c.xsd: there is no such document (HTTP status 404)`,
        '',
      ].join('\n'),
    );
    assert.deepEqual(readdirSync(parent), []);
  });

  it('says that a login page came instead of a schema', async () => {
    const host = await serveDocuments(() => ({
      '/a?wsdl': { headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>Please log in' },
    }));
    const { code, err } = await importWsdl(`${host.origin}/a?wsdl`, join(folder(), 'out'));
    assert.equal(code, 1);
    assert.match(err, /a\?wsdl: an HTML page \(root element html\) instead of a WSDL; is it a login page\?/);
  });

  it('says that nobody is there', async () => {
    const host = await serveDocuments(() => ({}));
    await host.close();
    const { code, err } = await importWsdl(`${host.origin}/a?wsdl`, join(folder(), 'out'));
    assert.equal(code, 1);
    assert.ok(err.startsWith(`${host.origin}/a?wsdl: `), err);
  });

  it('does not touch a folder with files of others, nor a copy that was edited, unless it is forced to', async () => {
    const out = join(folder(), 'out');
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const refused = await importWsdl(BANK, out);
    assert.equal(refused.code, 1);
    assert.match(
      refused.err,
      /holds what no import has written, or what was changed since: notes\.txt\n--force/,
    );
    assert.deepEqual(filesIn(out), { 'notes.txt': 'mine' });

    await imported(BANK, out, '--force');
    assert.equal(filesIn(out)['notes.txt'], 'mine');
    rmSync(join(out, 'notes.txt'));
    writeFileSync(join(out, 'bank.wsdl'), 'edited');
    const edited = await importWsdl(BANK, out);
    assert.match(edited.err, /changed since: bank\.wsdl\n/);
    await imported(BANK, out, '--force');
    assert.equal(filesIn(out)['bank.wsdl'], readFileSync(BANK, 'latin1'));
  });

  it('leaves the copy that is there as it is', async () => {
    const out = join(folder(), 'out');
    await imported(BANK, out);
    const before = filesIn(out);
    assert.equal((await importWsdl(join(folder(), 'none.wsdl'), out)).code, 1);
    assert.deepEqual(filesIn(out), before);
    assert.deepEqual(readdirSync(join(out, '..')), ['out']);
  });

  it('names the nearest kind, exit code 2', async () => {
    const { code, err } = await overpunch(['import', 'wsld', 'x', '-o', 'y']);
    assert.equal(code, 2);
    assert.match(err, /^There is no "import wsld"\. Did you mean "wsdl"\?/);
    assert.equal((await overpunch(['import'])).code, 2);
    const help = await overpunch(['import', '--help']);
    assert.deepEqual([help.code, /\n {2}wsdl {2}Save a WSDL/.test(help.out)], [0, true]);
    assert.match(
      (await overpunch(['import', 'wsdl', '--help'])).out,
      /^Usage: overpunch import wsdl -o FOLDER \[FLAGS\] URL\|FILE\n/,
    );
  });
});

describe('a saved copy', () => {
  it('that refers to the network is refused: nothing is fetched at start', async () => {
    const host = await serveDocuments(() => ({ '/b.xsd': schema('') }));
    const path = folder();
    writeFileSync(join(path, 'a.wsdl'), scoring(schema(include(`${host.origin}/b.xsd`))));
    await assert.rejects(loadSaved(join(path, 'a.wsdl')), {
      kind: 'invalid',
      misconfigured: true,
      message:
        /a\.wsdl:4 includes http.*\/b\.xsd,\n.*not in the saved copy, and nothing is fetched .*"overpunch import wsdl"/,
    });
    assert.deepEqual(host.requests, []);
  });

  it('is read from its own folder and not from above', async () => {
    const path = folder();
    mkdirSync(join(path, 'in'));
    writeFileSync(join(path, 'b.xsd'), schema(''));
    writeFileSync(join(path, 'in', 'a.wsdl'), scoring(schema(include('../b.xsd'))));
    await assert.rejects(loadSaved(join(path, 'in', 'a.wsdl')), {
      misconfigured: true,
      message: /lies outside the folder of the WSDL/,
    });
  });

  it('that lacks a file says which, with the chain', async () => {
    const out = join(folder(), 'out');
    await imported(BANK, out);
    rmSync(join(out, 'shared', 'currency.xsd'));
    assert.ok(!existsSync(join(out, 'shared', 'currency.xsd')));
    await assert.rejects(loadSaved(join(out, 'bank.wsdl')), {
      kind: 'invalid',
      misconfigured: true,
      message: [
        'bank.wsdl:7 imports contract/bank-contract.wsdl,',
        'contract/bank-contract.wsdl:13 includes shared/money.xsd,',
        'shared/money.xsd:2 includes shared/currency.xsd,',
        'shared/currency.xsd: there is no such file',
      ].join('\n'),
    });
  });
});
