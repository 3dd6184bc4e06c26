// Knows: how the options of the YAML become options of a copybook's layout.
// Must not know: bytes, files.

import { openCharset } from '#codec/charset';
import type { LayoutOptions } from '#codec/layout';
import type { CollectionOptions } from './options.ts';
import { fieldPolicies, given } from './policies.ts';
import type { PolicyOptions } from './policy-options.ts';

/** `charset`: of the file. */
export function layoutOptions(
  options: CollectionOptions,
  { charset, defaults }: { readonly charset: string; readonly defaults?: PolicyOptions | undefined },
): LayoutOptions {
  const { records, dialect, byteOrder, floats, odo, pointerBytes, redefines = {} } = options;
  const { format = 'F', slack = false } = records ?? {};
  return {
    ...fieldPolicies(options, defaults),
    ...given({ dialect, byteOrder, floats, odo, pointerBytes }),
    charset: openCharset(charset).name,
    flexible: format === 'text',
    // A record of one length does not tell how many elements of its tables there are: what they leave is no part of it.
    slack: slack || format === 'F' || format === 'FB',
    redefines: Object.fromEntries(
      Object.entries(redefines).map(([item, { when, name }]) => [item, { when, ...given({ name }) }]),
    ),
  };
}
