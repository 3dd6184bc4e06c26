// The hostile corpus put to a database and to the memory adapter through what the gateway itself reads by: the same for every
// SQL product. Sources here may write: what could be smuggled in would run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Conjunct,
  type Field,
  isComparable,
  type Order,
  type Query,
  type Row,
  type Scalar,
  type Source,
  type Value,
  valueAt,
} from '#spi';
import { memorySource } from '../../../adapters/memory/memory.ts';
import { DEFAULT_POLICY } from '../../../src/policy.ts';
import { count, read } from '../../../src/run/read.ts';
import { LONG_TEXTS, NAMES, TEXTS, valuesOf, WITH_NUL } from './hostile.ts';

/** As the product's own driver takes it. */
export type Stored = null | boolean | number | bigint | string | Uint8Array;

export interface HostileColumn {
  readonly name: string;
  /** Its type, and what else stands behind the name in CREATE TABLE. */
  readonly declared: string;
}

/** The first column is the key. */
export interface HostileTable {
  readonly name: string;
  readonly columns: readonly HostileColumn[];
  readonly rows: readonly (readonly Stored[])[];
}

/** What the configuration calls them: a collection for each table, a field for each of its columns. */
export type Collections = Readonly<
  Record<
    string,
    {
      readonly table: string;
      readonly key: readonly string[];
      readonly columns: Readonly<Record<string, string>>;
    }
  >
>;

export interface Injection {
  readonly name: string;
  readonly skip?: string | false;
  /** Types to ask about, the values that stand in them; of texts those of the corpus that the type keeps are added. */
  readonly types: readonly {
    readonly declared: string;
    readonly values?: readonly Stored[];
    readonly keeps?: (text: string) => boolean;
  }[];
  /** Declared type of an integer key, and of the longest texts. */
  readonly integer: string;
  readonly longText: string;
  /** The product can have a table and a column of this name. */
  readonly names?: (name: string) => boolean;
  /** Creates and fills the tables by the product's own means, then opens a source that may write. */
  open(
    tables: readonly HostileTable[],
    collectionsOf: (tables: readonly HostileTable[]) => Collections,
  ): Promise<Source>;
}

const { signal } = new AbortController();

function collectionsOf(tables: readonly HostileTable[]): Collections {
  return Object.fromEntries(
    tables.map(({ name, columns }, i) => [
      `t${i}`,
      {
        table: name,
        key: columns.slice(0, 1).map((column) => column.name),
        columns: Object.fromEntries(columns.map((column, at) => [column.name, at === 0 ? 'id' : `f${at}`])),
      },
    ]),
  );
}

const VICTIM = (integer: string): HostileTable => ({
  name: 'victim',
  columns: [{ name: 'id', declared: integer }],
  rows: [[1], [2]],
});

function fieldsOf(source: Source, collection: string): readonly Field[] {
  return source.model.collections.find(({ name }) => name === collection)?.fields ?? [];
}

async function rowsOf(source: Source, query: Query, fields: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of read(source, query, { fields, signal }, DEFAULT_POLICY)) {
    for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
  }
  return rows;
}

function keyOf(source: Source, collection: string): Order {
  const id = fieldsOf(source, collection).find(({ name }) => name === 'id');
  assert.ok(id !== undefined && isComparable(id.type));
  return [{ field: 'id', type: id.type, descending: false }];
}

/** Every operator that the type takes with this value, each also negated and beside another condition. */
function* conjunctsOf(field: string, type: Scalar, value: Value, other: Value): Generator<Conjunct> {
  yield { op: 'eq', field, type, value };
  yield { op: 'ne', field, type, value };
  yield { op: 'in', field, type, values: [value, other] };
  yield { op: 'keys', fields: [{ field, type }], keys: [[value], [other]] };
  yield { op: 'not', of: [{ op: 'in', field, type, values: [other, value] }] };
  yield { op: 'any', of: [[{ op: 'eq', field, type, value }], [{ op: 'null', field, type, is: true }]] };
  if (!['boolean', 'bytes'].includes(type.kind)) {
    for (const op of ['lt', 'le', 'gt', 'ge'] as const) yield { op, field, type, value };
    yield { op: 'not', of: [{ op: 'ge', field, type, value }] };
  }
  if (type.kind === 'string' && typeof value === 'string') {
    for (const op of ['startsWith', 'endsWith', 'contains'] as const) {
      yield { op, field, type, value };
      yield { op: 'not', of: [{ op, field, type, value }] };
    }
  }
}

const shown = (query: Query): string =>
  JSON.stringify(query, (_name, value: unknown) =>
    typeof value === 'bigint'
      ? `${value}n`
      : typeof value === 'string' && value.length > 200
        ? `${value.slice(0, 20)}… (${value.length})`
        : value,
  );

/** The collection of the source and the memory adapter with the same rows. */
interface Compared {
  readonly source: Source;
  readonly memory: Source;
  readonly key: Order;
  readonly all: readonly Row[];
  readonly fields: readonly Field[];
}

async function compared(source: Source, collection: string): Promise<Compared> {
  const fields = fieldsOf(source, collection);
  const key = keyOf(source, collection);
  const names = fields.map(({ name }) => name);
  const all = await rowsOf(source, { collection, where: [], order: key }, names);
  // Throws the fault of a cell that does not decode.
  for (const row of all) for (const name of names) valueAt(row, name);
  const known = source.model.collections.filter(({ name }) => name === collection);
  return {
    source,
    memory: memorySource(known.map((own) => ({ ...own, rows: all }))),
    key,
    all,
    fields,
  };
}

async function sameAnswer({ source, memory }: Compared, query: Query, counted: boolean): Promise<number> {
  const wanted = (await rowsOf(memory, query, ['id'])).map(({ id }) => id);
  const got = (await rowsOf(source, query, ['id'])).map(({ id }) => id);
  assert.deepEqual(got, wanted, shown(query));
  if (counted) assert.equal(await count(source, query, signal, DEFAULT_POLICY), wanted.length, shown(query));
  return wanted.length;
}

async function unharmed(source: Source, collection: string): Promise<void> {
  const query = { collection, where: [], order: [] };
  assert.equal(await count(source, query, signal, DEFAULT_POLICY), 2, 'nothing was done to another table');
}

/** Registers the suite for one product. */
export function injection(product: Injection): void {
  const canBe = NAMES.filter((name) => product.names?.(name) ?? true);

  describe(`hostile values and names: ${product.name}`, { skip: product.skip ?? false }, () => {
    it('every value of the corpus comes back as it was stored', async () => {
      const texts = [...TEXTS, ...WITH_NUL];
      for (const { declared, keeps } of product.types) {
        const kept = texts.filter((text) => keeps?.(text) === true);
        if (kept.length === 0) continue;
        const table: HostileTable = {
          name: 'kept',
          columns: [
            { name: 'id', declared: product.integer },
            { name: 'v', declared },
          ],
          rows: kept.map((text, i) => [i + 1, text]),
        };
        const source = await product.open([table], collectionsOf);
        const rows = await rowsOf(source, { collection: 't0', where: [], order: keyOf(source, 't0') }, [
          'id',
          'f1',
        ]);
        const padded = /^char\(/i.test(declared);
        assert.deepEqual(
          rows.map((row) => row['f1']),
          kept.map((text) => (padded ? text.replace(/ +$/, '') : text)),
          declared,
        );
      }
    });

    it('every operator with every value on a column of every type answers as the memory adapter does', async () => {
      const texts = [...TEXTS, ...WITH_NUL];
      const stored = product.types.map(({ values = [], keeps }) => [
        ...values,
        ...texts.filter((text) => keeps?.(text) === true),
      ]);
      const rows = Array.from({ length: Math.max(...stored.map(({ length }) => length)) }, (_, i) => [
        i + 1,
        ...stored.map((values) => (i % 11 === 10 ? null : (values[i % values.length] ?? null))),
      ]);
      const table: HostileTable = {
        name: 'a "table`]; --',
        columns: [
          { name: 'id', declared: product.integer },
          ...product.types.map(({ declared }, i) => ({ name: canBe[i] ?? `c${i}`, declared })),
        ],
        rows,
      };
      const source = await product.open([table, VICTIM(product.integer)], collectionsOf);
      const both = await compared(source, 't0');
      assert.equal(both.all.length, rows.length);
      let found = 0;
      let asked = 0;
      for (const { name: field, type: own } of both.fields.slice(1)) {
        // Documents are asked for nulls alone.
        const type = own.kind === 'json' || isComparable(own) ? own : assert.fail(field);
        for (const is of [true, false]) {
          const where: readonly Conjunct[] = [{ op: 'null', field, type, is }];
          await sameAnswer(both, { collection: 't0', where, order: both.key }, true);
        }
        const values = valuesOf(type);
        for (const [i, value] of values.entries()) {
          const other = values[(i * 7 + 3) % values.length] ?? null;
          const conjuncts = [...conjunctsOf(field, type, value, other)];
          // All of them on the first of the texts; on each further column every value and every operator.
          const some = field === 'f1' ? conjuncts : conjuncts.filter((_, at) => (at + i) % 7 === 0);
          for (const conjunct of some) {
            const query: Query = { collection: 't0', where: [conjunct], order: both.key };
            found += await sameAnswer(both, query, asked++ % 5 === 0);
          }
          if (!['boolean', 'bytes', 'enum'].includes(type.kind)) {
            const order: Order = [{ field, type, descending: i % 2 === 1 }, ...both.key];
            const [id] = both.key.map((own) => valueAt(both.all[i % both.all.length] ?? {}, own.field));
            const after: Conjunct = { op: 'after', order, values: [value, id ?? null] };
            found += await sameAnswer(both, { collection: 't0', where: [after], order }, false);
          }
        }
      }
      assert.ok(found > 1_000, `conditions were met: ${found}`);
      await unharmed(source, 't1');
    });

    it('texts of a megabyte are stored values, conditions and cursors like others', async () => {
      const table: HostileTable = {
        name: 'long',
        columns: [
          { name: 'id', declared: product.integer },
          { name: 'v', declared: product.longText },
        ],
        rows: LONG_TEXTS.map((text, i) => [i + 1, text]),
      };
      const source = await product.open([table, VICTIM(product.integer)], collectionsOf);
      const both = await compared(source, 't0');
      assert.deepEqual(
        both.all.map((row) => row['f1']),
        LONG_TEXTS,
      );
      const type: Scalar = { kind: 'string' };
      for (const value of [...LONG_TEXTS.slice(0, 2), `${LONG_TEXTS[0]}\ud83d`]) {
        for (const conjunct of conjunctsOf('f1', type, value, '')) {
          if (['ne', 'lt', 'ge', 'any', 'not'].includes(conjunct.op)) continue;
          await sameAnswer(both, { collection: 't0', where: [conjunct], order: both.key }, false);
        }
        const order: Order = [{ field: 'f1', type, descending: false }, ...both.key];
        const after: Conjunct = { op: 'after', order, values: [value, null] };
        await sameAnswer(both, { collection: 't0', where: [after], order }, false);
      }
      await unharmed(source, 't1');
    });

    it('every name can be the name of a table, of its key and of a column', async () => {
      const tables = canBe.map(
        (name): HostileTable => ({
          name,
          columns: [
            { name, declared: product.integer },
            { name: `${name.slice(0, 50)}2`, declared: product.integer },
          ],
          rows: [
            [1, 10],
            [2, null],
            [3, 30],
          ],
        }),
      );
      const source = await product.open([...tables, VICTIM(product.integer)], collectionsOf);
      await source.check(signal);
      for (const [i, { name }] of tables.entries()) {
        const collection = `t${i}`;
        const both = await compared(source, collection);
        assert.equal(both.all.length, 3, name);
        const [, second] = both.fields;
        assert.ok(second !== undefined && isComparable(second.type), name);
        const { type } = second;
        const [id] = both.key;
        assert.ok(id !== undefined);
        const order: Order = [{ field: 'f1', type, descending: true }, id];
        const values = [valueAt(both.all[0] ?? {}, 'f1'), valueAt(both.all[0] ?? {}, 'id')];
        const questions: readonly Query[] = [
          { collection, where: [{ op: 'gt', field: 'f1', type, value: values[0] ?? null }], order },
          { collection, where: [{ op: 'null', field: 'f1', type, is: true }], order: both.key },
          { collection, where: [{ op: 'after', order, values }], order },
          {
            collection,
            where: [{ op: 'keys', fields: [{ field: 'id', type: id.type }], keys: [[values[1] ?? null]] }],
            order: both.key,
          },
          {
            collection,
            where: [
              {
                op: 'keys',
                fields: [
                  { field: 'id', type: id.type },
                  { field: 'f1', type },
                ],
                keys: [values.toReversed()],
              },
            ],
            order: both.key,
          },
        ];
        for (const query of questions) {
          assert.ok((await sameAnswer(both, query, true)) > 0, `${name}: ${shown(query)}`);
        }
      }
      await unharmed(source, `t${tables.length}`);
    });
  });
}
