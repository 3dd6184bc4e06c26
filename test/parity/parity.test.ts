// The same request through REST and through GraphQL: the same rows in the same order, or the same kind of fault.

import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { folderWith } from '../config/written.ts';
import { LEDGER_LOGIN, startLedger } from '../fakes/ledger.ts';
import { MAINFRAME_LOGIN, startMainframe } from '../fakes/mainframe.ts';
import type { SftpServer } from '../fakes/sftp/server.ts';
import type { StandIn } from '../fakes/tds/server.ts';
import { type Both, type Pair, serveBoth } from './both.ts';

const ROWS: readonly Pair[] = [
  [
    'a page',
    'branches?first=3',
    'branches(first: 3) { items { code name city opened staff vault counter } }',
  ],
  ['the default page', 'transactions?select=txnId', 'transactions { items { txnId } }'],
  [
    'a selection in a group',
    'customers?first=5&select=custId,custName.lastName',
    'customers(first: 5) { items { custId custName { lastName } } }',
  ],
  [
    'a filter on packed decimals, ordered by them',
    "customers?filter=balance gte 12774.19 and not (status eq 'C')&orderby=balance desc&select=custId,balance",
    'customers(filter: { balance: { gte: "12774.19" }, not: { status: { eq: "C" } } }, orderBy: [{ balance: DESC }]) { items { custId balance } }',
  ],
  [
    'alternatives',
    "customers?filter=address.city eq 'Bern' or custName.lastName startsWith 'M'&select=custId",
    'customers(filter: { or: [{ address: { city: { eq: "Bern" } } }, { custName: { lastName: { startsWith: "M" } } }] }) { items { custId } }',
  ],
  [
    'a list of values',
    'customers?branchCode=BE01&branchCode=GE01&select=custId,branchCode',
    'customers(filter: { branchCode: { in: ["BE01", "GE01"] } }) { items { custId branchCode } }',
  ],
  [
    'a condition name',
    'customers?statusDormant=true&select=custId,status',
    'customers(filter: { statusDormant: { eq: true } }) { items { custId status } }',
  ],
  [
    'null',
    'transactions?filter=text eq null&select=txnId,text',
    'transactions(filter: { text: { isNull: true } }) { items { txnId text } }',
  ],
  [
    'contains, case and all',
    "transactions?filter=contains(text,'CARD')&first=4&select=txnId,text",
    'transactions(filter: { text: { contains: "CARD" } }, first: 4) { items { txnId text } }',
  ],
  [
    'times',
    'transactions?filter=bookedAt gt 2025-12-01T00:00:00&select=txnId,bookedAt',
    'transactions(filter: { bookedAt: { gt: "2025-12-01T00:00:00" } }) { items { txnId bookedAt } }',
  ],
  [
    'mixed order',
    'transactions?orderby=currency,amount desc&first=7&select=currency,amount',
    'transactions(orderBy: [{ currency: ASC }, { amount: DESC }], first: 7) { items { currency amount } }',
  ],
  [
    'relations both ways',
    'branches?first=3&select=code,customers.custId,customers.transactions.txnId&include=customers.transactions',
    'branches(first: 3) { items { code customers { items { custId transactions { items { txnId } } } } } }',
  ],
  [
    'a relation to one',
    'transactions?first=9&select=txnId,customer.custId,bookedAtBranch.city&include=customer,bookedAtBranch',
    'transactions(first: 9) { items { txnId customer { custId } bookedAtBranch { city } } }',
  ],
  ['an item', 'customers/100000007?select=custId,phone', 'customer(custId: 100000007) { custId phone }'],
  [
    'another reading of the same bytes',
    'customers?first=2&select=riskArea,riskScores',
    'customers(first: 2) { items { riskArea riskScores { paymentScore fraudScore } } }',
  ],
  [
    'parents with their children, a union, a sliding table',
    'paymentOrders?first=20&select=orderNo,executeOn,account,messageLine,splits',
    `paymentOrders(first: 20) { items { orderNo executeOn account {
      __typename
      ... on PaymentOrderAccountBankAccount { iban bic }
      ... on PaymentOrderAccountGiroAccount { giroNo referenceNo }
    } messageLine splits { recordType costCentre splitAmount } } }`,
  ],
  [
    'members of children',
    'paymentOrders?first=20&select=splits.costCentre',
    'paymentOrders(first: 20) { items { splits { costCentre } } }',
  ],
  [
    'a family by a relation',
    'customers?first=9&select=custId,paymentOrders.orderNo,paymentOrders.splits&include=paymentOrders',
    'customers(first: 9) { items { custId paymentOrders { items { orderNo splits { recordType costCentre splitAmount } } } } }',
  ],
  [
    'nothing',
    'customers?filter=custId lt 0&select=custId',
    'customers(filter: { custId: { lt: 0 } }) { items { custId } }',
  ],
];

const FAULTS: readonly Pair[] = [
  ['first of zero', 'customers?first=0', 'customers(first: 0) { items { custId } }'],
  ['first over the limit', 'customers?first=1001', 'customers(first: 1001) { items { custId } }'],
  ['a cursor of nowhere', 'customers?after=AAAA', 'customers(after: "AAAA") { items { custId } }'],
  [
    'a literal of another type',
    "customers?filter=balance gt 'much'",
    'customers(filter: { balance: { gt: "much" } }) { items { custId } }',
  ],
  [
    'an unknown field',
    'customers?filter=balnce gt 1',
    'customers(filter: { balnce: { gt: "1" } }) { items { custId } }',
  ],
  [
    'a request that multiplies',
    'branches?first=1000&include=customers.transactions.bookedAtBranch.transactions',
    'branches(first: 1000) { items { customers(first: 1000) { items { transactions(first: 1000) { items { txnId } } } } } }',
  ],
];

const root = join(import.meta.dirname, '..', '..');

/** Who asks: somebody who may do everything, and a role whose rules hide and mask what is not asked for here, and let every row through. */
const VIEWS: Readonly<Record<string, string>> = {
  'of everything': 'access: { development: true }',
  'of a role': `access: { anonymous: [reader] }
roles:
  reader:
    collections:
      "*": read
      customers: { rows: "custId gt 0" }
      paymentOrders: { fields: { except: [currencyCode] }, mask: { amount: hash } }
      transactions: { rows: "not (amount eq 0.00 and text eq 'no such text')" }`,
};

/** The demo's configuration with hosts of our own: those of the demo may be in use. */
function configured(access: string, ledger: StandIn, mainframe: SftpServer): string {
  const demo = readFileSync(join(root, 'overpunch.yaml'), 'utf8');
  const own = demo
    .replace('port: 4011', `port: ${ledger.port}`)
    .replace('port: 4012', `port: ${mainframe.port}`)
    .replace('access: { development: true }', access);
  assert.ok(own.includes(access));
  const folder = folderWith({ 'overpunch.yaml': own });
  for (const part of ['fixtures', 'schemas'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  return join(folder, 'overpunch.yaml');
}

for (const [view, access] of Object.entries(VIEWS))
  describe(`parity in the view ${view}`, () => {
    let ledger: StandIn;
    let mainframe: SftpServer;
    let both: Both;
    before(async () => {
      [ledger, mainframe] = await Promise.all([startLedger(), startMainframe()]);
      both = await serveBoth(configured(access, ledger, mainframe), adapters, {
        LEDGER_PASSWORD: LEDGER_LOGIN.password,
        MAINFRAME_PASSWORD: MAINFRAME_LOGIN.password,
      });
    });
    after(async () => {
      await both?.[Symbol.asyncDispose]();
      await ledger[Symbol.asyncDispose]();
      await mainframe[Symbol.asyncDispose]();
    });
    const rest = (path: string) => both.rest(path);
    const graphql = (field: string) => both.graphql(field);

    for (const [what, path, field] of ROWS) {
      it(`${what}: the same rows`, async () => {
        const one = await rest(path);
        const two = await graphql(field);
        assert.equal(one.status, 200, JSON.stringify(one.body));
        assert.equal(two.body.errors, undefined, JSON.stringify(two.body.errors));
        assert.deepEqual(both.plain(two.body.data.answer), both.plain(one.body.value ?? one.body));
      });
    }

    for (const [what, path, field] of FAULTS) {
      it(`${what}: the same kind of fault`, async () => {
        const one = await rest(path);
        const two = await graphql(field);
        const [error] = two.body.errors ?? [];
        assert.ok(error, JSON.stringify(two.body));
        assert.equal(error.extensions.kind, one.body.type.replace('urn:overpunch:problem:', ''));
        assert.match(error.extensions.requestId, /./);
      });
    }

    it('pages follow each other alike, each surface with its own links', async () => {
      const one: unknown[] = [];
      for (
        let next: string | undefined = 'customers?first=17&orderby=balance&select=custId';
        next !== undefined;
      ) {
        const { body }: Awaited<ReturnType<typeof rest>> = await rest(next);
        one.push(...body.value);
        next = body.nextLink?.replace('/api/', '');
      }
      const two: unknown[] = [];
      for (let after = ''; ; ) {
        const { body } = await graphql(
          `customers(first: 17, orderBy: [{ balance: ASC }]${after}) { items { custId } pageInfo { hasNextPage endCursor } }`,
        );
        two.push(...body.data.answer.items);
        if (!body.data.answer.pageInfo.hasNextPage) break;
        after = `, after: "${body.data.answer.pageInfo.endCursor}"`;
      }
      assert.equal(one.length, 60);
      assert.deepEqual(two, one);
    });

    it('both count the same', async () => {
      const one = await rest('transactions?filter=amount lt 0&first=1&count=true');
      const two = await graphql('transactions(filter: { amount: { lt: "0" } }) { totalCount }');
      assert.equal(two.body.data.answer.totalCount, one.body.totalCount);
    });
  });
