// Knows: what a new record holds before anything is written into it: VALUE clauses, else blanks and zeros by type.
// Must not know: policies, unions; of redefinitions the first view counts.

import { fromScaled, parseDecimal } from '../../model/decimal.ts';
import { fromJson } from '../../model/value.ts';
import { type Charset, openCharset } from '../charset.ts';
import type { Item, Literal } from '../copybook/tree.ts';
import type { SubjectEncoding } from '../encoding.ts';
import type { ScalarNode } from '../layout.ts';
import { isFlaw } from '../scalars/flaw.ts';
import { writerOf } from '../scalars/scalar-writer.ts';
import { figurativeBytes } from './condition-values.ts';
import { counterOf } from './counters.ts';
import { itemEncoding, typeOfEncoding } from './item-encoding.ts';
import { itemFault, literalText } from './item-text.ts';
import type { Laying } from './laying.ts';
import { type Placed, sizeOf } from './placing.ts';

/** The bytes of all occurrences of an item, in the widest form. */
export function templateOf(placed: Placed, laying: Laying): Uint8Array {
  const bytes = blanks(new Uint8Array(sizeOf(placed)), openCharset(laying.charset));
  fill(placed, bytes, -placed.offset, { laying, minima: counterMinima(placed, laying) });
  return bytes;
}

interface Filling {
  readonly laying: Laying;
  /** Counters of tables: the fewest elements that a table may have. */
  readonly minima: ReadonlyMap<Placed, number>;
}

/** Fills the bytes of an item. `frame`: where its record or table element begins in them. */
function fill(placed: Placed, into: Uint8Array, frame: number, filling: Filling): void {
  const { item, length, offset } = placed;
  const at = frame + offset;
  if (item.occurs === undefined) {
    fillOnce(placed, into, frame, at, filling);
    return;
  }
  const element = blanks(new Uint8Array(length), openCharset(filling.laying.charset));
  fillOnce(placed, element, 0, 0, filling);
  for (let i = 0; i < item.occurs.max; i++) put(element, into, at + i * length);
}

function fillOnce(placed: Placed, into: Uint8Array, frame: number, at: number, filling: Filling): void {
  const { item, children, length } = placed;
  if (children.length === 0) {
    put(elementary(placed, filling), into, at);
    return;
  }
  for (const child of children) {
    if (child.storage === undefined) fill(child, into, frame, filling);
  }
  // The VALUE of a group is text over all its items.
  if (item.value === undefined) return;
  const charset = openCharset(filling.laying.charset);
  put(filled(item, blanks(new Uint8Array(length), charset), item.value, charset), into, at);
}

/** An item that GnuCOBOL moved behind its group may stand behind the bytes at hand too. */
function put(bytes: Uint8Array, into: Uint8Array, at: number): void {
  if (at < into.length) into.set(bytes.subarray(0, into.length - at), at);
}

function blanks(bytes: Uint8Array, { blank }: Charset): Uint8Array {
  for (let at = 0; at + blank.length <= bytes.length; at += blank.length) bytes.set(blank, at);
  return bytes;
}

/** A number or text by its VALUE, else 0 or blanks. */
function elementary(placed: Placed, { laying, minima }: Filling): Uint8Array {
  const { item, length } = placed;
  const { charset: recordCharset, rules } = laying;
  const { charset: own } = laying.policyOf(item);
  const policy = own === undefined ? {} : { charset: own };
  const encoding = itemEncoding(item, { policy, charset: recordCharset, rules, length });
  const bytes = new Uint8Array(length);
  const charset = openCharset('charset' in encoding ? encoding.charset : (own ?? recordCharset));
  const { value } = item;
  if (encoding.kind === 'bytes') return value === undefined ? bytes : filled(item, bytes, value, charset);
  if (encoding.kind === 'text') {
    const text = value === undefined ? undefined : plainText(value);
    if (value === undefined) return blanks(bytes, charset);
    if (text === undefined || encoding.justify === 'right')
      return filled(item, blanks(bytes, charset), value, charset);
    return filled(item, blanks(bytes, charset), { kind: 'text', text }, charset);
  }
  const number = value === undefined ? String(minima.get(placed) ?? 0) : numberOf(value, encoding);
  // An edited item may have a text as its VALUE, and any number a figurative constant; they are stored as they are.
  if (number === undefined)
    return filled(item, blanks(bytes, charset), value ?? { kind: 'number', text: '0' }, charset);
  writeNumber(item, encoding, number, bytes, recordCharset);
  return bytes;
}

function writeNumber(
  item: Item,
  encoding: SubjectEncoding,
  number: string,
  bytes: Uint8Array,
  charset: string,
): void {
  const type = typeOfEncoding(encoding, bytes.length);
  const node: ScalarNode = { kind: 'scalar', name: 'value', type, offset: 0, length: bytes.length, encoding };
  const cell = fromJson(type, type.kind === 'float64' ? Number(number) : number);
  const flaw = cell === undefined ? undefined : writerOf(node, charset)(cell, bytes, 0);
  if (cell === undefined || isFlaw(flaw)) throw itemFault(item, `cannot hold its VALUE ${number}`);
}

function plainText(value: Literal): string | undefined {
  return 'text' in value ? value.text : undefined;
}

/** The VALUE of a number as decimal text; undefined where it is something else. */
function numberOf(value: Literal, encoding: SubjectEncoding): string | undefined {
  if (value.kind === 'figurative') return value.word === 'zero' ? '0' : undefined;
  if (value.kind === 'all' && 'digits' in encoding && encoding.kind !== 'edited') {
    const { digits, scale } = encoding;
    const text = (plainText(value.of) ?? '').repeat(digits).slice(0, digits);
    return scale < 0 ? text + '0'.repeat(-scale) : fromScaled(BigInt(text), scale);
  }
  if (value.kind === 'number')
    return encoding.kind === 'float' ? value.text : (parseDecimal(value.text) ?? value.text);
  // A text as the VALUE of an edited item is what stands in it; of another number some compilers take the digits.
  if (value.kind !== 'text' || encoding.kind === 'edited') return undefined;
  return parseDecimal(value.text);
}

/** A literal in bytes that are blanks so far; what is too long is cut off at the right, as compilers do. */
function filled(item: Item, bytes: Uint8Array, value: Literal, charset: Charset): Uint8Array {
  const one = literalBytes(item, value, charset);
  const repeated = value.kind === 'all' || value.kind === 'figurative';
  if (repeated) {
    for (let at = 0; one.length > 0 && at < bytes.length; at += one.length) {
      bytes.set(one.subarray(0, bytes.length - at), at);
    }
  } else bytes.set(one.subarray(0, bytes.length), 0);
  return bytes;
}

function literalBytes(item: Item, value: Literal, charset: Charset): Uint8Array {
  switch (value.kind) {
    case 'all':
      return literalBytes(item, value.of, charset);
    case 'figurative':
      return figurativeBytes(value.word, charset);
    case 'hex':
      return Uint8Array.fromHex(value.hex);
    default:
      try {
        return charset.encode(value.text);
      } catch {
        throw itemFault(
          item,
          `has the VALUE ${literalText(value)}, which the charset ${charset.name} cannot write`,
        );
      }
  }
}

/** The counters below an item, each with the fewest elements that all its tables allow. */
function counterMinima(top: Placed, { index }: Laying): ReadonlyMap<Placed, number> {
  const minima = new Map<Placed, number>();
  const visit = (placed: Placed): void => {
    const { dependingOn, min = 0 } = placed.item.occurs ?? {};
    if (dependingOn !== undefined) {
      const counter = counterOf(placed, dependingOn, index);
      minima.set(counter, Math.max(min, minima.get(counter) ?? 0));
    }
    for (const child of placed.children) visit(child);
  };
  visit(top);
  return minima;
}
