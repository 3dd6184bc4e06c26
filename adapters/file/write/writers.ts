// Knows: what of a source's files can be written: collections by their files, and operations.
// Must not know: how anything is written.

import { type Cell, Fault, type Operation, type Source, type Value } from '#spi';
import { misconfigured } from '../misconfigured.ts';
import { replaceFile, replaceOperation } from './replace.ts';
import type { Writable } from './writable.ts';
import { createWrite, type Writer, writeFile } from './write.ts';

/** A collection that is written, with its operation if it has one. */
export interface Written {
  readonly writable: Writable;
  readonly replaced: boolean;
}

export interface Writers extends Pick<Source, 'write' | 'invoke'> {
  readonly operations: readonly Operation[];
}

/**
 * `others`: collections that are written in ways of their own, by name. Throws a misconfigured Fault for two collections that would write the
 * same records.
 */
export function writersOf(written: readonly Written[], others: ReadonlyMap<string, Writer>): Writers {
  const writers = new Map(others);
  for (const [{ path }, some] of Map.groupBy(written, ({ writable }) => writable.shared)) {
    const writables = some.map(({ writable }) => writable);
    checkApart(path, writables);
    const writer: Writer = { path, write: (changes, ask) => writeFile(changes, writables, ask) };
    for (const { collection } of writables) {
      if (collection.writes !== undefined) writers.set(collection.name, writer);
    }
  }
  const operations = new Map(
    written
      .filter(({ replaced }) => replaced)
      .map(({ writable }) => [
        replaceOperation(writable).name,
        { writable, operation: replaceOperation(writable) },
      ]),
  );
  const invoke = async (
    name: string,
    input: Readonly<Record<string, Value>>,
    how: { signal: AbortSignal },
  ): Promise<Cell> => {
    const found = operations.get(name);
    if (found === undefined) throw new Fault('not-found', `There is no operation "${name}"`);
    return replaceFile(found.writable, input['rows'], how);
  };
  return {
    operations: [...operations.values()].map(({ operation }) => operation),
    ...(writers.size === 0 ? {} : { write: createWrite(writers) }),
    ...(operations.size === 0 ? {} : { invoke }),
  };
}

/** Records of one file that two collections write are told apart by rules, and divided alike. */
function checkApart(path: string, writables: readonly Writable[]): void {
  const [first, other] = writables;
  if (first === undefined || other === undefined) return;
  const names = writables.map(({ collection }) => `"${collection.name}"`).join(' and ');
  const whole = writables.find(({ member }) => member === undefined);
  if (whole !== undefined) {
    throw misconfigured(
      'bad-writes',
      `${names} all write "${path}", and "${whole.collection.name}" has all of its records`,
      'Say with "when" which records belong to which collection.',
    );
  }
  const divided = divisionOf(first);
  const different = writables.find((writable) => divisionOf(writable) !== divided);
  if (different !== undefined) {
    throw misconfigured(
      'bad-writes',
      `"${first.collection.name}" and "${different.collection.name}" write "${path}" and divide it into records in different ways`,
      'Give them the same "records", with the same length.',
    );
  }
}

/** What of a record is looked at is the collection's own business. */
function divisionOf({ framing }: Writable): string {
  return JSON.stringify({ ...framing, shown: undefined });
}
