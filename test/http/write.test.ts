import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bank } from '../rest/bank.ts';
import { writable } from '../rest/writable.ts';
import { serve } from './serving.ts';
import { brief, problem, send } from './writing.ts';

const NEW = { bank: 'a/b,c', number: '5', owner: 'Eve', balance: '7.10' };
const NEW_PATH = '/api/accounts/a%2Fb%2Cc,5';
const ROW =
  '{"bank":"a/b,c","number":"5","owner":"Eve","balance":"7.10","status":null,"opened":null,"rate":null,"stamp":null}';

describe('POST of a row', () => {
  it('answers it as the GET of its Location does, with the same ETag', async (t) => {
    const { url } = await serve(t, writable());
    const made = await send('POST', `${url}/api/accounts`, NEW);
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), NEW_PATH);
    assert.equal(made.headers.get('content-location'), NEW_PATH);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    assert.equal(made.headers.get('content-type'), 'application/json');
    assert.equal(made.text, ROW);
    const got = await send('GET', url + NEW_PATH);
    assert.equal(got.text, made.text);
    assert.equal(got.headers.get('etag'), made.headers.get('etag'));
    assert.match(made.headers.get('etag') ?? '', /^"[\w-]{27}"$/);
  });

  it('answers of it what select and include ask for, and says where that is', async (t) => {
    const { url } = await serve(t, writable());
    const made = await send('POST', `${url}/api/accounts?$select=owner&include=postings`, {
      ...NEW,
      number: 1,
    });
    assert.equal(made.text, '{"owner":"Eve","postings":[{"id":"P1","account":"1","amount":"1.00"}]}');
    assert.equal(made.headers.get('location'), '/api/accounts/a%2Fb%2Cc,1');
    const where = made.headers.get('content-location') ?? '';
    assert.equal(where, '/api/accounts/a%2Fb%2Cc,1?%24select=owner&include=postings');
    const got = await send('GET', url + where);
    assert.deepEqual([got.text, got.headers.get('etag')], [made.text, made.headers.get('etag')]);
  });

  it('with a key that is there is a conflict, and nothing changes', async (t) => {
    const { url } = await serve(t, writable());
    const made = await send('POST', `${url}/api/postings`, { id: 'P1', account: 3, amount: '9.00' });
    assert.equal(brief(made), '409 duplicate');
    assert.equal((await send('GET', `${url}/api/postings/P1?select=amount`)).text, '{"amount":"1.00"}');
  });

  it('takes exact numbers as text or as JSON numbers as far as they are certain', async (t) => {
    const { url } = await serve(t, writable());
    const ask = async (account: unknown, amount: unknown) => {
      const made = await send('POST', `${url}/api/postings?select=account,amount`, {
        id: crypto.randomUUID(),
        account,
        amount,
      });
      return made.status === 201 ? made.text : brief(made);
    };
    assert.equal(
      await ask('9223372036854775807', '999999999.99'),
      '{"account":"9223372036854775807","amount":"999999999.99"}',
    );
    assert.equal(await ask(42, 1.5), '{"account":"42","amount":"1.50"}');
    assert.equal(await ask(2 ** 53 + 2, 1), '400 bad-value account');
    assert.equal(await ask('9223372036854775808', 1), '400 bad-value account');
    assert.equal(await ask(1.5, 1), '400 bad-value account');
    assert.equal(await ask(1, '1.005'), '400 too-many-digits amount');
    assert.equal(await ask(1, '1.500'), '{"account":"1","amount":"1.50"}');
    assert.equal(await ask(1, '1000000000'), '400 too-many-digits amount');
    assert.equal(await ask(1, 123456789.1234567), '400 bad-value amount');
  });

  it('of a list makes all rows and answers them in their order', async (t) => {
    const { url } = await serve(t, writable());
    const rows = ['Z', 'A', 'M'].map((id, i) => ({ id, account: i, amount: `${i}.00` }));
    const made = await send('POST', `${url}/api/postings?select=amount`, rows);
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), null);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    assert.equal(made.text, '{"value":[{"amount":"0.00"},{"amount":"1.00"},{"amount":"2.00"}]}');
  });

  it('of a list reads the rows back in portions, relations too', async (t) => {
    const { url } = await serve(
      t,
      writable({ policy: (policy) => ({ ...policy, query: { ...policy.query, keysPerRead: 2 } }) }),
    );
    const rows = [3, 1, 2, 5, 4].map((number) => ({ ...NEW, number }));
    const made = await send('POST', `${url}/api/accounts?select=number&include=postings`, rows);
    assert.deepEqual(made.body, {
      value: ['3', '1', '2', '5', '4'].map((number) => ({
        number,
        postings: number === '1' ? [{ id: 'P1', account: '1', amount: '1.00' }] : [],
      })),
    });
  });

  it('of a list makes none where one cannot be made, and says which', async (t) => {
    const { url } = await serve(t, writable());
    const good = { id: 'Q1', account: 1, amount: '1.00' };
    const twice = await send('POST', `${url}/api/postings`, [good, { ...good, id: 'P1' }]);
    assert.deepEqual([brief(twice), problem(twice)['record']], ['409 duplicate', 2]);
    const wrong = await send('POST', `${url}/api/postings`, [good, good, { ...good, amuont: 1 }]);
    assert.deepEqual(problem(wrong), {
      status: 400,
      code: 'unknown-field',
      collection: 'postings',
      parameter: '[2].amuont',
      record: 3,
      hint: 'amount',
      detail: '"postings" has no field "amuont". Did you mean "amount"?',
    });
    assert.equal((await send('GET', `${url}/api/postings/Q1`)).status, 404);
    assert.equal(brief(await send('POST', `${url}/api/postings`, [])), '400 no-changes');
    assert.equal(brief(await send('POST', `${url}/api/postings`, [good, null])), '400 bad-value [1]');
  });

  it('of more rows than the policy allows is too costly', async (t) => {
    const small = writable({ policy: (policy) => ({ ...policy, write: { maxChanges: 2 } }) });
    const { url } = await serve(t, small);
    const rows = [1, 2, 3].map((n) => ({ id: `Q${n}`, account: 1, amount: '1.00' }));
    assert.equal(brief(await send('POST', `${url}/api/postings`, rows)), '422 change-limit');
    assert.equal((await send('POST', `${url}/api/postings`, rows.slice(0, 2))).status, 201);
  });

  it('without a key has no Location and no body', async (t) => {
    const { url } = await serve(t, writable());
    for (const body of [{ what: 'opened' }, [{ what: 'shut' }, { what: 'left' }]]) {
      const made = await send('POST', `${url}/api/events`, body);
      assert.deepEqual([made.status, made.text, made.headers.get('location')], [201, '', null]);
    }
    assert.equal(
      (await send('GET', `${url}/api/events`)).text,
      '{"value":[{"what":"began"},{"what":"opened"},{"what":"shut"},{"what":"left"}]}',
    );
    assert.equal(
      brief(await send('POST', `${url}/api/events?select=what`, { what: 'x' })),
      '400 keyless select',
    );
  });

  it('leaves out what may be left out, and nothing else', async (t) => {
    const { url } = await serve(t, writable());
    const { balance: _, ...rest } = NEW;
    assert.deepEqual(problem(await send('POST', `${url}/api/accounts`, rest)), {
      status: 400,
      code: 'missing-argument',
      collection: 'accounts',
      parameter: 'balance',
      hint: 'decimal(11,2)',
      detail: '"balance" is missing',
    });
    assert.equal(brief(await send('POST', `${url}/api/accounts`)), '400 bad-value');
  });
});

describe('PATCH', () => {
  const path = '/api/accounts/a%2Cb,1';

  it('changes what is given and answers the row', async (t) => {
    const { url } = await serve(t, writable());
    const changed = await send('PATCH', `${url}${path}`, { balance: '11.00', opened: null });
    assert.equal(changed.status, 200);
    assert.equal(
      changed.text,
      '{"bank":"a,b","number":"1","owner":"Ann","balance":"11.00","status":"OPEN","opened":null,"rate":0.5,"stamp":7}',
    );
    assert.equal(changed.headers.get('cache-control'), 'no-store');
    assert.equal(changed.headers.get('location'), null);
    const got = await send('GET', `${url}${path}`);
    assert.deepEqual([got.text, got.headers.get('etag')], [changed.text, changed.headers.get('etag')]);
  });

  it('is JSON or a merge patch, and nothing else', async (t) => {
    const { url } = await serve(t, writable());
    const as = (type: string) =>
      send('PATCH', `${url}${path}?select=balance`, { balance: 12 }, { 'content-type': type });
    assert.equal((await as('application/merge-patch+json')).text, '{"balance":"12.00"}');
    assert.equal((await as('application/json; charset=utf-8')).status, 200);
    const other = await as('application/json-patch+json');
    assert.equal(brief(other), '415 unsupported-media-type Content-Type');
    assert.equal(other.headers.get('accept-patch'), 'application/merge-patch+json, application/json');
    const post = await send('POST', `${url}/api/accounts`, NEW, {
      'content-type': 'application/merge-patch+json',
    });
    assert.equal(brief(post), '415 unsupported-media-type Content-Type');
    assert.equal(post.headers.get('accept'), 'application/json');
  });

  it('of a group gives the whole group, of a list the whole list', async (t) => {
    const { url } = await serve(t, writable());
    const patch = (body: unknown) => send('PATCH', `${url}/api/contacts/1?select=address,tags`, body);
    assert.equal(
      (await patch({ address: { street: 'New' }, tags: [] })).text,
      '{"address":{"street":"New"},"tags":[]}',
    );
    assert.equal(brief(await patch({ address: { city: 'Köln' } })), '400 missing-argument address.street');
    assert.equal(
      brief(await patch({ address: { street: 'A', ctiy: 'B' } })),
      '400 unknown-argument address.ctiy',
    );
    assert.equal(brief(await patch({ tags: ['a', 1] })), '400 bad-value tags[1]');
  });

  it('may repeat the key, but not contradict it', async (t) => {
    const { url } = await serve(t, writable());
    const patch = (body: unknown) => send('PATCH', `${url}${path}?select=balance`, body);
    assert.equal((await patch({ bank: 'a,b', number: 1, balance: 1 })).text, '{"balance":"1.00"}');
    assert.equal(brief(await patch({ bank: 'a,b', number: 2, balance: 1 })), '400 other-key number');
    assert.equal(brief(await patch({ bank: null, balance: 1 })), '400 bad-value bank');
  });

  it('of nothing, of a field that the source makes, of another reading is refused', async (t) => {
    const { url } = await serve(t, writable());
    const patch = (body: unknown) => send('PATCH', `${url}${path}`, body);
    assert.equal(brief(await patch({})), '400 no-values');
    assert.equal(brief(await patch({ bank: 'a,b' })), '400 no-values');
    assert.equal(brief(await patch({ stamp: 1 })), '400 read-only-field stamp');
    assert.equal(brief(await patch({ rawOwner: 'X' })), '400 read-only-field rawOwner');
    assert.equal(brief(await patch({ balance: null })), '400 bad-value balance');
    assert.equal(brief(await patch([{ balance: 1 }])), '400 bad-value');
  });

  it('of a row that is not there is 404', async (t) => {
    const { url } = await serve(t, writable());
    const missing = await send('PATCH', `${url}/api/accounts/none,1`, { balance: 1 });
    assert.equal(brief(missing), '404 no-row');
    assert.equal(problem(missing)['collection'], 'accounts');
  });
});

describe('PUT', () => {
  const FULL = { owner: 'Zoe', balance: '1.00', status: null, opened: null, rate: null };

  it('makes the row that is not there and replaces the one that is', async (t) => {
    const { url } = await serve(t, writable());
    const made = await send('PUT', url + NEW_PATH, FULL);
    assert.deepEqual([made.status, made.headers.get('location')], [201, NEW_PATH]);
    assert.equal(
      made.text,
      '{"bank":"a/b,c","number":"5","owner":"Zoe","balance":"1.00","status":null,"opened":null,"rate":null,"stamp":null}',
    );
    const replaced = await send('PUT', `${url}${NEW_PATH}?select=owner`, {
      ...FULL,
      bank: 'a/b,c',
      owner: 'Yan',
    });
    assert.deepEqual(
      [replaced.status, replaced.headers.get('location'), replaced.text],
      [200, null, '{"owner":"Yan"}'],
    );
    assert.equal(replaced.headers.get('content-location'), `${NEW_PATH}?select=owner`);
    // RFC 9110, section 9.3.4: a validator would say that the row is kept just as it was sent.
    assert.equal(replaced.headers.get('etag'), null);
  });

  it('gives every field: the row must not depend on what was there before', async (t) => {
    const { url } = await serve(t, writable());
    const { opened: _, ...rest } = FULL;
    assert.equal(brief(await send('PUT', url + NEW_PATH, rest)), '400 missing-argument opened');
    assert.equal(brief(await send('PUT', url + NEW_PATH, { ...FULL, number: 6 })), '400 other-key number');
  });

  it('with If-None-Match: * makes a new row, with the defaults of one, or none', async (t) => {
    const { url } = await serve(t, writable());
    const put = (body: unknown) => send('PUT', url + NEW_PATH, body, { 'if-none-match': '*' });
    const made = await put({ owner: 'Eve', balance: '7.10' });
    assert.deepEqual([made.status, made.text, made.headers.get('location')], [201, ROW, NEW_PATH]);
    assert.equal(brief(await put({ owner: 'Max', balance: '1.00' })), '412 duplicate If-None-Match');
    assert.equal((await send('GET', url + NEW_PATH)).text, ROW);
  });

  it('is there for new rows alone where rows cannot be replaced', async (t) => {
    const { url } = await serve(t, writable());
    const put = (headers: Record<string, string>) =>
      send('PUT', `${url}/api/postings/Q9?select=id`, { account: 1, amount: 1 }, headers);
    assert.deepEqual(problem(await put({})), {
      status: 501,
      code: 'not-writable',
      collection: 'postings',
      detail: 'Rows of "postings" cannot be replaced',
      hint: 'If-None-Match: * for a row that is not there yet',
    });
    assert.equal((await put({ 'if-none-match': '*' })).text, '{"id":"Q9"}');
  });
});

describe('DELETE', () => {
  it('takes the row away, once', async (t) => {
    const { url } = await serve(t, writable());
    const gone = await send('DELETE', `${url}/api/accounts/x%2Fy,9007199254740993`);
    assert.deepEqual([gone.status, gone.text, gone.headers.get('cache-control')], [204, '', 'no-store']);
    assert.equal(brief(await send('DELETE', `${url}/api/accounts/x%2Fy,9007199254740993`)), '404 no-row');
    assert.equal(brief(await send('DELETE', `${url}/api/accounts/x%2Fy,abc`)), '400 bad-key number');
  });

  it('has no body and answers no row', async (t) => {
    const { url } = await serve(t, writable());
    const path = `${url}/api/accounts/a%2Cb,1`;
    assert.equal(brief(await send('DELETE', path, { balance: 1 })), '400 bad-body');
    assert.equal(brief(await send('DELETE', `${path}?include=postings`)), '400 unknown-parameter include');
    assert.equal((await send('GET', path)).status, 200);
  });
});

describe('Prefer: return=minimal', () => {
  const minimal = { prefer: 'respond-async, Return="minimal"; wait=1' };

  it('leaves the row out and says so', async (t) => {
    const { url } = await serve(t, writable());
    const seen = async (method: string, path: string, body: unknown) => {
      const { status, text, headers } = await send(method, url + path, body, minimal);
      return [status, text, headers.get('preference-applied'), headers.get('location'), headers.get('etag')];
    };
    assert.deepEqual(await seen('POST', '/api/accounts', NEW), [201, '', 'return=minimal', NEW_PATH, null]);
    assert.deepEqual(await seen('PATCH', NEW_PATH, { balance: 1 }), [204, '', 'return=minimal', null, null]);
    assert.deepEqual(await seen('POST', '/api/events', [{ what: 'x' }]), [
      201,
      '',
      'return=minimal',
      null,
      null,
    ]);
    const put = { owner: 'Zoe', balance: '1.00', status: null, opened: null, rate: null };
    assert.deepEqual(await seen('PUT', NEW_PATH, put), [204, '', 'return=minimal', null, null]);
    assert.deepEqual(await seen('POST', '/api', { changes: [{ insert: 'events', values: { what: 'y' } }] }), [
      204,
      '',
      'return=minimal',
      null,
      null,
    ]);
  });

  it('is not claimed for a fault, and return=representation is what is done anyway', async (t) => {
    const { url } = await serve(t, writable());
    const fault = await send('PATCH', url + NEW_PATH, { balance: 1 }, minimal);
    assert.deepEqual([fault.status, fault.headers.get('preference-applied')], [404, null]);
    const whole = await send('POST', `${url}/api/accounts`, NEW, {
      prefer: 'return=representation, return=minimal',
    });
    assert.deepEqual([whole.text, whole.headers.get('preference-applied')], [ROW, 'return=representation']);
    const keyless = await send(
      'POST',
      `${url}/api/events`,
      { what: 'x' },
      { prefer: 'return=representation' },
    );
    assert.deepEqual([keyless.text, keyless.headers.get('preference-applied')], ['', null]);
  });
});

describe('the methods of a path', () => {
  it('are what its collection claims', async (t) => {
    const { url } = await serve(t, writable());
    const allowed = async (path: string) => {
      const options = await send('OPTIONS', url + path);
      assert.equal(options.status, 204);
      const refused = await send('PROPFIND', url + path);
      assert.deepEqual(
        [brief(refused), refused.headers.get('allow')],
        ['405 method-not-allowed', options.headers.get('allow')],
      );
      return options.headers.get('allow');
    };
    assert.equal(await allowed('/api'), 'POST, OPTIONS');
    assert.equal(await allowed('/api/accounts'), 'GET, HEAD, POST, OPTIONS');
    assert.equal(await allowed('/api/accounts/a,1'), 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS');
    assert.equal(await allowed('/api/postings/P1'), 'GET, HEAD, PUT, OPTIONS');
    assert.equal(await allowed('/api/events'), 'GET, HEAD, POST, OPTIONS');
    assert.equal(await allowed('/api/branches'), 'GET, HEAD, OPTIONS');
    assert.equal(await allowed('/api/branches/B1'), 'GET, HEAD, OPTIONS');
    assert.equal(
      (await send('OPTIONS', `${url}/api/accounts/a,1`)).headers.get('accept-patch'),
      'application/merge-patch+json, application/json',
    );
    assert.equal(brief(await send('GET', `${url}/api`)), '405 method-not-allowed');
    const missing = await send('POST', `${url}/api/acounts`, NEW);
    assert.deepEqual([brief(missing), problem(missing)['hint']], ['404 unknown-path', '/api/accounts']);
    assert.equal(brief(await send('PATCH', `${url}/api/accounts/`, {})), '404 unknown-path');
  });

  it('are read-only ones where nothing can be written', async (t) => {
    const { url } = await serve(t, bank());
    for (const [method, path] of [
      ['POST', '/api'],
      ['POST', '/api/customers'],
      ['PUT', '/api/customers/C00001'],
      ['PATCH', '/api/customers/C00001'],
      ['DELETE', '/api/customers/C00001'],
    ] as const) {
      const refused = await send(method, url + path, method === 'DELETE' ? undefined : {});
      assert.deepEqual(
        [brief(refused), refused.headers.get('allow')],
        ['405 method-not-allowed', 'GET, HEAD, OPTIONS'],
      );
    }
    assert.equal((await send('GET', `${url}/api`)).status, 404);
  });

  it('HEAD of a row that was made is that of its GET', async (t) => {
    const { url } = await serve(t, writable());
    const made = await send('POST', `${url}/api/accounts`, NEW);
    const head = await send('HEAD', url + NEW_PATH);
    assert.deepEqual([head.status, head.headers.get('etag')], [200, made.headers.get('etag')]);
  });
});

describe('what a write is asked beside its body', () => {
  it('is refused where it makes no sense, and nothing is written', async (t) => {
    const parts = writable();
    const { url } = await serve(t, parts);
    for (const [method, path, expected] of [
      ['POST', '/api/accounts?filter=number eq 1', '400 unknown-parameter filter'],
      ['POST', '/api/accounts?first=1', '400 unknown-parameter first'],
      ['POST', '/api/accounts?owner=Ann', '400 unknown-parameter owner'],
      ['POST', '/api/accounts?select=ownr', '400 unknown-field select'],
      ['POST', '/api/accounts?include=postngs', '400 unknown-relation include'],
      ['PATCH', '/api/accounts/a%2Cb,1?filter=number eq 1', '400 unknown-parameter filter'],
      ['DELETE', '/api/accounts/a%2Cb,1?count=true', '400 unknown-parameter count'],
      ['POST', '/api?select=x', '400 unknown-parameter select'],
    ] as const) {
      assert.equal(
        brief(await send(method, url + path, method === 'DELETE' ? undefined : NEW)),
        expected,
        path,
      );
    }
    const csv = await send('POST', `${url}/api/accounts`, NEW, { accept: 'text/csv' });
    assert.equal(brief(csv), '406 not-acceptable Accept');
    assert.deepEqual(parts.written, []);
  });

  it('a header that is not known is passed over', async (t) => {
    const { url } = await serve(t, writable());
    const made = await send('POST', `${url}/api/accounts`, NEW, {
      'idempotency-key': '"8e03978e"',
      prefer: 'depth-noroot',
    });
    assert.deepEqual([made.status, made.headers.get('preference-applied')], [201, null]);
  });
});
