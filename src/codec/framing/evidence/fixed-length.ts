// Knows: how records of one length show in some bytes.
// Must not know: where the bytes come from.

import type { RecordFormatOptions } from '../framing-of.ts';
import { percent } from './bytes.ts';
import { fieldShare } from './fields.ts';
import { divisors, type Period, periodOf } from './period.ts';
import type { Sample, Scored } from './sample.ts';

/** Greatest record length of z/OS. */
const LONGEST = 32_760;

export function scoreFixed({ bytes, fileSize, layout }: Sample): readonly Scored<RecordFormatOptions>[] {
  const scored: Scored<RecordFormatOptions>[] = [];
  const described = layout?.length;
  if (layout !== undefined && described !== undefined && bytes.length >= described) {
    const { share } = fieldShare(firstRecords(bytes, described), layout);
    const rest = fileSize % described;
    const fits =
      rest === 0
        ? `the file is ${fileSize / described} × the layout's ${described} bytes`
        : `${rest} bytes remain behind the last whole record of the layout's ${described} bytes`;
    scored.push({
      score: (rest === 0 ? 0.97 : 0.4) * (0.1 + 0.9 * share),
      options: { format: 'F', ...(rest === 0 ? {} : { tail: 'ignore-tail' as const }) },
      evidence: `${fits}; ${percent(share)} of its fields decode there`,
    });
  }
  const period = periodOf(bytes, divisors(fileSize, 2, LONGEST));
  if (period !== undefined && period.length !== described) {
    scored.push({
      score: 0.9 * Math.min(1, 2 * period.peak) * (layout === undefined ? 1 : 0.5),
      options: { format: 'F', length: period.length },
      evidence: `${evidenceOf(period)}; the file is ${fileSize / period.length} × ${period.length} bytes`,
    });
  }
  return scored;
}

export function evidenceOf({ length, share, beside }: Period): string {
  return `${percent(share)} of the bytes ${length} bytes apart are of one kind (letter, digit, sign …), and ${percent(beside)} of those one byte more or less apart`;
}

export function firstRecords(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  const count = Math.min(50, Math.floor(bytes.length / length));
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * length, (i + 1) * length));
}
