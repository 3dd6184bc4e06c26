// Knows: what SQLite's declared types say: their affinity, and which of our types they mean.
// Must not know: stored values, SQL text.

import type { Scalar } from '#spi';
import type { DeclaredType } from '../sql/dialect.ts';

/** How SQLite converts what is stored in a column; section 3.1 of https://www.sqlite.org/datatype3.html. */
export type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric';

export function affinityOf(declared: string): Affinity {
  const type = declared.toUpperCase();
  if (type.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text';
  if (type === '' || type.includes('BLOB')) return 'blob';
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric';
}

/** Words without arguments → type. INTEGER holds 64 bits whatever its name; the smaller names promise less. */
const PLAIN: Readonly<Record<string, Scalar>> = {
  INTEGER: { kind: 'int64' },
  BIGINT: { kind: 'int64' },
  INT8: { kind: 'int64' },
  'UNSIGNED BIG INT': { kind: 'int64' },
  INT: { kind: 'int32' },
  INT2: { kind: 'int32' },
  INT4: { kind: 'int32' },
  TINYINT: { kind: 'int32' },
  SMALLINT: { kind: 'int32' },
  MEDIUMINT: { kind: 'int32' },
  REAL: { kind: 'float64' },
  FLOAT: { kind: 'float64' },
  DOUBLE: { kind: 'float64' },
  'DOUBLE PRECISION': { kind: 'float64' },
  MONEY: { kind: 'decimal', precision: 19, scale: 4 },
  BOOLEAN: { kind: 'boolean' },
  BOOL: { kind: 'boolean' },
  BIT: { kind: 'boolean' },
  DATE: { kind: 'date' },
  TIME: { kind: 'time' },
  DATETIME: { kind: 'timestamp' },
  TIMESTAMP: { kind: 'timestamp' },
  'TIMESTAMP WITHOUT TIME ZONE': { kind: 'timestamp' },
  TIMESTAMPTZ: { kind: 'instant' },
  DATETIMEOFFSET: { kind: 'instant' },
  'TIMESTAMP WITH TIME ZONE': { kind: 'instant' },
  BLOB: { kind: 'bytes' },
  BINARY: { kind: 'bytes' },
  VARBINARY: { kind: 'bytes' },
  BYTEA: { kind: 'bytes' },
};

const DECIMALS = new Set(['DECIMAL', 'DEC', 'NUMERIC', 'NUMBER']);
const PADDED = new Set(['CHAR', 'CHARACTER', 'NCHAR', 'NATIVE CHARACTER']);
const TEXTS =
  /^(VARCHAR2?|N?VARCHAR2?|VARYING CHARACTER|CHARACTER VARYING|N?TEXT|N?CLOB|STRING|JSON|UUID|XML)$/;

export function typeOf(declared: string): DeclaredType {
  const [, words = '', first, second] =
    /^\s*([^()]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/.exec(declared) ?? [];
  const word = words.toUpperCase().replace(/\s+/g, ' ');
  if (DECIMALS.has(word)) {
    if (first !== undefined) {
      return plain({ kind: 'decimal', precision: Number(first), scale: Number(second ?? 0) });
    }
    return {
      ...plain({ kind: 'float64' }),
      note: `Declared ${word} without a scale: read as the number that SQLite stores; a type of DECIMAL(p,s) makes it exact`,
    };
  }
  const known = Object.hasOwn(PLAIN, word) ? PLAIN[word] : undefined;
  if (known !== undefined) return plain(known);
  const text: Scalar = first === undefined ? { kind: 'string' } : { kind: 'string', length: Number(first) };
  if (PADDED.has(word)) return { type: text, padded: true };
  if (TEXTS.test(word)) return plain(text);
  return {
    ...plain({ kind: 'string' }),
    note: `Declared ${declared === '' ? 'without a type' : `"${declared}"`}: only texts are shown; set a type to show other values`,
  };
}

function plain(type: Scalar): DeclaredType {
  return { type, padded: false };
}
