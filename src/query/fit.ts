// Knows: whether a value fits into its type as it is to be kept: what a source would cut, round or replace in silence.
// Must not know: whether it is of the type at all, sources, facades.

import { digitsOf, toScaled } from '../model/decimal.ts';
import { type Type, typeText } from '../model/type.ts';
import { isList, isRecord, TAG, type Value } from '../model/value.ts';

export interface Misfit {
  /** Stable word, as a fault's code. */
  readonly code: 'too-long' | 'too-many-digits' | 'bad-value';
  /** Dotted path of the part that does not fit. */
  readonly path: string;
  /** What is wrong with it, to be said behind its name. */
  readonly text: string;
}

/** The first part of the value that does not fit; `path` is where the value stands. */
export function misfit(type: Type, value: Value, path: string): Misfit | undefined {
  if (value === null) return undefined;
  switch (type.kind) {
    case 'string':
      if (typeof value !== 'string') return undefined;
      if (!value.isWellFormed()) return halfCharacter(path);
      return isLonger(value, type.length)
        ? { code: 'too-long', path, text: `is longer than ${typeText(type)} holds` }
        : undefined;
    case 'decimal':
      return typeof value === 'string' && isFiner(value, type)
        ? { code: 'too-many-digits', path, text: `has more digits than ${typeText(type)} holds` }
        : undefined;
    case 'json':
      return isWellFormed(value) ? undefined : halfCharacter(path);
    case 'list':
      return isList(value)
        ? first(value, (element, i) => misfit(type.of, element, `${path}[${i}]`))
        : undefined;
    case 'object':
    case 'union': {
      if (!isRecord(value)) return undefined;
      const group = type.kind === 'object' ? type : type.of.find(({ tag }) => tag === value[TAG]);
      return first(group?.fields ?? [], ({ name, type: inner }) =>
        misfit(inner, partOf(value, name), `${path}.${name}`),
      );
    }
    default:
      return undefined;
  }
}

function partOf(group: { readonly [name: string]: Value }, name: string): Value {
  return Object.hasOwn(group, name) ? (group[name] ?? null) : null;
}

function first<T>(
  items: readonly T[],
  check: (item: T, i: number) => Misfit | undefined,
): Misfit | undefined {
  for (const [i, item] of items.entries()) {
    const found = check(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Lengths are in characters; no text has more of them than units. */
function isLonger(text: string, length: number | undefined): boolean {
  return length !== undefined && text.length > length && [...text].length > length;
}

/** A literal may be finer or larger than its field, for filters compare with such ones too. */
function isFiner(
  decimal: string,
  { precision, scale }: Extract<Type, { readonly kind: 'decimal' }>,
): boolean {
  const [whole, fraction] = digitsOf(decimal);
  if (scale !== undefined && fraction > scale) return true;
  if (precision === undefined) return false;
  if (scale === undefined || scale <= precision) return whole > precision - (scale ?? 0);
  // All of its digits stand behind so many zeros: `0.0012` of decimal(2,4).
  return String(toScaled(decimal, scale)).replace('-', '').length > precision;
}

/** No source can keep half a surrogate pair; many would keep another character in its place. */
function isWellFormed(value: Value): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isWellFormed(inner));
}

function halfCharacter(path: string): Misfit {
  return { code: 'bad-value', path, text: 'holds half of a character (a surrogate without the other)' };
}
