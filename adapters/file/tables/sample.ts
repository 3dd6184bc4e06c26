// Knows: whether a file looks like what its layout says: the first and the last of its rows, and signs of a damaged transfer.
// Must not know: what becomes of a fault.

import type { Block } from '#codec/framing/block';
import { diagnose, type Finding } from '#codec/framing/damage';
import { recordCount } from '#codec/framing/fixed';
import { type Cell, Fault, type FaultDetail, isList, isRecord, toFault } from '#spi';
import type { OpenTable } from '../reads/selection.ts';
import { slices } from '../slices.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { isGzip } from '../store/gzip.ts';
import { scanFile, scanFixed } from './fetch.ts';
import { ownerOf, placeIn } from './place.ts';
import type { Rows } from './rows.ts';

/** Rows at the beginning of the file and at its end that are decoded. */
const SAMPLED_ROWS = 300;
/** A file beyond this size whose rows have no fixed places is looked at from its beginning alone. */
const WALKED_BYTES = 67_108_864;
/** Bytes of the beginning in which damage is looked for. */
const LOOKED_AT_BYTES = 262_144;
/** Faults that are told. */
const TOLD = 5;

/**
 * Single bad fields are told where they are read; but where a quarter of the sampled rows do not decode, layout and file do not fit one
 * another: then it throws a `corrupt` Fault with the first of them, and what probably happened to the file as its hint.
 */
export async function checkSample(of: OpenTable, file: ByteFile, signal: AbortSignal): Promise<void> {
  const seen: { rows: number; bad: number; readonly faults: Fault[] } = { rows: 0, bad: 0, faults: [] };
  try {
    await lookAtRows(of, file, signal, (faults) => {
      seen.rows++;
      if (faults.length === 0) return;
      seen.bad++;
      if (seen.faults.length < TOLD) seen.faults.push(...faults.slice(0, TOLD - seen.faults.length));
    });
  } catch (error) {
    signal.throwIfAborted();
    const fault = toFault(error);
    if (fault.kind !== 'corrupt') throw fault;
    throw explained(fault, await findings(of, file, signal));
  }
  const [first] = seen.faults;
  if (first === undefined || seen.bad * 4 < seen.rows) return;
  const errors = seen.faults.map((fault): FaultDetail => ({ ...fault.place, message: fault.message }));
  const told = new Fault(
    'corrupt',
    `${seen.bad} of ${seen.rows} rows that were looked at cannot be decoded. The first: ${first.message}`,
    { ...first.place, code: 'bad-sample', errors },
  );
  throw explained(told, await findings(of, file, signal));
}

/** The fault with what the bytes tell of the transfer. */
function explained(fault: Fault, found: readonly Finding[]): Fault {
  if (found.length === 0) return fault;
  const hint = found.map((finding) => `${finding.message} (${finding.evidence}). ${finding.hint}`).join(' ');
  return new Fault(fault.kind, fault.message, {
    ...fault.place,
    code: fault.code,
    errors: fault.errors,
    misconfigured: fault.misconfigured,
    cause: fault.cause,
    hint: fault.place.hint === undefined ? hint : `${hint} ${fault.place.hint}`,
  });
}

async function findings(
  { table }: OpenTable,
  file: ByteFile,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const sample = new Uint8Array(Math.min(file.size, LOOKED_AT_BYTES));
  if (sample.length === 0) return [];
  await file.read(sample, 0, { signal });
  if (isGzip(sample)) {
    const finding: Finding = {
      code: 'gzip',
      message: 'The file looks as if gzip had packed it',
      evidence: 'it begins with 1F 8B 08',
      hint: 'Set "compression: gzip".',
    };
    return [finding];
  }
  const { framing, layout } = table;
  return diagnose(sample, { layout, framing, fileSize: file.size });
}

type Look = (faults: readonly Fault[]) => void;

async function lookAtRows(of: OpenTable, file: ByteFile, signal: AbortSignal, look: Look): Promise<void> {
  const { table } = of;
  const { fixed } = table;
  const lookAt = rowLooker(of, look);
  if (fixed !== undefined) {
    const count = recordCount(file.size, fixed);
    const first = Math.min(count, SAMPLED_ROWS);
    const last = Math.max(first, count - SAMPLED_ROWS);
    for await (const rows of table.rows(scanFixed(file, fixed, 0, first, { signal })))
      lookAt(rows, 0, rows.length);
    for await (const rows of table.rows(scanFixed(file, fixed, last, count, { signal })))
      lookAt(rows, 0, rows.length);
    return;
  }
  const slice = slices(of.sliceMs);
  const walked = file.size <= WALKED_BYTES;
  let seen = 0;
  // Blocks are gone when the next one comes, so those that may hold the last rows are looked at before it is known that they do.
  for await (const rows of table.rows(scanFile(file, table.framing, { signal }))) {
    const first = Math.min(rows.length, Math.max(0, SAMPLED_ROWS - seen));
    lookAt(rows, 0, first);
    if (isLast(rows, file)) lookAt(rows, Math.max(first, rows.length - SAMPLED_ROWS), rows.length);
    seen += rows.length;
    if (seen >= SAMPLED_ROWS && !walked) return;
    if (slice.over()) await slice.next();
    signal.throwIfAborted();
  }
}

/** The block ends where the file does, but for a trailer or a block's end. */
function isLast(rows: Block, file: ByteFile): boolean {
  if (rows.length === 0) return false;
  const { offset, length } = rows.extent(rows.length - 1);
  return offset + length >= file.size - LOOKED_AT_BYTES;
}

function rowLooker(of: OpenTable, look: Look) {
  const { table } = of;
  const names = table.collection.fields.flatMap(({ name, alternate }) => (alternate === true ? [] : [name]));
  const decode = table.codec.decoder(names);
  return (rows: Rows, from: number, end: number): void => {
    const place = placeIn(ownerOf(of), rows);
    for (place.i = from; place.i < end; place.i++) {
      const row = decode(rows.bytes, rows.start(place.i), rows.end(place.i), place.locate);
      look(faultsIn(row).map((fault) => toFault(place.settle(fault))));
    }
  };
}

/** All of them, wherever in the row they stand. */
export function faultsIn(cell: Cell): readonly Fault[] {
  if (cell instanceof Fault) return [cell];
  if (isList(cell)) return cell.flatMap(faultsIn);
  return isRecord(cell) ? Object.values(cell).flatMap(faultsIn) : [];
}
