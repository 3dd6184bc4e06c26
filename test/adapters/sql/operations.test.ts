// How routines and their options become operations, without a database.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, settled } from '#spi';
import { postgresDialect } from '../../../adapters/postgres/dialect.ts';
import type { SavedRoutine } from '../../../adapters/sql/model.ts';
import { adapter as sqlite } from '../../../adapters/sqlite/sqlite.ts';
import { called, modelOf, operations, routine } from './calling.ts';
import { fault, host } from './reading.ts';

const dialect = postgresDialect('UTF8');

const ROUTINES: readonly SavedRoutine[] = [
  routine('PAY', [
    'CUST_NO integer',
    'AMOUNT decimal(11,2)',
    'out A_B integer',
    'out "a b" integer',
    'inout AB text',
  ]),
  routine('rows', ['out rows refcursor', 'out rows2 refcursor', 'out returnValue integer']),
  routine('emits', [], { comment: 'Answers with rows' }),
  routine('rate', ['d date'], { kind: 'function', returns: 'numeric(9,4)' }),
  routine('status', ['n integer'], { returns: 'integer' }),
  routine('twin', ['n integer'], { kind: 'function', returns: 'integer' }),
  routine('twin', ['n integer', 'out t text'], { kind: 'function' }),
  routine('twin', ['t text'], { kind: 'function', returns: 'integer' }),
  routine('in_package', [], { package: 'ledger' }),
  routine('items', [], {
    kind: 'table function',
    results: [
      [
        { name: 'A B', type: 'integer' },
        { name: 'a_b', type: 'text' },
      ],
    ],
  }),
  routine('unknown', [], { kind: 'table function' }),
];
const MODEL = modelOf(ROUTINES, [{ name: 'bank.gone(int)', reason: 'it is a trigger' }]);

const of = (options: object, readOnly = false) => operations({ it: options }, MODEL, dialect, readOnly);
const only = (options: object) => {
  const [operation] = of(options).operations;
  assert.ok(operation);
  return operation;
};
const refused = (options: object, message: RegExp, readOnly = false): void => {
  assert.throws(
    () => of(options, readOnly),
    (error) => {
      assert.ok(error instanceof Fault && error.misconfigured, String(error));
      assert.deepEqual([error.kind, error.code, error.place.operation], ['invalid', 'bad-operation', 'it']);
      assert.match(error.message, message);
      return true;
    },
  );
};

describe('operations of routines', () => {
  it('names follow the one rule, in the order of the parameters', () => {
    const { input, output, legacyName, effect, idempotent } = only({
      procedure: 'bank.pay',
      arguments: { cust_no: 'customer' },
    });
    assert.deepEqual(
      input.map(({ name }) => name),
      ['customer', 'amount', 'ab'],
    );
    assert.ok(output.kind === 'object');
    assert.deepEqual(
      output.fields.map(({ name }) => name),
      ['aB', 'aB2', 'ab'],
    );
    assert.deepEqual([legacyName, effect, idempotent], ['bank.PAY', 'write', false]);
  });

  it('a name that is taken gets a number: parameters, the value returned, result sets', () => {
    const { output } = only({
      procedure: 'rows',
      results: [
        { cursor: 'rows', columns: { a: 'int' } },
        { cursor: 'rows2', name: 'rows', columns: { a: 'int', b: { type: 'int', name: 'a' } } },
      ],
    });
    assert.ok(output.kind === 'object');
    assert.deepEqual(
      output.fields.map(({ name }) => name),
      ['returnValue', 'rows', 'rows2'],
    );
    const [, , second] = output.fields;
    assert.ok(second?.type.kind === 'list' && second.type.of.kind === 'object');
    assert.deepEqual(
      second.type.of.fields.map(({ name }) => name),
      ['a', 'a2'],
    );
    const sets = only({
      procedure: 'emits',
      results: [
        { columns: { a: 'int' } },
        { columns: { a: 'int' } },
        { name: 'lines', columns: { a: 'int' } },
      ],
    });
    assert.ok(sets.output.kind === 'object');
    assert.deepEqual(
      sets.output.fields.map(({ name }) => name),
      ['rows', 'rows2', 'lines'],
    );
    const items = only({ procedure: 'items' });
    assert.ok(items.output.kind === 'list' && items.output.of.kind === 'object');
    assert.deepEqual(
      items.output.of.fields.map(({ name }) => name),
      ['aB', 'aB2'],
    );
  });

  it('what an answer is: a value, a list, an object, true', () => {
    assert.deepEqual(only({ procedure: 'rate' }).output, { kind: 'decimal', precision: 9, scale: 4 });
    const status = only({ procedure: 'status' }).output;
    assert.ok(status.kind === 'object');
    assert.deepEqual(
      status.fields.map(({ name }) => name),
      ['returnValue'],
    );
    assert.deepEqual(only({ procedure: 'emits' }).output, { kind: 'boolean' });
    assert.equal(only({ procedure: 'items', results: [{ single: true }] }).output.kind, 'object');
  });

  it('what is declared goes before what the catalog says', () => {
    const { doc, input } = only({
      procedure: 'emits',
      doc: 'Own words',
    });
    assert.deepEqual([doc, input], ['Own words', []]);
    assert.equal(only({ procedure: 'emits' }).doc, 'Answers with rows');
    const rate = only({
      procedure: 'rate',
      effect: 'read',
      arguments: { d: { name: 'day', type: 'text', optional: true, doc: 'The day' } },
    });
    assert.deepEqual(rate.input, [
      { name: 'day', type: { kind: 'string' }, nullable: true, doc: 'The day', legacyName: 'd' },
    ]);
    assert.equal(rate.idempotent, true);
    assert.equal(only({ procedure: 'rate', effect: 'read', idempotent: false }).idempotent, false);
  });

  it('a routine is found with and without what it stands in, in any case, by its types', () => {
    for (const procedure of ['bank.ledger.in_package', 'ledger.in_package', 'BANK.LEDGER.IN_PACKAGE']) {
      assert.equal(only({ procedure }).legacyName, 'bank.ledger.in_package');
    }
    assert.equal(only({ procedure: 'twin( TEXT )' }).output.kind, 'int32');
    assert.equal(only({ procedure: 'bank.twin(text)' }).output.kind, 'int32');
    refused({ procedure: 'twin' }, /"twin" names several: .*bank\.twin\(integer\) or /);
    refused({ procedure: 'bank.twin(integer)' }, /names several/);
    refused(
      { procedure: 'bank.rat' },
      /there is no procedure or function "bank\.rat"\. Did you mean "bank\.rate"\?/,
    );
    refused({ procedure: 'bank.gone' }, /"bank\.gone" cannot be called: it is a trigger/);
    refused({ procedure: 'rate', kind: 'procedure' }, /there is no procedure/);
  });

  it('what is wrong with the options is named', () => {
    refused(
      { procedure: 'pay', arguments: { amuont: 'x' } },
      /no parameter "amuont"\. Did you mean "AMOUNT"\?/,
    );
    refused(
      { procedure: 'pay', arguments: { amount: 'The Amount' } },
      /"The Amount" cannot name an argument\. Did you mean "theAmount"\?/,
    );
    refused(
      { procedure: 'items', results: [{ columns: { ab: 'int' } }] },
      /result set 1 has no column "ab"\. Did you mean "A B"\?/,
    );
    refused({ procedure: 'items', results: [{}, {}] }, /answers with one result set/);
    refused(
      { procedure: 'items', results: [{ columns: { 'A B': { hidden: true }, a_b: { hidden: true } } }] },
      /every column of result set 1 is hidden/,
    );
    refused(
      { procedure: 'rate', results: [{ columns: { a: 'int' } }] },
      /a function that returns a value has no result sets/,
    );
    refused({ procedure: 'emits', results: [{}] }, /result set 1 needs its columns/);
    refused(
      { procedure: 'emits', results: [{ columns: { a: { doc: 'x' } } }] },
      /column "a" of result set 1 needs a type/,
    );
    refused(
      { procedure: 'emits', results: [{ name: 'The rows', columns: { a: 'int' } }] },
      /"The rows" cannot name a field/,
    );
    refused(
      { procedure: 'emits', results: [{ cursor: 'c', columns: { a: 'int' } }] },
      /no parameter "c" that brings a cursor/,
    );
    refused(
      { procedure: 'rows', results: [{ cursor: 'returnValue', columns: { a: 'int' } }] },
      /no parameter "returnValue" that brings a cursor/,
    );
    refused({ procedure: 'emits' }, /it writes, and the source is open for reading only/, true);
    assert.equal(of({ procedure: 'emits', effect: 'read' }, true).operations.length, 1);
  });

  it('what is not known is left out, and said', () => {
    const unknown = of({ procedure: 'unknown' });
    assert.deepEqual(unknown.operations, []);
    assert.match(unknown.remarks[0]?.message ?? '', /^left out: .* declare them under `results`$/);
    const cursors = of({ procedure: 'rows', results: [{ cursor: 'rows', columns: { a: 'int' } }] });
    assert.deepEqual(cursors.remarks, [
      {
        subject: 'operation it',
        message: 'the rows of "rows2" are left out: declare their columns under `results` (cursor: rows2)',
      },
    ]);
  });

  it('what a driver gives that was not declared is a fault, never left out', async () => {
    const own = of({ procedure: 'emits', results: [{ columns: { A: 'int' } }] });
    const set = { columns: ['a', 'b'], rows: [['1', '2']] };
    const answers = async (sets: readonly (typeof set)[]) =>
      (await called(own, {}, dialect, { out: [], sets, cursors: [] })).answer;
    assert.deepEqual(settled(await answers([set])), { rows: [{ a: 1 }] });
    assert.deepEqual(settled(await answers([])), { rows: null });
    await assert.rejects(answers([set, set]), fault('upstream', 'undeclared-result'));
    await assert.rejects(answers([{ columns: ['b'], rows: [] }]), fault('upstream', 'missing-column'));
    await assert.rejects(
      answers([{ columns: ['a', 'A', 'A'], rows: [] }]),
      fault('upstream', 'repeated-column'),
    );
    const rate = of({ procedure: 'rate' });
    const lost = await called(rate, { d: '2024-02-29' }, dialect);
    await assert.rejects(lost.answer, fault('upstream', 'missing-value'));
  });

  it('a value that does not decode is a fault in its place that says what stands there', async () => {
    const own = of({ procedure: 'emits', results: [{ columns: { A: 'int' } }] });
    const sets = [{ columns: ['A'], rows: [['x']] }];
    const awaited = await (await called(own, {}, dialect, { out: [], sets, cursors: [] })).answer;
    assert.throws(
      () => settled(awaited),
      (error) => {
        assert.ok(error instanceof Fault);
        assert.deepEqual([error.kind, error.code, error.place.hex], ['corrupt', 'bad-column-value', '78']);
        assert.match(
          error.message,
          /Column "A" holds a text that is no int32 \(declared "int"\) in row 1 of result set 1/,
        );
        return true;
      },
    );
  });

  it('a call says what it may do, and nothing is sent for an argument that does not fit', async () => {
    const own = of({ procedure: 'pay', effect: 'read', transaction: 'own', maxRows: 5 });
    const { call, answer } = await called(own, { custNo: 1, amount: '1.50', ab: null }, dialect, {
      out: ['1', null, 'x'],
      sets: [],
      cursors: [],
    });
    assert.deepEqual(settled(await answer), { aB: 1, aB2: null, ab: 'x' });
    const seen = call();
    assert.deepEqual([seen?.readOnly, seen?.transaction, seen?.maxRows], [true, false, 5]);
    assert.deepEqual(
      seen?.arguments.map(({ mode, given }) => [mode, given?.value]),
      [
        ['in', 1],
        ['in', '1.50'],
        ['out', undefined],
        ['out', undefined],
        ['inout', null],
      ],
    );
    for (const amount of ['1.505', '1234567890.00']) {
      const wrong = await called(own, { custNo: 1, amount, ab: 'x' }, dialect);
      await assert.rejects(wrong.answer, fault('invalid', 'bad-value'));
      assert.equal(wrong.call(), undefined);
    }
  });

  it('SQLite has none, and says so', async () => {
    const options = sqlite.options.parse({
      file: 'x.db',
      collections: {},
      operations: { pay: { procedure: 'pay' } },
    });
    await assert.rejects((async () => sqlite.open(options, host))(), fault('invalid', 'bad-operation', true));
  });
});
