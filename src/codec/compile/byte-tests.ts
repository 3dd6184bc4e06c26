// Knows: conditions on text that can be told from the bytes alone.
// Must not know: decoding. What bytes cannot decide is left to the reference.

import { Fault } from '../../fault.ts';
import type { Value } from '../../model/value.ts';
import type { Conjunct } from '../../query/filter.ts';
import type { Charset } from '../charset.ts';
import type { ScalarNode } from '../layout.ts';
import { charsetOf } from '../scalars/scalar.ts';
import type { Program } from './program.ts';
import { padByte, plainText } from './shortcuts.ts';

/** The bytes of a text literal in a field: exactly one form, none, or not to be told (`undefined`). */
type Form = Uint8Array | 'none' | undefined;

/** Code of the truth (1, 0, -1) of a condition on a text whose first byte is at `at`; undefined where there is none. */
export function bytesCode(
  conjunct: Conjunct,
  node: ScalarNode,
  at: string,
  code: Program,
): string | undefined {
  if (!isDecided(node)) return undefined;
  switch (conjunct.op) {
    case 'null':
      return conjunct.is ? '0' : '1';
    case 'eq':
    case 'ne': {
      if (conjunct.value === null) return '-1';
      const test = sameCode(formOf(node, conjunct.value), at, code);
      if (test === undefined) return undefined;
      return conjunct.op === 'eq' ? `(${test} ? 1 : 0)` : `(${test} ? 0 : 1)`;
    }
    case 'in':
      return oneOfCode(conjunct.values, node, at, code);
    case 'keys': {
      const values = conjunct.keys.map(([value = null]) => value);
      return oneOfCode(values, node, at, code);
    }
    case 'startsWith': {
      if (conjunct.value === '') return '1';
      const form = prefixOf(node, conjunct.value);
      const test = sameCode(form, at, code);
      return test === undefined ? undefined : `(${test} ? 1 : 0)`;
    }
    default:
      return undefined;
  }
}

/** Every byte of the field is a character, and its value stands at its left end: equal values are equal bytes. */
function isDecided(node: ScalarNode): boolean {
  const text = plainText(node);
  if (text === undefined || (text.trim !== 'right' && text.trim !== 'none')) return false;
  const units = charsetOf(text, '').toUnicode;
  return units !== undefined && !units.includes(0xfffd) && new Set(units).size === units.length;
}

function sameCode(form: Form, at: string, code: Program): string | undefined {
  if (form === undefined) return undefined;
  if (form === 'none') return 'false';
  return `${code.constant(sameBytes)}(bytes, ${at}, ${code.constant(form)})`;
}

function sameBytes(bytes: Uint8Array, at: number, literal: Uint8Array): boolean {
  for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
  return true;
}

/** Few values are compared one by one, many are looked up. */
const FEW = 4;

function oneOfCode(
  values: readonly Value[],
  node: ScalarNode,
  at: string,
  code: Program,
): string | undefined {
  const present = values.filter((value) => value !== null);
  const forms = present.map((value) => formOf(node, value));
  if (forms.includes(undefined)) return undefined;
  const literals = forms.filter((form) => form instanceof Uint8Array);
  const otherwise = present.length === values.length ? 0 : -1;
  const test =
    literals.length <= FEW
      ? literals.map((literal) => sameCode(literal, at, code)).join(' || ') || 'false'
      : `${code.constant(isOneOf)}(${code.constant(byHash(literals))}, bytes, ${at}, ${node.length})`;
  return `((${test}) ? 1 : ${otherwise})`;
}

/** Texts of one length by a hash of their bytes. */
type Texts = ReadonlyMap<number, readonly Uint8Array[]>;

function byHash(texts: readonly Uint8Array[]): Texts {
  return Map.groupBy(texts, (text) => hashOf(text, 0, text.length));
}

function isOneOf(texts: Texts, bytes: Uint8Array, at: number, length: number): boolean {
  const near = texts.get(hashOf(bytes, at, length));
  return near?.some((text) => sameBytes(bytes, at, text)) === true;
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let p = at; p < at + length; p++) hash = Math.imul(hash ^ (bytes[p] ?? 0), 0x01000193);
  return hash;
}

/** All bytes of a field that holds this text. */
function formOf(node: ScalarNode, value: Value): Form {
  const text = plainText(node);
  const pad = padByte(node);
  if (typeof value !== 'string' || text === undefined || pad === undefined) return undefined;
  const bytes = encoded(charsetOf(text, ''), value);
  if (bytes === undefined || bytes.length > node.length) return 'none';
  if (text.trim === 'none') return bytes.length === node.length ? bytes : 'none';
  if (bytes.at(-1) === pad) return 'none';
  const form = new Uint8Array(node.length).fill(pad);
  form.set(bytes);
  return form;
}

/** The bytes that a field begins with whose text begins with this one. */
function prefixOf(node: ScalarNode, prefix: string): Form {
  const text = plainText(node);
  if (text === undefined) return undefined;
  const bytes = encoded(charsetOf(text, ''), prefix);
  if (bytes === undefined || bytes.length > node.length) return 'none';
  // A prefix that ends in padding may begin where the value already ended.
  return text.trim !== 'none' && bytes.at(-1) === padByte(node) ? undefined : bytes;
}

function encoded(charset: Charset, text: string): Uint8Array | undefined {
  try {
    return charset.encode(text);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
