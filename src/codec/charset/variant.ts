// Knows: what may stand behind a charset's name, as in ICU: `cp037,swaplfnl`.
// Must not know: charsets and their names.

import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import type { Leniency } from './contract.ts';
import type { SingleBytePage } from './single-byte.ts';

/**
 * `swaplfnl`: the bytes 15 and 25 are exchanged, so that 15, which ends lines in z/OS UNIX, is a line feed (and 25 is NEL).
 * `sub`: what has no counterpart becomes the substitute (3F, 1A in ASCII, FEFE for pairs, U+FFFD for undecodable bytes) instead
 * of being refused. `fallback`: characters that the page writes but reads back as another one (U+FF01 as "!") are written.
 */
export interface Variant extends Leniency {
  readonly swaplfnl: boolean;
}

const OPTIONS = ['fallback', 'sub', 'swaplfnl'] as const;

/** A name in its two parts, and how the options stand behind every name that has them: `,fallback,sub` or nothing. */
export function partsOf(name: string): {
  readonly base: string;
  readonly variant: Variant;
  readonly suffix: string;
} {
  const [base = '', ...given] = name.split(',').map((part) => part.trim());
  const words = given.map((word) => word.toLowerCase());
  const wrong = words.find((word) => !OPTIONS.some((option) => option === word));
  if (wrong !== undefined) {
    const shown = wrong.slice(0, 100);
    throw new Fault('invalid', `A charset has no option "${shown}".${didYouMean(shown, [...OPTIONS])}`, {
      code: 'unknown-charset',
      hint: `Behind the name may stand ${OPTIONS.map((option) => `",${option}"`).join(', ')}.`,
      misconfigured: true,
    });
  }
  const suffix = OPTIONS.filter((option) => words.includes(option)).map((option) => `,${option}`);
  return { base, variant: variantOf(words), suffix: suffix.join('') };
}

function variantOf(words: readonly string[]): Variant {
  return {
    fallback: words.includes('fallback'),
    sub: words.includes('sub'),
    swaplfnl: words.includes('swaplfnl'),
  };
}

const NEW_LINE = 0x15;
const LINE_FEED = 0x25;

/** The page with 15 and 25 exchanged. `undefined`: they are not NEL and line feed. */
export function swapLineEnds(page: SingleBytePage): SingleBytePage | undefined {
  if (page.toUnicode[NEW_LINE] !== 0x85 || page.toUnicode[LINE_FEED] !== 0x0a) return undefined;
  const toUnicode = page.toUnicode.slice();
  toUnicode[NEW_LINE] = 0x0a;
  toUnicode[LINE_FEED] = 0x85;
  return { ...page, toUnicode };
}

/** `swaplfnl` behind the name of a charset in which there is nothing to exchange. */
export function notSwappable(name: string): Fault {
  return new Fault(
    'invalid',
    `"swaplfnl" is for EBCDIC charsets with NEL at 15 and a line feed at 25: ${name} is none`,
    {
      code: 'unknown-charset',
      misconfigured: true,
    },
  );
}
