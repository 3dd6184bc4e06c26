// A zoo of sources in which everything that must not leave holds a canary: secrets, rows, bytes, envelopes, SQL. Served by the real program.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { literalWsdl } from '../adapters/soap/opening.ts';
import { overpunch, serving } from '../cli/overpunch.ts';
import { answering, envelope, startScripted } from '../fakes/scripted-http.ts';
import { sftpServer } from '../fakes/sftp/server.ts';
import { standIn } from '../fakes/tds/server.ts';
import { startCollector } from './collector.ts';

/** Where it was planted → the word. No word is a part of another. */
export const CANARIES = {
  sftpPassword: 'CNRYsftp pa"ss\\w&rd%é',
  tdsPassword: 'CNRYtds:p@ss/w#rd%40',
  wrongPassword: 'CNRYwrongpassword',
  refusedPassword: 'CNRYrefusedpassword',
  fileSecret: 'CNRYfilesecret',
  soapUser: 'CNRYsoapuser',
  soapPassword: 'CNRYsoappassword',
  soapHeader: 'CNRYsoapheader',
  collectorHeader: 'CNRYcollectorheader',
  apiKey: 'op_CNRYapikey0123456789012345678901234567890',
  bearer: 'CNRYbearer.CNRYtoken.CNRYsignature',
  cookie: 'CNRYcookie',
  idempotency: 'CNRYidempotency',
  header: 'CNRYheader',
  sqliteRow: 'CNRYsqliterow',
  tdsRow: 'CNRYtdsrow',
  fileRow: 'CNRYfilerow',
  badDigits: 'CNRYdigs',
  filter: 'CNRYfilter',
  name: 'CNRYname',
  key: 'CNRYkey',
  variable: 'CNRYvariable',
  literal: 'CNRYliteral',
  written: 'CNRYwritten',
  argument: 'CNRYargument',
  reply: 'CNRYreply',
  faultText: 'CNRYfaulttext',
  statement: 'CNRYstatement',
} as const;

export type Canary = keyof typeof CANARIES;

const COPYBOOK = `       01  CARD.
           05  CARD-ID   PIC 9(4).
           05  HOLDER    PIC X(20).
           05  AMOUNT    PIC 9(8).
`;
/** Number, holder, amount: the third record's amount is no number. */
const CARDS = [
  ['0001', CANARIES.fileRow, '00000012'],
  ['0002', CANARIES.fileRow, '00000034'],
  ['0003', CANARIES.fileRow, CANARIES.badDigits],
]
  .map(([id, holder = '', amount]) => `${id}${holder.padEnd(20)}${amount}`)
  .join('');

const SCHEMA = `<xs:element name="Ask"><xs:complexType><xs:sequence><xs:element name="text" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="AskResponse"><xs:complexType><xs:sequence><xs:element name="count" type="xs:int"/></xs:sequence></xs:complexType></xs:element>`;

export interface Zoo {
  readonly url: string;
  readonly watchersUrl: string;
  /** A request of the client that may do everything. */
  ask(
    path: string,
    init?: RequestInit,
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: string }>;
  graphql(
    query: string,
    variables?: object,
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: string }>;
  /** Whether the services really met what was planted for them. */
  met(): string;
  /** Stops it; everything that left in the meantime, by the way that it took. */
  end(): Promise<Readonly<Record<'stdout' | 'stderr' | 'audit' | 'spans', string>>>;
}

export async function startZoo(t: TestContext): Promise<Zoo> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-canaries-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (...path: string[]): string => join(folder, ...path);
  mkdirSync(at('remote'));
  writeFileSync(at('remote', 'CARDS'), CARDS, 'latin1');
  writeFileSync(at('CARDS'), CARDS, 'latin1');
  writeFileSync(at('card.cpy'), COPYBOOK);
  writeFileSync(at('secret.txt'), `${CANARIES.fileSecret}\n`);
  writeFileSync(at('service.wsdl'), literalWsdl(SCHEMA, ['Ask']));
  const db = new DatabaseSync(at('bank.db'));
  db.exec(`create table people (id integer primary key, name varchar(30) not null unique check (name <> 'x'), age integer);
    insert into people values (1, '${CANARIES.sqliteRow}', 7), (2, 'Grace', 8);
    create view broken as select id, name, abs(-9223372036854775808 + id - id) as "${CANARIES.statement}" from people`);
  db.close();

  const fakes: AsyncDisposable[] = [];
  t.after(() => Promise.all(fakes.map((fake) => fake[Symbol.asyncDispose]())));
  const sftp = await sftpServer({ folder: at('remote'), password: CANARIES.sftpPassword });
  const login = { user: 'gateway', password: CANARIES.tdsPassword, database: 'BANK' };
  const ledger = await standIn(login);
  ledger.run(`CREATE TABLE dbo.NOTES (NO int NOT NULL PRIMARY KEY, TEXT varchar(20) NOT NULL UNIQUE);
INSERT INTO dbo.NOTES VALUES (1, '${CANARIES.tdsRow}')`);
  let replies = 0;
  const service = await startScripted((seen, res) => {
    const body = seen.body.toString();
    // Of every four calls one is never answered.
    if (replies % 4 === 3) {
      replies++;
      return;
    }
    const answers = [
      answering(envelope(`<AskResponse xmlns="urn:test"><count>${CANARIES.reply}</count></AskResponse>`)),
      answering(
        envelope(
          `<e:Fault><faultcode>e:Server</faultcode><faultstring>${CANARIES.faultText}</faultstring><detail>${CANARIES.faultText}</detail></e:Fault>`,
        ),
        {},
        500,
      ),
      answering(`<html>${CANARIES.reply} ${body}</html>`, { 'content-type': 'text/html' }, 502),
    ];
    return (answers[replies++ % 4] ?? answering(''))(seen, res);
  });
  const collector = await startCollector();
  fakes.push(sftp, ledger, service, collector);
  const tds = (password: string, port: number): string =>
    `mssql://gateway:${encodeURIComponent(password)}@127.0.0.1:${port}/BANK`;
  const sha256 = createHash('sha256').update(CANARIES.apiKey).digest('hex');
  const cards = (name: string): string =>
    `{ ${name}: { path: CARDS, copybook: card.cpy, charset: latin1, records: { format: FB, length: 32 }, key: [CARD-ID] } }`;
  writeFileSync(
    at('overpunch.yaml'),
    `access:
  clients:
    app: { roles: [all], keys: [{ sha256: '${sha256}' }] }
roles:
  all: { collections: { '*': all }, operations: ['*'] }
telemetry:
  metrics: { port: 0 }
  metricsRoles: [all]
  traces: { endpoint: ${collector.endpoint}, headers: { x-collector: { env: COLLECTOR } } }
  audit: { file: audit.jsonl }
sources:
  local: { adapter: file, collections: ${cards('cards')} }
  remote:
    adapter: file
    store: { sftp: { host: 127.0.0.1, port: ${sftp.port}, user: gateway, password: { env: SFTP }, hostKey: "${sftp.fingerprint}", settleMs: 0 } }
    collections: ${cards('remoteCards')}
  wrongFile:
    adapter: file
    store: { sftp: { host: 127.0.0.1, port: ${sftp.port}, user: gateway, password: { file: secret.txt }, hostKey: "${sftp.fingerprint}", settleMs: 0 } }
    collections: ${cards('wrongCards')}
  people:
    adapter: sqlite
    file: bank.db
    readOnly: false
    collections:
      customers: { table: people, key: [id], writes: [insert, update, delete] }
      broken: { table: broken, key: [id] }
  ledger:
    adapter: mssql
    url: { env: TDS_URL }
    tls: false
    readOnly: false
    model: notes.model.json
    collections: { notes: { table: dbo.NOTES, key: [NO], writes: [insert, update] } }
  wrong: { adapter: mssql, url: { env: WRONG_URL }, tls: false, model: notes.model.json, collections: { wrongNotes: { table: dbo.NOTES, key: [NO] } } }
  refused: { adapter: mssql, url: { env: REFUSED_URL }, tls: false, model: notes.model.json, collections: { refusedNotes: { table: dbo.NOTES, key: [NO] } } }
  soap:
    adapter: soap
    wsdl: service.wsdl
    timeoutMs: 400
    endpoint: ${service.url}
    security: { basic: { user: { env: SOAP_USER }, password: { env: SOAP_PASSWORD } } }
    httpHeaders: { X-Api-Key: { env: SOAP_HEADER } }
    operations: { Ask: { effect: read } }
`,
  );
  const env = {
    OVERPUNCH_LOG: 'debug',
    SFTP: CANARIES.sftpPassword,
    TDS_URL: tds(CANARIES.tdsPassword, ledger.port),
    WRONG_URL: tds(CANARIES.wrongPassword, ledger.port),
    REFUSED_URL: tds(CANARIES.refusedPassword, 1),
    SOAP_USER: CANARIES.soapUser,
    SOAP_PASSWORD: CANARIES.soapPassword,
    SOAP_HEADER: CANARIES.soapHeader,
    COLLECTOR: CANARIES.collectorHeader,
  };
  const imported = await overpunch(['import', 'db', 'ledger', '-c', at('overpunch.yaml')], env);
  if (imported.code !== 0) throw new Error(imported.err);
  const started = await serving(['-c', at('overpunch.yaml'), '--port', '0'], env);
  const stop = async (): Promise<void> => {
    started.child.kill('SIGTERM');
    await started.ended;
  };
  t.after(stop);

  let asked = 0;
  const ask: Zoo['ask'] = async (path, { headers, ...init } = {}) => {
    const response = await fetch(started.url + path, {
      ...init,
      headers: {
        ...(new Headers(headers).has('authorization') ? {} : { 'x-api-key': CANARIES.apiKey }),
        cookie: CANARIES.cookie,
        'x-other': CANARIES.header,
        ...headers,
      },
    });
    return {
      status: response.status,
      text: await response.text(),
      headers: JSON.stringify([...response.headers]),
    };
  };
  return {
    url: started.url,
    watchersUrl: /Metrics\s+(http:\S+)\/metrics/.exec(started.out())?.[1] ?? '',
    ask,
    graphql: (query, variables = {}) =>
      ask('/graphql', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': `${CANARIES.idempotency}${asked++}`,
        },
        body: JSON.stringify({ query, variables }),
      }),
    met: () => service.seen.map(({ headers, body }) => JSON.stringify(headers) + body.toString()).join('\n'),
    async end() {
      await stop();
      const left = {
        stdout: imported.out + started.out(),
        stderr: imported.err + started.err(),
        audit: readFileSync(at('audit.jsonl'), 'utf8'),
        spans: collector.text(),
      };
      return left;
    },
  };
}

/** Every form that a text may leave in. */
export function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((shift) =>
    // What stands before it shifts its letters: those in the middle are left.
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  const hex = bytes.toString('hex');
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    encodeURI(text),
    text.replaceAll('&', '&amp;'),
    hex,
    hex.toUpperCase(),
    ...base64.filter((form) => form.length >= 8),
    [...text].toReversed().join(''),
  ];
}
