// Knows: as which type a value of a column goes through a bind where it is not made of a text: what comes back, and null.
// Must not know: statements, values.

import type { Column } from '../sql/table.ts';
import { knownType, type Storage } from './types.ts';

const TYPES = {
  nvarchar: 'nvarchar',
  nchar: 'nvarchar',
  raw: 'raw',
  binary_float: 'double',
  binary_double: 'double',
  boolean: 'boolean',
  clob: 'clob',
  nclob: 'nclob',
  blob: 'blob',
} as const satisfies Partial<Record<Storage, string>>;

export type PlainBind = (typeof TYPES)[keyof typeof TYPES] | 'varchar';

/** What is none of these goes as its text. */
export function plainBind({ declared }: Pick<Column, 'declared'>): PlainBind {
  const types: Partial<Record<Storage, PlainBind>> = TYPES;
  return types[knownType(declared).storage] ?? 'varchar';
}
