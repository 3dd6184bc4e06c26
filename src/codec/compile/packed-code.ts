// Knows: a kernel for packed numbers of one length and scale, as code without loops: a quarter faster than the general one.
// Must not know: fields, and numbers of other shapes.

import type { PackedEncoding } from '../encoding.ts';
import { PACKED_LAST, PACKED_TEXT } from '../scalars/digits.ts';
import { hasPadNibble } from '../scalars/packed.ts';
import type { Program } from './program.ts';

/** More bytes are rare, and the code grows with their square. */
const MOST_BYTES = 8;

/** Shapes in one program that have a kernel of their own: more of them, and compiling takes longer than they save. */
const MOST_SHAPES = 8;

const parts = new WeakMap<Program, Map<string, string>>();

/**
 * The name of a function `(bytes, at, out, view, to)` in the program that writes the number as digits from `to` on and returns the offset behind
 * them, or -1; undefined where the general kernel is as good.
 */
export function packedPart(encoding: PackedEncoding, length: number, code: Program): string | undefined {
  const { scale, signless, signed } = encoding;
  if (signless === true || length < 2 || length > MOST_BYTES || scale < 0 || scale > 2 * length - 2)
    return undefined;
  const padded = hasPadNibble(encoding);
  const known = parts.get(code) ?? new Map<string, string>();
  parts.set(code, known);
  const shape = `${length} ${scale} ${signed} ${padded}`;
  if (!known.has(shape) && known.size >= MOST_SHAPES) return undefined;
  const name =
    known.get(shape) ??
    code.part('bytes, at, out, view, to', () => writePart(length, scale, signed, padded, code));
  known.set(shape, name);
  return name;
}

function writePart(length: number, scale: number, signed: boolean, padded: boolean, code: Program): void {
  const text = code.constant(PACKED_TEXT);
  const last = code.constant(PACKED_LAST[signed ? 'signed' : 'unsigned']);
  const pairs = Array.from({ length: length - 1 }, (_, i) => i);
  code.line(`const code = ${last}[bytes[at + ${length - 1}]];`);
  for (const i of pairs) code.line(`const b${i} = bytes[at + ${i}], t${i} = ${text}[b${i}];`);
  const bad = `((${pairs.map((i) => `t${i}`).join(' | ')}) & 0x8080) !== 0 || code === 255`;
  code.line(`if (${bad}${padded ? ' || b0 > 15' : ''}) return -1;`);
  code.line('let n = to, short = 0;');
  if (signed) {
    const some = pairs.map((i) => `b${i}`).join(' | ');
    // Of data the processor cannot foresee signs, nor which half of a byte is the first digit: no branches for them.
    code.line('out[n] = 45; n += code >> 4;');
    code.line(`if (code === 16 && (${some}) === 0) n = to;`);
  }
  const put = (i: number) => `view.setUint16(n, t${i}, true); n += 2;`;
  const putShort = (i: number) =>
    `short = (b${i} - 16) >> 31; view.setUint16(n, t${i} >> (short & 8), true); n += 2 + short;`;
  // Digits before the one of the units stand only behind the first that is not zero.
  const units = 2 * length - 2 - scale;
  const before = pairs.slice(0, units >> 1);
  const middle = units % 2 === 1 ? units >> 1 : undefined;
  const all = middle === undefined ? before : [...before, middle];
  code.line('skip: {');
  for (const i of before) {
    const rest = all
      .slice(i + 1)
      .map(put)
      .join(' ');
    code.line(`if (b${i} !== 0) { ${putShort(i)} ${rest} break skip; }`);
  }
  if (middle !== undefined) code.line(putShort(middle));
  code.line('}');
  let next = all.length;
  if (middle !== undefined) code.line('out[n++] = 46;');
  else if (scale > 0) {
    code.line(`out[n] = t${next} & 255; out[n + 1] = 46; out[n + 2] = t${next} >> 8; n += 3;`);
    next++;
  }
  for (const i of pairs.slice(next)) code.line(put(i));
  code.line('out[n] = 48 | (code & 15);');
  code.line('return n + 1;');
}
