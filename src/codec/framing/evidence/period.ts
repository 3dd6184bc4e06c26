// Knows: how the length of records shows in bytes that are alike one record apart.
// Must not know: record formats, files.

/** `share` of the bytes `length` apart are of one kind (letter, digit, sign …), blanks and zeros left out; `beside` of those one more or less apart. */
export interface Period {
  readonly length: number;
  readonly share: number;
  readonly beside: number;
  /** 0 to 1: how far the one stands out over the other. */
  readonly peak: number;
}

/** Bytes that are compared for each length: enough to be sure, few enough for a hundred lengths. */
const COMPARED = 32_768;

/** Of these lengths that stand out, the shortest: its multiples stand out as well. */
export function periodOf(bytes: Uint8Array, lengths: readonly number[]): Period | undefined {
  const kinds = bytes.map((byte) => KIND[byte] ?? 0);
  const periods = lengths
    .filter((length) => length >= 2 && 2 * length <= bytes.length)
    .map((length) => periodAt(kinds, length));
  const best = Math.max(0, ...periods.map(({ peak }) => peak));
  if (best < LEAST_PEAK) return undefined;
  return periods.toSorted((a, b) => a.length - b.length).find(({ peak }) => peak >= 0.8 * best);
}

/** Random bytes reach about a hundredth. */
const LEAST_PEAK = 0.1;

function periodAt(kinds: Uint8Array, length: number): Period {
  const share = alike(kinds, length);
  const beside = Math.max(alike(kinds, length - 1), alike(kinds, length + 1));
  const peak = beside >= 1 ? 0 : Math.max(0, (share - beside) / (1 - beside));
  return { length, share, beside, peak };
}

function alike(kinds: Uint8Array, distance: number): number {
  const end = Math.min(kinds.length - distance, COMPARED);
  let compared = 0;
  let same = 0;
  for (let i = 0; i < end; i++) {
    const kind = kinds[i] ?? 0;
    const other = kinds[i + distance] ?? 0;
    // Blanks and zeros are everywhere.
    if (kind <= FILLER && other <= FILLER) continue;
    compared++;
    if (kind === other) same++;
  }
  return compared === 0 ? 0 : same / compared;
}

/** Divisors of `size` from `least` to `most`, ascending. */
export function divisors(size: number, least: number, most: number): readonly number[] {
  const found: number[] = [];
  if (!Number.isSafeInteger(size)) return found;
  for (let i = 1; i * i <= size; i++) {
    if (size % i !== 0) continue;
    found.push(i);
    if (i * i !== size) found.push(size / i);
  }
  return found.filter((one) => one >= least && one <= most).toSorted((a, b) => a - b);
}

const FILLER = 2;

/** Blank, zero, digit, letter of either case, in both families; of others the upper half of the byte. */
const KIND = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x40 || byte === 0x20) return 1;
  if (byte === 0) return 2;
  if (byte >= 0xf0 && byte <= 0xf9) return 3;
  const low = byte & 15;
  const high = byte >> 4;
  if ((high === 0xc || high === 0xd || high === 0xe) && low >= 1 && low <= 9) return 4;
  if ((high === 8 || high === 9 || high === 0xa) && low >= 1 && low <= 9) return 5;
  return 16 + high;
});
