// Knows: the code that writes a text as JSON, four bytes at a time.
// Must not know: records; texts that the tables of single bytes do not cover.

import type { ScalarNode, Trim } from '../layout.ts';
import { charsetOf } from '../scalars/scalar.ts';
import { characterTables, SPECIAL_PAIRS, writeEscaped } from './characters.ts';
import type { Program } from './program.ts';
import { padByte } from './shortcuts.ts';

/**
 * Code that writes a text's characters from n + 1 on and sets m as a kernel would; up to three bytes behind them are touched. It works
 * on the names that the writer has at hand: `bytes` and its view `from`, `out` and its view `to`, `n`, and scratch. The loops stand in
 * line: only then does the engine give every field its own machine code, which is a third faster than calls of one function.
 */
export function writeText(node: ScalarNode, trim: Trim, at: string, code: Program): void {
  const { pairs, units } = characterTables(charsetOf(node.encoding, ''));
  const { length } = node;
  const pad = padByte(node) ?? 0;
  const isLeft = trim === 'left' || trim === 'both';
  code.line(`p = ${at}; end = p + ${length}; seen = 0;`);
  // From here on four bytes cannot be read at once; of blanks behind the text they may be.
  const last = isLeft || length % 4 !== 0 ? code.fresh() : undefined;
  if (last !== undefined) code.line(`const ${last} = end - 3;`);
  if (trim === 'right' || trim === 'both') {
    const four = Math.imul(pad, 0x0101_0101);
    code.line(`while (end - 4 >= p && (two = from.getInt32(end - 4, true) ^ ${four}) === 0) end -= 4;`);
    code.line('if (end - 4 >= p) end -= Math.clz32(two) >> 3;');
    if (length % 4 !== 0) code.line(`else while (end > p && bytes[end - 1] === ${pad}) end--;`);
  }
  if (isLeft) code.line(`while (p < end && bytes[p] === ${pad}) p++;`);
  const start = code.fresh();
  code.line(`const ${start} = p;`);
  const table = code.constant(pairs);
  const within = last === undefined ? '' : ` && p < ${last}`;
  code.line(`for (m = n + 1; p < end${within}; p += 4, m += 4) {`);
  code.line(`two = from.getInt32(p, true); two = ${table}[two & 0xffff] | (${table}[two >>> 16] << 16);`);
  code.line('seen |= two; to.setInt32(m, two, true);');
  code.line('}');
  if (last !== undefined) {
    code.line(`for (; p < end; p++) { two = ${table}[bytes[p]] & 0xff; seen |= two; out[m++] = two; }`);
  }
  code.line(`m = n + 1 + end - ${start};`);
  const escaped = `${code.constant(writeEscaped)}(bytes, ${start}, end, ${code.constant(units)}, out, n + 1)`;
  code.line(`if ((seen & ${SPECIAL_PAIRS}) !== 0) m = ${escaped};`);
}
