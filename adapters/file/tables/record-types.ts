// Knows: how records of several types become rows: as a union, or as parents with their children.
// Must not know: files, bytes; what a rule looks at.

import { layoutOf, layoutOfTypes } from '#codec/cobol-layout/copybook-layout';
import { isOtherwise } from '#codec/cobol-layout/view-rules';
import { type Codec, compile } from '#codec/compile/compile';
import type { Copybook, Item } from '#codec/copybook/tree';

import type { Framing } from '#codec/framing/framing';
import type { Layout, LayoutOptions, Node } from '#codec/layout';
import { camelCase, didYouMean, isApiName, pascalCase } from '#spi';
import { misconfigured } from '../misconfigured.ts';
import type { TypesOptions } from '../options/record-options.ts';
import { assembled, type Kind } from './assembly.ts';
import { type Child, type Family, familyCodec } from './family.ts';
import { membersOf, sorter, type TypeRule } from './members.ts';
import type { Owner } from './place.ts';
import { chosenRecord } from './records.ts';
import type { ToRows } from './rows.ts';
import { ruleOf, ruleTest } from './rule.ts';

export interface Reading {
  /** What rows show. */
  readonly codec: Codec;
  /** The longest record's, which has to fit the framing, and those of the other types. */
  readonly framed: Layout;
  readonly others?: readonly Layout[];
  /** A character may take several bytes, and columns count characters. */
  readonly multibyte: boolean;
  /** Absent: every record is a row. */
  readonly rows?: (framing: Framing) => ToRows;
  /** For people: how records become rows. */
  readonly note?: string;
}

export interface TypesGiven {
  readonly book: Copybook;
  /** Of the copybook. */
  readonly file: string;
  readonly types: TypesOptions;
  readonly options: LayoutOptions & { readonly name: string };
}

/** A type as it is configured. */
interface RecordType {
  readonly name: string;
  readonly record: Item;
  readonly when: string;
  readonly parent?: string | undefined;
  readonly as?: string | undefined;
  readonly leaveOut: boolean;
}

/** A type as it is read on its own. */
export interface TypeReading {
  readonly layout: Layout;
  readonly rule: TypeRule;
}

/** All types of the file, in their order, those that are left out too. Throws as `byTypes`. */
export function typeReadings(given: TypesGiven): readonly TypeReading[] {
  const types = recordTypes(given);
  const layouts = types.map((type) => layoutOfType(given, types, type));
  return rulesOf(types, layouts).flatMap((rule, i) => {
    const layout = layouts[i];
    return layout === undefined ? [] : [{ layout, rule }];
  });
}

function recordTypes(given: TypesGiven): readonly RecordType[] {
  return Object.entries(given.types).map(([name, type]): RecordType => {
    const { record, leaveOut = false, ...rest } = typeof type === 'string' ? { when: type } : { ...type };
    return { ...rest, name, leaveOut, record: recordOf(given, name, record) };
  });
}

/** Throws a misconfigured Fault for types that contradict one another or the copybook. */
export function byTypes(owner: Owner, given: TypesGiven): Reading {
  const types = recordTypes(given);
  const shown = types.filter(({ leaveOut }) => !leaveOut);
  if (shown.length === 0) throw misconfigured('no-types', 'No type under "types" is shown');
  return types.some(({ parent }) => parent !== undefined)
    ? byFamily(owner, given, types)
    : byUnion(owner, given, types, shown);
}

/** The 01 level that is named, or has the type's name, or is the only one. */
function recordOf({ book, file }: TypesGiven, name: string, wanted: string | undefined): Item {
  if (wanted !== undefined) return chosenRecord(book, file, wanted);
  const [only] = book.records;
  return book.records.length === 1 && only !== undefined ? only : chosenRecord(book, file, name);
}

function byUnion(
  owner: Owner,
  given: TypesGiven,
  types: readonly RecordType[],
  shown: readonly RecordType[],
): Reading {
  const variants = shown.map(({ name, record, when }) => ({ tag: pascalCase(name), record, when }));
  const layout = layoutOfTypes(variants, given.options);
  const reading = { codec: compile(layout), framed: layout, multibyte: false };
  if (shown.length === types.length) return reading;
  const kindsOf = sorter(
    rulesOf(
      types,
      types.map((type) => layoutOfType(given, types, type)),
    ),
    owner,
  );
  const rows: ToRows = membersOf((block) => {
    const kindOf = kindsOf(block);
    return (i) => types[kindOf(i)]?.leaveOut !== true;
  });
  return { ...reading, rows: () => rows, note: 'records of types that are left out are passed over' };
}

function byFamily(owner: Owner, given: TypesGiven, types: readonly RecordType[]): Reading {
  const shown = types.filter(({ leaveOut }) => !leaveOut);
  const roots = shown.filter(({ parent }) => parent === undefined);
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    throw misconfigured(
      'several-roots',
      `Where a type has a "parent", exactly one has none: its records are the rows. Here ${roots.length === 0 ? 'none is' : `${roots.map(({ name }) => name).join(' and ')} are`} without`,
      'Give the others a "parent", or "leaveOut: true".',
    );
  }
  for (const type of shown) checkParent(type, shown, types);

  const layouts = layoutsOf(given, types, root);
  const layoutFor = (type: RecordType): Layout => {
    const layout = layouts[types.indexOf(type)];
    if (layout === undefined) throw new TypeError(`${type.name} has no layout`);
    return layout;
  };
  const childrenOf = ({ name }: RecordType): readonly RecordType[] =>
    shown.filter(({ parent }) => parent?.toUpperCase() === name.toUpperCase());
  const familyOf = (type: RecordType): Family => ({
    codec: compile(layoutFor(type)),
    children: childrenOf(type).map(
      (child): Child => ({
        name: listName(child),
        typeName: layoutFor(child).name,
        family: familyOf(child),
      }),
    ),
  });
  const family = familyOf(root);
  for (const type of shown) checkNames(type, layoutFor(type), childrenOf(type).map(listName));

  const kindsOf = sorter(rulesOf(types, layouts), owner);
  const rows = (framing: Framing): ToRows => {
    const kinds = types.map(
      ({ name, parent }, i): Kind => ({
        name,
        ...(parent === undefined
          ? {}
          : { parent: types.findIndex((other) => other.name.toUpperCase() === parent.toUpperCase()) }),
        children: childrenOf(types[i] ?? root).map((child) => types.indexOf(child)),
        // In records of one length what stands behind a shorter layout is none of its business.
        shown: framing.kind === 'fixed' ? (layouts[i]?.length ?? 0) : Number.POSITIVE_INFINITY,
      }),
    );
    return assembled(kinds, (block) => {
      const kindOf = kindsOf(block);
      return (i) => {
        const kind = kindOf(i);
        return types[kind]?.leaveOut === true ? -1 : kind;
      };
    });
  };
  const [framed = layoutFor(root), ...others] = [...layouts].sort((a, b) => b.length - a.length);
  return {
    codec: familyCodec(family),
    framed,
    others,
    multibyte: false,
    rows,
    note: 'each row is a root with the records that follow it',
  };
}

/** The parent is there, is shown, and is no descendant. */
function checkParent(type: RecordType, shown: readonly RecordType[], types: readonly RecordType[]): void {
  const way: RecordType[] = [];
  for (let at: RecordType | undefined = type; at?.parent !== undefined; ) {
    if (way.includes(at)) {
      throw misconfigured(
        'bad-parent',
        `The type ${type.name} is its own ancestor: ${[...way, at].map(({ name }) => name).join(', ')}`,
      );
    }
    way.push(at);
    const wanted: string = at.parent;
    const above: RecordType | undefined = shown.find(
      ({ name }) => name.toUpperCase() === wanted.toUpperCase(),
    );
    if (above === undefined) {
      const names = types.map(({ name }) => name);
      throw misconfigured(
        'bad-parent',
        `The type ${at.name} has the parent "${wanted}", which is ${names.includes(wanted) ? 'left out' : 'no type'}.${didYouMean(wanted, names)}`,
      );
    }
    at = above;
  }
}

/** API name of the list in the parent's row. */
function listName({ name, as }: RecordType): string {
  if (as === undefined) return plural(camelCase(name));
  if (isApiName(as)) return as;
  throw misconfigured(
    'bad-name',
    `"${as}" cannot be the name of a list`,
    `Use a name such as ${camelCase(as)}.`,
  );
}

function plural(name: string): string {
  if (name.endsWith('s')) return name;
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
}

function checkNames({ name }: RecordType, { fields }: Layout, lists: readonly string[]): void {
  const taken = fields.map((field) => field.name);
  for (const list of lists) {
    if (taken.includes(list)) {
      throw misconfigured(
        'bad-name',
        `A list of ${name} would be called "${list}", and so is another of its fields`,
        'Give the list another name with "as".',
      );
    }
    taken.push(list);
  }
}

function rulesOf(types: readonly RecordType[], layouts: readonly Layout[]): readonly TypeRule[] {
  return types.map(({ name, when }, i) => {
    const layout = layouts[i];
    if (isOtherwise(when) || layout === undefined) return { name };
    const where = `the type ${name}`;
    return { name, test: ruleTest(layout, ruleOf(when, layout, where), where) };
  });
}

/** The layout of each type; the names of their groups' types are different ones. */
function layoutsOf(given: TypesGiven, types: readonly RecordType[], root: RecordType): readonly Layout[] {
  const taken = new Set<string>();
  return types.map((type) => {
    const wanted = type === root ? given.options.name : given.options.name + pascalCase(type.name);
    for (let n = 1; ; n++) {
      const layout = layoutOfType(given, types, type, n === 1 ? wanted : `${wanted}${n}`);
      const names = [layout.name, ...typeNames(layout.nodes)];
      if (names.some((name) => taken.has(name))) continue;
      for (const name of names) taken.add(name);
      return layout;
    }
  });
}

function typeNames(nodes: readonly Node[]): readonly string[] {
  return nodes.flatMap((node): readonly string[] => {
    if (node.kind === 'scalar') return node.type.kind === 'enum' ? [node.type.name] : [];
    if (node.kind === 'list') return typeNames([node.of]);
    const inside = node.kind === 'group' ? node.nodes : node.variants.map((variant) => variant.node);
    return [node.typeName, ...typeNames(inside)];
  });
}

/** With the policies and rules that name an item of this record; one that names an item of none is refused. */
function layoutOfType(
  { options, file }: TypesGiven,
  types: readonly RecordType[],
  { record }: RecordType,
  name = options.name,
): Layout {
  const all = types.flatMap((type) => itemNames(type.record));
  const own = itemNames(record);
  const ofRecord = <T>(named: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> =>
    Object.fromEntries(
      Object.entries(named ?? {}).filter(([wanted]) => {
        if (hasItem(own, wanted)) return true;
        if (hasItem(all, wanted)) return false;
        throw misconfigured(
          'unknown-field',
          `There is no item "${wanted}" in ${file}.${didYouMean(wanted, all)}`,
        );
      }),
    );
  return layoutOf(record, {
    ...options,
    name,
    fields: ofRecord(options.fields),
    redefines: ofRecord(options.redefines),
  });
}

function itemNames({ name, children }: Item): readonly string[] {
  return [...(name === undefined ? [] : [name.toUpperCase()]), ...children.flatMap(itemNames)];
}

/** By its name, or qualified: `A.B`, `B OF A`. */
function hasItem(names: readonly string[], wanted: string): boolean {
  const words = wanted
    .toUpperCase()
    .split(/[.\s]+/)
    .filter((word) => word !== 'OF' && word !== 'IN');
  return words.every((word) => names.includes(word));
}
