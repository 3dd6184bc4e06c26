// What callers are told of changes: of rows that are theirs, of fields that they see, and of nothing else more than that it may have happened.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { Caller } from '../../src/query/caller.ts';
import type { WatchEvent } from '../../src/query/watching.ts';
import { createWatch } from '../../src/run/watch.ts';
import type { ChangeEvent } from '../../src/spi.ts';
import { bank, caller, contextOf, customer, faultOf, include, ROWS, rightsOver } from './bank.ts';

const north = caller(['teller'], { branch: 'N' });
const TELLER = { teller: { collections: { customers: { rows: 'branch eq @claims.branch' } } } };

let positions = 0;
const event = (
  kind: ChangeEvent['kind'],
  row: Row | undefined,
  more: Partial<ChangeEvent> = {},
): ChangeEvent => ({
  kind,
  ...(row === undefined ? {} : { row, key: [Number(row['id'])] }),
  position: `p${++positions}`,
  ...more,
});
const deleted = (id: number): ChangeEvent => event('delete', undefined, { key: [id] });

/** Tells these events, with pauses where a number stands, then ends where it is not live. */
function watching(
  roles: Readonly<Record<string, unknown>>,
  events: readonly (ChangeEvent | number)[],
  heartbeatMs = 30,
) {
  const { catalog, sources } = bank();
  const core = sources['core'] ?? assert.fail();
  const watch = createWatch({
    catalog,
    policy: { ...DEFAULT_POLICY, watch: { ...DEFAULT_POLICY.watch, openMs: 5, heartbeatMs } },
    rights: rightsOver(catalog, roles),
    stopping: new AbortController().signal,
    source: (name) => ({
      ...(sources[name] ?? core),
      async *watch(_collection, { live = true }) {
        for (const one of events) {
          if (typeof one === 'number') await new Promise((resolve) => setTimeout(resolve, one));
          else yield one;
        }
        if (live) await new Promise(() => {});
      },
    }),
  });
  return async (who: Caller, fields: readonly string[], of: { live?: boolean; take?: number } = {}) => {
    const told: WatchEvent[] = [];
    const selection = { fields, include: [] };
    const { events: coming } = await watch(
      { collection: 'customers', selection, live: of.live ?? false },
      contextOf(who),
    );
    for await (const one of coming) {
      told.push(one);
      if (told.length === of.take) break;
    }
    return told;
  };
}

const kinds = (told: readonly WatchEvent[]): readonly string[] =>
  told.map((one) => (one.kind === 'idle' ? 'idle' : `${one.kind} ${one.key?.join() ?? '-'}`));

describe('watching by rights', () => {
  it('tells of rows that are theirs, and of others only how far it has come', async () => {
    const events = [
      event('insert', customer(3)),
      event('insert', customer(1)),
      event('update', customer(6), { changed: ['name'] }),
      event('update', customer(1), { changed: ['name'] }),
      event('position', undefined),
    ];
    const told = await watching(TELLER, events)(north, ['id']);
    assert.deepEqual(kinds(told), ['insert 3', 'update 6', 'position -']);
    const last = told.at(-1);
    assert.ok(last?.kind === 'position');
    assert.equal(last.position, events.at(-1)?.position);
  });

  it('positions go on while nothing is theirs: at the sign of life, not for each event', async () => {
    const events = [1, 4, 7, 10].map((id) => event('insert', customer(id)));
    const told = await watching(TELLER, [...events])(north, ['id'], { live: true, take: 2 });
    assert.deepEqual(kinds(told), ['position -', 'idle']);
    assert.ok(told[0]?.kind === 'position');
    assert.equal(told[0].position, events.at(-1)?.position);
  });

  it('a row that may have left their sight is told as a reset that names nothing', async () => {
    const told = await watching(TELLER, [event('update', customer(1), { changed: ['branch'] })])(north, [
      'id',
    ]);
    assert.deepEqual(kinds(told), ['reset -']);
    assert.deepEqual(Object.keys(told[0] ?? {}).sort(), ['kind', 'position']);
    const unknown = await watching(TELLER, [event('update', customer(1))])(north, ['id']);
    assert.deepEqual(kinds(unknown), ['reset -']);
  });

  it('a row that has come into their sight is told', async () => {
    const told = await watching(TELLER, [event('update', customer(3), { changed: ['branch'] })])(north, [
      'id',
    ]);
    assert.deepEqual(kinds(told), ['update 3']);
  });

  it('what was deleted is told by its key where the key decides, as a reset where nobody knows whose it was', async () => {
    const byKey = { r: { collections: { customers: { rows: 'id lt 5' } } } };
    const events = [deleted(3), deleted(8)];
    const last = events.at(-1)?.position;
    const told = await watching(byKey, events)(caller(['r']), ['id']);
    assert.deepEqual(kinds(told), ['delete 3', 'position -']);
    assert.ok(told[1]?.kind === 'position' && told[1].position === last);
    assert.deepEqual(kinds(await watching(TELLER, [deleted(1)])(north, ['id'])), ['reset -']);
  });

  it('resets are gathered: one, then one at the next sign of life, whatever their number', async () => {
    const events = [deleted(1), deleted(2), deleted(3), deleted(4)];
    const told = await watching(TELLER, events)(north, ['id'], { live: true, take: 3 });
    assert.deepEqual(kinds(told), ['reset -', 'reset -', 'idle']);
    assert.ok(told[1]?.kind === 'reset');
    assert.equal(told[1].position, events.at(-1)?.position);
  });

  it('who resumes behind an event has been told of every reset before it', async () => {
    const events = [deleted(1), deleted(2), event('insert', customer(1)), event('insert', customer(3))];
    const told = await watching(TELLER, events)(north, ['id'], { live: true, take: 3 });
    assert.deepEqual(kinds(told), ['reset -', 'reset -', 'insert 3']);
  });

  it('rows are masked and cut as those of a list; of fields that are not seen no change is told', async () => {
    const roles = {
      r: {
        collections: {
          customers: {
            fields: { except: ['branch', 'address.zip'] },
            mask: { ssn: 'lastFour', name: 'null' },
          },
        },
      },
    };
    const events = [
      event('update', customer(1), { changed: ['branch', 'ssn', 'name', 'address'] }),
      event('update', customer(1), { changed: ['branch', 'name'] }),
      event('position', undefined),
    ];
    const told = await watching(roles, events)(caller(['r']), ['id', 'ssn']);
    assert.deepEqual(kinds(told), ['update 1', 'position -']);
    const [first] = told;
    assert.ok(first?.kind === 'update');
    assert.deepEqual(first.changed, ['ssn', 'address']);
    assert.equal(first.item?.row['ssn'], '*******6001');
    assert.equal(first.item?.row['name'], null);
    assert.deepEqual(first.item?.row['address'], { city: 'City1' });
    assert.ok(!Object.hasOwn(first.item?.row ?? {}, 'branch'));
  });

  it('what an event includes is what the caller may see of it', async () => {
    const { catalog, sources } = bank();
    const core = sources['core'] ?? assert.fail();
    const watch = createWatch({
      catalog,
      policy: DEFAULT_POLICY,
      rights: rightsOver(catalog, {
        r: {
          collections: {
            customers: 'read',
            accounts: { rows: "branch eq 'N'", fields: { except: ['balance'] } },
          },
        },
      }),
      stopping: new AbortController().signal,
      source: (name) => ({
        ...(sources[name] ?? core),
        async *watch() {
          yield event('insert', customer(1));
        },
      }),
    });
    const { events } = await watch(
      {
        collection: 'customers',
        selection: { fields: ['id'], include: [include('accounts', ['no'])] },
        live: false,
      },
      contextOf(caller(['r'])),
    );
    for await (const told of events) {
      assert.ok(told.kind === 'insert');
      const related = told.item?.related.get('accounts');
      assert.ok(related !== null && related !== undefined && 'items' in related);
      const theirs = ROWS.accounts.filter(({ custId, branch }) => custId === 1 && branch === 'N');
      assert.equal(related.items.length, theirs.length);
      for (const { row } of related.items) assert.ok(!Object.hasOwn(row, 'balance'));
      return;
    }
    assert.fail('nothing was told');
  });

  it('a role that may not watch, or has no claim, is refused as it begins', async () => {
    const quiet = watching({ r: { collections: { customers: { watch: false } } } }, []);
    assert.equal((await faultOf(quiet(caller(['r']), ['id']))).code, 'not-watchable');
    const claimless = watching(TELLER, []);
    assert.equal((await faultOf(claimless(caller(['teller']), ['id']))).code, 'missing-claim');
  });
});
