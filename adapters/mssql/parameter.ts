// Knows: how a value is bound: with the type that it is compared as. What the driver cannot send without a loss (decimals) or knows only
// as a Date goes as a text, with a cast around its place.
// Must not know: columns' meaning, connections.

import { MssqlQueryCompiler } from 'kysely';
import type { Parameter } from '../sql/driver.ts';
import { sqlTypeOf } from '../sql/typed-parameter.ts';
import { knownType } from './types.ts';

/** How a parameter goes over the wire. */
export interface WireType {
  readonly word:
    | 'tinyint'
    | 'smallint'
    | 'int'
    | 'bigint'
    | 'bit'
    | 'float'
    | 'real'
    | 'uniqueidentifier'
    | 'varchar'
    | 'nvarchar'
    | 'varbinary';
  /** Characters or bytes; Infinity is `max`. */
  readonly length?: number;
}

const WIRE =
  /^(tinyint|smallint|int|bigint|bit|float|real|uniqueidentifier|varchar|nvarchar|varbinary)(?:\((max|\d+)\))?$/;

/** Digits, signs and letters of ISO only: every code page has them. */
const AS_TEXT: WireType = { word: 'varchar', length: 100 };

function asItself(type: string): WireType | undefined {
  const [, word, length] = WIRE.exec(type) ?? [];
  switch (word) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'bit':
    case 'float':
    case 'real':
    case 'uniqueidentifier':
      return { word };
    case 'varchar':
    case 'nvarchar':
    case 'varbinary':
      return { word, length: length === 'max' ? Number.POSITIVE_INFINITY : Number(length) };
    default:
      return undefined;
  }
}

export function wireType(parameter: Parameter): WireType {
  const type = sqlTypeOf(parameter);
  if (type !== undefined) return asItself(type) ?? AS_TEXT;
  const { value, column } = parameter;
  // Null has no bytes, but a type, which the server must turn into the column's.
  if (value === null) {
    const { storage } = knownType(column?.declared ?? '');
    return { word: storage === 'bytes' ? 'varbinary' : 'varchar', length: 1 };
  }
  if (value instanceof Uint8Array) return { word: 'varbinary', length: Number.POSITIVE_INFINITY };
  if (typeof value === 'bigint') return { word: 'bigint' };
  if (typeof value === 'number') return { word: 'float' };
  if (typeof value === 'boolean') return { word: 'bit' };
  return { word: 'nvarchar', length: Number.POSITIVE_INFINITY };
}

/**
 * Writes `cast(@1 as decimal(9,2))`, and names in brackets, which no setting of the session takes for texts. A class because Kysely's
 * compiler is extended by one.
 */
class TypingCompiler extends MssqlQueryCompiler {
  protected override getLeftIdentifierWrapper(): string {
    return '[';
  }

  protected override getRightIdentifierWrapper(): string {
    return ']';
  }

  protected override sanitizeIdentifier(identifier: string): string {
    return identifier.replaceAll(']', ']]');
  }

  protected override appendValue(parameter: unknown): void {
    const type = sqlTypeOf(parameter);
    if (type === undefined || asItself(type) !== undefined) {
      super.appendValue(parameter);
      return;
    }
    this.append('cast(');
    super.appendValue(parameter);
    this.append(` as ${type})`);
  }
}

export function compiler(): MssqlQueryCompiler {
  return new TypingCompiler();
}
