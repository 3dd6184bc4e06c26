// A SOAP service through the whole gateway: joined to a mainframe file and a SQL table, called as operations, down and back again.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { adapters } from '../../../adapters/index.ts';
import { type ScoringService, startScoring } from '../../fakes/scoring-service.ts';
import { type Both, serveBoth } from '../../parity/both.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'overpunch-soap-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CUSTOMERS = 100;
const RECORD = 200;

/** A hundred customers: the demo's records, those behind the sixtieth under new numbers (nine zoned digits in EBCDIC). */
function writeCustomers(): void {
  const demo = readFileSync(join(root, 'fixtures', 'CUSTMAST'));
  const records = Array.from({ length: CUSTOMERS }, (_, i) => {
    const record = Buffer.from(demo.subarray((i % 60) * RECORD, ((i % 60) + 1) * RECORD));
    for (const [at, digit] of String(100_000_001 + i)
      .split('')
      .entries())
      record[at] = 0xf0 + Number(digit);
    return record;
  });
  writeFileSync(join(folder, 'CUSTMAST'), Buffer.concat(records));
}

/** A booking of each second customer. */
function writeLedger(): void {
  using db = new DatabaseSync(join(folder, 'ledger.sqlite'));
  db.exec('create table TXN (TXN_ID integer primary key, CUST_ID integer not null, AMOUNT decimal(13,2))');
  const insert = db.prepare('insert into TXN (CUST_ID, AMOUNT) values (?, ?)');
  for (let i = 0; i < CUSTOMERS; i += 2) insert.run(100_000_001 + i, i / 4);
}

function configuration(name: string, endpoint: string, scores: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `sources:
  mainframe:
    adapter: file
    collections:
      customers: { path: CUSTMAST, copybook: custmast.cpy, charset: cp037, records: { format: FB, length: 200 }, key: [CUST-ID] }
  ledger:
    adapter: sqlite
    file: ledger.sqlite
    collections: { transactions: { table: TXN } }
  scoring:
    adapter: soap
    wsdl: scoring/scoring.wsdl
    endpoint: ${endpoint}
    operations: { GetScore: { effect: read }, GetScores: { effect: read } }
    faults: [{ detail: UnknownCustomer, as: not-found }]
    collections:
      scores:
        key: [customerId]
        ${scores}
relations:
  customers.score: { to: scores, on: { custId: customerId } }
  customers.transactions: { to: transactions, on: { custId: custId } }
policy: { source: { reopenMs: 50 } }
`,
  );
  return file;
}

const ONE_CALL = 'getMany: { operation: GetScores, arguments: { customerId: CustomerId }, max: 500 }';
const ONE_EACH = `get: { operation: GetScore, arguments: { customerId: CustomerId } }
        concurrency: 5`;
const QUERY = `customers(first: ${CUSTOMERS}) { items { custId score { customerId points grade limit } transactions(first: 1) { items { amount } } } }`;

describe('a SOAP service in the gateway', () => {
  let service: ScoringService;
  const opened: Both[] = [];
  const serve = async (name: string, scores: string, endpoint = service.url): Promise<Both> => {
    const both = await serveBoth(configuration(name, endpoint, scores), adapters);
    opened.push(both);
    return both;
  };
  before(async () => {
    writeCustomers();
    cpSync(join(root, 'schemas', 'custmast.cpy'), join(folder, 'custmast.cpy'));
    cpSync(join(root, 'schemas', 'scoring'), join(folder, 'scoring'), { recursive: true });
    writeLedger();
    service = await startScoring();
  });
  after(async () => {
    for (const both of opened) await both[Symbol.asyncDispose]();
    await service?.[Symbol.asyncDispose]();
  });

  const called = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = service.calls.length;
    await work();
    return service.calls.slice(before);
  };

  it('one query joins a hundred mainframe customers, their scores and their transactions with one call', async () => {
    const both = await serve('many', ONE_CALL);
    const calls = await called(async () => {
      const { body } = await both.graphql(QUERY);
      assert.equal(body.errors, undefined);
      const { items } = body.data.answer;
      assert.equal(items.length, CUSTOMERS);
      for (const { custId, score } of items) {
        // Multiples of seven have no score.
        assert.equal(score?.customerId ?? null, custId % 7 === 0 ? null : custId);
      }
      assert.equal(
        items.filter((item: { transactions: { items: unknown[] } }) => item.transactions.items.length > 0)
          .length,
        CUSTOMERS / 2,
      );
    });
    assert.deepEqual(calls, ['GetScores']);
  });

  it('without a call for many it takes one call a customer, so many at a time and no more', async () => {
    await using own = await startScoring();
    const both = await serve('each', ONE_EACH, own.url);
    const { body } = await both.graphql(QUERY);
    assert.equal(body.errors, undefined);
    assert.equal(body.data.answer.items.filter((item: { score: unknown }) => item.score === null).length, 14);
    assert.deepEqual(
      own.calls,
      Array.from({ length: CUSTOMERS }, () => 'GetScore'),
    );
    assert.ok(own.mostAtOnce() <= 5 && own.mostAtOnce() > 1, String(own.mostAtOnce()));
  });

  it('filters and orders what the service cannot, once the keys are given', async () => {
    const both = await serve('filtered', ONE_CALL);
    const path =
      'scores?filter=customerId in (100000001,100000002,100000003) and points gt 500&orderby=points desc&select=customerId,points';
    const { body } = await both.rest(path);
    assert.deepEqual(body.value, [
      { customerId: 100_000_003, points: 738 },
      { customerId: 100_000_001, points: 621 },
    ]);
    assert.equal((await both.rest('scores')).body.code, 'required-filter');
  });

  it('operations are typed on both surfaces, and a fault of the service keeps its code, reason and typed detail', async () => {
    const both = await serve('operations', ONE_CALL);
    const rest = await both.rest('getScore?customerId=100000003');
    const graphql = await both.graphql(
      'getScore(customerId: 100000003) { customerId points grade probabilityOfDefault assessedAt limit factor { value weight } model }',
    );
    assert.equal(rest.status, 200);
    assert.deepEqual(rest.body, graphql.body.data.answer);
    const fault = await both.rest('getScore?customerId=7');
    assert.equal(fault.status, 404);
    const expected = {
      code: 'Client.UnknownCustomer',
      reason: 'The customer is not known to the scoring',
      detail: { unknownCustomer: { customerId: 7 } },
    };
    assert.deepEqual(fault.body.sourceFault, expected);
    assert.deepEqual([fault.body.source, fault.body.operation], ['scoring', 'getScore']);
    const same = await both.graphql('getScore(customerId: 7) { points }');
    assert.deepEqual(same.body.errors[0].extensions.sourceFault, expected);
    assert.equal(same.body.errors[0].extensions.kind, 'not-found');
  });

  it('a write is a mutation and a POST, and no query and no GET', async () => {
    const both = await serve('write', ONE_CALL);
    const { status, headers } = await both.rest('requestReview?customerId=1');
    assert.deepEqual([status, headers.get('allow')], [405, 'POST, OPTIONS']);
    const { body } = await both.graphql('requestReview(customerId: 1) { reviewNo }');
    assert.match(body.errors[0].message, /Cannot query field "requestReview" on type "Query"/);
  });

  it('an argument that does not fit is refused before anything is sent', async () => {
    const both = await serve('refused', ONE_CALL);
    const calls = await called(async () => {
      const { body } = await both.rest('getScore?customerId=99999999999');
      assert.deepEqual([body.status, body.code, body.field], [400, 'bad-value', 'customerId']);
      const missing = await both.rest('getScore');
      assert.deepEqual([missing.body.code, missing.body.parameter], ['missing-argument', 'customerId']);
    });
    assert.deepEqual(calls, []);
  });

  it('starts while the service is down: only its fields fail; it comes back by itself', async () => {
    const own = await startScoring();
    const port = Number(new URL(own.url).port);
    await own[Symbol.asyncDispose]();
    const both = await serve('down', ONE_CALL, own.url);
    const { body } = await both.graphql('customers(first: 2) { items { custId score { points } } }');
    assert.deepEqual(
      body.data.answer.items.map((item: { score: unknown }) => item.score),
      [null, null],
    );
    assert.deepEqual(
      body.errors.map((error: { extensions: { kind: string; source: string } }) => [
        error.extensions.kind,
        error.extensions.source,
      ]),
      [
        ['unavailable', 'scoring'],
        ['unavailable', 'scoring'],
      ],
    );
    const state = async () =>
      (await both.get('/health')).body.sources.find(({ source }: { source: string }) => source === 'scoring');
    const down = await state();
    assert.deepEqual([down.state, down.fault.code], ['down', 'refused']);
    await using back = await startScoring({ port });
    for (let tries = 0; (await state()).state !== 'up' && tries < 100; tries++)
      await new Promise((done) => setTimeout(done, 20));
    assert.equal((await state()).state, 'up');
    const again = await both.graphql('customers(first: 1) { items { score { points } } }');
    assert.equal(again.body.data.answer.items[0].score.points, 621);
    assert.deepEqual(back.calls, ['GetScores']);
  });
});
