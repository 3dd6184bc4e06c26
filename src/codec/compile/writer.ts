// Knows: the generated function that writes a record as JSON, from bytes to bytes.
// Must not know: rows, filters.

import { Fault } from '../../fault.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import type { Cell } from '../../model/value.ts';
import { toJson } from '../../model/value.ts';
import type { Layout, ListNode, Node, ScalarNode, Trim } from '../layout.ts';
import { charsetOf } from '../scalar.ts';
import { characterTables, SPECIAL_PAIR, writeEscaped } from './characters.ts';
import type { Locate, Write } from './compile.ts';
import { type Program, program } from './program.ts';
import { readyAnswers, writeReady } from './ready-answers.ts';
import { digitsCode, padByte, plainText } from './shortcuts.ts';
import { cellReader, counter, type ReadCell } from './slot.ts';

const encoder = new TextEncoder();

interface Writing {
  readonly layout: Layout;
  readonly code: Program;
  /** Bytes that a whole record can take. */
  readonly room: number;
}

/**
 * Views of both buffers, which read and write several bytes at once at any offset; made anew when a buffer changes. They and `mark`
 * (the sink's length before the record) are shared by the parts of a writer.
 */
const STATE = `
let record, input, buffer, output, mark;
function view(bytes, out) {
  if (bytes !== record) { record = bytes; input = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength); }
  if (out !== buffer) { buffer = out; output = new DataView(out.buffer); }
}`;

/** What every part has at hand: buffers and views, `n` (where to write), and scratch. */
const PARAMETERS = 'bytes, start, base, n, sink, locate';
const LOCALS = 'let out = buffer, from = input, to = output, m = 0, p = 0, end = 0, two = 0, seen = 0;';

/** Behind a call that may have exchanged the sink's buffer. */
const REFRESH = 'out = buffer; to = output;';

/** A writer of exactly these nodes; the record is as long as the layout. */
export function generateWriter(layout: Layout, nodes: readonly Node[]): Write {
  const code = program();
  const room = roomOf(nodes) + 16;
  const writing: Writing = { layout, code, room };
  const whole = writePart(code, () => writeObject(nodes, '', 'base', '', writing));
  code.line('mark = sink.length;');
  code.line(`sink.reserve(${room});`);
  code.line('view(bytes, sink.bytes);');
  code.line(`sink.length = ${whole}(bytes, start, start, mark, sink, locate);`);
  const write = code.build('bytes, start, end, sink, locate', STATE);
  // cast: the program was written with this signature.
  return write as Write;
}

/** A part of the writer; returns its name. It returns the offset behind what it wrote. */
function writePart(code: Program, write: () => void): string {
  return code.part(PARAMETERS, () => {
    code.line(LOCALS);
    write();
    code.line('return n;');
  });
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
      return node.length * 6 + 24;
    case 'group':
      return roomOf(node.nodes);
    case 'list':
      return 8 + node.max * (valueRoom(node.of) + 1);
  }
}

function jsonText(text: string): Uint8Array {
  return encoder.encode(JSON.stringify(text));
}

/** Fields in one part: more of them, and the engine would leave the part unoptimized for too long. */
const FIELDS_IN_PART = 16;

/** Writes the code of an object; `before` is the literal text in front of it. */
function writeObject(
  nodes: readonly Node[],
  prefix: string,
  base: string,
  before: string,
  writing: Writing,
): void {
  const { code } = writing;
  let lead = `${before}{`;
  const writeMembers = (members: readonly Node[], from: string) => {
    for (const node of members) {
      writeNode(node, prefix + node.name, from, `${lead}${JSON.stringify(node.name)}:`, writing);
      lead = ',';
    }
  };
  const portions = portionsOf(nodes);
  if (portions.length <= 1) writeMembers(nodes, base);
  else {
    for (const portion of portions) {
      const part = writePart(code, () => writeMembers(portion, 'base'));
      code.line(`n = ${part}(bytes, start, ${base}, n, sink, locate); ${REFRESH}`);
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
  return node.kind === 'group' ? node.nodes.reduce((sum, inner) => sum + fieldCount(inner), 0) : 1;
}

/** Literal text as stores of four bytes; what is too much of the last one is overwritten by what follows. */
function literal(text: string, code: Program): void {
  const bytes = encoder.encode(text);
  if (bytes.length === 1) {
    code.line(`out[n++] = ${bytes[0]};`);
    return;
  }
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 4) * 4));
  for (const [i, byte] of bytes.entries()) padded.setUint8(i, byte);
  for (let i = 0; i < bytes.length; i += 4) {
    code.line(`to.setInt32(n + ${i}, ${padded.getInt32(i, true)}, true);`);
  }
  code.line(`n += ${bytes.length};`);
}

function writeNode(node: Node, path: string, base: string, before: string, writing: Writing): void {
  switch (node.kind) {
    case 'scalar':
      writeScalar(node, path, base, before, writing);
      return;
    case 'group':
      writeObject(node.nodes, `${path}.`, base, before, writing);
      return;
    case 'list':
      writeList(node, path, base, before, writing);
      return;
  }
}

function writeList(node: ListNode, path: string, base: string, before: string, writing: Writing): void {
  const { code, layout } = writing;
  const element = code.fresh();
  const index = code.fresh();
  const end = code.fresh();
  const count =
    node.dependingOn === undefined
      ? String(node.max)
      : `${code.constant(countOrThrow)}(${code.constant(counter(node, path, layout))}(bytes, start, locate), sink, mark)`;
  literal(`${before}[`, code);
  code.line(`const ${end} = ${count};`);
  code.line(
    `for (let ${index} = 0, ${element} = ${base} + ${node.offset}; ${index} < ${end}; ${index}++, ${element} += ${node.stride}) {`,
  );
  code.line(`if (${index} > 0) out[n++] = 44;`);
  writeNode(node.of, path, element, '', writing);
  code.line('}');
  literal(']', code);
}

function countOrThrow(count: number | Fault, sink: ByteSink, mark: number): number {
  if (typeof count === 'number') return count;
  sink.length = mark;
  throw count;
}

function writeScalar(node: ScalarNode, path: string, base: string, before: string, writing: Writing): void {
  const { code, layout } = writing;
  const at = `${base} + ${node.offset}`;
  const read = cellReader(node, path, layout);
  const slow = code.constant(slowWriter(node, read, writing.room));
  const writeSlowly = `n = ${slow}(bytes, ${at}, start, locate, sink, n, mark); view(bytes, sink.bytes); ${REFRESH}`;
  const quoted = node.type.kind !== 'int32';
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

/**
 * Code that writes a text's characters from n + 1 on and sets m as a kernel would. The loops stand in line: only then does the
 * engine give every field its own machine code, which is a third faster than calls of one function.
 */
function writeText(node: ScalarNode, trim: Trim, at: string, code: Program): void {
  const { pairs, units } = characterTables(charsetOf(node.encoding, ''));
  const pad = padByte(node) ?? 0;
  code.line(`p = ${at}; end = p + ${node.length}; m = n + 1; seen = 0;`);
  if (trim === 'right' || trim === 'both') {
    const four = Math.imul(pad, 0x0101_0101);
    code.line(`while (end - 4 >= p && from.getInt32(end - 4) === ${four}) end -= 4;`);
    code.line(`while (end > p && bytes[end - 1] === ${pad}) end--;`);
  }
  if (trim === 'left' || trim === 'both') code.line(`while (p < end && bytes[p] === ${pad}) p++;`);
  const start = code.fresh();
  code.line(`const ${start} = p;`);
  const table = code.constant(pairs);
  code.line('for (; p + 1 < end; p += 2, m += 2) {');
  code.line(`two = ${table}[from.getUint16(p, true)]; seen |= two; to.setUint16(m, two, true);`);
  code.line('}');
  code.line(`if (p < end) { two = ${table}[bytes[p]] & 0xff; seen |= two; out[m++] = two; }`);
  const escaped = `${code.constant(writeEscaped)}(bytes, ${start}, end, ${code.constant(units)}, out, n + 1)`;
  code.line(`if ((seen & ${SPECIAL_PAIR}) !== 0) m = ${escaped};`);
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
