// Knows: the records of some families, in columns of numbers: objects for each of them would cost more than decoding them.
// Must not know: what is inside a record, and how records become rows.

import type { Block } from '#codec/framing/block';
import type { Span } from './rows.ts';

const FIRST_ROOM = 1_024;

/**
 * Members in the file's order, by number. The children of each are chains by slot (a type's place among the types of its parent's
 * children): `first`, then `next`, −1 at the end.
 */
export class Herd {
  length = 0;
  /** Where the record's bytes begin, in a buffer that the herd does not know; how many there are. */
  start = new Uint32Array(FIRST_ROOM);
  size = new Uint32Array(FIRST_ROOM);
  /** Of the record's bytes in the row. */
  at = new Uint32Array(FIRST_ROOM);
  kind = new Uint16Array(FIRST_ROOM);
  next = new Int32Array(FIRST_ROOM);
  first: Int32Array;
  last: Int32Array;
  count: Int32Array;
  private record = new Float64Array(FIRST_ROOM);
  private head = new Float64Array(FIRST_ROOM);
  private taken = new Uint32Array(FIRST_ROOM);
  private offset = new Float64Array(FIRST_ROOM);
  /** Of records whose bytes do not stand side by side in the file: the offset of each of them. */
  private readonly scattered = new Map<number, Float64Array>();

  readonly slots: number;

  constructor(slots: number) {
    this.slots = slots;
    this.first = new Int32Array(FIRST_ROOM * slots);
    this.last = new Int32Array(FIRST_ROOM * slots);
    this.count = new Int32Array(FIRST_ROOM * slots);
  }

  /** Record `i` of a block, of which `size` bytes are looked at; the new member's number. */
  add(kind: number, block: Block, i: number, size: number): number {
    const member = this.length++;
    if (member === this.kind.length) this.grow();
    const { offset, length } = block.extent(i);
    const begin = block.offset(i);
    this.kind[member] = kind;
    this.start[member] = block.start(i);
    this.size[member] = size;
    this.next[member] = -1;
    this.first.fill(-1, member * this.slots, (member + 1) * this.slots);
    this.count.fill(0, member * this.slots, (member + 1) * this.slots);
    this.record[member] = block.record(i);
    this.head[member] = offset;
    this.taken[member] = length;
    this.offset[member] = begin;
    if (size > 0 && block.offset(i, size - 1) !== begin + size - 1) {
      this.scattered.set(
        member,
        Float64Array.from({ length: size }, (_, at) => block.offset(i, at)),
      );
    }
    return member;
  }

  /** `child` becomes the last of its siblings. */
  join(parent: number, slot: number, child: number): void {
    const place = parent * this.slots + slot;
    const count = this.count[place] ?? 0;
    if (count === 0) this.first[place] = child;
    else this.next[this.last[place] ?? 0] = child;
    this.last[place] = child;
    this.count[place] = count + 1;
  }

  span(member: number): Span {
    return {
      record: this.record[member] ?? 0,
      offset: this.head[member] ?? 0,
      length: this.taken[member] ?? 0,
    };
  }

  /** Where the byte `at` of the member's record stands in the file. */
  offsetOf(member: number, at: number): number {
    const offsets = this.scattered.get(member);
    const size = this.size[member] ?? 0;
    if (offsets === undefined) return (this.offset[member] ?? 0) + at;
    return offsets[at] ?? (offsets[size - 1] ?? 0) + 1 + at - size;
  }

  /** Forgets the members before this one, which becomes the first: their numbers fall by as much. */
  drop(before: number): void {
    const { slots } = this;
    const columns = [this.start, this.size, this.kind, this.record, this.head, this.taken, this.offset];
    for (const column of columns) column.copyWithin(0, before, this.length);
    const lowered = (numbers: Int32Array, from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        const number = numbers[i] ?? -1;
        numbers[i - from] = number < 0 ? number : number - before;
      }
    };
    lowered(this.next, before, this.length);
    lowered(this.first, before * slots, this.length * slots);
    lowered(this.last, before * slots, this.length * slots);
    this.count.copyWithin(0, before * slots, this.length * slots);
    const scattered = [...this.scattered].filter(([member]) => member >= before);
    this.scattered.clear();
    for (const [member, offsets] of scattered) this.scattered.set(member - before, offsets);
    this.length -= before;
  }

  private grow(): void {
    this.start = larger(this.start, Uint32Array);
    this.size = larger(this.size, Uint32Array);
    this.at = larger(this.at, Uint32Array);
    this.kind = larger(this.kind, Uint16Array);
    this.next = larger(this.next, Int32Array);
    this.first = larger(this.first, Int32Array);
    this.last = larger(this.last, Int32Array);
    this.count = larger(this.count, Int32Array);
    this.record = larger(this.record, Float64Array);
    this.head = larger(this.head, Float64Array);
    this.taken = larger(this.taken, Uint32Array);
    this.offset = larger(this.offset, Float64Array);
  }
}

interface Column {
  readonly length: number;
  set(from: this): void;
}

/** The same numbers with twice the room. */
function larger<T extends Column>(column: T, make: new (length: number) => T): T {
  const grown = new make(column.length * 2);
  grown.set(column);
  return grown;
}
