// Knows: what a copybook says, as a tree: items, pictures, clauses, each with its place in the source text.
// Must not know: offsets, charsets, bytes. `layout` works those out.

/** Where a word stands in the source text; lines and columns begin at 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** USAGE by its first word in IBM's manual; synonyms are folded together (COMP-4, BINARY → comp). */
export type Usage = 'display' | 'comp' | 'comp-3';

/** A PICTURE string, read. */
export interface Picture {
  readonly text: string;
  /** `edited`: a number with explicit characters in it (`9(8).9(2)`), each of which takes a byte. */
  readonly category: 'alphabetic' | 'alphanumeric' | 'numeric' | 'edited';
  /** Character positions that take storage (V, S and P take none). */
  readonly positions: number;
  /** Digits in all, and digits right of the decimal point (V or `.`); 0 for text. */
  readonly digits: number;
  readonly scale: number;
  readonly signed: boolean;
}

/** A literal of a VALUE clause: text without its quotes, a number as written, or a figurative constant. */
export type Literal =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'figurative'; readonly word: 'zero' | 'space' | 'low-value' | 'high-value' | 'quote' };

/** Level 88: the name is true while the item holds one of the values. A range has two ends, both included. */
export interface Condition {
  readonly name: string;
  readonly values: readonly { readonly from: Literal; readonly to?: Literal }[];
  readonly place: SourcePlace;
}

/**
 * OCCURS max TIMES, or OCCURS min TO max TIMES DEPENDING ON `dependingOn`: the name, spelled as it was declared, of an
 * integer before it in the record, the only one of that name there.
 */
export interface Occurs {
  readonly min: number;
  readonly max: number;
  readonly dependingOn?: string;
}

/** One data description entry with what is below it. A group has children, an elementary item a picture. */
export interface Item {
  readonly level: number;
  /** Absent for FILLER and unnamed items. */
  readonly name?: string;
  readonly place: SourcePlace;
  readonly picture?: Picture;
  /** Its own or its group's USAGE; `display` by default. */
  readonly usage: Usage;
  readonly occurs?: Occurs;
  /** Name, spelled as it was declared, of the item whose bytes this one describes again: the nearest sibling before it. */
  readonly redefines?: string;
  readonly value?: Literal;
  readonly conditions: readonly Condition[];
  readonly children: readonly Item[];
}

/**
 * All records of a source text, in order: 01 levels, and 77 levels, each of which stands alone. A text without 01 is one
 * record without a name.
 */
export interface Copybook {
  readonly records: readonly Item[];
}
