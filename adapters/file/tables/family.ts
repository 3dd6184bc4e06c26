// Knows: parents with their children as one row: the bytes of such a row, and the codec that reads them.
// Must not know: files, and how records are put together into families (assembly).

import type { Codec, Decode, Locate, Write } from '#codec/compile/compile';
import { type ByteSink, type Cell, Fault, type Field, type ObjectType, type Row } from '#spi';

/** A record type with the types whose records follow it as its children. */
export interface Family {
  readonly codec: Codec;
  readonly children: readonly Child[];
}

export interface Child {
  /** API name of the list in the parent's row. */
  readonly name: string;
  /** PascalCase, of one element. */
  readonly typeName: string;
  readonly family: Family;
}

/**
 * The bytes of a member: four bytes with the length of all of it, four with that of its record, the record, and for each type of
 * children four bytes with their number, then they themselves in the same form. Numbers are little-endian.
 */
export const HEAD_BYTES = 8;
export const COUNT_BYTES = 4;

export function putNumber(bytes: Uint8Array, at: number, number: number): void {
  bytes[at] = number;
  bytes[at + 1] = number >>> 8;
  bytes[at + 2] = number >>> 16;
  bytes[at + 3] = number >>> 24;
}

function numberAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return low + (bytes[at + 3] ?? 0) * 0x100_0000;
}

/** Fields of the root's record, and lists of its children, nested to any depth. It reads; there is nothing to write such a row into. */
export function familyCodec({ codec, children }: Family): Codec {
  const members = children.map((child) => ({ ...child, codec: familyCodec(child.family) }));
  const { layout } = codec;
  const fields = [...layout.fields, ...members.map(listField)];

  /** What is asked of the record, and of each list; in the order of asking. */
  const partsOf = (paths: readonly string[]): readonly Part[] => {
    const parts: { list: number; name: string; paths: string[] }[] = [];
    for (const path of paths) {
      const name = path.split('.', 1)[0] ?? path;
      const list = members.findIndex((member) => member.name === name);
      let part = parts.find((known) =>
        list < 0 ? known.list < 0 && known.name === name : known.list === list,
      );
      if (part === undefined) {
        part = { list, name, paths: [] };
        parts.push(part);
      }
      if (list < 0) part.paths.push(path);
      else if (path !== name) part.paths.push(path.slice(name.length + 1));
      else part.paths.push(...shownFields(members[list]?.codec.layout.fields ?? []));
    }
    return joined(parts);
  };

  return {
    layout: { ...layout, fields },
    decoder(paths) {
      const parts = partsOf(paths);
      const decodeRecord = codec.decoder(parts.flatMap((part) => (part.list < 0 ? part.paths : [])));
      const lists = members.map(({ codec: member }, list) => {
        const part = parts.find((candidate) => candidate.list === list);
        return part === undefined ? undefined : { name: part.name, decode: member.decoder(part.paths) };
      });
      return familyDecoder(decodeRecord, lists);
    },
    writer(paths) {
      const parts = partsOf(paths).map(({ list, name, paths: asked }): WrittenPart => {
        const member = members[list];
        return member === undefined
          ? { list, write: codec.writer(asked) }
          : { list, head: encoder.encode(`{${JSON.stringify(name)}:[`), write: member.codec.writer(asked) };
      });
      return familyWriter(parts);
    },
    predicate(filter) {
      const { coverage, test } = codec.predicate(filter);
      const inside = shifted();
      return {
        coverage,
        test(bytes, start, _end, locate) {
          const record = start + HEAD_BYTES;
          return test(bytes, record, record + numberAt(bytes, start + 4), inside.from(HEAD_BYTES, locate));
        },
      };
    },
    encode() {
      throw new Fault('unsupported', 'A record together with its children cannot be written');
    },
  };
}

function listField({ name, typeName, codec }: Child & { readonly codec: Codec }): Field {
  const of: ObjectType = { kind: 'object', name: typeName, fields: codec.layout.fields };
  return { name, type: { kind: 'list', of } };
}

function shownFields(fields: readonly Field[]): readonly string[] {
  return fields.flatMap(({ name, alternate }) => (alternate === true ? [] : [name]));
}

/** `list`: number of the list, or −1 for fields of the record. */
interface Part {
  readonly list: number;
  readonly name: string;
  readonly paths: readonly string[];
}

/** Fields of the record that stand side by side are one part. */
function joined(parts: readonly Part[]): readonly Part[] {
  const out: Part[] = [];
  for (const part of parts) {
    const before = out.at(-1);
    if (part.list < 0 && before !== undefined && before.list < 0) {
      out[out.length - 1] = { ...before, paths: [...before.paths, ...part.paths] };
    } else out.push(part);
  }
  return out;
}

/** A `Locate` that counts from another byte of the row; one for all members, since faults are made where they are met. */
function shifted() {
  let by = 0;
  let outer: Locate = () => ({});
  const locate: Locate = (at) => outer(by + at);
  return {
    from(bytes: number, of: Locate): Locate {
      by = bytes;
      outer = of;
      return locate;
    },
  };
}

interface DecodedList {
  readonly name: string;
  readonly decode: Decode;
}

function familyDecoder(decodeRecord: Decode, lists: readonly (DecodedList | undefined)[]): Decode {
  const inside = shifted();
  return (bytes, start, _end, locate) => {
    const record = start + HEAD_BYTES;
    let at = record + numberAt(bytes, start + 4);
    const row: Record<string, Cell> = {
      ...decodeRecord(bytes, record, at, inside.from(HEAD_BYTES, locate)),
    };
    for (const list of lists) {
      const count = numberAt(bytes, at);
      at += COUNT_BYTES;
      const elements: Row[] = [];
      for (let i = 0; i < count; i++) {
        const end = at + numberAt(bytes, at);
        if (list !== undefined) {
          elements.push(list.decode(bytes, at, end, inside.from(at - start, locate)));
        }
        at = end;
      }
      if (list !== undefined) row[list.name] = elements;
    }
    return row;
  };
}

/** `head`: of a list, as JSON, with a brace before it. */
interface WrittenPart {
  readonly list: number;
  readonly head?: Uint8Array;
  readonly write: Write;
}

const encoder = new TextEncoder();
const OPEN_BRACE = 0x7b;
const COMMA = 0x2c;
const END = [0x5d, 0x7d] as const;

function append(out: ByteSink, bytes: Uint8Array): void {
  out.reserve(bytes.length);
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

function familyWriter(parts: readonly WrittenPart[]): Write {
  const inside = shifted();

  function writeList(
    part: WrittenPart,
    head: Uint8Array,
    bytes: Uint8Array,
    start: number,
    out: ByteSink,
    locate: Locate,
  ) {
    let at = start + HEAD_BYTES + numberAt(bytes, start + 4);
    for (let list = 0; list < part.list; list++) at = behindList(bytes, at);
    const count = numberAt(bytes, at);
    at += COUNT_BYTES;
    append(out, head);
    for (let i = 0; i < count; i++) {
      const end = at + numberAt(bytes, at);
      if (i > 0) {
        out.reserve(1);
        out.bytes[out.length++] = COMMA;
      }
      part.write(bytes, at, end, out, inside.from(at - start, locate));
      at = end;
    }
    out.reserve(END.length);
    for (const byte of END) out.bytes[out.length++] = byte;
  }

  return (bytes, start, _end, out, locate) => {
    const begin = out.length;
    try {
      if (parts.length === 0) out.text('{}');
      for (const [i, part] of parts.entries()) {
        // Each part is written as an object of its own: its brace takes the place of the brace before it, and becomes a comma.
        if (i > 0) out.length--;
        const brace = out.length;
        if (part.head === undefined) {
          const record = start + HEAD_BYTES;
          const end = record + numberAt(bytes, start + 4);
          part.write(bytes, record, end, out, inside.from(HEAD_BYTES, locate));
        } else writeList(part, part.head, bytes, start, out, locate);
        out.bytes[brace] = i > 0 ? COMMA : OPEN_BRACE;
      }
    } catch (error) {
      out.length = begin;
      throw error;
    }
  };
}

/** Offset behind the list whose count stands at `at`. */
function behindList(bytes: Uint8Array, at: number): number {
  const count = numberAt(bytes, at);
  let next = at + COUNT_BYTES;
  for (let i = 0; i < count; i++) next += numberAt(bytes, next);
  return next;
}
