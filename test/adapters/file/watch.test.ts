// Changes of files: what happened between two versions is told row by row, and whoever comes back goes on where he was.

import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openCharset } from '#codec/charset';
import { type ChangeEvent, Fault, type Row, type Source, type WatchHow } from '#spi';
import { changesConformance } from '../../conformance/changes.ts';
import { type Random, random } from '../../random.ts';
import { collect, type Folder, faultOf, folder, handlesOn, hostAt, never, openFiles } from './opening.ts';
import { site } from './sftp/opening.ts';

const cp037 = openCharset('cp037');
const COPYBOOK = `
       01  THING.
           05  ID      PIC S9(9) COMP.
           05  LABEL   PIC X(12).
           05  AMOUNT  PIC S9(7)V99 COMP-3.
           05  CODE    PIC X(2).
           05  FILLER  PIC X(3).
`;
const AMOUNT_AT = 16;

interface Thing {
  readonly id: number;
  readonly label: string;
  readonly amount: string;
  readonly code: string;
}

function recordOf({ id, label, amount, code }: Thing, filler = '   '): Uint8Array {
  const record = new Uint8Array(26);
  new DataView(record.buffer).setInt32(0, id);
  record.set(cp037.encode(label.padEnd(12)), 4);
  const digits = amount.replace(/[-.]/g, '').padStart(9, '0') + (amount.startsWith('-') ? 'D' : 'C');
  record.set(Uint8Array.fromHex(digits), AMOUNT_AT);
  record.set(cp037.encode(code.padEnd(2) + filler), 21);
  return record;
}

const thing = (id: number, label = `N${id}`, amount = '1.00', code = 'A'): Thing => ({
  id,
  label,
  amount,
  code,
});

const fileOf = (things: readonly Thing[]): Uint8Array => Buffer.concat(things.map((one) => recordOf(one)));

function put(at: Folder, name: string, content: Uint8Array): void {
  at.write(`${name}.new`, content);
  renameSync(join(at.path, `${name}.new`), join(at.path, name));
}

function openThings(at: Folder, collection: object = {}, more: object = {}): Promise<Source> {
  at.write('thing.cpy', COPYBOOK);
  return openFiles(hostAt(at.path), {
    watchEveryMs: 10,
    ...more,
    collections: {
      things: {
        ...('files' in collection ? {} : { path: 'THINGS.BIN' }),
        copybook: 'thing.cpy',
        charset: 'cp037',
        key: ['ID'],
        ...collection,
      },
    },
  });
}

changesConformance({
  name: 'file',
  // Of versions that nobody has seen nothing is told, so more than one between two looks is one step.
  remembers: 1,
  async open(keyed, rows) {
    const at = folder();
    const bytes = (some: readonly Row[]) =>
      fileOf(
        some.map(({ id, label, amount, code }) => ({
          id: Number(id),
          label: String(label),
          amount: String(amount),
          code: String(code),
        })),
      );
    put(at, 'THINGS.BIN', bytes(rows));
    const source = await openThings(at, keyed ? {} : { key: [] });
    return {
      source,
      replaceWith: async (fresh) => put(at, 'THINGS.BIN', bytes(fresh)),
      async [Symbol.asyncDispose]() {
        await source[Symbol.asyncDispose]();
        assert.equal(handlesOn(at.path), 0);
        at[Symbol.dispose]();
      },
    };
  },
});

function watch(source: Source, how: Partial<WatchHow> = {}): AsyncIterator<ChangeEvent> {
  assert.ok(source.watch);
  return source.watch('things', { signal: never, ...how })[Symbol.asyncIterator]();
}

async function next(events: AsyncIterator<ChangeEvent>): Promise<ChangeEvent> {
  const { value } = await events.next();
  assert.ok(value);
  return value;
}

interface Since {
  readonly events: readonly ChangeEvent[];
  readonly position: string;
}

/** What happened behind a position until now. */
async function since(source: Source, from?: string): Promise<Since> {
  assert.ok(source.watch);
  const events: ChangeEvent[] = [];
  const how = { signal: never, live: false, ...(from === undefined ? {} : { from }) };
  for await (const event of source.watch('things', how)) events.push(event);
  const last = events.pop();
  assert.equal(last?.kind, 'position');
  return { events, position: last.position };
}

/** Kind, key, and what is different. */
const brief = ({ kind, key, changed, row }: ChangeEvent) =>
  [kind, ...(key ?? []), ...(changed ?? []), ...(kind === 'insert' ? [row?.['label']] : [])].join(' ');

function randomThings(dice: Random, from: readonly Thing[], most: number): readonly Thing[] {
  const left = new Map(from.map((one) => [one.id, one]));
  for (let i = 0; i < most / 4; i++) {
    const id = dice.int(most) - Math.floor(most / 2);
    const known = left.get(id);
    if (dice.chance(0.3)) left.delete(id);
    else left.set(id, thing(id, dice.pick(['x', 'y']), dice.pick(['1.00', '-2.50']), known?.code ?? 'Z'));
  }
  const all = [...left.values()];
  // In the order of the file, which is not that of the keys, or is.
  return dice.chance(0.3) ? all.toSorted((a, b) => a.id - b.id) : all.toSorted(() => dice.int(3) - 1);
}

/** The reference: both versions whole in memory. */
function naive(before: readonly Thing[], after: readonly Thing[]): readonly string[] {
  const old = new Map(before.map((one) => [one.id, one]));
  const now = new Map(after.map((one) => [one.id, one]));
  const ids = [...new Set([...old.keys(), ...now.keys()])].toSorted((a, b) => a - b);
  return ids.flatMap((id) => {
    const [a, b] = [old.get(id), now.get(id)];
    if (b === undefined) return [`delete ${id}`];
    if (a === undefined) return [`insert ${id} ${b.label}`];
    const changed = (['label', 'amount', 'code'] as const).filter((name) => a[name] !== b[name]);
    return changed.length === 0 ? [] : [`update ${id} ${changed.join(' ')}`];
  });
}

describe('a file that is watched', () => {
  it('tells of any two versions what a comparison in memory tells, in the order of the keys', async () => {
    const dice = random(77);
    for (const most of [0, 3, 40, 3_000]) {
      using at = folder();
      let things = randomThings(dice, [], most);
      put(at, 'THINGS.BIN', fileOf(things));
      await using source = await openThings(at);
      let { position } = await since(source);
      for (let round = 0; round < 4; round++) {
        const fresh = round === 3 ? [] : randomThings(dice, things, most);
        put(at, 'THINGS.BIN', fileOf(fresh));
        const told = await since(source, position);
        assert.deepEqual(told.events.map(brief), naive(things, fresh), `${most}, round ${round}`);
        for (const { kind, row } of told.events) {
          if (kind === 'delete') continue;
          assert.deepEqual({ ...row }, { ...fresh.find(({ id }) => id === row?.['id']) });
        }
        ({ position } = told);
        things = fresh;
      }
    }
  });

  it('goes on in the middle, however far it was: each event has a place of its own', async () => {
    using at = folder();
    const many = Array.from({ length: 400 }, (_, i) => thing(i));
    put(at, 'THINGS.BIN', fileOf(many));
    await using source = await openThings(at);
    const { position: start } = await since(source);
    put(at, 'THINGS.BIN', fileOf(many.map((one) => ({ ...one, code: one.id % 3 === 0 ? 'B' : 'A' }))));
    const { events, position } = await since(source, start);
    assert.equal(events.length, 134);
    for (const i of [0, 1, 63, 132, 133]) {
      const rest = await since(source, events[i]?.position);
      assert.deepEqual(rest, { events: events.slice(i + 1), position }, `behind ${i}`);
    }
    // And on to what came meanwhile.
    put(at, 'THINGS.BIN', fileOf([...many, thing(999)]));
    const rest = await since(source, events[131]?.position);
    assert.deepEqual(rest.events.map(brief), [
      ...events.slice(132).map(brief),
      ...naive(
        many.map((one) => ({ ...one, code: one.id % 3 === 0 ? 'B' : 'A' })),
        [...many, thing(999)],
      ),
    ]);
    const invented = await since(source, String(events[5]?.position).replace(/\d+$/, '9999'));
    assert.equal(invented.events[0]?.kind, 'reset');
  });

  it('whose version is not kept any more is a reset', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    await using source = await openThings(at, {}, { keepVersions: { most: 1 } });
    const { position } = await since(source);
    for (const id of [2, 3, 4]) {
      put(at, 'THINGS.BIN', fileOf([thing(id)]));
      await collect(source, { collection: 'things' });
    }
    const told = await since(source, position);
    assert.deepEqual(told.events.map(brief), ['reset']);
    put(at, 'THINGS.BIN', fileOf([thing(4), thing(5)]));
    assert.deepEqual((await since(source, told.position)).events.map(brief), ['insert 5 N5']);
  });

  it('records whose values are the same are not told of, whatever their other bytes are', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', recordOf(thing(1)));
    await using source = await openThings(at);
    const { position } = await since(source);
    put(at, 'THINGS.BIN', recordOf(thing(1), 'xyz'));
    const told = await since(source, position);
    assert.deepEqual(told.events, []);
    assert.notEqual(told.position, position);
  });

  it('a field that cannot be decoded is told of with its fault, and that it is another', async () => {
    using at = folder();
    const bad = recordOf(thing(2));
    bad.fill(0xff, AMOUNT_AT, AMOUNT_AT + 5);
    put(at, 'THINGS.BIN', fileOf([thing(1), thing(2)]));
    await using source = await openThings(at);
    const { position } = await since(source);
    put(at, 'THINGS.BIN', Buffer.concat([recordOf(thing(0)), recordOf(thing(1)), bad]));
    const told = await since(source, position);
    assert.deepEqual(told.events.map(brief), ['insert 0 N0', 'update 2 amount']);
    const fault = told.events[1]?.row?.['amount'];
    assert.ok(fault instanceof Fault);
    assert.deepEqual([fault.kind, fault.place.record, fault.place.field], ['corrupt', 3, 'amount']);
    // The same bytes at another place are no change.
    put(at, 'THINGS.BIN', Buffer.concat([recordOf(thing(1)), bad]));
    assert.deepEqual((await since(source, told.position)).events.map(brief), ['delete 0']);
  });

  it('a version that cannot be compared is the fault that a read of it has', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    await using source = await openThings(at);
    const events = watch(source);
    const { position } = await next(events);
    put(at, 'THINGS.BIN', fileOf([thing(2), thing(2)]));
    const fault = await faultOf(() => next(events));
    assert.deepEqual([fault.kind, fault.code], ['corrupt', 'key-not-unique']);
    put(at, 'THINGS.BIN', fileOf([thing(2)]));
    assert.deepEqual((await since(source, position)).events.map(brief), ['delete 1', 'insert 2 N2']);
  });

  it('that is away for a moment is what it was', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    await using source = await openThings(at);
    const events = watch(source);
    await next(events);
    const waiting = next(events);
    rmSync(join(at.path, 'THINGS.BIN'));
    const begun = watch(source);
    assert.equal((await next(begun)).kind, 'position');
    await begun.return?.();
    put(at, 'THINGS.BIN', fileOf([thing(1), thing(2)]));
    assert.equal(brief(await waiting), 'insert 2 N2');
    await events.return?.();
  });

  it('that was written over in place is a reset: the older version cannot be compared any more', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    await using source = await openThings(at);
    const events = watch(source);
    await next(events);
    at.write('THINGS.BIN', fileOf([thing(1), thing(2)]));
    assert.equal(brief(await next(events)), 'reset');
    await events.return?.();
  });
});

describe('who watches a file', () => {
  it('slowly finishes the two versions that he is between, then goes on to the newest', async () => {
    using at = folder();
    const many = (code: string) => Array.from({ length: 300 }, (_, i) => thing(i, 'x', '1.00', code));
    put(at, 'THINGS.BIN', fileOf(many('A')));
    await using source = await openThings(at);
    const events = watch(source);
    await next(events);
    put(at, 'THINGS.BIN', fileOf(many('B')));
    const told = [await next(events)];
    for (const code of ['C', 'D', 'E']) {
      put(at, 'THINGS.BIN', fileOf(many(code)));
      await collect(source, { collection: 'things' });
    }
    while (told.length < 600) told.push(await next(events));
    assert.deepEqual(
      told.map(({ key, row }) => [key?.[0], row?.['code']]),
      ['B', 'E'].flatMap((code) => many(code).map(({ id }) => [id, code])),
    );
    await events.return?.();
  });

  it('shares the looks and the comparison with the others, and frees everything when he leaves', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    const source = await openThings(at);
    const leaving = new AbortController();
    const watchers = Array.from({ length: 20 }, () => watch(source, { signal: leaving.signal }));
    for (const events of watchers) await next(events);
    const waiting = watchers.map((events) => next(events));
    put(at, 'THINGS.BIN', fileOf([thing(1), thing(2)]));
    assert.deepEqual(
      (await Promise.all(waiting)).map(brief),
      watchers.map(() => 'insert 2 N2'),
    );
    // Whatever their number: each version as it is kept, and as it is watched, when the last has had his turn.
    for (let turn = 0; turn < 1_000 && handlesOn(at.path) > 4; turn++) await setImmediate();
    assert.ok(handlesOn(at.path) <= 4);
    const ended = watchers.map((events) => assert.rejects(async () => next(events), /gone/));
    leaving.abort(new Error('gone'));
    await Promise.all(ended);
    await source[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
  });

  it('and does not ask any more holds nothing when the source is closed', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    const source = await openThings(at);
    const events = watch(source);
    await next(events);
    put(at, 'THINGS.BIN', fileOf([thing(2), thing(3), thing(4)]));
    assert.equal(brief(await next(events)), 'delete 1');
    await source[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
    await events.return?.();
  });

  it('is told when the source is closed', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    const source = await openThings(at);
    const events = watch(source);
    await next(events);
    const fault = faultOf(() => next(events));
    await source[Symbol.asyncDispose]();
    assert.equal((await fault).code, 'closing');
    assert.equal(handlesOn(at.path), 0);
  });

  it('is told what is different, also where no versions are kept for others', async () => {
    using at = folder();
    put(at, 'THINGS.BIN', fileOf([thing(1)]));
    await using source = await openThings(at, {}, { keepVersions: { forMs: 0 } });
    const events = watch(source);
    await next(events);
    put(at, 'THINGS.BIN', fileOf([thing(1), thing(2)]));
    assert.equal(brief(await next(events)), 'insert 2 N2');
    await events.return?.();
  });
});

describe('a set of files that is watched', () => {
  it('tells of rows that come, go and change with the files that have them', async () => {
    using at = folder();
    put(at, 'A.BIN', fileOf([thing(1), thing(3)]));
    put(at, 'B.BIN', fileOf([thing(2), thing(4)]));
    await using source = await openThings(at, { files: '?.BIN' });
    let { position } = await since(source);
    const told = async (): Promise<readonly string[]> => {
      const { events, position: now } = await since(source, position);
      position = now;
      return events.map(brief);
    };
    put(at, 'C.BIN', fileOf([thing(0), thing(5)]));
    assert.deepEqual(await told(), ['insert 0 N0', 'insert 5 N5']);
    put(at, 'A.BIN', fileOf([thing(3, 'changed')]));
    assert.deepEqual(await told(), ['delete 1', 'update 3 label']);
    rmSync(join(at.path, 'C.BIN'));
    put(at, 'B.BIN', fileOf([thing(0), thing(2), thing(4)]));
    assert.deepEqual(await told(), ['update 0 file', 'delete 5'], 'a row in another file is the same row');
    for (const name of ['A.BIN', 'B.BIN']) rmSync(join(at.path, name));
    assert.deepEqual(await told(), ['delete 0', 'delete 2', 'delete 3', 'delete 4']);
  });

  it('whose key names the file tells of each file by itself', async () => {
    using at = folder();
    for (const name of ['A.BIN', 'B.BIN']) put(at, name, fileOf([thing(1), thing(2)]));
    await using source = await openThings(at, { files: '?.BIN', key: ['file', 'ID'] });
    const { position } = await since(source);
    put(at, 'A.BIN', fileOf([thing(2, 'a')]));
    put(at, 'B.BIN', fileOf([thing(1, 'b'), thing(2), thing(3)]));
    const { events } = await since(source, position);
    assert.deepEqual(events.map(brief), [
      'delete A.BIN 1',
      'update A.BIN 2 label',
      'update B.BIN 1 label',
      'insert B.BIN 3 N3',
    ]);
    assert.equal(events.at(-1)?.row?.['file'], 'B.BIN');
  });
});

describe('a file by SFTP that is watched', () => {
  it('tells what happened between two copies', async () => {
    await using at = await site();
    at.local.write(
      'line.json',
      JSON.stringify([
        { name: 'id', start: 0, width: 2, type: 'int' },
        { name: 'text', start: 2, width: 4, type: 'string', padPosition: 'end' },
      ]),
    );
    at.put('data.txt', ' 1aaaa\n 2bbbb\n', 9_000);
    const source = await at.open({}, 'data.txt', { watchEveryMs: 10, key: ['id'] });
    assert.ok(source.watch);
    const events = source.watch('lines', { signal: never })[Symbol.asyncIterator]();
    assert.equal((await next(events)).kind, 'position');
    at.put('data.txt', ' 1aaab\n 3cccc\n', 8_000);
    const told = [await next(events), await next(events), await next(events)];
    assert.deepEqual(
      told.map(({ kind, key }) => [kind, key?.[0]]),
      [
        ['update', 1],
        ['delete', 2],
        ['insert', 3],
      ],
    );
    await events.return?.();
  });
});
