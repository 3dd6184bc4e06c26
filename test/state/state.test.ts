import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import {
  type Answer,
  type Answers,
  type Keeping,
  MS_PER_HOUR,
  memoryAnswers,
} from '../../src/state/answers.ts';
import { openState, type State, stateOf } from '../../src/state/state.ts';
import { overpunch } from '../cli/overpunch.ts';
import { folderWith } from '../config/written.ts';

const ANSWER: Answer = {
  status: 201,
  headers: { 'content-type': 'application/json', location: '/api/accounts/1' },
  body: new TextEncoder().encode('{"number":"1"}'),
};

/** A clock that goes on when it is told. */
function keeping(more: Partial<{ hours: number; maxAnswers: number }> = {}) {
  const clock = { now: 1_000_000 };
  return { clock, keeping: { hours: 1, maxAnswers: 100, ...more, clock: () => clock.now } };
}

const codeOf = (error: unknown): string => (error instanceof Fault ? error.code : String(error));

async function codeOfBegin(answers: Answers, id: string): Promise<string> {
  return answers.begin(id, 'f').then(({ kind }) => kind, codeOf);
}

for (const [name, open] of [
  ['in memory', (given) => ({ answers: memoryAnswers(given), [Symbol.dispose]: () => {} })],
  ['in a folder', (given) => openState(folderWith({}), given)],
] satisfies readonly (readonly [string, (given: Keeping) => Pick<State, 'answers'> & Disposable])[]) {
  describe(`answers kept ${name}`, () => {
    it('are found by their key until their time is over', async () => {
      const { clock, keeping: given } = keeping();
      using kept = open(given);
      const { answers } = kept;
      assert.deepEqual(await answers.begin('a', 'f'), { kind: 'new' });
      assert.deepEqual(await answers.begin('a', 'f'), { kind: 'running', fingerprint: 'f' });
      answers.finish('a', ANSWER);
      const found = await answers.begin('a', 'g');
      assert.equal(found.kind, 'answered');
      assert.ok(found.kind === 'answered' && found.answer !== undefined);
      assert.equal(found.fingerprint, 'f');
      assert.deepEqual(
        { ...found.answer, body: [...found.answer.body] },
        { ...ANSWER, body: [...ANSWER.body] },
      );
      clock.now += MS_PER_HOUR - 1;
      assert.equal(await codeOfBegin(answers, 'a'), 'answered');
      clock.now += 1;
      assert.equal(await codeOfBegin(answers, 'a'), 'new');
    });

    it('of which nothing came are free, and those of which nobody knows are not', async () => {
      using kept = open(keeping().keeping);
      const { answers } = kept;
      await answers.begin('a', 'f');
      answers.forget('a');
      assert.equal(await codeOfBegin(answers, 'a'), 'new');
      await answers.begin('b', 'f');
      answers.leave('b');
      assert.deepEqual(await answers.begin('b', 'f'), { kind: 'unknown', fingerprint: 'f' });
      answers.finish('b', undefined);
      assert.deepEqual(await answers.begin('b', 'f'), { kind: 'answered', fingerprint: 'f' });
    });

    it('are so many at most: a further key is refused until there is room', async () => {
      const { clock, keeping: given } = keeping({ maxAnswers: 3 });
      using kept = open(given);
      const { answers } = kept;
      for (const id of ['a', 'b', 'c']) assert.equal(await codeOfBegin(answers, id), 'new');
      assert.equal(await codeOfBegin(answers, 'd'), 'idempotency-full');
      assert.equal(await codeOfBegin(answers, 'a'), 'running');
      for (const id of ['a', 'b', 'c']) answers.finish(id, ANSWER);
      clock.now += MS_PER_HOUR;
      assert.equal(await codeOfBegin(answers, 'd'), 'new');
    });

    it('are begun by one of those who come at the same time', async () => {
      using kept = open(keeping({ maxAnswers: 1_000 }).keeping);
      const { answers } = kept;
      const kinds = await Promise.all(
        Array.from({ length: 300 }, (_, i) => codeOfBegin(answers, `k${i % 100}`)),
      );
      assert.deepEqual(
        [kinds.filter((kind) => kind === 'new').length, kinds.filter((kind) => kind === 'running').length],
        [100, 200],
      );
    });
  });
}

describe('bodies of answers in memory', () => {
  it('take so many bytes at most: of the oldest it is only known that they were given', async () => {
    const answers = memoryAnswers({ ...keeping().keeping, maxBytes: 2 * ANSWER.body.length });
    for (const id of ['a', 'b', 'c']) {
      await answers.begin(id, 'f');
      answers.finish(id, ANSWER);
    }
    assert.deepEqual(await answers.begin('a', 'f'), { kind: 'answered', fingerprint: 'f' });
    for (const id of ['b', 'c'])
      assert.deepEqual(await answers.begin(id, 'f'), { kind: 'answered', fingerprint: 'f', answer: ANSWER });
  });
});

describe('a state folder', () => {
  it('outlives the gateway: answers, what was begun, and budgets', async () => {
    const folder = join(folderWith({}), 'deep', 'state');
    {
      using state = openState(folder, keeping().keeping);
      await state.answers.begin('a', 'f');
      state.answers.finish('a', ANSWER);
      await state.answers.begin('b', 'f');
      state.budgets.save('ledger', '2026-11-30', { calls: 3, rows: 2 ** 40 });
    }
    using state = openState(folder, keeping().keeping);
    assert.equal(await codeOfBegin(state.answers, 'a'), 'answered');
    assert.equal(await codeOfBegin(state.answers, 'b'), 'unknown');
    assert.deepEqual(state.budgets.load('ledger', '2026-11-30'), { calls: 3, rows: 2 ** 40 });
    assert.equal(state.budgets.load('ledger', '2026-12-01'), undefined);
    assert.equal(state.budgets.load('other', '2026-11-30'), undefined);
  });

  it('has what a killed process has begun', async () => {
    const folder = folderWith({});
    const script = `
      const { openState } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/state/state.ts'))});
      const { answers } = openState(${JSON.stringify(folder)}, { hours: 1, maxAnswers: 9, clock: () => 1 });
      await Promise.all([answers.begin('a', 'f'), answers.begin('b', 'f')]);
      answers.finish('b', { status: 204, headers: {}, body: new Uint8Array() });
      process.kill(process.pid, 'SIGKILL');`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    assert.equal(signal, 'SIGKILL');
    using state = openState(folder, { hours: 1, maxAnswers: 9, clock: () => 2 });
    assert.equal(await codeOfBegin(state.answers, 'a'), 'unknown');
    assert.equal(await codeOfBegin(state.answers, 'b'), 'answered');
  });

  it("is nobody else's to read", async () => {
    const folder = join(folderWith({}), 'state');
    using state = openState(folder, keeping().keeping);
    await state.answers.begin('a', 'f');
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const files = readdirSync(folder);
    assert.ok(files.length > 0);
    for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file);
  });

  it('belongs to one gateway at a time', async () => {
    const folder = folderWith({});
    const config = folderWith({
      'c.yaml': `state: { folder: ${folder} }\naccess: { development: true }\nsources: { core: { adapter: memory, collections: {} } }\n`,
    });
    using _ = openState(folder, keeping().keeping);
    const { code, err } = await overpunch(['serve', '-c', join(config, 'c.yaml'), '--port', '0'], {
      OVERPUNCH_LOG: 'silent',
    });
    assert.equal(code, 1);
    assert.match(err, /^The state folder .* cannot be used: another gateway uses it\n$/);
  });

  it('that is damaged, of another version, or cannot be written stops the start', () => {
    const damaged = folderWith({
      'state.sqlite': 'no database at all, but longer than a header of one hundred bytes is: '.repeat(3),
    });
    assert.throws(() => openState(damaged, keeping().keeping), /its database is damaged/);

    const newer = folderWith({});
    using database = new DatabaseSync(join(newer, 'state.sqlite'));
    database.exec('PRAGMA user_version = 7');
    database.close();
    assert.throws(() => openState(newer, keeping().keeping), /of another version/);

    const file = join(folderWith({ file: '' }), 'file');
    assert.throws(() => openState(join(file, 'state'), keeping().keeping), /cannot be used: ENOTDIR/);
  });

  it('that has no room any more refuses a key, and goes on when there is room again', async () => {
    const folder = folderWith({});
    const { keeping: given } = keeping({ maxAnswers: 1_000_000 });
    {
      using state = openState(folder, given);
      await state.answers.begin('first', 'f');
    }
    // What a full disk says, SQLite says of a database that may not grow.
    const original = DatabaseSync.prototype.exec;
    let isFull = false;
    DatabaseSync.prototype.exec = function exec(sql) {
      if (isFull && sql.startsWith('COMMIT'))
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      return original.call(this, sql);
    };
    try {
      using state = openState(folder, given);
      isFull = true;
      assert.equal(await codeOfBegin(state.answers, 'a'), 'state-unavailable');
      assert.equal(await codeOfBegin(state.answers, 'first'), 'unknown', 'what is known is still told');
      isFull = false;
      assert.equal(await codeOfBegin(state.answers, 'a'), 'new');
    } finally {
      DatabaseSync.prototype.exec = original;
    }
  });
});

it('without a folder, what was spent of a day is known to every gateway of the process', () => {
  using state = stateOf(undefined, '.');
  state.budgets.save('ledger', '2026-11-30', { calls: 3, rows: 4 });
  assert.deepEqual(state.budgets.load('ledger', '2026-11-30'), { calls: 3, rows: 4 });
});
