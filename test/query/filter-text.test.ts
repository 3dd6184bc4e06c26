import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import type { Field, Scalar } from '../../src/model/type.ts';
import { parseScalar, type Value } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { type Conjunct, type Filter, OPERATORS_OF } from '../../src/query/filter.ts';
import { parseFilter } from '../../src/query/filter-text.ts';
import { type Random, random } from '../random.ts';
import { printFilter } from './filter-printer.ts';

const status: Scalar = { kind: 'enum', name: 'Status', values: ['OPEN', 'CLOSED'] };
const amount: Scalar = { kind: 'decimal', precision: 11, scale: 2 };
const text: Scalar = { kind: 'string' };
const FIELDS: readonly Field[] = [
  { name: 'name', type: text },
  { name: 'status', type: status },
  { name: 'amount', type: amount },
  { name: 'points', type: { kind: 'int32' } },
  { name: 'visits', type: { kind: 'int64' } },
  { name: 'score', type: { kind: 'float64' } },
  { name: 'active', type: { kind: 'boolean' } },
  { name: 'opened', type: { kind: 'date' } },
  { name: 'at', type: { kind: 'time' } },
  { name: 'seen', type: { kind: 'timestamp' } },
  { name: 'sent', type: { kind: 'instant' } },
  { name: 'raw', type: { kind: 'bytes' } },
  { name: 'extra', type: { kind: 'json' } },
  { name: 'tags', type: { kind: 'list', of: text } },
  { name: 'address', type: { kind: 'object', name: 'Address', fields: [{ name: 'city', type: text }] } },
];

function parse(filter: string): Filter {
  return parseFilter(filter, FIELDS, DEFAULT_POLICY.query);
}

function faultOf(filter: string, limits: Partial<typeof DEFAULT_POLICY.query> = {}): Fault {
  try {
    parseFilter(filter, FIELDS, { ...DEFAULT_POLICY.query, ...limits });
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error;
  }
  return assert.fail(`"${filter.slice(0, 80)}" was accepted`);
}

describe('filter text', () => {
  const name = { field: 'name', type: text } as const;
  const one: readonly (readonly [string, Conjunct])[] = [
    ["name eq 'x'", { op: 'eq', ...name, value: 'x' }],
    ["name ne 'x'", { op: 'ne', ...name, value: 'x' }],
    ["name lt 'x'", { op: 'lt', ...name, value: 'x' }],
    ["name lte 'x'", { op: 'le', ...name, value: 'x' }],
    ["name le 'x'", { op: 'le', ...name, value: 'x' }],
    ["name gt 'x'", { op: 'gt', ...name, value: 'x' }],
    ["name gte 'x'", { op: 'ge', ...name, value: 'x' }],
    ["name ge 'x'", { op: 'ge', ...name, value: 'x' }],
    ["name in ('x','y')", { op: 'in', ...name, values: ['x', 'y'] }],
    ["name contains 'x'", { op: 'contains', ...name, value: 'x' }],
    ["contains(name,'x')", { op: 'contains', ...name, value: 'x' }],
    ["startsWith( name , 'x' )", { op: 'startsWith', ...name, value: 'x' }],
    ["startswith(name,'x')", { op: 'startsWith', ...name, value: 'x' }],
    ["name endsWith 'x'", { op: 'endsWith', ...name, value: 'x' }],
    ["endswith(name,'x')", { op: 'endsWith', ...name, value: 'x' }],
    ['name isNull', { op: 'null', ...name, is: true }],
    ['name isNull false', { op: 'null', ...name, is: false }],
    ['isNull(name)', { op: 'null', ...name, is: true }],
    ['name eq null', { op: 'null', ...name, is: true }],
    ['name ne null', { op: 'null', ...name, is: false }],
    ["name eq 'O''Hara'", { op: 'eq', ...name, value: "O'Hara" }],
    ["name eq 'null'", { op: 'eq', ...name, value: 'null' }],
    ["name eq ''", { op: 'eq', ...name, value: '' }],
    ["name eq 'a and (b) or, c'", { op: 'eq', ...name, value: 'a and (b) or, c' }],
    ["address.city eq 'Bonn'", { op: 'eq', field: 'address.city', type: text, value: 'Bonn' }],
    ["status eq 'OPEN'", { op: 'eq', field: 'status', type: status, value: 'OPEN' }],
    ['active eq true', { op: 'eq', field: 'active', type: { kind: 'boolean' }, value: true }],
    ['points gt -5', { op: 'gt', field: 'points', type: { kind: 'int32' }, value: -5 }],
    ["points gt '7'", { op: 'gt', field: 'points', type: { kind: 'int32' }, value: 7 }],
    ['raw eq AQID', { op: 'eq', field: 'raw', type: { kind: 'bytes' }, value: new Uint8Array([1, 2, 3]) }],
    ['opened lt 2024-02-29', { op: 'lt', field: 'opened', type: { kind: 'date' }, value: '2024-02-29' }],
    ["opened lt '2024-02-29'", { op: 'lt', field: 'opened', type: { kind: 'date' }, value: '2024-02-29' }],
    [
      'sent ge 2024-02-29T10:00:00+02:00',
      { op: 'ge', field: 'sent', type: { kind: 'instant' }, value: '2024-02-29T08:00:00Z' },
    ],
  ];
  for (const [written, conjunct] of one) {
    it(`reads ${written}`, () => assert.deepEqual(parse(written), [conjunct]));
  }

  it('keeps numbers exact: neither a decimal nor a 64-bit integer passes through a float', () => {
    assert.deepEqual(parse('amount eq 9007199254740993.10 and visits eq 9223372036854775807'), [
      { op: 'eq', field: 'amount', type: amount, value: '9007199254740993.10' },
      { op: 'eq', field: 'visits', type: { kind: 'int64' }, value: 9223372036854775807n },
    ]);
  });

  it('not binds closer than and, and closer than or', () => {
    const [a, b, c] = ['points eq 1', 'points eq 2', 'points eq 3'].map((part) => parse(part));
    assert.ok(a && b && c);
    assert.deepEqual(parse('points eq 1 or points eq 2 and points eq 3'), [
      { op: 'any', of: [a, [...b, ...c]] },
    ]);
    assert.deepEqual(parse('(points eq 1 or points eq 2) and points eq 3'), [
      { op: 'any', of: [a, b] },
      ...c,
    ]);
    assert.deepEqual(parse('not points eq 1 and points eq 2'), [{ op: 'not', of: a }, ...b]);
    assert.deepEqual(parse('not (points eq 1 and points eq 2)'), [{ op: 'not', of: [...a, ...b] }]);
  });

  it('a chain of and is one flat list, with parentheses or without', () => {
    const flat = parse('points eq 1 and points eq 2 and points eq 3');
    assert.equal(flat.length, 3);
    assert.deepEqual(parse('points eq 1 and (points eq 2 and points eq 3)'), flat);
  });

  const bad: readonly (readonly [text: string, position: number, message: RegExp, hint?: RegExp])[] = [
    ['', 0, /Expected a field, "not" or "\(", found the end/],
    ['amuont gt 1', 0, /no field "amuont".*"amount"/, /^amount$/],
    ['__proto__ eq 1', 0, /no field "__proto__"/],
    ['address.ctiy eq 1', 0, /no field.*"address\.city"/],
    ["address eq 'x'", 0, /object Address and cannot be compared.*address\.city/],
    ["tags eq 'x'", 0, /list of string and cannot be compared/, /outside lists and unions/],
    ["tags.x eq 'x'", 0, /"tags.x" lies inside "tags", which is list of string/, /outside lists and unions/],
    ["name equals 'x'", 5, /no operator "equals"/, /takes eq ne/],
    ["name contians 'x'", 5, /Did you mean "contains"/],
    ["status gt 'OPEN'", 7, /does not take gt/, /eq ne in isNull/],
    ["contains(points,'1')", 0, /"points" is int32 and does not take contains/],
    ['extra eq 1', 6, /"extra" is json and does not take eq/],
    ["name eq 'x", 8, /not closed/, /twice/],
    ['name eq x', 8, /text without quotes/, /'x'/],
    ['status eq OPEN', 10, /text without quotes/],
    ["status eq 'OPNE'", 10, /no value of "status".*"OPEN"/, /OPEN, CLOSED/],
    ['points eq 2147483648', 10, /no value of "points"/, /2147483647/],
    ['visits eq 9223372036854775808', 10, /no value of "visits"/],
    ['points eq 1.5', 10, /no value of "points"/],
    ['amount gt 1e3', 10, /no value of "amount"/],
    ['opened lt 2023-02-29', 10, /no value of "opened"/, /a day that exists/],
    ['active eq yes', 10, /no value of "active"/, /true or false/],
    ['points gt null', 10, /null can only be compared by eq and ne/],
    ["name in ('x', null)", 14, /null can only be compared/],
    ['name in ()', 9, /Expected a value of type string, found "\)"/],
    ["name in 'x'", 8, /Expected "\("/],
    ["name in ('x' 'y')", 13, /Expected "," or "\)", found the text "y"/],
    ["name eq 'x' points eq 1", 12, /Expected "and", "or" or the end, found "points"/],
    ["(name eq 'x'", 12, /Expected "and", "or" or "\)", found the end/],
    ["name eq 'x')", 11, /Expected "and", "or" or the end, found "\)"/],
    ["name eq 'x' and", 15, /Expected a field/],
    ["contains(name 'x')", 14, /Expected ","/],
    ["name eq ('x')", 8, /Expected a value of type string, found "\("/],
    ['name', 4, /Expected an operator behind "name", found the end/],
  ];
  for (const [written, position, message, hint] of bad) {
    it(`refuses ${JSON.stringify(written)} at character ${position}`, () => {
      const fault = faultOf(written);
      assert.equal(fault.kind, 'invalid');
      assert.equal(fault.code, 'bad-filter');
      assert.equal(fault.place.parameter, 'filter');
      assert.equal(fault.place.position, position);
      assert.match(fault.message, message);
      if (hint !== undefined) assert.match(fault.place.hint ?? '', hint);
    });
  }

  it('a word of 10,000 characters and control characters come back short and escaped', () => {
    const fault = faultOf(`${'x'.repeat(8_000)} eq 1`);
    assert.ok(fault.message.length < 200);
    assert.doesNotMatch(faultOf("na\u0000me eq 'x'").message, /\u0000/);
    assert.doesNotMatch(faultOf("name eq 'x' 'a\nb'").message, /\n/);
  });

  it('a filter beyond a limit is too costly', () => {
    const limited: readonly (readonly [string, Partial<typeof DEFAULT_POLICY.query>])[] = [
      [`name eq '${'x'.repeat(10_000)}'`, {}],
      [Array.from({ length: 4 }, () => 'points eq 1').join(' or '), { maxFilterConditions: 3 }],
      ['(((points eq 1)))', { maxFilterDepth: 2 }],
      ['not not not points eq 1', { maxFilterDepth: 2 }],
      ['('.repeat(8_000), {}],
    ];
    for (const [written, limits] of limited) {
      const fault = faultOf(written, limits);
      assert.equal(fault.kind, 'too-costly');
      assert.equal(fault.code, 'filter-limit');
    }
    assert.equal(
      parseFilter('((points eq 1))', FIELDS, { ...DEFAULT_POLICY.query, maxFilterDepth: 2 }).length,
      1,
    );
  });

  it('2,000 random trees are read back from their text unchanged', () => {
    const dice = random(20_240_229);
    for (let n = 0; n < 2_000; n++) {
      const filter = randomFilter(dice, 3);
      assert.deepEqual(parse(printFilter(filter)), filter);
    }
  });
});

const SAMPLES: Partial<Record<Scalar['kind'], readonly string[]>> = {
  boolean: ['true', 'false'],
  int32: ['0', '-2147483648', '2147483647'],
  int64: ['-9223372036854775808', '9223372036854775807'],
  float64: ['0.5', '-1e300'],
  decimal: ['0.00', '-123456789.01', '5.125'],
  date: ['2024-02-29', '1582-10-04'],
  time: ['23:59:59', '00:00:00'],
  timestamp: ['2024-02-29T23:59:59.5'],
  instant: ['2024-02-29T23:59:59Z'],
  bytes: ['', 'AQID'],
  enum: ['OPEN', 'CLOSED'],
  string: ['', "O'Hara", ' and ', '(', 'null', 'ü€😀', 'a,b', "''", '%27\n'],
};

function randomFilter(dice: Random, depth: number): Filter {
  return Array.from({ length: 1 + dice.int(3) }, () => randomConjunct(dice, depth));
}

function randomConjunct(dice: Random, depth: number): Conjunct {
  if (depth > 0 && dice.chance(0.3)) {
    if (dice.chance(0.4)) return { op: 'not', of: randomFilter(dice, depth - 1) };
    return { op: 'any', of: Array.from({ length: 2 + dice.int(2) }, () => randomFilter(dice, depth - 1)) };
  }
  const leaves: readonly (readonly [string, Scalar])[] = FIELDS.flatMap(({ name, type }) =>
    type.kind === 'list' || type.kind === 'object' || type.kind === 'union' ? [] : [[name, type] as const],
  );
  const [field, type] = dice.pick([...leaves, ['address.city', text] as const]);
  const value = (): Value => parseScalar(type, dice.pick(SAMPLES[type.kind] ?? [''])) ?? '';
  const operator = dice.pick(OPERATORS_OF[type.kind]);
  switch (operator) {
    case 'isNull':
      return { op: 'null', field, type, is: dice.chance(0.5) };
    case 'in':
      return { op: 'in', field, type, values: Array.from({ length: 1 + dice.int(3) }, value) };
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return { op: operator, field, type, value: String(value()) };
    case 'gte':
      return { op: 'ge', field, type, value: value() };
    case 'lte':
      return { op: 'le', field, type, value: value() };
    default:
      return { op: operator, field, type, value: value() };
  }
}
