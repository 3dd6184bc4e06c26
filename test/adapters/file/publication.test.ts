// When a new version of a file is shown: what keeps it back, what is shown meanwhile, and what the check says. On local disk.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { Fault, type Source } from '#spi';
import { diskStore } from '../../../adapters/file/store/disk.ts';
import { published } from '../../../adapters/file/versions/publication.ts';
import { collect, type Folder, faultOf, folder, handlesOn, hostAt, never, openFiles } from './opening.ts';

const COPYBOOK = `
       01  RUN-HEADER.
           05  REC-TYPE        PIC X.
           05  RUN-NO          PIC 9(5).
           05  FILLER          PIC X(14).
       01  PAYMENT.
           05  REC-TYPE        PIC X.
           05  PAY-ID          PIC 9(5).
           05  AMOUNT          PIC S9(7)V99 SIGN TRAILING SEPARATE.
           05  FILLER          PIC X(4).
       01  FEE.
           05  REC-TYPE        PIC X.
           05  PAY-ID          PIC 9(5).
           05  AMOUNT          PIC S9(7)V99 SIGN TRAILING SEPARATE.
           05  FILLER          PIC X(4).
       01  RUN-TRAILER.
           05  REC-TYPE        PIC X.
           05  PAY-COUNT       PIC 9(5).
           05  PAY-TOTAL       PIC S9(8)V99 SIGN TRAILING SEPARATE.
           05  PAY-HASH        PIC 9(2).
           05  FILLER          PIC X(1).
`;

const TYPES = {
  'RUN-HEADER': { when: "recType eq 'H'", leaveOut: true },
  PAYMENT: "recType eq 'P'",
  FEE: { when: "recType eq 'F'", leaveOut: true },
  'RUN-TRAILER': { when: "recType eq 'T'", leaveOut: true },
};

const TRAILER = {
  record: 'RUN-TRAILER',
  count: { field: 'PAY-COUNT', of: ['PAYMENT', 'FEE'] },
  totals: {
    'PAY-TOTAL': { sum: 'AMOUNT', of: 'PAYMENT' },
    'PAY-HASH': { sum: 'PAY-ID', of: 'PAYMENT', hash: true },
  },
};

const signed = (cents: number, digits: number) =>
  `${String(Math.abs(cents)).padStart(digits, '0')}${cents < 0 ? '-' : '+'}`;
const header = (run: number) => `H${String(run).padStart(5, '0')}${' '.repeat(14)}`;
const pay = (id: number, cents: number, type = 'P') =>
  `${type}${String(id).padStart(5, '0')}${signed(cents, 9)}    `;
const trailer = (count: number, cents: number, hash = 0) =>
  `T${String(count).padStart(5, '0')}${signed(cents, 10)}${String(hash).padStart(2, '0')} `;

/** Payments of these cents, numbered from 1, in a file that agrees with itself. */
function run(...cents: readonly number[]): string {
  const sum = cents.reduce((all, one) => all + one, 0);
  const hash = cents.reduce((all, _, i) => all + i + 1, 0) % 100;
  return [header(1), ...cents.map((one, i) => pay(i + 1, one)), trailer(cents.length, sum, hash)].join('');
}

interface World extends AsyncDisposable {
  readonly at: Folder;
  readonly source: Source;
  /** Under a temporary name first, then renamed into place; changed an hour ago unless told otherwise, in seconds. */
  put(content: string, age?: number): void;
  amounts(): Promise<readonly unknown[]>;
  /** What is shown from some moment on: looked for again and again. */
  becomes(wanted: readonly string[]): Promise<void>;
  check(): Promise<Fault>;
}

function optionsOf(collection: Readonly<Record<string, unknown>>, store: object): object {
  const payments = {
    path: 'PAY',
    copybook: 'pay.cpy',
    charset: 'ascii',
    records: { format: 'F', length: 20 },
    types: TYPES,
    ...collection,
  };
  return { store: { disk: { ...store } }, collections: { payments } };
}

async function world(
  collection: Readonly<Record<string, unknown>>,
  store: Readonly<Record<string, unknown>> = {},
  content = run(1_00),
): Promise<World> {
  const at = folder({ 'pay.cpy': COPYBOOK });
  const put = (text: string, age = 3_600): void => {
    at.write('NEW', text);
    const changed = Date.now() / 1000 - age;
    utimesSync(join(at.path, 'NEW'), changed, changed);
    renameSync(join(at.path, 'NEW'), join(at.path, 'PAY'));
  };
  if (content !== '') put(content);
  const source = await openFiles(hostAt(at.path), optionsOf(collection, store));
  const amounts = async (): Promise<readonly unknown[]> => {
    const rows: unknown[] = [];
    const access = source.access({ collection: 'payments', where: [], order: [] });
    for await (const batch of access.read({ fields: ['record'], signal: never })) {
      for (let i = 0; i < batch.length; i++) {
        const row: unknown = JSON.parse(JSON.stringify(batch.row(i)['record']));
        rows.push(row !== null && typeof row === 'object' && 'amount' in row ? row.amount : row);
      }
    }
    return rows;
  };
  return {
    at,
    source,
    put,
    amounts,
    async becomes(wanted) {
      for (let tries = 0; ; tries++) {
        const seen = await amounts();
        if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
        assert.ok(tries < 400, `${JSON.stringify(seen)} is shown, not ${JSON.stringify(wanted)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    check: () => faultOf(() => source.check(never)),
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      assert.equal(handlesOn(at.path), 0);
      at[Symbol.dispose]();
    },
  };
}

/** The check looks by itself; what it says settles when the look that goes on has ended. */
async function checkSays(the: World, code: string): Promise<Fault> {
  for (let tries = 0; ; tries++) {
    try {
      await the.source.check(never);
    } catch (error) {
      const fault = await faultOf(() => Promise.reject(error));
      if (fault.code === code) return fault;
    }
    assert.ok(tries < 400, `the check never says ${code}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a version of a file', () => {
  it('stays shown while there is none, a folder in its place, or a link out of the root, and the check says so', async () => {
    await using the = await world({});
    assert.deepEqual(await the.amounts(), ['1.00']);
    rmSync(join(the.at.path, 'PAY'));
    await checkSays(the, 'file-missing');
    assert.deepEqual(await the.amounts(), ['1.00']);
    mkdirSync(join(the.at.path, 'PAY'));
    await checkSays(the, 'not-a-file');
    assert.deepEqual(await the.amounts(), ['1.00']);
    rmSync(join(the.at.path, 'PAY'), { recursive: true });
    the.put(run(2_00));
    await the.becomes(['2.00']);
    await the.source.check(never);
  });

  it('that changed too recently is not shown, and the one before it is', async () => {
    await using the = await world({}, { settleMs: 600_000 });
    assert.deepEqual(await the.amounts(), ['1.00']);
    the.put(run(2_00), 0);
    const fault = await checkSays(the, 'file-unsettled');
    assert.deepEqual([fault.kind, fault.place.source], ['unavailable', 'files']);
    assert.deepEqual(await the.amounts(), ['1.00']);
    the.put(run(2_00));
    await the.becomes(['2.00']);
    await the.source.check(never);
  });

  it('is shown once it has looked the same for long enough, whatever the clock of its place says', async () => {
    await using the = await world({}, { settleMs: 200 }, '');
    the.put(run(3_00), -3_600);
    assert.equal((await faultOf(() => the.amounts())).code, 'file-unsettled');
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.deepEqual(await the.amounts(), ['3.00']);
  });

  it('counts only when its trigger exists and is not older than it', async () => {
    await using the = await world({ publish: { trigger: '{path}.done' } });
    assert.equal((await faultOf(() => the.amounts())).code, 'trigger-missing');
    the.at.write('PAY.done', '');
    assert.deepEqual(await the.amounts(), ['1.00']);
    const yesterday = Date.now() / 1000 - 86_400;
    utimesSync(join(the.at.path, 'PAY.done'), yesterday, yesterday);
    the.put(run(2_00));
    const fault = await checkSays(the, 'trigger-older');
    assert.match(fault.message, /"PAY" is not shown yet: its trigger "PAY\.done" is older/);
    assert.deepEqual(await the.amounts(), ['1.00']);
    the.at.write('PAY.done', '');
    await the.becomes(['2.00']);
    rmSync(join(the.at.path, 'PAY.done'));
    await the.source.check(never);
    assert.deepEqual(await the.amounts(), ['2.00'], 'what is published needs its trigger no more');
  });

  it('is shown when its trailer agrees with it: counts, exact sums and hash totals', async () => {
    const content = [
      header(1),
      pay(60_060, 10),
      pay(60_050, 20),
      pay(3, -5_000_000_00, 'F'),
      trailer(3, 30, 10),
    ].join('');
    await using the = await world({ publish: { trailer: TRAILER, verify: 'all' } }, {}, content);
    assert.deepEqual(await the.amounts(), ['0.10', '0.20']);
    await the.source.check(never);
  });

  const refused: Readonly<Record<string, readonly [content: string, code: string, message: RegExp]>> = {
    'has too few records': [
      header(1) + pay(1, 2_00) + trailer(2, 2_00, 1),
      'count-mismatch',
      /"PAY" does not agree with its trailer RUN-TRAILER: PAY-COUNT says 2, and there are 1 records of PAYMENT and FEE/,
    ],
    'has another sum': [
      header(1) + pay(1, 2_00) + pay(2, -1) + trailer(2, 2_00, 3),
      'total-mismatch',
      /PAY-TOTAL says 2\.00, and the sum of AMOUNT of PAYMENT is 1\.99/,
    ],
    'has another hash total': [
      header(1) + pay(61, 1) + pay(60, 1) + trailer(2, 2, 22),
      'total-mismatch',
      /PAY-HASH says 22, and the sum of PAY-ID of PAYMENT is 21/,
    ],
    'has no trailer': [
      header(1) + pay(1, 2_00),
      'trailer-missing',
      /"PAY" does not end with its trailer RUN-TRAILER/,
    ],
    'goes on behind its trailer': [run(2_00) + pay(2, 1), 'trailer-missing', /does not end with its trailer/],
    'has two trailers': [run(2_00) + trailer(1, 2_00, 1), 'trailer-repeated', /a second trailer/],
    'is empty': ['', 'trailer-missing', /does not end with its trailer/],
    'ends within a record': [run(2_00).slice(0, -3), 'cut-off', /./],
    'holds a number that is none': [
      header(1) + pay(1, 2_00).replace('+', '?') + trailer(1, 2_00, 1),
      '',
      /./,
    ],
    'holds a record of no type': [header(1) + pay(1, 2_00, 'X') + trailer(0, 0, 0), 'no-type', /./],
  };
  for (const [what, [content, code, message]] of Object.entries(refused)) {
    it(`that ${what} is refused, once, and the one before it goes on being shown`, async () => {
      await using the = await world({ publish: { trailer: TRAILER } });
      assert.deepEqual(await the.amounts(), ['1.00']);
      the.put(content);
      let fault: Fault | undefined;
      for (let tries = 0; fault === undefined; tries++) {
        assert.ok(tries < 400, 'the check never says it');
        fault = await the.source.check(never).then(
          () => undefined,
          (error: unknown) => faultOf(() => Promise.reject(error)),
        );
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.equal(fault.kind, 'corrupt');
      if (code !== '' && code !== 'cut-off') assert.equal(fault.code, code);
      assert.match(fault.message, message);
      assert.equal(fault.place.collection, 'payments');
      assert.deepEqual(await the.amounts(), ['1.00']);
      the.put(run(5_00));
      await the.becomes(['5.00']);
      await the.source.check(never);
    });
  }

  it('that is refused with none before it answers with the fault', async () => {
    await using the = await world(
      { publish: { trailer: TRAILER } },
      {},
      header(1) + pay(1, 1) + trailer(9, 1, 1),
    );
    const fault = await faultOf(() => the.amounts());
    assert.deepEqual([fault.kind, fault.code], ['corrupt', 'count-mismatch']);
    assert.deepEqual([fault.place.record, fault.place.byteOffset], [3, 40]);
    assert.equal((await the.check()).code, 'count-mismatch');
  });

  it('that is refused gives way to the one before it after a restart, too, where copies are kept', async () => {
    const publish = { trailer: TRAILER };
    await using the = await world({ publish }, { copies: true });
    assert.deepEqual(await the.amounts(), ['1.00']);
    for (const cents of [2_00, 3_00]) {
      the.put(header(1) + pay(1, cents) + trailer(9, cents, 1));
      await checkSays(the, 'count-mismatch');
    }
    await the.source[Symbol.asyncDispose]();
    await using again = await openFiles(hostAt(the.at.path), optionsOf({ publish }, { copies: true }));
    const shown = await collect(again, { collection: 'payments' });
    assert.match(JSON.stringify(shown), /"1\.00"/);
    assert.equal(again.stale?.()?.code, 'count-mismatch');
  });

  it('tells all figures that do not agree', async () => {
    await using the = await world(
      { publish: { trailer: TRAILER } },
      {},
      header(1) + pay(1, 1) + trailer(9, 9, 9),
    );
    const { errors } = await faultOf(() => the.amounts());
    assert.equal(errors.length, 3);
  });

  it('may be held to its header, too, which is its first record', async () => {
    const publish = { header: { record: 'RUN-HEADER', totals: { 'RUN-NO': { sum: 'PAY-ID' } } } };
    const content = (said: number) => header(said) + pay(3, 1) + pay(4, 1, 'F') + trailer(0, 0);
    await using the = await world({ publish }, {}, content(7));
    assert.deepEqual(await the.amounts(), ['0.01']);
    the.put(content(8));
    assert.match((await checkSays(the, 'total-mismatch')).message, /its header RUN-HEADER: RUN-NO says 8/);
    the.put(pay(3, 1) + content(7));
    await checkSays(the, 'header-missing');
  });

  it('is held back for every collection over the file', async () => {
    const at = folder({ 'pay.cpy': COPYBOOK, PAY: header(1) + pay(1, 1) });
    const common = {
      path: 'PAY',
      copybook: 'pay.cpy',
      charset: 'ascii',
      records: { format: 'F', length: 20 },
    };
    await using source = await openFiles(hostAt(at.path), {
      collections: {
        payments: { ...common, types: TYPES, publish: { trailer: TRAILER } },
        fees: { ...common, record: 'FEE', when: "recType eq 'F'" },
      },
    });
    assert.equal((await faultOf(() => collect(source, { collection: 'fees' }))).code, 'trailer-missing');
    at[Symbol.dispose]();
  });

  it('of one record type has its trailer by a rule', async () => {
    const given = {
      types: undefined,
      record: 'PAYMENT',
      when: "recType eq 'P'",
      publish: {
        trailer: {
          record: 'RUN-TRAILER',
          when: "recType eq 'T'",
          count: { field: 'PAY-COUNT', of: 'PAYMENT' },
        },
      },
    };
    const collection = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const at = folder({ 'pay.cpy': COPYBOOK, PAY: run(1_00, 2_00) });
    const options = (more: object) => ({
      collections: {
        payments: {
          path: 'PAY',
          copybook: 'pay.cpy',
          charset: 'ascii',
          records: { format: 'F', length: 20 },
          ...collection,
          ...more,
        },
      },
    });
    await using source = await openFiles(hostAt(at.path), options({}));
    assert.equal((await collect(source, { collection: 'payments' })).length, 2);
    at.write('PAY', run(1_00) + trailer(2, 1_00, 1));
    await using other = await openFiles(hostAt(at.path), options({}));
    assert.equal((await faultOf(() => collect(other, { collection: 'payments' }))).code, 'trailer-repeated');
    at[Symbol.dispose]();
  });

  const wrong: Readonly<Record<string, readonly [publish: object, code: string, message: RegExp]>> = {
    'a record that there is not': [{ trailer: { record: 'RUN-TAILER' } }, 'unknown-record', /RUN-TRAILER/],
    'a field that there is not': [
      { trailer: { record: 'RUN-TRAILER', count: 'PAY-COUNTS' } },
      'unknown-field',
      /PAY-COUNT/,
    ],
    'a type that there is not': [
      { trailer: { record: 'RUN-TRAILER', count: { field: 'PAY-COUNT', of: 'PAYMENTS' } } },
      'unknown-record',
      /PAYMENT/,
    ],
    'a sum of what is no number': [
      { trailer: { record: 'RUN-TRAILER', totals: { 'PAY-TOTAL': { sum: 'REC-TYPE' } } } },
      'bad-total',
      /REC-TYPE/,
    ],
    'a trigger outside of the root': [{ trigger: '../{path}' }, 'path-outside-root', /PAY/],
  };
  for (const [what, [publish, code, message]] of Object.entries(wrong)) {
    it(`is not held to ${what}: that is refused when the source is opened`, async () => {
      const fault = await faultOf(() => world({ publish }));
      assert.deepEqual([fault.code, fault.misconfigured], [code, true]);
      assert.match(fault.message, message);
    });
  }

  it('is shown as the README says', async () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    const page = readFileSync(join(root, 'README.md'), 'utf8');
    const [, yaml = ''] =
      /### When a new version of a file is shown\n\n```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const { adapter: _, ...options } = parse(yaml).sources.mainframe;
    using at = folder();
    mkdirSync(join(at.path, 'in'));
    cpSync(join(root, 'schemas'), join(at.path, 'schemas'), { recursive: true });
    const content = readFileSync(join(root, 'fixtures', 'PAYORDS'));
    const put = (bytes: Uint8Array): void => {
      at.write('in/new', bytes);
      const changed = Date.now() / 1000 - 3_600;
      utimesSync(join(at.path, 'in', 'new'), changed, changed);
      renameSync(join(at.path, 'in', 'new'), join(at.path, 'in', 'PAYORDS'));
    };
    put(content);
    await using source = await openFiles(hostAt(at.path), options);
    assert.equal(
      (await faultOf(() => collect(source, { collection: 'paymentOrders' }))).code,
      'trigger-missing',
    );
    at.write('in/PAYORDS.done', '');
    // The trigger, too, has to have settled.
    const written = Date.now() / 1000 - 60;
    utimesSync(join(at.path, 'in', 'PAYORDS.done'), written, written);
    const orders = await collect(source, { collection: 'paymentOrders' });
    assert.ok(orders.length > 0);
    put(content.subarray(0, content.length - 100));
    for (let tries = 0; source.stale?.()?.kind !== 'corrupt'; tries++) {
      assert.ok(tries < 400, 'it is never refused');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal((await collect(source, { collection: 'paymentOrders' })).length, orders.length);
  });

  it('that was refused is not checked again, one that waits is, and only one check goes on at a time', async () => {
    using at = folder({ F: 'one' });
    await using file = published(diskStore(at.path).file('F'));
    let [checks, running] = [0, 0];
    let kind: 'unavailable' | 'corrupt' = 'unavailable';
    file.demand({
      thorough: true,
      async check() {
        checks++;
        assert.equal(++running, 1);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        throw new Fault(kind, 'not good');
      },
    });
    const looks = () => Promise.allSettled(Array.from({ length: 4 }, () => file.look()));
    await looks();
    assert.equal(checks, 2, 'those who come during a look share the next one');
    kind = 'corrupt';
    await looks();
    await looks();
    assert.equal(checks, 3);
    at.write('F', 'other');
    await looks();
    assert.equal(checks, 4);
  });
});
