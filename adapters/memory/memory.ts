// Knows: rows that stand in the configuration. The reference adapter and the tests' oracle: it pushes nothing down,
// so everything that it answers the gateway has worked out.
// Must not know: anything beyond the contract.

import { z } from 'zod';
import {
  type Change,
  type Collection,
  defineAdapter,
  Fault,
  type Field,
  fromJson,
  type Row,
  type Scalar,
  type Source,
  type Value,
  type WatchHow,
} from '#spi';
import { applyAll, type Tables } from './apply.ts';
import { differences, feed } from './changes.ts';

/** A collection with its rows in their own order. */
export interface MemoryCollection extends Collection {
  readonly rows: readonly Row[];
}

const ROWS_PER_BATCH = 256;

/** How changes are remembered. `epoch`: as `feed` has it. `kept`: events of each collection. */
export interface Memory {
  readonly epoch: string;
  readonly kept: number;
}

const KEPT_EVENTS = 1_000;

/** The rows are as they are since they were written last, or since the beginning; `now` says when that is. */
export function memorySource(
  collections: readonly MemoryCollection[],
  now: () => string = () => EPOCH,
  { epoch = 'memory', kept = KEPT_EVENTS }: Partial<Memory> = {},
): Source {
  let asOf = now();
  let writes = 0;
  const byName = new Map(collections.map((collection) => [collection.name, collection]));
  const tables: Tables = new Map(collections.map(({ name, rows }) => [name, rows]));
  const feeds = new Map(
    collections.flatMap(({ name, watchable }) =>
      watchable === true ? [[name, feed(epoch, kept, () => asOf)] as const] : [],
    ),
  );
  return {
    model: { collections: collections.map(({ rows: _, ...collection }) => collection), operations: [] },
    access: ({ collection, where, order }) => ({
      where: where.map(() => 'none'),
      ordered: order.length === 0,
      limits: false,
      cost: 'scan',
      explain: `all rows of ${collection}`,
      async *read({ signal }) {
        // Who reads goes on with the rows that were there when he began.
        const rows = tables.get(collection) ?? [];
        const current = asOf;
        for (let start = 0; start < rows.length; start += ROWS_PER_BATCH) {
          signal.throwIfAborted();
          const batch = rows.slice(start, start + ROWS_PER_BATCH);
          yield { length: batch.length, row: (i) => batch[i] ?? {}, asOf: current };
        }
      },
    }),
    check: async () => {},
    version: () => String(writes),
    ...(collections.some(({ writes = [] }) => writes.length > 0)
      ? {
          async write(changes: readonly Change[]) {
            const { outcomes, tables: changed } = applyAll(changes, tables, byName);
            asOf = now();
            writes++;
            for (const [name, own] of feeds) {
              const collection = byName.get(name);
              if (collection !== undefined)
                own.add(differences(collection, tables.get(name) ?? [], changed.get(name) ?? []));
            }
            for (const [name, rows] of changed) tables.set(name, rows);
            return outcomes;
          },
        }
      : {}),
    ...(feeds.size === 0
      ? {}
      : {
          watch(collection: string, how: WatchHow) {
            const found = feeds.get(collection);
            if (found === undefined) {
              throw new Fault('unsupported', `"${collection}" cannot be watched`, { code: 'not-watchable' });
            }
            return found.watch(how);
          },
        }),
    async [Symbol.asyncDispose]() {
      for (const own of feeds.values()) own.end();
    },
  };
}

const EPOCH = '1970-01-01T00:00:00Z';

const TYPES = {
  boolean: { kind: 'boolean' },
  int32: { kind: 'int32' },
  int64: { kind: 'int64' },
  float64: { kind: 'float64' },
  string: { kind: 'string' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  timestamp: { kind: 'timestamp' },
  instant: { kind: 'instant' },
  bytes: { kind: 'bytes' },
} as const satisfies Record<string, Scalar>;

const typeName = z
  .string()
  .regex(new RegExp(`^(${Object.keys(TYPES).join('|')}|decimal\\(\\d+,\\d+\\))$`))
  .describe(`${Object.keys(TYPES).join(', ')} or decimal(P,S)`);

const options = z.strictObject({
  collections: z
    .record(
      z.string(),
      z.strictObject({
        doc: z.string().optional().describe('What the collection is, for the API reference'),
        writes: z
          .array(z.enum(['insert', 'update', 'upsert', 'delete']))
          .default([])
          .describe(
            'What clients may do to the rows, and watch being done; what they did is forgotten when the gateway stops',
          ),
        key: z.array(z.string()).default([]).describe('Key fields; leave out for a collection without a key'),
        fields: z.record(z.string(), typeName).describe('Field name → type; every field may be null'),
        rows: z
          .array(z.record(z.string(), z.unknown()))
          .describe('The rows; decimals and 64-bit integers as text'),
      }),
    )
    .describe(
      'Collections with their rows: a small lookup table, or a stand-in while the real source is built',
    ),
});

type MemoryOptions = z.infer<typeof options>;

export const adapter = defineAdapter<MemoryOptions>({
  name: 'memory',
  options,
  open: async ({ collections }, { source }) =>
    memorySource(
      Object.entries(collections).map(([name, { doc, key, writes, fields, rows }]) => {
        const typed = Object.entries(fields).map(([field, type]): Field & { readonly type: Scalar } => ({
          name: field,
          type: scalar(type),
          nullable: !key.includes(field),
        }));
        return {
          name,
          ...(doc === undefined ? {} : { doc }),
          key,
          // What nobody can change need not be watched.
          ...(writes.length === 0 ? {} : { writes, watchable: true }),
          fields: typed,
          rows: rows.map((row, i) => typedRow(typed, row, { source, collection: name, record: i + 1 })),
        };
      }),
      () => new Date().toISOString(),
      { epoch: crypto.randomUUID() },
    ),
});

function scalar(text: string): Scalar {
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(text);
  if (decimal !== null) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const known = Object.entries(TYPES).find(([name]) => name === text);
  if (known === undefined) throw new Fault('invalid', `"${text}" is no type`, { misconfigured: true });
  return known[1];
}

function typedRow(
  fields: readonly (Field & { readonly type: Scalar })[],
  row: Readonly<Record<string, unknown>>,
  place: { readonly source: string; readonly collection: string; readonly record: number },
): Row {
  const unknown = Object.keys(row).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) {
    throw new Fault(
      'invalid',
      `Row ${place.record} of "${place.collection}" has a value for "${unknown}", which is no field`,
      {
        misconfigured: true,
        ...place,
      },
    );
  }
  return Object.fromEntries(
    fields.map(({ name, type }): [string, Value] => {
      const value = fromJson(type, Object.hasOwn(row, name) ? row[name] : null);
      if (value === undefined) {
        throw new Fault(
          'invalid',
          `Row ${place.record} of "${place.collection}" has no valid ${type.kind} in "${name}"`,
          {
            misconfigured: true,
            ...place,
          },
        );
      }
      return [name, value];
    }),
  );
}
