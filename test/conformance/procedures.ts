// The suite for stored procedures and functions that every SQL product passes that has them. A product writes the routines below in its own
// language; what they take and give back is the same everywhere.
//
//   log (text)                                 a table that the routines write to
//   echo (in v_int … v_bytes, out o_int … o_bytes)    gives back what it is given: int, bigint, decimal(30,10), varchar(4000), date,
//                                              timestamp of microseconds, varbinary(4000)
//   advance (inout amount decimal(11,2), in step decimal(11,2), inout note varchar(100))    amount + step, note with "!" behind it; null stays null
//   total (a decimal(11,2), b decimal(11,2)) returns decimal(12,2)    a function
//   balances (in lowest int, in many int)      a result set: id int, name varchar(40), balance decimal(11,2), weird "Na me" int null;
//                                              rows lowest … lowest + many - 1, name "n" and the id, balance id and a half
//   statement (in account int)                 two result sets: owner varchar(40), "Owner" and the account; then line int, amount decimal(11,2),
//                                              lines 1 … account, amount line and a quarter
//   note (in what varchar(100))                writes it to the log, answers with nothing
//   refuse (in what varchar(100))              writes it to the log, then raises an error of its own with the text "You owe 5 EUR"
//   twice ()                                   writes the same key twice: the log has its text as its primary key
//   unasked (in what varchar(100))             writes it to the log, then answers with two result sets of one column "x"; one is declared
//   slow (in what varchar(100))                writes it to the log, then sleeps for a minute

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  type Cell,
  Fault,
  type FaultKind,
  isList,
  isRecord,
  type Source,
  settled,
  toJson,
  type Value,
} from '#spi';
import { guarded } from './guarded.ts';

/** Words of a product for types. */
export interface TypeWords {
  readonly int: string;
  readonly text: string;
  readonly decimal: string;
}

export interface OpenedRoutines {
  readonly source: Source;
  /** What stands in the log, sorted. */
  logged(): Promise<readonly string[]>;
}

export interface Procedures {
  readonly name: string;
  /** Creates the routines, opens the source with `operations(…)`, for writing. Called once for each run of the suite. */
  open(): Promise<OpenedRoutines>;
  /** The code by which `refuse` raises its error. */
  readonly raises: string;
  /** The database takes a text of no characters for null. */
  readonly emptyIsNull?: boolean;
  /** An operation that was declared to read cannot write: the database sees to it. */
  readonly guardsReads: boolean;
  readonly skip?: string | false;
}

/** Options of the operations. `reference`: how a routine is named; `cursors`: its result sets come through out parameters called as they are. */
export function operations(
  reference: (routine: string) => string,
  words: TypeWords,
  cursors: boolean,
): object {
  const { int, text, decimal } = words;
  const of = (name: string): object => (cursors ? { name, cursor: name } : { name });
  const balance = { id: int, name: text, balance: decimal, 'Na me': int };
  const balances = { procedure: reference('balances'), effect: 'read' };
  return {
    echo: {
      procedure: reference('echo'),
      idempotent: true,
      arguments: optional(...PARTS.map((part) => `v_${part}`)),
    },
    advance: { procedure: reference('advance'), arguments: optional('amount', 'note'), doc: 'Adds' },
    total: { procedure: reference('total'), effect: 'read', arguments: optional('a', 'b') },
    balances: { ...balances, results: [{ ...of('rows'), columns: balance }], maxRows: 100 },
    partly: {
      ...balances,
      results: [{ ...of('rows'), columns: { id: { type: int, name: 'number', doc: 'Its number' } } }],
    },
    missing: { ...balances, results: [{ ...of('rows'), columns: { id: int, colour: text } }] },
    hidden: { ...balances, results: [{ ...of('rows'), hidden: true }] },
    statement: {
      procedure: reference('statement'),
      results: [
        { ...of('head'), single: true, columns: { owner: text } },
        { ...of('lines'), columns: { line: int, amount: decimal } },
      ],
    },
    note: { procedure: reference('note') },
    peek: { procedure: reference('note'), effect: 'read' },
    noteAlone: { procedure: reference('note'), transaction: 'own' },
    refuse: { procedure: reference('refuse') },
    refuseLoudly: { procedure: reference('refuse'), messages: 'show' },
    twice: { procedure: reference('twice') },
    unasked: { procedure: reference('unasked'), results: [{ columns: { x: int } }] },
    slow: { procedure: reference('slow') },
  };
}

const PARTS = ['int', 'big', 'dec', 'text', 'day', 'at', 'bytes'];

function optional(...names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, { optional: true }]));
}

const never = new AbortController().signal;

type Input = Readonly<Record<string, Value>>;

const NOTHING: Input = Object.fromEntries(PARTS.map((part) => [argument(part), null]));

function argument(part: string): string {
  return `v${part.charAt(0).toUpperCase()}${part.slice(1)}`;
}

function answered(part: string): string {
  return `o${part.charAt(0).toUpperCase()}${part.slice(1)}`;
}

const VALUES: Readonly<Record<string, readonly Value[]>> = {
  int: [0, -1, 2_147_483_647, -2_147_483_648],
  big: [0n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n],
  dec: ['0.0000000001', '12345678901234567890.0123456789', '-99999999999999999999.9999999999', '7'],
  day: ['2024-02-29', '1900-01-01', '9999-12-31'],
  at: ['2024-02-29T23:59:59.123456', '1970-01-01T00:00:00', '2024-12-31T12:30:45.5'],
  bytes: [new Uint8Array([0, 255, 39, 92, 10]), new Uint8Array([0x27])],
};

const TEXTS = [
  "O'BRIEN",
  "'; drop table log; --",
  '"; delete from log; --',
  ']; exec master; --',
  '$1 ? :x @p {fn now()} /* */ # --',
  '\\',
  "\\' or 1=1",
  '%_[a-z]',
  ' leading and trailing ',
  'tab\tnewline\r\n',
  'Grüße, Ångström, 日本語, 😀, \u2028',
  'ʼ＇‘’',
  'null',
  '0x27',
];

/** Words of the databases' messages, and of the routines'. */
const THEIRS = /you owe|duplicate (?:key|entry)|violates|unique constraint/i;

/** A decimal may come back with zeros at its end, as its declared scale has them. */
function same(part: string, value: Value): Value {
  return part === 'dec' && typeof value === 'string'
    ? value.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
    : value;
}

export function procedures(subject: Procedures): void {
  suite(subject);
  suite({
    ...subject,
    name: `${subject.name}, guarded`,
    open: async () => {
      const opened = await subject.open();
      return { ...opened, source: guarded(opened.source) };
    },
  });
}

function suite(subject: Procedures): void {
  describe(`procedures: ${subject.name}`, { skip: subject.skip ?? false }, () => {
    const opening = (subject.skip ?? false) === false ? subject.open() : Promise.reject(new Error('skipped'));
    const opened = opening.then(({ source }) => source);
    opened.catch(() => {});
    const logged = async () => await (await opening).logged();

    const call = async (name: string, input: Input = {}, signal = never): Promise<Cell> => {
      const source = await opened;
      assert.ok(source.invoke);
      return source.invoke(name, input, { signal });
    };
    const object = async (name: string, input: Input = {}): Promise<Readonly<Record<string, Cell>>> => {
      const answer = await call(name, input);
      assert.ok(isRecord(answer), `${name} answers with an object`);
      return answer;
    };
    const fails = async (
      work: Promise<unknown>,
      kind: FaultKind,
      code: string,
      also: (fault: Fault) => void = () => {},
    ): Promise<void> => {
      await assert.rejects(work, (error) => {
        assert.ok(error instanceof Fault, String(error));
        assert.deepEqual([error.kind, error.code], [kind, code], error.message);
        const { message, place, sourceFault } = error.told;
        assert.doesNotMatch(JSON.stringify([message, place, sourceFault]), THEIRS);
        also(error);
        return true;
      });
    };

    it('every operation has the arguments that go in, and the answer has what comes back', async () => {
      const { model } = await opened;
      const operation = model.operations.find(({ name }) => name === 'advance');
      assert.ok(operation);
      assert.deepEqual(
        operation.input.map(({ name, type, nullable = false }) => [name, type.kind, nullable]),
        [
          ['amount', 'decimal', true],
          ['step', 'decimal', false],
          ['note', 'string', true],
        ],
      );
      assert.equal(operation.output.kind, 'object');
      if (operation.output.kind !== 'object') return;
      assert.deepEqual(
        operation.output.fields.map(({ name, type }) => [name, type.kind]),
        [
          ['amount', 'decimal'],
          ['note', 'string'],
        ],
      );
      assert.deepEqual([operation.effect, operation.idempotent, operation.doc], ['write', false, 'Adds']);
      const total = model.operations.find(({ name }) => name === 'total');
      assert.deepEqual([total?.output.kind, total?.effect, total?.idempotent], ['decimal', 'read', true]);
    });

    it('what goes in comes out, to the last digit and byte', async () => {
      for (const [part, values] of Object.entries(VALUES)) {
        for (const value of values) {
          const answer = await object('echo', { ...NOTHING, [argument(part)]: value });
          const back = settled(answer[answered(part)] ?? null);
          assert.deepEqual(same(part, back), value, `${part} ${String(value)}`);
        }
      }
    });

    it('null comes back as null, from every parameter', async () => {
      const answer = await object('echo', NOTHING);
      assert.deepEqual(answer, Object.fromEntries(PARTS.map((part) => [answered(part), null])));
    });

    it('an argument that may be null may be left out, and is null then', async () => {
      assert.deepEqual(await object('echo', { vInt: 5 }), await object('echo', { ...NOTHING, vInt: 5 }));
      assert.equal(await call('total', { a: '1.00' }), null);
    });

    it('texts are values and nothing else', async () => {
      for (const text of TEXTS) {
        const answer = await object('echo', { ...NOTHING, vText: text });
        assert.equal(answer.oText, text);
      }
      const empty = await object('echo', { ...NOTHING, vText: '' });
      assert.equal(empty.oText, subject.emptyIsNull === true ? null : '');
    });

    it('a text that the database cannot hold is refused, not changed', async () => {
      for (const text of ['a\0b', '\ud800', 'x'.repeat(1_000_000)]) {
        const answer = await object('echo', { ...NOTHING, vText: text }).catch((error: unknown) => {
          assert.ok(error instanceof Fault);
          assert.ok(['invalid', 'rejected'].includes(error.kind), error.kind);
          assert.ok(JSON.stringify(error.told).length < 2_000);
          return undefined;
        });
        if (answer !== undefined) assert.ok(answer.oText === text, 'the same text comes back');
      }
    });

    it('a value that a parameter would round is refused before anything is sent', async () => {
      const { model } = await opened;
      const step = model.operations.find(({ name }) => name === 'advance')?.input[1];
      const bounded = step?.type.kind === 'decimal' && step.type.scale !== undefined;
      if (bounded) await fails(call('advance', { amount: '1.00', step: '0.005' }), 'invalid', 'bad-value');
      await fails(call('echo', { ...NOTHING, vAt: '2024-02-29T23:59:59.1234567' }), 'invalid', 'bad-value');
    });

    it('a parameter that goes in and out', async () => {
      assert.deepEqual(
        { ...(await object('advance', { amount: '999999998.99', step: '0.02', note: 'x' })) },
        { amount: '999999999.01', note: 'x!' },
      );
      assert.deepEqual(
        { ...(await object('advance', { amount: null, step: '1.00', note: null })) },
        { amount: null, note: null },
      );
    });

    it('the value of a function is the answer', async () => {
      assert.equal(await call('total', { a: '999999999.99', b: '0.01' }), '1000000000.00');
      assert.equal(await call('total', { a: null, b: '0.01' }), null);
    });

    it('a result set is a list of rows, typed as declared', async () => {
      const answer = await object('balances', { lowest: 9, many: 2 });
      assert.deepEqual(settled(answer.rows ?? null), [
        { id: 9, name: 'n9', balance: '9.50', naMe: null },
        { id: 10, name: 'n10', balance: '10.50', naMe: null },
      ]);
      assert.deepEqual(settled((await object('balances', { lowest: 1, many: 0 })).rows ?? null), []);
    });

    it('columns that are not named are left out, a result set that is hidden too', async () => {
      assert.deepEqual(settled((await object('partly', { lowest: 3, many: 1 })).rows ?? null), [
        { number: 3 },
      ]);
      assert.equal(await call('hidden', { lowest: 3, many: 1 }), true);
    });

    it('a declared column that does not come is a fault', async () => {
      await fails(call('missing', { lowest: 1, many: 1 }), 'upstream', 'missing-column', (fault) =>
        assert.match(fault.place.hint ?? '', /balance/i),
      );
    });

    it('several result sets, one of them a single row', async () => {
      const answer = await object('statement', { account: 2 });
      assert.deepEqual(settled(answer), {
        head: { owner: 'Owner 2' },
        lines: [
          { line: 1, amount: '1.25' },
          { line: 2, amount: '2.25' },
        ],
      });
    });

    it('more rows than allowed are a fault and no shorter list', async () => {
      const full = (await object('balances', { lowest: 1, many: 100 })).rows ?? null;
      assert.equal(isList(full) && full.length, 100);
      await fails(call('balances', { lowest: 1, many: 101 }), 'too-costly', 'too-many-rows');
      await fails(call('balances', { lowest: 1, many: 100_000 }), 'too-costly', 'too-many-rows');
      assert.equal(await call('total', { a: '1.00', b: '1.00' }), '2.00', 'the source goes on');
    });

    it('a procedure that answers with nothing answers true, and what it did is there', async () => {
      assert.equal(await call('note', { what: 'kept' }), true);
      assert.equal(await call('noteAlone', { what: 'kept by itself' }), true);
      assert.deepEqual(await logged(), ['kept', 'kept by itself']);
    });

    it('what a procedure raises is a refusal with its code, its text only where it was asked for; nothing is left', async () => {
      const before = await logged();
      await fails(call('refuse', { what: 'gone' }), 'rejected', 'raised', ({ sourceFault }) =>
        assert.deepEqual(sourceFault, { code: subject.raises }),
      );
      await assert.rejects(call('refuseLoudly', { what: 'gone' }), (error) => {
        assert.ok(error instanceof Fault);
        assert.deepEqual(error.sourceFault, { code: subject.raises, reason: 'You owe 5 EUR' });
        assert.doesNotMatch(error.message, /owe/);
        return true;
      });
      assert.deepEqual(await logged(), before);
    });

    it('a constraint that a procedure breaks is a conflict, and nothing is left', async () => {
      const before = await logged();
      await fails(call('twice'), 'conflict', 'duplicate');
      assert.deepEqual(await logged(), before);
    });

    it('a result set that nobody declared is a fault, and nothing is left', async () => {
      const before = await logged();
      await fails(call('unasked', { what: 'gone' }), 'upstream', 'undeclared-result', (fault) =>
        assert.match(fault.place.hint ?? '', /\bx\b/i),
      );
      assert.deepEqual(await logged(), before);
    });

    // Where the product has no transaction that only reads, there is nothing to see.
    if (subject.guardsReads) {
      it('what was declared to read does not write', async () => {
        const before = await logged();
        await fails(call('peek', { what: 'gone' }), 'unsupported', 'read-only');
        assert.deepEqual(await logged(), before);
      });
    }

    it('an abort stops the call, undoes it, and leaves the source usable', async () => {
      const before = await logged();
      for (let i = 0; i < 3; i++) {
        const leaving = new AbortController();
        const reason = new Error('the client left');
        const calling = call('slow', { what: 'gone' }, leaving.signal);
        calling.catch(() => {});
        await setTimeout(50 + 150 * i);
        leaving.abort(reason);
        await assert.rejects(calling, (error) => error === reason);
      }
      assert.equal(await call('total', { a: '1.00', b: '1.00' }), '2.00');
      assert.deepEqual(await logged(), before);
    });

    it('calls side by side each get their own answer', async () => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, async (_, i) => [
          settled((await object('balances', { lowest: i, many: 1 })).rows ?? null),
          (await object('advance', { amount: `${i}.00`, step: '0.50', note: `${i}` })).amount,
        ]),
      );
      for (const [i, [rows, amount]] of answers.entries()) {
        assert.deepEqual(rows, [{ id: i, name: `n${i}`, balance: `${i}.50`, naMe: null }]);
        assert.equal(amount, `${i}.50`);
      }
    });

    it('every answer is of the type of its operation', async () => {
      const { model } = await opened;
      for (const [name, input] of [
        ['echo', NOTHING],
        ['total', { a: '1.00', b: '2.00' }],
        ['statement', { account: 1 }],
        ['hidden', { lowest: 1, many: 1 }],
      ] as const) {
        const operation = model.operations.find((own) => own.name === name);
        assert.ok(operation);
        toJson(operation.output, await call(name, input));
      }
    });

    it('an operation that is not there is not found', async () => {
      await fails(call('nowhere'), 'not-found', 'not-found');
    });

    it('a source can be disposed of', async () => {
      await (await opened)[Symbol.asyncDispose]();
    });
  });
}
