// Knows: what the SPECIAL-NAMES paragraph says about pictures and numbers: DECIMAL-POINT IS COMMA and CURRENCY SIGN.
// Must not know: everything else of the ENVIRONMENT DIVISION.

import { syntax } from './copybook-faults.ts';
import { readerOf } from './word-reader.ts';
import { keywordOf, type Word } from './words.ts';

/** How numbers are written in pictures and literals. */
export interface Notation {
  /** DECIMAL-POINT IS COMMA: point and comma change places. */
  readonly decimalComma: boolean;
  /** Currency symbols of pictures and the text that each stands for; `$` stands for itself unless told otherwise. */
  readonly currency: Readonly<Record<string, string>>;
}

/** Symbols with another meaning (Enterprise COBOL Language Reference, "CURRENCY SIGN clause"). */
const NO_CURRENCY = /^[\dABCDEGNPRSUVXZabcdegnprsuvxz+\-*/,.;()"'= ]$/;

/** Enterprise COBOL Language Reference, "SPECIAL-NAMES paragraph". `given` holds too. */
export function readNotation(words: readonly Word[], given: Notation): Notation {
  const start = words.findIndex((word) => keywordOf(word) === 'SPECIAL-NAMES');
  const stop = words.findIndex((word) => /^(?:DATA|INPUT-OUTPUT|FILE-CONTROL)$/.test(keywordOf(word)));
  const last = words.at(-1);
  if (start < 0 || last === undefined) return given;
  const reader = readerOf([...words.slice(start, stop < start ? undefined : stop), { ...last, kind: 'end' }]);
  let { decimalComma } = given;
  const currency: Record<string, string> = { ...given.currency };
  while (reader.peek().kind !== 'end') {
    if (reader.accept('DECIMAL-POINT')) {
      reader.accept('IS');
      decimalComma = reader.accept('COMMA') || decimalComma;
    } else if (reader.accept('CURRENCY')) {
      reader.accept('SIGN');
      reader.accept('IS');
      const sign = reader.next();
      reader.accept('WITH');
      const symbol = reader.accept('PICTURE') && reader.accept('SYMBOL') ? reader.next() : sign;
      if (sign.kind !== 'text' || sign.text === '')
        throw syntax(sign.place, 'The currency sign is expected in quotes');
      if (symbol.kind !== 'text' || [...symbol.text].length !== 1 || NO_CURRENCY.test(symbol.text)) {
        throw syntax(symbol.place, 'A currency symbol is one character without another meaning in a PICTURE');
      }
      currency[symbol.text] = sign.text;
    } else {
      reader.skip();
    }
  }
  return { decimalComma, currency };
}
