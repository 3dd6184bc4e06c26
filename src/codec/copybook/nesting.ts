// Knows: how entries nest by level number, and how types (TYPEDEF) stand in for what they describe.
// Must not know: source text, words, what must hold between an entry and those around it.

import { didYouMean } from '../../model/naming.ts';
import { quoted, syntax, unsupported } from './copybook-faults.ts';
import type { ConditionEntry, Entry, ItemEntry, RenamesEntry } from './entries.ts';

/** An item while the entries below it are still being read. */
export interface Draft {
  readonly entry: ItemEntry;
  readonly conditions: ConditionEntry[];
  readonly children: readonly Draft[];
  readonly renames: RenamesEntry[];
}

interface OpenDraft extends Draft {
  readonly children: Draft[];
  /** Its children are those of a type. */
  readonly typed: boolean;
}

/** The records of a text: each 01 with what is below it, each 77, or one unnamed record where there is no 01. */
export function nest(entries: readonly Entry[]): readonly Draft[] {
  const records: OpenDraft[] = [];
  const types = new Map<string, Draft>();
  /** The groups, outermost first, that the next entry may still go into. */
  let open: OpenDraft[] = [];
  let last: OpenDraft | undefined;
  let unnamed = false;
  for (const entry of entries) {
    if (entry.kind === 'border') {
      open = [];
      last = undefined;
      unnamed = false;
      continue;
    }
    if (entry.kind === 'condition') {
      if (last === undefined) throw syntax(entry.place, 'A condition (level 88) needs an item before it');
      last.conditions.push(entry);
      continue;
    }
    if (entry.kind === 'renames') {
      const [record] = open;
      if (record === undefined) throw syntax(entry.place, 'A level 66 needs a record before it');
      record.renames.push(entry);
      last = undefined;
      continue;
    }
    last = draftOf(entry, types);
    if (entry.level === 1 || entry.level === 77) {
      if (unnamed) {
        const message = 'The items before this level belong to no record: put a 01 before them';
        throw syntax(entry.place, message);
      }
      if (entry.typedef === undefined) records.push(last);
      else if (entry.name === undefined) throw syntax(entry.place, 'A type needs a name');
      else types.set(entry.name.toUpperCase(), last);
      open = entry.level === 1 ? [last] : [];
      continue;
    }
    if (entry.typedef !== undefined) throw syntax(entry.typedef.place, 'TYPEDEF stands only on level 01');
    if (records.length === 0 && types.size === 0) {
      unnamed = true;
      open = [draftOf({ kind: 'item', level: 1, place: entry.place }, types)];
      records.push(...open);
    }
    while ((open.at(-1)?.entry.level ?? 0) >= entry.level) open.pop();
    const group = open.at(-1);
    if (group === undefined) throw syntax(entry.place, 'This item belongs to no record: put a 01 before it');
    if (group.typed) throw syntax(entry.place, 'Nothing can stand below an item with a TYPE clause');
    group.children.push(last);
    open.push(last);
  }
  return records;
}

/** The entry's own clauses, and those of its type. */
function draftOf(entry: ItemEntry, types: ReadonlyMap<string, Draft>): OpenDraft {
  if (entry.type === undefined) return { entry, conditions: [], children: [], renames: [], typed: false };
  const { is: name, place } = entry.type;
  const type = types.get(name);
  if (type === undefined) {
    const near = didYouMean(name, types.keys());
    throw syntax(place, `No type ${quoted(name)} stands before it.${near}`);
  }
  if (type.renames.length > 0) throw unsupported(place, 'A type with RENAMES');
  const { typedef: _, name: __, ...described } = type.entry;
  return {
    entry: { ...described, ...entry },
    conditions: [...type.conditions],
    children: [...type.children],
    renames: [],
    typed: true,
  };
}
