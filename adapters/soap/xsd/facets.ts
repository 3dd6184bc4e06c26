// Knows: what the facets of a derived simple type allow (XML Schema part 2, section 4.3), both ways.
// Must not know: elements, documents.

import { compareValues, digitsOf, isComparable, type Scalar, type Value } from '#spi';
import type { XmlScope } from '../xml/element.ts';
import { spaced, type WhiteSpace } from './built-in.ts';
import type { Lexical } from './lexical.ts';
import { patternOf } from './pattern.ts';

/** Texts as the schema has them. */
export interface Facets {
  readonly enumeration?: readonly string[];
  readonly patterns?: readonly string[];
  readonly length?: string;
  readonly minLength?: string;
  readonly maxLength?: string;
  readonly totalDigits?: string;
  readonly fractionDigits?: string;
  readonly minInclusive?: string;
  readonly maxInclusive?: string;
  readonly minExclusive?: string;
  readonly maxExclusive?: string;
  readonly whiteSpace?: string;
}

const NO_SCOPE: XmlScope = new Map();

/** A type narrowed by facets. `name`: what an enumeration of texts is called in the API. */
export function restricted(base: Lexical, facets: Facets, name: string): Lexical {
  const narrowed = withWhiteSpace(base, facets.whiteSpace);
  const { enumeration } = facets;
  const texts = enumeration !== undefined && isText(base.type);
  const type = texts ? enumType(name, enumeration, base.type) : typeOf(base.type, facets);
  const checks = checksOf(narrowed, facets);
  const fits = (value: Value, text: string): boolean => checks.every((check) => check(value, text));
  const expected = expectedOf(facets) ?? base.expected;
  return {
    type,
    parse: (text, scope) => {
      const value = narrowed.parse(text, scope);
      return value === undefined || !fits(value, spaced(text, 'collapse')) ? undefined : value;
    },
    print: (value) => {
      const text = narrowed.print(value);
      return text === undefined || !fits(value, text) ? undefined : text;
    },
    ...(expected === undefined ? {} : { expected }),
  };
}

function isText(type: Scalar): boolean {
  return type.kind === 'string' || type.kind === 'enum';
}

/** An enumeration of texts that narrows another keeps to those of both. */
function enumType(name: string, enumeration: readonly string[], base: Scalar): Scalar {
  const values =
    base.kind === 'enum' ? enumeration.filter((value) => base.values.includes(value)) : enumeration;
  return { kind: 'enum', name, shared: true, values: [...new Set(values)] };
}

function typeOf(base: Scalar, { length, maxLength, totalDigits, fractionDigits }: Facets): Scalar {
  const longest = length ?? maxLength;
  if (base.kind === 'string' && longest !== undefined) return { kind: 'string', length: Number(longest) };
  if (base.kind !== 'decimal') return base;
  const scale = fractionDigits === undefined ? base.scale : Number(fractionDigits);
  const precision = totalDigits === undefined ? base.precision : Number(totalDigits);
  // Only both together say how many digits stand before the point.
  return precision === undefined || scale === undefined
    ? { kind: 'decimal', ...(scale === 0 ? { scale } : {}) }
    : { kind: 'decimal', precision, scale };
}

function withWhiteSpace(base: Lexical, how: string | undefined): Lexical {
  if (how !== 'replace' && how !== 'collapse') return base;
  const own: WhiteSpace = how;
  return { ...base, parse: (text, scope) => base.parse(spaced(text, own), scope) };
}

type Check = (value: Value, text: string) => boolean;

function checksOf(base: Lexical, facets: Facets): readonly Check[] {
  const { enumeration, patterns, length, minLength, maxLength, totalDigits, fractionDigits } = facets;
  const checks: Check[] = [];
  if (enumeration !== undefined) checks.push(oneOf(base, enumeration));
  if (length !== undefined) checks.push((value) => sizeOf(value) === Number(length));
  if (minLength !== undefined) checks.push((value) => sizeOf(value) >= Number(minLength));
  if (maxLength !== undefined) checks.push((value) => sizeOf(value) <= Number(maxLength));
  if (totalDigits !== undefined)
    checks.push((value) => {
      const [whole, fraction] = digitsOf(String(value));
      return whole + fraction <= Number(totalDigits);
    });
  if (fractionDigits !== undefined)
    checks.push((value) => digitsOf(String(value))[1] <= Number(fractionDigits));
  checks.push(...boundsOf(base, facets));
  // Patterns of one step are alternatives (section 4.3.4.3); one that we do not understand is not checked.
  const expressions = (patterns ?? []).map(patternOf);
  if (expressions.length > 0 && expressions.every((expression) => expression !== undefined)) {
    checks.push((_, text) => expressions.some((expression) => expression?.test(text) === true));
  }
  return checks;
}

function oneOf(base: Lexical, enumeration: readonly string[]): Check {
  const allowed = enumeration.flatMap((text) => base.parse(text, NO_SCOPE) ?? []);
  return (value) => allowed.some((candidate) => equal(base.type, candidate, value));
}

function equal(type: Scalar, a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  return isComparable(type) && typeof a === typeof b ? compareValues(type, a, b) === 0 : a === b;
}

function boundsOf(base: Lexical, facets: Facets): readonly Check[] {
  const limits = [
    [facets.minInclusive, (order: number) => order >= 0],
    [facets.minExclusive, (order: number) => order > 0],
    [facets.maxInclusive, (order: number) => order <= 0],
    [facets.maxExclusive, (order: number) => order < 0],
  ] as const;
  return limits.flatMap(([text, holds]): readonly Check[] => {
    const limit = text === undefined ? undefined : base.parse(text, NO_SCOPE);
    // Durations and the like are texts here and have no order.
    if (limit === undefined || limit === null || isText(base.type)) return [];
    return [(value) => value !== null && holds(compareValues(base.type, value, limit))];
  });
}

/** Characters of a text (code points), bytes of bytes (section 4.3.1). */
function sizeOf(value: Value): number {
  if (value instanceof Uint8Array) return value.length;
  return typeof value === 'string' ? [...value].length : 0;
}

function expectedOf(facets: Facets): string | undefined {
  const { enumeration, length, minLength, maxLength, totalDigits, fractionDigits } = facets;
  const { minInclusive, maxInclusive, minExclusive, maxExclusive, patterns } = facets;
  const words = [
    enumeration === undefined ? '' : `one of ${enumeration.slice(0, 12).join(', ')}`,
    length === undefined ? '' : `exactly ${length} long`,
    minLength === undefined ? '' : `at least ${minLength} long`,
    maxLength === undefined ? '' : `at most ${maxLength} long`,
    totalDigits === undefined ? '' : `of at most ${totalDigits} digits`,
    fractionDigits === undefined ? '' : `with at most ${fractionDigits} digits behind the point`,
    minInclusive === undefined ? '' : `at least ${minInclusive}`,
    maxInclusive === undefined ? '' : `at most ${maxInclusive}`,
    minExclusive === undefined ? '' : `more than ${minExclusive}`,
    maxExclusive === undefined ? '' : `less than ${maxExclusive}`,
    patterns === undefined ? '' : `like ${patterns.join(' or ')}`,
  ].filter((word) => word !== '');
  return words.length === 0 ? undefined : words.join(', ');
}
