// Knows: how entries nest by level number, and what must hold between an entry and those around it.
// Must not know: source text, words, bytes.

import { didYouMean } from '../../model/naming.ts';
import { type CopybookFaults, quoted } from './copybook-faults.ts';
import type { Entry, ItemEntry } from './entries.ts';
import type { Condition, Item, Occurs, SourcePlace, Usage } from './tree.ts';

/** An item while the entries below it are still being read. */
interface Draft {
  readonly entry: ItemEntry;
  readonly conditions: Condition[];
  readonly children: Draft[];
}

/** The records of a text: each 01 with what is below it, each 77, or one unnamed record where there is no 01. */
export function growRecords(entries: readonly Entry[], faults: CopybookFaults): readonly Item[] {
  const records = nest(entries, faults);
  return records.map((record, i) => {
    const before: Before = { siblings: records.slice(0, i), named: new Map() };
    return itemOf(record, before, undefined, faults);
  });
}

/** Below a group is all that follows it, up to a level number that is not greater than its own. */
function nest(entries: readonly Entry[], faults: CopybookFaults): readonly Draft[] {
  const records: Draft[] = [];
  /** The groups, outermost first, that the next entry may still go into. */
  let open: Draft[] = [];
  let last: Draft | undefined;
  let unnamed = false;
  for (const entry of entries) {
    if (entry.kind === 'condition') {
      if (last === undefined)
        throw faults.syntax(entry.place, 'A condition (level 88) needs an item before it');
      last.conditions.push(entry);
      continue;
    }
    last = { entry, conditions: [], children: [] };
    if (entry.level === 1 || entry.level === 77) {
      if (unnamed) {
        throw faults.syntax(
          entry.place,
          'The items before this level belong to no record: put a 01 before them',
        );
      }
      records.push(last);
      open = entry.level === 1 ? [last] : [];
      continue;
    }
    if (records.length === 0) {
      unnamed = true;
      open = [{ entry: { kind: 'item', level: 1, place: entry.place }, conditions: [], children: [] }];
      records.push(...open);
    }
    while ((open.at(-1)?.entry.level ?? 0) >= entry.level) open.pop();
    const group = open.at(-1);
    if (group === undefined)
      throw faults.syntax(entry.place, 'A level 77 stands alone: put a 01 before this item');
    group.children.push(last);
    open.push(last);
  }
  return records;
}

/** What stands before an item: in its group, and (by upper-case name) anywhere in its record. */
interface Before {
  readonly siblings: readonly Draft[];
  readonly named: Map<string, ItemEntry[]>;
}

function itemOf(draft: Draft, before: Before, groupUsage: Usage | undefined, faults: CopybookFaults): Item {
  const { entry, conditions, children } = draft;
  const usage = usageOf(entry, groupUsage, faults);
  const occurs = entry.occurs === undefined ? undefined : occursOf(entry, entry.occurs, before, faults);
  const redefines =
    entry.redefines === undefined ? undefined : targetOf(entry, entry.redefines, before, faults);
  if (children.length > 0) checkGroup(draft, faults);
  else checkElementary(entry, usage, faults);
  if (entry.name !== undefined) {
    before.named.getOrInsertComputed(entry.name.toUpperCase(), () => []).push(entry);
  }
  const siblings: Draft[] = [];
  return {
    level: entry.level,
    ...(entry.name !== undefined && { name: entry.name }),
    place: entry.place,
    ...(entry.picture !== undefined && { picture: entry.picture.is }),
    usage: usage ?? 'display',
    ...(occurs !== undefined && { occurs }),
    ...(redefines !== undefined && { redefines }),
    ...(entry.value !== undefined && { value: entry.value.is }),
    conditions: conditions.map(({ name, values, place }) => ({ name, values, place })),
    children: children.map((child) => {
      const item = itemOf(child, { siblings, named: before.named }, usage, faults);
      siblings.push(child);
      return item;
    }),
  };
}

/** The USAGE of a group holds for everything below it; an item cannot contradict it. */
function usageOf(entry: ItemEntry, group: Usage | undefined, faults: CopybookFaults): Usage | undefined {
  const own = entry.usage;
  if (own !== undefined && group !== undefined && own.is !== group) {
    throw faults.syntax(own.place, `This contradicts the USAGE of its group, ${group.toUpperCase()}`);
  }
  return own?.is ?? group;
}

function checkGroup({ entry, conditions, children }: Draft, faults: CopybookFaults): void {
  const [child] = children;
  const [condition] = conditions;
  if (entry.picture !== undefined && child !== undefined) {
    const why = `${called(entry)} in line ${entry.place.line} has a PICTURE`;
    throw faults.syntax(child.entry.place, `Nothing can stand below an elementary item: ${why}`);
  }
  if (condition !== undefined) throw faults.unsupported(condition.place, 'A condition (level 88) of a group');
}

function checkElementary(entry: ItemEntry, usage: Usage | undefined, faults: CopybookFaults): void {
  const picture = entry.picture;
  if (picture === undefined) {
    throw faults.syntax(entry.place, `${called(entry)} has no PICTURE, and nothing stands below it`);
  }
  if (usage !== undefined && usage !== 'display' && picture.is.category !== 'numeric') {
    const place = entry.usage?.place ?? picture.place;
    const why = `the PICTURE ${quoted(picture.is.text)} is ${picture.is.category}`;
    throw faults.syntax(place, `USAGE ${usage.toUpperCase()} needs a number, ${why}`);
  }
}

/** Checks a table; the counter of DEPENDING ON is an integer that stands before it in the record. */
function occursOf(
  { level }: ItemEntry,
  { is: occurs, place, counter: counterPlace }: NonNullable<ItemEntry['occurs']>,
  { named }: Before,
  faults: CopybookFaults,
): Occurs {
  if (level === 1 || level === 77) {
    throw faults.syntax(place, `OCCURS cannot stand on level ${level === 1 ? '01' : '77'}`);
  }
  if (occurs.dependingOn === undefined) return occurs;
  const [counter, another] = named.get(occurs.dependingOn.toUpperCase()) ?? [];
  if (another !== undefined)
    throw faults.unsupported(counterPlace, 'A counter whose name stands twice before it');
  if (counter?.name === undefined) {
    const near = didYouMean(occurs.dependingOn, namesOf([...named.values()].flat()));
    const missing = `The counter ${quoted(occurs.dependingOn)} stands nowhere before it in the record`;
    throw faults.syntax(counterPlace, `${missing}.${near}`);
  }
  if (counter.picture?.is.category !== 'numeric' || counter.picture.is.scale !== 0) {
    throw faults.syntax(
      counterPlace,
      `The counter ${called(counter)} in line ${counter.place.line} is no integer`,
    );
  }
  return { ...occurs, dependingOn: counter.name };
}

/** The redefined item: the one before it on the same level, not counting other redefinitions. Its name as declared. */
function targetOf(
  entry: ItemEntry,
  redefines: { readonly is: string; readonly place: SourcePlace },
  { siblings }: Before,
  faults: CopybookFaults,
): string {
  const wanted = redefines.is.toUpperCase();
  for (let i = siblings.length - 1; i >= 0; i--) {
    const sibling = siblings[i]?.entry;
    if (sibling === undefined) break;
    if (sibling.name !== undefined && sibling.name.toUpperCase() === wanted) {
      if (sibling.level === entry.level) return sibling.name;
      const levels = `it has level ${sibling.level}, and this is level ${entry.level}`;
      throw faults.syntax(redefines.place, `${called(sibling)} cannot be redefined here: ${levels}`);
    }
    if (sibling.redefines === undefined) break;
  }
  const names = namesOf(siblings.map((sibling) => sibling.entry));
  if (names.some((name) => name.toUpperCase() === wanted)) {
    const why = 'another item stands between them, and its bytes too';
    throw faults.syntax(redefines.place, `${quoted(redefines.is)} cannot be redefined here: ${why}`);
  }
  const near = didYouMean(redefines.is, names);
  throw faults.syntax(
    redefines.place,
    `No item ${quoted(redefines.is)} stands before it in the same group.${near}`,
  );
}

function namesOf(entries: readonly ItemEntry[]): readonly string[] {
  return entries.flatMap(({ name }) => (name === undefined ? [] : [name]));
}

function called({ name }: ItemEntry): string {
  return name === undefined ? 'The unnamed item' : quoted(name);
}
