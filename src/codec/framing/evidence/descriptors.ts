// Knows: record formats whose records carry their length before them, and how well each explains some bytes.
// Must not know: where the bytes come from.

import type { Framing } from '../framing.ts';
import type { RecordFormatOptions } from '../framing-of.ts';
import { percent } from './bytes.ts';
import { type Chain, certainty, chainOf } from './chain.ts';
import { fieldShare } from './fields.ts';
import type { Sample, Scored } from './sample.ts';

interface Candidate {
  readonly options: RecordFormatOptions;
  readonly framing: Framing;
  /** What is followed, for people. */
  readonly what: string;
  /** Bits of a record's descriptor that are checked by themselves. */
  readonly bits: number;
  /** Where several explain the same bytes equally well, this one is less likely. */
  readonly weight: number;
}

function rdw(format: 'V' | 'VB' | 'VS' | 'VBS', order: 'big' | 'little', inclusive: boolean): Candidate {
  const blocks = format === 'VB' || format === 'VBS';
  const spanned = format === 'VS' || format === 'VBS';
  const usual = inclusive === (order === 'big');
  return {
    options: {
      format,
      ...(order === 'big' ? {} : { rdw: order }),
      ...(usual ? {} : { inclusive }),
    },
    framing: { kind: 'rdw', order, inclusive, adjust: 0, blocks, spanned },
    what: `${order === 'little' ? 'little-endian ' : ''}${blocks ? 'BDWs and ' : ''}RDWs (lengths ${inclusive ? 'with' : 'without'} their own 4 bytes)`,
    bits: 16,
    // Blocks explain more than their absence; segments explain records that have none as well.
    weight: (blocks ? 1 : 0.97) * (spanned ? 0.9 : 1) * (usual ? 1 : 0.98),
  };
}

const CANDIDATES: readonly Candidate[] = [
  ...(['V', 'VB', 'VS', 'VBS'] as const).map((format) => rdw(format, 'big', true)),
  rdw('V', 'big', false),
  rdw('V', 'little', false),
  rdw('V', 'little', true),
  rdw('VB', 'little', true),
  ...([0, 1, 2, 3] as const).map(
    (variant): Candidate => ({
      options: { format: 'gnucobol', ...(variant === 0 ? {} : { variant }) },
      framing: { kind: 'gnucobol', variant },
      what: `lengths as GnuCOBOL's format ${variant} has them`,
      bits: variant === 3 ? 2 : 16,
      weight: 0.94,
    }),
  ),
  {
    options: { format: 'mf' },
    framing: { kind: 'mf', variant: 0 },
    what: 'the file header of Micro Focus and its record headers',
    bits: 24,
    weight: 1,
  },
];

export function scoreDescriptors(sample: Sample): readonly Scored<RecordFormatOptions>[] {
  const { bytes, whole } = sample;
  const tried = CANDIDATES.map((candidate) => ({
    candidate,
    chain: chainOf(bytes, candidate.framing, whole),
  }));
  const blocked = tried.some(
    ({ candidate, chain }) =>
      'blocks' in candidate.framing && candidate.framing.blocks && scoreOf(candidate, chain) > 0.5,
  );
  return tried.flatMap(({ candidate, chain }) => {
    let score = scoreOf(candidate, chain);
    if (score === 0) return [];
    const notes: string[] = [evidenceOf(candidate, chain, whole)];
    // A BDW has the shape of an RDW: without blocks each block looks like one record.
    const isRdw = candidate.framing.kind !== 'rdw' || !candidate.framing.blocks;
    if (blocked && isRdw) {
      score *= 0.4;
      notes.push('the "records" seem to be blocks');
    }
    const { layout } = sample;
    if (layout !== undefined) {
      const { share } = fieldShare(chain.first, layout);
      // A chain speaks for itself: of several record types, the layout describes one.
      score *= 0.45 + 0.55 * share;
      notes.push(
        `${percent(share)} of the layout's fields decode in the first ${chain.first.length} records`,
      );
    }
    return [{ score, options: candidate.options, evidence: notes.join('; ') }];
  });
}

function scoreOf({ framing, bits, weight }: Candidate, chain: Chain): number {
  if (framing.kind === 'mf') return chain.broken === undefined && chain.bytes >= 128 ? 1 : 0;
  const spanned = framing.kind === 'rdw' && framing.spanned;
  return certainty(chain, bits) * weight * (spanned && chain.joined === 0 ? 0.5 : 1);
}

function evidenceOf({ what }: Candidate, chain: Chain, whole: boolean): string {
  const { records, shortest, longest } = chain;
  const lengths = shortest === longest ? `${longest} bytes each` : `${shortest} to ${longest} bytes`;
  return `${what} chain through ${records} records (${lengths}) to the end of the ${whole ? 'file' : 'sample'}`;
}
