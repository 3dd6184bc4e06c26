// The same happenings as REST tells them in a stream, as NDJSON, and as GraphQL tells them.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { folderWith } from '../config/written.ts';
import { type EventStream, listenTo } from '../http/event-stream.ts';
import { send } from '../http/writing.ts';
import { type Both, serveBoth } from './both.ts';

const CONFIG = `
relations: { accounts.owners: { to: owners, on: { owner: name } } }
sources:
  ledger:
    adapter: memory
    collections:
      accounts:
        key: [bank, number]
        writes: [insert, update, upsert, delete]
        fields: { bank: string, number: int64, owner: string, balance: 'decimal(11,2)', opened: date, raw: bytes }
        rows:
          - { bank: A, number: "9007199254740993", owner: Ann, balance: "10.00", opened: 2024-02-29, raw: AP8= }
      notes:
        writes: [insert]
        fields: { text: string }
        rows: []
      owners:
        key: [name]
        fields: { name: string, city: string }
        rows: [ { name: Ann, city: Bonn } ]
`;

const SELECTED = 'number,owner,balance,opened,raw,owners.city';
const DOCUMENT = `subscription Watch($after: String) { accountsChanges(after: $after) {
  kind key { bank number } node { number owner balance opened raw owners { city } } changed asOf position
} }`;

describe('changes through both surfaces', () => {
  let both: Both;
  before(async () => {
    both = await serveBoth(`${folderWith({ 'c.yaml': CONFIG })}/c.yaml`, adapters);
  });
  after(() => both[Symbol.asyncDispose]());

  const path = () => `${both.url}/api/accounts`;
  const ndjson = async (query: string): Promise<readonly unknown[]> => {
    const response = await fetch(`${path()}/changes?${query}`, {
      headers: { accept: 'application/x-ndjson' },
    });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.equal(response.headers.get('content-type'), 'application/x-ndjson');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const subscribe = (document: string, variables: object = {}) =>
    listenTo(`${both.url}/graphql`, {}, { query: document, variables });
  const graphql = async (stream: EventStream): Promise<Record<string, unknown>> => {
    const { event, data } = await stream.next();
    assert.deepEqual([event, data.errors], ['next', undefined]);
    const [root] = Object.values<Record<string, unknown>>(data.data);
    assert.ok(root);
    // What is null here is left out there.
    const given = Object.entries(root).filter(([, value]) => value !== null);
    return Object.fromEntries(
      given.map(([name, value]) =>
        name === 'node'
          ? ['row', both.plain(value)]
          : [name, name === 'kind' ? String(value).toLowerCase() : value],
      ),
    );
  };

  it('are the same events with the same values', async () => {
    using events = await listenTo(`${path()}/changes?select=${SELECTED}&include=owners`);
    assert.deepEqual([events.status, events.headers['content-type']], [200, 'text/event-stream']);
    using subscription = await subscribe(DOCUMENT);
    const [start, begun] = [await events.next(), await graphql(subscription)];
    assert.deepEqual([start.event, start.data.kind], ['position', 'position']);
    assert.deepEqual(begun, start.data);
    const [here] = await ndjson('');
    assert.deepEqual(here, begun, 'who begins is told where');

    const row = { bank: 'B', number: '7', owner: 'Ann', balance: '1.50', opened: null, raw: 'AAEC' };
    await send('POST', path(), row);
    await send('PATCH', `${path()}/A,9007199254740993`, { balance: '11.00', owner: 'Zoe' });
    await send('DELETE', `${path()}/B,7`);
    const told = [];
    for (let i = 0; i < 3; i++) {
      const { event, id, data } = await events.next();
      assert.deepEqual([event, id], [data.kind, data.position]);
      assert.deepEqual(await graphql(subscription), data);
      told.push(data);
    }
    assert.deepEqual(await ndjson(`after=${start.id}&select=${SELECTED}&include=owners`), [
      ...told,
      { kind: 'position', asOf: told[2].asOf, position: told[2].position },
    ]);
    assert.deepEqual(
      told.map(({ asOf: _, position: __, ...event }) => event),
      [
        {
          kind: 'insert',
          key: { bank: 'B', number: '7' },
          row: {
            number: '7',
            owner: 'Ann',
            balance: '1.50',
            opened: null,
            raw: 'AAEC',
            owners: { city: 'Bonn' },
          },
        },
        {
          kind: 'update',
          key: { bank: 'A', number: '9007199254740993' },
          row: {
            number: '9007199254740993',
            owner: 'Zoe',
            balance: '11.00',
            opened: '2024-02-29',
            raw: 'AP8=',
            owners: null,
          },
          changed: ['owner', 'balance'],
        },
        { kind: 'delete', key: { bank: 'B', number: '7' } },
      ],
    );
  });

  it('go on behind the position that either has told', async () => {
    const [{ position: start }] = (await ndjson('')) as [{ position: string }];
    await send('PUT', `${path()}/C,1`, { owner: 'One', balance: '1', opened: null, raw: null });
    await send('PUT', `${path()}/C,1`, { owner: 'Two', balance: '1', opened: null, raw: null });
    using first = await subscribe(DOCUMENT, { after: start });
    const { kind, position } = await graphql(first);
    assert.equal(kind, 'insert');
    for (const [query, headers] of [
      [`after=${position}`, {}],
      [`lastEventId=${position}`, {}],
      // A browser asks the address that it was given; where it is by now the header says.
      [`after=${start}`, { 'last-event-id': String(position) }],
    ] as const) {
      using resumed = await listenTo(`${path()}/changes?select=owner&${query}`, headers);
      const { event, data } = await resumed.next();
      assert.deepEqual([event, data.row], ['update', { owner: 'Two' }]);
    }
    using unknown = await subscribe(DOCUMENT, { after: 'long-ago' });
    assert.equal((await graphql(unknown))['kind'], 'reset');
    assert.deepEqual(
      (await ndjson('after=long-ago')).map((one) => (one as { kind: string }).kind),
      ['reset', 'position'],
    );
  });

  it('of a collection without a key are only that something has happened', async () => {
    using events = await listenTo(`${both.url}/api/notes/changes`);
    using subscription = await subscribe('subscription { notesChanges { kind asOf position } }');
    assert.deepEqual(await graphql(subscription), (await events.next()).data);
    await send('POST', `${both.url}/api/notes`, { text: 'x' });
    const { event, data } = await events.next();
    assert.deepEqual([event, Object.keys(data)], ['reset', ['kind', 'asOf', 'position']]);
    assert.deepEqual(await graphql(subscription), data);
  });

  it('are refused alike where the question is wrong', async () => {
    const faulty = [
      ['after=a%20b', 'accountsChanges(after: "a b") { kind }', 400, 'bad-position'],
      ['select=ownr', 'accountsChanges { node { ownr } }', 400, undefined],
    ] as const;
    for (const [query, field, status, code] of faulty) {
      const rest = await both.rest(`accounts/changes?${query}`);
      assert.equal(rest.status, status, rest.text);
      if (code !== undefined) assert.equal(rest.body.code, code);
      const asked = await both.ask(`subscription { ${field} }`);
      assert.ok(asked.body.errors.length > 0, asked.text);
      if (code !== undefined) assert.equal(asked.body.errors[0].extensions.code, code);
    }
  });

  it('are not offered of what nobody can change', async () => {
    assert.equal((await both.rest('owners/changes')).status, 404);
    const { text } = await both.ask('subscription { ownersChanges { kind } }');
    assert.match(text, /Cannot query field/);
  });
});
