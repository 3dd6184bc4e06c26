// Knows: what can only be said of nodes when all of them have their names: the paths of counters, and the rules of variants.
// Must not know: bytes, how nodes are made.

import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import { type Field, scalarPaths } from '../../model/type.ts';
import type { Conjunct, Filter } from '../../query/filter.ts';
import { parseFilter } from '../../query/filter-text.ts';
import { fieldOf, type Node, type ScalarNode, type Variant } from '../layout.ts';
import { counterAt, ruleScope } from '../paths.ts';
import { itemFault } from './item-text.ts';
import type { Counted, Laying, PendingRule } from './laying.ts';

/** The nodes of a whole layout, settled. */
export function settled(nodes: readonly Node[], laying: Laying): readonly Node[] {
  return settleAll(nodes, { all: nodes, levels: [nodes] }, laying);
}

interface Around {
  readonly all: readonly Node[];
  /** What a rule can look at, innermost first. */
  readonly levels: readonly (readonly Node[])[];
}

function settleAll(nodes: readonly Node[], around: Around, laying: Laying): readonly Node[] {
  return nodes.map((node) => settle(node, around, laying));
}

function settle(node: Node, around: Around, laying: Laying): Node {
  switch (node.kind) {
    case 'scalar':
      return node;
    case 'group':
      return { ...node, nodes: settleAll(node.nodes, around, laying) };
    case 'list': {
      // Rules inside look at their own element.
      const element = node.of.kind === 'group' ? node.of.nodes : [node.of];
      const of = settle(node.of, { ...around, levels: [element] }, laying);
      if (node.dependingOn === undefined) return { ...node, of };
      return {
        ...node,
        of,
        dependingOn: counterPath(laying.counted[Number(node.dependingOn)], around, laying),
      };
    }
    case 'union':
      return { ...node, variants: node.variants.map((variant) => settleVariant(variant, around, laying)) };
  }
}

function settleVariant(variant: Variant, { all, levels }: Around, laying: Laying): Variant {
  const inside = { all, levels: [variant.node.nodes, ...levels] };
  const rule = laying.pending.get(variant);
  return {
    ...variant,
    node: { ...variant.node, nodes: settleAll(variant.node.nodes, inside, laying) },
    when: rule === undefined ? [] : readRule(rule, ruleScope(inside.levels)),
  };
}

function counterPath(counted: Counted | undefined, { all }: Around, { paths }: Laying): string {
  if (counted === undefined) throw new TypeError('a list without its table');
  const { table, counter } = counted;
  const path = paths.get(counter);
  if (path !== undefined && counterAt(all, path) !== undefined) return path;
  throw itemFault(
    table.item,
    `depends on ${counter.item.name ?? 'FILLER'} (line ${counter.item.place.line}), which is no whole number`,
  );
}

/** Rules are written by whoever configures the gateway; what bounds them is only there against accidents. */
const LIMITS = { maxFilterChars: 10_000, maxFilterConditions: 1_000, maxFilterDepth: 50 };

/** A rule in the filter language, or the name of a condition. Fields have their API names or, where that is unique, their legacy names. */
export function readRule({ text, owner }: PendingRule, scope: readonly Node[]): Filter {
  const alone = /^[\w.-]+$/.test(text) ? conditionNamed(text, owner, scope) : undefined;
  if (alone !== undefined) return [alone];
  const fields = scope.map(fieldOf);
  const aliases = legacyNames(scope);
  try {
    const filter = parseFilter(text, [...fields, ...aliases.map(({ field }) => field)], LIMITS, 'rule');
    const paths = new Map(aliases.map(({ field, path }) => [field.name, path]));
    return filter.map((conjunct) => renamed(conjunct, paths));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const words = text.toUpperCase().split(/[^\w-]+/);
    const twice = [...pathsByName(scope)].find(([name, { length }]) => length > 1 && words.includes(name));
    if (twice !== undefined) throw ambiguous(owner, ...twice);
    const { hint } = error.place;
    const near = /^[\w.-]+$/.test(text) ? didYouMean(text, conditionNames(scope)) : '';
    const message =
      near === '' ? `${owner}: ${error.message}` : `${owner}: There is no condition "${text}".${near}`;
    throw new Fault('invalid', message, {
      code: 'redefines-rule',
      misconfigured: true,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** The scalars outside lists and unions with their paths. */
function* scalars(nodes: readonly Node[], prefix = ''): Iterable<readonly [string, ScalarNode]> {
  for (const node of nodes) {
    if (node.kind === 'scalar') yield [prefix + node.name, node];
    if (node.kind === 'group') yield* scalars(node.nodes, `${prefix}${node.name}.`);
  }
}

/** A single name is a condition that is true: level 88 as a boolean, or as one of the names of an enum. */
function conditionNamed(text: string, owner: string, scope: readonly Node[]): Conjunct | undefined {
  const wanted = text.toUpperCase();
  const asEnum = wanted.replaceAll('-', '_');
  const found = new Map<string, Conjunct>();
  for (const [field, { type, legacyName }] of scalars(scope)) {
    if (type.kind === 'boolean' && (legacyName?.toUpperCase() === wanted || field === text)) {
      found.set(field, { op: 'eq', field, type, value: true });
    }
    if (type.kind === 'enum' && type.values.includes(asEnum)) {
      found.set(field, { op: 'eq', field, type, value: asEnum });
    }
  }
  const [only] = found.values();
  if (found.size < 2 || found.has(text)) return found.get(text) ?? only;
  throw ambiguous(owner, text, [...found.keys()]);
}

/** Rules decide what bytes mean: a name of several items is not taken for the first of them. */
function ambiguous(owner: string, name: string, paths: readonly string[]): Fault {
  return new Fault(
    'invalid',
    `${owner}: There are ${paths.length} items ${name}: say which, by its path ${paths.join(' or ')}`,
    { code: 'redefines-rule', misconfigured: true },
  );
}

/** Paths of the items of each legacy name, in capitals. */
function pathsByName(scope: readonly Node[]): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>();
  for (const [path, { legacyName = '' }] of scalars(scope)) {
    paths.getOrInsertComputed(legacyName.toUpperCase(), () => []).push(path);
  }
  return paths;
}

function conditionNames(scope: readonly Node[]): readonly string[] {
  return [...scalars(scope)].flatMap(([, { type, legacyName }]) =>
    type.kind === 'boolean' && legacyName !== undefined ? [legacyName] : [],
  );
}

/** Fields of the name that the copybook has for them alone, in its spelling, in capitals and in small letters. */
function legacyNames(scope: readonly Node[]): readonly { readonly field: Field; readonly path: string }[] {
  const taken = new Set(scalarPaths(scope.map(fieldOf)).map(([path]) => path));
  const paths = pathsByName(scope);
  return [...scalars(scope)].flatMap(([path, { legacyName = '', type }]) =>
    [legacyName, legacyName.toUpperCase(), legacyName.toLowerCase()].flatMap((name) => {
      if (name === '' || taken.has(name) || paths.get(legacyName.toUpperCase())?.length !== 1) return [];
      taken.add(name);
      return [{ field: { name, type }, path }];
    }),
  );
}

function renamed(conjunct: Conjunct, paths: ReadonlyMap<string, string>): Conjunct {
  if (conjunct.op === 'any')
    return { ...conjunct, of: conjunct.of.map((branch) => branch.map((one) => renamed(one, paths))) };
  if (conjunct.op === 'not') return { ...conjunct, of: conjunct.of.map((one) => renamed(one, paths)) };
  if (conjunct.op === 'keys' || conjunct.op === 'after') return conjunct;
  return { ...conjunct, field: paths.get(conjunct.field) ?? conjunct.field };
}
