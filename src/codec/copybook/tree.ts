// Knows: what a copybook says, as a tree: items, pictures, clauses, each with its place in the source text.
// Must not know: offsets, charsets, bytes. `layout` works those out.

/** Where a word stands in the source text; lines and columns begin at 1. `file`: of a text that COPY brought in. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
  readonly file?: string;
}

/**
 * USAGE by one word each; synonyms are folded together (COMP-4, BINARY, COMP-0 → comp; PACKED-DECIMAL → comp-3; FLOAT-SHORT →
 * comp-1; FLOAT-LONG → comp-2). `comp-9` is the little-endian COMP of Cobrix, `comp-n` GnuCOBOL's native one. FLOAT-BINARY-32 and -64 are IEEE
 * floating point in every dialect, COMP-1 and COMP-2 are not.
 */
export type Usage =
  | 'display'
  | 'display-1'
  | 'national'
  | 'utf-8'
  | 'comp'
  | 'comp-1'
  | 'comp-2'
  | 'comp-3'
  | 'comp-5'
  | 'comp-6'
  | 'comp-9'
  | 'comp-n'
  | 'comp-x'
  | 'float-binary-32'
  | 'float-binary-64'
  | 'binary-char'
  | 'binary-short'
  | 'binary-long'
  | 'binary-double'
  | 'index'
  | 'pointer'
  | 'pointer-32'
  | 'function-pointer'
  | 'procedure-pointer'
  | 'object-reference';

/**
 * What stands at one character position of an edited picture. `float`: `symbol` of a floating string, whose first position is
 * only ever the symbol. `suppress`: Z or *. `currency` is the text of the CURRENCY SIGN clause or `$`.
 */
export type EditPosition =
  | { readonly kind: 'digit' }
  | { readonly kind: 'character' }
  | { readonly kind: 'suppress'; readonly symbol: 'Z' | '*' }
  | { readonly kind: 'float'; readonly symbol: '+' | '-' | 'currency' }
  | { readonly kind: 'sign'; readonly symbol: '+' | '-' }
  | { readonly kind: 'currency' }
  /** CR or DB: two characters, shown for negative numbers, blanks otherwise. */
  | { readonly kind: 'credit'; readonly symbol: 'CR' | 'DB' }
  /** B (a blank), 0, / and the separator that is no decimal point. */
  | { readonly kind: 'insert'; readonly symbol: ' ' | '0' | '/' | ',' | '.' }
  /** The decimal point that takes a byte. */
  | { readonly kind: 'point'; readonly symbol: '.' | ',' }
  /** The implied point (V), which takes none. */
  | { readonly kind: 'implied-point' };

/** An edited picture position by position, repetitions written out. */
export interface Edit {
  readonly positions: readonly EditPosition[];
  /** What the currency symbol stands for; usually one character, `$`. */
  readonly currency: string;
}

/** A PICTURE string, read. */
export interface Picture {
  readonly text: string;
  /**
   * `explicit-point`: a number of digits and one `.` or `,`, perhaps with S (no COBOL, but found in the field):
   * `9(8).9(2)`, `S9(4).99`. `numeric-edited` and `alphanumeric-edited` have `edit`. `external-float`: `+9(3).99E+99`.
   */
  readonly category:
    | 'alphabetic'
    | 'alphanumeric'
    | 'alphanumeric-edited'
    | 'numeric'
    | 'numeric-edited'
    | 'explicit-point'
    | 'external-float'
    | 'national'
    | 'dbcs'
    | 'utf-8';
  /** Character positions that take storage (V, S and P take none); of `national` and `dbcs` two bytes each. */
  readonly positions: number;
  /** Digit positions that are stored, and digits right of the decimal point; 0 for text. P makes `scale` negative or greater than `digits`. */
  readonly digits: number;
  readonly scale: number;
  readonly signed: boolean;
  readonly edit?: Edit;
  /** Of `explicit-point` and `external-float`: the character of the decimal point. */
  readonly point?: '.' | ',';
}

/**
 * A literal of a VALUE clause. `text`: without its quotes. `number`: as written, the point as `.`. `hex`: X'…' as bytes in
 * hexadecimal. `national`: N'…', or NX'…' as UTF-16. `dbcs`: G'…' without shift codes. `all`: ALL before a literal.
 */
export type Literal =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'hex'; readonly hex: string }
  | { readonly kind: 'national'; readonly text: string }
  | { readonly kind: 'dbcs'; readonly text: string }
  | { readonly kind: 'all'; readonly of: Exclude<Literal, { kind: 'all' }> }
  | {
      readonly kind: 'figurative';
      readonly word: 'zero' | 'space' | 'low-value' | 'high-value' | 'quote' | 'null';
    };

/** Level 88: the name is true while the item holds one of the values. A range has two ends, both included. */
export interface Condition {
  readonly name: string;
  readonly values: readonly { readonly from: Literal; readonly to?: Literal }[];
  /** WHEN SET TO FALSE: what SET … TO FALSE stores. */
  readonly whenFalse?: Literal;
  readonly place: SourcePlace;
}

/** A data name as a clause uses it, with the groups that qualify it, innermost first: `COUNT OF HEAD OF REC`. */
export interface NameReference {
  readonly name: string;
  readonly of: readonly string[];
  readonly place: SourcePlace;
}

/** OCCURS max TIMES, or OCCURS min TO max TIMES DEPENDING ON a counter. */
export interface Occurs {
  readonly min: number;
  readonly max: number;
  readonly dependingOn?: NameReference;
}

/** SIGN IS LEADING or TRAILING, SEPARATE or over a digit. */
export interface Sign {
  readonly leading: boolean;
  readonly separate: boolean;
}

/** Level 66: another name for the items from `from` to `through`. */
export interface Renames {
  readonly name: string;
  readonly from: NameReference;
  readonly through?: NameReference;
  readonly place: SourcePlace;
}

/** One data description entry with what is below it. A group has children, an elementary item a picture or a usage without one. */
export interface Item {
  readonly level: number;
  /** Absent for FILLER and unnamed items. */
  readonly name?: string;
  readonly place: SourcePlace;
  readonly picture?: Picture;
  /** Its own or its group's USAGE; `display` by default, `national` for PIC N, `display-1` for PIC G, `utf-8` for PIC U. */
  readonly usage: Usage;
  /** BINARY-CHAR and the like: false for UNSIGNED; absent elsewhere. */
  readonly signed?: boolean;
  /** Its own or its group's SIGN clause, where the item has a sign to place. */
  readonly sign?: Sign;
  /** SYNCHRONIZED, its own or its group's. */
  readonly synchronized?: boolean;
  /** JUSTIFIED RIGHT. */
  readonly justified?: boolean;
  /** PIC U BYTE-LENGTH: its bytes; without it PIC U takes four for each character. */
  readonly byteLength?: number;
  readonly blankWhenZero?: boolean;
  readonly occurs?: Occurs;
  /** Name, spelled as it was declared, of the item whose bytes this one describes again: a sibling before it. At 01: of a record before it. */
  readonly redefines?: string;
  readonly value?: Literal;
  readonly conditions: readonly Condition[];
  /** Of a record: its level 66 entries. */
  readonly renames?: readonly Renames[];
  readonly children: readonly Item[];
}

/**
 * All records of a source text, in order: 01 levels, and 77 levels, each of which stands alone. A text without 01 is one
 * record without a name.
 */
export interface Copybook {
  readonly records: readonly Item[];
}
