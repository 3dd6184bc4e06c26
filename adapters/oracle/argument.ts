// Knows: how one of our values goes to a parameter of a routine that is declared with a type. Parameters have no length of their own.
// Must not know: statements. What Oracle would round or change is no argument.

import type { Value } from '#spi';
import type { Column } from '../sql/table.ts';
import type { BindType, OracleParameter } from './parameter.ts';
import { holds } from './repertoire.ts';
import { knownType } from './types.ts';
import { writersOf } from './writer.ts';

/** Longest text and longest bytes of PL/SQL. */
export const MOST_PLSQL = 32_767;

/** `charset`: of the database. */
export function argumentsOf(charset: string): (column: Column, value: Value) => OracleParameter | undefined {
  const held = holds(charset);
  const writer = writersOf(charset);
  return (column, value) => {
    const as = (sqlType: BindType, fits: boolean): OracleParameter | undefined =>
      typeof value === 'string' && fits ? { value, column, sqlType } : undefined;
    switch (knownType(column.declared).storage) {
      case 'varchar':
      case 'char':
        return as('varchar', held(String(value)) && Buffer.byteLength(String(value)) <= MOST_PLSQL);
      case 'nvarchar':
      case 'nchar':
        return as('nvarchar', String(value).isWellFormed() && String(value).length * 2 <= MOST_PLSQL);
      case 'raw':
        return value instanceof Uint8Array && value.length <= MOST_PLSQL
          ? { value, column, sqlType: 'raw' }
          : undefined;
      case 'interval':
        return as(/YEAR/i.test(column.declared) ? 'yminterval' : 'dsinterval', true);
      case 'rowid':
        return as('rowid', true);
      default:
        return writer(column)?.(value);
    }
  };
}
