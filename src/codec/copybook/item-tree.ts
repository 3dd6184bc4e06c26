// Knows: what an item inherits from its groups, and what must hold between an entry and those around it.
// Must not know: source text, words, bytes.

import { didYouMean } from '../../model/naming.ts';
import { excessive, plain, quoted, syntax } from './copybook-faults.ts';
import type { Entry, ItemEntry, RenamesEntry } from './entries.ts';
import { called, checkElementary, checkValue, holdsSign } from './item-checks.ts';
import { resolve, type Scope, type Seen } from './names.ts';
import { type Draft, nest } from './nesting.ts';
import type { Condition, Item, NameReference, Occurs, Picture, Renames, Sign, Usage } from './tree.ts';
import type { Reference } from './word-reader.ts';

/** Items that a text may describe, those of its types counted wherever they are used. */
const MAX_ITEMS = 100_000;
/** Groups in each other: 49 by level numbers, more only by types. */
const MAX_DEPTH = 200;

/** The records of a text, checked. */
export function growRecords(entries: readonly Entry[]): readonly Item[] {
  const around = { count: { items: 0 }, groups: [], inherited: {} };
  const siblings = noSiblings();
  return nest(entries).map((record) =>
    itemOf(tableInRecord(record), { ...around, siblings, scope: new Map() }),
  );
}

/** OCCURS on level 01 or 77, as Micro Focus and GnuCOBOL take it: a record that holds one table of its own name. */
function tableInRecord(record: Draft): Draft {
  const { level, name, place, occurs, redefines, ...clauses } = record.entry;
  if (occurs === undefined) return record;
  const table = { level, place, occurs, ...(name !== undefined && { name }), ...clauses };
  return {
    entry: {
      kind: 'item',
      level,
      place,
      ...(name !== undefined && { name }),
      ...(redefines !== undefined && { redefines }),
    },
    conditions: [],
    children: [{ ...record, entry: table, renames: [] }],
    renames: record.renames,
  };
}

/** What stands around an item: before it in its group, before it in its record, above it. */
interface Around {
  readonly siblings: Siblings;
  readonly scope: Scope;
  readonly groups: readonly ItemEntry[];
  readonly count: { items: number };
  readonly inherited: Inherited;
}

/** The items before one in its group, and which of them it may redefine: the last with bytes of its own, and its redefinitions. */
interface Siblings {
  readonly all: ItemEntry[];
  /** By upper-case name. */
  readonly last: Map<string, ItemEntry>;
}

function noSiblings(): Siblings {
  return { all: [], last: new Map() };
}

function addSibling({ all, last }: Siblings, entry: ItemEntry): void {
  if (entry.redefines === undefined) last.clear();
  if (entry.name !== undefined) last.set(entry.name.toUpperCase(), entry);
  all.push(entry);
}

/** What a group says for all that is below it. */
interface Inherited {
  readonly usage?: Usage;
  readonly signed?: boolean;
  readonly sign?: Sign;
  readonly synchronized?: true;
}

function itemOf(draft: Draft, around: Around): Item {
  const { entry, children } = draft;
  countItem(entry, around);
  const inherited = inheritedBy(entry, around.inherited);
  const picture = pictureOf(entry, inherited.usage);
  const usage = inherited.usage ?? usualUsage(picture);
  const occurs = occursOf(entry, around);
  const redefines = targetOf(entry, around);
  if (children.length > 0) checkGroup(draft);
  else checkElementary(entry, picture, usage);
  const isSigned = holdsSign(picture, usage);
  if (isSigned && usage === 'national' && inherited.sign?.separate !== true) {
    throw syntax(
      entry.picture?.place ?? entry.place,
      'A signed number of USAGE NATIONAL needs SIGN … SEPARATE',
    );
  }
  addSibling(around.siblings, entry);
  see(entry, around);
  const below = {
    scope: around.scope,
    groups: [...around.groups, entry],
    count: around.count,
    inherited,
    siblings: noSiblings(),
  };
  const items = children.map((child) => itemOf(child, below));
  const renames = draft.renames.map((each) => renamesOf(each, around.scope));
  return {
    level: entry.level,
    ...(entry.name !== undefined && { name: entry.name }),
    place: plain(entry.place),
    ...(picture !== undefined && { picture }),
    usage,
    ...(usage.startsWith('binary-') && children.length === 0 && { signed: inherited.signed ?? true }),
    ...(isSigned && inherited.sign !== undefined && { sign: inherited.sign }),
    ...(inherited.synchronized === true && { synchronized: true }),
    ...(entry.justified !== undefined && { justified: true }),
    ...(entry['byte-length'] !== undefined && { byteLength: entry['byte-length'].is }),
    ...(entry['blank when zero'] !== undefined && { blankWhenZero: true }),
    ...(occurs !== undefined && { occurs }),
    ...(redefines !== undefined && { redefines }),
    ...(entry.value !== undefined && { value: entry.value.is }),
    conditions: conditionsOf(draft, picture, usage),
    ...(renames.length > 0 && { renames }),
    children: items,
  };
}

function countItem({ place }: ItemEntry, { count, groups }: Around): void {
  count.items++;
  if (count.items > MAX_ITEMS) throw excessive(place, `A text describes at most ${MAX_ITEMS} items`);
  if (groups.length > MAX_DEPTH)
    throw excessive(place, `Groups stand at most ${MAX_DEPTH} deep in each other`);
}

/** The USAGE of a group holds for everything below it, and an item cannot contradict it; SIGN may be said again. */
function inheritedBy(entry: ItemEntry, group: Inherited): Inherited {
  const own = entry.usage ?? entry['group-usage'];
  if (own !== undefined && group.usage !== undefined && own.is !== group.usage) {
    throw syntax(own.place, `This contradicts the USAGE of its group, ${group.usage.toUpperCase()}`);
  }
  const usage = own?.is ?? group.usage;
  const signed = entry.usage?.signed ?? group.signed;
  const sign = entry.sign?.is ?? group.sign;
  const synchronized = entry.synchronized?.is ?? group.synchronized;
  return {
    ...(usage !== undefined && { usage }),
    ...(signed !== undefined && { signed }),
    ...(sign !== undefined && { sign }),
    ...(synchronized !== undefined && { synchronized }),
  };
}

/**
 * PIC N is double-byte text where USAGE DISPLAY-1 says so (compiler option NSYMBOL). A SIGN clause of its own gives a number
 * a sign without S too: no compiler takes it, and copybooks have it.
 */
function pictureOf({ picture, sign }: ItemEntry, usage: Usage | undefined): Picture | undefined {
  if (picture?.is.category === 'national' && usage === 'display-1')
    return { ...picture.is, category: 'dbcs' };
  if (picture?.is.category === 'numeric' && sign !== undefined) return { ...picture.is, signed: true };
  return picture?.is;
}

function usualUsage(picture: Picture | undefined): Usage {
  switch (picture?.category) {
    case 'national':
      return 'national';
    case 'dbcs':
      return 'display-1';
    case 'utf-8':
      return 'utf-8';
    default:
      return 'display';
  }
}

function see(entry: ItemEntry, { scope, groups }: Around): void {
  if (entry.name === undefined) return;
  scope.getOrInsertComputed(entry.name.toUpperCase(), () => []).push({ entry, groups });
}

function checkGroup({ entry, children }: Draft): void {
  const [child] = children;
  const { picture, justified, 'blank when zero': blank } = entry;
  if (picture !== undefined && child !== undefined) {
    const why = `${called(entry)} in line ${entry.place.line} has a PICTURE`;
    throw syntax(child.entry.place, `Nothing can stand below an elementary item: ${why}`);
  }
  if (justified !== undefined) throw syntax(justified.place, 'JUSTIFIED cannot stand on a group');
  if (blank !== undefined) throw syntax(blank.place, 'BLANK WHEN ZERO cannot stand on a group');
  if (entry.value !== undefined) checkValue(entry.value.is, entry.value.place, undefined, 'display');
}

function conditionsOf(
  { conditions, children }: Draft,
  picture: Picture | undefined,
  usage: Usage,
): readonly Condition[] {
  return conditions.map(({ name, values, whenFalse, place }) => {
    // A condition compares: numbers and bytes may also be such as the item never holds.
    for (const literal of values.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to]))) {
      if (literal.kind === 'hex' || literal.kind === 'number') continue;
      checkValue(literal, place, picture, children.length > 0 ? 'display' : usage);
    }
    return { name, values, ...(whenFalse !== undefined && { whenFalse }), place: plain(place) };
  });
}

/** Checks a table; the counter of DEPENDING ON is an integer that stands before it in the record. */
function occursOf({ occurs }: ItemEntry, around: Around): Occurs | undefined {
  if (occurs === undefined) return undefined;
  const { is } = occurs;
  const { min, max, dependingOn } = is;
  if (dependingOn === undefined) return { min, max };
  const seen = resolve(dependingOn, around.scope, 'The counter');
  const { entry: counter } = seen;
  const picture = counter.picture?.is;
  const isInteger =
    picture === undefined
      ? counter.usage?.is.startsWith('binary-') === true
      : picture.category === 'numeric' && picture.scale <= 0;
  const line = counter.place.line;
  if (!isInteger)
    throw syntax(dependingOn.place, `The counter ${called(counter)} in line ${line} is no integer`);
  const table = [...seen.groups, counter].find(
    (group) => group.occurs !== undefined && !around.groups.includes(group),
  );
  if (table !== undefined) {
    const why = `stands in the table ${called(table)}, so there are many of it`;
    throw syntax(dependingOn.place, `The counter ${called(counter)} in line ${line} ${why}`);
  }
  return { min, max, dependingOn: referenceOf(dependingOn, seen) };
}

/** Names spelled as they were declared. */
function referenceOf({ of, place }: Reference, { entry, groups }: Seen): NameReference {
  const declared = of.map(
    (qualifier) =>
      groups.findLast(({ name }) => name?.toUpperCase() === qualifier.toUpperCase())?.name ?? qualifier,
  );
  return { name: entry.name ?? '', of: declared, place: plain(place) };
}

function renamesOf({ name, from, through, place }: RenamesEntry, scope: Scope): Renames {
  const found = (reference: Reference): NameReference => {
    const seen = resolve(reference, scope, 'The item');
    if (seen.groups.length === 0) throw syntax(reference.place, 'RENAMES names items below the record');
    return referenceOf(reference, seen);
  };
  const first = found(from);
  return {
    name,
    from: first,
    ...(through !== undefined && { through: found(through) }),
    place: plain(place),
  };
}

/** The redefined item: the one before it on the same level, not counting other redefinitions. Its name as declared. */
function targetOf(entry: ItemEntry, { siblings }: Around): string | undefined {
  if (entry.redefines === undefined) return undefined;
  const { name: target, place } = entry.redefines.is;
  const wanted = target.toUpperCase();
  const sibling = siblings.last.get(wanted);
  if (sibling?.name !== undefined) {
    if (sibling.level === entry.level) return sibling.name;
    const levels = `it has level ${sibling.level}, and this is level ${entry.level}`;
    throw syntax(place, `${called(sibling)} cannot be redefined here: ${levels}`);
  }
  const names = siblings.all.flatMap(({ name }) => name ?? []);
  if (names.some((name) => name.toUpperCase() === wanted)) {
    const why = 'another item stands between them, and its bytes too';
    throw syntax(place, `${quoted(target)} cannot be redefined here: ${why}`);
  }
  const near = didYouMean(target, names);
  throw syntax(place, `No item ${quoted(target)} stands before it in the same group.${near}`);
}
