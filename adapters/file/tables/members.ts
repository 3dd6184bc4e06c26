// Knows: how the records of one collection are picked from a file that holds others too, and sorted by their types.
// Must not know: what the rules look at.

import type { Test } from '#codec/compile/compile';
import type { Block } from '#codec/framing/block';
import { Fault, type FaultPlace } from '#spi';
import { type Owner, placeIn } from './place.ts';
import { chosen, type Rows } from './rows.ts';

/** Is row `i` of a block a member? Throws the fault of a rule that cannot be decided: such a row is not silently left out. */
export type Choice = (rows: Rows) => (i: number) => boolean;

/** By a rule. */
export function byRule(rule: Test, owner: Owner): Choice {
  return (rows) => {
    const place = placeIn(owner, rows);
    return (i) => {
      place.i = i;
      try {
        return rule(rows.bytes, rows.start(i), rows.end(i), place.locate);
      } catch (error) {
        throw place.settle(error);
      }
    };
  };
}

/** The rows that are members. */
export function membersOf(choice: Choice): (rows: AsyncIterable<Rows>) => AsyncIterable<Rows> {
  return async function* (rows) {
    for await (const block of rows) {
      const isMember = choice(block);
      const picked: number[] = [];
      for (let i = 0; i < block.length; i++) if (isMember(i)) picked.push(i);
      if (picked.length === block.length) yield block;
      else if (picked.length > 0) yield chosen(block, picked);
    }
  };
}

/** A record type and when a record is of it; no test: where it is of no other. */
export interface TypeRule {
  readonly name: string;
  readonly test?: Test;
}

/**
 * Number of the first type whose rule is true for the record; where none is, of the one without a rule. Throws `corrupt`
 * (`no-type`) where there is none.
 */
export function sorter(types: readonly TypeRule[], owner: Owner): (block: Block) => (i: number) => number {
  const otherwise = types.findIndex(({ test }) => test === undefined);
  return (block) => {
    const place = placeIn(owner, block);
    return (i) => {
      place.i = i;
      const start = block.start(i);
      const end = block.end(i);
      const found = types.findIndex(({ test }) => test?.(block.bytes, start, end, place.locate) === true);
      if (found < 0 && otherwise < 0) throw noType(types, block, place.locate(0), i);
      return found < 0 ? otherwise : found;
    };
  };
}

/** Bytes of a record without a type that a fault shows. */
const SHOWN_BYTES = 32;

function noType(types: readonly TypeRule[], block: Block, place: FaultPlace, i: number): Fault {
  const start = block.start(i);
  const hex = block.bytes.subarray(start, Math.min(block.end(i), start + SHOWN_BYTES)).toHex();
  return new Fault(
    'corrupt',
    `The record is of none of the types ${types.map(({ name }) => name).join(', ')}`,
    {
      ...place,
      code: 'no-type',
      hex: hex.toUpperCase(),
      hint: 'Check the rules under "types"; one of them can be "otherwise".',
    },
  );
}
