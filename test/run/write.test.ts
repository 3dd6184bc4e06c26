import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../adapters/memory/memory.ts';
import { Fault, type FaultKind } from '../../src/fault.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Collection, Field, WriteVerb } from '../../src/model/type.ts';
import type { Value } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { Change, Outcome } from '../../src/query/change.ts';
import { createWrite } from '../../src/run/write.ts';
import type { Source } from '../../src/spi.ts';

const EVERY: readonly WriteVerb[] = ['insert', 'update', 'upsert', 'delete'];

const FIELDS: readonly Field[] = [
  { name: 'id', type: { kind: 'int32' } },
  { name: 'name', type: { kind: 'string', length: 3 } },
  { name: 'amount', type: { kind: 'decimal', precision: 5, scale: 2 } },
  { name: 'any', type: { kind: 'decimal' }, nullable: true },
  { name: 'state', type: { kind: 'string' }, optional: true },
  { name: 'must', type: { kind: 'string' }, nullable: true, optional: false },
  { name: 'note', type: { kind: 'json' }, nullable: true },
  { name: 'version', type: { kind: 'int64' }, readOnly: true },
  { name: 'raw', type: { kind: 'string' }, nullable: true, alternate: true },
];

function collection(name: string, more: Partial<Collection> = {}): Collection {
  return { name, key: ['id'], fields: FIELDS, writes: EVERY, ...more };
}

interface Seen {
  readonly source: string;
  readonly changes: readonly Change[];
}

/** A gateway's write over sources that note what they get, and answer with `answer`. */
function gateway(
  answer: (changes: readonly Change[]) => Promise<readonly Outcome[]> = async (changes) =>
    changes.map(() => ({ key: [1], created: true })),
) {
  const seen: Seen[] = [];
  const sourceOf = (name: string, collections: readonly Collection[]): Source => ({
    ...memorySource(collections.map((one) => ({ ...one, rows: [] }))),
    ...(collections.some(({ writes }) => writes !== undefined)
      ? {
          write: (changes: readonly Change[]) => {
            seen.push({ source: name, changes });
            return answer(changes);
          },
        }
      : {}),
  });
  // It claims writes and has none.
  const { write: _, ...mute } = memorySource([{ ...collection('liars'), rows: [] }]);
  const sources = new Map<string, Source>([
    [
      'a',
      sourceOf('a', [
        collection('things'),
        collection('inserts', { writes: ['insert'] }),
        collection('events', { key: [], writes: ['insert'] }),
      ]),
    ],
    ['b', sourceOf('b', [collection('others')])],
    ['c', mute],
  ]);
  const { catalog } = buildCatalog(
    [...sources].map(([source, { model }]) => ({ source, ...model })),
    [],
  );
  const write = createWrite({
    catalog,
    policy: { ...DEFAULT_POLICY, write: { maxChanges: 3 } },
    source: (name) => sources.get(name) ?? assert.fail(name),
  });
  const signal = new AbortController().signal;
  return { seen, write: (...changes: readonly Change[]) => write(changes, { requestId: 'r', signal }) };
}

const VALUES = { id: 1, name: 'abc', amount: '1.00', must: null };

function insert(values: Readonly<Record<string, Value>> = VALUES, name = 'things'): Change {
  return { collection: name, verb: 'insert', values };
}

function update(values: Readonly<Record<string, Value>>, more: Partial<Change> = {}): Change {
  return { collection: 'things', verb: 'update', key: [1], values, ...more };
}

/** Kind and code of the fault, and where it is. */
async function refusal(
  asked: Promise<unknown>,
): Promise<{ readonly kind: FaultKind; readonly code: string; readonly [name: string]: unknown }> {
  try {
    await asked;
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    const { collection: of, field, record, source } = error.place;
    return {
      kind: error.kind,
      code: error.code,
      ...(of === undefined ? {} : { collection: of }),
      ...(field === undefined ? {} : { field }),
      ...(record === undefined ? {} : { record }),
      ...(source === undefined ? {} : { source }),
    };
  }
  assert.fail('it was written');
}

async function brief(...changes: readonly Change[]): Promise<string> {
  const { seen, write } = gateway();
  const { kind, code, field = '' } = await refusal(write(...changes));
  assert.deepEqual(seen, [], 'the source saw nothing of it');
  return `${kind} ${code} ${field}`.trim();
}

describe('changes on their way to a source', () => {
  it('reach the one source of their collections together, in their order', async () => {
    const { seen, write } = gateway();
    const changes = [insert(), insert(VALUES, 'inserts'), update({ state: 'x' })];
    assert.equal((await write(...changes)).length, 3);
    assert.deepEqual(seen, [{ source: 'a', changes }]);
  });

  it('of none there is nothing to do', async () => {
    const { seen, write } = gateway();
    assert.deepEqual([await write(), seen], [[], []]);
  });

  it('of several sources are refused: no transaction spans both', async () => {
    assert.equal(await brief(insert(), insert(VALUES, 'others')), 'unsupported several-sources');
  });

  it('more than the policy allows are too costly', async () => {
    assert.equal(await brief(insert(), insert(), insert(), insert()), 'too-costly change-limit');
  });

  it('go where they are claimed: by collection, by verb, by a source that can write', async () => {
    assert.equal(await brief(insert(VALUES, 'thngs')), 'not-found not-found');
    assert.equal(
      await brief({ collection: 'inserts', verb: 'delete', key: [1], values: {} }),
      'unsupported not-writable',
    );
    assert.equal(
      await brief({ collection: 'events', verb: 'upsert', key: [], values: {} }),
      'unsupported not-writable',
    );
    assert.equal(await brief(insert(VALUES, 'liars')), 'unsupported not-writable');
  });

  it('name their row by its whole key', async () => {
    assert.equal(await brief(update({ state: 'x' }, { key: [] })), 'invalid bad-key');
    assert.equal(await brief(update({ state: 'x' }, { key: [1, 2] })), 'invalid bad-key');
    assert.equal(await brief({ collection: 'things', verb: 'delete', values: {} }), 'invalid bad-key');
  });

  it('a new row has every value that may not be left out, a replaced one every value', async () => {
    const { must: _, ...rest } = VALUES;
    assert.equal(await brief(insert(rest)), 'invalid missing-value must');
    assert.equal(await brief(insert({ ...VALUES, name: null })), 'invalid bad-value name');
    const { id: __, ...upserted } = { ...VALUES, any: null, state: 's', note: null };
    const { write } = gateway();
    const upsert = (values: Readonly<Record<string, Value>>): Change => ({
      collection: 'things',
      verb: 'upsert',
      key: [1],
      values,
    });
    await write(upsert(upserted));
    const { any: ___, ...less } = upserted;
    assert.equal(await brief(upsert(less)), 'invalid missing-value any');
  });

  it('an update has at least one value, and none for the key', async () => {
    assert.equal(await brief(update({})), 'invalid no-values');
    assert.equal(await brief(update({ id: 2 })), 'invalid read-only-field id');
    const { write } = gateway();
    await write(update({ must: null }), update({ state: '' }));
  });

  it('write no field that the source makes, none that is read otherwise, none that is not there', async () => {
    assert.equal(await brief(update({ version: 1n })), 'invalid read-only-field version');
    assert.equal(await brief(insert({ ...VALUES, raw: 'x' })), 'invalid read-only-field raw');
    assert.equal(await brief(insert({ ...VALUES, nmae: 'x' })), 'invalid unknown-field');
    assert.equal(await brief(update({ constructor: 'x' })), 'invalid unknown-field');
    assert.equal(
      await brief({ collection: 'things', verb: 'delete', key: [1], values: { name: 'x' } }),
      'invalid read-only-field name',
    );
    assert.equal(await brief(update({ state: 'x' }, { expected: { nmae: 'x' } })), 'invalid unknown-field');
  });

  it('hold texts that fit, counted in characters', async () => {
    const { write } = gateway();
    await write(update({ name: '😀😀😀' }));
    assert.equal(await brief(update({ name: 'abcd' })), 'invalid too-long name');
    assert.equal(await brief(update({ name: '😀😀😀😀' })), 'invalid too-long name');
  });

  it('hold decimals that fit, to the last digit', async () => {
    const { write } = gateway();
    for (const amount of ['999.99', '-999.99', '0.00', '1.500', '000999.9']) await write(update({ amount }));
    for (const any of ['123456789012345678901234567890.123456789', null]) await write(update({ any }));
    for (const amount of ['1000', '-1000.00', '0.001', '999.994']) {
      assert.equal(await brief(update({ amount })), 'invalid too-many-digits amount', amount);
    }
  });

  it('hold no half characters, however deep', async () => {
    assert.equal(await brief(update({ name: '\ud83d' })), 'invalid bad-value name');
    assert.equal(await brief(update({ note: { a: ['x', '\udc00'] } })), 'invalid bad-value note');
    assert.equal(await brief(update({ note: { '\ud800': 1 } })), 'invalid bad-value note');
  });

  it('of several the one that is wrong is named, of one there is no need', async () => {
    const { write } = gateway();
    assert.deepEqual(await refusal(write(insert(), insert({ ...VALUES, name: 'abcd' }))), {
      kind: 'invalid',
      code: 'too-long',
      collection: 'things',
      field: 'name',
      record: 2,
    });
    assert.equal((await refusal(write(insert({ ...VALUES, name: 'abcd' }))))['record'], undefined);
  });
});

describe('faults of a source that writes', () => {
  it('say which source it is, and of one change which collection', async () => {
    const { write } = gateway(() => Promise.reject(new Fault('conflict', 'no', { code: 'duplicate' })));
    assert.deepEqual(await refusal(write(insert())), {
      kind: 'conflict',
      code: 'duplicate',
      collection: 'things',
      source: 'a',
    });
    assert.deepEqual(await refusal(write(insert(), insert())), {
      kind: 'conflict',
      code: 'duplicate',
      source: 'a',
    });
  });

  it('of another kind than a Fault are internal', async () => {
    const { write } = gateway(() => Promise.reject(new Error('driver')));
    assert.deepEqual(await refusal(write(insert())), {
      kind: 'internal',
      code: 'internal',
      collection: 'things',
      source: 'a',
    });
  });
});
