// The suite of changes that every adapter passes whose collections can be watched, bare and through the guards. The memory adapter is the
// reference.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ChangeEvent, type Collection, Fault, type Row, type Source, type WatchHow } from '#spi';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { isPosition } from '../../src/query/watching.ts';
import { read } from '../../src/run/read.ts';
import { type Random, random } from '../random.ts';
import { guarded } from './guarded.ts';

export interface ChangesConformance {
  readonly name: string;
  /** Opens a source of one collection like `THINGS` (or, not keyed, like `KEYLESS_THINGS`) that holds these rows. */
  open(keyed: boolean, rows: readonly Row[]): Promise<Changing>;
  /** New states of the data of which what happened is remembered; absent: all that the suite makes. */
  readonly remembers?: number;
  /** New states that the suite makes of random rows. */
  readonly rounds?: number;
  readonly skip?: string | false;
}

/** A source and the hand that changes its data. */
export interface Changing extends AsyncDisposable {
  readonly source: Source;
  /** These are the rows from now on, all at once; resolves when the source shows them. Of a keyless collection there are only ever more. */
  replaceWith(rows: readonly Row[]): Promise<void>;
}

/** What the suite writes: values that a copybook and a table can hold. */
export const THINGS: Collection = {
  name: 'things',
  key: ['id'],
  watchable: true,
  fields: [
    { name: 'id', type: { kind: 'int32' } },
    { name: 'label', type: { kind: 'string', length: 12 } },
    { name: 'amount', type: { kind: 'decimal', precision: 9, scale: 2 } },
    { name: 'code', type: { kind: 'string', length: 2 } },
  ],
};

export const KEYLESS_THINGS: Collection = { ...THINGS, key: [] };

export function changesConformance(subject: ChangesConformance): void {
  suite(subject);
  suite({
    ...subject,
    name: `${subject.name}, guarded`,
    rounds: Math.ceil((subject.rounds ?? ROUNDS) / 3),
    open: async (keyed, rows) => {
      const opened = await subject.open(keyed, rows);
      const source = guarded(opened.source);
      return { ...opened, source, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
    },
  });
}

const ROUNDS = 24;
const START: readonly Row[] = [1, 2, 3].map((id) => thing(id, 'first', '1.00', 'A'));

function thing(id: number, label: string, amount: string, code: string): Row {
  return { id, label, amount, code };
}

function randomThings(dice: Random): readonly Row[] {
  const ids = [1, 2, 3, 4, 5, 6, 7, 8].filter(() => dice.chance(0.6));
  return ids.map((id) =>
    thing(
      id,
      dice.pick(['first', 'second', 'Third']),
      dice.pick(['1.00', '-1.50', '9999999.99']),
      dice.pick(['A', 'B']),
    ),
  );
}

const never = new AbortController().signal;

function watch(source: Source, how: Partial<WatchHow> = {}): AsyncIterator<ChangeEvent> {
  assert.ok(source.watch, 'the source can be watched');
  return source.watch('things', { signal: never, ...how })[Symbol.asyncIterator]();
}

async function next(events: AsyncIterator<ChangeEvent>): Promise<ChangeEvent> {
  const { value, done } = await events.next();
  assert.ok(done !== true, 'a watch goes on for ever');
  return plain(value);
}

/** What has happened since, and where that leads. */
async function since(
  source: Source,
  from?: string,
): Promise<{ readonly events: readonly ChangeEvent[]; readonly position: string }> {
  const events: ChangeEvent[] = [];
  const told = watch(source, { live: false, ...(from === undefined ? {} : { from }) });
  for (let at = await told.next(); at.done !== true; at = await told.next()) events.push(plain(at.value));
  const last = events.pop();
  assert.equal(last?.kind, 'position', 'what has been caught up with ends with its position');
  return { events, position: last.position };
}

/** Without what is not compared: when it was. */
function plain({ asOf, ...event }: ChangeEvent): ChangeEvent {
  if (asOf !== undefined) assert.match(asOf, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.ok(isPosition(event.position), event.position);
  return event;
}

async function rowsOf(source: Source): Promise<readonly Row[]> {
  const fields = THINGS.fields.map(({ name }) => name);
  const order = [{ field: 'id', type: { kind: 'int32' }, descending: false }] as const;
  const rows: Row[] = [];
  const query = { collection: 'things', where: [], order };
  for await (const batch of read(source, query, { fields, signal: never }, DEFAULT_POLICY)) {
    for (let i = 0; i < batch.length; i++) rows.push(cut(batch.row(i)));
  }
  return rows;
}

function cut(row: Row): Row {
  return Object.fromEntries(THINGS.fields.map(({ name }) => [name, row[name] ?? null]));
}

/** The rows after what happened; whatever an event says that is not true of them fails. */
function apply(events: readonly ChangeEvent[], before: readonly Row[]): readonly Row[] {
  const rows = new Map(before.map((row) => [row['id'], row]));
  for (const { kind, key, row, changed } of events) {
    const [id] = key ?? [];
    assert.ok(key?.length === 1 && typeof id === 'number', `${kind} says which row`);
    const old = rows.get(id);
    assert.equal(old === undefined, kind === 'insert', `${kind} of ${id}`);
    assert.equal(row === undefined, kind === 'delete', `${kind} of ${id}`);
    if (row === undefined) {
      rows.delete(id);
      continue;
    }
    const now = cut(row);
    assert.equal(now['id'], id);
    if (kind === 'update') {
      const different = Object.keys(now).filter((name) => now[name] !== old?.[name]);
      assert.deepEqual([...(changed ?? [])].toSorted(), different.toSorted());
    }
    rows.set(id, now);
  }
  return [...rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']));
}

function suite({ name, open, remembers, rounds = ROUNDS, skip = false }: ChangesConformance): void {
  describe(`changes: ${name}`, { skip }, () => {
    it('what can be watched says so, and of what happened before nothing is told', async () => {
      await using changing = await open(true, START);
      const { source } = changing;
      assert.deepEqual(
        source.model.collections.map((collection) => [collection.name, collection.key, collection.watchable]),
        [['things', ['id'], true]],
      );
      assert.deepEqual((await since(source)).events, []);
    });

    it('every difference is told once, and makes the old rows the new ones, whatever they are', async () => {
      const dice = random(8);
      await using changing = await open(true, START);
      const { source } = changing;
      let rows = START;
      let { position } = await since(source);
      for (let round = 0; round < rounds; round++) {
        const fresh = dice.chance(0.1) ? rows : randomThings(dice);
        await changing.replaceWith(fresh);
        const told = await since(source, position);
        const keys = told.events.map(({ key }) => key?.[0]);
        assert.equal(new Set(keys).size, keys.length, `round ${round}: no row is told twice`);
        const expected = [...fresh].toSorted((a, b) => Number(a['id']) - Number(b['id']));
        assert.deepEqual(apply(told.events, rows), expected, `round ${round}`);
        assert.deepEqual(await rowsOf(source), expected, `round ${round}`);
        rows = fresh;
        position = told.position;
      }
    });

    it('who watches is told what happens as it happens, and every watcher the same', async () => {
      const dice = random(17);
      await using changing = await open(true, START);
      const { source } = changing;
      const { position: start } = await since(source);
      // From a known position nothing can be missed between the call and the first change.
      const watchers = [watch(source, { from: start }), watch(source, { from: start })];
      let position = start;
      for (let round = 0; round < rounds / 2; round++) {
        const waiting = watchers.map((events) => nextHappening(events));
        // What is told of no change must not be told: every round has one.
        const rows = randomThings(dice);
        await changing.replaceWith([...rows.filter(({ id }) => id !== 9), thing(9, `${round}`, '1.00', 'A')]);
        const { events: expected, position: now } = await since(source, position);
        assert.ok(expected.length > 0);
        for (const [i, events] of watchers.entries()) {
          const told = [(await waiting[i]) ?? assert.fail()];
          while (told.length < expected.length) told.push(await nextHappening(events));
          assert.deepEqual(told, expected, `round ${round}, watcher ${i + 1}`);
        }
        position = now;
      }
      for (const events of watchers) await events.return?.();
    });

    it('whoever comes back is told what happened behind the position, wherever that is', async () => {
      const dice = random(3);
      await using changing = await open(true, START);
      const { source } = changing;
      const { position: start } = await since(source);
      const states = Math.min(4, remembers ?? 4);
      for (let i = 0; i < states; i++)
        await changing.replaceWith([...randomThings(dice), thing(9, `${i}`, '1.00', 'A')]);
      const { events, position } = await since(source, start);
      assert.ok(events.length >= states);
      for (const [i, { position: from }] of [{ position: start }, ...events].entries()) {
        assert.deepEqual(await since(source, from), { events: events.slice(i), position }, `event ${i}`);
        const live = watch(source, { from });
        for (const event of events.slice(i)) assert.deepEqual(await next(live), event);
        await live.return?.();
      }
    });

    it('what nobody remembers is a reset, and then goes on', async () => {
      await using changing = await open(true, START);
      const { source } = changing;
      for (const from of ['x', 'no-position-of-this-source.0', '0', '~'.repeat(200)]) {
        const { events, position } = await since(source, from);
        assert.deepEqual(
          events.map(({ kind, key, row, changed }) => ({ kind, key, row, changed })),
          [{ kind: 'reset', key: undefined, row: undefined, changed: undefined }],
        );
        await changing.replaceWith([...START, thing(7, from.slice(0, 9), '1.00', 'A')]);
        const after = await since(source, position);
        assert.deepEqual(
          after.events.map(({ key }) => key),
          [[7]],
        );
      }
    });

    it('a collection without a key says only that something has happened', async () => {
      await using changing = await open(false, START);
      const { source } = changing;
      const { position: start } = await since(source);
      const events = watch(source, { from: start });
      let rows = START;
      for (const id of [4, 5]) {
        rows = [...rows, thing(id, 'more', '1.00', 'A')];
        const waiting = nextHappening(events);
        await changing.replaceWith(rows);
        const { position, ...told } = await waiting;
        assert.deepEqual(told, { kind: 'reset' });
        assert.deepEqual(await since(source, position), { events: [], position });
      }
      const [first] = (await since(source, start)).events;
      assert.equal(first?.kind, 'reset');
      await events.return?.();
    });

    it('ends at once when it is told to, also while nothing happens', async () => {
      await using changing = await open(true, START);
      const { source } = changing;
      const { position: from } = await since(source);
      const leaving = new AbortController();
      const events = watch(source, { from, signal: leaving.signal });
      const waiting = nextHappening(events).then(
        () => 'told',
        (error: unknown) => error,
      );
      const reason = new Fault('unavailable', 'The client left', { code: 'cancelled' });
      setImmediate(() => leaving.abort(reason));
      const ended = await waiting;
      assert.ok(ended === reason || (ended instanceof Fault && ended.code === 'cancelled'), String(ended));
      const other = watch(source, { from, signal: leaving.signal });
      await assert.rejects(async () => other.next());
    });
  });
}

/** The next event that is more than a position. */
async function nextHappening(events: AsyncIterator<ChangeEvent>): Promise<ChangeEvent> {
  for (;;) {
    const event = await next(events);
    if (event.kind !== 'position') return event;
  }
}
