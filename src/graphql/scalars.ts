// Knows: the GraphQL scalar of each scalar of the model, and how it reads literals and variables without losing
// a digit. Must not know: collections, requests, HTTP.

import {
  type ConstValueNode,
  GraphQLBoolean,
  GraphQLError,
  GraphQLFloat,
  GraphQLInt,
  GraphQLScalarType,
  GraphQLString,
  Kind,
} from 'graphql';
import type { Scalar, ScalarKind } from '../model/type.ts';
import { fromJson, type Json, parseScalar, type Value } from '../model/value.ts';

type LiteralKind = typeof Kind.INT | typeof Kind.FLOAT | typeof Kind.STRING;

interface ScalarText {
  readonly name: string;
  /** Any type of the kind: the filter converts to the field's own type afterwards. */
  readonly type: Scalar;
  readonly doc: string;
  /** What a value looks like, for messages: `a date like "2024-02-29"`. */
  readonly form: string;
  readonly literals: readonly LiteralKind[];
  readonly specifiedByURL?: string;
}

function scalarOf({ name, type, doc, form, literals, specifiedByURL }: ScalarText): GraphQLScalarType {
  const refuse = (node?: ConstValueNode): never => {
    throw new GraphQLError(`${name} must be ${form}.`, { nodes: node ?? null });
  };
  return new GraphQLScalarType<Value, string>({
    name,
    description: doc,
    ...(specifiedByURL === undefined ? {} : { specifiedByURL }),
    coerceOutputValue: textOf,
    coerceInputValue: (json) => fromJson(type, json) ?? refuse(),
    // The raw text of the literal: `12345678901234567890.10` never becomes a JavaScript number.
    coerceInputLiteral: (node) => {
      const text = literalText(node, literals);
      return (text === undefined ? undefined : parseScalar(type, text)) ?? refuse(node);
    },
  });
}

/** The one JSON form of these scalars is text: 64-bit integers as digits, bytes as base64, all others as they are. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return value.toBase64();
  throw new TypeError('a value does not have its declared type');
}

function literalText(node: ConstValueNode, literals: readonly LiteralKind[]): string | undefined {
  if (node.kind !== Kind.INT && node.kind !== Kind.FLOAT && node.kind !== Kind.STRING) return undefined;
  return literals.includes(node.kind) ? node.value : undefined;
}

const TEXT: readonly LiteralKind[] = [Kind.STRING];

const LONG = scalarOf({
  name: 'Long',
  type: { kind: 'int64' },
  doc: 'A whole number of 64 bits. Answered as text, because JSON numbers lose digits beyond 2^53; accepted as text or as a number.',
  form: 'a whole number of 64 bits, written as text when it is beyond 2^53',
  literals: [Kind.INT, Kind.STRING],
});

const DECIMAL = scalarOf({
  name: 'Decimal',
  type: { kind: 'decimal', precision: 38, scale: 0 },
  doc: 'An exact decimal number of any length. Answered as text with the scale of its field (`"1250.00"`); accepted as text or as a number.',
  form: 'a decimal number without an exponent, written as text when it has more than 15 digits',
  literals: [Kind.INT, Kind.FLOAT, Kind.STRING],
});

const DATE = scalarOf({
  name: 'Date',
  type: { kind: 'date' },
  doc: 'A day: `"2024-02-29"`.',
  form: 'a day that exists, like "2024-02-29"',
  literals: TEXT,
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
});

const TIME = scalarOf({
  name: 'Time',
  type: { kind: 'time' },
  doc: 'A time of day without a zone: `"23:59:59.5"`.',
  form: 'a time of day like "23:59:59.5"',
  literals: TEXT,
});

const LOCAL_DATE_TIME = scalarOf({
  name: 'LocalDateTime',
  type: { kind: 'timestamp' },
  doc: 'A day and a time without a zone: `"2024-02-29T23:59:59.5"`.',
  form: 'a day and a time without a zone, like "2024-02-29T23:59:59.5"',
  literals: TEXT,
});

const DATE_TIME = scalarOf({
  name: 'DateTime',
  type: { kind: 'instant' },
  doc: 'An instant, answered in UTC: `"2024-02-29T22:59:59.5Z"`; accepted with any offset.',
  form: 'an instant with its offset, like "2024-02-29T22:59:59Z"',
  literals: TEXT,
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
});

const BYTES = scalarOf({
  name: 'Bytes',
  type: { kind: 'bytes' },
  doc: 'Bytes as base64.',
  form: 'base64 text',
  literals: TEXT,
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc4648#section-4',
});

const JSON_SCALAR = new GraphQLScalarType<Json, Json>({
  name: 'JSON',
  description: 'Any JSON document.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  coerceOutputValue: jsonOf,
  coerceInputValue: jsonOf,
  coerceInputLiteral: (node) => {
    const json = jsonLiteral(node);
    if (json === undefined) throw new GraphQLError('JSON must be a JSON document.', { nodes: node });
    return json;
  },
});

function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return value.toBase64();
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]));
  }
  throw new GraphQLError('JSON must be a JSON document.');
}

function jsonLiteral(node: ConstValueNode): Json | undefined {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.BOOLEAN:
    case Kind.STRING:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT: {
      const number = Number(node.value);
      const rounded = node.kind === Kind.INT && !Number.isSafeInteger(number);
      return rounded || !Number.isFinite(number) ? undefined : number;
    }
    case Kind.LIST: {
      const items = node.values.map(jsonLiteral);
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case Kind.OBJECT: {
      const members: [string, Json][] = [];
      for (const { name, value } of node.fields) {
        const member = jsonLiteral(value);
        if (member === undefined) return undefined;
        members.push([name.value, member]);
      }
      return Object.fromEntries(members);
    }
    case Kind.ENUM:
      return undefined;
  }
}

/** Kinds that have one GraphQL scalar; each enum is a type of its own. */
export type PlainKind = Exclude<ScalarKind, 'enum'>;

/** THE table: scalar of the model → scalar of GraphQL. */
export const GRAPHQL_SCALARS: Readonly<Record<PlainKind, GraphQLScalarType>> = {
  boolean: GraphQLBoolean,
  int32: GraphQLInt,
  int64: LONG,
  float64: GraphQLFloat,
  decimal: DECIMAL,
  string: GraphQLString,
  bytes: BYTES,
  date: DATE,
  time: TIME,
  timestamp: LOCAL_DATE_TIME,
  instant: DATE_TIME,
  json: JSON_SCALAR,
};

/** A value that GraphQL has read with one of these scalars → a value of the field's own type, or undefined. */
export function typedValue(type: Scalar, input: unknown): Value | undefined {
  if (input instanceof Uint8Array) return type.kind === 'bytes' ? input : undefined;
  return type.kind === 'json' ? jsonOf(input) : fromJson(type, input);
}
