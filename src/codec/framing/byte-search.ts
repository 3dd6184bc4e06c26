// Knows: how a few bytes are found among many, fast.
// Must not know: what the bytes mean.

/** Offset of the first of the bytes in `[from, to)`, or `to`. */
export type ByteSearch = (from: number, to: number) => number;

const ONES = 0x01010101;
const HIGHS = 0x80808080;

/**
 * Looks for any of `wanted` in `bytes`, four at a time: a word exclusive-or one byte four times over has a zero byte where that one
 * stands, and taking one from each of its bytes shows whether there is any. Measured on lines of 100 bytes it is more
 * than twice as fast as `indexOf`, which is called once for each line and each byte that may end it.
 */
export function searchIn(bytes: Uint8Array, wanted: readonly number[]): ByteSearch {
  const stops = new Uint8Array(256);
  for (const byte of wanted) stops[byte] = 1;
  const single = (from: number, to: number): number => {
    let at = from;
    while (at < to && stops[bytes[at] ?? 0] === 0) at++;
    return at;
  };
  const [a = 0, b = a, c = a, ...more] = wanted;
  if (wanted.length === 0 || more.length > 0 || bytes.byteOffset % 4 !== 0) return single;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  const [as, bs, cs] = [a * ONES, b * ONES, c * ONES];
  return (from, to) => {
    let at = from;
    while (at < to && (at & 3) !== 0) {
      if (stops[bytes[at] ?? 0] === 1) return at;
      at++;
    }
    const end = to >> 2;
    let word = at >> 2;
    for (; word < end; word++) {
      const four = words[word] ?? 0;
      const x = four ^ as;
      const y = four ^ bs;
      const z = four ^ cs;
      if ((((x - ONES) & ~x) | ((y - ONES) & ~y) | ((z - ONES) & ~z)) & HIGHS) break;
    }
    return at >= to ? to : single(Math.max(at, word << 2), to);
  };
}
