// Knows: the generated function that writes a record as JSON, from bytes to bytes.
// Must not know: rows, filters.

import { Fault } from '../../fault.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import type { Cell } from '../../model/value.ts';
import { TAG, toJson } from '../../model/value.ts';
import type { GroupNode, Layout, ListNode, Node, ScalarNode, UnionNode } from '../layout.ts';
import type { Chooser } from './choice.ts';
import type { Locate, Write } from './codec.ts';
import { inElement, inGroup, inVariant, join, type Place, topOf } from './place.ts';
import { type Program, program } from './program.ts';
import { readyAnswers, writeReady } from './ready-answers.ts';
import { digitsCode, digitsRoom, plainText } from './shortcuts.ts';
import { cellReader, countCode, type ReadCell } from './slot.ts';
import { writeText } from './text-code.ts';

const encoder = new TextEncoder();

interface Writing {
  readonly layout: Layout;
  readonly chooser: Chooser;
  readonly code: Program;
  readonly place: Place;
  /** Code of the offsets that fields count from: of the record, and of the element of each list around the place. */
  readonly bases: readonly string[];
  /** Bytes that a whole record can take. */
  readonly room: number;
}

/**
 * Views of both buffers, which read and write several bytes at once at any offset; made anew when a buffer changes. They and `mark`
 * (the sink's length before the record) and `limit` (the record's end) are shared by the parts of a writer.
 */
const STATE = `
let record, input, buffer, output, mark, limit;
function view(bytes, out) {
  if (bytes !== record) { record = bytes; input = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength); }
  if (out !== buffer) { buffer = out; output = new DataView(out.buffer); }
}`;

/** What every part has at hand: buffers and views, `n` (where to write), and scratch. */
const PARAMETERS = ['bytes', 'n', 'sink', 'locate', 'start'];
const LOCALS = 'let out = buffer, from = input, to = output, m = 0, p = 0, end = 0, two = 0, seen = 0;';

/** Behind a call that may have exchanged the sink's buffer. */
const REFRESH = 'out = buffer; to = output;';

/** A writer of exactly these nodes; the record is in its widest form. */
export function generateWriter(layout: Layout, nodes: readonly Node[], chooser: Chooser): Write {
  const code = program();
  const room = roomOf(nodes) + 16;
  const writing: Writing = { layout, chooser, code, place: topOf(layout), bases: ['start'], room };
  code.line('mark = sink.length; limit = end; let n = mark;');
  code.line(`sink.reserve(${room});`);
  code.line('view(bytes, sink.bytes);');
  code.line(partCode(writing, () => writeObject(nodes, '{', writing)));
  code.line('sink.length = n;');
  const write = code.build('bytes, start, end, sink, locate', STATE);
  // cast: the program was written with this signature.
  return write as Write;
}

/** Writes a part of the writer; returns the code that calls it. Its result is the offset behind what it wrote. */
function partCode({ code, bases }: Writing, write: () => void): string {
  const parameters = [...PARAMETERS, ...bases.slice(1)].join(', ');
  const part = code.part(parameters, () => {
    code.line(LOCALS);
    write();
    code.line('return n;');
  });
  return `n = ${part}(${parameters});`;
}

/**
 * Bytes that the nodes take at most: a byte can become six (\u001f), a number's sign, point and quotes come on top.
 * What a policy puts in place of bad bytes makes its own room.
 */
function roomOf(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => sum + jsonText(node.name).length + 8 + valueRoom(node), 2);
}

function valueRoom(node: Node): number {
  switch (node.kind) {
    case 'scalar':
      return Math.max(node.length * 6 + 24, digitsRoom(node) + 4);
    case 'group':
      return roomOf(node.nodes);
    case 'list':
      return 8 + node.max * (valueRoom(node.of) + 1);
    case 'union':
      return Math.max(
        ...node.variants.map((variant) => tagText(variant.tag).length * 3 + roomOf(variant.node.nodes)),
      );
  }
}

function jsonText(text: string): Uint8Array {
  return encoder.encode(JSON.stringify(text));
}

/** Fields in one part: more of them, and the engine would leave the part unoptimized for too long. */
const FIELDS_IN_PART = 16;

/** Writes the code of an object; `before` is the literal text in front of its members. */
function writeObject(nodes: readonly Node[], before: string, writing: Writing): void {
  const { code } = writing;
  let lead = before;
  const writeMembers = (members: readonly Node[]) => {
    for (const node of members) {
      writeNode(node, `${lead}${JSON.stringify(node.name)}:`, writing);
      lead = ',';
    }
  };
  const portions = portionsOf(nodes);
  if (portions.length <= 1) writeMembers(nodes);
  else {
    for (const portion of portions) {
      code.line(`${partCode(writing, () => writeMembers(portion))} ${REFRESH}`);
    }
  }
  literal(nodes.length === 0 ? `${lead}}` : '}', code);
}

/** Neighbours together while they have few enough fields. */
function portionsOf(nodes: readonly Node[]): readonly (readonly Node[])[] {
  const portions: Node[][] = [];
  let fields = Number.POSITIVE_INFINITY;
  for (const node of nodes) {
    const more = fieldCount(node);
    fields += more;
    if (fields > FIELDS_IN_PART) {
      portions.push([]);
      fields = more;
    }
    portions.at(-1)?.push(node);
  }
  return portions;
}

function fieldCount(node: Node): number {
  if (node.kind === 'list') return fieldCount(node.of);
  // Each variant is a part of its own.
  if (node.kind === 'union') return node.variants.length;
  return node.kind === 'group' ? node.nodes.reduce((sum, inner) => sum + fieldCount(inner), 0) : 1;
}

/**
 * Literal text as stores of eight bytes, which are a float's, and of four; what is too much of the last one is overwritten by what
 * follows.
 */
function literal(text: string, code: Program): void {
  const bytes = encoder.encode(text);
  if (bytes.length === 1) {
    code.line(`out[n++] = ${bytes[0]};`);
    return;
  }
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 4) * 4));
  for (const [i, byte] of bytes.entries()) padded.setUint8(i, byte);
  for (let i = 0; i < bytes.length; ) {
    const eight = bytes.length - i > 4 ? padded.getFloat64(i, true) : Number.NaN;
    // Not every NaN keeps its bytes.
    if (Number.isNaN(eight)) code.line(`to.setInt32(n + ${i}, ${padded.getInt32(i, true)}, true);`);
    else code.line(`to.setFloat64(n + ${i}, ${eight}, true);`);
    i += Number.isNaN(eight) ? 4 : 8;
  }
  code.line(`n += ${bytes.length};`);
}

function writeNode(node: Node, before: string, writing: Writing): void {
  switch (node.kind) {
    case 'scalar':
      writeScalar(node, before, writing);
      return;
    case 'group':
      writeGroup(node, before, writing);
      return;
    case 'list':
      writeList(node, before, writing);
      return;
    case 'union':
      writeUnion(node, before, writing);
      return;
  }
}

function writeGroup(node: GroupNode, before: string, writing: Writing): void {
  writeObject(node.nodes, `${before}{`, { ...writing, place: inGroup(writing.place, node) });
}

function writeList(node: ListNode, before: string, writing: Writing): void {
  const { code, layout, place, bases } = writing;
  const element = code.fresh();
  const index = code.fresh();
  literal(`${before}[`, code);
  const counted = countCode(node, place, bases, layout, code);
  const count = code.fresh();
  code.line(`const ${count} = ${node.dependingOn === undefined ? counted : numberCodeOf(counted, code)};`);
  code.line(
    `for (let ${index} = 0, ${element} = ${baseOf(writing)} + ${node.offset}; ${index} < ${count}; ${index}++, ${element} += ${node.stride}) {`,
  );
  code.line(`if (${index} > 0) out[n++] = 44;`);
  const inside: Writing = { ...writing, place: inElement(place, node), bases: [...bases, element] };
  if (node.of.kind === 'group') writeObject(node.of.nodes, '{', inside);
  else writeNode(node.of, '', inside);
  code.line('}');
  literal(']', code);
}

function writeUnion(node: UnionNode, before: string, writing: Writing): void {
  const { code, chooser, place } = writing;
  const { choose } = chooser(node, place);
  const chosen = `${code.constant(choose)}(bytes, ${baseOf(writing)}, start, limit, locate)`;
  if (before !== '') literal(before, code);
  code.line(`switch (${numberCodeOf(chosen, code)}) {`);
  for (const [index, { tag, node: variant }] of node.variants.entries()) {
    const inside: Writing = { ...writing, place: inVariant(place, node, index) };
    const call = partCode(inside, () => writeVariant(variant, tag, inside));
    code.line(`case ${index}: ${call} ${REFRESH} break;`);
  }
  code.line('}');
}

function writeVariant({ nodes }: GroupNode, tag: string, writing: Writing): void {
  const { code } = writing;
  literal(`{${tagText(tag)}`, code);
  if (nodes.length === 0) literal('}', code);
  else writeObject(nodes, ',', writing);
}

function tagText(tag: string): string {
  return `${JSON.stringify(TAG)}:${JSON.stringify(tag)}`;
}

function baseOf({ bases }: Writing): string {
  return bases.at(-1) ?? 'start';
}

/** Code of a number whose code may also give a fault, which is thrown. */
function numberCodeOf(found: string, code: Program): string {
  return `${code.constant(numberOrThrow)}(${found}, sink, mark)`;
}

function numberOrThrow(found: number | Fault, sink: ByteSink, mark: number): number {
  if (typeof found === 'number') return found;
  sink.length = mark;
  throw found;
}

function writeScalar(node: ScalarNode, before: string, writing: Writing): void {
  const { code, layout, place } = writing;
  const at = `${baseOf(writing)} + ${node.offset}`;
  const read = cellReader(node, join(place.path, node.name), layout);
  const slow = code.constant(slowWriter(node, read, writing.room));
  const writeSlowly = `n = ${slow}(bytes, ${at}, start, locate, sink, n, mark); view(bytes, sink.bytes); ${REFRESH}`;
  const quoted = node.type.kind !== 'int32' && node.type.kind !== 'float64';
  const text = plainText(node);
  const digits = text === undefined ? digitsCode(node, at, quoted ? 'n + 1' : 'n', 'to', code) : undefined;
  const ready = readyAnswers(node, read, valueRoom(node));
  if (before !== '') literal(before, code);
  if (ready !== undefined) {
    code.line(`m = ${code.constant(writeReady)}(${code.constant(ready)}[bytes[${at}]], out, n);`);
    code.line(`if (m >= 0) { n = m; } else { ${writeSlowly} }`);
    return;
  }
  if (text !== undefined) writeText(node, text.trim, at, code);
  else if (digits !== undefined) code.line(`m = ${digits};`);
  else {
    code.line(writeSlowly);
    return;
  }
  const finish = quoted ? 'out[n] = 34; out[m] = 34; n = m + 1;' : 'n = m;';
  code.line(`if (m >= 0) { ${finish} } else { ${writeSlowly} }`);
}

/** Writes a field by its slot; returns the offset behind it, with room for the rest of the record again. */
function slowWriter(node: ScalarNode, read: ReadCell, room: number) {
  return (
    bytes: Uint8Array,
    at: number,
    start: number,
    locate: Locate,
    sink: ByteSink,
    length: number,
    mark: number,
  ): number => {
    const cell: Cell = read(bytes, at, start, locate);
    if (cell instanceof Fault) {
      sink.length = mark;
      throw cell;
    }
    sink.length = length;
    sink.text(JSON.stringify(toJson(node.type, cell)));
    sink.reserve(room);
    return sink.length;
  };
}
