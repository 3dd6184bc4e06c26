import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import type { Source } from '../../src/spi.ts';
import { writable } from '../rest/writable.ts';
import { serve } from './serving.ts';
import { brief, problem, send } from './writing.ts';

const PATH = '/api/accounts/a%2Cb,1';

async function etag(url: string): Promise<string> {
  const { headers } = await send('GET', url);
  return headers.get('etag') ?? assert.fail('no ETag');
}

describe('If-Match', () => {
  it('with the ETag of a GET of the same address makes the change, once', async (t) => {
    const parts = writable();
    const { url } = await serve(t, parts);
    for (const query of ['', '?select=balance', '?$select=owner,balance,rawOwner']) {
      const tag = await etag(url + PATH + query);
      const change = (owner: string) =>
        send('PATCH', url + PATH + query, { owner, balance: '3.00' }, { 'if-match': tag });
      const first = await change(`A${query.length}`);
      assert.deepEqual([first.status, first.headers.get('etag')], [200, await etag(url + PATH + query)]);
      await send('PATCH', url + PATH, { balance: query.length + 100, owner: 'Else' });
      const late = await change('Late');
      assert.equal(brief(late), '412 changed-row If-Match');
      assert.equal((await send('GET', `${url}${PATH}?select=owner`)).text, '{"owner":"Else"}');
    }
  });

  it('is about what the client has seen: a change of other fields does not matter', async (t) => {
    const { url } = await serve(t, writable());
    const tag = await etag(`${url}${PATH}?select=owner`);
    await send('PATCH', url + PATH, { balance: '99.00' });
    const changed = await send('PATCH', `${url}${PATH}?select=owner`, { owner: 'New' }, { 'if-match': tag });
    assert.deepEqual([changed.status, changed.text], [200, '{"owner":"New"}']);
    const whole = await send('PATCH', url + PATH, { owner: 'X' }, { 'if-match': tag });
    assert.equal(brief(whole), '412 changed-row If-Match');
  });

  it('hands the source what the client has seen, so that it can check once more', async (t) => {
    const parts = writable();
    const { url } = await serve(t, parts);
    const tag = await etag(`${url}${PATH}?select=balance,opened`);
    await send('DELETE', `${url}${PATH}?select=balance,opened`, undefined, { 'if-match': tag });
    assert.deepEqual(parts.written, [
      [
        {
          collection: 'accounts',
          verb: 'delete',
          key: ['a,b', 1n],
          values: {},
          expected: { balance: '10.00', opened: '2024-02-29' },
        },
      ],
    ]);
  });

  it('is refused by the source when the row changes behind the check', async (t) => {
    // Somebody else writes between the check and the change.
    const around = (source: Source): Source => {
      const { write } = source;
      let meddled = false;
      return {
        ...source,
        write: async (changes, how) => {
          if (!meddled) {
            meddled = true;
            const [change] = changes;
            await write?.(
              [
                {
                  collection: 'accounts',
                  verb: 'update',
                  key: change?.key ?? [],
                  values: { balance: '0.01' },
                },
              ],
              how,
            );
          }
          return (await write?.(changes, how)) ?? [];
        },
      };
    };
    const { url } = await serve(t, writable({ around }));
    const changed = await send('PATCH', url + PATH, { owner: 'X' }, { 'if-match': await etag(url + PATH) });
    assert.equal(brief(changed), '412 changed-row If-Match');
    assert.equal(
      (await send('GET', `${url}${PATH}?select=owner,balance`)).text,
      '{"owner":"Ann","balance":"0.01"}',
    );
  });

  it('of clients that race lets exactly one through', async (t) => {
    const { url } = await serve(t, writable());
    for (let round = 0; round < 10; round++) {
      const tag = await etag(url + PATH);
      const clients = ['A', 'B', 'C', 'D'].map((name) => `${name}${round}`);
      const replies = await Promise.all(
        clients.map((owner) => send('PATCH', `${url}${PATH}`, { owner }, { 'if-match': tag })),
      );
      const won = clients.filter((_, i) => replies[i]?.status === 200);
      assert.equal(won.length, 1, replies.map(({ status }) => status).join(' '));
      assert.equal(replies.filter(({ status }) => status === 412).length, 3);
      assert.equal((await send('GET', `${url}${PATH}?select=owner`)).text, JSON.stringify({ owner: won[0] }));
    }
  });

  it('is a list of tags, of which weak ones never match, or *', async (t) => {
    const { url } = await serve(t, writable());
    const tag = await etag(`${url}${PATH}?select=number`);
    const change = async (header: string) => {
      const reply = await send('PATCH', `${url}${PATH}?select=number`, { rate: 1 }, { 'if-match': header });
      return reply.status === 200 ? 200 : brief(reply);
    };
    assert.equal(await change(`"other", ${tag}`), 200);
    assert.equal(await change(`,W/"x" ,, ${tag},`), 200);
    assert.equal(await change(' * '), 200);
    assert.equal(await change(`W/${tag}`), '412 changed-row If-Match');
    assert.equal(await change('"other"'), '412 changed-row If-Match');
    for (const none of [tag.slice(1, -1), tag.slice(1), `${tag} ${tag}`, `"a" *`, ',', 'w/"x"']) {
      assert.equal(await change(none), '400 bad-header If-Match', none);
    }
    assert.equal(await change(`"a"${' '.repeat(12_000)}x`), '400 bad-header If-Match');
  });

  it('wants a row that is there: none is 412, not 404, and not made', async (t) => {
    const { url } = await serve(t, writable());
    const put = { owner: 'E', balance: '1.00', status: null, opened: null, rate: null };
    for (const header of ['*', '"a"']) {
      for (const [method, body] of [
        ['PATCH', { owner: 'E' }],
        ['PUT', put],
        ['DELETE', undefined],
      ] as const) {
        const reply = await send(method, `${url}/api/accounts/none,1`, body, { 'if-match': header });
        assert.equal(brief(reply), '412 no-row If-Match', `${method} ${header}`);
      }
    }
    assert.equal((await send('GET', `${url}/api/accounts/none,1`)).status, 404);
    assert.equal((await send('PUT', url + PATH, put, { 'if-match': '*' })).status, 200);
  });

  it('is refused where it cannot be checked: with include, without an ETag, inside lists', async (t) => {
    const parts = writable({
      policy: (policy) => ({ ...policy, http: { ...policy.http, bufferedBytes: 60 } }),
    });
    const { url } = await serve(t, parts);
    const change = (query: string, header = '"x"') =>
      send('PATCH', url + PATH + query, { owner: 'E' }, { 'if-match': header });
    const included = await change('?select=owner&include=postings');
    assert.equal(brief(included), '501 unsupported-condition If-Match');
    assert.match(String(problem(included)['hint']), /without include/);
    assert.equal(brief(await change('?include=postings', '*')), '501 unsupported-condition If-Match');
    assert.equal((await send('GET', url + PATH)).headers.get('etag'), null);
    assert.equal(brief(await change('')), '501 unsupported-condition If-Match');
    const small = await etag(`${url}${PATH}?select=owner`);
    assert.equal((await change('?select=owner', small)).status, 200);

    const contact = `${url}/api/contacts/1?select=lines.text`;
    const inside = await send('PATCH', contact, { tags: [] }, { 'if-match': await etag(contact) });
    assert.equal(brief(inside), '501 unsupported-condition If-Match');
    assert.equal(problem(inside)['hint'], 'Select the list as a whole: lines');
    assert.deepEqual(parts.written.length, 1);
  });

  it('compares groups, lists, documents and bytes as well', async (t) => {
    const { url } = await serve(t, writable());
    const contact = `${url}/api/contacts/1`;
    const tag = await etag(contact);
    assert.equal((await send('PATCH', contact, { photo: 'AQIE' }, { 'if-match': tag })).status, 200);
    assert.equal((await send('PATCH', contact, { photo: 'AQIF' }, { 'if-match': tag })).status, 412);
    const group = `${url}/api/contacts/1?select=address.city,lines`;
    assert.equal(
      (await send('PATCH', group, { tags: ['z'] }, { 'if-match': await etag(group) })).status,
      200,
    );
  });

  it('has no meaning for a list, and is not passed over there', async (t) => {
    const { url } = await serve(t, writable());
    const post = (path: string, header: string) => send('POST', url + path, {}, { [header]: '*' });
    assert.equal(brief(await post('/api/accounts', 'if-match')), '501 unsupported-condition If-Match');
    assert.equal(
      brief(await post('/api/accounts', 'if-none-match')),
      '501 unsupported-condition If-None-Match',
    );
    assert.equal(brief(await post('/api', 'if-match')), '501 unsupported-condition If-Match');
    const patch = (headers: Record<string, string>) => send('PATCH', url + PATH, { rate: 1 }, headers);
    assert.equal(brief(await patch({ 'if-none-match': '*' })), '501 unsupported-condition If-None-Match');
    const both = await send('PUT', url + PATH, {}, { 'if-match': '*', 'if-none-match': '*' });
    assert.equal(brief(both), '400 bad-header If-Match');
    const tag = await send('PUT', url + PATH, {}, { 'if-none-match': '"a"' });
    assert.equal(brief(tag), '501 unsupported-condition If-None-Match');
  });
});

describe('If-None-Match: *', () => {
  it('of clients that race lets exactly one through', async (t) => {
    const { url } = await serve(t, writable());
    const replies = await Promise.all(
      [1, 2, 3, 4].map((account) =>
        send('PUT', `${url}/api/postings/new`, { account, amount: '1.00' }, { 'if-none-match': '*' }),
      ),
    );
    assert.deepEqual(replies.map(({ status }) => status).toSorted(), [201, 412, 412, 412]);
  });

  it('that collides with another row than its own is a conflict', async (t) => {
    const around = (source: Source): Source => ({
      ...source,
      write: () =>
        Promise.reject(new Fault('conflict', 'There is such an account already', { code: 'duplicate' })),
    });
    const { url } = await serve(t, writable({ around }));
    const put = (path: string) =>
      send('PUT', url + path, { account: 1, amount: '1.00' }, { 'if-none-match': '*' });
    assert.equal(brief(await put('/api/postings/new')), '409 duplicate');
    assert.equal(brief(await put('/api/postings/P1')), '412 duplicate If-None-Match');
  });
});
