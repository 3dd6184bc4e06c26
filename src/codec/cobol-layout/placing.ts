// Knows: where every item of a record stands: offsets, lengths, slack bytes, redefinitions, and tables that slide.
// Must not know: encodings, names of the API, policies.

import type { Item } from '../copybook/tree.ts';
import type { StorageRules } from './dialect.ts';
import { itemFault } from './item-text.ts';
import { boundary, storageBytes } from './storage.ts';

/** An item at its place. */
export interface Placed {
  readonly item: Item;
  readonly parent?: Placed;
  readonly children: readonly Placed[];
  /** From the first byte of the record or, inside a table, of the table's element. */
  readonly offset: number;
  /** Bytes of one occurrence, in the widest form. */
  readonly length: number;
  /** Fewest bytes that all its occurrences together take in a record. */
  readonly least: number;
  /** Of a table with a counter: elements that do not count take no bytes. */
  readonly slides: boolean;
  /** First item of the storage that a REDEFINES describes again. */
  readonly storage?: Placed;
}

/** Which views of a shared storage have a rule that says when they are the right one. By the storage's first item. */
export type RuledViews = (storage: Item, views: readonly Item[]) => ReadonlySet<Item>;

/** Bytes of all occurrences in the widest form. */
export function sizeOf({ item, length }: Placed): number {
  return length * (item.occurs?.max ?? 1);
}

/** The tables that an item stands in or is, innermost first. */
export function tablesAround(placed: Placed): readonly Placed[] {
  const outer = placed.parent === undefined ? [] : tablesAround(placed.parent);
  return placed.item.occurs === undefined ? outer : [placed, ...outer];
}

/** Items by what they share: each item with its redefinitions. */
export function storages(children: readonly Placed[]): readonly (readonly [Placed, ...Placed[]])[] {
  const views = new Map<Placed, [Placed, ...Placed[]]>();
  for (const child of children) {
    if (child.storage === undefined) views.set(child, [child]);
    else views.get(child.storage)?.push(child);
  }
  return [...views.values()];
}

/** No compiler writes longer records: GnuCOBOL's `MAX_FD_RECORD`; z/OS ends at 16 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The record (one 01) with everything in it. Throws a misconfigured `invalid` Fault for one that no file can hold. */
export function placeRecord(record: Item, rules: StorageRules, ruled: RuledViews): Placed {
  const placed = place(record, {}, 0, 0, { kind: 'own', atEnd: true, lastInView: true }, { rules, ruled });
  if (placed.length <= MOST_BYTES) return placed;
  throw itemFault(record, `has ${placed.length} bytes, and no file has records of more than ${MOST_BYTES}`);
}

interface Compiler {
  readonly rules: StorageRules;
  readonly ruled: RuledViews;
}

/** What the bytes around an item allow a table to do. */
interface Around {
  /** `own`: shared with nobody. Otherwise which view of a shared storage it is: one chosen by a rule, the first, or another one. */
  readonly kind: 'own' | 'ruled' | 'first' | 'other';
  /** Nothing of the record stands behind the storage that it shares. */
  readonly atEnd: boolean;
  /** Nothing of the view (of the record, where it is shared with nobody) stands behind it. */
  readonly lastInView: boolean;
}

/** While items are being placed slack bytes may still be put behind them. */
interface Draft extends Placed {
  offset: number;
  length: number;
  least: number;
  children: readonly Draft[];
}

/** `begin`: the item's first byte, `frame`: that of its record or table element, both counted from the record's first byte. */
function place(
  item: Item,
  within: Pick<Placed, 'parent' | 'storage'>,
  begin: number,
  frame: number,
  around: Around,
  compiler: Compiler,
): Draft {
  const { occurs } = item;
  const inside = occurs === undefined ? frame : begin;
  const draft: Draft = {
    item,
    ...within,
    children: [],
    offset: begin - frame,
    length: 0,
    least: 0,
    slides: occurs?.dependingOn !== undefined && slides(item, around, compiler.rules),
  };
  if (item.children.length === 0) {
    draft.length = storageBytes(item, compiler.rules);
    draft.least = draft.length;
  } else {
    const below = occurs === undefined ? around : { ...around, lastInView: false };
    placeChildren(draft, begin, inside, below, compiler);
  }
  if (occurs !== undefined) {
    const padding = elementPadding(item, draft.length, compiler.rules);
    draft.length += padding;
    if (compiler.rules.synchronized === 'natural') moveLast(draft, padding);
    draft.least = (draft.least + padding) * (draft.slides ? occurs.min : occurs.max);
  }
  return draft;
}

/** The children one behind the other; one that redefines begins where its storage does. */
function placeChildren(group: Draft, begin: number, frame: number, around: Around, compiler: Compiler): void {
  const { item: parent } = group;
  const children: Draft[] = [];
  group.children = children;
  const named = new Map<string, Draft>();
  const viewsOf = sharedStorages(parent.children);
  const lastItem = parent.children.findLast(({ redefines }) => redefines === undefined);
  let end = begin;
  let before: Draft | undefined;
  for (const item of parent.children) {
    const target = item.redefines === undefined ? undefined : named.get(item.redefines.toUpperCase());
    if (item.redefines !== undefined && target === undefined) throw missingTarget(item);
    const storage = target?.storage ?? target;
    const first = storage?.item ?? item;
    let at = storage === undefined ? end : frame + storage.offset;
    const slack = storage === undefined ? slackBefore(item, at, before !== undefined, compiler.rules) : 0;
    if (slack > 0 && before !== undefined && compiler.rules.synchronized === 'ibm') addSlack(before, slack);
    at += slack;
    const views = viewsOf.get(first) ?? [first];
    const where = aroundView(item, first, views, first === lastItem, around, compiler);
    const within = { parent: group, ...(storage === undefined ? {} : { storage }) };
    const placed = place(item, within, at, frame, where, compiler);
    children.push(placed);
    if (item.name !== undefined) named.set(item.name.toUpperCase(), placed);
    if (storage === undefined) before = placed;
    end = Math.max(end, at + sizeOf(placed));
  }
  group.length = end - begin;
  group.least = group.length - savings(children, viewsOf, around, compiler);
}

function missingTarget(item: Item): never {
  throw itemFault(item, `redefines ${item.redefines}, which does not stand before it in the same group`);
}

/** First items of shared storages with all their views. */
function sharedStorages(items: readonly Item[]): ReadonlyMap<Item, readonly Item[]> {
  const firstOf = new Map<string, Item>();
  const views = new Map<Item, Item[]>();
  for (const item of items) {
    const first = item.redefines === undefined ? item : firstOf.get(item.redefines.toUpperCase());
    if (first === undefined) continue;
    if (item.name !== undefined) firstOf.set(item.name.toUpperCase(), first);
    if (first !== item) views.getOrInsertComputed(first, () => [first]).push(item);
  }
  return views;
}

function aroundView(
  item: Item,
  first: Item,
  views: readonly Item[],
  isLast: boolean,
  around: Around,
  { ruled }: Compiler,
): Around {
  const lastInView = around.lastInView && isLast;
  if (views.length === 1) return { ...around, lastInView };
  const kind = ruled(first, views).has(item) ? 'ruled' : item === first ? 'first' : 'other';
  const worse = around.kind === 'own' || around.kind === 'ruled' ? kind : around.kind;
  return { kind: worse, atEnd: around.atEnd && lastInView, lastInView: true };
}

/**
 * Does a table with a counter slide here? Storage that several views share has one size, so a table can only slide where nothing
 * stands behind the storage; and only views that a rule chooses can say what stands behind the table.
 */
function slides(item: Item, { kind, atEnd, lastInView }: Around, { odo }: StorageRules): boolean {
  if (odo === 'maximum') return false;
  if (kind === 'own') return true;
  if (atEnd && kind === 'ruled') return true;
  if (lastInView) return atEnd && kind === 'first';
  throw itemFault(
    item,
    'is a table of varying length with items behind it, in storage that a REDEFINES shares: which bytes they are cannot be told',
    'Where the table always takes its full length, say "odo: maximum"; at the end of a record a rule for the REDEFINES tells the views apart',
  );
}

/** Bytes that a record may have less than the widest form, because of tables that slide and of shorter views at its end. */
function savings(
  children: readonly Draft[],
  viewsOf: ReadonlyMap<Item, readonly Item[]>,
  around: Around,
  { ruled }: Compiler,
): number {
  let saved = 0;
  const last = children.findLast(({ storage }) => storage === undefined);
  for (const [first, ...others] of storages(children)) {
    const views = viewsOf.get(first.item);
    const chosen = views === undefined ? undefined : ruled(first.item, views);
    if (chosen !== undefined && chosen.size > 0) {
      if (first !== last || !around.atEnd || !around.lastInView) continue;
      const all = [first, ...others];
      const shortest = Math.min(...all.filter(({ item }) => chosen.has(item)).map(({ least }) => least));
      saved += Math.max(...all.map(sizeOf)) - shortest;
    } else saved += sizeOf(first) - first.least;
  }
  return saved;
}

/** Slack bytes that SYNCHRONIZED needs before an item at `at`. */
function slackBefore(item: Item, at: number, preceded: boolean, rules: StorageRules): number {
  if (rules.synchronized === 'natural') {
    return item.children.length > 0 ? 0 : bytesUpTo(at, boundary(item, rules));
  }
  // What is first in its group stands where the group does, for which the same boundary was asked.
  return preceded ? bytesUpTo(at, boundary(firstElementary(item), rules)) : 0;
}

function firstElementary(item: Item): Item {
  const [first] = item.children;
  return first === undefined ? item : firstElementary(first);
}

function bytesUpTo(at: number, multiple: number): number {
  return (multiple - (at % multiple)) % multiple;
}

/**
 * Slack bytes have the level of the elementary item before them and count in the length of its groups. The elements of a table
 * have all the same length, so slack bytes stay behind it.
 */
function addSlack(before: Draft, slack: number): void {
  if (before.item.children.length === 0 || before.item.occurs !== undefined) return;
  before.length += slack;
  before.least += slack;
  const last = before.children.findLast(({ storage }) => storage === undefined);
  if (last !== undefined) addSlack(last, slack);
}

/** Slack bytes at the end of a table's element, so that every element has the same boundaries as the first. */
function elementPadding(item: Item, length: number, rules: StorageRules): number {
  if (rules.synchronized === 'ibm') return bytesUpTo(length, widestBoundary(item, rules));
  const isTable = item.children.length > 0 && (item.occurs?.max ?? 1) > 1;
  return isTable ? bytesUpTo(length, boundaryAtEnd(item, rules)) : 0;
}

/**
 * GnuCOBOL's compiler puts these bytes before the last elementary item of the element, not behind it (cobc 3.1, found by comparing
 * addresses). Where that item stands in a table of its own it would then share bytes with the next element of that table: such
 * records are left as they should be.
 */
function moveLast(group: Draft, bytes: number): void {
  const last = group.children.at(-1);
  if (last === undefined) return;
  if (last.children.length === 0) last.offset += bytes;
  else if (last.item.occurs === undefined) moveLast(last, bytes);
}

function widestBoundary(item: Item, rules: StorageRules): number {
  if (item.children.length === 0) return boundary(item, rules);
  return Math.max(...item.children.map((child) => widestBoundary(child, rules)));
}

/**
 * What GnuCOBOL's compiler goes by: each group, when it begins, makes it forget the boundaries before, so those behind the beginning
 * of the last group count (`occur_align_size` of cobc 3.1, found by comparing sizes).
 */
function boundaryAtEnd(item: Item, rules: StorageRules): number {
  let widest = 1;
  for (const child of item.children) {
    if (child.children.length > 0) widest = boundaryAtEnd(child, rules);
    else if (child.redefines === undefined) widest = Math.max(widest, boundary(child, rules));
  }
  return widest;
}
