// What callers are answered: rows by rules and claims, at every level, counted, paged; masks; cursors.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cached } from '../../src/cache/cached.ts';
import { memory } from '../../src/cache/memory.ts';
import { Fault } from '../../src/fault.ts';
import type { Row } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { condition } from '../../src/query/filter.ts';
import type { Item, Page, Related } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import type { Source } from '../../src/spi.ts';
import {
  bank,
  caller,
  contextOf,
  customer,
  faultOf,
  gatewayOf,
  include,
  itemsIn,
  list,
  ROWS,
  rightsOver,
  sealing,
  toldText,
} from './bank.ts';

const string = { kind: 'string' } as const;
const int32 = { kind: 'int32' } as const;

const BRANCH = { collections: { customers: { rows: 'branch eq @claims.branch' } } };
const north = caller(['teller'], { branch: 'N' });

function page(related: Related | undefined): Page {
  assert.ok(related !== null && related !== undefined && 'items' in related);
  return related;
}

const ids = (items: readonly Item[]): readonly unknown[] => items.map(({ row }) => row['id']);
const northern = ROWS.customers.filter(({ branch }) => branch === 'N').map(({ id }) => id);

describe('rows', () => {
  it('are those of the rule, also counted, filtered and paged', async () => {
    const { ask } = gatewayOf(bank(), { teller: BRANCH });
    const { items, result } = await ask(list('customers', ['id'], { count: true }), north);
    assert.deepEqual(ids(items), northern);
    assert.equal(await result.totalCount?.(), northern.length);
    const filtered = list('customers', ['id'], {
      where: [condition({ field: 'branch', type: string }, 'ne', ['N'])],
    });
    assert.deepEqual(ids((await ask(filtered, north)).items), []);
    const seen: unknown[] = [];
    for (let after: string | undefined; ; ) {
      const paged = list('customers', ['id'], { first: 2, ...(after === undefined ? {} : { after }) });
      const { items: some, result: part } = await ask(paged, north);
      seen.push(...ids(some));
      if (!part.hasNextPage()) break;
      after = some.at(-1)?.cursor;
    }
    assert.deepEqual(seen, northern);
  });

  it('of single items too: another row is not there', async () => {
    const { ask } = gatewayOf(bank(), { teller: BRANCH });
    const item = (id: number) =>
      ask(
        { kind: 'item', collection: 'customers', key: [id], selection: { fields: ['name'], include: [] } },
        north,
      );
    assert.equal((await item(3)).items.length, 1);
    assert.equal((await item(1)).items.length, 0);
  });

  it('through relations: to many only those, counted so; to one that is not theirs null', async () => {
    const { ask } = gatewayOf(bank(), {
      teller: { collections: { customers: BRANCH.collections.customers, accounts: 'read' } },
      clerk: { collections: { customers: 'read', accounts: { rows: 'branch eq @claims.branch' } } },
    });
    const owned = await ask(
      list('accounts', ['no', 'custId'], {
        selection: { fields: ['no', 'custId'], include: [include('owner', ['id', 'branch'])] },
      }),
      north,
    );
    for (const { row, related } of owned.items) {
      const owner = related.get('owner');
      assert.equal(owner !== null, northern.includes(row['custId'] ?? null), String(row['no']));
    }
    const clerk = caller(['clerk'], { branch: 'N' });
    const { items } = await ask(
      list('customers', ['id'], {
        selection: { fields: ['id'], include: [include('accounts', ['branch'], { first: 1, count: true })] },
      }),
      clerk,
    );
    let total = 0;
    for (const { related } of items) {
      const { items: own, totalCount } = page(related.get('accounts'));
      assert.ok(own.every(({ row }) => row['branch'] === 'N'));
      total += totalCount ?? 0;
    }
    assert.equal(total, ROWS.accounts.filter(({ branch }) => branch === 'N').length);
  });

  it('the cursor of a relation goes on in the list of the related collection', async () => {
    const { ask } = gatewayOf(bank(), {
      teller: { collections: { customers: 'read', accounts: { rows: "state eq 'OPEN' and branch ne 'W'" } } },
    });
    const { items } = await ask(
      list('customers', ['id'], {
        selection: { fields: ['id'], include: [include('accounts', ['no'], { first: 1 })] },
      }),
      north,
    );
    const more = items.find(({ related }) => page(related.get('accounts')).hasNextPage) ?? assert.fail();
    const after = page(more.related.get('accounts')).nextCursor ?? assert.fail();
    const next = await ask(
      list('accounts', ['no'], {
        where: [condition({ field: 'custId', type: int32 }, 'eq', [Number(more.row['id'])])],
        after,
      }),
      north,
    );
    const all = ROWS.accounts.filter(
      ({ custId, state, branch }) => custId === more.row['id'] && state === 'OPEN' && branch !== 'W',
    );
    assert.deepEqual(
      next.items.map(({ row }) => row['no']),
      all.slice(1).map(({ no }) => no),
    );
  });

  it('of a rule over fields that the caller does not see, who cannot ask by them', async () => {
    const { ask } = gatewayOf(bank(), {
      teller: { collections: { customers: { ...BRANCH.collections.customers, fields: ['id', 'name'] } } },
    });
    const { items } = await ask(list('customers', ['id', 'name']), north);
    assert.deepEqual(ids(items), northern);
    for (const { row } of items) assert.deepEqual(Object.keys(row), ['id', 'name']);
    const hidden = { field: 'branch', type: string };
    const asked = await faultOf(
      ask(list('customers', ['id'], { where: [condition(hidden, 'eq', ['N'])] }), north),
    );
    const invented = await faultOf(
      ask(
        list('customers', ['id'], { where: [condition({ ...hidden, field: 'brinch' }, 'eq', ['N'])] }),
        north,
      ),
    );
    assert.equal(asked.code, 'unknown-field');
    assert.equal(asked.message.replace('branch', 'brinch'), invented.message);
    const ordered = list('customers', ['id'], { order: [{ ...hidden, descending: false }] });
    assert.equal((await faultOf(ask(ordered, north))).code, 'unknown-field');
    assert.equal((await faultOf(ask(list('customers', ['branch']), north))).code, 'unknown-field');
  });

  it('a claim may be a list, a number, a truth value; one that is missing or of no use forbids, by its name and not its value', async () => {
    const { ask } = gatewayOf(bank(), {
      lists: { collections: { customers: { rows: 'branch in @claims.branches' } } },
      numbers: { collections: { customers: { rows: 'id lt @claims.max' } } },
      parts: { collections: { customers: { rows: 'startsWith(name, @claims.begin)' } } },
    });
    const asked = list('customers', ['id']);
    const count = async (role: string, claims: Parameters<typeof caller>[1]) =>
      (await ask(asked, caller([role], claims))).items.length;
    assert.equal(await count('lists', { branches: ['N', 'S'] }), 8);
    assert.equal(await count('lists', { branches: 'N' }), 4);
    assert.equal(await count('lists', { branches: [] }), 0);
    assert.equal(await count('numbers', { max: 4 }), 3);
    assert.equal(await count('numbers', { max: '4' }), 3);
    assert.equal(await count('parts', { begin: 'C1' }), 4);
    for (const [role, claim, claims] of [
      ['lists', 'branches', {}],
      ['lists', 'branches', { branches: null }],
      ['lists', 'branches', { branches: [['N']] }],
      ['lists', 'branches', { branches: [7] }],
      ['numbers', 'max', { max: 'secret' }],
      ['numbers', 'max', { max: ['secret'] }],
      ['parts', 'begin', { begin: '' }],
    ] as const) {
      const fault = await faultOf(ask(asked, caller([role], claims)));
      assert.equal(fault.kind, 'forbidden');
      assert.equal(fault.code, 'missing-claim');
      assert.match(fault.message, new RegExp(`"${claim}"`));
      assert.doesNotMatch(toldText(fault), /secret|branch"/);
    }
  });

  it('claims stand wherever literals do: behind not, in alternatives, in lists beside literals', async () => {
    const { ask } = gatewayOf(bank(), {
      r: {
        collections: {
          customers: {
            rows: "not (branch eq @claims.away or id eq @claims.id) and (name in ('C3', @claims.name) or id gt @claims.from)",
          },
        },
      },
    });
    const who = caller(['r'], { away: 'S', id: 9, name: 'C2', from: 10 });
    const { items } = await ask(list('customers', ['id']), who);
    // Of 2, 3, 11 and 12: none is of branch S, none is 9.
    assert.deepEqual(ids(items), [2, 3, 11, 12]);
  });

  it('clients cannot speak of claims themselves', async () => {
    const { parseFilter } = await import('../../src/query/filter-text.ts');
    const { DEFAULT_POLICY } = await import('../../src/policy.ts');
    const fields = [{ name: 'branch', type: string }];
    assert.throws(
      () => parseFilter('branch eq @claims.branch', fields, DEFAULT_POLICY.query),
      /without quotes/,
    );
  });

  it('of several roles are the rows of any of them', async () => {
    const { ask } = gatewayOf(bank(), {
      a: { collections: { customers: { rows: "branch eq 'N'", fields: ['id', 'name'] } } },
      b: { collections: { customers: { rows: "branch eq 'S'", fields: ['id', 'ssn'] } } },
    });
    const { items } = await ask(list('customers', ['id']), caller(['a', 'b']));
    assert.deepEqual(
      ids(items),
      ROWS.customers.filter(({ branch }) => branch !== 'W').map(({ id }) => id),
    );
    assert.equal((await faultOf(ask(list('customers', ['ssn']), caller(['a', 'b'])))).code, 'unknown-field');
  });

  it('the same request of two callers, and of one caller with other claims, is answered by the rights of each', async () => {
    const { ask } = gatewayOf(bank(), { teller: BRANCH, boss: { collections: { customers: 'read' } } });
    const request = list('customers', ['branch']);
    const branches = async (who: ReturnType<typeof caller>) =>
      [...new Set((await ask(request, who)).items.map(({ row }) => row['branch']))].sort();
    assert.deepEqual(await branches(north), ['N']);
    assert.deepEqual(await branches(caller(['teller'], { branch: 'S' })), ['S']);
    assert.deepEqual(await branches(caller(['boss'])), ['N', 'S', 'W']);
    assert.deepEqual(await branches(north), ['N']);
  });

  it('a cursor of another caller grants nothing', async () => {
    const { ask } = gatewayOf(bank(), { teller: BRANCH });
    const south = caller(['teller'], { branch: 'S' });
    const cursor = (await ask(list('customers', ['id'], { first: 1 }), south)).items[0]?.cursor;
    const { items } = await ask(list('customers', ['id'], { after: cursor ?? '' }), north);
    assert.deepEqual(ids(items), northern);
  });

  it('rights are asked of nobody only where there are none', async () => {
    const { ask } = gatewayOf(bank(), { teller: BRANCH });
    assert.equal((await faultOf(ask(list('customers', ['id']), undefined))).kind, 'unauthenticated');
  });

  it('what a role does not grant is answered as what does not exist', async () => {
    const { ask } = gatewayOf(bank(), { teller: BRANCH });
    const hidden = await faultOf(ask(list('accounts', ['no']), north));
    const invented = await faultOf(ask(list('acounts', ['no']), north));
    assert.equal(hidden.kind, 'not-found');
    assert.equal(hidden.message.replace('accounts', 'acounts'), invented.message);
    const asked = list('customers', ['id'], {
      selection: { fields: ['id'], include: [include('accounts', ['no'])] },
    });
    assert.equal((await faultOf(ask(asked, north))).code, 'unknown-relation');
  });
});

describe('masks', () => {
  const roles = {
    r: {
      collections: {
        customers: {
          mask: {
            ssn: 'lastFour',
            born: 'year',
            name: 'hash',
            branch: 'null',
            'address.zip': 'hash',
            'phones.number': 'lastFour',
          },
        },
      },
    },
  };
  const who = caller(['r']);

  it('show what they say, in groups and in lists of groups, and null stays null', async () => {
    const { ask } = gatewayOf(bank({ customers: [customer(1), customer(4, { ssn: null })] }), roles);
    const fields = ['id', 'branch', 'name', 'ssn', 'born', 'address', 'phones'];
    const { items } = await ask(list('customers', fields), who);
    assert.deepEqual(items[0]?.row, {
      id: 1,
      branch: null,
      name: sealing.hash('C1'),
      ssn: '*******6001',
      born: '1951',
      address: { city: 'City1', zip: sealing.hash('01') },
      phones: [
        { kind: 'home', number: '***-001' },
        { kind: 'work', number: '***-101' },
      ],
    });
    assert.equal(items[1]?.row['ssn'], null);
    assert.equal(items[1]?.row['address'], null);
  });

  it('equal values have equal hashes, which say nothing without the key', () => {
    assert.equal(sealing.hash('C1'), sealing.hash('C1'));
    assert.notEqual(sealing.hash('C1'), sealing.hash('C2'));
    assert.match(sealing.hash('C1'), /^[\w-]{16}$/);
  });

  it('of a text of four characters or fewer nothing is shown', async () => {
    const { ask } = gatewayOf(
      bank({ customers: [customer(1, { ssn: '1234' }), customer(2, { ssn: '12345' })] }),
      roles,
    );
    const { items } = await ask(list('customers', ['ssn']), who);
    assert.deepEqual(
      items.map(({ row }) => row['ssn']),
      ['****', '*2345'],
    );
  });

  it('what is masked cannot be filtered or ordered by', async () => {
    const { ask } = gatewayOf(bank(), roles);
    for (const field of ['ssn', 'branch', 'address.zip']) {
      const filtered = list('customers', ['id'], {
        where: [condition({ field, type: string }, 'eq', ['x'])],
      });
      assert.equal((await faultOf(ask(filtered, who))).code, 'masked-field');
      const ordered = list('customers', ['id'], { order: [{ field, type: string, descending: false }] });
      assert.equal((await faultOf(ask(ordered, who))).code, 'masked-field');
    }
  });

  it('related rows are masked as those of a list', async () => {
    const { ask } = gatewayOf(bank(), {
      r: { collections: { ...roles.r.collections, accounts: { fields: { except: ['balance'] } } } },
    });
    const { items } = await ask(
      list('accounts', ['no'], {
        first: 1,
        selection: { fields: ['no'], include: [include('owner', ['id', 'ssn'])] },
      }),
      who,
    );
    const owner = items[0]?.related.get('owner');
    assert.ok(owner !== null && owner !== undefined && 'row' in owner);
    assert.equal(owner.row['ssn'], '*******6001');
    assert.deepEqual(Object.keys(items[0]?.row ?? {}), ['no', 'custId', 'branch', 'state']);
  });
});

describe('a key that is hidden or masked', () => {
  const roles = { r: { collections: { customers: { mask: { id: 'hash' }, rows: "branch eq 'N'" } } } };
  const who = caller(['r']);

  it('still orders and pages, by cursors that nobody can read or make up', async () => {
    const { ask } = gatewayOf(bank({ customers: ROWS.customers.toReversed() }), roles);
    const seen: unknown[] = [];
    const cursors: string[] = [];
    for (let after: string | undefined; ; ) {
      const { items, result } = await ask(
        list('customers', ['name'], { first: 1, ...(after === undefined ? {} : { after }) }),
        who,
      );
      seen.push(...items.map(({ row }) => row['name']));
      after = items.at(-1)?.cursor ?? assert.fail();
      cursors.push(after);
      if (!result.hasNextPage()) break;
    }
    assert.deepEqual(seen, ['C3', 'C6', 'C9', 'C12']);
    for (const cursor of cursors) {
      assert.match(cursor, /^[\w-]+$/);
      assert.doesNotMatch(Buffer.from(cursor, 'base64url').toString('latin1'), /"\d+"/);
    }
    const [first = ''] = cursors;
    const at = Math.floor(first.length / 2);
    const forged = first.slice(0, at) + (first[at] === 'A' ? 'B' : 'A') + first.slice(at + 1);
    const { writeCursor } = await import('../../src/query/page.ts');
    const order = [{ field: 'id', type: int32, descending: false }];
    const open = writeCursor('anything', order, { kind: 'values', values: [3] });
    for (const after of [forged, open, '', 'AAAA']) {
      assert.equal((await faultOf(ask(list('customers', ['name'], { after }), who))).code, 'bad-cursor');
    }
    const other = list('customers', ['name'], {
      after: first,
      order: [{ field: 'name', type: string, descending: false }],
    });
    assert.equal((await faultOf(ask(other, who))).code, 'bad-cursor');
  });

  it('has no single rows', async () => {
    const { ask } = gatewayOf(bank(), roles);
    const fault = await faultOf(
      ask(
        { kind: 'item', collection: 'customers', key: [3], selection: { fields: ['name'], include: [] } },
        who,
      ),
    );
    assert.equal(fault.kind, 'unsupported');
  });
});

describe('values that do not decode', () => {
  const bad = new Fault('corrupt', '"branch" holds X\'4040\'', {
    code: 'bad-text',
    field: 'branch',
    record: 7,
    byteOffset: 70,
    hex: '4040',
  });

  it('and decide which rows are seen: the list fails, and tells nothing of them', async () => {
    const rows: readonly Row[] = [customer(3), customer(7, { branch: bad })];
    const { ask } = gatewayOf(bank({ customers: rows }), {
      r: { collections: { customers: { rows: "branch eq 'N'", fields: ['id'] } } },
    });
    const fault = await faultOf(ask(list('customers', ['id']), caller(['r'])));
    assert.equal(fault.kind, 'corrupt');
    assert.equal(fault.code, 'corrupt');
    assert.doesNotMatch(toldText(fault), /branch|4040|70|hex|record/);
  });

  it('under a mask say so without their bytes; masked to null they are null', async () => {
    const rows: readonly Row[] = [customer(3, { branch: bad, name: bad })];
    const { ask } = gatewayOf(bank({ customers: rows }), {
      r: { collections: { customers: { mask: { branch: 'lastFour', name: 'null' } } } },
    });
    const { items } = await ask(list('customers', ['branch', 'name']), caller(['r']));
    const cell = items[0]?.row['branch'];
    assert.ok(cell instanceof Fault);
    assert.equal(cell.kind, 'corrupt');
    assert.equal(cell.place.field, 'branch');
    assert.equal(cell.place.hex, undefined);
    assert.doesNotMatch(cell.message, /4040/);
    assert.equal(items[0]?.row['name'], null);
  });

  it('nor does any other fault of a source say which hidden field it is about', async () => {
    const { catalog, sources } = bank();
    const core = sources['core'] ?? assert.fail();
    const failing = (fault: Fault) =>
      createExecute({
        catalog,
        policy: DEFAULT_POLICY,
        rights: rightsOver(catalog, {
          r: {
            collections: {
              customers: { rows: "branch eq 'N'", fields: ['id', 'address.city', 'phones.kind'] },
            },
          },
        }),
        source: () => ({
          ...core,
          access: (query) => ({
            ...core.access(query),
            // biome-ignore lint/correctness/useYield: it fails before
            async *read() {
              throw fault;
            },
          }),
        }),
      });
    const told = async (fault: Fault) => {
      const result = await failing(fault)(list('customers', ['id']), contextOf(caller(['r'])));
      return toldText(await faultOf(itemsIn(result)));
    };
    for (const fault of [
      new Fault('invalid', '"branch" takes no ne'),
      new Fault('upstream', 'no', { field: 'address.zip' }),
      new Fault('invalid', 'several', {
        errors: [{ message: 'wrong', field: 'phones[1].number', hint: '555' }],
      }),
    ]) {
      assert.doesNotMatch(await told(fault), /branch|zip|number|555/);
    }
    assert.match(await told(new Fault('upstream', 'no', { field: 'address.city' })), /city/);
    assert.match(await told(new Fault('upstream', 'no', { field: 'phones[1].kind' })), /kind/);
    assert.match(await told(new Fault('unavailable', 'The source is down')), /is down/);
  });

  it('in sight are told as ever', async () => {
    const rows: readonly Row[] = [customer(3, { branch: bad })];
    const { ask } = gatewayOf(bank({ customers: rows }), {
      r: { collections: { customers: { fields: ['id', 'branch'] } } },
    });
    const { items } = await ask(list('customers', ['branch']), caller(['r']));
    assert.equal(items[0]?.row['branch'], bad);
  });
});

describe('the quick way of answering', () => {
  /** A bank whose customers come with JSON of their own, as files have it. */
  const gateway = (grant: unknown) => {
    const { catalog, sources } = bank();
    const core = sources['core'] ?? assert.fail();
    const asked: unknown[] = [];
    const execute = createExecute({
      catalog,
      policy: DEFAULT_POLICY,
      rights: rightsOver(catalog, { r: { collections: { customers: grant } } }),
      source: () => ({
        ...core,
        access: (query) => ({
          ...core.access(query),
          ordered: true,
          where: query.where.map(() => 'exact'),
          async *read(ask) {
            asked.push(ask.json);
            yield {
              length: 1,
              row: () => customer(3),
              json: (_i, out) => out.text(JSON.stringify({ whole: customer(3) })),
            };
          },
        }),
      }),
    });
    return async (fields: readonly string[]) => {
      const { batches } = await execute(list('customers', fields), contextOf(caller(['r'])));
      for await (const batch of batches) return { asked: asked.at(-1), json: batch.json !== undefined };
      return assert.fail();
    };
  };

  it('stays where nothing of what is answered is hidden or masked, whatever else of the row is', async () => {
    const ask = gateway({ rows: "branch eq 'N'", fields: { except: ['ssn'] }, mask: { name: 'hash' } });
    assert.deepEqual(await ask(['id', 'address']), { asked: ['id', 'address'], json: true });
  });

  it('is left where the source would write what is masked, or a group of which something is hidden', async () => {
    const ask = gateway({
      fields: { except: ['address.zip', 'phones.number'] },
      mask: { name: 'hash' },
    });
    for (const field of ['name', 'address', 'phones']) {
      assert.equal((await ask(['id', field])).asked, undefined);
    }
    assert.deepEqual((await ask(['id', 'address.city'])).asked, ['id', 'address.city']);
  });
});

describe('kept answers', () => {
  it("are those of who may see the same: no claim, no mask and no rule is another caller's", async () => {
    const { catalog, sources } = bank();
    const core = sources['core'] ?? assert.fail();
    let reads = 0;
    const counting: Source = {
      ...core,
      access: (query) => {
        const access = core.access(query);
        return {
          ...access,
          read: (ask) => {
            reads++;
            return access.read(ask);
          },
        };
      },
    };
    const forAMinute = { maxAgeMs: 60_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
    const kept = cached(counting, {
      collections: new Map([['customers', forAMinute]]),
      operations: new Map(),
      memory: memory({ maxBytes: 1_000_000, maxAnswerBytes: 100_000 }),
      behindMs: 1_000,
    });
    const execute = createExecute({
      catalog,
      policy: DEFAULT_POLICY,
      rights: rightsOver(catalog, {
        teller: BRANCH,
        masked: {
          collections: { customers: { rows: 'branch eq @claims.branch', mask: { name: 'lastFour' } } },
        },
        boss: { collections: { customers: 'read' } },
      }),
      source: () => kept,
    });
    const ask = async (who: ReturnType<typeof caller>) =>
      (await itemsIn(await execute(list('customers', ['id', 'name']), contextOf(who)))).map(({ row }) => row);
    for (let round = 0; round < 2; round++) {
      assert.equal((await ask(caller(['boss']))).length, 12);
      assert.deepEqual(
        (await ask(north)).map(({ id }) => id),
        northern,
      );
      assert.deepEqual(
        (await ask(caller(['teller'], { branch: 'S' }))).map(({ id }) => id),
        [1, 4, 7, 10],
      );
      const masked = await ask(caller(['masked'], { branch: 'N' }));
      assert.deepEqual(
        masked.map(({ name }) => name),
        ['**', '**', '**', '***'],
      );
    }
    // Who sees the same rows shares an answer, and each is masked as he sees it.
    assert.equal(reads, 3);
  });
});
