// Knows: how a copybook's records become a layout, in which order the rules of COBOL and of the model are asked.
// Must not know: the copybook's text, and how bytes are read.

import { nameGiver, pascalCase } from '../../model/naming.ts';
import { openCharset } from '../charset.ts';
import type { Item } from '../copybook/tree.ts';
import {
  type Layout,
  type LayoutOptions,
  layoutFrom,
  type Node,
  type UnionNode,
  type Variant,
} from '../layout.ts';
import { indexOf } from './counters.ts';
import { storageRules } from './dialect.ts';
import { fieldPolicies } from './field-policies.ts';
import type { Laying } from './laying.ts';
import { gapsOf, recordSketches, variant } from './nodes.ts';
import { type Placed, placeRecord } from './placing.ts';
import { renamesSketches } from './renames.ts';
import { settled } from './settle.ts';
import { buildAll } from './sketch.ts';
import { templateOf } from './template.ts';
import { isOtherwise, otherwiseLast, viewRules } from './view-rules.ts';

/** One of several records of a file. `when`: its rule in the filter language, the name of a condition, or `otherwise`. */
export interface RecordType {
  /** How a row says that it is of this type; unique. */
  readonly tag: string;
  readonly record: Item;
  readonly when: string;
}

/**
 * The layout of one 01 record. FILLER takes its bytes and shows no field (named items below it move up); OCCURS becomes a list and
 * takes its maximum; a REDEFINES is a union where the options have a rule for it, else an alternate; so is a RENAMES. Throws a
 * misconfigured `invalid` Fault for a policy or rule of an unknown field and for what cannot be laid out, with the copybook's line.
 */
export function layoutOf(record: Item, options: LayoutOptions): Layout {
  const lay = layer([record], options);
  const typeName = options.name ?? pascalCase(record.name ?? 'record');
  const { placed, laying } = lay.place(record, nameGiver([typeName]));
  lay.checkUsed();
  const sketches = [...recordSketches(placed, laying), ...renamesSketches(placed, laying)];
  const nodes = settled(buildAll(sketches, typeName, ''), laying);
  return {
    ...framed(typeName, placed.length, placed.least, nodes, laying.charset, options),
    template: templateOf(placed, laying),
    ...gapped(placed),
  };
}

/**
 * The layout of a file that holds several types of records: one union named `record` over all of the record, whose variants are the
 * record types in this order. A row is of the first type whose rule is true. Throws as `layoutOf` does.
 */
export function layoutOfTypes(types: readonly RecordType[], options: LayoutOptions): Layout {
  const lay = layer(
    types.map(({ record }) => record),
    options,
  );
  const typeName = options.name ?? 'Record';
  const giveName = nameGiver([typeName]);
  const union = 'record';
  const unionType = giveName(`${typeName}Record`);
  const ordered = otherwiseLast(
    types.map((type) => ({ ...type, rule: isOtherwise(type.when) ? undefined : type.when.trim() })),
    'the record types',
  );
  const records: Placed[] = [];
  const variants: Variant[] = [];
  for (const { tag, record, rule } of ordered) {
    const { placed, laying } = lay.place(record, giveName);
    const sketches = [...recordSketches(placed, laying), ...renamesSketches(placed, laying)];
    const name = giveName(typeName + pascalCase(tag));
    const made = variant(placed, { tag, rule, typeName: name }, sketches, `${union}.${tag}.`, laying);
    // Each record has counters and rules of its own.
    const [whole] = settled([unionOf(unionType, [made])], laying);
    records.push(placed);
    if (whole?.kind === 'union') variants.push(...whole.variants);
  }
  lay.checkUsed();
  const lengths = records.map(({ length }) => length);
  const length = Math.max(0, ...lengths);
  const node = unionOf(unionType, variants, length);
  const shortest = Math.min(...records.map(({ least }) => least));
  return framed(typeName, length, shortest, [node], openCharset(options.charset).name, options);

  function unionOf(type: string, of: readonly Variant[], bytes = 0): UnionNode {
    return { kind: 'union', name: union, typeName: type, offset: 0, length: bytes, variants: of };
  }
}

/** Lays records out by the same options: whichever record has a field, its policy and its rules are known. */
function layer(records: readonly Item[], options: LayoutOptions) {
  const rules = storageRules(options);
  const charset = openCharset(options.charset).name;
  const policyOf = fieldPolicies(records, options);
  const views = viewRules(options);
  return {
    checkUsed: views.checkUsed,
    place(
      record: Item,
      typeName: (wanted: string) => string,
    ): { readonly placed: Placed; readonly laying: Laying } {
      const placed = placeRecord(record, rules, views.ruled);
      const laying = {
        rules,
        charset,
        policyOf,
        views,
        typeName,
        index: indexOf(placed),
        paths: new Map<Placed, string>(),
        counted: [],
        pending: new Map(),
      };
      return { placed, laying };
    },
  };
}

function framed(
  name: string,
  length: number,
  minLength: number,
  nodes: readonly Node[],
  charset: string,
  { flexible, slack }: LayoutOptions,
): Layout {
  return layoutFrom({
    name,
    charset,
    length,
    minLength,
    ...(slack === true ? { slack } : {}),
    ...(flexible === true ? { flexible } : {}),
    nodes,
  });
}

function gapped(placed: Placed): Pick<Layout, 'gaps'> {
  const gaps = gapsOf(placed);
  return gaps.length === 0 ? {} : { gaps };
}
