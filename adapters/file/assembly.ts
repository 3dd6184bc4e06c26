// Knows: how records that stand one behind the other become families: a root with the records that belong to it.
// Must not know: what is inside a record, and what a record's type depends on.

import type { Block } from '#codec/framing/block';
import { Fault } from '#spi';
import { COUNT_BYTES, HEAD_BYTES, putNumber } from './family.ts';
import type { Rows, Span, ToRows } from './rows.ts';

/** A record type in a hierarchy; `parent` and `children` are numbers of types, the root has no parent. */
export interface Kind {
  readonly name: string;
  readonly parent?: number;
  readonly children: readonly number[];
  /** Most bytes of a record that are looked at. */
  readonly shown: number;
}

/** Bytes that a root and its children may have: a row is held in memory whole. */
export const FAMILY_BYTES = 16_777_216;

interface Member {
  readonly span: Span;
  /** Where the record's bytes are; a copy of them once the block that they came in is gone. */
  bytes: Uint8Array;
  start: number;
  readonly length: number;
  /** Where the record's byte `at` stands in the file. */
  readonly offset: (at: number) => number;
  readonly children: readonly Member[][];
  /** Offset of the record in the row. */
  at: number;
}

/** A row before it is one: members in the file's order, the root first. `name`: of the root's type. */
interface Litter {
  readonly name: string;
  readonly members: Member[];
  bytes: number;
}

/** The family at hand, and the last member of each type in it. */
interface Nest {
  open?: Litter;
  readonly last: (Member | undefined)[];
}

/**
 * `kindOf`: number of a record's type, −1 for records that are left out. A record belongs to the last one of its parent's type. Throws
 * `corrupt` (`orphan-record`) for one that stands before any, `too-costly` (`family-too-large`) for a family beyond the limit.
 */
export function assembled(
  kinds: readonly Kind[],
  kindsOf: (block: Block) => (i: number) => number,
  most = FAMILY_BYTES,
): ToRows {
  return async function* (records) {
    const nest: Nest = { last: [] };

    for await (const block of records) {
      const kindOf = kindsOf(block);
      const whole: Litter[] = [];
      for (let i = 0; i < block.length; i++) {
        const kind = kindOf(i);
        if (kind < 0) continue;
        const before = nest.open;
        const litter = place(kind, block, i, nest);
        if (before !== undefined && litter !== before) whole.push(before);
      }
      if (whole.length > 0) yield rowsOf(whole);
      for (const member of nest.open?.members ?? []) if (member.bytes === block.bytes) keep(member);
    }
    if (nest.open !== undefined) yield rowsOf([nest.open]);
  };

  /** The family that the record belongs to: a new one for a root. */
  function place(number: number, block: Block, i: number, nest: Nest): Litter {
    const kind = kinds[number] ?? NOBODY;
    const member = memberOf(block, i, kind);
    const { parent } = kind;
    let litter = nest.open;
    if (parent === undefined) {
      litter = { name: kind.name, members: [member], bytes: member.length };
      nest.open = litter;
    } else {
      const siblings = nest.last[parent]?.children[kinds[parent]?.children.indexOf(number) ?? 0];
      if (siblings === undefined || litter === undefined) {
        throw orphan(kind.name, kinds[parent]?.name ?? '', block, i);
      }
      siblings.push(member);
      litter.members.push(member);
      litter.bytes += member.length + HEAD_BYTES;
      if (litter.bytes > most) throw tooLarge(litter, most);
    }
    forget(number, nest);
    nest.last[number] = member;
    return litter;
  }

  /** What stood below an earlier record of this type gets no more children. */
  function forget(number: number, nest: Nest): void {
    for (const child of kinds[number]?.children ?? []) {
      nest.last[child] = undefined;
      forget(child, nest);
    }
  }
}

const NOBODY: Kind = { name: '', children: [], shown: 0 };

function memberOf(block: Block, i: number, { children, shown }: Kind): Member {
  const start = block.start(i);
  const length = Math.min(block.end(i) - start, shown);
  return {
    span: { record: block.record(i), ...block.extent(i) },
    bytes: block.bytes,
    start,
    length,
    offset: offsetsOf(block, i, length),
    children: children.map(() => []),
    at: 0,
  };
}

/** Where the bytes of a record stand, also when its block is gone. Those of a record of several segments do not stand side by side. */
function offsetsOf(block: Block, i: number, length: number): (at: number) => number {
  const first = block.offset(i);
  if (length === 0 || block.offset(i, length - 1) === first + length - 1) return (at) => first + at;
  const offsets = Float64Array.from({ length }, (_, at) => block.offset(i, at));
  return (at) => offsets[at] ?? (offsets[length - 1] ?? first) + 1 + at - length;
}

function keep(member: Member): void {
  member.bytes = member.bytes.slice(member.start, member.start + member.length);
  member.start = 0;
}

function rowsOf(families: readonly Litter[]): Rows {
  const size = families.reduce((sum, { members }) => sum + sizeOf(members[0]), 0);
  const bytes = new Uint8Array(size);
  const starts: number[] = [];
  let end = 0;
  for (const { members } of families) {
    starts.push(end);
    end = members[0] === undefined ? end : put(members[0], bytes, end, end);
  }
  const memberAt = (i: number, at: number): Member | undefined => {
    const members = families[i]?.members ?? [];
    return members.findLast((member) => member.at <= at && at <= member.at + member.length) ?? members[0];
  };
  return {
    length: families.length,
    bytes,
    start: (i) => starts[i] ?? 0,
    end: (i) => starts[i + 1] ?? end,
    offset(i, at = HEAD_BYTES) {
      const member = memberAt(i, at);
      return member === undefined ? 0 : member.offset(Math.max(0, at - member.at));
    },
    record: (i, at = HEAD_BYTES) => memberAt(i, at)?.span.record ?? 0,
    extent(i) {
      const spans = families[i]?.members.map(({ span }) => span) ?? [];
      const offset = spans[0]?.offset ?? 0;
      const last = spans.at(-1);
      return { offset, length: last === undefined ? 0 : last.offset + last.length - offset };
    },
    spans: (i) => families[i]?.members.map(({ span }) => span) ?? [],
  };
}

function sizeOf(member: Member | undefined): number {
  if (member === undefined) return 0;
  const children = member.children.flat().reduce((sum, child) => sum + sizeOf(child), 0);
  return HEAD_BYTES + member.length + member.children.length * COUNT_BYTES + children;
}

/** Writes a member with its children; the offset behind it. `row`: where the row begins. */
function put(member: Member, bytes: Uint8Array, at: number, row: number): number {
  const record = at + HEAD_BYTES;
  bytes.set(member.bytes.subarray(member.start, member.start + member.length), record);
  member.at = record - row;
  let end = record + member.length;
  for (const children of member.children) {
    putNumber(bytes, end, children.length);
    end += COUNT_BYTES;
    for (const child of children) end = put(child, bytes, end, row);
  }
  putNumber(bytes, at, end - at);
  putNumber(bytes, at + 4, member.length);
  return end;
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

function tooLarge({ name, members }: Litter, most: number): Fault {
  const [root] = members;
  return new Fault(
    'too-costly',
    `The "${name}" of record ${(root?.span.record ?? 0) + 1} has more than ${most} bytes together with the records that follow it: ${members.length} so far`,
    {
      code: 'family-too-large',
      hint: 'Show the record types as collections of their own, with "when", and join them by a relation.',
    },
  );
}
