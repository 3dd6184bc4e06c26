// Knows: how the catalog's functions and procedures become routines of the saved model, and why one cannot be called.
// Must not know: the configuration, statements.

import { z } from 'zod';
import type { Omitted, SavedParameter, SavedRoutine } from '../sql/model.ts';
import { knownType } from './types.ts';

const text = z.string();
const flag = z.boolean();

const typed = z.object({
  type: text,
  kind: text,
  values: z.array(text).nullable(),
  element: text.nullable(),
});

/** An answer of the catalog; `mode` and `kind` are its letters. */
export const routine = z.object({
  schema: text,
  name: text,
  kind: text,
  set: flag,
  comment: text.nullable(),
  usable: flag,
  returns: typed,
  parameters: z.array(z.object({ name: text, type: typed, mode: text })),
  optional: z.number(),
  row: z.array(z.object({ name: text, type: typed })).nullable(),
});

type Found = z.infer<typeof routine>;
type Typed = z.infer<typeof typed>;

const CURSOR = 'refcursor';
const CALLED_BY_THE_SERVER = new Set([
  'trigger',
  'event_trigger',
  'internal',
  'language_handler',
  'fdw_handler',
  'index_am_handler',
  'table_am_handler',
  'tsm_handler',
]);

/** None where it cannot be called, and why; columns of its rows that cannot be shown are left out and said, too. */
export function savedRoutine(own: Found, omitted: Omitted[]): readonly SavedRoutine[] {
  const name = `${own.schema}.${own.name}`;
  const reason = whyNot(own);
  if (reason !== undefined) {
    omitted.push({ name, reason });
    return [];
  }
  // What a set gives back are the columns of its rows.
  const parameters = own.parameters.filter(({ mode }) => mode !== 't' && !(own.set && mode === 'o'));
  const inputs = parameters.filter(({ mode }) => mode !== 'o');
  const firstOptional = inputs.length - own.optional;
  const results = own.set && own.returns.type !== CURSOR ? resultOf(own, name, omitted) : undefined;
  const returned = valueReturned(own);
  return [
    {
      schema: own.schema,
      name: own.name,
      kind: own.kind === 'p' ? 'procedure' : own.set ? 'table function' : 'function',
      ...(own.comment === null ? {} : { comment: own.comment }),
      parameters: parameters.map((parameter): SavedParameter => {
        const at = inputs.indexOf(parameter);
        const mode = own.set ? 'in' : modeOf(parameter.mode);
        return {
          name: parameter.name,
          ...declared(parameter.type),
          mode,
          ...(mode !== 'in' && parameter.type.type === CURSOR ? { cursor: true } : {}),
          ...(at >= 0 && at >= firstOptional ? { optional: true } : {}),
        };
      }),
      ...(returned === undefined ? {} : { returns: returned.type }),
      ...(returned?.values === undefined ? {} : { returnValues: returned.values }),
      ...(own.kind !== 'p' && own.returns.type === CURSOR && !givesBack(own) ? { returnsCursor: true } : {}),
      ...(results === undefined ? {} : { results: [results] }),
    },
  ];
}

function modeOf(letter: string): SavedParameter['mode'] {
  return letter === 'o' ? 'out' : letter === 'b' ? 'inout' : 'in';
}

function declared({ type, values }: Typed): { readonly type: string; readonly values?: readonly string[] } {
  return values === null ? { type } : { type, values };
}

function givesBack({ parameters }: Found): boolean {
  return parameters.some(({ mode }) => mode === 'o' || mode === 'b');
}

/** Undefined where it returns nothing, a set, or a row of its parameters. */
function valueReturned(own: Found) {
  if (own.kind === 'p' || own.set || own.returns.type === 'void' || givesBack(own)) return undefined;
  return own.returns.type === CURSOR ? undefined : declared(own.returns);
}

/** Columns of a set; undefined where only the call says them. */
function resultOf(own: Found, name: string, omitted: Omitted[]) {
  const given = own.parameters.filter(({ mode }) => mode === 't' || mode === 'o' || mode === 'b');
  const columns =
    given.length > 0
      ? given
      : (own.row ?? (own.returns.type === 'record' ? [] : [{ name: own.name, type: own.returns }]));
  if (columns.length === 0) return undefined;
  return columns.flatMap((column, i) => {
    const reason = unshown(column.type);
    const called = column.name === '' ? `column${i + 1}` : column.name;
    if (reason === undefined) return [{ name: called, ...declared(column.type), nullable: true }];
    omitted.push({ name: `${name}.${called}`, reason });
    return [];
  });
}

function whyNot(own: Found): string | undefined {
  const { usable, kind, returns, parameters, set } = own;
  if (!usable) return 'the login may not call it';
  if (kind === 'a' || kind === 'w')
    return `${kind === 'a' ? 'an aggregate' : 'a window function'}: it needs rows`;
  if (CALLED_BY_THE_SERVER.has(returns.type)) {
    return `called by the server alone (returns ${returns.type})`;
  }
  if (parameters.some(({ mode }) => mode === 'v')) return 'takes any number of values (variadic)';
  for (const { name, type, mode } of parameters) {
    const column = mode === 't' || (set && mode === 'o');
    const reason = column ? undefined : (unshown(type) ?? (kind === 'p' ? unread(type, mode) : undefined));
    if (reason !== undefined) return `its parameter "${name}" is ${reason}`;
  }
  if (kind === 'p' || set || returns.type === 'void' || givesBack(own)) return undefined;
  if (returns.type === 'record') return 'it returns a row without declared columns';
  const reason = unshown(returns);
  return reason === undefined ? undefined : `it returns a value ${reason}`;
}

/** Why a value of the type is nothing that the API has. */
function unshown({ type, kind, element }: Typed): string | undefined {
  if (kind === 'c') return `of the composite type ${type}`;
  if (kind === 'p') return `of the pseudo-type ${type}`;
  if (element === 'c' || element === 'p') return `of the type ${type}`;
  return undefined;
}

/** A procedure's answer is no query: there is no cast that would give the value a form that can be read. */
function unread({ type }: Typed, mode: string): string | undefined {
  const { storage } = knownType(type);
  return mode !== 'i' && (storage === 'array' || storage === 'money')
    ? `of the type ${type}, which a procedure cannot give back in a readable form`
    : undefined;
}
