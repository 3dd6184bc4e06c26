// Knows: how a value is bound: as text, with the type that it is compared as.
// Must not know: columns' meaning, connections.

import { PostgresQueryCompiler } from 'kysely';
import type { Parameter } from '../sql/driver.ts';
import { sqlTypeOf } from '../sql/typed-parameter.ts';

/**
 * Writes `$1::bigint`: a cast right behind a placeholder gives the parameter its type, so that it is compared as its
 * column is, whatever the server would guess. A class because Kysely's compiler is extended by one.
 */
class TypingCompiler extends PostgresQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    super.appendValue(parameter);
    const type = sqlTypeOf(parameter);
    if (type !== undefined) this.append(`::${type}`);
  }
}

export function compiler(): PostgresQueryCompiler {
  return new TypingCompiler();
}

/** Text form of a value for the protocol; the type comes from the statement. */
export function protocolText({ value }: Parameter): string | null {
  if (value === null || typeof value === 'string') return value;
  return value instanceof Uint8Array ? `\\x${value.toHex()}` : String(value);
}

const NAME = /^(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)(?:\.(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_$]*))?$/;

/** The name of a type as format_type() writes it, or undefined: nothing else may stand in a statement. */
export function typeName(declared: string): string | undefined {
  return NAME.test(declared) ? declared : undefined;
}
