// Knows: the operation that replaces a whole file by the rows that it is given.
// Must not know: facades, how a file is kept.

import { recordWriter } from '#codec/framing/enframe';
import {
  ByteSink,
  type Cell,
  Fault,
  isList,
  isRecord,
  keyText,
  type Operation,
  pascalCase,
  singular,
  type Value,
} from '#spi';
import { slices } from '../slices.ts';
import type { ByteFile } from '../store/byte-store.ts';
import type { Table } from '../tables/table.ts';
import { largestBlock } from './blocks.ts';
import { missing } from './commit.ts';
import { readPart } from './content.ts';
import { keyValue } from './key-values.ts';
import { lineEndsIn } from './line-end.ts';
import { checkMember } from './membership.ts';
import { writing } from './placement.ts';
import { badValue, type Values } from './record.ts';
import { duplicate } from './staging.ts';
import type { Recording, Writable } from './writable.ts';

interface Ask {
  readonly signal: AbortSignal;
}

/** `replaceCustomers` of the collection `customers`: the rows as a new row has them, and how many they were. */
export function replaceOperation({ collection }: Writable): Operation {
  const { name, fields } = collection;
  const own = fields.filter(({ readOnly, alternate }) => readOnly !== true && alternate !== true);
  const title = pascalCase(name);
  return {
    name: `replace${title}`,
    doc: `Replaces all of ${name} by these rows, in their order; an empty list leaves none. All or nothing.`,
    effect: 'write',
    idempotent: true,
    input: [
      {
        name: 'rows',
        type: {
          kind: 'list',
          of: { kind: 'object', name: `${pascalCase(singular(name))}Record`, fields: own },
        },
      },
    ],
    output: {
      kind: 'object',
      name: `Replaced${title}`,
      fields: [{ name: 'rows', type: { kind: 'int32' }, doc: 'How many rows there are now' }],
    },
  };
}

export async function replaceFile(
  writable: Writable,
  rows: Value | undefined,
  { signal }: Ask,
): Promise<Cell> {
  const { stored, shared, table, sliceMs } = writable;
  if (stored.edit === undefined) throw new Fault('unsupported', `"${stored.path}" cannot be written`);
  const { key } = table;
  const records = await recordsOf(writable, { key, sliceMs }, valuesOf(rows), signal);
  await using edit = await stored.edit({ signal });
  try {
    await edit.replace(await wholeFile(writable, records, edit.file, { signal }), { signal });
  } finally {
    await shared.forget();
  }
  return { rows: records.length };
}

function valuesOf(rows: Value | undefined): readonly Values[] {
  return rows !== undefined && isValueList(rows) ? rows.filter(isValues) : [];
}

function isValueList(value: Value): value is readonly Value[] {
  return isList(value);
}

function isValues(value: Value): value is Values {
  return isRecord(value);
}

/** Records of rows, as they stand in the file. Faults name the row: `record`, the first is 1, where there are several. */
export async function recordsOf(
  { records, form, collection, member }: Recording,
  { key, sliceMs }: { readonly key: Table['key']; readonly sliceMs: number },
  rows: readonly Values[],
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const keys = new Set<string>();
  const made: Uint8Array[] = [];
  const slice = slices(sliceMs);
  for (const [i, values] of rows.entries()) {
    try {
      const record = records.create({ ...member?.constants, ...values });
      if (member !== undefined) checkMember(member, record, collection.name);
      made.push(form.write(record));
      if (key.length > 0) {
        const own = key.map(({ field }) => keyValue(values, field));
        const missing = key.find((_, part) => own[part] === null);
        if (missing !== undefined) throw badValue(missing.field, 'is part of the key and needs a value');
        const text = keyText(key, own);
        if (keys.has(text)) throw duplicate();
        keys.add(text);
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw error.at({ collection: collection.name, ...(rows.length === 1 ? {} : { record: i + 1 }) });
    }
    if (slice.over()) await slice.next();
    signal.throwIfAborted();
  }
  return made;
}

const PIECE = 262_144;

/** What is no record (header, trailer) and how lines end stays. A record that the format cannot hold is refused before anything is written. */
export async function wholeFile(
  { framing, blockSize }: Recording,
  records: readonly Uint8Array[],
  file: ByteFile | undefined,
  ask: Ask,
): Promise<AsyncIterable<Uint8Array>> {
  const { header = 0, trailer = 0 } = framing;
  if (file === undefined && header + trailer > 0) throw missing('The file');
  const options = {
    ...(file === undefined
      ? {}
      : {
          header: await readPart(file, 0, header, ask),
          trailer: await readPart(file, file.size - trailer, trailer, ask),
        }),
    ...(framing.kind === 'lines' && file !== undefined
      ? { end: (await lineEndsIn(file, framing, ask)).usual }
      : {}),
    ...(await blockSizeOf(framing, blockSize, file, ask)),
  };
  const writer = recordWriter(framing, options);
  const pieces: Uint8Array[] = [];
  const out = new ByteSink(PIECE);
  for (const record of records) {
    writing(() => writer.write(record, out));
    if (out.length >= PIECE) pieces.push(out.take());
  }
  writer.finish(out);
  pieces.push(out.take());
  return (async function* () {
    yield* pieces;
  })();
}

async function blockSizeOf(
  framing: Writable['framing'],
  given: number | undefined,
  file: ByteFile | undefined,
  ask: Ask,
): Promise<{ readonly blockSize?: number }> {
  if (framing.kind !== 'rdw' || !framing.blocks) return {};
  if (given !== undefined) return { blockSize: given };
  return file === undefined ? {} : { blockSize: await largestBlock(file, framing, ask) };
}
