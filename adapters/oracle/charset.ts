// Knows: what the character set of a database says about comparing its texts by their bytes.
// Must not know: columns, SQL.

/**
 * `unicode`: bytes sort as code points. `cesu`: holds all of Unicode, and characters beyond U+FFFF sort below some others. `latin1`: a
 * byte is a code point. `bmp`: an older set, whose characters all lie up to U+FFFF. `wide`: an older set with some beyond. `ascii`: any,
 * of which a column uses no more than that.
 */
export type Charset = 'unicode' | 'cesu' | 'latin1' | 'bmp' | 'wide' | 'ascii';

/** Bytes sort as code points. */
export function sortsAsWe(charset: Charset): boolean {
  return charset === 'unicode' || charset === 'latin1' || charset === 'ascii';
}

const WIDE = new Set(['ZHS32GB18030', 'ZHT16HKSCS', 'ZHT16HKSCS31', 'ZHT32EUC', 'AL16UTF16']);

/** By the name that NLS_DATABASE_PARAMETERS has for it. */
export function charsetOf(name: string): Charset {
  switch (name) {
    case 'AL32UTF8':
      return 'unicode';
    case 'UTF8':
    case 'AL24UTFFSS':
    case 'UTFE':
      return 'cesu';
    case 'WE8ISO8859P1':
      return 'latin1';
    default:
      return WIDE.has(name) ? 'wide' : 'bmp';
  }
}
