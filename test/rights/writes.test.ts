// What callers may change: fields, verbs, rows; what happens when a row becomes another's in between.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cached } from '../../src/cache/cached.ts';
import { memory } from '../../src/cache/memory.ts';
import type { Row } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { Caller } from '../../src/query/caller.ts';
import type { Change } from '../../src/query/change.ts';
import { createExecute } from '../../src/run/run.ts';
import { createWrite } from '../../src/run/write.ts';
import type { Source } from '../../src/spi.ts';
import {
  bank,
  caller,
  contextOf,
  customer,
  faultOf,
  itemsIn,
  list,
  ROWS,
  rightsOver,
  toldText,
} from './bank.ts';

const EVERY = ['insert', 'update', 'upsert', 'delete'] as const;
const TELLER = {
  teller: { collections: { customers: { write: EVERY, rows: 'branch eq @claims.branch' } } },
};
const north = caller(['teller'], { branch: 'N' });

/** Customer 3 is in branch N, customer 1 in branch S. */
const VALUES = { name: 'new', ssn: null, born: null, address: null, phones: null };

/** A bank with a write by rights; `before` runs each time before the source gets changes. */
function writing(
  roles: Readonly<Record<string, unknown>> = TELLER,
  before: (source: Source, round: number) => Promise<unknown> | undefined = () => undefined,
) {
  const { catalog, sources } = bank();
  const seen: (readonly Change[])[] = [];
  const core = sources['core'] ?? assert.fail();
  const { write: inner } = core;
  assert.ok(inner !== undefined);
  const write = createWrite({
    catalog,
    policy: DEFAULT_POLICY,
    rights: rightsOver(catalog, roles),
    source: () => ({
      ...core,
      async write(changes, how) {
        await before(core, seen.length);
        seen.push(changes);
        return await inner.call(core, changes, how);
      },
    }),
  });
  const rows = async (): Promise<readonly Row[]> => {
    const found: Row[] = [];
    const query = { collection: 'customers', where: [], order: [] };
    for await (const batch of core
      .access(query)
      .read({ fields: ['id'], signal: new AbortController().signal })) {
      for (let i = 0; i < batch.length; i++) found.push(batch.row(i));
    }
    return found;
  };
  const row = async (id: number) => (await rows()).find((one) => one['id'] === id);
  return {
    seen,
    row,
    rows,
    write: (who: Caller, ...changes: readonly Change[]) => write(changes, contextOf(who)),
  };
}

const update = (id: number, values: Change['values'], more: Partial<Change> = {}): Change => ({
  collection: 'customers',
  verb: 'update',
  key: [id],
  values,
  ...more,
});

describe('changes by rights', () => {
  it('a row that is there for the caller is changed; another is answered as one that is not there at all', async () => {
    const { write, row } = writing();
    await write(north, update(3, { name: 'x' }));
    assert.equal((await row(3))?.['name'], 'x');
    for (const verb of ['update', 'delete'] as const) {
      const values = verb === 'update' ? { name: 'y' } : {};
      const hidden = await faultOf(write(north, { ...update(1, values), verb }));
      const absent = await faultOf(write(north, { ...update(99, values), verb }));
      assert.equal(hidden.kind, 'not-found');
      assert.deepEqual(
        [hidden.code, hidden.message, hidden.place],
        [absent.code, absent.message, absent.place],
      );
    }
    assert.equal((await row(1))?.['name'], 'C1');
    await write(north, { ...update(3, {}), verb: 'delete' });
    assert.equal(await row(3), undefined);
  });

  it('no row is moved out of sight, and none is made there', async () => {
    const { write, rows } = writing();
    const before = await rows();
    for (const change of [
      update(3, { branch: 'S' }),
      { collection: 'customers', verb: 'insert', values: { id: 50, branch: 'S', ...VALUES } },
      { ...update(50, { branch: 'S', ...VALUES }), verb: 'upsert' },
      { ...update(3, { branch: 'S', ...VALUES }), verb: 'upsert' },
    ] satisfies readonly Change[]) {
      const fault = await faultOf(write(north, change));
      assert.equal(`${fault.kind} ${fault.code}`, 'forbidden row-rule');
      assert.doesNotMatch(toldText(fault), /branch/);
    }
    assert.deepEqual(await rows(), before);
  });

  it('an upsert makes a row of their own, changes a row of their own, and never another', async () => {
    const { write, row, seen } = writing();
    const upsert = (id: number, name: string): Change => ({
      ...update(id, { ...VALUES, branch: 'N', name }),
      verb: 'upsert',
    });
    assert.equal((await write(north, upsert(50, 'made')))[0]?.created, true);
    assert.equal((await write(north, upsert(50, 'changed')))[0]?.created, false);
    assert.equal((await row(50))?.['name'], 'changed');
    // As an insert of a key that is taken.
    const fault = await faultOf(write(north, upsert(1, 'taken')));
    assert.equal(fault.kind, 'conflict');
    assert.equal((await row(1))?.['name'], 'C1');
    assert.deepEqual(
      seen.map(([change]) => change?.verb),
      ['insert', 'upsert', 'insert'],
    );
    const wanted = await faultOf(write(north, { ...upsert(60, 'x'), expected: {} }));
    assert.equal(wanted.code, 'no-row');
  });

  it('a rule whose field the source would fill in is not satisfied', async () => {
    const { write } = writing({
      teller: {
        collections: { customers: { write: ['insert'], rows: "born eq '1990-01-01' or branch eq 'N'" } },
      },
    });
    const { born: _, ...others } = VALUES;
    const insert = (values: Change['values']): Change => ({
      collection: 'customers',
      verb: 'insert',
      values,
    });
    const fault = await faultOf(write(north, insert({ id: 70, branch: 'N', ...others })));
    assert.equal(fault.code, 'row-rule');
    await write(north, insert({ id: 70, branch: 'N', ...others, born: null }));
  });

  it('a batch is all theirs or not carried out; each change finds what the earlier ones leave', async () => {
    const { write, row, rows } = writing();
    const before = await rows();
    const fault = await faultOf(write(north, update(3, { name: 'a' }), update(1, { name: 'b' })));
    assert.equal(fault.kind, 'not-found');
    assert.equal(fault.place.record, 2);
    assert.deepEqual(await rows(), before);
    await write(
      north,
      { collection: 'customers', verb: 'insert', values: { id: 80, branch: 'N', ...VALUES } },
      update(80, { name: 'once' }),
      update(80, { name: 'twice' }),
      { ...update(3, {}), verb: 'delete' },
      { ...update(3, { ...VALUES, branch: 'N', name: 'again' }), verb: 'upsert' },
    );
    assert.equal((await row(80))?.['name'], 'twice');
    assert.equal((await row(3))?.['name'], 'again');
    const gone = await faultOf(write(north, { ...update(3, {}), verb: 'delete' }, update(3, { name: 'x' })));
    assert.equal(`${gone.code} ${gone.place.record}`, 'no-row 2');
  });

  it("a row that becomes another's between the look and the write is not written", async () => {
    const { write, row, seen } = writing(TELLER, (source, round) =>
      round === 0
        ? source.write?.([update(3, { branch: 'S' })], { signal: new AbortController().signal })
        : undefined,
    );
    const fault = await faultOf(write(north, update(3, { name: 'x' })));
    assert.equal(fault.code, 'no-row');
    assert.equal((await row(3))?.['name'], 'C3');
    assert.equal(seen.length, 1);
  });

  it('a row that changes and stays theirs is written all the same', async () => {
    const roles = {
      teller: {
        collections: {
          customers: { write: EVERY, rows: "branch in ('N', 'S')", fields: { except: ['branch'] } },
        },
      },
    };
    const { write, row, seen } = writing(roles, (source, round) =>
      round === 0
        ? source.write?.([update(3, { branch: 'S' })], { signal: new AbortController().signal })
        : undefined,
    );
    await write(caller(['teller']), update(3, { name: 'x' }));
    assert.equal((await row(3))?.['name'], 'x');
    assert.equal(seen.length, 2);
  });

  it('a row that others change again and again ends as a conflict that names no field', async () => {
    const roles = {
      teller: {
        collections: {
          customers: { write: EVERY, rows: "branch in ('N', 'S')", fields: { except: ['branch'] } },
        },
      },
    };
    const { write } = writing(roles, (source, round) =>
      source.write?.([update(3, { branch: round % 2 === 0 ? 'S' : 'N' })], {
        signal: new AbortController().signal,
      }),
    );
    const fault = await faultOf(write(caller(['teller']), update(3, { name: 'x' })));
    assert.equal(fault.kind, 'conflict');
    assert.doesNotMatch(toldText(fault), /branch/);
  });

  it('a row that somebody else makes meanwhile is not overwritten by an upsert', async () => {
    const { write, row } = writing(TELLER, (source, round) =>
      round === 0
        ? source.write?.(
            [
              {
                collection: 'customers',
                verb: 'insert',
                values: customer(50, { branch: 'S' }) as Change['values'],
              },
            ],
            { signal: new AbortController().signal },
          )
        : undefined,
    );
    const fault = await faultOf(
      write(north, { ...update(50, { ...VALUES, branch: 'N', name: 'mine' }), verb: 'upsert' }),
    );
    assert.equal(fault.kind, 'conflict');
    assert.equal((await row(50))?.['name'], 'C50');
  });

  it('what the client expects is compared beside it, and told as ever', async () => {
    const { write, row } = writing();
    await write(north, update(3, { name: 'x' }, { expected: { branch: 'N', name: 'C3' } }));
    const fault = await faultOf(write(north, update(3, { name: 'y' }, { expected: { name: 'C3' } })));
    assert.equal(`${fault.kind} ${fault.place.field}`, 'stale name');
    const other = await faultOf(write(north, update(3, { name: 'y' }, { expected: { branch: 'S' } })));
    assert.equal(`${other.kind} ${other.place.field}`, 'stale branch');
    assert.equal((await row(3))?.['name'], 'x');
  });

  it('nothing can be expected of what is hidden or masked; of a group only what is seen of it', async () => {
    const { write, row } = writing({
      r: {
        collections: {
          customers: {
            write: ['update'],
            fields: { except: ['address.zip', 'ssn', 'phones.number'] },
            mask: { born: 'year' },
          },
        },
      },
    });
    const who = caller(['r']);
    const hidden = await faultOf(write(who, update(3, { name: 'x' }, { expected: { ssn: '1' } })));
    assert.equal(hidden.code, 'unknown-field');
    const masked = await faultOf(write(who, update(3, { name: 'x' }, { expected: { born: '1953-02-04' } })));
    assert.equal(masked.code, 'masked-field');
    await write(who, update(3, { name: 'x' }, { expected: { address: { city: 'City1' } } }));
    assert.equal((await row(3))?.['name'], 'x');
    const stale = await faultOf(
      write(who, update(3, { name: 'y' }, { expected: { address: { city: 'Z' } } })),
    );
    assert.equal(stale.kind, 'stale');
    const list = await faultOf(
      write(who, update(3, { name: 'y' }, { expected: { phones: [{ kind: 'home' }] } })),
    );
    assert.equal(list.code, 'unsupported-condition');
  });

  it('fields and verbs that a role does not have are refused as such that do not exist', async () => {
    const { write } = writing({
      r: {
        collections: { customers: { write: ['update'], readOnly: ['name'], fields: { except: ['ssn'] } } },
      },
    });
    const who = caller(['r']);
    const codes = async (change: Change) => {
      const { kind, code } = await faultOf(write(who, change));
      return `${kind} ${code}`;
    };
    assert.equal(await codes(update(3, { ssn: '1' })), 'invalid unknown-field');
    assert.equal(await codes(update(3, { name: '1' })), 'invalid read-only-field');
    assert.equal(await codes({ ...update(3, {}), verb: 'delete' }), 'unsupported not-writable');
    assert.equal(await codes({ collection: 'notes', verb: 'insert', values: {} }), 'not-found not-found');
  });

  it('a claim that is missing forbids a change as it forbids a read', async () => {
    const { write } = writing();
    const fault = await faultOf(write(caller(['teller']), update(3, { name: 'x' })));
    assert.equal(fault.code, 'missing-claim');
  });

  it('who does not see the key makes no row whose key must be given', async () => {
    const { write } = writing({
      r: { collections: { customers: { write: ['insert'] } } },
      s: { collections: { customers: { mask: { id: 'hash' } } } },
    });
    // The key must be given, so who does not see it cannot insert.
    const fault = await faultOf(
      write(caller(['s']), {
        collection: 'customers',
        verb: 'insert',
        values: { id: 90, branch: 'N', ...VALUES },
      }),
    );
    assert.equal(fault.code, 'not-writable');
    const [outcome] = await write(caller(['r']), {
      collection: 'customers',
      verb: 'insert',
      values: { id: 90, branch: 'N', ...VALUES },
    });
    assert.deepEqual(outcome?.key, [90]);
  });

  it('without a rule nothing is read before a write', async () => {
    const { write, seen } = writing({ r: { collections: { customers: 'all' } } });
    await write(caller(['r']), update(3, { name: 'x' }));
    assert.deepEqual(seen, [[update(3, { name: 'x' })]]);
    assert.equal(ROWS.customers.length, 12);
  });
});

describe('a change beside a memory of answers', () => {
  it('is decided by what the source says now, not by what was kept', async () => {
    const { catalog, sources } = bank();
    const core = sources['core'] ?? assert.fail();
    const forAMinute = { maxAgeMs: 60_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
    // One that does not know when its data has changed.
    const { version: _, ...unknowing } = core;
    const remembering = cached(unknowing, {
      collections: new Map([['customers', forAMinute]]),
      operations: new Map(),
      memory: memory({ maxBytes: 1_000_000, maxAnswerBytes: 100_000 }),
      behindMs: 1_000,
    });
    const parts = {
      catalog,
      policy: DEFAULT_POLICY,
      rights: rightsOver(catalog, TELLER),
      source: () => remembering,
    };
    const execute = createExecute(parts);
    const seen = async () =>
      (await itemsIn(await execute(list('customers', ['id']), contextOf(north)))).map(({ row }) => row['id']);
    assert.deepEqual(await seen(), [3, 6, 9, 12]);
    // Behind the memory's back one row comes to the branch and another leaves it.
    const signal = new AbortController().signal;
    await core.write?.([update(1, { branch: 'N' }), update(3, { branch: 'S' })], { signal });
    assert.deepEqual(await seen(), [3, 6, 9, 12]);
    const write = createWrite(parts);
    await write([update(1, { name: 'x' })], contextOf(north));
    const fault = await faultOf(write([update(3, { name: 'x' })], contextOf(north)));
    assert.equal(fault.code, 'no-row');
  });
});
