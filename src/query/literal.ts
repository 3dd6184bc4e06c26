// Knows: how to speak to a client about the words and values of its request: shown, described, by example.
// Must not know: which text they stand in.

import { type Collection, enclosing, type Field, type Scalar, typeText } from '../model/type.ts';

/** A client's word in a message: quoted, cut short, control characters escaped. */
export function shown(word: string): string {
  return JSON.stringify(word.length > 60 ? `${word.slice(0, 60)}…` : word);
}

/** What to do where a list or a union, or something inside one, cannot be compared. */
export const OUTSIDE_HINT = 'Name a field that stands outside lists and unions.';

/** Why a path that leads into a list or a union names nothing to compare or order by. Undefined for any other path. */
export function enclosedText(fields: readonly Field[], path: string): string | undefined {
  const around = enclosing(fields, path);
  return around === undefined
    ? undefined
    : `${shown(path)} lies inside "${around.path}", which is ${typeText(around.type)}; nothing in there can be compared`;
}

/** Which fields a list must be restricted by, where its source insists; undefined where it does not. */
export function requiredText({ required = [] }: Pick<Collection, 'required'>): string | undefined {
  if (required.length === 0) return undefined;
  return `Needs an equality for ${required.map((fields) => fields.join(' and ')).join(', or for ')}.`;
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
      return `a day that exists, ${exampleOf(type)}`;
    case 'time':
      return `a time of day, ${exampleOf(type)}`;
    case 'timestamp':
      return `a day and time without zone, ${exampleOf(type)}`;
    case 'instant':
      return `a day and time with zone, ${exampleOf(type)}`;
    case 'bytes':
      return 'base64';
    case 'enum':
      return type.values.length > 12 ? `one of ${type.values.length} names` : type.values.join(', ');
    case 'string':
    case 'json':
      return 'text';
  }
}

/** A value as a URL or a filter would write it. */
export function exampleOf(type: Scalar): string {
  switch (type.kind) {
    case 'boolean':
      return 'true';
    case 'int32':
      return '42';
    case 'int64':
      return '9007199254740993';
    case 'float64':
      return '0.5';
    case 'decimal': {
      const { precision = 6, scale = 2 } = type;
      const whole = '1234567890'.slice(0, Math.max(1, Math.min(4, precision - scale)));
      return scale === 0 ? whole : `${whole}.${'50'.padEnd(scale, '0').slice(0, scale)}`;
    }
    case 'date':
      return '2024-02-29';
    case 'time':
      return '23:59:59';
    case 'timestamp':
      return '2024-02-29T23:59:59';
    case 'instant':
      return '2024-02-29T23:59:59Z';
    case 'bytes':
      return 'AQID';
    case 'enum':
      return type.values[0] ?? '';
    case 'string':
      return 'text'.slice(0, type.length ?? 4);
    case 'json':
      return '{}';
  }
}
