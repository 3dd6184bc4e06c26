// Knows: how millions of whole numbers that resemble their neighbours are kept in few bytes.
// Must not know: what they count.

/** A column of whole numbers from 0 to 2^53 − 1: appended at the end, read at any place. */
export interface CompactNumbers {
  readonly length: number;
  push(number: number): void;
  /** 0 behind the end. */
  at(place: number): number;
}

const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;

/** Numbers as a base, and either an equal step from one to the next or what is to be added for each. */
interface Chunk {
  readonly base: number;
  readonly step: number;
  readonly added?: Uint8Array | Uint16Array | Uint32Array | Float64Array;
}

/**
 * Offsets of records take about four bytes each, lengths one or two, and what rises evenly nothing: ten million records of a
 * variable length stay below 100 MB.
 */
export function compactNumbers(): CompactNumbers {
  const chunks: Chunk[] = [];
  const tail = new Float64Array(CHUNK);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(number) {
      tail[length & (CHUNK - 1)] = number;
      length++;
      if ((length & (CHUNK - 1)) === 0) chunks.push(sealed(tail));
    },
    at(place) {
      const chunk = chunks[place >>> CHUNK_BITS];
      const i = place & (CHUNK - 1);
      if (chunk === undefined) return place < length ? (tail[i] ?? 0) : 0;
      return chunk.base + i * chunk.step + (chunk.added?.[i] ?? 0);
    },
  };
}

function sealed(numbers: Float64Array): Chunk {
  const first = numbers[0] ?? 0;
  const step = (numbers[1] ?? 0) - first;
  if (numbers.every((number, i) => number === first + i * step)) return { base: first, step };
  // Spread over as many arguments as a chunk has numbers: well below what an engine takes.
  const base = Math.min(...numbers);
  const range = Math.max(...numbers) - base;
  const added = numbers.map((number) => number - base);
  return { base, step: 0, added: narrowest(added, range) };
}

function narrowest(
  numbers: Float64Array,
  range: number,
): Uint8Array | Uint16Array | Uint32Array | Float64Array {
  if (range < 0x100) return Uint8Array.from(numbers);
  if (range < 0x1_0000) return Uint16Array.from(numbers);
  return range < 0x1_0000_0000 ? Uint32Array.from(numbers) : numbers;
}
