// Knows: what a record layout is: fields at offsets, as plain data, and the fields of the model that they show.
// Must not know: files, and the code that is generated from a layout.

import type { Field, Scalar } from '../model/type.ts';
import type { Encoding, Irregular, Trim } from './encoding.ts';

export type * from './encoding.ts';

/** One scalar. Offsets count bytes from the first byte of the record or, inside a list, of the list's element. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly name: string;
  readonly legacyName?: string;
  readonly type: Scalar;
  readonly offset: number;
  readonly length: number;
  readonly encoding: Encoding;
  /** What becomes of bytes that cannot be decoded; `fail` unless told otherwise. */
  readonly onBad?: Irregular;
  /** What becomes of a field of nothing but blanks; like `onBad` unless told otherwise, and for text the empty string. */
  readonly blank?: Irregular;
  /** `blank`: a field of nothing but x'00' counts as blank (never in binary numbers). `keep` unless told otherwise. */
  readonly lowValues?: 'keep' | 'blank';
  /** Another reading of bytes that an earlier field shows: answered only when asked for by name. */
  readonly alternate?: boolean;
}

/** A named group: an object. */
export interface GroupNode {
  readonly kind: 'group';
  readonly name: string;
  readonly legacyName?: string;
  /** Unique in the record, PascalCase. */
  readonly typeName: string;
  readonly offset: number;
  readonly length: number;
  readonly nodes: readonly Node[];
  readonly alternate?: boolean;
}

/** OCCURS: `max` elements of `stride` bytes take storage; `dependingOn` says how many of them count. */
export interface ListNode {
  readonly kind: 'list';
  readonly name: string;
  readonly legacyName?: string;
  readonly offset: number;
  readonly length: number;
  readonly stride: number;
  readonly min: number;
  readonly max: number;
  /** The element, at its offset inside the stride; its name is the list's. */
  readonly of: Node;
  /** OCCURS DEPENDING ON: dotted path of the counter; a scalar outside every list. */
  readonly dependingOn?: string;
  readonly alternate?: boolean;
}

export type Node = ScalarNode | GroupNode | ListNode;

/** A record: `length` bytes, its fields as the API shows them and as they stand in the bytes, in the same order. */
export interface Layout {
  readonly name: string;
  /** The record's charset; a text may have its own. */
  readonly charset: string;
  readonly length: number;
  /**
   * Records may be shorter or longer than `length` (line text): what is missing at the end counts as blanks, and what
   * is too much must be blanks. Otherwise another length is a fault.
   */
  readonly flexible?: boolean;
  readonly fields: readonly Field[];
  readonly nodes: readonly Node[];
}

export interface FieldPolicy {
  readonly onBad?: Irregular;
  readonly blank?: Irregular;
  readonly lowValues?: 'keep' | 'blank';
  readonly trim?: Trim;
  /** Level 88: booleans beside the item, or (where every condition is made of single values) the item as an enum. */
  readonly conditions?: 'boolean' | 'enum';
  readonly charset?: string;
  /** Compiler option TRUNC of the program that writes the file, for COMP; `std` unless told otherwise. */
  readonly trunc?: 'std' | 'bin';
}

/** The policy of all fields, and of single ones by legacy name (any case; all items of that name). */
export interface LayoutOptions extends FieldPolicy {
  readonly charset: string;
  /** See `Layout.flexible`. */
  readonly flexible?: boolean;
  /** PascalCase name of one row's type, put before the names of its groups' types; default: the record's own name. */
  readonly name?: string;
  readonly fields?: Readonly<Record<string, FieldPolicy>>;
}

/** A Layout from its nodes (a parse config's fields, say): the canonical fields are derived. */
export function layoutFrom(layout: Omit<Layout, 'fields'>): Layout {
  return { ...layout, fields: layout.nodes.map(fieldOf) };
}

/** The canonical field that a node shows. */
export function fieldOf(node: Node): Field {
  const { name, legacyName, alternate } = node;
  const nullable = node.kind === 'scalar' && (node.onBad === 'null' || node.blank === 'null');
  return {
    name,
    type: typeOf(node),
    ...(legacyName === undefined ? {} : { legacyName }),
    ...(alternate === true ? { alternate } : {}),
    ...(nullable ? { nullable } : {}),
  };
}

function typeOf(node: Node): Field['type'] {
  switch (node.kind) {
    case 'scalar':
      return node.type;
    case 'group':
      return { kind: 'object', name: node.typeName, fields: node.nodes.map(fieldOf) };
    case 'list':
      return { kind: 'list', of: typeOf(node.of) };
  }
}
