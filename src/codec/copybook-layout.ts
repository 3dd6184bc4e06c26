// Knows: how a copybook's record is laid out: sizes, offsets, names and types by the rules of COBOL and of the model.
// Must not know: the copybook's text, and how bytes are read.

import { camelCase, distinct, nameGiver, pascalCase, upperSnake } from '../model/naming.ts';
import { openCharset } from './charset.ts';
import { conditionValues, isDiscrete } from './condition-values.ts';
import type { Item } from './copybook/tree.ts';
import type { ConditionValue, SubjectEncoding } from './encoding.ts';
import { fieldPolicies, type PolicyOf, typedPolicy } from './field-policies.ts';
import { itemEncoding, itemFault, storageBytes, typeOfNumber } from './item-encoding.ts';
import { type Layout, type LayoutOptions, layoutFrom, type Node, type ScalarNode } from './layout.ts';
import { counterAt } from './paths.ts';

/** Nodes of some items as they come: names are still legacy names. */
interface Laid {
  readonly nodes: readonly Node[];
  /** Bytes behind the first byte of these items. */
  readonly length: number;
}

interface Laying {
  readonly record: Item;
  readonly charset: string;
  readonly policyOf: PolicyOf;
}

/**
 * The layout of one 01 record. FILLER takes its bytes and shows no field (named items below it move up); OCCURS becomes a list and
 * takes its maximum; a REDEFINES is an alternate. Throws a misconfigured `invalid` Fault for a policy of an unknown field and
 * for what cannot be laid out, with the copybook's line.
 */
export function layoutOf(record: Item, options: LayoutOptions): Layout {
  const charset = openCharset(options.charset).name;
  const laying = { record, charset, policyOf: fieldPolicies(record, options) };
  const typeName = options.name ?? pascalCase(record.name ?? 'record');
  // An 01 can be one elementary item; then it is the record's only field.
  const { nodes, length } =
    record.children.length === 0 ? layItem(record, 0, laying) : layItems(record.children, 0, laying);
  const named = nameAll(nodes, typeName, nameGiver([typeName]));
  return layoutFrom({
    name: typeName,
    charset,
    length,
    ...(options.flexible === true ? { flexible: true } : {}),
    nodes: named.map((node) => countersResolved(node, named, record)),
  });
}

/** Siblings one behind the other; one that redefines begins where its target does. */
function layItems(items: readonly Item[], from: number, laying: Laying): Laid {
  const begins = new Map<string, number>();
  const nodes: Node[] = [];
  let end = from;
  for (const item of items) {
    const target = item.redefines?.toUpperCase();
    const offset = target === undefined ? end : (begins.get(target) ?? missingTarget(item));
    if (item.name !== undefined) begins.set(item.name.toUpperCase(), offset);
    const laid = layItem(item, offset, laying);
    nodes.push(...laid.nodes.map((node) => (target === undefined ? node : { ...node, alternate: true })));
    end = Math.max(end, offset + laid.length);
  }
  return { nodes, length: end - from };
}

function missingTarget(item: Item): never {
  throw itemFault(item, `redefines ${item.redefines}, which does not stand before it in the same group`);
}

/** One item with its conditions; OCCURS makes lists of all of them. */
function layItem(item: Item, offset: number, laying: Laying): Laid {
  const { occurs } = item;
  // Inside a list offsets count from its element.
  const one = layOnce(item, occurs === undefined ? offset : 0, laying);
  if (occurs === undefined) return one;
  const { min, max, dependingOn } = occurs;
  const nodes = one.nodes.map(
    (node): Node => ({
      kind: 'list',
      name: node.name,
      ...(node.legacyName === undefined ? {} : { legacyName: node.legacyName }),
      offset,
      length: one.length * max,
      stride: one.length,
      min,
      max,
      of: node,
      ...(dependingOn === undefined ? {} : { dependingOn }),
    }),
  );
  return { nodes, length: one.length * max };
}

function layOnce(item: Item, offset: number, laying: Laying): Laid {
  if (item.picture !== undefined) {
    return { nodes: elementaryNodes(item, offset, laying), length: storageBytes(item) };
  }
  const { nodes, length } = layItems(item.children, offset, laying);
  const conditions = conditionNodes(item, offset, length, laying);
  if (item.name === undefined) return { nodes: [...nodes, ...conditions], length };
  // A group of nothing but FILLER has nothing to show.
  if (nodes.length === 0) return { nodes: conditions, length };
  const group: Node = {
    kind: 'group',
    name: item.name,
    legacyName: item.name,
    typeName: item.name,
    offset,
    length,
    nodes,
  };
  return { nodes: [group, ...conditions], length };
}

function elementaryNodes(item: Item, offset: number, laying: Laying): readonly Node[] {
  const length = storageBytes(item);
  const policy = laying.policyOf(item);
  const encoding = itemEncoding(item, policy, laying.charset);
  const { name } = item;
  if (name === undefined) return conditionNodes(item, offset, length, laying);
  const node: ScalarNode = {
    kind: 'scalar',
    name,
    legacyName: name,
    type: encoding.kind === 'text' ? { kind: 'string', length } : typeOfNumber(encoding),
    offset,
    length,
    encoding,
  };
  const refuse = (message: string) => itemFault(item, message);
  if (policy.conditions === 'enum' && item.conditions.length > 0 && isDiscrete(item)) {
    return [typedPolicy(enumNode(item, node, encoding, laying), policy, refuse)];
  }
  return [typedPolicy(node, policy, refuse), ...conditionNodes(item, offset, length, laying)];
}

function enumNode(item: Item, node: ScalarNode, subject: SubjectEncoding, laying: Laying): ScalarNode {
  const values = distinct(item.conditions.map(({ name }) => upperSnake(name)));
  const names = item.conditions.map((condition, i) => ({
    name: values[i] ?? '',
    values: valuesOf(item, condition.values, subject, node.length, laying),
  }));
  return {
    ...node,
    type: { kind: 'enum', name: node.name, values },
    encoding: { kind: 'enum', subject, names },
  };
}

/** Level 88 as booleans beside their item. Of a field whose bytes are bad, null says that nobody knows, unless it fails. */
function conditionNodes(item: Item, offset: number, length: number, laying: Laying): readonly ScalarNode[] {
  const policy = laying.policyOf(item);
  const subject = itemEncoding(item, policy, laying.charset);
  const { onBad = 'fail', blank, lowValues } = policy;
  return item.conditions.map((condition) => ({
    kind: 'scalar',
    name: condition.name,
    legacyName: condition.name,
    type: { kind: 'boolean' },
    offset,
    length,
    encoding: {
      kind: 'condition',
      subject,
      values: valuesOf(item, condition.values, subject, length, laying),
    },
    ...(onBad === 'fail' ? {} : { onBad: 'null' }),
    ...(blank === undefined || blank === 'fail' ? {} : { blank: 'null' }),
    ...(lowValues === undefined ? {} : { lowValues }),
  }));
}

function valuesOf(
  item: Item,
  values: Item['conditions'][number]['values'],
  subject: SubjectEncoding,
  length: number,
  laying: Laying,
): readonly ConditionValue[] {
  const charset = openCharset(subject.kind === 'text' ? subject.charset : laying.charset);
  return conditionValues(item, values, subject, length, charset);
}

type FreeName = ReturnType<typeof nameGiver>;

/** API names for siblings and everything below them; type names are unique in the record and begin with the record's. */
function nameAll(nodes: readonly Node[], prefix: string, free: FreeName): readonly Node[] {
  const names = distinct(nodes.map(({ name }) => camelCase(name)));
  return nodes.map((node, i) => named(node, names[i] ?? node.name, prefix, free));
}

function named(node: Node, name: string, prefix: string, free: FreeName): Node {
  if (node.kind === 'list') return { ...node, name, of: named(node.of, name, prefix, free) };
  if (node.kind === 'group') {
    const typeName = free(prefix + pascalCase(name));
    return { ...node, name, typeName, nodes: nameAll(node.nodes, typeName, free) };
  }
  if (node.type.kind !== 'enum') return { ...node, name };
  return { ...node, name, type: { ...node.type, name: free(prefix + pascalCase(name)) } };
}

/** DEPENDING ON by path: until here the lists have the counter's legacy name. */
function countersResolved(node: Node, all: readonly Node[], record: Item): Node {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'group') {
    return { ...node, nodes: node.nodes.map((inner) => countersResolved(inner, all, record)) };
  }
  const of = countersResolved(node.of, all, record);
  if (node.dependingOn === undefined) return { ...node, of };
  const path = pathOf(node.dependingOn, all);
  if (path === undefined || counterAt(all, path) === undefined) {
    throw itemFault(
      record,
      `has a table that depends on ${node.dependingOn}, which is no whole number outside of tables`,
    );
  }
  return { ...node, of, dependingOn: path };
}

/** Dotted path of the first scalar of this legacy name outside lists. */
function pathOf(legacyName: string, nodes: readonly Node[]): string | undefined {
  for (const node of nodes) {
    if (node.kind === 'scalar' && node.legacyName?.toUpperCase() === legacyName.toUpperCase())
      return node.name;
    const inside = node.kind === 'group' ? pathOf(legacyName, node.nodes) : undefined;
    if (inside !== undefined) return `${node.name}.${inside}`;
  }
  return undefined;
}
