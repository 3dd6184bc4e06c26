// Knows: how many bytes an elementary item takes, and on which boundary SYNCHRONIZED puts it.
// Must not know: offsets, groups, encodings.

import type { Item } from '../copybook/tree.ts';
import type { StorageRules } from './dialect.ts';

/** Bytes of an elementary item (Enterprise COBOL Language Reference, "USAGE clause" and "Character-string and item size"). */
export function storageBytes(item: Item, rules: StorageRules): number {
  const { picture, usage } = item;
  const signed = item.signed ?? picture?.signed ?? false;
  switch (usage) {
    case 'comp-1':
    case 'float-binary-32':
      return 4;
    case 'comp-2':
    case 'float-binary-64':
      return 8;
    case 'binary-char':
      return 1;
    case 'binary-short':
      return 2;
    case 'binary-long':
      return 4;
    case 'binary-double':
      return 8;
    case 'index':
    case 'pointer-32':
      return 4;
    case 'procedure-pointer':
      return rules.synchronized === 'ibm' ? 8 : rules.pointerBytes;
    case 'pointer':
    case 'function-pointer':
    case 'object-reference':
      return rules.pointerBytes;
  }
  if (picture === undefined) return 0;
  const { digits, positions } = picture;
  switch (usage) {
    case 'comp':
    case 'comp-5':
      return binaryBytes(digits, signed, rules.binarySizes);
    case 'comp-9':
      return binaryBytes(digits, signed, '2-4-8');
    case 'comp-x':
    case 'comp-n':
      return picture.category === 'numeric' ? fewestBytes(digits, signed) : positions;
    case 'comp-3':
      return Math.floor(digits / 2) + 1;
    case 'comp-6':
      return Math.ceil(digits / 2);
    case 'national':
    case 'display-1':
      return 2 * (positions + separateSign(item));
    case 'utf-8':
      // One to four bytes a character, and room for the longest ones ("Defining UTF-8 data items").
      return item.byteLength ?? 4 * positions;
    case 'display':
      return picture.category === 'national' || picture.category === 'dbcs'
        ? 2 * positions
        : positions + separateSign(item);
  }
}

/** SIGN SEPARATE takes a byte, and found in the field it does so where the picture has no S too. */
function separateSign({ picture, sign }: Item): number {
  return picture?.category === 'numeric' && sign?.separate === true ? 1 : 0;
}

function binaryBytes(digits: number, signed: boolean, sizes: StorageRules['binarySizes']): number {
  if (sizes === 'shortest') return fewestBytes(digits, signed);
  if (sizes === '1-2-4-8' && digits <= 2) return 1;
  if (digits <= 4) return 2;
  if (digits <= 9) return 4;
  if (digits <= 18) return 8;
  // IBM's compilers have no binary numbers of more than 18 digits. GnuCOBOL 3.2 gives them 16 bytes, other writers as few as will do.
  return sizes === '1-2-4-8' ? 16 : fewestBytes(digits, true);
}

/** As few bytes as hold every number of so many digits. */
function fewestBytes(digits: number, signed: boolean): number {
  const most = 10n ** BigInt(digits) - 1n;
  let bytes = 1;
  while (2n ** BigInt(8 * bytes - (signed ? 1 : 0)) <= most) bytes++;
  return bytes;
}

/** The boundary of a SYNCHRONIZED item: its offset is a multiple of this number. 1 for items that it says nothing about. */
export function boundary(item: Item, rules: StorageRules): number {
  if (item.synchronized !== true || rules.synchronized === 'ignored') return 1;
  switch (item.usage) {
    case 'comp-1':
    case 'float-binary-32':
    case 'index':
    case 'pointer-32':
      return 4;
    case 'comp-2':
    case 'float-binary-64':
      return 8;
    case 'pointer':
    case 'function-pointer':
    case 'procedure-pointer':
    case 'object-reference':
      return rules.pointerBytes;
    case 'comp':
    case 'comp-5':
    case 'comp-9':
    case 'comp-n':
    case 'comp-x':
    case 'binary-char':
    case 'binary-short':
    case 'binary-long':
    case 'binary-double':
      return binaryBoundary(storageBytes(item, rules), rules);
    default:
      return 1;
  }
}

/** IBM: 2 up to four digits, 4 for all that have more ("Slack bytes within records"). */
function binaryBoundary(bytes: number, { synchronized }: StorageRules): number {
  if (synchronized === 'ibm') return Math.min(bytes, 4);
  return bytes === 2 || bytes === 4 || bytes === 8 ? bytes : 1;
}
