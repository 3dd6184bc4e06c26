// Knows: what a record layout is: fields at offsets, as plain data, and the fields of the model that they show.
// Must not know: files, and the code that is generated from a layout.

import type { Field, ObjectType, Scalar, UnionMember } from '../model/type.ts';
import type { Filter } from '../query/filter.ts';
import type { ByteOrder, Encoding, Irregular, Trim } from './encoding.ts';

export type * from './encoding.ts';

/**
 * One scalar. Offsets count bytes from the first byte of the record or, inside a list, of the list's element, in the record's
 * widest form: every table at its maximum. A record whose tables take fewer bytes is brought into that form before it is read.
 */
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
  /** The same for x'FF'. */
  readonly highValues?: 'keep' | 'blank';
  /** For people: what the source calls the type and where it says so. */
  readonly origin?: Origin;
  /** Another reading of bytes that an earlier field shows: answered only when asked for by name. */
  readonly alternate?: boolean;
}

/** Where a field comes from: its picture and usage as text (`S9(7)V99 COMP-3`) and the place in the copybook. */
export interface Origin {
  readonly text: string;
  readonly line?: number;
  readonly file?: string;
}

/** Bytes that no field shows: FILLER, or a group of nothing else. `offset` counts like that of the fields beside it. For people. */
export interface Gap {
  readonly legacyName?: string;
  readonly offset: number;
  readonly length: number;
  readonly origin?: Origin;
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
  readonly gaps?: readonly Gap[];
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
  /**
   * OCCURS DEPENDING ON: dotted path of the counter from the record's top, through lists too (`orders.lineCount`): a scalar outside
   * every list, or in an element of a list that holds this one. Behind the name of a union stands the variant's tag. See `counterAt`.
   */
  readonly dependingOn?: string;
  /** Elements that do not count take no bytes: what follows stands right behind those that do. Otherwise the table always takes `length`. */
  readonly slides?: boolean;
  readonly alternate?: boolean;
}

/** REDEFINES or record types with a rule: exactly one of the variants describes the bytes, the first whose rule is true. */
export interface UnionNode {
  readonly kind: 'union';
  readonly name: string;
  readonly legacyName?: string;
  /** Unique in the record, PascalCase. */
  readonly typeName: string;
  readonly offset: number;
  /** Of the longest variant. */
  readonly length: number;
  readonly variants: readonly Variant[];
  readonly alternate?: boolean;
}

export interface Variant {
  /** Unique in the union: how a row says which variant it is (see `TAG` in `model/value`). */
  readonly tag: string;
  /** Its offset counts like the union's. */
  readonly node: GroupNode;
  /**
   * Empty: always true. Paths count from the innermost frame (the record, or the element of a list that holds the union) or from
   * a variant that holds the union; a field of the variant itself comes before those, see `ruleScope`.
   */
  readonly when: Filter;
  /** Bytes of a new record of this variant, `node.length` of them: its own VALUE clauses, else blanks and zeros by type. */
  readonly template?: Uint8Array;
}

export type Node = ScalarNode | GroupNode | ListNode | UnionNode;

/** A record: `length` bytes at most, its fields as the API shows them and as they stand in the bytes, in the same order. */
export interface Layout {
  readonly name: string;
  /** The record's charset; a text may have its own. */
  readonly charset: string;
  /** Bytes of the widest form. */
  readonly length: number;
  /**
   * Bytes of the shortest record: less than `length` where tables slide or the last union has shorter variants. How long a record
   * must be, its own counters and rules say; another length is a fault.
   */
  readonly minLength: number;
  /** What stands in a record behind its last field is not looked at, instead of being a fault. */
  readonly slack?: boolean;
  /** A new record in its widest form: VALUE clauses, else blanks and zeros by type. `length` bytes. */
  readonly template?: Uint8Array;
  /**
   * Records may be shorter or longer than `length` (line text): what is missing at the end counts as blanks, and what
   * is too much must be blanks. Otherwise another length is a fault.
   */
  readonly flexible?: boolean;
  readonly fields: readonly Field[];
  readonly nodes: readonly Node[];
  readonly gaps?: readonly Gap[];
}

export interface FieldPolicy {
  readonly onBad?: Irregular;
  readonly blank?: Irregular;
  readonly lowValues?: 'keep' | 'blank';
  readonly highValues?: 'keep' | 'blank';
  /** See `ZonedEncoding.zones`. */
  readonly zones?: 'strict' | 'ignore';
  /** The item holds a day or time by this pattern; see `TemporalEncoding`. */
  readonly date?: string;
  /** See `TemporalEncoding.window`. */
  readonly window?: number;
  /** See `TemporalEncoding.none`. */
  readonly noDate?: readonly ('zeros' | 'nines')[];
  readonly trim?: Trim;
  /** Level 88: booleans beside the item, or (where every condition is made of single values) the item as an enum. */
  readonly conditions?: 'boolean' | 'enum';
  readonly charset?: string;
  /** Compiler option TRUNC of the program that writes the file, for COMP; `std` unless told otherwise. */
  readonly trunc?: 'std' | 'bin';
}

/** Whose compiler the record was written for: the defaults of the options below. `ibm` unless told otherwise. */
export type Dialect = 'ibm' | 'gnucobol' | 'mf';

/** What compilers store differently; each unless told otherwise as the dialect has it. */
export interface DialectOptions {
  readonly dialect?: Dialect;
  /** Of COMP-5, COMP-1, COMP-2 and BINARY-LONG and the like. COMP is big-endian everywhere. */
  readonly byteOrder?: ByteOrder;
  readonly floats?: 'ibm' | 'ieee';
  /** OCCURS DEPENDING ON: does what follows move up (`slide`), or does the table always take its `maximum`? */
  readonly odo?: 'slide' | 'maximum';
  /** Bytes of a POINTER: 4 or 8. */
  readonly pointerBytes?: 4 | 8;
}

/** How the REDEFINES of one item become a union. Keys are legacy names of the item and of those that redefine it. */
export interface RedefinesRule {
  /** API name of the union; the item's unless told otherwise. */
  readonly name?: string;
  /** Rule in the filter language, or a single level-88 name; `otherwise` for the one that holds where no other does. */
  readonly when: Readonly<Record<string, string>>;
}

/** The policy of all fields, and of single ones by legacy name (any case; all items of that name). */
export interface LayoutOptions extends FieldPolicy, DialectOptions {
  readonly charset: string;
  /** See `Layout.slack`. */
  readonly slack?: boolean;
  /** REDEFINES as unions, by the legacy name of the redefined item. Without a rule the redefinitions are alternates. */
  readonly redefines?: Readonly<Record<string, RedefinesRule>>;
  /** See `Layout.flexible`. */
  readonly flexible?: boolean;
  /** PascalCase name of one row's type, put before the names of its groups' types; default: the record's own name. */
  readonly name?: string;
  readonly fields?: Readonly<Record<string, FieldPolicy>>;
}

/** A Layout from its nodes (a parse config's fields, say): the canonical fields are derived. */
export function layoutFrom(layout: Omit<Layout, 'fields'>): Layout {
  return { ...layout, fields: fieldsOfNodes(layout.nodes) };
}

/** The fields of nodes that stand beside each other, each with those that show some of its bytes. */
function fieldsOfNodes(nodes: readonly Node[]): readonly Field[] {
  return nodes.map((node) => {
    const others = nodes.filter((other) => other !== node && overlap(node, other)).map(({ name }) => name);
    return { ...fieldOf(node), ...(others.length === 0 ? {} : { sameBytes: others }) };
  });
}

function overlap(a: Node, b: Node): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

/** The canonical field that a node shows. */
export function fieldOf(node: Node): Field {
  const { name, legacyName, alternate } = node;
  const nullable =
    node.kind === 'scalar' && (node.onBad === 'null' || node.blank === 'null' || mayBeNoDate(node));
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
      return objectOf(node);
    case 'list':
      return { kind: 'list', of: typeOf(node.of) };
    case 'union':
      return { kind: 'union', name: node.typeName, of: node.variants.map(memberOf) };
  }
}

function memberOf({ tag, node }: Variant): UnionMember {
  return { ...objectOf(node), tag };
}

function objectOf({ typeName, nodes }: GroupNode): ObjectType {
  return { kind: 'object', name: typeName, fields: fieldsOfNodes(nodes) };
}

function mayBeNoDate({ encoding }: ScalarNode): boolean {
  return encoding.kind === 'temporal' && (encoding.none ?? []).length > 0;
}
