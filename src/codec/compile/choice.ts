// Knows: which variant of a union the bytes are: the first whose rule is true.
// Must not know: how rules are tested on bytes, and what is done with the variant.

import { Fault } from '../../fault.ts';
import type { Value } from '../../model/value.ts';
import { fieldsOf } from '../../query/filter.ts';
import { shown } from '../../query/literal.ts';
import type { Layout, UnionNode, Variant } from '../layout.ts';
import { ruleScope, scalarAt } from '../paths.ts';
import type { Decode, Locate, Test } from './codec.ts';
import { type Frame, join, type Place } from './place.ts';
import { generatePredicate } from './predicate.ts';
import { cellReader, SHOWN_BYTES } from './slot.ts';

/**
 * The index of the variant, or the fault that says why there is none. `base`: what the union's offset counts from; the bytes
 * from `end` on are no part of the record, and a rule that looks at them is not true.
 */
export type Choose = (
  bytes: Uint8Array,
  base: number,
  start: number,
  end: number,
  locate: Locate,
) => number | Fault;

/** A union's choice and how far behind `base` its rules look. */
export interface Choosing {
  readonly choose: Choose;
  readonly reach: number;
  /**
   * The choice in this buffer is made, until the next call: rules that look far ahead could be tested on a record as it came, and
   * not when its tables have been widened.
   */
  settle(bytes: Uint8Array | undefined, index: number): void;
}

/** The choice of the union at this place; made once for each place. */
export type Chooser = (union: UnionNode, place: Place) => Choosing;

/** Decodes exactly these nodes; `named` gives the paths that faults show. */
export type RuleDecoder = (
  layout: Layout,
  fields: readonly string[],
  named: (path: string) => string,
) => Decode;

export function chooserOf(layout: Layout, decoder: RuleDecoder): Chooser {
  const known = new Map<string, Choosing>();
  return (union, place) => {
    const key = `${place.key}/${union.name}`;
    const made = known.get(key) ?? choosing(union, place, layout, decoder);
    known.set(key, made);
    return made;
  };
}

/** A rule made ready. `seen`: what it looks at, for the fault that nothing fits. */
interface Rule {
  readonly test: Test;
  readonly reach: number;
  readonly seen: readonly Seen[];
}

interface Seen {
  readonly path: string;
  readonly end: number;
  read(bytes: Uint8Array, base: number, locate: Locate): Value | Fault;
}

function choosing(union: UnionNode, place: Place, layout: Layout, decoder: RuleDecoder): Choosing {
  const path = join(place.path, union.name);
  const rules = union.variants.map((variant) => ruleOf(variant, path, place, layout, decoder));
  const noVariant = noVariantFault(union, path, rules);
  let settled: Uint8Array | undefined;
  let settledIndex = 0;
  const choose: Choose = (bytes, base, start, end, locate) => {
    if (bytes === settled) return settledIndex;
    const here = base === start ? locate : (at: number) => locate(base - start + at);
    try {
      for (let i = 0; i < rules.length; i++) {
        const rule = rules[i];
        if (rule !== undefined && base + rule.reach <= end && rule.test(bytes, base, end, here)) return i;
      }
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
    return noVariant(bytes, base, end, here);
  };
  return {
    choose,
    reach: Math.max(0, ...rules.map(({ reach }) => reach)),
    settle(bytes, index) {
      settled = bytes;
      settledIndex = index;
    },
  };
}

function ruleOf(
  { tag, node, when }: Variant,
  path: string,
  place: Place,
  layout: Layout,
  decoder: RuleDecoder,
): Rule {
  const frames: readonly Frame[] = [{ members: node.nodes, path }, ...place.frames];
  const nodes = ruleScope(frames.map(({ members }) => members));
  const view: Layout = { ...layout, nodes };
  const named = (field: string) => {
    const frame = frames.find(({ members }) => scalarAt(members, field) !== undefined);
    return join(frame?.path ?? '', field);
  };
  const { coverage, test } = generatePredicate(view, when, (fields) => decoder(view, fields, named));
  if (coverage.includes('none')) {
    const stranger = fieldsOf(when).find((field) => scalarAt(nodes, field) === undefined);
    throw new Fault(
      'invalid',
      `The rule for ${tag} of ${path} looks at ${stranger}, which is no field there outside a table`,
      { code: 'unknown-field', field: path, misconfigured: true },
    );
  }
  const seen = fieldsOf(when).flatMap((field): readonly Seen[] => {
    const scalar = scalarAt(nodes, field);
    if (scalar === undefined) return [];
    const read = cellReader(scalar, named(field), layout);
    return [
      {
        path: named(field),
        end: scalar.offset + scalar.length,
        read: (bytes, base, locate) => {
          const cell = read(bytes, base + scalar.offset, base, locate);
          return typeof cell === 'object' && !(cell instanceof Fault) ? null : cell;
        },
      },
    ];
  });
  return { test, reach: Math.max(0, ...seen.map(({ end }) => end)), seen };
}

function noVariantFault({ offset, length }: UnionNode, path: string, rules: readonly Rule[]) {
  const seen = new Map(rules.flatMap((rule) => rule.seen.map((one) => [one.path, one] as const)));
  return (bytes: Uint8Array, base: number, end: number, locate: Locate): Fault => {
    const told = [...seen.values()].map(({ path: field, end: behind, read }) => {
      if (base + behind > end) return `${field} is behind the record's end`;
      const value = read(bytes, base, locate);
      return `${field} is ${value instanceof Fault ? 'undecodable' : valueText(value)}`;
    });
    const at = base + offset;
    const hex = bytes.subarray(at, Math.min(end, at + length, at + SHOWN_BYTES)).toHex();
    const because = told.length === 0 ? '' : `: ${told.join(', ')}`;
    return new Fault('corrupt', `No rule of the union ${path} is true${because}`, {
      ...locate(offset),
      code: 'no-variant',
      field: path,
      hex: hex.toUpperCase(),
    });
  };
}

function valueText(value: Value): string {
  return typeof value === 'string' ? shown(value) : String(value);
}
