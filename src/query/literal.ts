// Knows: how to speak to a client about the words and values of its request.
// Must not know: which text they stand in.

import type { Scalar } from '../model/type.ts';

/** A client's word in a message: quoted, cut short, control characters escaped. */
export function shown(word: string): string {
  return JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}…` : word);
}

/** What a literal of a type looks like. */
export function literalHint(type: Scalar): string {
  switch (type.kind) {
    case 'boolean':
      return 'true or false';
    case 'int32':
      return 'a whole number from -2147483648 to 2147483647';
    case 'int64':
      return 'a whole number from -9223372036854775808 to 9223372036854775807';
    case 'float64':
      return 'a number';
    case 'decimal':
      return 'digits, with a point before the fraction';
    case 'date':
      return 'a day that exists, 2024-02-29';
    case 'time':
      return 'a time of day, 23:59:59';
    case 'timestamp':
      return 'a day and time without zone, 2024-02-29T23:59:59';
    case 'instant':
      return 'a day and time with zone, 2024-02-29T23:59:59Z';
    case 'bytes':
      return 'base64';
    case 'enum':
      return type.values.length > 12 ? `one of ${type.values.length} names` : type.values.join(', ');
    case 'string':
    case 'json':
      return 'text';
  }
}
