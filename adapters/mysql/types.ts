// Knows: what MySQL's and MariaDB's declared types say: how the database keeps and compares them, and which of our types
// they mean. Must not know: stored values, SQL text. Declared types are written as COLUMN_TYPE has them.

import { pascalCase, type Scalar } from '#spi';
import type { DeclaredType } from '../sql/dialect.ts';

/** How the database keeps a value, as far as comparisons differ by it. */
export type Storage =
  | 'integer'
  | 'unsigned'
  | 'year'
  | 'decimal'
  | 'float'
  | 'double'
  | 'flag'
  | 'bits'
  | 'text'
  | 'enum'
  | 'set'
  | 'bytes'
  | 'date'
  | 'time'
  | 'datetime'
  | 'timestamp'
  | 'json'
  | 'other';

export interface KnownType extends DeclaredType {
  readonly storage: Storage;
  /** Most characters or bytes of a value, where the type says so. */
  readonly longest?: number;
}

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'integer']);
const TEXTS: ReadonlyMap<string, number | undefined> = new Map([
  ['varchar', undefined],
  ['char', 1],
  ['tinytext', 255],
  ['text', 65_535],
  ['mediumtext', 16_777_215],
  ['longtext', 4_294_967_295],
]);
const BYTES: ReadonlyMap<string, number | undefined> = new Map([
  ['varbinary', undefined],
  ['binary', 1],
  ['tinyblob', 255],
  ['blob', 65_535],
  ['mediumblob', 16_777_215],
  ['longblob', 4_294_967_295],
]);
const MOMENTS = {
  date: { kind: 'date' },
  time: { kind: 'time' },
  datetime: { kind: 'timestamp' },
  timestamp: { kind: 'instant' },
} as const satisfies Readonly<Record<string, Scalar>>;

const DECLARED =
  /^\s*(double precision|[a-z0-9_]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?((?:\s+[a-z]+)*)\s*$/;
const MEMBERS = /'((?:[^'\\]|''|\\.)*)'/gs;
/** How COLUMN_TYPE writes what it does not write as it stands. */
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', '0': '\0' };

/** What has no values that the API could show. */
const UNSHOWN =
  /^(?:geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection|vector)\b/i;

export function isShown(declared: string): boolean {
  return !UNSHOWN.test(declared);
}

export function knownType(declared: string): KnownType {
  const listed = /^\s*(enum|set)\s*\(/i.exec(declared);
  if (listed !== null) {
    const values = [...declared.matchAll(MEMBERS)].map(([, member = '']) =>
      member.replace(/''|\\(.)/gs, (_, letter?: string) =>
        letter === undefined ? "'" : (ESCAPED[letter] ?? letter),
      ),
    );
    if (listed[1]?.toLowerCase() === 'set') {
      return {
        ...known('set', { kind: 'string' }),
        note: `One or more of ${values.join(', ')}, with commas between`,
      };
    }
    return known('enum', { kind: 'enum', name: pascalCase(values.join(' ')).slice(0, 60) || 'Enum', values });
  }
  const [, word = '', first, second, behind = ''] = DECLARED.exec(declared.toLowerCase()) ?? [];
  const unsigned = behind.includes('unsigned') || behind.includes('zerofill');
  if (
    ['boolean', 'bool'].includes(word) ||
    (['tinyint', 'bit'].includes(word) && first === '1' && !unsigned)
  ) {
    return known(word === 'bit' ? 'bits' : 'flag', { kind: 'boolean' });
  }
  if (word === 'bit') {
    return first === undefined ? known('bits', { kind: 'boolean' }) : known('bits', { kind: 'bytes' });
  }
  if (INTEGERS.has(word)) {
    const wide = unsigned && (word === 'int' || word === 'integer');
    return known('integer', { kind: wide ? 'int64' : 'int32' });
  }
  if (word === 'year') return known('year', { kind: 'int32' });
  if (word === 'bigint') {
    return unsigned
      ? known('unsigned', { kind: 'decimal', precision: 20, scale: 0 })
      : known('integer', { kind: 'int64' });
  }
  if (['decimal', 'numeric', 'dec', 'fixed'].includes(word)) {
    return known('decimal', { kind: 'decimal', precision: Number(first ?? 10), scale: Number(second ?? 0) });
  }
  if (word === 'float') return known('float', { kind: 'float64' });
  if (word === 'double' || word === 'real' || word === 'double precision')
    return known('double', { kind: 'float64' });
  if (word === 'date' || word === 'time' || word === 'datetime' || word === 'timestamp') {
    const note =
      'A time of day: a span of more than 24 hours, or a negative one, does not fit; a type of varchar(17) shows it as text';
    return word === 'time' ? { ...known(word, MOMENTS[word]), note } : known(word, MOMENTS[word]);
  }
  if (word === 'json') return known('json', { kind: 'json' });
  if (TEXTS.has(word)) {
    const longest = first === undefined ? TEXTS.get(word) : Number(first);
    const length = word.endsWith('text') ? undefined : longest;
    return {
      ...known('text', length === undefined ? { kind: 'string' } : { kind: 'string', length }),
      padded: word === 'char',
      ...(longest === undefined ? {} : { longest }),
    };
  }
  if (BYTES.has(word)) {
    const longest = first === undefined ? BYTES.get(word) : Number(first);
    return { ...known('bytes', { kind: 'bytes' }), ...(longest === undefined ? {} : { longest }) };
  }
  return {
    ...known('other', { kind: 'string' }),
    note: `Declared "${declared}": shown as the text that the database writes for it`,
  };
}

function known(storage: Storage, type: Scalar): KnownType {
  return { storage, type, padded: false };
}

/** How many bits a value has that is shown as bytes: of bit(2) and longer. */
export function bitsOf(declared: string): number | undefined {
  const { storage, type } = knownType(declared);
  return storage === 'bits' && type.kind === 'bytes'
    ? Number(/\((\d+)\)/.exec(declared)?.[1] ?? 1)
    : undefined;
}
