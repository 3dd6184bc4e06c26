// Rights over real sources, on a socket: an EBCDIC file whose rows are answered straight from their bytes, and a database with writes. What is
// hidden is looked for in everything that leaves.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { memorySource } from '../../adapters/memory/memory.ts';
import { layoutOf, parseCopybook } from '../../src/codec/index.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import { createRights } from '../../src/rights/create-rights.ts';
import { folderWith } from '../config/written.ts';
import { type Both, serveBoth } from '../parity/both.ts';
import { caller, rolesOf } from './bank.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const keyOf = (client: string): string => `${client}-key-that-is-as-long-as-keys-have-to-be`;
const hashOf = (client: string): string => createHash('sha256').update(keyOf(client)).digest('hex');

const CONFIG = `sources:
  mainframe:
    adapter: file
    collections:
      customers:
        path: CUSTMAST
        copybook: ${ROOT}/schemas/custmast.cpy
        charset: cp037
        records: { format: FB, length: 200 }
        key: [CUST-ID]
  ledger:
    adapter: sqlite
    file: ledger.sqlite
    readOnly: false
    collections:
      accounts: { table: accounts, writes: [insert, update, upsert, delete] }
relations:
  customers.accounts: { to: accounts, on: { custId: custId }, inverse: owner }
access:
  clients:
    boss: { roles: [boss], keys: [{ sha256: ${hashOf('boss')} }] }
    teller: { roles: [teller], claims: { branch: ZH01 }, keys: [{ sha256: ${hashOf('teller')} }] }
    maker: { roles: [maker], keys: [{ sha256: ${hashOf('maker')} }] }
    lost: { roles: [teller], keys: [{ sha256: ${hashOf('lost')} }] }
    blind: { roles: [blind], keys: [{ sha256: ${hashOf('blind')} }] }
roles:
  boss: { collections: { '*': all } }
  teller:
    collections:
      customers:
        rows: branchCode eq @claims.branch
        fields: { except: [status, address.street] }
        mask: { balance: 'null', creditLimit: hash, custName.lastName: lastFour }
      accounts:
        rows: state ne 'SECRET'
        write: [insert, update, upsert, delete]
  maker: { collections: { accounts: { fields: { except: [no] }, write: [insert, update, delete] } } }
  blind: { collections: { customers: { fields: [custName, balance], rows: "status eq 'A'" } } }
`;

interface Customer {
  readonly custId: number;
  readonly custName: { readonly firstName: string; readonly lastName: string };
  readonly address: { readonly street: string; readonly city: string; readonly country: string };
  readonly branchCode: string;
  readonly status: string;
  readonly balance: string;
  readonly creditLimit: string;
}

describe('fields of a copybook that show the same bytes', () => {
  const fieldsBy = (grant: unknown) => {
    const text = readFileSync(join(ROOT, 'schemas', 'custmast.cpy'), 'utf8');
    const [record] = parseCopybook(text).records;
    assert.ok(record);
    const layout = layoutOf(record, { charset: 'cp037' });
    const source = memorySource([{ name: 'customers', key: ['custId'], fields: layout.fields, rows: [] }]);
    const { catalog } = buildCatalog([{ source: 'a', ...source.model }], []);
    const { rights, problems } = createRights(catalog, rolesOf({ r: { collections: { customers: grant } } }));
    assert.deepEqual(problems, []);
    const fields = rights.viewOf(caller(['r'])).catalog.collections.get('customers')?.fields ?? [];
    return fields.map(({ name }) => name);
  };

  it('are hidden with what is hidden or masked: its conditions (level 88), its redefinitions, and what they redefine', () => {
    assert.equal(fieldsBy('read').filter((name) => /^(status|risk)/.test(name)).length, 6);
    const by = (grant: unknown) => fieldsBy(grant).filter((name) => /^(status|risk)/.test(name));
    assert.deepEqual(by({ fields: { except: ['status'] } }), ['riskArea', 'riskScores']);
    assert.deepEqual(by({ mask: { status: 'hash' } }), ['status', 'riskArea', 'riskScores']);
    assert.deepEqual(by({ fields: { except: ['riskArea', 'statusActive'] } }), []);
    assert.deepEqual(by({ fields: { except: ['riskScores.fraudScore', 'status'] } }), ['riskScores']);
    assert.deepEqual(by({ fields: { except: ['custName.lastName'] } }).length, 6);
  });

  it('are seen where the role names them itself', () => {
    assert.deepEqual(fieldsBy({ fields: ['custId', 'statusActive', 'riskScores.paymentScore'] }), [
      'custId',
      'statusActive',
      'riskScores',
    ]);
  });
});

describe('rights over real sources', () => {
  let served: Both;
  let all: readonly Customer[];
  let branch: string;
  let own: readonly Customer[];

  const get = (client: string, path: string, headers: Record<string, string> = {}) =>
    served.rest(path, { 'x-api-key': keyOf(client), ...headers });
  const send = async (client: string, method: string, path: string, body: unknown) => {
    const response = await fetch(`${served.url}/api/${path}`, {
      method,
      headers: { 'x-api-key': keyOf(client), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) };
  };

  before(async () => {
    const folder = folderWith({});
    copyFileSync(join(ROOT, 'fixtures', 'CUSTMAST'), join(folder, 'CUSTMAST'));
    const file = new DatabaseSync(join(folder, 'ledger.sqlite'));
    file.exec(
      'create table accounts (no integer primary key, custId integer not null, state text not null, note text)',
    );
    const configFile = join(
      folderWith({
        'c.yaml': CONFIG.replaceAll('path: CUSTMAST', `path: ${folder}/CUSTMAST`).replace(
          'ledger.sqlite',
          `${folder}/ledger.sqlite`,
        ),
      }),
      'c.yaml',
    );
    // The customers are asked before the accounts are made: they take their numbers.
    served = await serveBoth(configFile, adapters);
    all = (await get('boss', 'customers?first=1000')).body.value;
    const insert = file.prepare('insert into accounts values (?, ?, ?, ?)');
    for (const [i, { custId }] of all.entries()) {
      insert.run(2 * i + 1, custId, 'OPEN', `note ${i}`);
      insert.run(2 * i + 2, custId, 'SECRET', `hidden ${i}`);
    }
    file.close();
    branch = 'ZH01';
    own = all.filter(({ branchCode }) => branchCode === branch);
    assert.ok(own.length > 2 && own.length < all.length, `${own.length} of ${all.length}`);
  });
  after(() => served[Symbol.asyncDispose]());

  const NOT_TELLERS = (text: string): void => {
    for (const { custName, address, balance, creditLimit, branchCode } of all) {
      if (branchCode === branch) {
        for (const hidden of [address.street, custName.lastName, balance, creditLimit]) {
          if (hidden.length > 5) assert.ok(!text.includes(hidden), hidden);
        }
      } else if (
        custName.firstName.length > 5 &&
        !own.some((one) => one.custName.firstName === custName.firstName)
      ) {
        assert.ok(!text.includes(custName.firstName), custName.firstName);
      }
    }
    assert.doesNotMatch(text, /street|status|hidden \d/);
  };

  it('rows, fields and masks hold in every form of a list, and counts count what is seen', async () => {
    for (const accept of ['application/json', 'application/x-ndjson', 'text/csv']) {
      const { status, text } = await get('teller', 'customers?include=accounts', {
        accept: accept === 'text/csv' ? 'application/json' : accept,
      });
      assert.equal(status, 200, text);
      NOT_TELLERS(text);
      const plain = await get('teller', 'customers', { accept });
      assert.equal(plain.status, 200, plain.text);
      NOT_TELLERS(plain.text);
    }
    const { body } = await get('teller', 'customers?count=true&first=1');
    assert.equal(body.totalCount, own.length);
    const rows = (await get('teller', 'customers?first=1000')).body.value;
    assert.deepEqual(
      rows.map(({ custId }: Customer) => custId),
      own.map(({ custId }) => custId),
    );
    for (const row of rows) {
      assert.equal(row.balance, null);
      assert.match(row.creditLimit, /^[\w-]{16}$/);
      assert.match(row.custName.lastName, /^\*+.{0,4}$/);
      assert.deepEqual(Object.keys(row.address), ['city', 'country']);
    }
  });

  it('a list without masked fields is answered straight from the bytes, and is the same', async () => {
    const select = 'custId,custName.firstName,branchCode,overdraftCount';
    const { body } = await get('teller', `customers?select=${select}&first=1000`);
    const whole = await get('boss', `customers?select=${select}&first=1000&filter=branchCode eq '${branch}'`);
    assert.deepEqual(body.value, whole.body.value);
  });

  it('a row that is not theirs is 404, on both surfaces, as one that does not exist', async () => {
    const other = all.find(({ branchCode }) => branchCode !== branch) ?? assert.fail();
    const hidden = await get('teller', `customers/${other.custId}`);
    const absent = await get('teller', 'customers/999999999');
    assert.equal(hidden.status, 404);
    const plain = ({ body: { instance: _, requestId: __, ...rest } }: typeof hidden) => rest;
    assert.deepEqual(plain(hidden), plain(absent));
    assert.equal((await get('teller', `customers/${own[0]?.custId}`)).status, 200);
  });

  it('who lacks the claim is told so, and nothing of the rule', async () => {
    const { status, text, body } = await get('lost', 'customers');
    assert.equal(status, 403);
    assert.equal(body.code, 'missing-claim');
    assert.match(text, /branch/);
    assert.doesNotMatch(text, /branchCode|ZH01/);
  });

  it('a hidden key orders and pages by cursors that say nothing; hidden fields decide', async () => {
    const seen: string[] = [];
    let link: string | undefined = 'customers?first=7';
    while (link !== undefined) {
      const { status, body, text } = await get('blind', link);
      assert.equal(status, 200, text);
      assert.doesNotMatch(text, /custId|status/);
      seen.push(...body.value.map(({ custName }: Customer) => custName.firstName));
      const next: string | undefined = body.nextLink;
      link = next?.replace(/^.*\/api\//, '');
      const after = link === undefined ? undefined : new URLSearchParams(link.split('?')[1]).get('after');
      if (after !== undefined && after !== null) {
        const bytes = Buffer.from(after, 'base64url').toString('latin1');
        for (const { custId } of all) assert.ok(!bytes.includes(String(custId)));
      }
    }
    assert.deepEqual(
      seen,
      all.filter(({ status }) => status === 'A').map(({ custName }) => custName.firstName),
    );
    assert.equal((await get('blind', `customers/${all[0]?.custId}`)).status, 404);
  });

  it('rows of others are neither changed nor made in the database', async () => {
    const mine = await send('teller', 'PATCH', 'accounts/1', { note: 'mine' });
    assert.equal(mine.status, 200, mine.text);
    assert.equal(mine.body.note, 'mine');
    assert.equal((await send('teller', 'PATCH', 'accounts/2', { note: 'mine' })).status, 404);
    assert.equal((await send('teller', 'DELETE', 'accounts/2', undefined)).status, 404);
    const away = await send('teller', 'PATCH', 'accounts/1', { state: 'SECRET' });
    assert.equal(away.status, 403);
    assert.equal(away.body.code, 'row-rule');
    const custId = own[0]?.custId;
    const put = await send('teller', 'PUT', 'accounts/9001', { custId, state: 'OPEN', note: null });
    assert.equal(put.status, 201, put.text);
    assert.equal(
      (await send('teller', 'PUT', 'accounts/9001', { custId, state: 'OPEN', note: 'x' })).status,
      200,
    );
    assert.equal(
      (await send('teller', 'PUT', 'accounts/2', { custId, state: 'OPEN', note: 'x' })).status,
      409,
    );
    assert.equal((await send('teller', 'DELETE', 'accounts/9001', undefined)).status, 204);
    const { body } = await get('boss', 'accounts/2');
    assert.deepEqual([body.state, body.note], ['SECRET', 'hidden 0']);
  });

  it('who does not see the key is not told the key of a row that he makes', async () => {
    const response = await fetch(`${served.url}/api/accounts`, {
      method: 'POST',
      headers: { 'x-api-key': keyOf('maker'), 'content-type': 'application/json' },
      body: JSON.stringify({ custId: 1, state: 'OPEN', note: 'made' }),
    });
    const text = await response.text();
    assert.equal(response.status, 201, text);
    assert.equal(response.headers.get('location'), null);
    const { body } = await get('boss', "accounts?filter=note eq 'made'");
    assert.equal(body.value.length, 1);
    assert.ok(!text.includes(String(body.value[0].no)));
    assert.notEqual((await send('maker', 'DELETE', `accounts/${body.value[0].no}`, undefined)).status, 204);
  });

  it('nobody writes to what the role only reads', async () => {
    const { status } = await send('teller', 'PATCH', `customers/${own[0]?.custId}`, { phone: null });
    assert.ok(status === 405 || status === 404 || status === 501, String(status));
  });
});
