// Knows: the generated function that makes a row of a record.
// Must not know: JSON, filters.

import { TAG } from '../../model/value.ts';
import type { GroupNode, Layout, ListNode, Node, ScalarNode, UnionNode } from '../layout.ts';
import { charsetOf } from '../scalars/scalar.ts';
import { characterTables, type TextBlock, textBlock, trimEnd, trimStart } from './characters.ts';
import type { Chooser } from './choice.ts';
import type { Decode } from './codec.ts';
import { scaledText } from './json-integers.ts';
import { inElement, inGroup, inVariant, join, type Place, topOf } from './place.ts';
import { memberName, type Program, program } from './program.ts';
import { digitsCode, digitsRoom, numberCode, padByte, plainText } from './shortcuts.ts';
import { cellReader, countCode } from './slot.ts';

/** All texts and decimals outside lists as one string, which is cut up. */
interface Block {
  /** Code of the string. */
  readonly text: string;
  readonly places: ReadonlyMap<Node, number>;
  /** Code of the offset behind a decimal in the string. */
  readonly ends: ReadonlyMap<Node, string>;
}

/** Where in the layout the decoded nodes stand, and what is told of them. */
interface Scope {
  readonly place: Place;
  /** Tag of the variant whose nodes they are. */
  readonly tag?: string;
  /** Path of a field in faults; the dotted path unless told otherwise. */
  readonly named?: (path: string) => string;
}

/** What the code of a decoder is written with. */
interface Writing extends Omit<Scope, 'tag'> {
  readonly layout: Layout;
  readonly chooser: Chooser;
  readonly code: Program;
  readonly block?: Block;
  /** Code of the offsets that fields count from: of the record, and of the element of each list around the place. */
  readonly bases: readonly string[];
}

/** A decoder of exactly these nodes, which stand outside every list; the record is in its widest form. */
export function generateDecoder(
  layout: Layout,
  nodes: readonly Node[],
  chooser: Chooser,
  scope: Scope = { place: topOf(layout) },
): Decode {
  const code = program();
  const places = new Map<ScalarNode, number>();
  const length = placeAll(nodes, places, 0);
  const written = [...places].flatMap(([node, from]) =>
    plainText(node) === undefined ? [{ from, to: from + roomInBlock(node) }] : [],
  );
  const block = length === 0 ? undefined : loadBlock(textBlock(length, written), places, code);
  const { tag, ...around } = scope;
  const writing: Writing = {
    ...around,
    layout,
    chooser,
    code,
    bases: ['start'],
    ...(block === undefined ? {} : { block }),
  };
  code.line(`return ${objectCode(nodes, writing, tag)};`);
  const decode = code.build('bytes, start, end, locate', 'let viewed, input;');
  // cast: the program was written with this signature.
  return decode as Decode;
}

/** A view of the record's buffer, made anew when the buffer changes. */
const VIEW =
  'if (bytes !== viewed) { viewed = bytes; input = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength); }';

/** Places of the plain texts and decimals outside lists, one behind the other. */
function placeAll(nodes: readonly Node[], places: Map<ScalarNode, number>, from: number): number {
  let length = from;
  for (const node of nodes) {
    if (node.kind === 'group') length = placeAll(node.nodes, places, length);
    else if (node.kind === 'scalar') {
      const room = roomInBlock(node);
      if (room === 0) continue;
      places.set(node, length);
      length += room;
    }
  }
  return length;
}

/** Characters that a field takes at most in the block; 0: it is read elsewhere. */
function roomInBlock(node: ScalarNode): number {
  if (plainText(node) !== undefined) return node.length;
  const isDecimal = node.type.kind === 'decimal' && digitsCode(node, '', '', '', program()) !== undefined;
  // A sign, a zero before the point, the point; and what a kernel writes before it knows better.
  return isDecimal ? digitsRoom(node) : 0;
}

/** Writes the loading of the block. Texts keep their length, of decimals a variable holds the end, or -1. */
function loadBlock(block: TextBlock, places: ReadonlyMap<ScalarNode, number>, code: Program): Block {
  const load = code.constant(block.load);
  const ends = new Map<Node, string>();
  code.line(`const out = ${code.constant(block.bytes)};`);
  code.line(`const output = ${code.constant(new DataView(block.bytes.buffer))};`);
  code.line(VIEW);
  for (const [node, place] of places) {
    const at = `start + ${node.offset}`;
    if (plainText(node) !== undefined) {
      const { units } = characterTables(charsetOf(node.encoding, ''));
      code.line(`${load}(bytes, ${at}, ${node.length}, ${code.constant(units)}, ${place});`);
      continue;
    }
    const end = code.fresh();
    ends.set(node, end);
    code.line(`const ${end} = ${digitsCode(node, at, String(place), 'output', code)};`);
    // What a kernel left of irregular bytes need not be ASCII, and would change the number of characters.
    code.line(`if (${end} < 0) out.fill(0, ${place}, ${place + roomInBlock(node)});`);
  }
  const text = code.fresh();
  code.line(`const ${text} = ${code.constant(block.finish)}();`);
  code.line(`const undecodable = ${text}.includes('\\ufffd');`);
  return { text, places, ends };
}

/** Code of the object of these nodes; the statements before it are written. */
function objectCode(nodes: readonly Node[], writing: Writing, tag?: string): string {
  const members = nodes.map((node) => `${memberName(node.name)}: ${nodeCode(node, writing)}`);
  if (tag !== undefined) members.unshift(`${memberName(TAG)}: ${JSON.stringify(tag)}`);
  return `{ ${members.join(', ')} }`;
}

function nodeCode(node: Node, writing: Writing): string {
  switch (node.kind) {
    case 'scalar':
      return scalarCode(node, writing);
    case 'group':
      return groupCode(node, writing);
    case 'list':
      return listCode(node, writing);
    case 'union':
      return unionCode(node, writing);
  }
}

function groupCode(node: GroupNode, writing: Writing): string {
  return objectCode(node.nodes, { ...writing, place: inGroup(writing.place, node) });
}

function listCode(node: ListNode, writing: Writing): string {
  const { code, layout, place, bases } = writing;
  const list = code.fresh();
  const element = code.fresh();
  const count = countCode(node, place, bases, layout, code);
  code.line(`let ${list} = [];`);
  code.line(`if (typeof ${count} !== 'number') ${list} = ${count};`);
  code.line(
    `else for (let n = 0, ${element} = ${baseOf(writing)} + ${node.offset}; n < ${count}; n++, ${element} += ${node.stride}) {`,
  );
  const inside: Writing = { ...writing, place: inElement(place, node), bases: [...bases, element] };
  const { of } = node;
  code.line(`${list}.push(${of.kind === 'group' ? objectCode(of.nodes, inside) : nodeCode(of, inside)});`);
  code.line('}');
  return list;
}

/** Outside of lists a variant has a function of its own, with a block of its own texts. */
function unionCode(node: UnionNode, writing: Writing): string {
  const { code, layout, chooser, place, bases } = writing;
  const { choose } = chooser(node, place);
  const cell = code.fresh();
  const chosen = code.fresh();
  code.line(`const ${chosen} = ${code.constant(choose)}(bytes, ${baseOf(writing)}, start, end, locate);`);
  code.line(`let ${cell} = ${chosen};`);
  for (const [index, { tag, node: variant }] of node.variants.entries()) {
    const inside = inVariant(place, node, index);
    code.line(`if (${chosen} === ${index}) {`);
    const value =
      bases.length > 1
        ? objectCode(variant.nodes, { ...writing, place: inside }, tag)
        : `${code.constant(generateDecoder(layout, variant.nodes, chooser, { place: inside, tag }))}(bytes, start, end, locate)`;
    code.line(`${cell} = ${value};`);
    code.line('}');
  }
  return cell;
}

function baseOf({ bases }: Writing): string {
  return bases.at(-1) ?? 'start';
}

function scalarCode(node: ScalarNode, writing: Writing): string {
  const { code, layout, named = (path) => path } = writing;
  const at = `${baseOf(writing)} + ${node.offset}`;
  const path = named(join(writing.place.path, node.name));
  const cell = code.constant(cellReader(node, path, layout));
  const slow = `${cell}(bytes, ${at}, start, locate)`;
  const place = writing.block?.places.get(node);
  const value = code.fresh();
  if (place !== undefined && writing.block !== undefined) {
    const { text, ends } = writing.block;
    const end = ends.get(node);
    if (end !== undefined) return `${end} < 0 ? ${slow} : ${text}.substring(${place}, ${end})`;
    const [from, to] = trimmedCode(node, at, place, code);
    code.line(`let ${value} = ${text}.substring(${from}, ${to});`);
    code.line(`if (undecodable && ${value}.includes('\\ufffd')) ${value} = ${slow};`);
    return value;
  }
  const number = numberCode(node, at, code);
  if (number === undefined) return slow;
  code.line(`const ${value} = ${number};`);
  return `${value} === ${value} ? ${typedCode(node, value, code)} : ${slow}`;
}

/** Code of both ends of a trimmed text in the block. */
function trimmedCode(node: ScalarNode, at: string, place: number, code: Program): readonly [string, string] {
  const trim = plainText(node)?.trim ?? 'none';
  const pad = padByte(node) ?? 0;
  const ends = `input, ${at}, ${at} + ${node.length}, ${pad}`;
  const to =
    trim === 'right' || trim === 'both'
      ? `${code.constant(trimEnd)}(${ends}) - (${at}) + ${place}`
      : String(place + node.length);
  // A text of nothing but padding is empty from either end.
  const from =
    trim === 'left' || trim === 'both'
      ? `Math.min(${to}, ${code.constant(trimStart)}(${ends}) - (${at}) + ${place})`
      : String(place);
  return [from, to];
}

/** Code of a row's value from the code of its unscaled number. */
function typedCode(node: ScalarNode, value: string, code: Program): string {
  switch (node.type.kind) {
    case 'int64':
      return `BigInt(${value})`;
    case 'decimal': {
      const { scale } = node.type;
      return scale === 0 ? `String(${value})` : `${code.constant(scaledText)}(${value}, ${scale})`;
    }
    default:
      return value;
  }
}
