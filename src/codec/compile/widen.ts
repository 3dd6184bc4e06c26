// Knows: how a record whose tables slide is brought into its widest form, where a byte of that form comes from, and the way back.
// Must not know: when that is needed; fields.

import { Fault } from '../../fault.ts';
import type { Layout } from '../layout.ts';
import type { Locate } from './codec.ts';
import { copierInto } from './copy.ts';
import type { Choice, Shape } from './shape.ts';
import { type Steps, walk, walker } from './walk.ts';

export interface Widener {
  /** The widest form of the record that was widened last; elements that do not count are those of a new record. */
  readonly wide: Uint8Array;
  /** Offset in `wide` behind the last byte that the record has there. */
  readonly end: number;
  /** Bytes of the record behind those that its fields take, and how many such bytes there may be. */
  readonly tail: number;
  readonly spare: number;
  /** That the record, which has `found` bytes, is shorter or longer than its counters and rules say. */
  wrongLength(found: number): Fault;
  /** Where a byte of `wide` stands. */
  readonly locate: Locate;
  /** Takes the record in; the Fault of a counter or rule, or of a record that is too short. */
  widen(bytes: Uint8Array, start: number, end: number, locate: Locate): Fault | undefined;
}

/** `initial`: a new record in its widest form. */
export function widener(layout: Layout, shape: Shape, initial: () => Uint8Array): Widener {
  const wide = new Uint8Array(layout.length);
  let fresh: Uint8Array | undefined;
  let source: Uint8Array = wide;
  let position = 0;
  let sourceEnd = 0;
  /** Variants chosen on the way, in the order of the walk. */
  let picks: number[] = [];
  let original: Locate = () => ({});

  const copy = copierInto(wide);
  const refill = copierInto(wide);
  const fill = (at: number, length: number) => {
    fresh ??= initial();
    refill(fresh, at, at, length);
  };
  /** How many elements may be left in `wide` of earlier records, in tables whose bytes are nobody else's. */
  const used = new Map(shape.parts.flatMap((part) => (part.kind === 'table' ? [[part, part.max]] : [])));

  const taking: Steps<'short' | Fault> = {
    take(at, length) {
      const there = sourceEnd - position;
      if (there >= length) {
        copy(source, position, at, length);
        position += length;
        return undefined;
      }
      copy(source, position, at, there);
      fill(at + there, layout.length - at - there);
      state.end = at + there;
      return 'short';
    },
    skip(at, table, count) {
      const left = used.get(table);
      if (left === undefined) fill(at, (table.max - count) * table.stride);
      else if (left !== count) {
        fill(at, (left - count) * table.stride);
        used.set(table, count);
      }
    },
    /** Rules may look at the union's own bytes, which are brought without being taken. */
    choose(choice, base) {
      const begin = base + choice.offset;
      const there = Math.min(sourceEnd - position, choice.length);
      copy(source, position, begin, there);
      fill(begin + there, choice.length - there);
      const end = begin + there;
      if (choice.last) {
        state.end = end;
        if (state.spare < 0) state.spare = position + choice.length;
      }
      if (choice.single) choice.settle(undefined, 0);
      const chosen = choice.choose(wide, base, 0, end, state.locate);
      if (typeof chosen !== 'number') return chosen;
      picks.push(chosen);
      if (choice.single) choice.settle(wide, chosen);
      return chosen;
    },
    rest(at, length, { parts }) {
      if (parts.length === 0) return;
      // What was brought for the rules came too far ahead of a variant whose tables slide.
      fill(at, length);
      // All of such a variant is there, unless it ends in a union again.
      if (!parts.some((part) => part.kind === 'choice' && part.last)) state.end = at;
    },
  };

  /** The same choices again; where there is none yet, the walk has come as far as it can. */
  const pickAgain = () => {
    let next = 0;
    return (): number | 'end' => picks[next++] ?? 'end';
  };

  /** Offset in the record of a byte of the widest form. */
  function narrowOffset(target: number): number {
    let offset = 0;
    let reached = 0;
    walk<'end'>(shape, wide, original, {
      take(at, length) {
        const behind = Math.min(at + length, target);
        if (behind >= at) offset += behind - at;
        reached = at + length;
        return target < at + length ? 'end' : undefined;
      },
      skip(at, { max, stride }, count) {
        reached = at + (max - count) * stride;
      },
      choose: pickAgain(),
    });
    // What the walk does not take follows the last byte that it did: a union that is being chosen, bytes behind a variant.
    return offset + Math.max(0, target - reached);
  }

  function wrongLength(found: number): Fault {
    let needed = 0;
    let counted = '';
    let open = false;
    const halt = walk<'end'>(shape, wide, original, {
      take(_at, length) {
        needed += length;
        return undefined;
      },
      choose: pickAgain(),
      count({ path, count, min, end }, base) {
        if (base + end > state.end) {
          open = true;
          return min;
        }
        const there = count(wide, base, 0, original);
        if (typeof there === 'number') counted = `: ${path} is ${there}`;
        return there;
      },
    });
    const least = open || halt !== undefined ? 'at least ' : '';
    const most = state.spare > 0 ? ` and at most ${needed + state.spare}` : '';
    const message = `The record has ${found} bytes, but needs ${least}${needed}${found < needed ? '' : most}${counted}`;
    return found < needed
      ? new Fault('corrupt', message, { ...original(found), code: 'short-record' })
      : new Fault('corrupt', message, { ...original(needed + state.spare), code: 'long-record' });
  }

  const state = {
    wide,
    wrongLength,
    end: layout.length,
    tail: 0,
    spare: -1,
    locate: (at: number) => original(narrowOffset(at)),
    widen(bytes: Uint8Array, start: number, end: number, locate: Locate): Fault | undefined {
      source = bytes;
      position = start;
      sourceEnd = end;
      original = locate;
      picks = [];
      state.end = layout.length;
      state.spare = -1;
      const halt = bring();
      if (halt !== undefined) for (const table of used.keys()) used.set(table, table.max);
      if (halt === 'short') return wrongLength(end - start);
      state.tail = end - position;
      state.spare = Math.max(0, state.spare - position);
      return halt;
    },
  };
  const bring = walker(shape, wide, state.locate, taking);
  return state;
}

/**
 * The record that a widest form stands for: only the elements that count. `choose` gives the variants of the unions that matter.
 * `spare`: bytes that may follow the variant of a last union.
 */
export function narrowed(
  shape: Shape,
  wide: Uint8Array,
  locate: Locate,
  choose: (choice: Choice, base: number) => number | Fault,
): { readonly bytes: Uint8Array; readonly spare: number } | Fault {
  const narrow = new Uint8Array(wide.length);
  const copy = copierInto(narrow);
  let length = 0;
  let most = 0;
  const halt = walk<Fault>(shape, wide, locate, {
    take(at, more) {
      copy(wide, at, length, more);
      length += more;
      return undefined;
    },
    choose(choice, base) {
      if (choice.last && most === 0) most = length + choice.length;
      return choose(choice, base);
    },
  });
  return halt ?? { bytes: narrow.slice(0, length), spare: Math.max(0, most - length) };
}
