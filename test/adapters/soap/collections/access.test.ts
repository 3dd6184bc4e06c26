import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Cell,
  condition,
  Fault,
  type Field,
  type ObjectType,
  type Query,
  type Row,
  type Value,
} from '#spi';
import { accessOf } from '../../../../adapters/soap/collections/access.ts';
import { mapCollection } from '../../../../adapters/soap/collections/mapping.ts';
import { collectionsOptions } from '../../../../adapters/soap/collections/options.ts';
import type { Callable } from '../../../../adapters/soap/contract/call.ts';

const int: Field['type'] = { kind: 'int32' };
const text: Field['type'] = { kind: 'string' };
const row: ObjectType = {
  kind: 'object',
  name: 'Score',
  shared: true,
  fields: [
    { name: 'custId', type: int, legacyName: 'CustId' },
    { name: 'grade', type: text },
    { name: 'points', type: int, nullable: true },
  ],
};
const rows: Field['type'] = { kind: 'list', of: row };
const page: Field['type'] = {
  kind: 'object',
  name: 'Page',
  fields: [
    { name: 'scores', type: rows },
    { name: 'next', type: text, nullable: true },
  ],
};
const group = (name: string, fields: readonly Field[]): Field['type'] => ({ kind: 'object', name, fields });

type Input = Readonly<Record<string, Value>>;

/** An operation that answers from a function and notes what it was asked. */
class Recorded {
  readonly asked: Input[] = [];
  inFlight = 0;
  most = 0;
  aborted = 0;
  readonly callable: Callable;

  constructor(
    name: string,
    input: readonly Field[],
    output: Field['type'],
    answer: (input: Input) => Cell | Promise<Cell>,
    effect: 'read' | 'write' = 'read',
  ) {
    this.callable = {
      operation: {
        name: name.charAt(0).toLowerCase() + name.slice(1),
        legacyName: name,
        effect,
        idempotent: true,
        input,
        output,
      },
      call: async (given, { signal }) => {
        this.asked.push(given);
        this.most = Math.max(this.most, ++this.inFlight);
        try {
          await new Promise((resolve) => setImmediate(resolve));
          signal.throwIfAborted();
          return await answer(given);
        } catch (error) {
          if (signal.aborted) this.aborted++;
          throw error;
        } finally {
          this.inFlight--;
        }
      },
    };
  }
}

function mapped(options: unknown, ...operations: readonly Recorded[]) {
  const parsed = collectionsOptions.parse({ scores: options });
  assert.ok(parsed['scores']);
  return mapCollection('scores', parsed['scores'], (name) => {
    const found = operations.find(({ callable }) => callable.operation.legacyName === name);
    return found?.callable ?? `There is no operation "${name}".`;
  });
}

const keys = (...ids: readonly Value[]): Query => ({
  collection: 'scores',
  where: [
    { op: 'keys', fields: [{ field: 'custId', type: { kind: 'int32' } }], keys: ids.map((id) => [id]) },
  ],
  order: [],
});
const where = (...conditions: readonly [string, Parameters<typeof condition>[1], ...Value[]][]): Query => ({
  collection: 'scores',
  where: conditions.map(([field, operator, ...values]) =>
    condition({ field, type: field === 'grade' ? { kind: 'string' } : { kind: 'int32' } }, operator, values),
  ),
  order: [],
});

async function read(
  of: ReturnType<typeof mapped>,
  query: Query,
  signal = new AbortController().signal,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for await (const batch of accessOf(of, query, () => '2026-01-01T00:00:00Z').read({
    fields: ['custId'],
    signal,
  })) {
    assert.equal(batch.asOf, '2026-01-01T00:00:00Z');
    for (let i = 0; i < batch.length; i++) found.push(batch.row(i));
  }
  return found;
}

const scoreOf = (id: Value): Row => ({ custId: id, grade: 'A', points: 1 });
const many = (max?: number) => ({
  key: ['custId'],
  getMany: { operation: 'GetMany', arguments: { custId: 'CustId' }, ...(max === undefined ? {} : { max }) },
});
const getMany = () =>
  new Recorded(
    'GetMany',
    [{ name: 'custIds', type: { kind: 'list', of: int }, legacyName: 'CustId' }],
    rows,
    ({ custIds }) => (Array.isArray(custIds) ? custIds.map(scoreOf) : []),
  );
const getOne = () =>
  new Recorded('GetOne', [{ name: 'custId', type: int }], row, ({ custId: id }) =>
    Number(id) < 0 ? null : scoreOf(id ?? null),
  );

describe('a collection of operations', () => {
  it('asks for many keys in one call, each once', async () => {
    const operation = getMany();
    const found = await read(mapped(many(), operation), keys(3, 1, 3, 2));
    assert.deepEqual(operation.asked, [{ custIds: [3, 1, 2] }]);
    assert.deepEqual(
      found.map((one) => one['custId']),
      [3, 1, 2],
    );
  });

  it('asks for more keys than a call takes in several calls, in order', async () => {
    const operation = getMany();
    const found = await read(mapped(many(2), operation), keys(1, 2, 3, 4, 5));
    assert.deepEqual(operation.asked, [{ custIds: [1, 2] }, { custIds: [3, 4] }, { custIds: [5] }]);
    assert.deepEqual(
      found.map((one) => one['custId']),
      [1, 2, 3, 4, 5],
    );
  });

  it('without such a call asks for each key, so many at a time and no more, in order; null is no row', async () => {
    const operation = getOne();
    const of = mapped(
      { key: ['custId'], get: { operation: 'GetOne', arguments: { custId: 'custId' } }, concurrency: 3 },
      operation,
    );
    const found = await read(of, keys(5, -1, 4, 3, 2, 1, 5));
    assert.deepEqual(
      found.map((one) => one['custId']),
      [5, 4, 3, 2, 1],
    );
    assert.equal(operation.asked.length, 6);
    assert.equal(operation.most, 3);
  });

  it('prefers the single call for one key, and the call for many for more', async () => {
    const [one, all] = [getOne(), getMany()];
    const of = mapped({ ...many(), get: { operation: 'GetOne', arguments: { custId: 'custId' } } }, one, all);
    await read(of, where(['custId', 'eq', 7]));
    await read(of, where(['custId', 'in', 7, 8]));
    assert.deepEqual([one.asked, all.asked], [[{ custId: 7 }], [{ custIds: [7, 8] }]]);
  });

  it('takes a key that the row lacks from the question', async () => {
    const bare = new Recorded(
      'GetOne',
      [{ name: 'custId', type: int }],
      group('Bare', row.fields.slice(1)),
      () => ({ grade: 'B', points: null }),
    );
    const of = mapped(
      { key: ['custId'], get: { operation: 'GetOne', arguments: { custId: 'custId' } } },
      bare,
    );
    assert.deepEqual(await read(of, keys(9)), [{ grade: 'B', points: null, custId: 9 }]);
    assert.deepEqual(
      of.collection.fields.map(({ name }) => name),
      ['custId', 'grade', 'points'],
    );
    assert.deepEqual(of.collection.required, [['custId']]);
  });

  it('asks for keys of several fields in groups, whatever order they come in', async () => {
    const pair: ObjectType = {
      kind: 'object',
      name: 'Pair',
      fields: [
        { name: 'no', type: int },
        { name: 'branch', type: text },
        { name: 'x', type: int, nullable: true },
      ],
    };
    const operation = new Recorded(
      'GetMany',
      [{ name: 'keys', type: { kind: 'list', of: group('Key', pair.fields.slice(0, 2)) } }],
      { kind: 'list', of: pair },
      () => [],
    );
    const of = mapped(
      {
        key: ['branch', 'no'],
        getMany: { operation: 'GetMany', arguments: { branch: 'keys.branch', no: 'keys.no' } },
      },
      operation,
    );
    await read(of, {
      collection: 'scores',
      where: [
        {
          op: 'keys',
          fields: [
            { field: 'no', type: { kind: 'int32' } },
            { field: 'branch', type: { kind: 'string' } },
          ],
          keys: [
            [1, 'A'],
            [2, 'B'],
          ],
        },
      ],
      order: [],
    });
    assert.deepEqual(operation.asked, [
      {
        keys: [
          { branch: 'A', no: 1 },
          { branch: 'B', no: 2 },
        ],
      },
    ]);
  });

  const search = (answer: (input: Input) => Cell = () => [scoreOf(1)]) =>
    new Recorded(
      'Find',
      [
        { name: 'grade', type: text, nullable: true },
        { name: 'minPoints', type: int, nullable: true },
        { name: 'grades', type: { kind: 'list', of: text }, nullable: true },
        { name: 'closed', type: { kind: 'boolean' }, nullable: true },
      ],
      rows,
      answer,
    );
  const SEARCH = {
    operation: 'Find',
    where: { grade: { eq: 'grade', in: 'grades' }, points: { gte: 'minPoints' } },
    exact: ['grade.eq'],
    constants: { closed: true },
  };

  it('hands over what a search takes; what it is trusted with is exact, the rest is checked again or not covered', async () => {
    const operation = search();
    const of = mapped({ key: ['custId'], search: SEARCH }, operation);
    const query = where(['grade', 'eq', 'A'], ['points', 'gte', 5], ['points', 'lt', 9]);
    assert.deepEqual(accessOf(of, query, () => '').where, ['exact', 'inexact', 'none']);
    await read(of, query);
    await read(of, where(['grade', 'in', 'A', 'B']));
    assert.deepEqual(operation.asked, [
      { closed: true, grade: 'A', minPoints: 5 },
      { closed: true, grades: ['A', 'B'] },
    ]);
  });

  it('never puts a value into its explanation', () => {
    const { explain } = accessOf(
      mapped({ key: ['custId'], search: SEARCH }, search()),
      where(['grade', 'eq', 'SECRET']),
      () => '',
    );
    assert.equal(explain, '"Find" by grade');
  });

  it('a search that insists on a field makes it required, beside the key', () => {
    const of = mapped({ ...many(), search: { ...SEARCH, required: ['grade'] } }, search(), getMany());
    assert.deepEqual(of.collection.required, [['custId'], ['grade']]);
    assert.throws(() => accessOf(of, where(['points', 'gt', 1]), () => ''), { code: 'required-filter' });
    assert.equal(mapped({ ...many(), search: SEARCH }, search(), getMany()).collection.required, undefined);
  });

  it('reads pages by offset, by number and by token until there are no more', async () => {
    const all = Array.from({ length: 7 }, (_, i) => scoreOf(i));
    const paged = (name: string, input: readonly Field[], answer: (given: Input) => Cell) =>
      new Recorded(name, input, page, answer);
    const offset = paged(
      'Find',
      [
        { name: 'start', type: { kind: 'int64' } },
        { name: 'count', type: int },
      ],
      ({ start, count }) => ({
        scores: all.slice(Number(start), Number(start) + Number(count)),
        next: null,
      }),
    );
    assert.equal(
      (
        await read(
          mapped(
            {
              key: ['custId'],
              search: {
                operation: 'Find',
                rows: 'scores',
                paging: { offset: 'start', limit: 'count', pageSize: 3 },
              },
            },
            offset,
          ),
          where(),
        )
      ).length,
      7,
    );
    assert.deepEqual(offset.asked, [
      { start: 0n, count: 3 },
      { start: 3n, count: 3 },
      { start: 6n, count: 3 },
    ]);

    const numbered = paged('Find', [{ name: 'page', type: text }], ({ page: n }) => ({
      scores: all.slice((Number(n) - 1) * 3, Number(n) * 3),
      next: null,
    }));
    assert.equal(
      (
        await read(
          mapped(
            {
              key: ['custId'],
              search: { operation: 'Find', rows: 'scores', paging: { page: 'page', pageSize: 3 } },
            },
            numbered,
          ),
          where(),
        )
      ).length,
      7,
    );
    assert.deepEqual(numbered.asked, [{ page: '1' }, { page: '2' }, { page: '3' }]);

    const tokens = paged('Find', [{ name: 'token', type: text, nullable: true }], ({ token = 'a' }) => ({
      scores: [scoreOf(token === 'a' ? 1 : 2)],
      next: token === 'a' ? 'b' : null,
    }));
    assert.equal(
      (
        await read(
          mapped(
            {
              key: ['custId'],
              search: { operation: 'Find', rows: 'scores', paging: { cursor: 'token', next: 'next' } },
            },
            tokens,
          ),
          where(),
        )
      ).length,
      2,
    );
    assert.deepEqual(tokens.asked, [{}, { token: 'b' }]);
  });

  it('a service that gives the same page for ever is stopped', async () => {
    const same = new Recorded('Find', [{ name: 'start', type: int }], page, () => ({
      scores: [scoreOf(1), scoreOf(2)],
      next: null,
    }));
    await assert.rejects(
      read(
        mapped(
          {
            key: ['custId'],
            search: { operation: 'Find', rows: 'scores', paging: { offset: 'start', pageSize: 2 } },
          },
          same,
        ),
        where(),
      ),
      { kind: 'upstream', code: 'paging-loop' },
    );
    const token = new Recorded('Find', [{ name: 'token', type: text, nullable: true }], page, () => ({
      scores: [],
      next: 'x',
    }));
    await assert.rejects(
      read(
        mapped(
          {
            key: ['custId'],
            search: { operation: 'Find', rows: 'scores', paging: { cursor: 'token', next: 'next' } },
          },
          token,
        ),
        where(),
      ),
      { code: 'paging-loop' },
    );
  });

  it('when one of several calls fails, the others are told to stop and no further one begins', async () => {
    const operation = new Recorded('GetOne', [{ name: 'custId', type: int }], row, ({ custId: id }) => {
      if (id === 2) throw new Fault('upstream', 'no');
      return scoreOf(id ?? null);
    });
    const of = mapped(
      { key: ['custId'], get: { operation: 'GetOne', arguments: { custId: 'custId' } }, concurrency: 2 },
      operation,
    );
    await assert.rejects(read(of, keys(...Array.from({ length: 50 }, (_, i) => i))), { kind: 'upstream' });
    assert.ok(operation.asked.length < 6, String(operation.asked.length));
    assert.equal(operation.inFlight, 0);
  });

  it('a reader that leaves ends the calls', async () => {
    const leaving = new AbortController();
    const operation = new Recorded('GetOne', [{ name: 'custId', type: int }], row, ({ custId: id }) => {
      if (id === 4) leaving.abort(new Error('left'));
      return scoreOf(id ?? null);
    });
    const of = mapped(
      { key: ['custId'], get: { operation: 'GetOne', arguments: { custId: 'custId' } }, concurrency: 2 },
      operation,
    );
    await assert.rejects(read(of, keys(...Array.from({ length: 50 }, (_, i) => i)), leaving.signal));
    assert.ok(operation.asked.length < 10);
    assert.equal(operation.inFlight, 0);
  });

  it('a row that could not be decoded as a whole is thrown; a field that could not stays in its row', async () => {
    const bad = new Fault('corrupt', 'no row');
    await assert.rejects(
      read(
        mapped(
          many(),
          new Recorded(
            'GetMany',
            [{ name: 'custIds', type: { kind: 'list', of: int }, legacyName: 'CustId' }],
            rows,
            () => [bad],
          ),
        ),
        keys(1),
      ),
      bad,
    );
    const half = new Recorded(
      'GetMany',
      [{ name: 'custIds', type: { kind: 'list', of: int }, legacyName: 'CustId' }],
      rows,
      () => [{ custId: 1, grade: bad, points: 1 }],
    );
    assert.equal((await read(mapped(many(), half), keys(1)))[0]?.['grade'], bad);
  });

  it('every mistake of the configuration is named', () => {
    const problem = (options: unknown, ...operations: readonly Recorded[]): string => {
      try {
        mapped(options, ...operations);
      } catch (error) {
        assert.ok(error instanceof Fault && error.misconfigured);
        assert.equal(error.place.collection, 'scores');
        return [error.message, ...error.errors.map(({ message }) => message)].join('\n');
      }
      return '';
    };
    assert.match(problem(many()), /There is no operation "GetMany"/);
    assert.match(
      problem({ key: ['custID'], getMany: many().getMany }, getMany()),
      /has no "custID".*custId/s,
    );
    assert.match(
      problem(
        { key: ['custId'], getMany: { operation: 'GetMany', arguments: { custId: 'CustIds' } } },
        getMany(),
      ),
      /"GetMany" has no "CustIds"\. Did you mean "custIds"/,
    );
    assert.match(
      problem({ ...many(), get: { operation: 'GetOne', arguments: {} } }, getMany(), getOne()),
      /No argument takes the key field custId/,
    );
    assert.match(
      problem(many(), new Recorded('GetMany', getMany().callable.operation.input, rows, () => [], 'write')),
      /operations: \{ GetMany: \{ effect: read \} \}/,
    );
    assert.match(
      problem(many(), new Recorded('GetMany', getMany().callable.operation.input, row, () => [])),
      /object Score, not a list of groups/,
    );
    assert.match(
      problem(
        { ...many(), search: SEARCH },
        getMany(),
        new Recorded(
          'Find',
          search().callable.operation.input,
          { kind: 'list', of: group('Other', row.fields.slice(0, 2)) },
          () => [],
        ),
      ),
      /gives other rows than "GetMany": points: int32/,
    );
    assert.match(
      problem(
        {
          key: ['custId'],
          search: { ...SEARCH, exact: ['grade.lt'], required: ['points'], constants: { closed: 'x' } },
        },
        search(),
      ),
      /is none of.*"points" is required.*no boolean/s,
    );
  });
});
