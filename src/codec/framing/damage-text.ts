// Knows: what a translation of characters does to a file that should not have been translated.
// Must not know: where the bytes come from.

import { openCharset } from '../charset.ts';
import type { Layout } from '../layout.ts';
import { binaryField } from './binary-field.ts';
import { countOf, type Family, familyOf, histogramOf, percent } from './evidence/bytes.ts';
import { chainOf } from './evidence/chain.ts';
import { packedFields } from './evidence/fields.ts';
import type { DiagnoseOptions, Finding } from './finding.ts';
import type { Framing } from './framing.ts';

/** `sample` begins with the first record's first byte. */
export function textDamage(sample: Uint8Array, options: DiagnoseOptions): readonly Finding[] {
  const counts = histogramOf(sample);
  const family = familyOf(counts);
  const packed = packedIn(sample, options);
  return [
    translated(counts, family, packed, options.layout),
    replaced(sample),
    mixed(family),
    newlinesInText(counts, family, options.framing),
    newlinesInPacked(packed),
  ].filter((finding) => finding !== undefined);
}

/** The packed fields of the first records. */
interface Packed {
  readonly fields: number;
  readonly badSigns: number;
  readonly badDigits: number;
  /** Blanks of ASCII (20) and EBCDIC (40) among their bytes, and all of them, the last ones left out. */
  readonly counts: Uint32Array;
}

function packedIn(sample: Uint8Array, { layout, framing }: DiagnoseOptions): Packed | undefined {
  if (layout === undefined) return undefined;
  const fields = packedFields(layout);
  if (fields.length === 0) return undefined;
  const counts = new Uint32Array(256);
  let seen = 0;
  let badSigns = 0;
  let badDigits = 0;
  for (const record of recordsOf(sample, layout, framing)) {
    for (const { offset, length, encoding } of fields) {
      if (offset + length > record.length) continue;
      const bytes = record.subarray(offset, offset + length);
      seen++;
      const signless = encoding.signless === true;
      const nibbles = [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
      const digits = signless ? nibbles : nibbles.slice(0, -1);
      if (!signless && (bytes.at(-1) ?? 0) % 16 < 10) badSigns++;
      if (digits.some((nibble) => nibble > 9)) badDigits++;
      for (const byte of signless ? bytes : bytes.subarray(0, -1)) counts[byte] = (counts[byte] ?? 0) + 1;
    }
  }
  return seen === 0 ? undefined : { fields: seen, badSigns, badDigits, counts };
}

/** Records whose packed fields are looked at: single bytes are counted. */
const COUNTED = 5_000;

function recordsOf(sample: Uint8Array, layout: Layout, framing: Framing | undefined): readonly Uint8Array[] {
  const shown = framing ?? { kind: 'fixed', length: layout.length, shown: layout.length, tail: 'fail' };
  // The margin is cut off already, and the sample may end anywhere.
  return chainOf(sample, { ...shown, header: 0 }, false, COUNTED).first;
}

/** The file went through a translation to ASCII, or was never EBCDIC. */
function translated(
  counts: Uint32Array,
  family: Family,
  packed: Packed | undefined,
  layout: Layout | undefined,
): Finding | undefined {
  if (layout === undefined) return undefined;
  const wanted = openCharset(layout.charset).family;
  const shares = `${percent(family.ascii)} of the bytes are letters, digits or blanks of ASCII, ${percent(family.ebcdic)} of EBCDIC`;
  const found = family.leaning < 0.25 ? 'ascii' : family.leaning > 0.75 ? 'ebcdic' : undefined;
  const bad = packed === undefined ? 0 : Math.max(packed.badSigns, packed.badDigits) / packed.fields;
  if (found === 'ascii' && packed !== undefined && bad > 0.05) {
    const signs = `${packed.badSigns} of ${packed.fields} packed fields have no sign nibble, ${packed.badDigits} a digit above 9`;
    const blanks = `the byte 40 occurs ${counts[0x40] ?? 0} times, 20 ${counts[0x20] ?? 0} times`;
    return {
      code: 'ascii-translated',
      message:
        'The file was translated from EBCDIC to ASCII, and its packed and binary fields with it: what they held cannot be restored',
      hint: 'Transfer the file again in binary mode, and read it with its EBCDIC charset.',
      evidence: `${shares}; ${signs}; ${blanks}`,
    };
  }
  if (found === undefined || found === wanted) return undefined;
  return {
    code: 'charset-mismatch',
    message: `The file looks like ${found.toUpperCase()}, and its charset is said to be ${layout.charset}`,
    hint:
      found === 'ascii' && binaryField(layout.nodes) === undefined
        ? 'It was translated, which text survives: set the charset to the one that it was translated into.'
        : 'Check the charset.',
    evidence: shares,
  };
}

/** EF BF BD is U+FFFD in UTF-8: a byte stood there that had no character. */
function replaced(sample: Uint8Array): Finding | undefined {
  let count = 0;
  for (let at = sample.indexOf(0xef); at >= 0; at = sample.indexOf(0xef, at + 1)) {
    if (sample[at + 1] === 0xbf && sample[at + 2] === 0xbd) count++;
  }
  if (count < 3) return undefined;
  return {
    code: 'replaced-characters',
    message:
      'The file was read as UTF-8 text and written again: bytes that are no text were replaced and cannot be restored',
    hint: 'Transfer the file again in binary mode, through nothing that takes it for text.',
    evidence: `${count} × EF BF BD, the replacement character U+FFFD`,
  };
}

function mixed({ ebcdic, ascii }: Family): Finding | undefined {
  if (Math.min(ebcdic, ascii) < 0.2) return undefined;
  return {
    code: 'ebcdic-ascii-mix',
    message: 'The file has EBCDIC and ASCII text in it',
    hint: 'Were files of different systems put together? A field of another charset can have its own under "fields".',
    evidence: `${percent(ascii)} of the bytes are letters, digits or blanks of ASCII, ${percent(ebcdic)} of EBCDIC`,
  };
}

/** What line ends become on their way, as bytes, and the option that reads them. */
const LINE_ENDS: readonly { readonly byte: number; readonly shown: string; readonly option: string }[] = [
  { byte: 0x15, shown: "NEL x'15'", option: 'NEL' },
  { byte: 0x25, shown: "LF x'25'", option: 'LF' },
  { byte: 0x0a, shown: "LF x'0A'", option: 'LF' },
  { byte: 0x85, shown: "NEL x'85'", option: 'NEL' },
];

/** Text whose lines end with something else than they are said to. */
function newlinesInText(
  counts: Uint32Array,
  { leaning }: Family,
  framing: Framing | undefined,
): Finding | undefined {
  if (framing?.kind !== 'lines') return undefined;
  const total = countOf(counts, counts.keys());
  const own = new Set(framing.ends.flatMap((end) => [...end.subarray(-1)]));
  const usual = Math.max(3, total / 1_000);
  if (countOf(counts, own) >= usual) return undefined;
  // 85 is the letter e in EBCDIC.
  const candidates = LINE_ENDS.filter(({ byte }) => !own.has(byte) && (byte !== 0x85 || leaning < 0.5));
  const other = candidates.find(({ byte }) => (counts[byte] ?? 0) >= usual);
  if (other === undefined) return undefined;
  return {
    code: 'newlines-changed',
    message: `The lines seem to end with ${other.shown}: a transfer has changed the line ends, or translated them one by one`,
    hint: `Set "ends" to [${other.option}] if the charset has it there, or transfer the file again.`,
    evidence: `${counts[other.byte] ?? 0} × ${other.shown}, and ${countOf(counts, own)} of the line ends that are configured`,
  };
}

/** A transfer that swaps 15 and 25, or makes one of the other, does so in packed numbers too. */
function newlinesInPacked(packed: Packed | undefined): Finding | undefined {
  // Where the fields are destroyed altogether, single bytes say nothing.
  if (packed === undefined || packed.badDigits > packed.fields / 20) return undefined;
  const { counts } = packed;
  const expected = countOf(counts, [0x13, 0x14, 0x16, 0x17, 0x23, 0x24, 0x26, 0x27]) / 8;
  const nl = counts[0x15] ?? 0;
  const lf = counts[0x25] ?? 0;
  if (expected < 12 || Math.min(nl, lf) > 0) return undefined;
  const [kept, lost] = nl === 0 ? ['25', '15'] : ['15', '25'];
  return {
    code: 'newlines-changed',
    message: `The byte ${lost} does not occur in the packed fields: a transfer has probably changed it as a line end, and the numbers with it`,
    hint: 'Transfer the file again in binary mode; what was changed cannot be told from what was not.',
    evidence: `in ${packed.fields} packed fields 15 occurs ${nl} times, 25 ${lf} times, and their neighbours ${Math.round(expected)} times each (${kept} stays)`,
  };
}
