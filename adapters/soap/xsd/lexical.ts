// Knows: what a lexical form of XML Schema is to the rest of the adapter.
// Must not know: which types there are (built-in).

import type { Scalar, Value } from '#spi';
import type { XmlScope } from '../xml/element.ts';

/** How the values of one simple type are written (XML Schema part 2), and the model's scalar for them. */
export interface Lexical {
  readonly type: Scalar;
  /** Text of an element or attribute → value; undefined if it is none of the type. White space is this function's business. */
  parse(text: string, scope: XmlScope): Value | undefined;
  /** Value of the type → its text, not yet escaped. Undefined if the XML type does not hold the value. */
  print(value: Value): string | undefined;
  /** What a value must be, for messages, where its type alone does not say it: `at most 10 characters`. */
  readonly expected?: string;
}

/** What the model makes of dates and times, because one XML type holds values with a zone and without. */
export interface TimeReading {
  /** xs:dateTime: with a zone (`instant`), without one (`local`), or as the text that came (`text`). */
  readonly dateTime: 'instant' | 'local' | 'text';
  readonly date: 'local' | 'text';
  readonly time: 'local' | 'text';
  /** What a dateTime without a zone is taken for where `dateTime` is `instant`: `Z` or `+01:00`. Absent: a fault. */
  readonly assumeZone?: string;
}

export const TIME_READING: TimeReading = { dateTime: 'instant', date: 'local', time: 'local' };
