// A source of operations whose types are what schemas have: recursive, shared, unions, exact numbers of any length.

import {
  Fault,
  type Field,
  type ObjectType,
  type Operation,
  type Source,
  type UnionMember,
  type UnionType,
  type Value,
} from '#spi';

const text: Field['type'] = { kind: 'string' };
const optional = (name: string, type: Field['type']): Field => ({ name, type, nullable: true });

const unitFields: Field[] = [{ name: 'name', type: text }];
/** A unit has units. */
export const unit: ObjectType = { kind: 'object', name: 'Unit', shared: true, fields: unitFields };
unitFields.push(optional('units', { kind: 'list', of: unit }));

const savings: UnionMember = {
  kind: 'object',
  name: 'Savings',
  tag: 'Savings',
  shared: true,
  fields: [{ name: 'rate', type: { kind: 'decimal' } }],
};
const loan: UnionMember = {
  kind: 'object',
  name: 'Loan',
  tag: 'old-loan',
  shared: true,
  fields: [{ name: 'due', type: { kind: 'date' } }, optional('security', savings)],
};
export const account: UnionType = { kind: 'union', name: 'AnyAccount', shared: true, of: [savings, loan] };
const grade: Field['type'] = { kind: 'enum', name: 'Grade', shared: true, values: ['A', 'B'] };

const ALL: readonly Field[] = [
  optional('int', { kind: 'int32' }),
  optional('long', { kind: 'int64' }),
  optional('decimal', { kind: 'decimal' }),
  optional('money', { kind: 'decimal', precision: 7, scale: 2 }),
  optional('float', { kind: 'float64' }),
  optional('flag', { kind: 'boolean' }),
  optional('text', text),
  optional('bytes', { kind: 'bytes' }),
  optional('date', { kind: 'date' }),
  optional('time', { kind: 'time' }),
  optional('local', { kind: 'timestamp' }),
  optional('instant', { kind: 'instant' }),
  optional('grade', grade),
  optional('ints', { kind: 'list', of: { kind: 'int32' } }),
  optional('unit', unit),
  optional('account', account),
  optional('accounts', { kind: 'list', of: account }),
];
const echo: ObjectType = { kind: 'object', name: 'Echo', fields: ALL };

const operation = (
  name: string,
  input: readonly Field[],
  output: Operation['output'],
  more: Partial<Operation> = {},
): Operation => ({
  name,
  legacyName: name.charAt(0).toUpperCase() + name.slice(1),
  doc: `Does ${name}.\nIn two lines.`,
  effect: 'read',
  idempotent: true,
  input,
  output,
  ...more,
});

export const OPERATIONS: readonly Operation[] = [
  operation('echo', ALL, echo),
  operation('tree', [{ name: 'root', type: unit }], unit),
  operation('open', [{ name: 'account', type: account }], account, { effect: 'write' }),
  operation(
    'find',
    [
      { name: 'id', type: { kind: 'int64' } },
      optional('range', {
        kind: 'object',
        name: 'Range',
        fields: [{ name: 'from', type: { kind: 'date' } }, optional('to', { kind: 'date' })],
      }),
      optional('tags', { kind: 'list', of: text }),
    ],
    { kind: 'list', of: text },
  ),
  operation('count', [], { kind: 'int64' }),
  operation('nothing', [], unit),
  operation('done', [], { kind: 'boolean' }, { effect: 'write' }),
  operation('half', [], echo),
  operation('fail', [{ name: 'kind', type: text }], text),
];

/** Answers with what it was asked. */
export function operationsSource(): Source {
  return {
    model: { collections: [], operations: OPERATIONS },
    access: () => {
      throw new Fault('not-found', 'no collections');
    },
    check: async () => {},
    async [Symbol.asyncDispose]() {},
    async invoke(name, input) {
      const of = (field: string): Value => input[field] ?? null;
      switch (name) {
        case 'tree':
          return of('root');
        case 'open':
          return of('account');
        case 'find':
          return [
            String(of('id')),
            JSON.stringify(of('range')),
            ...(Array.isArray(input['tags']) ? input['tags'].map(String) : []),
          ];
        case 'count':
          return 9_007_199_254_740_993n;
        case 'nothing':
          return null;
        case 'done':
          return true;
        case 'half':
          return {
            int: 1,
            text: new Fault('corrupt', 'The service sent something that is no string', {
              code: 'bad-value',
              field: 'text',
            }),
          };
        case 'fail':
          throw failure(String(of('kind')));
        default:
          return input;
      }
    },
  };
}

function failure(kind: string): Error {
  if (kind === 'bug') return new TypeError('a bug with a secret in it');
  const kinds = [
    'invalid',
    'conflict',
    'rejected',
    'not-found',
    'throttled',
    'unsupported',
    'corrupt',
    'upstream',
    'unavailable',
    'timeout',
  ] as const;
  const known = kinds.find((one) => one === kind) ?? 'internal';
  return new Fault(known, `It is ${kind}`, {
    code: `own-${kind}`,
    sourceFault: { code: 'Client', reason: 'no', detail: { why: 1 } },
  });
}
