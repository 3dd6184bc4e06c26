import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import { checkCost, plan } from '../../src/plan/planner.ts';
import { divide } from '../../src/plan/pushdown.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { condition } from '../../src/query/filter.ts';
import type { ListRequest } from '../../src/query/request.ts';
import type { Access, Coverage } from '../../src/spi.ts';

const string = { kind: 'string' } as const;
const int32 = { kind: 'int32' } as const;
const { catalog } = buildCatalog(
  [
    {
      source: 's',
      operations: [],
      collections: [
        {
          name: 'customers',
          key: ['custId'],
          fields: [
            { name: 'custId', type: int32 },
            { name: 'name', type: string },
            { name: 'address', type: { kind: 'object', name: '', fields: [{ name: 'city', type: string }] } },
            { name: 'tags', type: { kind: 'list', of: string } },
          ],
        },
        {
          name: 'events',
          key: [],
          fields: [
            { name: 'custId', type: int32 },
            { name: 'code', type: string },
          ],
        },
        {
          name: 'scores',
          key: ['custId'],
          required: [['custId']],
          fields: [{ name: 'custId', type: int32 }],
        },
      ],
    },
  ],
  [
    { from: 'customers.events', to: 'events', on: { custId: 'custId' } },
    { from: 'customers.score', to: 'scores', on: { custId: 'custId' } },
  ],
);

const list: ListRequest = {
  kind: 'list',
  collection: 'customers',
  selection: { fields: ['name'], include: [] },
  where: [],
  order: [],
  count: false,
};
const window = { where: [], order: [], count: false } as const;

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
}

describe('planner', () => {
  it('the order ends with the key, so that it is total', () => {
    const byName = { ...list, order: [{ field: 'name', type: string, descending: true }] };
    assert.deepEqual(plan(byName, catalog, DEFAULT_POLICY).query.order, [
      { field: 'name', type: string, descending: true },
      { field: 'custId', type: int32, descending: false },
    ]);
    const keyless = plan(
      { ...list, collection: 'events', selection: { fields: ['code'], include: [] } },
      catalog,
      DEFAULT_POLICY,
    );
    assert.deepEqual(keyless.query.order, []);
    assert.equal(keyless.keyless, true);
  });

  it('rows hold what is answered, what orders them and what relations join by', () => {
    const request: ListRequest = {
      ...list,
      order: [{ field: 'address.city', type: string, descending: false }],
      selection: {
        fields: ['name'],
        include: [{ ...window, as: 'e', relation: 'events', selection: { fields: ['code'], include: [] } }],
      },
    };
    const planned = plan(request, catalog, DEFAULT_POLICY);
    assert.deepEqual(planned.fields, ['name', 'address.city', 'custId']);
    assert.deepEqual(planned.output, ['name']);
    assert.deepEqual(planned.includes[0]?.read.fields, ['code', 'custId']);
  });

  it('a relation to one asks for one row and satisfies a required field', () => {
    const request: ListRequest = {
      ...list,
      selection: {
        fields: [],
        include: [{ ...window, as: 's', relation: 'score', selection: { fields: [], include: [] } }],
      },
    };
    assert.equal(plan(request, catalog, DEFAULT_POLICY).includes[0]?.read.first, 1);
    const alone = faultOf(() =>
      plan(
        { ...list, collection: 'scores', selection: { fields: [], include: [] } },
        catalog,
        DEFAULT_POLICY,
      ),
    );
    assert.equal(alone.code, 'required-filter');
  });

  it('every unknown name is refused with the nearest one', () => {
    assert.match(
      faultOf(() => plan({ ...list, collection: 'customer' }, catalog, DEFAULT_POLICY)).message,
      /"customers"/,
    );
    assert.match(
      faultOf(() => plan({ ...list, selection: { fields: ['nam'], include: [] } }, catalog, DEFAULT_POLICY))
        .message,
      /"name"/,
    );
    assert.match(
      faultOf(() =>
        plan({ ...list, selection: { fields: ['address.ctiy'], include: [] } }, catalog, DEFAULT_POLICY),
      ).message,
      /"city"/,
    );
    const include = { ...window, as: 'x', relation: 'event', selection: { fields: [], include: [] } };
    assert.match(
      faultOf(() => plan({ ...list, selection: { fields: [], include: [include] } }, catalog, DEFAULT_POLICY))
        .message,
      /"events"/,
    );
    const long = faultOf(() => plan({ ...list, collection: 'x'.repeat(10_000) }, catalog, DEFAULT_POLICY));
    assert.ok(long.message.length < 200);
  });

  it('lists and groups cannot be compared', () => {
    const byTags = faultOf(() =>
      plan({ ...list, order: [{ field: 'tags', type: string, descending: false }] }, catalog, DEFAULT_POLICY),
    );
    assert.equal(byTags.code, 'not-comparable');
  });

  it('first must be a whole number from 1 to the limit', () => {
    for (const first of [0, -1, 1.5, Number.NaN]) {
      assert.equal(faultOf(() => plan({ ...list, first }, catalog, DEFAULT_POLICY)).kind, 'invalid');
    }
    assert.equal(faultOf(() => plan({ ...list, first: 1_001 }, catalog, DEFAULT_POLICY)).kind, 'too-costly');
  });

  it('depth and cost are bounded', () => {
    const deep = (levels: number): ListRequest['selection'] => ({
      fields: ['custId'],
      include:
        levels === 0
          ? []
          : [
              {
                ...window,
                first: 1,
                as: 'x',
                relation: levels % 2 === 0 ? 'events' : 'customer',
                selection: deep(levels - 1),
              },
            ],
    });
    assert.equal(
      faultOf(() => plan({ ...list, first: 1, selection: deep(10) }, catalog, DEFAULT_POLICY)).code,
      'depth-limit',
    );
    const events = (inside: ListRequest['selection']['include']) => ({
      ...window,
      first: 1_000,
      as: 'e',
      relation: 'events',
      selection: { fields: [], include: inside },
    });
    const back = {
      ...window,
      as: 'c',
      relation: 'customer',
      selection: { fields: [], include: [events([])] },
    };
    const wide: ListRequest = { ...list, first: 1_000, selection: { fields: [], include: [events([back])] } };
    assert.equal(
      faultOf(() => checkCost(plan(wide, catalog, DEFAULT_POLICY), DEFAULT_POLICY)).code,
      'cost-limit',
    );
  });

  it('an item needs a key of the right size', () => {
    const selection = { fields: ['name'], include: [] };
    assert.equal(
      faultOf(() =>
        plan({ kind: 'item', collection: 'customers', key: [], selection }, catalog, DEFAULT_POLICY),
      ).kind,
      'invalid',
    );
    assert.equal(
      faultOf(() =>
        plan(
          { kind: 'item', collection: 'events', key: [1], selection: { fields: [], include: [] } },
          catalog,
          DEFAULT_POLICY,
        ),
      ).kind,
      'unsupported',
    );
  });
});

describe('the rule for limits', () => {
  const query = {
    collection: 'c',
    where: [
      condition({ field: 'a', type: int32 }, 'gt', [1]),
      condition({ field: 'b', type: int32 }, 'gt', [1]),
    ],
    order: [],
  };
  const access = (where: readonly Coverage[], ordered = true, limits = true): Access => ({
    where,
    ordered,
    limits,
    cost: 'scan',
    explain: '',
    read: () => {
      throw new Error('not read');
    },
  });

  it('a limit is pushed when everything is exact, ordered, and the source obeys limits', () => {
    assert.deepEqual(divide(query, access(['exact', 'exact']), 10), { residual: [], sort: false, limit: 10 });
  });

  it('a limit is not pushed when a conjunct is inexact or not covered', () => {
    assert.deepEqual(divide(query, access(['exact', 'inexact']), 10), {
      residual: [query.where[1]],
      sort: false,
    });
    assert.deepEqual(divide(query, access(['none', 'exact']), 10), {
      residual: [query.where[0]],
      sort: false,
    });
  });

  it('a limit is not pushed when the gateway sorts or the source does not obey limits', () => {
    assert.deepEqual(divide(query, access(['exact', 'exact'], false), 10), { residual: [], sort: true });
    assert.deepEqual(divide(query, access(['exact', 'exact'], true, false), 10), {
      residual: [],
      sort: false,
    });
  });
});
