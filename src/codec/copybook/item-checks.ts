// Knows: which clauses an item may have by its category, and which literals are values of it.
// Must not know: source text, how entries nest.

import { type Place, quoted, syntax } from './copybook-faults.ts';
import type { ItemEntry } from './entries.ts';
import type { Literal, Picture, Usage } from './tree.ts';

type Category = Picture['category'];

/** The categories that a usage can store; none: it takes no PICTURE. */
const CATEGORIES: Readonly<Record<Usage, readonly Category[]>> = {
  display: [
    'alphabetic',
    'alphanumeric',
    'alphanumeric-edited',
    'numeric',
    'numeric-edited',
    'explicit-point',
    'external-float',
  ],
  'display-1': ['dbcs'],
  national: ['national', 'numeric', 'numeric-edited', 'explicit-point', 'external-float'],
  'utf-8': ['utf-8'],
  comp: ['numeric'],
  'comp-3': ['numeric'],
  'comp-6': ['numeric'],
  'comp-9': ['numeric'],
  'comp-n': ['numeric'],
  // Micro Focus: X(n) is an integer of n bytes.
  'comp-5': ['numeric', 'alphanumeric'],
  'comp-x': ['numeric', 'alphanumeric'],
  'comp-1': [],
  'comp-2': [],
  'float-binary-32': [],
  'float-binary-64': [],
  'binary-char': [],
  'binary-short': [],
  'binary-long': [],
  'binary-double': [],
  index: [],
  pointer: [],
  'pointer-32': [],
  'function-pointer': [],
  'procedure-pointer': [],
  'object-reference': [],
};

export function takesPicture(usage: Usage): boolean {
  return CATEGORIES[usage].length > 0;
}

export function called({ name }: ItemEntry): string {
  return name === undefined ? 'The unnamed item' : quoted(name);
}

/** An elementary item: its picture and usage go together, and with its other clauses. */
export function checkElementary(entry: ItemEntry, picture: Picture | undefined, usage: Usage): void {
  if (picture === undefined) {
    if (takesPicture(usage)) {
      throw syntax(entry.place, `${called(entry)} has no PICTURE, and nothing stands below it`);
    }
  } else {
    checkUsage(entry, picture, usage);
  }
  checkForm(entry, picture, usage);
  if (entry.sign !== undefined && !holdsSign(picture, usage)) {
    throw syntax(entry.sign.place, 'SIGN needs a number of USAGE DISPLAY or NATIONAL');
  }
  if (entry.value !== undefined) checkValue(entry.value.is, entry.value.place, picture, usage);
}

function checkUsage(entry: ItemEntry, picture: Picture, usage: Usage): void {
  const place = entry.usage?.place ?? entry.picture?.place ?? entry.place;
  const categories = CATEGORIES[usage];
  const upper = usage.toUpperCase();
  if (categories.length === 0) throw syntax(place, `USAGE ${upper} takes no PICTURE`);
  if (!categories.includes(picture.category)) {
    const needs =
      usage === 'display-1'
        ? '`G` or `N`'
        : usage === 'utf-8'
          ? '`U`'
          : usage === 'national'
            ? '`N` or a number'
            : usage === 'display'
              ? 'characters of one byte'
              : 'a number';
    throw syntax(
      place,
      `USAGE ${upper} needs ${needs}, the PICTURE ${quoted(picture.text)} is ${picture.category}`,
    );
  }
  if (usage === 'comp-6' && picture.signed) throw syntax(place, 'USAGE COMP-6 has no room for a sign (`S`)');
}

/** JUSTIFIED is for text, BLANK WHEN ZERO for numbers that are shown. */
function checkForm(entry: ItemEntry, picture: Picture | undefined, usage: Usage): void {
  const { justified, 'blank when zero': blank, 'byte-length': bytes } = entry;
  if (bytes !== undefined) {
    const isOne = picture?.category === 'utf-8' && picture.positions === 1;
    if (!isOne) throw syntax(bytes.place, 'BYTE-LENGTH needs the PICTURE `U`');
    if (bytes.is === 0) throw syntax(bytes.place, 'BYTE-LENGTH is at least 1');
  }
  const isText = picture !== undefined && picture.digits === 0;
  if (justified !== undefined && !isText) throw syntax(justified.place, 'JUSTIFIED needs a text');
  if (blank === undefined) return;
  const category = picture?.category ?? 'alphanumeric';
  const isShown = ['numeric', 'numeric-edited', 'explicit-point'].includes(category);
  if (!isShown || (usage !== 'display' && usage !== 'national')) {
    throw syntax(blank.place, 'BLANK WHEN ZERO needs a number of USAGE DISPLAY or NATIONAL');
  }
  if (/^S/i.test(picture?.text ?? '')) throw syntax(blank.place, 'BLANK WHEN ZERO cannot stand with `S`');
  const stars = picture?.edit?.positions.some(
    (position) => position.kind === 'suppress' && position.symbol === '*',
  );
  if (stars === true) throw syntax(blank.place, 'BLANK WHEN ZERO cannot stand with `*`');
}

/** A number whose sign SIGN can place. */
export function holdsSign(picture: Picture | undefined, usage: Usage): boolean {
  const kinds: readonly (Category | undefined)[] = ['numeric', 'explicit-point'];
  return (
    picture?.signed === true &&
    kinds.includes(picture.category) &&
    (usage === 'display' || usage === 'national')
  );
}

/**
 * Enterprise COBOL Language Reference, "VALUE clause". Not refused, since copybooks of other compilers have them: a number
 * for a text, text of digits alone for a number, any figurative constant, literals that are too long for the item.
 */
export function checkValue(literal: Literal, place: Place, picture: Picture | undefined, usage: Usage): void {
  if (literal.kind === 'figurative') return;
  const refuse = (what: string): Error => syntax(place, `The value of ${what}`);
  if (/pointer|object|index/.test(usage)) {
    if (usage !== 'index' || literal.kind !== 'number')
      throw refuse(`USAGE ${usage.toUpperCase()} can only be NULL`);
    return;
  }
  if (!isNumeric(picture, usage)) {
    checkText(literal, place, picture);
    return;
  }
  if (literal.kind === 'text' && /^\d+$/.test(literal.text)) return;
  if (literal.kind === 'hex' && (usage === 'comp-x' || usage === 'comp-5')) return;
  if (literal.kind === 'all' && literal.of.kind === 'text' && /^\d+$/.test(literal.of.text)) return;
  if (literal.kind !== 'number') throw refuse('a number is a number');
  if (picture !== undefined && picture.category === 'numeric') checkRange(literal.text, place, picture);
}

function isNumeric(picture: Picture | undefined, usage: Usage): boolean {
  if (picture !== undefined)
    return ['numeric', 'explicit-point', 'external-float'].includes(picture.category);
  return !takesPicture(usage);
}

/** `picture` is absent for a group. */
function checkText(literal: Literal, place: Place, picture: Picture | undefined): void {
  const inner = literal.kind === 'all' ? literal.of : literal;
  const category = picture?.category;
  const isWide = category === 'national' || category === 'dbcs';
  if (
    category !== undefined &&
    !isWide &&
    category !== 'utf-8' &&
    (inner.kind === 'dbcs' || inner.kind === 'national')
  ) {
    throw syntax(
      place,
      `The value of an item that is ${category} cannot be a national or double-byte literal`,
    );
  }
}

/** Digits that the item has no place for, and a minus where it has no sign. */
function checkRange(text: string, place: Place, { digits, scale, signed, text: written }: Picture): void {
  const [, sign, whole = '', fraction = '', exponent] = /^([+-]?)(\d*)\.?(\d*)(E.*)?$/.exec(text) ?? [];
  if (exponent !== undefined)
    throw syntax(place, 'A floating-point literal is no value of a number with a PICTURE of digits');
  if (sign === '-' && !signed)
    throw syntax(place, `The PICTURE ${quoted(written)} has no sign, and the value is negative`);
  if (!/[1-9]/.test(whole + fraction)) return;
  if (whole.replace(/^0+/, '').length > Math.max(0, digits - scale)) {
    throw syntax(
      place,
      `The value ${quoted(text)} has more digits before the point than the PICTURE ${quoted(written)}`,
    );
  }
}
