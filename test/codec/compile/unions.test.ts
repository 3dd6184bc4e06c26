import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteSink, type Codec } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import type { Cell } from '../../../src/model/value.ts';
import { nowhere, topFields } from '../records.ts';
import { bytesOf, codecFor, digits, fixedTable, is, table, text, textOf, union, variant } from './nodes.ts';

const row = (codec: Codec, record: string, fields = topFields(codec.layout)) =>
  codec.decoder(fields)(bytesOf(record), 0, record.length, nowhere);

function json(codec: Codec, record: string): string {
  const sink = new ByteSink();
  codec.writer(topFields(codec.layout))(bytesOf(record), 0, record.length, sink, nowhere);
  return new TextDecoder().decode(sink.take());
}

function faultOf(cell: Cell | undefined): Fault {
  assert.ok(cell instanceof Fault);
  return cell;
}

/** A payment by card or in cash, and a field behind it. */
const PAYMENT = codecFor(7, [
  text('kind', 0, 1),
  union('by', 1, [
    variant('CARD', 1, 4, [digits('number', 1, 4)], is('kind', 'C')),
    variant(
      'CASH',
      1,
      3,
      [text('coins', 1, 3), { ...digits('raw', 1, 3), alternate: true }],
      is('kind', 'M'),
    ),
  ]),
  text('z', 5, 2),
]);

/** Record types of different lengths; the detail has a table. */
const TYPES = codecFor(10, [
  union('record', 0, [
    variant('Head', 0, 4, [text('type', 0, 1), text('title', 1, 3)], is('type', 'H')),
    variant(
      'Detail',
      0,
      10,
      [text('type', 0, 1), digits('n', 1, 1), table('t', 2, [0, 4], 'record.Detail.n', text('t', 0, 2))],
      is('type', 'D'),
    ),
    variant('Late', 0, 9, [text('type', 0, 1), text('mark', 8, 1)], is('mark', '!')),
  ]),
]);

describe('a union', () => {
  it('is an object with the tag of the first variant whose rule is true', () => {
    assert.deepEqual(row(PAYMENT, 'C1234ZZ'), { kind: 'C', by: { '@type': 'CARD', number: 1234 }, z: 'ZZ' });
    assert.equal(json(PAYMENT, 'MAB ?ZZ'), '{"kind":"M","by":{"@type":"CASH","coins":"AB"},"z":"ZZ"}');
    assert.deepEqual(Object.keys(row(PAYMENT, 'C1234ZZ')['by'] ?? {}), ['@type', 'number']);
  });

  it('without a true rule is a fault that tells what the rules looked at', () => {
    const fault = faultOf(row(PAYMENT, 'X1234ZZ')['by']);
    assert.equal(fault.message, 'No rule of the union by is true: kind is "X"');
    const { field, byteOffset, hex } = fault.place;
    assert.deepEqual(
      [fault.kind, fault.code, field, byteOffset, hex],
      ['corrupt', 'no-variant', 'by', 1_001, '31323334'],
    );
    assert.equal(row(PAYMENT, 'X1234ZZ')['z'], 'ZZ');
    assert.throws(() => json(PAYMENT, 'X1234ZZ'), { code: 'no-variant' });
  });

  it('at the end of a record of the greatest length keeps its fault to itself', () => {
    const codec = codecFor(5, [
      text('kind', 0, 1),
      union('by', 1, [
        variant('CARD', 1, 4, [digits('number', 1, 4)], is('kind', 'C')),
        variant('CASH', 1, 2, [text('coins', 1, 2)], is('kind', 'M')),
      ]),
    ]);
    const whole = row(codec, 'X1234');
    assert.equal(whole['kind'], 'X');
    assert.equal(faultOf(whole['by']).code, 'no-variant');
    const { test } = codec.predicate(is('kind', 'X'));
    assert.ok(test(bytesOf('X1234'), 0, 5, nowhere));
    // Of a shorter record nobody knows whether it is whole.
    assert.equal(faultOf(row(codec, 'X12')['kind']).code, 'no-variant');
  });

  it('whose rule cannot be decided holds the fault of the field that it looks at', () => {
    const codec = codecFor(3, [
      digits('kind', 0, 2),
      union('u', 2, [
        variant('A', 2, 1, [], [{ op: 'eq', field: 'kind', type: { kind: 'int32' }, value: 1 }]),
        variant('B', 2, 1, [text('b', 2, 1)], []),
      ]),
    ]);
    assert.deepEqual(row(codec, '01x', ['u']), { u: { '@type': 'A' } });
    assert.deepEqual(row(codec, '02x', ['u']), { u: { '@type': 'B', b: 'x' } });
    const fault = faultOf(row(codec, '?!x', ['u'])['u']);
    assert.deepEqual([fault.place.field, fault.place.byteOffset], ['kind', 1_000]);
  });

  it('looks at its own fields before those around it', () => {
    const codec = codecFor(3, [
      text('k', 0, 1),
      union('u', 1, [
        variant('OWN', 1, 2, [text('k', 1, 1)], is('k', 'x')),
        variant('OUTER', 1, 2, [text('v', 1, 1)], is('k', 'x')),
      ]),
    ]);
    assert.deepEqual(row(codec, '?x ', ['u']), { u: { '@type': 'OWN', k: 'x' } });
    assert.deepEqual(row(codec, 'x? ', ['u']), { u: { '@type': 'OUTER', v: '?' } });
    assert.match(faultOf(row(codec, '?? ', ['u'])['u']).message, /u\.k is "\?", k is "\?"/);
  });

  it('in a table has the element for a frame, and its faults the right byte', () => {
    const codec = codecFor(1 + 3 * 3, [
      digits('n', 0, 1),
      table('t', 1, [0, 3], 'n', [
        text('k', 0, 1),
        union('u', 1, [
          variant('NUMBER', 1, 2, [digits('d', 1, 2)], is('k', 'N')),
          variant('TABLE', 1, 2, [fixedTable('x', 1, 2, text('x', 0, 1))], is('k', 'T')),
        ]),
      ]),
    ]);
    assert.deepEqual(row(codec, '2N12Tab')['t'], [
      { k: 'N', u: { '@type': 'NUMBER', d: 12 } },
      { k: 'T', u: { '@type': 'TABLE', x: ['a', 'b'] } },
    ]);
    assert.equal(json(codec, '1Tab'), '{"n":1,"t":[{"k":"T","u":{"@type":"TABLE","x":["a","b"]}}]}');
    assert.throws(() => json(codec, '2N12?34'), {
      code: 'no-variant',
      place: {
        source: 'host',
        collection: 'records',
        record: 7,
        byteOffset: 1_005,
        field: 't.u',
        hex: '3334',
      },
    });
    assert.throws(() => json(codec, '2N12N3x'), /field t\.u\.d/);
  });

  it('is asked for as a whole, without the alternates of its variants', () => {
    assert.deepEqual(row(PAYMENT, 'M12 ?ZZ', ['by']), { by: { '@type': 'CASH', coins: '12' } });
    assert.throws(() => PAYMENT.decoder(['by.number']), { kind: 'invalid', message: /by is a union/ });
  });

  it('cannot have a rule about a field that is not there', () => {
    const nodes = [union('u', 0, [variant('A', 0, 1, [text('a', 0, 1)], is('b', 'x'))])];
    assert.throws(() => codecFor(1, nodes).decoder(['u']), {
      kind: 'invalid',
      misconfigured: true,
      message: /rule for A of u looks at b/,
    });
  });

  it('takes any text for a tag', () => {
    const tag = '"};throw 1;//\u2028';
    const codec = codecFor(1, [union('u', 0, [variant(tag, 0, 1, [text('a', 0, 1)], [])])]);
    assert.deepEqual(row(codec, 'x'), { u: { '@type': tag, a: 'x' } });
    assert.equal(json(codec, 'x'), JSON.stringify({ u: { '@type': tag, a: 'x' } }));
  });

  it('of 40 fields a variant is written like any other object', () => {
    const fields = Array.from({ length: 40 }, (_, i) => digits(`f${i}`, i, 1));
    const codec = codecFor(41, [
      union('u', 0, [variant('A', 0, 41, fields, is('k', 'x')), variant('B', 0, 41, fields, [])]),
      text('k', 40, 1),
    ]);
    const record = `${'0123456789'.repeat(4)}x`;
    assert.equal(json(codec, record), JSON.stringify(row(codec, record)));
    assert.equal(json(codec, `${record.slice(0, 40)}y`).slice(0, 17), '{"u":{"@type":"B"');
  });
});

describe('a record that ends in a union', () => {
  it('is whole when it ends with the variant, and may go on up to the longest one', () => {
    assert.deepEqual(row(TYPES, 'Habc'), { record: { '@type': 'Head', type: 'H', title: 'abc' } });
    assert.deepEqual(row(TYPES, 'Habc      '), { record: { '@type': 'Head', type: 'H', title: 'abc' } });
    assert.deepEqual(row(TYPES, 'D2aabb'), {
      record: { '@type': 'Detail', type: 'D', n: 2, t: ['aa', 'bb'] },
    });
    assert.deepEqual(row(TYPES, 'D1aa????'), { record: { '@type': 'Detail', type: 'D', n: 1, t: ['aa'] } });
    assert.equal(json(TYPES, 'D0'), '{"record":{"@type":"Detail","type":"D","n":0,"t":[]}}');
    assert.equal(faultOf(row(TYPES, 'Habc       ')['record']).code, 'long-record');
    assert.equal(faultOf(row(TYPES, 'Hab')['record']).message, 'The record has 3 bytes, but needs 4');
    assert.equal(
      faultOf(row(TYPES, 'D3aabb')['record']).message,
      'The record has 6 bytes, but needs 8: record.n is 3',
    );
  });

  it('is not of a type whose mark it is too short for', () => {
    assert.deepEqual(row(TYPES, 'L???????!'), { record: { '@type': 'Late', type: 'L', mark: '!' } });
    const bytes = bytesOf('L???????!');
    const fault = faultOf(TYPES.decoder(['record'])(bytes, 0, 8, nowhere)['record']);
    assert.equal(fault.code, 'no-variant');
    assert.match(fault.message, /record\.type is "L", record\.mark is behind the record's end/);
  });
});

describe('encoding a union', () => {
  it('writes the variant that the row names, and checks that its rule chooses it', () => {
    assert.equal(
      textOf(PAYMENT.encode({ kind: 'C', by: { '@type': 'CARD', number: 7 }, z: 'z' })),
      'C0007z ',
    );
    assert.equal(textOf(PAYMENT.encode({ kind: 'M', by: { '@type': 'CASH', coins: 'x' } })), 'Mx     ');
    assert.throws(() => PAYMENT.encode({ kind: 'M', by: { '@type': 'CARD', number: 7 } }), {
      kind: 'rejected',
      code: 'conflicting-views',
      message: /by cannot be written: the row says CARD, but by its rules it is CASH/,
    });
    assert.throws(() => PAYMENT.encode({ by: { '@type': 'CARD' } }), { code: 'conflicting-views' });
    assert.throws(() => PAYMENT.encode({ kind: 'C', by: { '@type': 'CARDS' } }), {
      kind: 'rejected',
      message: /@type must be one of CARD, CASH\. Did you mean "CARD"/,
    });
    assert.throws(() => PAYMENT.encode({ kind: 'C', by: { '@type': 'CARD', coins: 'x' } }), {
      kind: 'rejected',
      message: /by\.coins/,
    });
    assert.throws(() => PAYMENT.encode({ '@type': 'CARD' }), { kind: 'rejected' });
  });

  it('takes the variant of the record where the row names none', () => {
    assert.equal(textOf(PAYMENT.encode({ by: { coins: 'q' } }, bytesOf('MAB ?ZZ'))), 'Mq  ?ZZ');
    assert.throws(() => PAYMENT.encode({ by: { number: 1 } }), { kind: 'rejected', code: 'unknown-variant' });
  });

  it('leaves the bytes that it does not write as they were', () => {
    assert.equal(textOf(PAYMENT.encode({ z: 'y' }, bytesOf('MAB ?ZZ'))), 'MAB ?y ');
    const changed = PAYMENT.encode({ kind: 'M', by: { '@type': 'CASH', coins: 'x' } }, bytesOf('C1234ZZ'));
    assert.equal(textOf(changed), 'Mx  4ZZ');
  });

  it('makes the record as long as the variant and its counters say', () => {
    const encode = (record: Cell, into?: string) =>
      textOf(TYPES.encode({ record }, into === undefined ? undefined : bytesOf(into)));
    assert.equal(encode({ '@type': 'Head', type: 'H', title: 'x' }), 'Hx  ');
    assert.equal(encode({ '@type': 'Detail', type: 'D', t: ['a', 'b'] }), 'D2a b ');
    assert.equal(encode({ t: ['c'] }, 'D2aabb'), 'D1c ');
    assert.equal(encode({ title: 'y' }, 'Habc??'), 'Hy  ??');
    assert.equal(encode({ t: ['c', 'd', 'e', 'f'] }, 'D1aa??'), 'D4c d e f ');
    assert.equal(encode({ '@type': 'Detail', type: 'D', t: ['x'] }, 'Habc'), 'D1x ');
    assert.equal(encode({ '@type': 'Head', type: 'H' }, 'D2aabb'), 'H2aa');
  });
});
