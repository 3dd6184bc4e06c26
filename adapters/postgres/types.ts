// Knows: what PostgreSQL's declared types say: how the database keeps and compares them, and which of our types they mean.
// Must not know: stored values, SQL text. Declared types are written as format_type() writes them; the usual short names
// are known too, because the configuration may use them.

import { Fault, pascalCase, type Scalar } from '#spi';
import type { DeclaredType } from '../sql/dialect.ts';

/** How the database keeps a value, as far as comparisons and casts differ by it. */
export type Storage =
  | 'integer'
  | 'numeric'
  | 'money'
  | 'real'
  | 'double'
  | 'boolean'
  | 'bpchar'
  | 'text'
  | 'citext'
  | 'uuid'
  | 'bytea'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'enum'
  | 'json'
  | 'array'
  | 'other';

export interface KnownType extends DeclaredType {
  readonly storage: Storage;
}

const PLAIN: Readonly<Record<string, readonly [Storage, Scalar]>> = {
  smallint: ['integer', { kind: 'int32' }],
  int2: ['integer', { kind: 'int32' }],
  integer: ['integer', { kind: 'int32' }],
  int: ['integer', { kind: 'int32' }],
  int4: ['integer', { kind: 'int32' }],
  bigint: ['integer', { kind: 'int64' }],
  int8: ['integer', { kind: 'int64' }],
  // How many digits a sum of money has is a setting of the server, not of the column.
  money: ['money', { kind: 'decimal' }],
  real: ['real', { kind: 'float64' }],
  float4: ['real', { kind: 'float64' }],
  'double precision': ['double', { kind: 'float64' }],
  float8: ['double', { kind: 'float64' }],
  boolean: ['boolean', { kind: 'boolean' }],
  bool: ['boolean', { kind: 'boolean' }],
  uuid: ['uuid', { kind: 'string' }],
  bytea: ['bytea', { kind: 'bytes' }],
  date: ['date', { kind: 'date' }],
  time: ['time', { kind: 'time' }],
  'time without time zone': ['time', { kind: 'time' }],
  timestamp: ['timestamp', { kind: 'timestamp' }],
  'timestamp without time zone': ['timestamp', { kind: 'timestamp' }],
  timestamptz: ['timestamptz', { kind: 'instant' }],
  'timestamp with time zone': ['timestamptz', { kind: 'instant' }],
  json: ['json', { kind: 'json' }],
  jsonb: ['json', { kind: 'json' }],
};

const TEXTS = new Set(['text', 'varchar', 'character varying', 'name']);
const PADDED = new Set(['char', 'character', 'bpchar']);
const NUMERICS = new Set(['numeric', 'decimal', 'dec']);

const DECLARED = /^\s*([^()]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\))?\s*([^()]*?)\s*$/;

export function knownType(declared: string, values?: readonly string[]): KnownType {
  if (values !== undefined) {
    const name = pascalCase(declared.slice(declared.lastIndexOf('.') + 1).replaceAll('"', ''));
    return known('enum', { kind: 'enum', name, values });
  }
  if (declared.endsWith('[]')) {
    return { ...known('array', { kind: 'json' }), note: `Declared "${declared}": shown as a JSON array` };
  }
  const [, before = '', first, second, behind = ''] = DECLARED.exec(declared) ?? [];
  const word = `${before} ${behind}`.trim().replace(/\s+/g, ' ').toLowerCase();
  if (NUMERICS.has(word)) return known('numeric', decimal(first, second));
  const [storage, scalar] = (Object.hasOwn(PLAIN, word) ? PLAIN[word] : undefined) ?? [];
  if (storage !== undefined && scalar !== undefined) return known(storage, scalar);
  const text: Scalar = first === undefined ? { kind: 'string' } : { kind: 'string', length: Number(first) };
  if (TEXTS.has(word)) return known('text', text);
  if (PADDED.has(word)) return { storage: 'bpchar', type: text, padded: true };
  if (/(^|\.)citext$/.test(word)) return known('citext', { kind: 'string' });
  return {
    ...known('other', { kind: 'string' }),
    note: `Declared "${declared}": shown as the text that PostgreSQL writes for it`,
  };
}

/** Without a scale every value has its own. A negative scale rounds before the point; more digits than precision are all behind it. */
function decimal(precision: string | undefined, declaredScale: string | undefined): Scalar {
  if (precision === undefined) return { kind: 'decimal' };
  const scale = Number(declaredScale ?? 0);
  return scale < 0
    ? { kind: 'decimal', precision: Number(precision) - scale, scale: 0 }
    : { kind: 'decimal', precision: Math.max(Number(precision), scale), scale };
}

function known(storage: Storage, type: Scalar): KnownType {
  return { storage, type, padded: false };
}

const QUALIFIED = String.raw`(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)(?:\.(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*))?`;
const WRITTEN = new RegExp(
  `^(?:double precision|character varying|bit varying|time|timestamp|${QUALIFIED})(?: ?\\(\\d+(?:, ?-?\\d+)?\\))?(?: with(?:out)? time zone)?(?:\\[\\])*$`,
);
/** Without a length these words mean a length of 1. */
const UNBOUNDED: Readonly<Record<string, string>> = {
  char: 'bpchar',
  character: 'bpchar',
  bit: '"bit"',
  money: 'numeric::money',
};

/** A declared type without its lengths, as an argument is cast to it: a cast would cut and round to them without a word. */
export function argumentType(declared: string): string {
  return castType(declared.includes('"') ? declared : declared.replace(/\s*\([^)]*\)/, ''));
}

/** A declared type as it stands in a statement. Throws where it is no type: nothing else may stand in a statement. */
export function castType(declared: string): string {
  const word = declared.trim().toLowerCase();
  const unbounded = Object.hasOwn(UNBOUNDED, word) ? UNBOUNDED[word] : undefined;
  if (unbounded !== undefined) return unbounded;
  // Quoted names keep their case.
  const type = declared.includes('"') ? declared.trim() : word;
  if (WRITTEN.test(type)) return type;
  throw new Fault('invalid', `"${declared}" is no type of PostgreSQL`, {
    code: 'bad-type',
    misconfigured: true,
  });
}
