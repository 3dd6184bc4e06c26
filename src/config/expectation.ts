// Knows: what the schema of the configuration expects at a path, in words for people.
// Must not know: zod's validation, YAML.

import type { z } from 'zod';
import type { Path } from './problem.ts';

type JsonSchema = z.core.JSONSchema._JSONSchema;
type Schema = Exclude<JsonSchema, boolean>;

/** The schemas that may hold at the path: several where the configuration may take several shapes. */
export function schemasAt(root: JsonSchema, path: Path, data: unknown): readonly Schema[] {
  let candidates = alternatives(root, data);
  let value = data;
  for (const step of path) {
    const inner = isObject(value) ? value[step] : undefined;
    candidates = candidates.flatMap((schema) => alternatives(memberOf(schema, step), inner));
    value = inner;
  }
  return candidates;
}

function memberOf(schema: Schema, step: string | number): JsonSchema {
  if (typeof step === 'string') {
    return ownProperty(schema.properties, step) ?? schema.additionalProperties ?? false;
  }
  return schema.items !== undefined && !Array.isArray(schema.items) ? schema.items : false;
}

/** A choice → what can be chosen; where a member with one fixed value tells the choices apart, it decides. */
function alternatives(schema: JsonSchema, data: unknown): readonly Schema[] {
  if (typeof schema === 'boolean') return [];
  const choices = schema.title === undefined ? (schema.oneOf ?? schema.anyOf) : undefined;
  if (choices === undefined) return [schema];
  const schemas = choices.flatMap((choice) => alternatives(choice, data));
  const chosen = schemas.filter((choice) => isChosen(choice, data));
  return chosen.length > 0 ? chosen : schemas;
}

function isChosen({ properties }: Schema, data: unknown): boolean {
  if (properties === undefined || !isObject(data)) return false;
  const fixed = Object.entries(properties).filter(([, member]) => isFixed(member));
  return fixed.length > 0 && fixed.every(([name, member]) => isFixed(member) && member.const === data[name]);
}

function isFixed(schema: JsonSchema): schema is Schema {
  return typeof schema !== 'boolean' && schema.const !== undefined;
}

/** Keys that a mapping may have. */
export function keysOf(schemas: readonly Schema[]): readonly string[] {
  return [...new Set(schemas.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** Words that a text may be, where it is not free. */
export function wordsOf(schemas: readonly Schema[]): readonly string[] {
  return schemas.flatMap(({ const: only, enum: words }) =>
    [only, ...(words ?? [])].filter((word) => typeof word === 'string'),
  );
}

/** `a whole number from 0 to 65535`, `F, FB or text`, `a list`. */
export function expected(schemas: readonly Schema[]): string {
  const words = wordsOf(schemas);
  const others = schemas.filter(
    ({ const: only, enum: choice }) => only === undefined && choice === undefined,
  );
  const texts = [...words, ...others.filter(({ type }) => type !== 'null').map(shape)];
  return texts.length === 0 ? 'another value' : orList([...new Set(texts)]);
}

function shape(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  switch (schema.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'array':
      return 'a list';
    case 'object':
      return 'a mapping ("key: value")';
    case 'string':
      // A text with rules says in its description what they are.
      return (schema.pattern ?? schema.format) !== undefined && schema.description !== undefined
        ? schema.description
        : 'a text';
    default:
      return schema.description ?? 'another value';
  }
}

function range({ minimum, maximum }: Schema): string {
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && bounded) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return bounded ? ` of at most ${maximum}` : '';
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words.slice(-1).join('')}`;
}

function ownProperty<T>(object: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}
