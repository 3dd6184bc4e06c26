// Knows: what SQL Server's declared types say: how the database keeps and compares them, and which of our types they mean.
// Must not know: stored values, SQL text, collations. Declared types are written as `varchar(40)`, `decimal(9,2)`, `nvarchar(max)`.

import type { Scalar } from '#spi';
import type { DeclaredType } from '../sql/dialect.ts';

/** How the database keeps a value, as far as comparisons differ by it. */
export type Storage =
  | 'integer'
  | 'bit'
  | 'decimal'
  | 'money'
  | 'float'
  | 'real'
  | 'text'
  | 'wide text'
  | 'bytes'
  | 'version'
  | 'guid'
  | 'date'
  | 'time'
  | 'datetime'
  | 'smalldatetime'
  | 'datetime2'
  | 'datetimeoffset'
  | 'other';

export interface KnownType extends DeclaredType {
  readonly storage: Storage;
  /** The word alone: `varchar`. */
  readonly word: string;
  /** Most characters or bytes; Infinity is `max` and the types before it. */
  readonly longest: number;
  /** Digits of a second. */
  readonly digits: number;
  /** `text`, `ntext` and `image`, which the database compares with nothing; `xml` too. */
  readonly uncomparable: boolean;
}

const DECLARED = /^\s*([a-z_][a-z0-9_]*)\s*(?:\(\s*(max|\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/i;

/** What has no values that the API could show: they are objects of the server's own. */
const UNSHOWN = new Set(['geometry', 'geography', 'hierarchyid', 'vector']);

export function isShown(declared: string): boolean {
  return !UNSHOWN.has(wordOf(declared));
}

function wordOf(declared: string): string {
  return (DECLARED.exec(declared)?.[1] ?? declared).toLowerCase();
}

export function knownType(declared: string): KnownType {
  const [, , first, second] = DECLARED.exec(declared) ?? [];
  const word = wordOf(declared);
  const number = first === undefined ? undefined : first.toLowerCase() === 'max' ? Infinity : Number(first);
  const known = (storage: Storage, type: Scalar, more: Partial<KnownType> = {}): KnownType => ({
    storage,
    type,
    word,
    padded: false,
    longest: number ?? 1,
    digits: number ?? 7,
    uncomparable: false,
    ...more,
  });
  const text = (storage: Storage, longest: number, more: Partial<KnownType> = {}): KnownType =>
    known(storage, longest === Infinity ? { kind: 'string' } : { kind: 'string', length: longest }, {
      longest,
      ...more,
    });
  switch (word) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'integer':
      return known('integer', { kind: 'int32' });
    case 'bigint':
      return known('integer', { kind: 'int64' });
    case 'bit':
      return known('bit', { kind: 'boolean' });
    case 'decimal':
    case 'numeric':
    case 'dec':
      return known('decimal', { kind: 'decimal', precision: number ?? 18, scale: Number(second ?? 0) });
    case 'money':
      return known('money', { kind: 'decimal', precision: 19, scale: 4 });
    case 'smallmoney':
      return known('money', { kind: 'decimal', precision: 10, scale: 4 });
    case 'float':
      return known(number !== undefined && number <= 24 ? 'real' : 'float', { kind: 'float64' });
    case 'real':
      return known('real', { kind: 'float64' });
    case 'char':
    case 'varchar':
      return text('text', number ?? 1, { padded: word === 'char' });
    case 'nchar':
    case 'nvarchar':
      return text('wide text', number ?? 1, { padded: word === 'nchar' });
    case 'sysname':
      return text('wide text', 128);
    case 'text':
      return text('text', Infinity, { uncomparable: true });
    case 'ntext':
      return text('wide text', Infinity, { uncomparable: true });
    case 'xml':
      return text('other', Infinity, { uncomparable: true });
    case 'binary':
    case 'varbinary':
      return known('bytes', { kind: 'bytes' });
    case 'image':
      return known('bytes', { kind: 'bytes' }, { longest: Infinity, uncomparable: true });
    case 'rowversion':
    case 'timestamp':
      return known('version', { kind: 'bytes' }, { longest: 8 });
    case 'uniqueidentifier':
      return text('guid', 36);
    case 'date':
      return known('date', { kind: 'date' });
    case 'time':
      return known('time', { kind: 'time' });
    case 'datetime':
      return known('datetime', { kind: 'timestamp' }, { digits: 3 });
    case 'smalldatetime':
      return known('smalldatetime', { kind: 'timestamp' }, { digits: 0 });
    case 'datetime2':
      return known('datetime2', { kind: 'timestamp' });
    case 'datetimeoffset':
      return known('datetimeoffset', { kind: 'instant' });
    case 'json':
      return known('other', { kind: 'json' }, { uncomparable: true });
    default:
      return text('other', Infinity, {
        uncomparable: true,
        note: `Declared "${declared}": shown as the text that the database writes for it`,
      });
  }
}
