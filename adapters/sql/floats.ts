// Knows: how a FLOAT of 32 bits is shown, the shortest decimal that gives it back, and where a number lies among those.
// Must not know: columns, SQL.

/** The number whose text is the shortest that gives the float back. */
export function shortest(float: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) return candidate;
  }
  return float;
}

/**
 * What the stored float is compared with instead of a number that it is shown against. The server compares in 64 bits, where
 * the stored float is not the number that is shown: the answer is on the same side of every float.
 */
export function stand(number: number): number {
  const float = Math.fround(number);
  const shown = shortest(float);
  if (shown === number) return float;
  return shown < number ? beside(float, 1) : beside(float, -1);
}

/** The next number of 64 bits above or below. */
function beside(number: number, direction: 1 | -1): number {
  if (number === 0) return direction * Number.MIN_VALUE;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, number);
  const away = number > 0 === direction > 0;
  bits.setBigInt64(0, bits.getBigInt64(0) + (away ? 1n : -1n));
  return bits.getFloat64(0);
}

/** Whether the number is shown again when it was kept in 32 bits. NaN and the infinities are. */
export function isHeldIn32Bits(number: number): boolean {
  const float = Math.fround(number);
  return Number.isFinite(number) ? Number.isFinite(float) && shortest(float) === number : true;
}
