// Knows: how a value is bound: with the type that it is compared as, so that no column is converted for its sake.
// Must not know: columns' meaning, connections.

import { MysqlQueryCompiler } from 'kysely';
import { sqlTypeOf } from '../sql/typed-parameter.ts';

/** Integers go so through the protocol; any other type is a cast around the placeholder. */
const OF_THE_PROTOCOL = new Set(['signed', 'unsigned']);

/** Writes `cast(? as datetime(6))`. A class because Kysely's compiler is extended by one. */
class TypingCompiler extends MysqlQueryCompiler {
  protected override appendValue(parameter: unknown): void {
    const type = sqlTypeOf(parameter);
    if (type === undefined || OF_THE_PROTOCOL.has(type)) {
      super.appendValue(parameter);
      return;
    }
    this.append('cast(');
    super.appendValue(parameter);
    this.append(` as ${type})`);
  }
}

export function compiler(): MysqlQueryCompiler {
  return new TypingCompiler();
}
