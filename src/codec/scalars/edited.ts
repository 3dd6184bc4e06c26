// Knows: edited pictures (`ZZ,ZZ9.99-`): the characters that a number makes, and the number of such characters.
// Must not know: records, policies. Characters are code units of any kind: bytes of a charset, or of text.
//
// Rules: Enterprise COBOL Language Reference, "PICTURE clause", "Editing rules": what is inserted stands as it is, but within or right behind a string
// of Z, * or floating symbols it is filled while no digit stands before it; a decimal point always ends that. Where no position is
// a 9, zero is nothing but fill, and under * the point.

import type { EditPosition } from '../copybook/tree.ts';
import type { EditedEncoding } from '../encoding.ts';

/** Code unit of a single character. */
export type UnitOf = (character: string) => number;

/** What stands at a unit of the picture. Each makes one unit, IMPLIED_POINT none. */
const DIGIT = 0;
const SUPPRESS = 1;
/** The first symbol of a floating string: no digit ever stands in its place. */
const FLOAT_FIRST = 2;
const FLOAT = 3;
const INSERT = 4;
const POINT = 5;
const IMPLIED_POINT = 6;
const SIGN = 7;
const TEXT = 8;
/** CR and DB. */
const CREDIT = 9;

/** A step and its unit: of SUPPRESS the fill, of SIGN what is shown for a plus. */
type Step = readonly [operation: number, unit: number];

/** A picture, ready for use. `scratch` is its working place, so it is used by one call at a time. */
export interface EditProgram {
  readonly operations: Uint8Array;
  readonly units: Int32Array;
  /** Units that every number takes. */
  readonly length: number;
  readonly digits: number;
  /** What a floating string shows for a plus and a minus. */
  readonly floatPlus: readonly number[];
  readonly floatMinus: readonly number[];
  readonly zero: number;
  readonly blank: number;
  readonly minus: number;
  /** Zero is all of this fill, but the point under *; -1: zero is edited like other numbers. */
  readonly zeroFill: number;
  /**
   * What else is taken at each unit, -1: nothing. A plus where only a minus would be shown, as programs of other languages write it; `0` and `/`
   * before the first digit, where GnuCOBOL leaves them. Neither changes the number.
   */
  readonly also: Int32Array;
  readonly scratch: Uint16Array;
}

export function editProgram(encoding: EditedEncoding, unitOf: UnitOf): EditProgram {
  const { positions, currency } = encoding.edit;
  const units = (text: string) => [...text].map(unitOf);
  const blank = unitOf(' ');
  const plus = unitOf('+');
  const minus = unitOf('-');
  const float = positions.find((position) => position.kind === 'float')?.symbol;
  const floatPlus = float === 'currency' ? units(currency) : [float === '+' ? plus : blank];
  const floatMinus = float === 'currency' ? floatPlus : [minus];
  let isFirst = true;
  const steps = positions.flatMap((position): readonly Step[] => {
    switch (position.kind) {
      case 'digit':
        return [[DIGIT, -1]];
      case 'implied-point':
        return [[IMPLIED_POINT, -1]];
      case 'suppress':
        return [[SUPPRESS, position.symbol === '*' ? unitOf('*') : blank]];
      case 'float': {
        const first = isFirst;
        isFirst = false;
        return first ? floatPlus.map((): Step => [FLOAT_FIRST, blank]) : [[FLOAT, blank]];
      }
      case 'insert':
        return [[INSERT, unitOf(position.symbol)]];
      case 'point':
        return [[POINT, unitOf(position.symbol)]];
      case 'sign':
        return [[SIGN, position.symbol === '+' ? plus : blank]];
      case 'currency':
        return units(currency).map((unit): Step => [TEXT, unit]);
      case 'credit':
        return units(position.symbol).map((unit): Step => [CREDIT, unit]);
      case 'character':
        break;
    }
    throw new TypeError('an alphanumeric edited picture is no number');
  });
  const shown = steps.filter(([operation]) => operation !== IMPLIED_POINT);
  const kept = isFirst ? [unitOf('0'), unitOf('/')] : [];
  return {
    operations: Uint8Array.from(steps, ([operation]) => operation),
    units: Int32Array.from(steps, ([, unit]) => unit),
    length: shown.length,
    digits: positions.filter(takesDigit).length - (isFirst ? 0 : 1),
    floatPlus,
    floatMinus,
    zero: unitOf('0'),
    blank,
    minus,
    zeroFill: encoding.blankWhenZero ? blank : fillOfZero(steps),
    also: Int32Array.from(shown, ([operation, unit]) =>
      operation === SIGN ? plus : operation === INSERT && kept.includes(unit) ? unit : -1,
    ),
    scratch: new Uint16Array(shown.length),
  };
}

function takesDigit({ kind }: EditPosition): boolean {
  return kind === 'digit' || kind === 'suppress' || kind === 'float';
}

function fillOfZero(steps: readonly Step[]): number {
  if (steps.some(([operation]) => operation === DIGIT)) return -1;
  return steps.find(([operation]) => operation === SUPPRESS || operation === FLOAT)?.[1] ?? -1;
}

/** Writes `program.length` units of the number with these digits (0-9, `program.digits` of them) to `program.scratch`. */
export function editDigits(program: EditProgram, digits: Uint8Array, negative: boolean): void {
  const { operations, units, zero, blank, scratch: out } = program;
  if (program.zeroFill >= 0 && isAllZero(digits)) {
    fillZero(program);
    return;
  }
  const float = negative ? program.floatMinus : program.floatPlus;
  let next = 0;
  let n = 0;
  // Where fill still stands in for digits, this is its unit.
  let fill = -1;
  let floating = false;
  let shown = false;
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i] ?? 0;
    const unit = units[i] ?? 0;
    let digit = 0;
    if (operation <= FLOAT && operation !== FLOAT_FIRST) digit = digits[next++] ?? 0;
    if (!shown && operation <= POINT + 1 && operation !== INSERT) {
      if (digit !== 0 || operation === DIGIT || operation >= POINT) {
        // The symbol stands right before the first character that is shown.
        if (floating) for (let k = 0; k < float.length; k++) out[n - float.length + k] = float[k] ?? blank;
        shown = true;
        fill = -1;
      } else {
        fill = unit;
        floating ||= operation === FLOAT_FIRST;
      }
    }
    switch (operation) {
      case DIGIT:
      case SUPPRESS:
      case FLOAT:
        out[n++] = shown ? zero + digit : fill;
        break;
      case FLOAT_FIRST:
        out[n++] = blank;
        break;
      case INSERT:
        out[n++] = fill < 0 ? unit : fill;
        break;
      case IMPLIED_POINT:
        break;
      case SIGN:
        out[n++] = negative ? program.minus : unit;
        break;
      case CREDIT:
        out[n++] = negative ? unit : blank;
        break;
      default:
        out[n++] = unit;
    }
  }
}

function isAllZero(digits: Uint8Array): boolean {
  for (let i = 0; i < digits.length; i++) if (digits[i] !== 0) return false;
  return true;
}

function fillZero({ operations, units, zeroFill, blank, scratch }: EditProgram): void {
  scratch.fill(zeroFill);
  if (zeroFill === blank) return;
  for (let i = 0, n = 0; i < operations.length; i++) {
    if (operations[i] === POINT) scratch[n] = units[i] ?? 0;
    if (operations[i] !== IMPLIED_POINT) n++;
  }
}

/**
 * The digits of an edited number into `digits`; returns 0, or 1 under a minus, or -1 - i where the unit i is not what the picture makes of the
 * digits around it.
 */
export function readEdited(
  program: EditProgram,
  from: Uint8Array | Uint16Array,
  at: number,
  digits: Uint8Array,
): number {
  const { operations, units, zero, minus, also, scratch, length } = program;
  const floatsMinus = program.floatMinus[0] === minus;
  let negative = false;
  let next = 0;
  let p = at;
  for (let i = 0; i < operations.length; i++) {
    const operation = operations[i] ?? 0;
    if (operation === IMPLIED_POINT) continue;
    const unit = from[p++] ?? 0;
    if (operation <= FLOAT && operation !== FLOAT_FIRST) {
      const digit = unit - zero;
      digits[next++] = digit >= 0 && digit <= 9 ? digit : 0;
    }
    if (unit === minus) {
      // A floating minus may stand in the place of any of its string.
      if (operation === SIGN || (floatsMinus && operation <= INSERT)) negative = true;
    } else if (operation === CREDIT && unit === units[i]) negative = true;
  }
  editDigits(program, digits, negative);
  for (let i = 0; i < length; i++) {
    const unit = from[at + i];
    if (unit !== scratch[i] && unit !== also[i]) return -1 - i;
  }
  return negative ? 1 : 0;
}
