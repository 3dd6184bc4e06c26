// Knows: what several files of one layout are as one collection, and each of them as a file of its own.
// Must not know: queries, and how its files are found.

import { type Collection, Fault, type Operand, type Row } from '#spi';
import type { OpenTable } from '../reads/selection.ts';
import type { Scans } from '../scans/scans.ts';
import type { Table } from '../tables/table.ts';
import type { Member, SetFiles, View } from './set-files.ts';

/** Several files of one layout as one collection. */
export interface FileSet {
  readonly source: string;
  /** Of each file; it knows nothing of the fields that names give. */
  readonly table: Table;
  readonly collection: Collection;
  /** Of the collection, in declared order. */
  readonly key: readonly Operand[];
  /** Fields that names give. */
  readonly constants: ReadonlySet<string>;
  /** The one that names the file. */
  readonly fileField: string;
  readonly files: SetFiles;
  /** What the name of a member says, by API names. */
  constantsOf(name: string): Row;
  readonly sliceMs: number;
  /** Absent: no thread scans its files. */
  readonly scans?: Scans;
}

/** The member as a file of its own, in the version that the view has. */
export function memberTable(
  { source, table, sliceMs, scans }: FileSet,
  view: View,
  member: Member,
): OpenTable {
  const { name, file, versions } = member;
  const { size, version, kept } = file;
  // One age for all: the oldest tells the least.
  const modifiedAt = oldest(view);
  const stored = {
    path: name,
    open: async () => ({
      size,
      version,
      modifiedAt,
      read: file.read,
      ...(file.descriptor === undefined ? {} : { descriptor: file.descriptor }),
      ...(kept === undefined ? {} : { kept }),
      // The view closes it.
      async [Symbol.asyncDispose]() {},
    }),
  };
  return {
    source,
    table,
    file: name,
    stored,
    versions,
    sliceMs,
    ...(scans === undefined ? {} : { scans }),
  };
}

const oldests = new WeakMap<readonly Member[], string>();

function oldest({ members }: View): string {
  const known = oldests.get(members);
  if (known !== undefined) return known;
  const ages = members.map(({ file }) => file.modifiedAt);
  const first = ages.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? '';
  oldests.set(members, first);
  return first;
}

export async function named<Result>(member: Member, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw inMember(member, error);
  }
}

export function inMember({ name }: Member, error: unknown): unknown {
  return error instanceof Fault ? error.at({ file: name }) : error;
}
