// Knows: how lines of text show in some bytes.
// Must not know: where the bytes come from.

import type { RecordFormatOptions } from '../framing-of.ts';
import type { LineEnd } from '../line-ends.ts';
import { countOf, histogramOf, percent } from './bytes.ts';
import { chainOf } from './chain.ts';
import type { Sample, Scored } from './sample.ts';

interface Candidate {
  readonly ends: readonly LineEnd[];
  readonly bytes: readonly (readonly number[])[];
}

const ASCII: readonly Candidate[] = [
  { ends: ['CRLF'], bytes: [[0x0d, 0x0a]] },
  { ends: ['LF'], bytes: [[0x0a]] },
  { ends: ['CR'], bytes: [[0x0d]] },
];

const EBCDIC: readonly Candidate[] = [
  { ends: ['CRLF'], bytes: [[0x0d, 0x25]] },
  { ends: ['CRNEL'], bytes: [[0x0d, 0x15]] },
  { ends: ['NEL'], bytes: [[0x15]] },
  { ends: ['LF'], bytes: [[0x25]] },
];

export function scoreLines(sample: Sample): readonly Scored<RecordFormatOptions>[] {
  const { bytes, ebcdic } = sample;
  const counts = histogramOf(bytes);
  // Tab, form feed, shift codes and Ctrl-Z stand in texts; other control characters hardly do.
  const ends = ebcdic ? [0x0d, 0x15, 0x25] : [0x0d, 0x0a];
  const fine = ebcdic ? [0x05, 0x0c, 0x0e, 0x0f] : [0x09, 0x0c, 0x1a];
  const low = Array.from({ length: ebcdic ? 0x40 : 0x20 }, (_, byte) => byte);
  const odd = countOf(
    counts,
    low.filter((byte) => !ends.includes(byte) && !fine.includes(byte)),
  );
  const oddShare = odd / Math.max(1, bytes.length);
  const text = Math.max(0, 1 - 50 * oddShare);
  const scored = (ebcdic ? EBCDIC : ASCII).flatMap(({ ends: names, bytes: sequences }) => {
    const chain = chainOf(
      bytes,
      { kind: 'lines', ends: sequences.map((one) => Uint8Array.from(one)), mark: !ebcdic },
      sample.whole,
    );
    const [sequence = []] = sequences;
    const found = chain.broken === undefined && occurs(bytes, sequence) ? chain.records : 0;
    if (found < 2) return [];
    const lengths =
      chain.shortest === chain.longest
        ? `a line end after every ${chain.longest} bytes`
        : `lines of ${chain.shortest} to ${chain.longest} bytes`;
    const average = chain.bytes / found;
    const sensible = average < 2_000 ? 1 : 0.3;
    const others = ends.filter((byte) => !sequence.includes(byte));
    const left = countOf(counts, others) / Math.max(found, 1);
    const alone = sequence.length === 1 && precededByCr(bytes, sequence[0] ?? 0) > 0.5 ? 0.5 : 1;
    const score = 0.98 * text * sensible * alone * Math.max(0.2, 1 - left);
    return [
      {
        score,
        options: { format: 'text' as const, ends: names },
        evidence: `${found} × ${names.join()} (${sequence.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ')}): ${lengths}; ${percent(oddShare)} other control characters`,
      },
    ];
  });
  return scored;
}

function occurs(bytes: Uint8Array, sequence: readonly number[]): boolean {
  const [first = 0, second] = sequence;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (second === undefined || bytes[at + 1] === second) return true;
  }
  return false;
}

/** Share of these bytes that stand behind a CR. */
function precededByCr(bytes: Uint8Array, byte: number): number {
  let all = 0;
  let behind = 0;
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) {
    all++;
    if (at > 0 && bytes[at - 1] === 0x0d) behind++;
  }
  return all === 0 ? 0 : behind / all;
}
