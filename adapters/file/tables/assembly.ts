// Knows: how records that stand one behind the other become families: a root with the records that belong to it.
// Must not know: what is inside a record, and what a record's type depends on.

import type { Block } from '#codec/framing/block';
import { Fault } from '#spi';
import { COUNT_BYTES, HEAD_BYTES, putNumber } from './family.ts';
import { Herd } from './herd.ts';
import type { Rows, ToRows } from './rows.ts';

/** A record type in a hierarchy; `parent` and `children` are numbers of types, the root has no parent. */
export interface Kind {
  readonly name: string;
  readonly parent?: number;
  readonly children: readonly number[];
  /** Most bytes of a record that are looked at. */
  readonly shown: number;
}

/** Bytes that a root and its children may have: a row is held in memory whole. */
const FAMILY_BYTES = 16_777_216;

/** What is known of the family at hand, and of those before it that are whole. */
interface Nest {
  readonly herd: Herd;
  /** Number of each family's first member; the last family is the one at hand. */
  roots: number[];
  /** The last member of each type in the family at hand, −1 for none. */
  readonly last: Int32Array;
  /** Bytes of the family at hand, as a row. */
  bytes: number;
  /** Bytes of its members that came in earlier blocks: the first `kept` members. */
  carry: Uint8Array<ArrayBuffer>;
  carried: number;
  kept: number;
}

/**
 * `kindsOf`: for a block, the number of each record's type, −1 for records that are left out. A record belongs to the last one of its
 * parent's type. Throws `corrupt` (`orphan-record`) for one that stands before any, `too-costly` (`family-too-large`) for a family
 * beyond the limit.
 */
export function assembled(
  kinds: readonly Kind[],
  kindsOf: (block: Block) => (i: number) => number,
  most = FAMILY_BYTES,
): ToRows {
  const slots = Math.max(1, ...kinds.map(({ children }) => children.length));
  /** Of each type: its place among the types of its parent's children. */
  const slotOf = kinds.map(({ parent }, kind) => kinds[parent ?? -1]?.children.indexOf(kind) ?? 0);

  return async function* (records) {
    const nest: Nest = {
      herd: new Herd(slots),
      roots: [],
      last: new Int32Array(kinds.length).fill(-1),
      bytes: 0,
      carry: new Uint8Array(0),
      carried: 0,
      kept: 0,
    };
    for await (const block of records) {
      const kindOf = kindsOf(block);
      for (let i = 0; i < block.length; i++) {
        const kind = kindOf(i);
        if (kind >= 0) place(kind, block, i, nest);
      }
      if (nest.roots.length > 1) {
        yield rowsOf(nest, nest.roots.slice(0, -1), block.bytes);
        leave(nest);
      }
      carry(nest, block.bytes);
    }
    if (nest.roots.length > 0) yield rowsOf(nest, nest.roots, nest.carry);
  };

  function place(number: number, block: Block, i: number, nest: Nest): void {
    const { herd, last } = nest;
    const { name, parent, children, shown } = kinds[number] ?? NOBODY;
    const above = parent === undefined ? -1 : (last[parent] ?? -1);
    if (parent !== undefined && above < 0) throw orphan(name, kinds[parent]?.name ?? '', block, i);
    const size = Math.min(block.end(i) - block.start(i), shown);
    const member = herd.add(number, block, i, size);
    if (parent === undefined) {
      nest.roots.push(member);
      nest.bytes = 0;
    } else herd.join(above, slotOf[number] ?? 0, member);
    nest.bytes += HEAD_BYTES + size + children.length * COUNT_BYTES;
    if (nest.bytes > most) throw tooLarge(nest, kinds, most);
    forget(children, last);
    last[number] = member;
  }

  /** What stood below an earlier record of the parent's type gets no more children. */
  function forget(children: readonly number[], last: Int32Array): void {
    for (const child of children) {
      last[child] = -1;
      forget(kinds[child]?.children ?? [], last);
    }
  }

  function rowsOf(nest: Nest, roots: readonly number[], raw: Uint8Array): Rows {
    const { herd } = nest;
    const behind = nest.roots[roots.length] ?? herd.length;
    const bytes = new Uint8Array(sizeOf(herd, behind));
    const starts: number[] = [];
    let end = 0;
    for (const root of roots) {
      starts.push(end);
      end = put(root, bytes, end, end, nest, raw);
    }
    /** The member to whose record the byte belongs; the root for the rest. */
    const memberAt = (i: number, at: number): number => {
      const root = roots[i] ?? 0;
      const last = roots[i + 1] ?? behind;
      for (let member = root; member < last; member++) {
        const from = herd.at[member] ?? 0;
        if (from <= at && at <= from + (herd.size[member] ?? 0)) return member;
      }
      return root;
    };
    const membersOf = (i: number): readonly number[] => {
      const root = roots[i] ?? 0;
      return Array.from({ length: (roots[i + 1] ?? behind) - root }, (_, n) => root + n);
    };
    return {
      length: roots.length,
      bytes,
      start: (i) => starts[i] ?? 0,
      end: (i) => starts[i + 1] ?? end,
      offset(i, at = HEAD_BYTES) {
        const member = memberAt(i, at);
        return herd.offsetOf(member, Math.max(0, at - (herd.at[member] ?? 0)));
      },
      record: (i, at = HEAD_BYTES) => herd.span(memberAt(i, at)).record,
      extent(i) {
        const { offset } = herd.span(roots[i] ?? 0);
        const last = herd.span((roots[i + 1] ?? behind) - 1);
        return { offset, length: last.offset + last.length - offset };
      },
      spans: (i) => membersOf(i).map((member) => herd.span(member)),
    };
  }

  function sizeOf({ size, kind }: Herd, behind: number): number {
    let sum = 0;
    for (let member = 0; member < behind; member++) {
      const children = kinds[kind[member] ?? 0]?.children.length ?? 0;
      sum += HEAD_BYTES + (size[member] ?? 0) + children * COUNT_BYTES;
    }
    return sum;
  }

  /** Writes a member with its children; the offset behind it. `row`: where the row begins. */
  function put(
    member: number,
    bytes: Uint8Array,
    at: number,
    row: number,
    nest: Nest,
    raw: Uint8Array,
  ): number {
    const { herd, kept } = nest;
    const record = at + HEAD_BYTES;
    const size = herd.size[member] ?? 0;
    copy(member < kept ? nest.carry : raw, herd.start[member] ?? 0, size, bytes, record);
    herd.at[member] = record - row;
    let end = record + size;
    const children = kinds[herd.kind[member] ?? 0]?.children.length ?? 0;
    for (let slot = 0; slot < children; slot++) {
      const list = member * slots + slot;
      const count = herd.count[list] ?? 0;
      putNumber(bytes, end, count);
      end += COUNT_BYTES;
      let child = herd.first[list] ?? -1;
      for (let n = 0; n < count; n++) {
        end = put(child, bytes, end, row, nest, raw);
        child = herd.next[child] ?? -1;
      }
    }
    putNumber(bytes, at, end - at);
    putNumber(bytes, at + 4, size);
    return end;
  }
}

const NOBODY: Kind = { name: '', children: [], shown: 0 };

/** Bytes up to which copying one by one is quicker than making a view. */
const FEW_BYTES = 64;

function copy(from: Uint8Array, start: number, size: number, to: Uint8Array, at: number): void {
  if (size > FEW_BYTES) to.set(from.subarray(start, start + size), at);
  else for (let i = 0; i < size; i++) to[at + i] = from[start + i] ?? 0;
}

/** Only the family at hand is left. */
function leave(nest: Nest): void {
  const begin = nest.roots.at(-1) ?? 0;
  nest.herd.drop(begin);
  nest.roots = [0];
  for (const [kind, member] of nest.last.entries()) nest.last[kind] = member < 0 ? -1 : member - begin;
  nest.carried = 0;
  nest.kept = 0;
}

/** The bytes of the family at hand are kept: the block that they came in is about to go. */
function carry(nest: Nest, raw: Uint8Array): void {
  const { herd } = nest;
  for (let member = nest.kept; member < herd.length; member++) {
    const size = herd.size[member] ?? 0;
    if (nest.carried + size > nest.carry.length) {
      const grown = new Uint8Array(2 * (nest.carried + size));
      grown.set(nest.carry.subarray(0, nest.carried));
      nest.carry = grown;
    }
    copy(raw, herd.start[member] ?? 0, size, nest.carry, nest.carried);
    herd.start[member] = nest.carried;
    nest.carried += size;
  }
  nest.kept = herd.length;
}

function orphan(name: string, parent: string, block: Block, i: number): Fault {
  return new Fault(
    'corrupt',
    `The record is a "${name}", and no "${parent}" stands before it to which it belongs`,
    {
      code: 'orphan-record',
      record: block.record(i) + 1,
      byteOffset: block.offset(i),
      hint: 'Check the rules under "types", and whether the file was cut.',
    },
  );
}

function tooLarge({ herd, roots }: Nest, kinds: readonly Kind[], most: number): Fault {
  const root = roots.at(-1) ?? 0;
  const name = kinds[herd.kind[root] ?? 0]?.name;
  return new Fault(
    'too-costly',
    `The "${name}" of record ${herd.span(root).record + 1} has more than ${most} bytes together with the records that follow it: ${herd.length - root} so far`,
    {
      code: 'family-too-large',
      hint: 'Show the record types as collections of their own, with "when", and join them by a relation.',
    },
  );
}
