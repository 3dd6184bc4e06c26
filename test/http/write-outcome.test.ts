import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { guard } from '../../src/guard/guard.ts';
import type { Observation } from '../../src/observe.ts';
import type { Source } from '../../src/spi.ts';
import { type Writable, writable } from '../rest/writable.ts';
import { serve } from './serving.ts';
import { brief, problem, send } from './writing.ts';

const NEW = { bank: 'n', number: '5', owner: 'Eve', balance: '7.10' };

/** A source that cannot be read any more once it has been written; `broken` says what a read meets. */
function unreadable(broken: () => Fault): Writable {
  return writable({
    around: (source: Source): Source => {
      const { write } = source;
      let written = false;
      return {
        ...source,
        write: async (changes, how) => {
          const outcomes = (await write?.(changes, how)) ?? [];
          written = true;
          return outcomes;
        },
        access: (query) => {
          const access = source.access(query);
          return {
            ...access,
            async *read(ask) {
              if (written) throw broken();
              yield* access.read(ask);
            },
          };
        },
      };
    },
  });
}

describe('a change that was made and cannot be read back', () => {
  it('is told as made, with the address of its row, and not as worth a retry', async (t) => {
    const { url } = await serve(
      t,
      unreadable(() => new Fault('unavailable', 'The host is down', { code: 'gone' })),
    );
    const made = await send('POST', `${url}/api/accounts`, NEW);
    assert.deepEqual(problem(made), {
      status: 502,
      code: 'written-not-read',
      collection: 'accounts',
      hint: '/api/accounts/n,5',
      detail: 'The change was made, but could not be read back: The host is down',
    });
    assert.deepEqual(
      [made.headers.get('location'), made.headers.get('retry-after')],
      ['/api/accounts/n,5', null],
    );
    assert.equal(made.headers.get('cache-control'), 'no-store');
  });

  it('is told alike by every method', async (t) => {
    const { url } = await serve(
      t,
      unreadable(() => new Fault('corrupt', 'No digit', { code: 'bad-digit', field: 'balance', record: 3 })),
    );
    await send('POST', `${url}/api/events`, { what: 'x' });
    const patched = await send('PATCH', `${url}/api/accounts/a%2Cb,1`, { rate: 1 });
    assert.deepEqual(problem(patched), {
      status: 502,
      code: 'written-not-read',
      collection: 'accounts',
      field: 'balance',
      record: 3,
      hint: '/api/accounts/a%2Cb,1',
      detail: 'The change was made, but could not be read back: No digit',
    });
    const put = await send(
      'PUT',
      `${url}/api/postings/Q`,
      { account: 1, amount: 1 },
      { 'if-none-match': '*' },
    );
    assert.deepEqual([brief(put), put.headers.get('location')], ['502 written-not-read', '/api/postings/Q']);
  });

  it('names the address of each row of a list', async (t) => {
    const { url } = await serve(
      t,
      unreadable(() => new Fault('timeout', 'No answer in time')),
    );
    const made = await send('POST', `${url}/api/accounts`, [NEW, { ...NEW, number: 6 }]);
    assert.equal(brief(made), '502 written-not-read');
    const { errors } = Object.fromEntries(Object.entries(made.body ?? {}));
    assert.deepEqual(errors, [
      { message: 'This row was written', record: 1, hint: '/api/accounts/n,5' },
      { message: 'This row was written', record: 2, hint: '/api/accounts/n,6' },
    ]);
  });

  it('does not come up where nothing is read back', async (t) => {
    const { url } = await serve(
      t,
      unreadable(() => new Fault('unavailable', 'The host is down')),
    );
    const made = await send('POST', `${url}/api/accounts`, NEW, { prefer: 'return=minimal' });
    assert.deepEqual([made.status, made.headers.get('location')], [201, '/api/accounts/n,5']);
    assert.equal((await send('DELETE', `${url}/api/accounts/n,5`)).status, 204);
    const several = await send('POST', `${url}/api`, { changes: [{ insert: 'accounts', values: NEW }] });
    assert.equal(several.status, 200);
  });

  it('masks what is wrong inside the gateway', async (t) => {
    const { url } = await serve(
      t,
      unreadable(() => new Fault('internal', 'password=hunter2')),
    );
    assert.doesNotMatch((await send('POST', `${url}/api/accounts`, NEW)).text, /hunter2/);
  });
});

describe('what cannot be answered', () => {
  it('is refused before anything is written', async (t) => {
    const parts = writable({ policy: (policy) => ({ ...policy, query: { ...policy.query, maxDepth: 1 } }) });
    const { url } = await serve(t, parts);
    assert.equal(
      brief(await send('POST', `${url}/api/accounts?include=postings`, NEW)),
      '422 depth-limit include',
    );
    const patch = await send('PATCH', `${url}/api/accounts/a%2Cb,1?include=postings`, { rate: 1 });
    assert.equal(brief(patch), '422 depth-limit include');
    assert.deepEqual(parts.written, []);
  });
});

describe('a change without an answer', () => {
  it('is not told as a timeout that may be tried again', async (t) => {
    const around = (source: Source): Source =>
      guard({ ...source, write: () => new Promise(() => {}) }, { source: 'memory', timeoutMs: 20 });
    const { url } = await serve(t, writable({ around }));
    const made = await send('POST', `${url}/api/accounts`, NEW);
    assert.deepEqual([brief(made), made.headers.get('retry-after')], ['502 outcome-unknown', null]);
  });
});

describe('a client that leaves', () => {
  it('takes its change back in no part: the source decides, and nothing crashes', async (t) => {
    const asked = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const around = (source: Source): Source => {
      const { write } = source;
      return {
        ...source,
        write: async (changes, how) => {
          how.signal.addEventListener('abort', () => told.resolve());
          asked.resolve();
          await answer.promise;
          return (await write?.(changes, how)) ?? [];
        },
      };
    };
    const seen: Observation[] = [];
    const closed = Promise.withResolvers<void>();
    const { url, port } = await serve(t, {
      ...writable({ around }),
      observe: (observation) => {
        seen.push(observation);
        if (observation.kind === 'request' && observation.method === 'POST') closed.resolve();
      },
    });
    const leaving = request({
      port,
      path: '/api/accounts',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    leaving.once('error', () => {});
    leaving.end(JSON.stringify([NEW, { ...NEW, number: 6 }]));
    await asked.promise;
    leaving.destroy();
    await told.promise;
    await closed.promise;
    answer.resolve();
    const list = await send('GET', `${url}/api/accounts?bank=n&select=number`);
    assert.equal(list.text, '{"value":[{"number":"5"},{"number":"6"}]}');
    assert.deepEqual(
      seen.filter(({ kind }) => kind === 'fault'),
      [],
    );
    assert.equal((await send('POST', `${url}/api/accounts`, { ...NEW, number: 7 })).status, 201);
  });
});
