// Knows: the query string of a URL: which parameters there are, how often, under which spelling.
// Must not know: what their values mean.

import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import { fieldAt, typeText } from '../model/type.ts';
import { enclosedText, OUTSIDE_HINT, shown } from '../query/literal.ts';
import { askablePaths, isMasked, maskedField } from '../query/masked.ts';

export const LIST_PARAMETERS = ['select', 'filter', 'orderby', 'first', 'after', 'include', 'count'] as const;
export const ITEM_PARAMETERS = ['select', 'include'] as const;
/** `lastEventId` is how the header of the same name is given where a client can set no header. */
export const CHANGES_PARAMETERS = ['select', 'include', 'after', 'lastEventId'] as const;
export type ParameterName = (typeof LIST_PARAMETERS | typeof CHANGES_PARAMETERS)[number];

/** What is asked for. */
type Kind = 'list' | 'item' | 'insert' | 'changes';

const ALLOWED: Readonly<Record<Kind, readonly ParameterName[]>> = {
  list: LIST_PARAMETERS,
  item: ITEM_PARAMETERS,
  insert: ITEM_PARAMETERS,
  changes: CHANGES_PARAMETERS,
};

/** Where a parameter of lists stands in vain. */
const ELSEWHERE: Readonly<Record<Exclude<Kind, 'list'>, string>> = {
  item: ', not for a single item',
  insert: ' that are read, not for what is written',
  changes: ', not for their changes',
};

export interface Parameters {
  readonly given: ReadonlyMap<ParameterName, string>;
  /** `?status=OPEN`: field path → the values in the order given. */
  readonly equalities: ReadonlyMap<string, readonly string[]>;
}

/** Name and value of each parameter, decoded, in order; `+` is a blank. Throws `invalid` for a broken escape. */
export function splitQuery(query: string): readonly (readonly [name: string, value: string])[] {
  if (query === '') return [];
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = equals < 0 ? pair : pair.slice(0, equals);
      const value = equals < 0 ? '' : pair.slice(equals + 1);
      return [decode(name), decode(value)] as const;
    });
}

/** Percent-decoded UTF-8 (RFC 3986, section 2.1); half a character is refused, not replaced. */
export function decodePercent(text: string, parameter: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault('invalid', `${shown(text)} is not percent-encoded UTF-8`, {
      code: 'bad-encoding',
      parameter,
    });
  }
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  return spaced.includes('%') ? decodePercent(spaced, 'query') : spaced;
}

/**
 * Sorts the parameters of a list, an item, new rows or changes. Every parameter is known or refused: a misspelt filter must not return
 * the whole file.
 */
export function readParameters(
  pairs: readonly (readonly [name: string, value: string])[],
  collection: CatalogCollection,
  kind: Kind,
): Parameters {
  const given = new Map<ParameterName, string>();
  const equalities = new Map<string, string[]>();
  const allowed = ALLOWED[kind];
  let paths: ReadonlySet<string> | undefined;
  for (const [spelling, value] of pairs) {
    const bare = spelling.startsWith('$') ? spelling.slice(1) : spelling;
    const name = allowed.find((candidate) => candidate === bare);
    if (name !== undefined) {
      if (given.has(name)) {
        throw new Fault('invalid', `The parameter "${name}" is given twice`, {
          code: 'repeated-parameter',
          parameter: name,
        });
      }
      given.set(name, value);
      continue;
    }
    paths ??= new Set(kind === 'list' ? askablePaths(collection.fields).map(([path]) => path) : []);
    if (!paths.has(spelling)) {
      const fault = kind === 'list' ? notComparable(collection, spelling) : undefined;
      throw fault ?? unknownParameter(spelling, bare, kind, [...allowed, ...paths]);
    }
    const values = equalities.get(spelling);
    if (values === undefined) equalities.set(spelling, [value]);
    else values.push(value);
  }
  return { given, equalities };
}

/** Of a field that is there, but is masked, or has not one plain value in every row. */
function notComparable({ name, fields }: CatalogCollection, path: string): Fault | undefined {
  const type = fieldAt(fields, path)?.type;
  if (type !== undefined && isMasked(fields, path)) {
    return maskedField(path, { parameter: path, collection: name });
  }
  const why =
    type === undefined
      ? enclosedText(fields, path)
      : `${shown(path)} is ${typeText(type)} and cannot be compared`;
  if (why === undefined) return undefined;
  return new Fault('invalid', why, {
    code: 'not-comparable',
    collection: name,
    parameter: path.slice(0, 60),
    ...(type?.kind === 'object' ? {} : { hint: OUTSIDE_HINT }),
  });
}

function unknownParameter(spelling: string, bare: string, kind: Kind, valid: readonly string[]): Fault {
  const forLists = LIST_PARAMETERS.some((name) => name === bare);
  const near = nearest(bare, valid);
  const why =
    kind !== 'list' && forLists
      ? `The parameter "${bare}" is for lists${ELSEWHERE[kind]}.`
      : `There is no parameter ${shown(spelling)}.${near === undefined ? '' : ` Did you mean "${near}"?`}`;
  return new Fault('invalid', why, {
    code: 'unknown-parameter',
    parameter: spelling.slice(0, 60),
    ...(near === undefined ? {} : { hint: near }),
  });
}
