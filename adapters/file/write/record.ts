// Knows: how the values of a change become the bytes of a record, and that they would be read back as they were given.
// Must not know: files, keys, what else happens in the request.

import type { Codec, Locate } from '#codec/compile/compile';
import type { Node } from '#codec/layout';
import { writerOf } from '#codec/scalars/scalar-writer';
import {
  compareValues,
  Fault,
  isComparable,
  isList,
  isRecord,
  type Row,
  settled,
  TAG,
  type Type,
  toJson,
  type Value,
} from '#spi';
import { isPreset } from './claims.ts';

export type Values = Readonly<Record<string, Value>>;

export interface Recorder {
  /** A new record: what is left out is what the copybook says (VALUE), null where that can be, else blanks and zeros. */
  create(values: Values): Uint8Array;
  /** The record with these fields changed and every other byte as it was. Throws `corrupt` for what is no record. */
  change(record: Uint8Array, values: Values, locate: Locate): Uint8Array;
  /** Fields by dotted paths. */
  read(record: Uint8Array, paths: readonly string[], locate?: Locate): Row;
}

/** `defaults`: of a new record. Throws `invalid` (`bad-value`, with the field) for what the record cannot hold as it is given. */
export function recorderOf(codec: Codec, defaults: Values = {}): Recorder {
  const { layout } = codec;
  const complete = completion(layout.nodes, layout.template, layout.charset);
  const read: Recorder['read'] = (record, paths, locate = () => ({})) =>
    codec.decoder(paths)(record, 0, record.length, locate);
  const written = (values: Values, into: Uint8Array | undefined): Uint8Array => {
    const record = encoded(codec, values, into);
    const names = Object.keys(values);
    const row = read(record, names);
    for (const name of names) {
      const type = layout.fields.find((field) => field.name === name)?.type;
      const path =
        type === undefined ? undefined : differing(type, values[name] ?? null, row[name] ?? null, name);
      if (path !== undefined) throw badValue(path, 'would not be read back as it is given');
    }
    return record;
  };
  return {
    create: (values) => written(complete({ ...defaults, ...values }), undefined),
    change(record, values, locate) {
      try {
        return written(values, record);
      } catch (error) {
        throw error instanceof Fault && error.kind === 'corrupt' ? error.at(locate(0)) : error;
      }
    },
    read,
  };
}

/** The encoder refuses a value as a record that cannot be written; here it is the request that is not valid. */
function encoded(codec: Codec, values: Values, into: Uint8Array | undefined): Uint8Array {
  try {
    return codec.encode(values, into);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'rejected') throw error;
    throw new Fault('invalid', error.message, { ...error.place, code: 'bad-value', cause: error });
  }
}

export function badValue(field: string, what: string, hint?: string): Fault {
  return new Fault('invalid', `"${field}" ${what}`, {
    code: 'bad-value',
    field,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Path of the first part that is read otherwise than it was given; what was not given may be anything. */
function differing(type: Type, given: Value, found: Row[string], path: string): string | undefined {
  if (found instanceof Fault) return path;
  if (given === null || found === null) return given === found ? undefined : path;
  switch (type.kind) {
    case 'list': {
      if (!isList(given) || !isList(found) || given.length !== found.length) return path;
      for (const [i, element] of given.entries()) {
        const inner = differing(type.of, element, found[i] ?? null, `${path}[${i}]`);
        if (inner !== undefined) return inner;
      }
      return undefined;
    }
    case 'object':
    case 'union': {
      if (!isRecord(given) || !isRecord(found)) return path;
      const tag = found[TAG];
      const fields = type.kind === 'object' ? type.fields : type.of.find((one) => one.tag === tag)?.fields;
      for (const [name, value] of Object.entries(given)) {
        const own = fields?.find((field) => field.name === name);
        // Another reading of the bytes is not answered with the others; the encoder holds it to them.
        if (own === undefined || own.alternate === true) continue;
        const inner = differing(own.type, value, found[name] ?? null, `${path}.${name}`);
        if (inner !== undefined) return inner;
      }
      return undefined;
    }
    case 'float64':
      // A float is the nearest that its field can hold.
      return undefined;
    default: {
      const value = settled(found);
      const same = isComparable(type)
        ? compareValues(type, given, value) === 0
        : JSON.stringify(toJson(type, given)) === JSON.stringify(toJson(type, value));
      return same ? undefined : path;
    }
  }
}

type Complete = (values: Values) => Values;

/** Gives null to what was left out of a new record, where there is no VALUE and null can be written. */
function completion(nodes: readonly Node[], template: Uint8Array | undefined, charset: string): Complete {
  const nulls: string[] = [];
  const inner = new Map<string, (value: Value) => Value>();
  for (const node of nodes) {
    if (node.alternate === true) continue;
    if (node.kind === 'scalar') {
      if (canBeNull(node, charset) && !isPreset(node, template, charset)) nulls.push(node.name);
    } else {
      const below = completed(node, template, charset);
      if (below !== undefined) inner.set(node.name, below);
    }
  }
  return (values) => ({
    ...Object.fromEntries(nulls.map((name) => [name, null])),
    ...Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, inner.get(name)?.(value) ?? value]),
    ),
  });
}

function completed(
  node: Exclude<Node, { kind: 'scalar' }>,
  template: Uint8Array | undefined,
  charset: string,
): ((value: Value) => Value) | undefined {
  switch (node.kind) {
    case 'group': {
      const complete = completion(node.nodes, template, charset);
      return (value) => (isValues(value) ? complete(value) : value);
    }
    case 'list': {
      // Offsets count from the element there, which the template has many times.
      const element = node.of.kind === 'scalar' ? undefined : completed(node.of, undefined, charset);
      return element && ((value) => (isValueList(value) ? value.map(element) : value));
    }
    case 'union': {
      const variants = new Map(
        node.variants.map(({ tag, node: variant }) => [tag, completion(variant.nodes, undefined, charset)]),
      );
      return (value) => (isValues(value) ? (variants.get(String(value[TAG]))?.(value) ?? value) : value);
    }
  }
}

function canBeNull(node: Extract<Node, { kind: 'scalar' }>, charset: string): boolean {
  if (node.encoding.kind === 'condition') return false;
  const bytes = new Uint8Array(node.length);
  return writerOf(node, charset)(null, bytes, 0) === undefined;
}

function isValues(value: Value): value is Values {
  return isRecord(value);
}

function isValueList(value: Value): value is readonly Value[] {
  return isList(value);
}
