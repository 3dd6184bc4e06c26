// Knows: how a complaint of the validation becomes a sentence that says what was expected, and the nearest word.
// Must not know: files. A sentence never holds a value of the configuration.

import type { z } from 'zod';
import { didYouMean, nearest } from '../model/naming.ts';
import { expected, keysOf, orList, schemasAt, wordsOf } from './expectation.ts';
import { type Path, quoted } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong, and where: at the value or at the key that the path leads to. */
export interface Explanation {
  readonly path: Path;
  readonly of: 'value' | 'key';
  readonly message: string;
}

export interface Validated {
  /** The data that was validated. */
  readonly data: unknown;
  readonly schema: z.core.JSONSchema._JSONSchema;
  /** All adapters there are: the schema only holds those in use. */
  readonly adapters: readonly string[];
}

export function explain(issues: readonly Issue[], validated: Validated): readonly Explanation[] {
  const explanations = issues.flatMap((issue) => explainIssue(issue, [], validated));
  // A misspelt key is also a missing one; saying it once is enough.
  const meant = new Set(explanations.flatMap(({ meant }) => meant ?? []));
  return explanations.flatMap(({ path, of, message, missing }) =>
    missing === true && meant.has(JSON.stringify(path)) ? [] : [{ path, of, message }],
  );
}

interface Draft extends Explanation {
  /** The path of the key that was probably meant. */
  readonly meant?: string;
  readonly missing?: boolean;
}

function explainIssue(issue: Issue, base: Path, validated: Validated): readonly Draft[] {
  const path: Path = [
    ...base,
    ...issue.path.map((step) => (typeof step === 'symbol' ? step.toString() : step)),
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, validated));
    case 'invalid_key':
      return [{ path, of: 'key', message: issue.issues[0]?.message ?? 'expected another name' }];
    case 'custom':
      return [{ path, of: 'value', message: issue.message }];
    case 'invalid_union': {
      // A choice with a title is a thing of its own, a reference to a secret: then its title says what was expected.
      const titled = schemasAt(validated.schema, path, validated.data).some(
        ({ title }) => title !== undefined,
      );
      const branch = likeliest(issue.errors, titled);
      return branch === undefined
        ? [wrongValue(path, validated)]
        : branch.flatMap((inner) => explainIssue(inner, path, validated));
    }
    default:
      return [wrongValue(path, validated)];
  }
}

/**
 * The one choice whose shape the value has, if there is just one: its complaints say most. Of several the one that knows most of the value's
 * keys; where they know equally many, what is not known to any of them is all there is to say.
 */
function likeliest(branches: readonly (readonly Issue[])[], titled: boolean): readonly Issue[] | undefined {
  const shaped = branches.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys' || code === 'custom'),
  );
  if (titled) return shaped.length === 1 ? shaped[0] : undefined;
  const fewest = Math.min(...shaped.map((issues) => unknownIn(issues).length));
  const nearest = shaped.filter((issues) => unknownIn(issues).length === fewest);
  const [first, second] = nearest;
  if (second === undefined || fewest === 0) return second === undefined ? first : undefined;
  return first?.filter(({ code, path }) => code === 'unrecognized_keys' && path.length === 0);
}

/** Keys of the value itself that a choice does not know. */
function unknownIn(issues: readonly Issue[]): readonly string[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
}

function unknownKey(path: Path, key: string, { data, schema }: Validated): Draft {
  const keys = keysOf(schemasAt(schema, path, data));
  const near = nearest(key, keys);
  const hint = near === undefined ? `; expected ${orList(keys) || 'no keys'}` : `.${didYouMean(key, keys)}`;
  return {
    path: [...path, key],
    of: 'key',
    message: `unknown key ${quoted(key)}${hint}`,
    ...(near === undefined ? {} : { meant: JSON.stringify([...path, near]) }),
  };
}

function wrongValue(path: Path, { data, schema, adapters }: Validated): Draft {
  const schemas = schemasAt(schema, path, data);
  const adapterOf = path.length === 3 && path[0] === 'sources' && path[2] === 'adapter';
  const words = adapterOf ? adapters : wordsOf(schemas);
  const text = adapterOf ? orList(adapters) : expected(schemas);
  const doc = schemas.length === 1 && !adapterOf ? schemas[0]?.description : undefined;
  const why = doc === undefined || text === doc ? '' : `: ${doc}`;
  const { found, value } = follow(data, path);
  const name = path.at(-1);
  if (!found && typeof name === 'string') {
    return {
      path,
      of: 'value',
      missing: true,
      message: `${quoted(name)} is missing; expected ${text}${why}`,
    };
  }
  if (text === schemas[0]?.title) return { path, of: 'value', message: `expected ${text}${why}` };
  return { path, of: 'value', message: `expected ${text}${hint(value, words, text)}` };
}

/** What to try instead of the value, without saying it. */
function hint(value: unknown, words: readonly string[], text: string): string {
  if (typeof value === 'string') {
    const near = didYouMean(value, words);
    return near === '' ? '' : `.${near}`;
  }
  if (value === null && words.includes('null')) return '; the word is written in quotes, "null"';
  if (value === null || value === undefined) return '; there is nothing here';
  if ((typeof value === 'number' || typeof value === 'boolean') && text === 'a text')
    return '; put it in quotes';
  return '';
}

function follow(data: unknown, path: Path): { readonly found: boolean; readonly value: unknown } {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return { found: false, value: undefined };
    }
    value = Object.getOwnPropertyDescriptor(value, step)?.value;
  }
  return { found: true, value };
}
