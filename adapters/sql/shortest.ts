// Knows: how a float of 32 bits is shown: as the shortest decimal that gives it back.
// Must not know: columns, SQL.

/** The number whose text is the shortest that gives the float back. */
export function shortest(float: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) return candidate;
  }
  return float;
}

/** Whether the number is shown again when it was kept in 32 bits. NaN and the infinities are. */
export function isHeldIn32Bits(number: number): boolean {
  const float = Math.fround(number);
  return Number.isFinite(number) ? Number.isFinite(float) && shortest(float) === number : true;
}
