// Knows: how an elementary COBOL item is stored: its encoding, and the type that the API shows.
// Must not know: offsets, groups, sizes of items.

import type { Scalar } from '../../model/type.ts';
import { openCharset } from '../charset.ts';
import type { Edit, EditPosition, Item, Picture } from '../copybook/tree.ts';
import type {
  BinaryEncoding,
  Digits,
  NumberEncoding,
  SignPlace,
  SubjectEncoding,
  TextEncoding,
} from '../encoding.ts';
import type { FieldPolicy } from '../layout.ts';
import { unscaledRange } from '../scalars/numbers.ts';
import type { StorageRules } from './dialect.ts';
import { itemFault } from './item-text.ts';

/** What an item's encoding depends on beside the item. */
export interface Stored {
  readonly policy: FieldPolicy;
  readonly charset: string;
  readonly rules: StorageRules;
  /** Bytes of the item. */
  readonly length: number;
}

/** How an item's bytes are read; a group is text (its conditions look at it so). */
export function itemEncoding(item: Item, how: Stored): SubjectEncoding {
  const { picture, usage } = item;
  const { policy, rules, length } = how;
  switch (usage) {
    case 'comp-1':
      return { kind: 'float', format: rules.floats, bytes: 4, order: rules.byteOrder };
    case 'comp-2':
      return { kind: 'float', format: rules.floats, bytes: 8, order: rules.byteOrder };
    case 'float-binary-32':
    case 'float-binary-64':
      return {
        kind: 'float',
        format: 'ieee',
        bytes: usage === 'float-binary-32' ? 4 : 8,
        order: rules.byteOrder,
      };
    case 'binary-char':
    case 'binary-short':
    case 'binary-long':
    case 'binary-double':
      return wholeBytes(length, item.signed ?? true, rules);
    case 'index':
    case 'pointer':
    case 'pointer-32':
    case 'function-pointer':
    case 'procedure-pointer':
    case 'object-reference':
      if (item.children.length === 0) return { kind: 'bytes' };
  }
  if (picture === undefined) return itemText(openCharset(policy.charset ?? how.charset).name, item, policy);
  return picture.category === 'numeric' ? numericEncoding(item, picture, how) : pictured(item, picture, how);
}

/** COBOL compares a number behind an edited picture as the text that it is. */
export function conditionSubject(item: Item, how: Stored): SubjectEncoding {
  const encoding = itemEncoding(item, how);
  return encoding.kind === 'edited' && item.picture?.category === 'numeric-edited'
    ? { kind: 'text', charset: encoding.charset, trim: 'right' }
    : encoding;
}

function itemText(charset: string, { justified }: Item, { trim }: FieldPolicy): TextEncoding {
  return justified === true
    ? { kind: 'text', charset, trim: trim ?? 'left', justify: 'right' }
    : { kind: 'text', charset, trim: trim ?? 'right' };
}

/** Everything that has a picture and is no plain number. */
function pictured(item: Item, picture: Picture, how: Stored): SubjectEncoding {
  const { policy, length, rules } = how;
  const { category, digits, scale, signed } = picture;
  if (item.usage === 'comp-x' || item.usage === 'comp-n') return wholeBytes(length, false, rules, item.usage);
  const charset = charsetOf(item, picture, how);
  switch (category) {
    case 'numeric-edited': {
      const edit = picture.edit;
      if (edit === undefined)
        throw itemFault(item, `has the picture ${picture.text}, which is not written out`);
      const blankWhenZero = item.blankWhenZero === true;
      return { kind: 'edited', digits, scale, signed, charset, edit, blankWhenZero };
    }
    case 'explicit-point':
      return {
        kind: 'number-text',
        digits,
        scale,
        signed,
        family: openCharset(charset).family,
        point: 'explicit',
        ...(picture.point === ',' ? { pointSymbol: ',' } : {}),
        ...(signed ? { sign: signPlace(item) } : {}),
      };
    case 'external-float':
      return { kind: 'float-text', charset, picture: picture.text };
    default:
      return itemText(charset, item, policy);
  }
}

/** The charset of characters: a field's own one, that of its usage, or the record's. */
function charsetOf(item: Item, { category, text }: Picture, { policy, charset }: Stored): string {
  if (policy.charset !== undefined) return openCharset(policy.charset).name;
  if (item.usage === 'national') return openCharset('utf-16be').name;
  if (item.usage === 'utf-8') return openCharset('utf-8').name;
  if (item.usage !== 'display-1' && category !== 'dbcs') return openCharset(charset).name;
  const own = openCharset(charset);
  const { dbcs } = own;
  if (dbcs !== undefined) return openCharset(dbcs).name;
  // A record in UTF-16 or in double bytes alone has the right characters already.
  if (own.width === 2) return own.name;
  throw itemFault(
    item,
    `has the picture ${text}, double-byte characters, and the charset ${own.name} has none`,
    'Set a charset with double bytes for the record (cp930, cp939, cp1388 …), or one of double bytes alone for the field (cp300)',
  );
}

function numericEncoding(item: Item, picture: Picture, how: Stored): NumberEncoding {
  const { policy, rules, length } = how;
  const { digits, scale } = picture;
  const signed = picture.signed || item.sign?.separate === true;
  const number: Digits = { digits, scale, signed };
  switch (item.usage) {
    case 'comp':
      return { kind: 'binary', ...number, bytes: length, order: 'big', trunc: policy.trunc ?? 'std' };
    case 'comp-9':
      return { kind: 'binary', ...number, bytes: length, order: 'little', trunc: policy.trunc ?? 'std' };
    case 'comp-x':
      return { kind: 'binary', ...number, bytes: length, order: 'big', trunc: 'bin' };
    case 'comp-5':
    case 'comp-n':
      return { kind: 'binary', ...number, bytes: length, order: rules.byteOrder, trunc: 'bin' };
    case 'comp-3':
      return { kind: 'packed', ...number };
    case 'comp-6':
      return { kind: 'packed', ...number, signless: true };
    case 'national':
      return nationalNumber(item, number, charsetOf(item, picture, how));
    default: {
      const charset = openCharset(policy.charset ?? how.charset);
      // Blanks for zero: the picture is edited, with nothing but digits in it.
      if (item.blankWhenZero === true && !signed) {
        const edit = digitsOnly(number);
        return { kind: 'edited', ...number, charset: charset.name, edit, blankWhenZero: true };
      }
      const zones = policy.zones === 'ignore' ? { zones: 'ignore' as const } : {};
      return { kind: 'zoned', ...number, sign: signPlace(item), family: charset.family, ...zones };
    }
  }
}

/** Digits in UTF-16, with the sign beside them: what an edited picture of digits shows (Language Reference, "SIGN clause"). */
function nationalNumber(item: Item, number: Digits, charset: string): NumberEncoding {
  const { sign, blankWhenZero = false } = item;
  if (number.signed && sign?.separate !== true) {
    throw itemFault(
      item,
      'is a signed number in national characters without SIGN SEPARATE, which no compiler takes',
    );
  }
  const { positions, currency } = digitsOnly(number);
  const shown: EditPosition = { kind: 'sign', symbol: '+' };
  const signedPositions = sign?.leading === true ? [shown, ...positions] : [...positions, shown];
  const edit = { positions: number.signed ? signedPositions : positions, currency };
  return { kind: 'edited', ...number, charset, edit, blankWhenZero };
}

function digitsOnly({ digits, scale }: Digits): Edit {
  const positions = Array.from({ length: digits }, (): EditPosition => ({ kind: 'digit' }));
  if (scale > 0 && scale <= digits) positions.splice(digits - scale, 0, { kind: 'implied-point' });
  return { positions, currency: '$' };
}

function signPlace({ sign }: Item): SignPlace {
  const side = sign?.leading === true ? 'leading' : 'trailing';
  return sign?.separate === true ? `${side}-separate` : side;
}

/** A binary number without a picture of digits: all its bits count. COMP-X is big-endian on every machine. */
function wholeBytes(
  bytes: number,
  signed: boolean,
  rules: StorageRules,
  usage?: Item['usage'],
): BinaryEncoding {
  const digits = (2n ** BigInt(8 * bytes - (signed ? 1 : 0)) - 1n).toString().length;
  const order = usage === 'comp-x' ? 'big' : rules.byteOrder;
  return { kind: 'binary', digits, scale: 0, signed, bytes, order, trunc: 'bin' };
}

/** The type of an item of `length` bytes. */
export function typeOfEncoding(encoding: SubjectEncoding, length: number): Scalar {
  switch (encoding.kind) {
    case 'text': {
      const { width } = openCharset(encoding.charset);
      return { kind: 'string', length: width === 2 ? length / 2 : length };
    }
    case 'float':
    case 'float-text':
      return { kind: 'float64' };
    case 'bytes':
      return { kind: 'bytes' };
    default:
      return typeOfNumber(encoding);
  }
}

/** The narrowest type that holds every number of the field: up to 9 digits int32, up to 18 int64, everything else decimal. */
export function typeOfNumber(encoding: NumberEncoding): Scalar {
  const scale = Math.max(encoding.scale, 0);
  const { min, max } = rangeOf(encoding);
  if (scale === 0 && min >= -(2n ** 31n) && max < 2n ** 31n) return { kind: 'int32' };
  if (scale === 0 && min >= -(2n ** 63n) && max < 2n ** 63n) return { kind: 'int64' };
  return { kind: 'decimal', precision: Math.max(max.toString().length, scale), scale };
}

/** P adds zeros to the number without its point. */
function rangeOf(encoding: NumberEncoding): { readonly min: bigint; readonly max: bigint } {
  const zeros = 10n ** BigInt(Math.max(-encoding.scale, 0));
  const { min, max } = unscaledRange(encoding);
  return { min: min * zeros, max: max * zeros };
}
