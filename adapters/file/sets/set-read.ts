// Knows: how the rows of several files come together: one file behind the other, or merged where an order asks for it.
// Must not know: which files a query concerns, how one file is read.

import {
  type Ask,
  type Batch,
  compareRows,
  type Filter,
  fieldAt,
  type Order,
  type Row,
  toJson,
  valueAt,
} from '#spi';
import { merged } from '../reads/merge.ts';
import { readBatches } from '../reads/read.ts';
import type { Journey } from '../reads/selection.ts';
import { type FileSet, inMember, memberTable } from './file-set.ts';
import type { Member, View } from './set-files.ts';

/** What of a query concerns a member. */
export interface Part {
  readonly member: Member;
  readonly where: Filter;
  readonly journey: Journey;
}

interface Reading {
  readonly view: View;
  readonly parts: readonly Part[];
  /** In which the rows are to come; empty: file by file. */
  readonly order: Order;
}

export async function* readParts(
  of: FileSet,
  { view, parts, order }: Reading,
  ask: Ask,
): AsyncGenerator<Batch, void> {
  const ahead = order.findIndex(({ field }) => !of.constants.has(field));
  // What the names alone decide comes first; only members that are equal in it have to be merged.
  const leading = ahead < 0 ? order : order.slice(0, ahead);
  const compare = (a: Part, b: Part) =>
    compareRows(
      leading,
      ({ field }) => valueAt(a.member.constants, field),
      leading.map(({ field }) => valueAt(b.member.constants, field)),
    );
  const inOrder = parts.toSorted(compare);
  const rest = order.slice(leading.length);
  let left = ask.limit ?? Number.POSITIVE_INFINITY;
  for (let from = 0; from < inOrder.length && left > 0; ) {
    const first = inOrder[from];
    let end = from + 1;
    for (let next = inOrder[end]; rest.length > 0 && first && next && compare(first, next) === 0; ) {
      next = inOrder[++end];
    }
    const limited: Ask = { ...ask, ...(ask.limit === undefined ? {} : { limit: left }) };
    const group = inOrder.slice(from, end);
    const readings = group.map((part) => readPart(of, view, part, limited, group.length > 1 ? rest : []));
    for await (const batch of readings.length === 1 ? (readings[0] ?? []) : merged(readings, rest, left)) {
      left -= batch.length;
      yield batch;
    }
    from = end;
  }
}

/** `order`: the rows hold its fields, too. */
async function* readPart(
  of: FileSet,
  view: View,
  { member, journey }: Part,
  ask: Ask,
  order: Order,
): AsyncGenerator<Batch, void> {
  const own = (fields: readonly string[]) => fields.filter((field) => !of.constants.has(field));
  const fields = own([...new Set([...ask.fields, ...order.map(({ field }) => field)])]);
  const json = ask.json === undefined ? undefined : own(ask.json);
  const tail = ask.json === undefined ? undefined : jsonTail(of, member, ask.json);
  const { json: _, ...rest } = ask;
  const memberAsk: Ask = { ...rest, fields, ...(json === undefined || tail === undefined ? {} : { json }) };
  try {
    for await (const batch of readBatches(memberTable(of, view, member), journey, memberAsk)) {
      yield withConstants(batch, view, member.constants, tail);
    }
  } catch (error) {
    throw inMember(member, error);
  }
}

function withConstants(
  { length, row, json, asOf }: Batch,
  { name: version }: View,
  constants: Row,
  tail: string | undefined,
): Batch {
  return {
    length,
    ...(asOf === undefined ? {} : { asOf }),
    ...(version === undefined ? {} : { version }),
    row: (i) => ({ ...row(i), ...constants }),
    ...(json === undefined || tail === undefined
      ? {}
      : {
          json(i, out) {
            const start = out.length;
            json(i, out);
            if (tail === '') return;
            // Behind the object's last member, instead of its closing brace.
            out.length--;
            out.text(out.length - start > 1 ? `,${tail}}` : `${tail}}`);
          },
        }),
  };
}

/** What the name adds to the JSON of each row; undefined: it is not asked for behind all of the others. */
function jsonTail(of: FileSet, { constants }: Member, json: readonly string[]): string | undefined {
  const first = json.findIndex((field) => of.constants.has(field));
  if (first < 0) return '';
  const asked = json.slice(first);
  if (asked.some((field) => !of.constants.has(field))) return undefined;
  const members = asked.map((name) => {
    const type = fieldAt(of.collection.fields, name)?.type ?? { kind: 'string' };
    return `${JSON.stringify(name)}:${JSON.stringify(toJson(type, constants[name] ?? null))}`;
  });
  return members.join();
}
