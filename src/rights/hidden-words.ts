// Knows: what the words of a source's fault say of fields that somebody does not see: their names, and the key of a row beside the name of its field.
// Must not know: roles, masks, where faults come from.

import { Fault, type FaultKind } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { elementOf, type Field } from '../model/type.ts';
import type { Row } from '../model/value.ts';

/** The same fault, or one of its kind and code without the words. */
export type Unsaid = (fault: Fault) => Fault;

/** Undefined: nothing is hidden that could be named. */
export function unsaid(whole: CatalogCollection, shown: CatalogCollection): Unsaid | undefined {
  const names = hiddenNames(whole.fields, shown.fields);
  if (names.length === 0) return undefined;
  const said = new RegExp(`(?<![\\w-])(?:${names.map((name) => RegExp.escape(name)).join('|')})(?![\\w-])`);
  const says = ({ message, hint = '' }: { readonly message: string; readonly hint?: string }): boolean =>
    said.test(message) || said.test(hint);
  return (fault) => {
    const { kind, code, message, place, errors } = fault;
    const { source, collection, field, record } = place;
    if (!says({ message, ...(place.hint === undefined ? {} : { hint: place.hint }) }) && !errors.some(says))
      return fault;
    return new Fault(kind, WORDS[kind] ?? 'The request cannot be carried out', {
      code,
      ...(source === undefined ? {} : { source }),
      ...(collection === undefined ? {} : { collection }),
      ...(field === undefined ? {} : { field }),
      ...(record === undefined ? {} : { record }),
      cause: fault,
    });
  };
}

const WORDS: Readonly<Partial<Record<FaultKind, string>>> = {
  corrupt: 'A value cannot be decoded',
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
