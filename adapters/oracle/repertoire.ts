// Knows: which characters an older character set of a database surely holds. What it does not hold would be kept as another
// character, without a word. Must not know: columns, SQL.

import { charsetOf } from './charset.ts';

/** Oracle's name → the name under which the platform decodes the same set, of one byte for each character. */
const SINGLE_BYTE: Readonly<Record<string, string>> = {
  WE8MSWIN1252: 'windows-1252',
  EE8MSWIN1250: 'windows-1250',
  CL8MSWIN1251: 'windows-1251',
  EL8MSWIN1253: 'windows-1253',
  TR8MSWIN1254: 'windows-1254',
  IW8MSWIN1255: 'windows-1255',
  AR8MSWIN1256: 'windows-1256',
  BLT8MSWIN1257: 'windows-1257',
  EE8ISO8859P2: 'iso-8859-2',
  SE8ISO8859P3: 'iso-8859-3',
  NEE8ISO8859P4: 'iso-8859-4',
  CL8ISO8859P5: 'iso-8859-5',
  EL8ISO8859P7: 'iso-8859-7',
  WE8ISO8859P15: 'iso-8859-15',
  CL8KOI8R: 'koi8-r',
};

/** Whether a text is kept as it is. Of sets that are not in the table: plain ASCII. */
export function holds(charset: string): (text: string) => boolean {
  const kind = charsetOf(charset);
  if (kind === 'unicode' || kind === 'cesu') return (text) => text.isWellFormed();
  if (kind === 'latin1') return (text) => /^[\0-\xff]*$/.test(text);
  const label = Object.hasOwn(SINGLE_BYTE, charset) ? SINGLE_BYTE[charset] : undefined;
  if (label === undefined) return (text) => /^[\0-\x7f]*$/.test(text);
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  // Control characters stand where the set has nothing.
  const known = new Set(
    [...new TextDecoder(label).decode(bytes)].filter((point) => !/[\x80-\x9f\ufffd]/.test(point)),
  );
  return (text) => [...text].every((point) => known.has(point));
}
