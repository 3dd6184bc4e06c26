// The one suite that every adapter passes, bare and through the guards. Claims are read from the source itself:
// its model and its offers; what it does not claim is tested for being refused.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Batch,
  ByteSink,
  type Collection,
  compareRows,
  type Fault,
  type Query,
  type Row,
  type Source,
  toJson,
  valueAt,
} from '#spi';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { count, read } from '../../src/run/read.ts';
import { random } from '../random.ts';
import { type DataCollection, dataset } from './dataset.ts';
import { guarded } from './guarded.ts';
import { answer, operand, orderKey, randomQuery, rowsAs, totalOrder } from './oracle.ts';

export interface Conformance {
  readonly name: string;
  /** Puts the data into the adapter's own shape and opens it. Called once for each run of the suite. */
  open(data: readonly DataCollection[]): Promise<Source>;
  /** The own order of rows without a key, where it is not the one they were put in: by all their values. */
  readonly ownOrder?: 'values';
  /** The data as the source can hold it, where it cannot hold all of it: an empty text may be null. */
  heldAs?(collection: DataCollection): DataCollection;
  /** Random queries for each collection. */
  readonly queries?: number;
  readonly skip?: string | false;
}

export function conformance(subject: Conformance): void {
  suite(subject);
  suite({
    ...subject,
    name: `${subject.name}, guarded`,
    queries: Math.ceil((subject.queries ?? 400) / 8),
    open: async (data) => guarded(await subject.open(data)),
  });
}

/** A collection without a key, its rows in the order of all their values. */
function sortedByValues(collection: DataCollection): DataCollection {
  if (collection.key.length > 0) return collection;
  const order = collection.fields.map(({ name }) => orderKey(collection, name, false));
  const rows = collection.rows.toSorted((a, b) =>
    compareRows(
      order,
      ({ field }) => valueAt(a, field),
      order.map(({ field }) => valueAt(b, field)),
    ),
  );
  return { ...collection, rows };
}

function suite({ name, open, queries = 400, skip = false, ownOrder, heldAs }: Conformance): void {
  describe(`conformance: ${name}`, { skip }, () => {
    const held = dataset().map((collection) => heldAs?.(collection) ?? collection);
    const data = ownOrder === undefined ? held : held.map(sortedByValues);
    const opened = open(data);
    opened.catch(() => {});
    const never = new AbortController().signal;

    const subjects = async () => {
      const source = await opened;
      return data.map((collection) => {
        const model = source.model.collections.find((candidate) => candidate.name === collection.name);
        assert.ok(model, `the model has ${collection.name}`);
        return { source, model, rows: rowsAs(collection, model) };
      });
    };

    it('the model names the fields and the key of every collection', async () => {
      for (const { model } of await subjects()) {
        const declared = data.find((collection) => collection.name === model.name);
        assert.deepEqual(model.key, declared?.key);
        for (const field of declared?.fields ?? []) operand(model, field.name);
      }
    });

    it('a healthy source passes its check', async () => {
      await (await opened).check(never);
    });

    it('everything is read once, in key order, or in the source’s own order where there is no key', async () => {
      for (const { source, model, rows } of await subjects()) {
        const query = { collection: model.name, where: [], order: totalOrder(model, []) };
        assert.deepEqual(await readAll(source, model, query), answer(rows, query));
        assert.deepEqual(await readAll(source, model, query), answer(rows, query), 'and the same again');
      }
    });

    it('a batch holds the fields asked for, whatever their number', async () => {
      for (const { source, model, rows } of await subjects()) {
        for (const field of model.fields) {
          const query = { collection: model.name, where: [], order: totalOrder(model, []) };
          const seen = await collect(source.access(query).read({ fields: [field.name], signal: never }), [
            field.name,
          ]);
          assert.equal(seen.length, rows.length);
        }
      }
    });

    it(`${queries} random queries for each collection have the answer of the reference semantics`, async () => {
      for (const { source, model, rows } of await subjects()) {
        const dice = random(model.name.length * 1_000 + queries);
        for (let i = 0; i < queries; i++) {
          const query = randomQuery(dice, model, rows);
          const limit = dice.chance(0.5) ? 1 + dice.int(30) : undefined;
          const got = await readAll(source, model, query, limit);
          assert.deepEqual(got, answer(rows, query, limit), `query ${i}: ${text(query)} limit ${limit}`);
          if (i % 7 === 0) {
            assert.equal(
              await count(source, query, never, DEFAULT_POLICY),
              answer(rows, query).length,
              `count ${i}: ${text(query)}`,
            );
          }
        }
      }
    });

    it('an offer is honest: exact means no extra row, inexact means none missing, ordered means in order', async () => {
      for (const { source, model, rows } of await subjects()) {
        const dice = random(4_711 + model.name.length);
        for (let i = 0; i < 150; i++) {
          const query = randomQuery(dice, model, rows);
          const access = source.access(query);
          assert.equal(access.where.length, query.where.length);
          assert.notEqual(access.explain, '');
          const exact = query.where.filter((_, at) => access.where[at] === 'exact');
          const raw = await collect(access.read({ fields: names(model), signal: never }), names(model));
          const wanted = answer(rows, { ...query, where: exact });
          const all = answer(rows, query);
          const inexact = access.where.includes('inexact');
          const here = `query ${i}: ${text(query)} offered ${JSON.stringify(access.where)}`;
          if (access.ordered && !inexact) assert.deepEqual(raw, wanted, here);
          else {
            const bag = new Set(raw.map(line));
            for (const row of all) assert.ok(bag.has(line(row)), `${here} lost ${line(row)}`);
            if (!inexact) assert.equal(raw.length, wanted.length, here);
          }
        }
      }
    });

    it('a limit that is obeyed gives the first rows and no more', async () => {
      for (const { source, model, rows } of await subjects()) {
        const query = { collection: model.name, where: [], order: totalOrder(model, []) };
        const access = source.access(query);
        if (!access.limits || !access.ordered) continue;
        const seen = await collect(
          access.read({ fields: names(model), limit: 5, signal: never }),
          names(model),
        );
        assert.deepEqual(seen, answer(rows, query, 5));
      }
    });

    it('direct JSON is the JSON of the row', async () => {
      for (const { source, model } of await subjects()) {
        const fields = names(model).toReversed();
        const query = { collection: model.name, where: [], order: totalOrder(model, []) };
        const out = new ByteSink(16);
        for await (const batch of source.access(query).read({ fields, json: fields, signal: never })) {
          if (batch.json === undefined) return;
          for (let i = 0; i < batch.length; i++) {
            out.length = 0;
            batch.json(i, out);
            const row = batch.row(i);
            const expected = Object.fromEntries(
              fields.map((name) => {
                const field = model.fields.find((candidate) => candidate.name === name);
                assert.ok(field);
                return [name, toJson(field.type, row[name] ?? null)];
              }),
            );
            assert.equal(new TextDecoder().decode(out.take()), JSON.stringify(expected));
          }
        }
      }
    });

    it('a version that is told is taken back, and names the same rows', async () => {
      for (const { source, model, rows } of await subjects()) {
        const query = { collection: model.name, where: [], order: totalOrder(model, []) };
        const version = await versionOf(source, model, query);
        if (version === undefined) continue;
        assert.match(version, /^[\x21-\x7e]{1,100}$/);
        const again = { ...query, version };
        assert.equal(await versionOf(source, model, again), version);
        assert.deepEqual(await readAll(source, model, again), answer(rows, query));
        assert.equal(await count(source, again, never, DEFAULT_POLICY), rows.length);
      }
    });

    it('a version that it does not have gives the newest in key order; rows that are only counted are refused', async () => {
      const all = await subjects();
      const told = await Promise.all(
        all.map(({ source, model }) =>
          versionOf(source, model, { collection: model.name, where: [], order: [] }),
        ),
      );
      for (const [i, { source, model, rows }] of all.entries()) {
        const others = told.flatMap((one) => (one === undefined || one === told[i] ? [] : [one]));
        for (const version of ['x', '../..', '__proto__', '~'.repeat(100), ...others]) {
          const query = { collection: model.name, where: [], order: totalOrder(model, []), version };
          // Who keeps no versions passes over what was never told.
          if (model.key.length > 0 || told[i] === undefined) {
            assert.deepEqual(await readAll(source, model, query), answer(rows, query), version);
            continue;
          }
          for (const asked of [
            () => readAll(source, model, query),
            () => count(source, query, never, DEFAULT_POLICY),
          ]) {
            await assert.rejects(
              asked,
              ({ kind, code }: Fault) => kind === 'stale' && code === 'cursor-expired',
            );
          }
        }
      }
    });

    it('keys that do not exist give nothing, keys given twice give one row', async () => {
      for (const { source, model, rows } of await subjects()) {
        if (model.key.length === 0) continue;
        const fields = model.key.map((key) => operand(model, key));
        const known = fields.map(({ field }) => valueAt(rows[17] ?? {}, field));
        const missing = fields.map(({ type }) =>
          type.kind === 'string' ? 'none' : type.kind === 'int32' ? -7 : -7n,
        );
        const query: Query = {
          collection: model.name,
          where: [{ op: 'keys', fields, keys: [known, missing, known] }],
          order: totalOrder(model, []),
        };
        assert.deepEqual(await readAll(source, model, query), [rows[17]]);
      }
    });

    it('nulls come first ascending and last descending', async () => {
      for (const { source, model, rows } of await subjects()) {
        for (const nullable of model.fields.filter((field) => rows.some((row) => row[field.name] === null))) {
          for (const descending of [false, true]) {
            const order = totalOrder(model, [orderKey(model, nullable.name, descending)]);
            const query = { collection: model.name, where: [], order };
            const got = await readAll(source, model, query);
            assert.equal(got.at(descending ? -1 : 0)?.[nullable.name], null);
            assert.deepEqual(got, answer(rows, query));
          }
        }
      }
    });

    it('a reader that stops early leaves the source usable', async () => {
      for (const { source, model, rows } of await subjects()) {
        const query = { collection: model.name, where: [], order: totalOrder(model, []) };
        for (let i = 0; i < 20; i++) {
          for await (const batch of source.access(query).read({ fields: names(model), signal: never })) {
            assert.ok(batch.length > 0);
            break;
          }
        }
        assert.equal((await readAll(source, model, query)).length, rows.length);
      }
    });

    it('an aborted read ends with the reason and leaves the source usable', async () => {
      for (const { source, model, rows } of await subjects()) {
        const query = { collection: model.name, where: [], order: totalOrder(model, []) };
        const leaving = new AbortController();
        leaving.abort(new Error('the client left'));
        await assert.rejects(async () => {
          for await (const _ of source.access(query).read({ fields: names(model), signal: leaving.signal })) {
            // Nothing may come.
          }
        }, /the client left/);
        assert.equal((await readAll(source, model, query)).length, rows.length);
      }
    });

    it('readers side by side do not disturb each other', async () => {
      for (const { source, model, rows } of await subjects()) {
        const dice = random(99);
        const asked = Array.from({ length: 25 }, () => randomQuery(dice, model, rows));
        const got = await Promise.all(asked.map((query) => readAll(source, model, query)));
        for (const [i, query] of asked.entries()) assert.deepEqual(got[i], answer(rows, query), text(query));
      }
    });

    it('what is not claimed is not there', async () => {
      const source = await opened;
      const writes = source.model.collections.some((collection) => (collection.writes ?? []).length > 0);
      assert.equal(source.write !== undefined, writes);
      assert.equal(source.invoke !== undefined, source.model.operations.length > 0);
      assert.equal(
        source.watch !== undefined,
        source.model.collections.some((collection) => collection.watchable === true),
      );
    });

    it('a source can be disposed of', async () => {
      await (await opened)[Symbol.asyncDispose]();
    });
  });
}

function names(model: Collection): readonly string[] {
  return model.fields.filter((field) => field.alternate !== true).map((field) => field.name);
}

function readAll(source: Source, model: Collection, query: Query, limit?: number): Promise<readonly Row[]> {
  const fields = names(model);
  const signal = new AbortController().signal;
  const batches = read(
    source,
    query,
    { fields, signal, ...(limit === undefined ? {} : { rows: limit }) },
    DEFAULT_POLICY,
  );
  return collect(batches, fields, limit);
}

/** Of all batches, which is one. */
async function versionOf(source: Source, model: Collection, query: Query): Promise<string | undefined> {
  const versions = new Set<string | undefined>();
  const ask = { fields: names(model), signal: new AbortController().signal };
  for await (const batch of source.access(query).read(ask)) versions.add(batch.version);
  assert.equal(versions.size, 1, [...versions].join());
  return [...versions][0];
}

/** Plain objects with just these fields, so that rows of different making compare. */
async function collect(
  batches: AsyncIterable<Batch>,
  fields: readonly string[],
  limit = Number.POSITIVE_INFINITY,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) {
    for (let i = 0; i < batch.length && rows.length < limit; i++) {
      const row = batch.row(i);
      rows.push(Object.fromEntries(fields.map((name) => [name, row[name] ?? null])));
    }
    if (rows.length >= limit) break;
  }
  return rows;
}

function text(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}

const line = text;
