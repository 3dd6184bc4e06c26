// Knows: how a REST request becomes the call of an operation: arguments in a JSON body, or in the query string where it only reads.
// Must not know: HTTP servers, how operations are carried out.

import { Fault } from '../fault.ts';
import type { CatalogOperation } from '../model/catalog.ts';
import { didYouMean } from '../model/naming.ts';
import {
  elementOf,
  type Field,
  isEntered,
  isScalar,
  mayBeLeftOut,
  type ObjectType,
  type Scalar,
  typeText,
} from '../model/type.ts';
import { parseScalar, type Value } from '../model/value.ts';
import { type Input, readInput } from '../query/input.ts';
import { literalHint, shown } from '../query/literal.ts';
import { splitQuery } from './parameters.ts';

/** The methods that an operation answers to. */
export function methodsOf(operation: CatalogOperation): readonly string[] {
  return isGettable(operation) ? ['GET', 'HEAD', 'POST', 'OPTIONS'] : ['POST', 'OPTIONS'];
}

/** It only reads, and all of its arguments fit into a query string. */
export function isGettable({ effect, input }: CatalogOperation): boolean {
  return effect === 'read' && queryArguments(input).complete;
}

/** The arguments in a body that has been read; no body is an empty one. */
export function bodyInput({ input }: CatalogOperation, body: unknown): Input {
  return readInput(input, body ?? {});
}

/** An argument that can stand in a query string: a plain value, or a list of them. */
export interface QueryArgument {
  readonly path: string;
  readonly type: Scalar;
  readonly list: boolean;
  readonly required: boolean;
  readonly doc?: string;
}

/** Plain arguments by dotted path. `complete`: nothing that is required has no such form. */
export interface QueryArguments {
  readonly arguments: readonly QueryArgument[];
  readonly complete: boolean;
}

const known = new WeakMap<readonly Field[], QueryArguments>();

/** Worked out once for an operation: every request asks. */
export function queryArguments(fields: readonly Field[]): QueryArguments {
  const before = known.get(fields);
  if (before !== undefined) return before;
  const found = findArguments(fields);
  known.set(fields, found);
  return found;
}

function findArguments(fields: readonly Field[]): QueryArguments {
  const found: QueryArgument[] = [];
  let complete = true;
  const visit = (
    level: readonly Field[],
    prefix: string,
    required: boolean,
    around: readonly ObjectType[],
  ): void => {
    for (const field of level) {
      const { name, type, doc } = field;
      const path = prefix + name;
      const needed = required && !mayBeLeftOut(field);
      const inside = elementOf(type);
      const list = type.kind === 'list';
      if (isScalar(inside) && inside.kind !== 'json' && !(list && type.of.kind === 'list')) {
        found.push({ path, type: inside, list, required: needed, ...(doc === undefined ? {} : { doc }) });
      } else if (type.kind === 'object' && isEntered(type, around)) {
        visit(type.fields, `${path}.`, needed, [...around, type]);
      } else if (needed) {
        complete = false;
      }
    }
  };
  visit(fields, '', true, []);
  return { arguments: found, complete };
}

/** `?custId=7&request.since=2024-01-01&tag=a&tag=b` → arguments. Every parameter is known or refused. */
export function queryInput({ input }: CatalogOperation, query: string): Input {
  const { arguments: known } = queryArguments(input);
  const values = new Map<string, Value[]>();
  for (const [path, text] of splitQuery(query)) {
    const argument = known.find((candidate) => candidate.path === path);
    if (argument === undefined) throw unknown(path, known);
    const before = values.get(path) ?? [];
    if (before.length > 0 && !argument.list) {
      throw new Fault('invalid', `The parameter "${path}" is given twice`, {
        code: 'repeated-parameter',
        parameter: path,
      });
    }
    values.set(path, [...before, readText(argument, text)]);
  }
  const json = known.reduce<Tree>((tree, { path, list }) => {
    const own = values.get(path);
    return own === undefined ? tree : planted(tree, path.split('.'), list ? own : (own[0] ?? null));
  }, {});
  return completed(input, json, '');
}

type Tree = { readonly [name: string]: Value | Tree };

function planted(tree: Tree, [step = '', ...rest]: readonly string[], value: Value): Tree {
  if (rest.length === 0) return { ...tree, [step]: value };
  const inner = Object.hasOwn(tree, step) ? tree[step] : undefined;
  return { ...tree, [step]: planted(isTree(inner) ? inner : {}, rest, value) };
}

function isTree(value: Value | Tree | undefined): value is Tree {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** Says what is missing; a group of which nothing was given is not there. */
function completed(fields: readonly Field[], tree: Tree, at: string): Input {
  return Object.fromEntries(
    fields.flatMap((field): (readonly [string, Value])[] => {
      const { name, type } = field;
      const path = at === '' ? name : `${at}.${name}`;
      // A name may be one that every object inherits: `valueOf`.
      const value = Object.hasOwn(tree, name) ? tree[name] : undefined;
      if (value === undefined) {
        if (mayBeLeftOut(field)) return [];
        throw new Fault('invalid', `"${path}" is missing`, {
          code: 'missing-argument',
          parameter: path,
          hint: typeText(type),
        });
      }
      return [
        [name, type.kind === 'object' && isTree(value) ? completed(type.fields, value, path) : plain(value)],
      ];
    }),
  );
}

function plain(value: Value | Tree): Value {
  return isTree(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
    : value;
}

function readText({ path, type }: QueryArgument, text: string): Value {
  const value = parseScalar(type, text);
  if (value !== undefined) return value;
  const near = type.kind === 'enum' ? didYouMean(text, type.values) : '';
  throw new Fault('invalid', `"${path}" must be ${typeText(type)}${near === '' ? '' : `.${near}`}`, {
    code: 'bad-value',
    field: path,
    parameter: path,
    hint: literalHint(type),
  });
}

function unknown(path: string, known: readonly QueryArgument[]): Fault {
  const names = known.map((argument) => argument.path);
  return new Fault('invalid', `There is no argument ${shown(path)}.${didYouMean(path, names)}`, {
    code: 'unknown-argument',
    parameter: path.slice(0, 200),
  });
}
