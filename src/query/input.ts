// Knows: how JSON becomes the arguments of an operation, and what is wrong with what does not.
// Must not know: HTTP, GraphQL, operations' sources.

import { Fault } from '../fault.ts';
import { didYouMean, nearest } from '../model/naming.ts';
import {
  type Field,
  isScalar,
  mayBeLeftOut,
  type Scalar,
  type Type,
  typeText,
  type UnionType,
} from '../model/type.ts';
import { fromJson, TAG, type Value } from '../model/value.ts';
import { literalHint, shown } from './literal.ts';

export type Input = Readonly<Record<string, Value>>;

/** A JSON object → arguments. Left out stays out: for many services that is not the same as null. Throws `invalid` with the dotted path. */
export function readInput(fields: readonly Field[], json: unknown): Input {
  return readGroup(fields, json, '');
}

function readGroup(all: readonly Field[], json: unknown, at: string, tag?: string): Input {
  // What is seen only masked is not written, either.
  const fields = all.filter(({ mask }) => mask === undefined);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badValue(at, 'must be an object', 'an object');
  }
  const given = new Map<string, unknown>(Object.entries(json));
  const names = fields.map(({ name }) => name);
  for (const name of given.keys()) {
    if (names.includes(name) || (name === TAG && tag !== undefined)) continue;
    const hint = nearest(name, names);
    throw new Fault('invalid', `There is no argument ${shown(pathTo(at, name))}.${didYouMean(name, names)}`, {
      code: 'unknown-argument',
      parameter: pathTo(at, name).slice(0, 200),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const values: [string, Value][] = [];
  for (const field of fields) {
    const { name, type, nullable } = field;
    const path = pathTo(at, name);
    const value = given.get(name);
    if (value === undefined) {
      if (mayBeLeftOut(field)) continue;
      throw new Fault('invalid', `"${path}" is missing`, {
        code: 'missing-argument',
        parameter: path,
        hint: typeText(type),
      });
    }
    if (value === null && nullable !== true) throw badValue(path, 'must not be null', typeText(type));
    values.push([name, readValue(type, value, path)]);
  }
  return Object.fromEntries(values);
}

function readValue(type: Type, json: unknown, at: string): Value {
  if (json === null) return null;
  if (isScalar(type)) return readScalar(type, json, at);
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(json)) throw badValue(at, 'must be a list', typeText(type));
      return json.map((element: unknown, i) => readValue(type.of, element, `${at}[${i}]`));
    case 'object':
      return readGroup(type.fields, json, at);
    case 'union':
      return readMember(type, json, at);
  }
}

/** `{ "@type": "Savings", … }`. */
function readMember({ of }: UnionType, json: unknown, at: string): Value {
  const tag: unknown = typeof json === 'object' && json !== null && TAG in json ? json[TAG] : undefined;
  const member = of.find((candidate) => candidate.tag === tag);
  const tags = of.map((candidate) => candidate.tag);
  if (member === undefined) {
    const near = typeof tag === 'string' ? didYouMean(tag, tags) : '';
    throw badValue(at, `must say by "${TAG}" which type it is.${near}`, tags.join(', '));
  }
  return { [TAG]: member.tag, ...readGroup(member.fields, json, at, member.tag) };
}

function readScalar(type: Scalar, json: unknown, at: string): Value {
  const value = isFiniteThroughout(json)
    ? type.kind === 'json'
      ? plain(json)
      : fromJson(type, json)
    : undefined;
  if (value !== undefined) return value;
  const near = type.kind === 'enum' && typeof json === 'string' ? didYouMean(json, type.values) : '';
  throw badValue(at, `must be ${typeText(type)}${near === '' ? '' : `.${near}`}`, hintOf(type, json));
}

/** A JSON number may have lost its last digits before we saw it. */
function hintOf(type: Scalar, json: unknown): string {
  const long = typeof json === 'number' && (type.kind === 'int64' || type.kind === 'decimal');
  return `${literalHint(type)}${long ? '; one of more than 15 digits as text' : ''}`;
}

/** False where a number was too large for JavaScript: `1e400` has been read as infinity. */
function isFiniteThroughout(json: unknown): boolean {
  if (typeof json === 'number') return Number.isFinite(json);
  return typeof json !== 'object' || json === null || Object.values(json).every(isFiniteThroughout);
}

/** Parsed JSON has nothing else in it. */
function plain(json: unknown): Value | undefined {
  if (json === null || typeof json === 'boolean' || typeof json === 'number' || typeof json === 'string')
    return json;
  if (Array.isArray(json)) return json.map((element: unknown) => plain(element) ?? null);
  if (typeof json !== 'object') return undefined;
  return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, plain(member) ?? null]));
}

function badValue(at: string, what: string, hint: string): Fault {
  const subject = at === '' ? 'The body' : `"${at}"`;
  return new Fault('invalid', `${subject} ${what}`, {
    code: 'bad-value',
    ...(at === '' ? {} : { field: at, parameter: at }),
    hint,
  });
}

function pathTo(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
