// Knows: what a fault must not say to somebody who does not see all of a collection: hidden fields, by place or by name, and the key of a row beside
// the name of its field.
// Must not know: roles, masks, where faults come from.

import { Fault, type FaultKind, type FaultPlace } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { elementOf, type Field } from '../model/type.ts';
import type { Row } from '../model/value.ts';
import { pathsIn } from './visible.ts';

/** The same fault, or one of its kind without what must not be said. */
export type Unsaid = (fault: Fault) => Fault;

/**
 * Nothing of a fault that is about a field which is not open: its code would say what the value is (no digit, no date), its record where it is.
 * `isOpenAt`: whether the field at a dotted path is seen as it is.
 */
export function aboutOpen(
  { name: collection, fields }: CatalogCollection,
  isOpenAt: (path: string) => boolean,
): Unsaid {
  const quoted = pathsIn(fields).flatMap((path) => (isOpenAt(path) ? [] : [`"${path}"`]));
  const tells = ({ field }: { readonly field?: string }): boolean => field !== undefined && !isOpenAt(field);
  const says = ({ message }: { readonly message: string }): boolean =>
    quoted.some((path) => message.includes(path));
  return (fault) => {
    const { kind, code, place, errors } = fault;
    if (![place, ...errors].some(tells) && ![fault, ...errors].some(says)) return fault;
    return inOwnWords(fault, {
      ...(kind === 'corrupt' ? {} : { code }),
      ...sourceOf(place),
      collection,
    });
  };
}

/** Nothing of the words of a fault that name what is hidden. Undefined: nothing is hidden that could be named. */
export function unsaid(whole: CatalogCollection, shown: CatalogCollection): Unsaid | undefined {
  const names = hiddenNames(whole.fields, shown.fields);
  if (names.length === 0) return undefined;
  const said = new RegExp(`(?<![\\w-])(?:${names.map((name) => RegExp.escape(name)).join('|')})(?![\\w-])`);
  const says = ({ message, hint = '' }: { readonly message: string; readonly hint?: string }): boolean =>
    said.test(message) || said.test(hint);
  return (fault) => {
    const { code, message, place, errors } = fault;
    const { collection, field, record, hint } = place;
    if (!says({ message, ...(hint === undefined ? {} : { hint }) }) && !errors.some(says)) return fault;
    return inOwnWords(fault, {
      code,
      ...sourceOf(place),
      ...(collection === undefined ? {} : { collection }),
      ...(field === undefined ? {} : { field }),
      ...(record === undefined ? {} : { record }),
    });
  };
}

function sourceOf({ source }: FaultPlace): FaultPlace {
  return source === undefined ? {} : { source };
}

function inOwnWords(fault: Fault, told: FaultPlace & { readonly code?: string }): Fault {
  const words = WORDS[fault.kind] ?? 'The request cannot be carried out';
  return new Fault(fault.kind, words, { ...told, cause: fault });
}

const WORDS: Readonly<Partial<Record<FaultKind, string>>> = {
  corrupt: 'A value that is asked for, or that decides which rows you see, cannot be decoded',
  conflict: 'The change collides with existing data',
  'too-costly': 'The request asks for more than may be looked at; ask for fewer rows or by other fields',
  upstream: 'The source has answered with an error',
};

/** The row with cells that say no more than may be said. */
export function unsaidIn(row: Row, unsay: Unsaid): Row {
  if (!Object.values(row).some((cell) => cell instanceof Fault)) return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, cell instanceof Fault ? unsay(cell) : cell]),
  );
}

/** As the API and as the source calls them, also inside groups and lists of groups. A name that is seen elsewhere is none. */
function hiddenNames(whole: readonly Field[], shown: readonly Field[]): readonly string[] {
  const seen = new Set(allNames(shown));
  return [...new Set(allNames(whole))].filter((name) => !seen.has(name));
}

function allNames(fields: readonly Field[], around: readonly object[] = []): readonly string[] {
  return fields.flatMap(({ name, legacyName, type }) => {
    const inside = elementOf(type);
    const below =
      inside.kind === 'object' && !around.includes(inside)
        ? allNames(inside.fields, [...around, inside])
        : [];
    return [name, ...(legacyName === undefined ? [] : [legacyName]), ...below];
  });
}
