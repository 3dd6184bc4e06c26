import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { adapters } from '../../../adapters/index.ts';
import { memorySource } from '../../../adapters/memory/memory.ts';
import { defineAdapter, Fault, type Source } from '../../../src/spi.ts';
import { folderWith } from '../../config/written.ts';
import { serveBoth } from '../../parity/both.ts';
import { brief, send } from '../writing.ts';

const KEY = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };

/** A ledger that counts what it is told, and does with it what the test says. */
interface Ledger {
  /** How often it was told to write or to book. */
  told: number;
  /** Awaited before a change is made; what it throws, the change fails with. */
  before(): Promise<void>;
  /** As `before`, when the change has been made. */
  after(): Promise<void>;
}

const nothing = async (): Promise<void> => {};

function ledger(): Ledger {
  return { told: 0, before: nothing, after: nothing };
}

async function serve(t: TestContext, told: Ledger, policy = '{}') {
  const adapter = defineAdapter({
    name: 'ledger',
    options: z.strictObject({ collections: z.record(z.string(), z.unknown()).default({}) }),
    open: async () => watched(told),
  });
  const folder = folderWith({
    'c.yaml': `policy: ${policy}\nsources: { books: { adapter: ledger, collections: { entries: {} } } }\n`,
  });
  const both = await serveBoth(join(folder, 'c.yaml'), { ...adapters, ledger: async () => adapter });
  t.after(() => both[Symbol.asyncDispose]());
  const { url } = both;
  return {
    url,
    add: (body: unknown = { number: 7, text: 'salary' }, headers: Record<string, string> = KEY) =>
      send('POST', `${url}/api/entries`, body, headers),
    book: (headers: Record<string, string> = KEY) => send('POST', `${url}/api/book`, { amount: 1 }, headers),
    count: async () => {
      const { body } = await send('GET', `${url}/api/entries?count=true`);
      assert.ok(typeof body === 'object' && body !== null && 'totalCount' in body);
      return body.totalCount;
    },
    mutate: (query: string, headers: Record<string, string> = KEY) =>
      send('POST', `${url}/graphql`, { query }, headers),
  };
}

async function wasTold(told: Ledger): Promise<void> {
  for (let i = 0; i < 400 && told.told === 0; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(told.told > 0, 'the source was told');
}

function watched(told: Ledger): Source {
  const source = memorySource([
    {
      name: 'entries',
      fields: [
        { name: 'number', type: { kind: 'int32' } },
        { name: 'text', type: { kind: 'string' } },
      ],
      key: ['number'],
      writes: ['insert', 'update', 'delete'],
      rows: [],
    },
  ]);
  const { write } = source;
  assert.ok(write !== undefined);
  const carryOut = async <T>(change: () => Promise<T>): Promise<T> => {
    told.told++;
    await told.before();
    const made = await change();
    await told.after();
    return made;
  };
  return {
    ...source,
    model: {
      collections: source.model.collections,
      operations: [
        {
          name: 'book',
          effect: 'write',
          idempotent: false,
          input: [{ name: 'amount', type: { kind: 'int32' } }],
          output: { kind: 'int32' },
        },
      ],
    },
    write: (changes, how) => carryOut(() => write.call(source, changes, how)),
    invoke: () => carryOut(async () => told.told),
  };
}

describe('a request with an Idempotency-Key', () => {
  it('is carried out once and answered alike as often as it is sent', async (t) => {
    const told = ledger();
    const { add, count } = await serve(t, told);
    const first = await add();
    assert.deepEqual([first.status, first.headers.get('idempotency-replayed')], [201, null]);
    for (let i = 0; i < 3; i++) {
      const again = await add();
      assert.equal(again.status, 201);
      assert.equal(again.text, first.text);
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      for (const name of ['etag', 'location', 'content-location', 'content-type', 'cache-control'])
        assert.equal(again.headers.get(name), first.headers.get(name), name);
      assert.notEqual(again.headers.get('x-request-id'), first.headers.get('x-request-id'));
    }
    assert.equal(told.told, 1);
    assert.equal(await count(), 1);
  });

  it('of another body, path, method or condition is refused, and nothing is done', async (t) => {
    const told = ledger();
    const { add, url } = await serve(t, told);
    await add();
    const others = [
      await add({ number: 8, text: 'salary' }),
      await send('POST', `${url}/api/entries?select=text`, { number: 7, text: 'salary' }, KEY),
      await send('PATCH', `${url}/api/entries/7`, { text: 'x' }, KEY),
      await send(
        'POST',
        `${url}/api/entries`,
        { number: 7, text: 'salary' },
        { ...KEY, prefer: 'return=minimal' },
      ),
    ];
    for (const other of others) assert.equal(brief(other), '422 idempotency-mismatch Idempotency-Key');
    assert.equal(told.told, 1);
  });

  it('is under way while its first sending is, and a client that asks too early is told when to come back', async (t) => {
    const told = ledger();
    const gate = Promise.withResolvers<void>();
    told.before = () => gate.promise;
    const { add } = await serve(t, told);
    const first = add();
    await wasTold(told);
    const early = await add();
    assert.equal(brief(early), '409 in-progress Idempotency-Key');
    assert.equal(early.headers.get('retry-after'), '1');
    gate.resolve();
    assert.equal((await first).status, 201);
    assert.equal((await add()).headers.get('idempotency-replayed'), 'true');
    assert.equal(told.told, 1);
  });

  it('that was refused by the source is refused alike, whatever has changed since', async (t) => {
    const told = ledger();
    const { add, url } = await serve(t, told);
    await add(undefined, {});
    const refused = await add();
    assert.equal(refused.status, 409);
    await send('DELETE', `${url}/api/entries/7`);
    const again = await add();
    assert.deepEqual([again.status, again.text], [409, refused.text]);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
  });

  it('of which the source was told nothing is free: mended, it may come with the same key', async (t) => {
    const told = ledger();
    const { add } = await serve(t, told);
    assert.equal((await add({ number: 'x', text: 'salary' })).status, 400);
    assert.equal((await add({ nombre: 7, text: 'salary' })).status, 400);
    assert.equal((await add()).status, 201);
    assert.equal(told.told, 1);
  });

  it('whose source promises that nothing was made is carried out when it is sent again', async (t) => {
    const told = ledger();
    const { add, count } = await serve(t, told);
    told.before = async () => {
      throw new Fault('unavailable', 'The database is restarted', { code: 'restarting' });
    };
    assert.equal((await add()).status, 503);
    told.before = nothing;
    let again = await add();
    // The source is taken back when it has been checked.
    for (let i = 0; i < 100 && again.status === 503; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      again = await add();
    }
    assert.equal(again.status, 201);
    assert.equal(again.headers.get('idempotency-replayed'), null);
    assert.equal(await count(), 1);
  });

  it('whose outcome the source does not know is never carried out again', async (t) => {
    const told = ledger();
    const { add, book } = await serve(t, told);
    told.after = async () => {
      throw new Fault('upstream', 'The connection was lost', { code: 'outcome-unknown' });
    };
    assert.equal(brief(await add()), '502 outcome-unknown');
    told.after = nothing;
    for (let i = 0; i < 3; i++) assert.equal(brief(await add()), '502 outcome-unknown Idempotency-Key');
    assert.equal(told.told, 1);

    const other = { 'idempotency-key': 'booking-1' };
    told.after = async () => {
      throw new Fault('unavailable', 'The connection was reset', { code: 'connection-lost' });
    };
    assert.equal((await book(other)).status, 503);
    told.after = nothing;
    assert.equal(brief(await book(other)), '502 outcome-unknown Idempotency-Key');
    assert.equal(told.told, 2, 'an operation that failed may have been carried out');
  });

  it('goes on when its client leaves, and the client gets the answer when it asks again', async (t) => {
    for (const surface of ['rest', 'graphql'] as const) {
      const told = ledger();
      const gate = Promise.withResolvers<void>();
      told.before = () => gate.promise;
      const { url, count } = await serve(t, told);
      const [path, body] =
        surface === 'rest'
          ? ['/api/entries', JSON.stringify({ number: 7, text: 'salary' })]
          : [
              '/graphql',
              JSON.stringify({
                query: 'mutation { createEntry(values: { number: 7, text: "salary" }) { text } }',
              }),
            ];
      const leaving = request(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...KEY },
      });
      leaving.on('error', () => {});
      leaving.end(body);
      await wasTold(told);
      leaving.destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
      gate.resolve();
      let again = await send('POST', `${url}${path}`, body, KEY);
      for (let i = 0; i < 100 && again.status === 409; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        again = await send('POST', `${url}${path}`, body, KEY);
      }
      assert.equal(again.headers.get('idempotency-replayed'), 'true', surface);
      assert.match(again.text, /salary/);
      assert.equal(told.told, 1);
      assert.equal(await count(), 1);
    }
  });

  it('that was answered too late for its deadline is known of when it has been made', async (t) => {
    const told = ledger();
    const gate = Promise.withResolvers<void>();
    told.before = () => gate.promise;
    const { add, count } = await serve(t, told, '{ http: { requestMs: 100 } }');
    assert.equal((await add()).status, 504);
    assert.equal(brief(await add()), '502 outcome-unknown Idempotency-Key');
    gate.resolve();
    let again = await add();
    for (let i = 0; i < 100 && again.status === 502; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      again = await add();
    }
    assert.equal(brief(again), '409 answer-not-kept Idempotency-Key');
    assert.equal(await count(), 1);
  });

  it('may be a mutation, and an operation that changes something', async (t) => {
    const told = ledger();
    const { mutate, book, count } = await serve(t, told);
    const query = 'mutation { createEntry(values: { number: 7, text: "salary" }) { number text } }';
    const first = await mutate(query);
    assert.match(first.text, /"text":"salary"/);
    const again = await mutate(query);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.equal(
      brief(await mutate(query.replace('salary', 'rent'))),
      '422 idempotency-mismatch Idempotency-Key',
    );
    assert.equal(told.told, 1);

    const booking = { 'idempotency-key': 'booking-1' };
    assert.equal((await book(booking)).text, (await book(booking)).text);
    assert.equal(told.told, 2);
    assert.equal(await count(), 1);
  });

  it('that changes nothing is asked anew each time', async (t) => {
    const told = ledger();
    const { mutate, add } = await serve(t, told);
    const query = '{ entries { totalCount } }';
    assert.match((await mutate(query)).text, /"totalCount":0/);
    await add(undefined, {});
    const again = await mutate(query);
    assert.match(again.text, /"totalCount":1/);
    assert.equal(again.headers.get('idempotency-replayed'), null);
  });

  it('has a key in quotes or a bare one, which are the same; anything else is none', async (t) => {
    const { add } = await serve(t, ledger());
    assert.equal((await add(undefined, { 'idempotency-key': 'abc-1' })).status, 201);
    assert.equal(
      (await add(undefined, { 'idempotency-key': '"abc-1"' })).headers.get('idempotency-replayed'),
      'true',
    );
    for (const key of ['', '""', '"a', 'a, b', '"a", "b"', 'ä', `"${'x'.repeat(256)}"`]) {
      assert.equal(
        brief(await add(undefined, { 'idempotency-key': key })),
        '400 bad-header Idempotency-Key',
        key,
      );
    }
  });

  it('is one of many at the same time: each is carried out once', async (t) => {
    const told = ledger();
    const { add, count } = await serve(t, told);
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const number = i % 20;
        const { status } = await add({ number, text: 'x' }, { 'idempotency-key': `key-${number}` });
        return status;
      }),
    );
    assert.deepEqual(
      [...new Set(statuses)].filter((status) => status !== 201 && status !== 409),
      [],
    );
    assert.equal(told.told, 20);
    assert.equal(await count(), 20);
  });
});
