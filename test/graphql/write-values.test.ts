// Values of changes over GraphQL: exact, by literal and by variable, and refused with their place.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, serve } from './serve.ts';
import { type Writable, writable } from './writable.ts';

function failure({ errors, text }: Answer): Readonly<Record<string, unknown>> {
  assert.equal(errors.length, 1, text);
  const { requestId: _, ...place } = errors[0]?.extensions ?? {};
  return place;
}

const ALL =
  'branch number flag long float money day time local instant bytes json phones place { city zip street } places { city zip street }';

/** As GraphQL answers them. */
const EXACT = {
  branch: 'Zürich, "1"',
  number: '12345678.5',
  flag: false,
  long: '-9223372036854775808',
  float: 0.1,
  money: '12345678901234567890123456789.01',
  day: '2024-02-29',
  time: '23:59:59.123456789',
  local: '0001-01-01T00:00:00',
  instant: '2024-02-29T22:59:59.5Z',
  bytes: 'AP8Q',
  json: { a: [1, null, { b: 'x' }] },
  phones: ['+41', null, ''],
  place: { city: 'Bern', zip: null, street: null },
  places: [{ city: 'Bern', zip: '3000', street: 'A' }, null],
};

/** As the source gets them. */
const WRITTEN = {
  branch: 'Zürich, "1"',
  number: '12345678.5',
  flag: false,
  long: -(2n ** 63n),
  float: 0.1,
  money: '12345678901234567890123456789.01',
  day: '2024-02-29',
  time: '23:59:59.123456789',
  local: '0001-01-01T00:00:00',
  instant: '2024-02-29T22:59:59.5Z',
  bytes: new Uint8Array([0, 255, 16]),
  json: { a: [1, null, { b: 'x' }] },
  phones: ['+41', null, ''],
  place: { city: 'Bern', street: null },
  places: [{ city: 'Bern', zip: '3000', street: 'A' }, null],
};

describe('values that are written', () => {
  it('are exact by variable', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const { zip: _, ...place } = EXACT.place;
    const { data, errors } = await graphql.ask(
      `mutation ($values: CellCreate!) { createCell(values: $values) { ${ALL} } }`,
      { values: { ...EXACT, place } },
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(data.createCell, EXACT);
    assert.deepEqual(gateway.written[0]?.[0]?.values, WRITTEN);
  });

  it('are exact by literal, numbers beyond JavaScript among them', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const { data, errors } = await graphql.ask(`mutation { createCell(values: {
      branch: "Zürich, \\"1\\"", number: 12345678.5, flag: false, long: -9223372036854775808, float: 0.1
      money: 12345678901234567890123456789.01, day: "2024-02-29", time: "23:59:59.123456789"
      local: "0001-01-01T00:00:00", instant: "2024-02-29T23:59:59.5+01:00", bytes: "AP8Q"
      json: { a: [1, null, { b: "x" }] }, phones: ["+41", null, ""]
      place: { city: "Bern", street: null }, places: [{ city: "Bern", zip: "3000", street: "A" }, null]
    }) { ${ALL} } }`);
    assert.deepEqual(errors, []);
    assert.deepEqual(data.createCell, EXACT);
    assert.deepEqual(gateway.written[0]?.[0]?.values, WRITTEN);
  });

  it('get the scale of their field, in values, keys and expectations', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const { data, errors } = await graphql.ask(`mutation {
      createCell(values: { branch: "B", number: 7, money: 1.5 }) { number money }
      updateCell(branch: "B", number: "7.0", values: { money: "2" }, ifMatch: { money: "1.500" }) { money }
      upsertCell(branch: "B", number: 7.00, values: {
        flag: null, long: null, float: null, money: 3, day: null, time: null, local: null, instant: null
        bytes: null, json: null, phones: null, place: null, places: null
      }, ifMatch: { money: 2 }) { money }
      deleteCell(branch: "B", number: 7, ifMatch: { money: "3", place: null, phones: null })
    }`);
    assert.deepEqual(errors, []);
    assert.deepEqual(data, {
      createCell: { number: '7.0', money: '1.50' },
      updateCell: { money: '2.00' },
      upsertCell: { money: '3.00' },
      deleteCell: true,
    });
    assert.deepEqual(
      gateway.written.map(([change]) => [change?.key, change?.expected]),
      [
        [undefined, undefined],
        [['B', '7.0'], { money: '1.50' }],
        [['B', '7.0'], { money: '2.00' }],
        [['B', '7.0'], { money: '3.00', place: null, phones: null }],
      ],
    );
  });

  it('are expected whole where they are groups, lists, bytes or documents', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const values =
      '{ branch: "B", number: 1, bytes: "AP8Q", json: { a: 1 }, phones: ["1"], place: { city: "Bern", zip: "1" } }';
    assert.deepEqual((await graphql.ask(`mutation { createCell(values: ${values}) { flag } }`)).errors, []);
    const update = (match: string) =>
      graphql.ask(
        `mutation { updateCell(branch: "B", number: 1, values: { flag: true }, ifMatch: ${match}) { flag } }`,
      );
    for (const match of [
      '{ bytes: "AP8R" }',
      '{ json: { a: 2 } }',
      '{ phones: ["1", "2"] }',
      '{ phones: [] }',
      '{ place: { city: "Bern", zip: "2" } }',
      '{ place: null }',
    ]) {
      assert.equal(failure(await update(match))['kind'], 'stale', match);
    }
    for (const match of [
      '{ bytes: "AP8Q" }',
      '{ json: { a: 1 } }',
      '{ phones: ["1"], place: { zip: "1", city: "Bern" } }',
    ]) {
      assert.deepEqual((await update(match)).data, { updateCell: { flag: true } }, match);
    }
  });
});

describe('fields with names of JavaScript or of the arguments', () => {
  const write = async (gateway: Writable, mutation: string, variables?: unknown) => {
    await using graphql = await serve(gateway);
    const { data, errors } = await graphql.ask(mutation, variables);
    assert.deepEqual(errors, []);
    return data;
  };

  it('that are left out stay out, by literal and by variable', async () => {
    const gateway = writable();
    await write(gateway, 'mutation { createWord(values: { values: "a", ifMatch: 1 }) { valueOf } }');
    await write(gateway, 'mutation ($v: WordCreate!) { createWord(values: $v) { valueOf } }', {
      v: { values: 'b', ifMatch: 1, toString: null },
    });
    assert.deepEqual(
      gateway.written.map(([change]) => Object.entries(change?.values ?? {})),
      [
        [
          ['values', 'a'],
          ['ifMatch', 1],
        ],
        [
          ['values', 'b'],
          ['ifMatch', 1],
          ['toString', null],
        ],
      ],
    );
  });

  it('are written, expected and found as any other', async () => {
    const gateway = writable();
    const data = await write(
      gateway,
      `mutation ($v: WordCreate!, $u: WordUpdate!, $m: WordMatch) {
        createWord(values: $v) { values ifMatch constructor hasOwnProperty toString valueOf }
        updateWord(values: "k", ifMatch: 7, values2: $u, ifMatch2: $m) { constructor valueOf }
        upsertWord(values: "k", ifMatch: 7, values2: { constructor: "x", hasOwnProperty: null, toString: null, valueOf: "y" }, ifMatch2: { constructor: null }) { constructor valueOf }
        deleteWord(values: "k", ifMatch: 7, ifMatch2: { valueOf: "y" })
      }`,
      {
        v: { values: 'k', ifMatch: 7, constructor: 'c', hasOwnProperty: 'h', toString: 't' },
        u: { constructor: null, valueOf: 'v' },
        m: { hasOwnProperty: 'h', valueOf: null },
      },
    );
    assert.deepEqual(data, {
      createWord: {
        values: 'k',
        ifMatch: 7,
        constructor: 'c',
        hasOwnProperty: 'h',
        toString: 't',
        valueOf: null,
      },
      updateWord: { constructor: null, valueOf: 'v' },
      upsertWord: { constructor: 'x', valueOf: 'y' },
      deleteWord: true,
    });
  });
});

describe('values that are refused', () => {
  const KEY = 'branch: "B", number: 1';
  for (const [what, mutation, place] of [
    [
      'null in a field that may only be left out',
      'createAccount(values: { acctId: 9, owner: "x", note: null, status: null }) { note }',
      {
        code: 'bad-value',
        collection: 'accounts',
        field: 'status',
        parameter: 'values.status',
        hint: 'enum AccountStatus',
      },
    ],
    [
      'null in an update of a field that is never null',
      'updateAccount(acctId: 1, values: { owner: null }) { note }',
      {
        code: 'bad-value',
        collection: 'accounts',
        field: 'owner',
        parameter: 'values.owner',
        hint: 'string(12)',
      },
    ],
    [
      'null inside a group in a list',
      `updateCell(${KEY}, values: { places: [{ city: "a" }, { city: "b", zip: null }] }) { flag }`,
      {
        code: 'bad-value',
        collection: 'cells',
        field: 'places[1].zip',
        parameter: 'values.places[1].zip',
        hint: 'string',
      },
    ],
    [
      'a missing value that may be null but must be given',
      'createAccount(values: { acctId: 9, owner: "x" }) { note }',
      { code: 'missing-argument', collection: 'accounts', parameter: 'values.note', hint: 'string' },
    ],
    [
      'a row to put that is not whole',
      'upsertAccount(acctId: 9, values: { owner: "x", status: OPEN, note: null }) { note }',
      {
        code: 'missing-argument',
        collection: 'accounts',
        parameter: 'values.balance',
        hint: 'decimal(31,2)',
      },
    ],
    [
      'an update of nothing',
      'updateAccount(acctId: 1, values: {}) { note }',
      { code: 'no-values', collection: 'accounts' },
    ],
    [
      'text that is too long',
      'updateAccount(acctId: 1, values: { owner: "0123456789abc" }) { note }',
      { code: 'too-long', collection: 'accounts', field: 'owner', parameter: 'values.owner' },
    ],
    [
      'a number that is finer than its field',
      `updateCell(${KEY}, values: { money: 0.125 }) { flag }`,
      { code: 'too-many-digits', collection: 'cells', field: 'money', parameter: 'values.money' },
    ],
    [
      'a number beyond every float',
      `updateCell(${KEY}, values: { float: -1e400 }) { flag }`,
      { code: 'bad-value', collection: 'cells', field: 'float', parameter: 'values.float' },
    ],
    [
      'null that a row never has',
      'deleteAccount(acctId: 1, ifMatch: { version: null })',
      {
        code: 'bad-value',
        collection: 'accounts',
        field: 'version',
        parameter: 'ifMatch.version',
        hint: 'int64',
      },
    ],
    ['no row at all', 'createAccounts(values: []) { note }', { code: 'no-changes', parameter: 'values' }],
    [
      'null in one of several rows',
      'createAccounts(values: [{ acctId: 8, owner: "x", note: null }, { acctId: 9, owner: "x", note: null, status: null }]) { note }',
      {
        code: 'bad-value',
        collection: 'accounts',
        field: 'status',
        parameter: 'values[1].status',
        hint: 'enum AccountStatus',
        record: 2,
      },
    ],
  ] as const) {
    it(`with their place: ${what}`, async () => {
      const gateway = writable();
      await using graphql = await serve(gateway);
      assert.deepEqual(failure(await graphql.ask(`mutation { ${mutation} }`)), { kind: 'invalid', ...place });
      assert.deepEqual(gateway.written, []);
    });
  }

  for (const [what, mutation] of [
    ['a key that is to change', 'updateAccount(acctId: 1, values: { acctId: 2 }) { note }'],
    ['what only the source writes', 'updateAccount(acctId: 1, values: { version: 2 }) { note }'],
    ['a missing key', 'deleteCell(branch: "B")'],
    ['a missing value', 'createAccount(values: { acctId: 9, note: null }) { note }'],
    ['null that is never right', 'createAccount(values: { acctId: 9, owner: null, note: null }) { note }'],
    ['a day that does not exist', `updateCell(${KEY}, values: { day: "2023-02-29" }) { flag }`],
    ['a number that is none', `updateCell(${KEY}, values: { money: "1e5" }) { flag }`],
    ['a number beyond its type', `updateCell(${KEY}, values: { long: 9223372036854775808 }) { flag }`],
    ['bytes that are none', `updateCell(${KEY}, values: { bytes: "?" }) { flag }`],
    ['half a character', 'updateAccount(acctId: 1, values: { owner: "\\uD83D" }) { note }'],
    ['an unknown enum value', 'updateAccount(acctId: 1, values: { status: GONE }) { note }'],
  ] as const) {
    it(`by the schema: ${what}`, async () => {
      const gateway = writable();
      await using graphql = await serve(gateway);
      assert.equal(failure(await graphql.ask(`mutation { ${mutation} }`))['kind'], 'invalid');
      assert.deepEqual(gateway.written, []);
    });
  }

  it('with their place: half a character, by variable', async () => {
    const gateway = writable();
    await using graphql = await serve(gateway);
    const answer = await graphql.ask(
      'mutation ($v: AccountUpdate!) { updateAccount(acctId: 1, values: $v) { note } }',
      { v: { owner: '\ud83d' } },
    );
    assert.deepEqual(failure(answer), {
      kind: 'invalid',
      code: 'bad-value',
      collection: 'accounts',
      field: 'owner',
      parameter: 'values.owner',
    });
    assert.deepEqual(gateway.written, []);
  });
});
