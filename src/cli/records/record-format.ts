// Knows: how flags become the framing of a file.
// Must not know: files, flags of other kinds.

import type { Framing } from '../../codec/framing/framing.ts';
import {
  framingOf,
  LINE_ENDS,
  RECORD_FORMATS,
  type RecordFormatOptions,
} from '../../codec/framing/framing-of.ts';
import type { Layout } from '../../codec/layout.ts';
import { didYouMean } from '../../model/naming.ts';
import { type Given, textOf, UsageError } from '../command.ts';
import { numberOf, oneOf } from './record-flags.ts';

/** The framing of the input; F unless told otherwise. */
export function framingFlags(layout: Layout, given: Given): Framing {
  return framingOf(layout, formatFlags(given, ''));
}

/** `prefix`: `to-` for the flags that are about the output. */
export function formatFlags(given: Given, prefix: '' | 'to-'): RecordFormatOptions {
  const flag = (name: string): string => prefix + name;
  const number = (name: string): number | undefined => numberOf(given, flag(name));
  const variant = oneOf(given, flag('varseq'), ['0', '1', '2', '3']);
  const ends = textOf(given, flag('ends'))
    ?.split(',')
    .map((word) => lineEnd(word.trim().toUpperCase()));
  const known: Partial<Record<keyof RecordFormatOptions, unknown>> = {
    format: oneOf(given, flag('format'), RECORD_FORMATS) ?? 'F',
    length: number('length'),
    slack: given[flag('slack')] === true ? true : undefined,
    tail: oneOf(given, flag('tail'), ['fail', 'ignore-tail']),
    rdw: oneOf(given, flag('rdw'), ['big', 'little']),
    inclusive: given[flag('rdw-exclusive')] === true ? false : undefined,
    adjust: number('rdw-adjust'),
    ends,
    variant: variant === undefined ? undefined : Number(variant),
    header: number('header'),
    trailer: number('trailer'),
    lengthFrom: textOf(given, flag('length-from')),
  };
  const told = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  // cast: the members above have the types of the options, and those without a value are left out.
  return told as unknown as RecordFormatOptions;
}

function lineEnd(word: string): (typeof LINE_ENDS)[number] {
  const known = LINE_ENDS.find((end) => end === word);
  if (known !== undefined) return known;
  throw new UsageError(`--ends takes ${LINE_ENDS.join(', ')}, not "${word}".${didYouMean(word, LINE_ENDS)}`);
}
