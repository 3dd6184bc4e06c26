// Knows: what transfers do to mainframe files: all findings about one.
// Must not know: where the bytes come from, and what is done about it.

import { framingDamage } from './damage-framing.ts';
import { textDamage } from './damage-text.ts';
import type { DiagnoseOptions, Finding } from './finding.ts';

export type { DiagnoseOptions, Finding };

/** `sample`: the beginning of the file, best 64 KiB or more. None for a file that looks sound; those about characters come first. */
export function diagnose(sample: Uint8Array, options: DiagnoseOptions = {}): readonly Finding[] {
  if (sample.length === 0) return [];
  const { header = 0 } = options.framing ?? {};
  return [...textDamage(sample.subarray(header), options), ...framingDamage(sample, options)];
}
