// Knows: whether a record belongs to a collection or a record type, by a rule over some of its fields.
// Must not know: files, and what the rest of the record holds: records of other types have other layouts and lengths.

import { readRule } from '#codec/cobol-layout/settle';
import { compile, type Test } from '#codec/compile/compile';
import { type Layout, layoutFrom, type Node } from '#codec/layout';
import { Fault, type Filter, fieldsOf, matches } from '#spi';
import { misconfigured } from '../misconfigured.ts';

/** The text of a rule → filter over the layout's fields: the filter language, or a single level-88 name. `where`: of what it is the rule. */
export function ruleOf(text: string, { nodes }: Layout, where: string): Filter {
  try {
    return readRule({ text: text.trim(), owner: `The rule of ${where}` }, nodes);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw misconfigured('bad-rule', error.message, error.place.hint);
  }
}

/** A field that the rule looks at. */
interface Looked {
  readonly path: string;
  /** Offset behind it in the record. */
  readonly end: number;
}

/**
 * The rule as a test that looks at nothing but its fields, whatever the record's length. A field that does not lie inside a
 * record is null there (in line text, blanks), and so is what the filter language says of null: neither `eq` nor `ne` is true of it. A field
 * that lies inside and cannot be decoded throws its fault. A misconfigured Fault: a field has no fixed place in the record.
 */
export function ruleTest(layout: Layout, filter: Filter, where: string): Test {
  const paths = fieldsOf(filter);
  const looked = paths.map((path) => ({ path, end: endOf(layout.nodes, path, where) }));
  const narrow = prefixOf(layout, looked);
  const { coverage, test } = compile(narrow).predicate(filter);
  if (coverage.includes('none')) throw new TypeError(`a rule of ${where} looks at what is no field`);
  const { length, flexible = false } = narrow;
  const partial = partialTest(layout, looked, filter);
  return (bytes, start, end, locate) => {
    if (end - start >= length) return test(bytes, start, start + length, locate);
    return flexible ? test(bytes, start, end, locate) : partial(bytes, start, end, locate);
  };
}

/** For records that end before the last field of the rule: they are few, or short work. */
function partialTest(layout: Layout, looked: readonly Looked[], filter: Filter): Test {
  const ends = [...new Set(looked.map(({ end }) => end))].sort((a, b) => a - b);
  const readings = ends.map((longest) => {
    const there = looked.filter(({ end }) => end <= longest);
    const narrow = prefixOf(layout, there);
    return { length: narrow.length, decode: compile(narrow).decoder(there.map(({ path }) => path)) };
  });
  return (bytes, start, end, locate) => {
    const reading = readings.findLast(({ length }) => length <= end - start);
    return matches(filter, reading?.decode(bytes, start, start + reading.length, locate) ?? {});
  };
}

/** The record up to the last of these fields, with nothing else in it. */
function prefixOf(layout: Layout, looked: readonly Looked[]): Layout {
  const { template: _, fields: _all, ...rest } = layout;
  const length = Math.max(0, ...looked.map(({ end }) => end));
  const nodes = only(
    layout.nodes,
    looked.map(({ path }) => path),
  );
  return layoutFrom({ ...rest, length, minLength: length, nodes });
}

function only(nodes: readonly Node[], paths: readonly string[]): readonly Node[] {
  return nodes.flatMap((node): readonly Node[] => {
    if (paths.includes(node.name)) return [node];
    const inside = paths.flatMap((path) =>
      path.startsWith(`${node.name}.`) ? [path.slice(node.name.length + 1)] : [],
    );
    return node.kind === 'group' && inside.length > 0 ? [{ ...node, nodes: only(node.nodes, inside) }] : [];
  });
}

function endOf(nodes: readonly Node[], path: string, where: string): number {
  const node = nodeAt(nodes, path);
  if (node === undefined) throw new TypeError(`a rule of ${where} looks at what is no field`);
  const table = slidingBefore(nodes, node.offset);
  if (table !== undefined) {
    throw misconfigured(
      'bad-rule',
      `The rule of ${where} looks at ${path}, which stands behind ${table.legacyName ?? table.name}, a table of varying length: its place depends on what the rule is to decide`,
    );
  }
  return node.offset + node.length;
}

function nodeAt(nodes: readonly Node[], path: string): Node | undefined {
  const [step = '', ...rest] = path.split('.');
  const node = nodes.find(({ name }) => name === step);
  if (rest.length === 0) return node;
  return node?.kind === 'group' ? nodeAt(node.nodes, rest.join('.')) : undefined;
}

function slidingBefore(nodes: readonly Node[], offset: number): Node | undefined {
  for (const node of nodes) {
    if (node.offset >= offset) continue;
    if (node.kind === 'list' && node.slides === true) return node;
    const inside = node.kind === 'group' ? slidingBefore(node.nodes, offset) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}
