// Knows: in which order the bytes of a record stand in its widest form, which counters and rules decide.
// Must not know: what is done with them.

import type { Fault } from '../../fault.ts';
import type { Locate } from './codec.ts';
import type { Choice, Counted, Shape, Table } from './shape.ts';

/** What is done on the way. Offsets are those of the widest form; a result that is not undefined ends the walk. */
export interface Steps<Halt> {
  /** Bytes that the record has. */
  take(at: number, length: number): Halt | undefined;
  /** Bytes that only the widest form has: the elements from `count` on, which do not count; perhaps none. */
  skip?(at: number, table: Table, count: number): void;
  /** The variant; `base` is what the union's offset counts from. */
  choose(choice: Choice, base: number): number | Halt;
  /** Behind the variant of a last union: bytes that the record may have or not. */
  rest?(at: number, length: number, variant: Shape): void;
  /** Instead of reading the counter, which is there at `base`. */
  count?(counter: Counted, base: number): number | Fault;
}

/**
 * Walks the widest form in `wide` from the first byte on. A counter is read there when everything before its table has been
 * taken, so `take` may bring the bytes. The Fault of a counter ends the walk.
 */
export function walk<Halt>(
  whole: Shape,
  wide: Uint8Array,
  locate: Locate,
  steps: Steps<Halt>,
): Halt | Fault | undefined {
  return walker(whole, wide, locate, steps)();
}

/** The same, made ready for many records that come into the same buffer. */
export function walker<Halt>(
  whole: Shape,
  wide: Uint8Array,
  locate: Locate,
  steps: Steps<Halt>,
): () => Halt | Fault | undefined {
  const bases: number[] = [0];

  function walkShape({ parts, end }: Shape, from: number, base: number): Halt | Fault | undefined {
    let at = from;
    for (const part of parts) {
      const begin = base + part.offset;
      const halt =
        take(at, begin) ?? (part.kind === 'table' ? walkTable(part, begin) : walkChoice(part, begin, base));
      if (halt !== undefined) return halt;
      at = begin + part.length;
    }
    return take(at, base + end);
  }

  function take(from: number, to: number): Halt | undefined {
    return to > from ? steps.take(from, to - from) : undefined;
  }

  function walkTable(table: Table, begin: number): Halt | Fault | undefined {
    const { counter, element, stride, max } = table;
    let count = max;
    if (counter !== undefined) {
      const base = bases[counter.depth] ?? 0;
      const found = steps.count?.(counter, base) ?? counter.count(wide, base, 0, locate);
      if (typeof found !== 'number') return found;
      count = found;
    }
    const end = begin + count * stride;
    if (element.parts.length === 0) {
      const halt = take(begin, end);
      if (halt !== undefined) return halt;
    } else {
      for (let at = begin; at < end; at += stride) {
        bases.push(at);
        const halt = walkShape(element, at, at);
        if (halt !== undefined) return halt;
        bases.pop();
      }
    }
    steps.skip?.(end, table, count);
    return undefined;
  }

  function walkChoice(choice: Choice, begin: number, base: number): Halt | Fault | undefined {
    const chosen = steps.choose(choice, base);
    if (typeof chosen !== 'number') return chosen;
    const variant = choice.variants[chosen];
    if (variant === undefined) throw new TypeError(`${choice.path} has no variant ${chosen}`);
    const halt = walkShape(variant, begin, base);
    if (halt !== undefined) return halt;
    const behind = base + variant.end;
    const end = begin + choice.length;
    if (!choice.last) return take(behind, end);
    steps.rest?.(behind, end - behind, variant);
    return undefined;
  }

  return () => {
    bases.length = 1;
    return walkShape(whole, 0, 0);
  };
}
