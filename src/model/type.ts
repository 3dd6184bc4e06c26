// Knows: what a field, a collection and an operation are.
// Must not know: how any source or any facade represents them.

/**
 * `decimal`: `precision` digits in all, `scale` of them after the point; absent: any number (`xs:decimal`), and a value keeps the scale that
 * it came with. `string.length`: in characters.
 */
export type Scalar =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'int32' }
  | { readonly kind: 'int64' }
  | { readonly kind: 'float64' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'instant' }
  | { readonly kind: 'json' }
  | { readonly kind: 'string'; readonly length?: number }
  | { readonly kind: 'decimal'; readonly precision?: number; readonly scale?: number }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly shared?: true;
      readonly values: readonly string[];
    };

export type ScalarKind = Scalar['kind'];

export interface ObjectType {
  readonly kind: 'object';
  /** PascalCase, unique in its collection; the catalog gives it a name that no other type has. */
  readonly name: string;
  /**
   * The name is the source's own (a type of a schema) and goes with the type wherever it is used: the catalog keeps it where it is free
   * and numbers it where it is not. Other types are named by where they stand. A type may contain itself: then it is this very object.
   */
  readonly shared?: true;
  readonly fields: readonly Field[];
}

export interface ListType {
  readonly kind: 'list';
  readonly of: Type;
}

/** `tag` is unique in its union and stays what the adapter made it, while the catalog may give the type another name. */
export interface UnionMember extends ObjectType {
  readonly tag: string;
}

/** REDEFINES and record types: exactly one of the members, told apart by its tag. */
export interface UnionType {
  readonly kind: 'union';
  readonly name: string;
  readonly shared?: true;
  readonly of: readonly UnionMember[];
}

export type Type = Scalar | ObjectType | ListType | UnionType;

export interface Field {
  /** API name, camelCase; see `naming`. */
  readonly name: string;
  readonly type: Type;
  readonly nullable?: boolean;
  readonly doc?: string;
  /** The name at the source: `CUST-ID`. */
  readonly legacyName?: string;
  /** The source makes its values (a row version, a computed column): it cannot be written. */
  readonly readOnly?: boolean;
  /** As an argument or in a new row it may be left out, or must not be; absent: it may where it is nullable. */
  readonly optional?: boolean;
  /** Another reading of bytes that an earlier field already shows (REDEFINES): only answered when asked for by name. */
  readonly alternate?: boolean;
  /** Names of fields beside it that show some of its bytes, too (REDEFINES, level 88): who must not see it must not see them. */
  readonly sameBytes?: readonly string[];
  /** The caller sees only this of its values; nothing may be filtered, ordered, joined or written by it. */
  readonly mask?: Mask;
}

/**
 * `null`: nothing. `lastFour`: the last four characters of the text behind as many `*` as it has others. `year`: the first four digits of a date
 * or an instant. `hash`: a keyed hash, equal for equal values. But for `null` the masked field is a string.
 */
export type Mask = 'null' | 'lastFour' | 'year' | 'hash';

/** Whether an argument or a value of a new row may be left out. */
export function mayBeLeftOut({ nullable, optional }: Field): boolean {
  return optional ?? nullable === true;
}

/** `upsert`: the row of a key becomes what is written, whether it is there already or not. */
export const WRITE_VERBS = ['insert', 'update', 'upsert', 'delete'] as const;

export type WriteVerb = (typeof WRITE_VERBS)[number];

export interface Collection {
  /** API name, camelCase, plural: `customers`. */
  readonly name: string;
  readonly doc?: string;
  readonly fields: readonly Field[];
  /** API names of the key fields in declared order; empty for a keyless collection. */
  readonly key: readonly string[];
  /** Sets of fields: a query must restrict all fields of one of them by equality (the arguments of a SOAP operation). */
  readonly required?: readonly (readonly string[])[];
  /** What may be written; absent: read-only. */
  readonly writes?: readonly WriteVerb[];
  readonly watchable?: boolean;
}

/** `output` of an operation that answers nothing: a boolean, true. */
export interface Operation {
  readonly name: string;
  /** The name at the source: `GetScore`. */
  readonly legacyName?: string;
  readonly doc?: string;
  /** Declared, never guessed: `read` becomes a query and GET, `write` a mutation and POST. */
  readonly effect: 'read' | 'write';
  readonly idempotent: boolean;
  readonly input: readonly Field[];
  readonly output: Type;
}

/** What the legacy system has and the API does not show, or shows under another name, and why. */
export interface Remark {
  readonly subject: string;
  readonly message: string;
  /** `scoring.wsdl:12`. */
  readonly place?: string;
}

export function isScalar(type: Type): type is Scalar {
  return type.kind !== 'object' && type.kind !== 'list' && type.kind !== 'union';
}

/** Scalars that filters compare and orders sort by: everything but documents. */
export function isComparable(type: Type): type is Scalar {
  return isScalar(type) && type.kind !== 'json';
}

/** Fields by dotted path: `address.city` looks inside groups; lists and unions have no path into them. */
export function fieldAt(fields: readonly Field[], path: string): Field | undefined {
  let level = fields;
  let found: Field | undefined;
  for (const step of path.split('.')) {
    found = level.find((field) => field.name === step);
    if (found === undefined) return undefined;
    level = found.type.kind === 'object' ? found.type.fields : [];
  }
  return found;
}

/** Fields by the dotted path that an answer names them by: also through lists of groups, `lines.text` of every element. */
export function selectableAt(fields: readonly Field[], path: string): Field | undefined {
  const [step = '', ...rest] = path.split('.');
  const field = fields.find(({ name }) => name === step);
  if (field === undefined || rest.length === 0) return field;
  const type = elementOf(field.type);
  return type.kind === 'object' ? selectableAt(type.fields, rest.join('.')) : undefined;
}

/** The list or union that a path leads into: nothing in there has one value in every row. Undefined for any other path. */
export function enclosing(
  fields: readonly Field[],
  path: string,
): { readonly path: string; readonly type: Type } | undefined {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const before = path.slice(0, dot);
    const type = fieldAt(fields, before)?.type;
    if (type?.kind === 'list' || type?.kind === 'union') return { path: before, type };
  }
  return undefined;
}

/** What a list holds in the end; any other type is its own. */
export function elementOf(type: Type): Exclude<Type, ListType> {
  return type.kind === 'list' ? elementOf(type.of) : type;
}

/**
 * Every scalar field outside lists with its dotted path, in declared order. Of types that contain themselves the outermost one is entered:
 * their paths have no end.
 */
export function scalarPaths(fields: readonly Field[]): readonly (readonly [string, Scalar])[] {
  return pathsBelow(fields, '', []);
}

function pathsBelow(
  fields: readonly Field[],
  prefix: string,
  around: readonly ObjectType[],
): readonly (readonly [string, Scalar])[] {
  return fields.flatMap(({ name, type }): readonly (readonly [string, Scalar])[] => {
    const path = prefix + name;
    if (isScalar(type)) return [[path, type]];
    if (type.kind !== 'object' || !isEntered(type, around)) return [];
    return pathsBelow(type.fields, `${path}.`, [...around, type]);
  });
}

/**
 * Whether a walk along paths goes into a group, given the groups that it is in: inside a type that contains itself, no such type is entered.
 * Several of them that contain each other would otherwise have more paths than anyone can count.
 */
export function isEntered(type: ObjectType, around: readonly ObjectType[]): boolean {
  return !isRecursive(type) || !around.some(isRecursive);
}

const recursive = new WeakMap<ObjectType, boolean>();

/** It contains itself, at whatever depth. */
function isRecursive(type: ObjectType): boolean {
  // Only a shared type can be met again.
  if (type.shared !== true) return false;
  const known = recursive.get(type);
  if (known !== undefined) return known;
  const found = typesBelow(type.fields).has(type);
  recursive.set(type, found);
  return found;
}

/** Every type that fields are made of, at whatever depth, each once. */
export function typesBelow(fields: readonly Field[]): ReadonlySet<Type> {
  const seen = new Set<Type>();
  const waiting: Type[] = fields.map(({ type }) => type);
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    if (seen.has(type)) continue;
    seen.add(type);
    if (type.kind === 'list') waiting.push(type.of);
    if (type.kind === 'union') waiting.push(...type.of);
    if (type.kind === 'object') waiting.push(...type.fields.map((field) => field.type));
  }
  return seen;
}

/** A type in one short phrase for messages: `decimal(11,2)`, `list of string`. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'decimal':
      return type.precision === undefined || type.scale === undefined
        ? 'decimal'
        : `decimal(${type.precision},${type.scale})`;
    case 'string':
      return type.length === undefined ? 'string' : `string(${type.length})`;
    case 'enum':
    case 'object':
    case 'union':
      return `${type.kind} ${type.name}`;
    case 'list':
      return `list of ${typeText(type.of)}`;
    default:
      return type.kind;
  }
}
