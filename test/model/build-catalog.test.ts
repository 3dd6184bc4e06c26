import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { RelationDeclaration } from '../../src/model/declared-relation.ts';
import { type Collection, type Field, selectableAt, type Type } from '../../src/model/type.ts';

const int32 = { kind: 'int32' } as const;
const customers: Collection = {
  name: 'customers',
  key: ['custId'],
  fields: [
    { name: 'custId', type: int32 },
    { name: 'name', type: { kind: 'string' } },
    {
      name: 'address',
      type: { kind: 'object', name: 'x', fields: [{ name: 'city', type: { kind: 'string' } }] },
    },
    { name: 'tags', type: { kind: 'list', of: { kind: 'enum', name: 'x', values: ['A'] } } },
  ],
};
const accounts: Collection = {
  name: 'accounts',
  key: ['acctNo'],
  fields: [
    { name: 'acctNo', type: { kind: 'int64' } },
    { name: 'custId', type: { kind: 'int64' } },
    { name: 'opened', type: { kind: 'date' } },
  ],
};

function build(
  relations: readonly RelationDeclaration[],
  collections = [customers, accounts],
  absent = new Set<string>(),
) {
  return buildCatalog([{ source: 's', collections, operations: [] }], relations, absent);
}

const relation: RelationDeclaration = {
  from: 'customers.accounts',
  to: 'accounts',
  on: { custId: 'custId' },
};

describe('catalog', () => {
  it('a relation is a field on both sides, and keys tell one from many', () => {
    const { catalog, problems } = build([relation]);
    assert.deepEqual(problems, []);
    const there = catalog.collections.get('customers')?.relations.get('accounts');
    const back = catalog.collections.get('accounts')?.relations.get('customer');
    assert.equal(there?.cardinality, 'many');
    assert.equal(back?.cardinality, 'one');
    assert.deepEqual(back?.pairs, [
      { local: 'custId', localType: { kind: 'int64' }, remote: 'custId', remoteType: int32 },
    ]);
  });

  it('types inside a collection are named after their place', () => {
    const { catalog } = build([]);
    const fields = catalog.collections.get('customers')?.fields ?? [];
    assert.equal(fields[2]?.type.kind === 'object' ? fields[2].type.name : '', 'CustomerAddress');
    const tags = fields[3]?.type;
    assert.equal(tags?.kind === 'list' && tags.of.kind === 'enum' ? tags.of.name : '', 'CustomerTags');
  });

  it('no two types of the catalog have one name, wherever they are, and rows take theirs first', () => {
    const rows: Collection = { ...accounts, name: 'customerAddresses' };
    const { catalog, problems } = build([], [customers, rows]);
    assert.deepEqual(problems, []);
    assert.equal(catalog.collections.get('customerAddresses')?.typeName, 'CustomerAddress');
    const address = catalog.collections.get('customers')?.fields[2]?.type;
    assert.equal(address?.kind === 'object' ? address.name : '', 'CustomerAddress2');
  });

  it('an alternate inside a union is not shown, because nobody could ask for it; one inside a list is', () => {
    const group = (fields: readonly Field[]) => ({ kind: 'object', name: 'x', fields }) as const;
    const readings: readonly Field[] = [
      { name: 'first', type: int32 },
      { name: 'other', type: int32, alternate: true },
    ];
    const lines: Type = { kind: 'list', of: group(readings) };
    const union: Type = {
      kind: 'union',
      name: 'u',
      of: [{ ...group([...readings, { name: 'lines', type: lines }]), tag: 'A' }],
    };
    const { catalog } = build(
      [],
      [
        {
          name: 'rows',
          key: [],
          fields: [
            { name: 'lines', type: lines },
            { name: 'one', type: union },
          ],
        },
      ],
    );
    const fields = catalog.collections.get('rows')?.fields ?? [];
    const paths = ['lines.first', 'lines.other'].map((path) => selectableAt(fields, path)?.name);
    assert.deepEqual(paths, ['first', 'other']);
    const one = fields[1]?.type;
    const shown = one?.kind === 'union' ? (one.of[0]?.fields ?? []) : [];
    assert.deepEqual(
      shown.map(({ name }) => name),
      ['first', 'lines'],
    );
    assert.equal(selectableAt(shown, 'lines.first')?.name, 'first');
    assert.equal(selectableAt(shown, 'lines.other'), undefined);
  });

  it('names inside lists and unions have to be names too, and tags of one union different ones', () => {
    const member = (tag: string, name: string) =>
      ({ kind: 'object', name: 'x', tag, fields: [{ name, type: int32 }] }) as const;
    const union: Type = { kind: 'union', name: 'u', of: [member('A', 'good'), member('A', 'BAD-NAME')] };
    const rows: Collection = {
      name: 'rows',
      key: [],
      fields: [{ name: 'list', type: { kind: 'list', of: union } }],
    };
    assert.deepEqual(
      build([], [rows]).problems.map(({ message }) => message),
      [
        'The union "rows.list" has two members with the tag "A"',
        '"rows.list(A).BAD-NAME" cannot name a field. Did you mean "badName"?',
      ],
    );
  });

  it('a name that is its own singular still has another name for one item', () => {
    const { catalog } = build([], [{ ...customers, name: 'data' }]);
    assert.equal(catalog.collections.get('data')?.itemName, 'dataItem');
  });

  const wrong: readonly (readonly [string, RelationDeclaration, readonly string[], RegExp])[] = [
    [
      'an unknown collection',
      { ...relation, to: 'acounts' },
      ['relations', 'customers.accounts', 'to'],
      /no collection "acounts".*"accounts"/,
    ],
    [
      'an unknown field',
      { ...relation, on: { custID: 'custId' } },
      ['relations', 'customers.accounts', 'on', 'custID'],
      /no field "custID".*"custId"/,
    ],
    [
      'fields that can never be equal',
      { ...relation, on: { custId: 'opened' } },
      ['relations', 'customers.accounts', 'on', 'custId'],
      /int32.*date/,
    ],
    [
      'a group',
      { ...relation, on: { address: 'custId' } },
      ['relations', 'customers.accounts', 'on', 'address'],
      /cannot be joined/,
    ],
    [
      'a path into a list',
      { ...relation, on: { 'tags.code': 'custId' } },
      ['relations', 'customers.accounts', 'on', 'tags.code'],
      /"customers.tags.code" lies inside list of enum \w+ and cannot be joined/,
    ],
    ['no pair', { ...relation, on: {} }, ['relations', 'customers.accounts', 'on'], /at least one pair/],
    [
      'a name that is taken',
      { ...relation, from: 'customers.name' },
      ['relations', 'customers.name'],
      /already has a field "name"/,
    ],
    [
      'a way back that is taken',
      { ...relation, inverse: 'opened' },
      ['relations', 'customers.accounts'],
      /way back/,
    ],
    ['no field name', { ...relation, from: 'customers' }, ['relations', 'customers'], /collection\.field/],
  ];
  for (const [what, declaration, path, message] of wrong) {
    it(`a relation with ${what} is refused with its place`, () => {
      const { problems, catalog } = build([declaration]);
      assert.equal(problems.length, 1);
      assert.deepEqual(problems[0]?.path, path);
      assert.match(problems[0]?.message ?? '', message);
      assert.equal(catalog.collections.get('accounts')?.relations.size, 0, 'nothing was added');
    });
  }

  it('a relation to a collection of a source that is down is left out without complaint', () => {
    const { problems } = build([{ ...relation, to: 'scores' }], undefined, new Set(['scores']));
    assert.deepEqual(problems, []);
  });

  it('collections of one name, names that are none, unknown keys: each is a problem', () => {
    assert.match(build([], [customers, customers]).problems[0]?.message ?? '', /already offered/);
    assert.match(build([], [{ ...customers, name: 'CUST-MAST' }]).problems[0]?.message ?? '', /"custMast"/);
    assert.match(build([], [{ ...customers, key: ['custid'] }]).problems[0]?.message ?? '', /"custId"/);
    assert.match(build([], [{ ...customers, key: ['address'] }]).problems[0]?.message ?? '', /plain values/);
    assert.match(
      build([], [customers, { ...customers, name: 'customer' }]).problems[0]?.message ?? '',
      /type "Customer"/,
    );
  });
});
