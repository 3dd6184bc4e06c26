// Knows: how a batch becomes one that stays valid: its rows as values, and its JSON where that was asked for.
// Must not know: how long it stays, who asks for it.

import { type Fault, toFault } from '../fault.ts';
import { ByteSink } from '../model/byte-sink.ts';
import type { Row } from '../model/value.ts';
import type { Batch } from '../spi.ts';
import { OBJECT_BYTES, type Weighed, weighedRow } from './weight.ts';

const scratch = new ByteSink();
/** A row with much JSON must not leave the scratch pad large for ever. */
const MAX_SCRATCH_BYTES = 4_194_304;

/** Undefined where it takes more than `room` bytes; then the batch itself is as good as before. */
export function keptBatch(batch: Batch, room: number): Weighed<Batch> | undefined {
  const { length, asOf, version } = batch;
  const rows: Row[] = [];
  let bytes = 4 * OBJECT_BYTES;
  let sound = true;
  for (let i = 0; i < length; i++) {
    const row = weighedRow(batch.row(i));
    bytes += row.bytes + 8;
    if (bytes > room) return undefined;
    sound &&= row.sound;
    rows.push(row.kept);
  }
  const json = batch.json === undefined ? undefined : keptJson(batch, room - bytes);
  if (batch.json !== undefined && json === undefined) return undefined;
  return {
    kept: {
      length,
      row: (i) => rows[i] ?? {},
      ...(json === undefined ? {} : { json: json.write }),
      ...(asOf === undefined ? {} : { asOf }),
      ...(version === undefined ? {} : { version }),
    },
    bytes: bytes + (json?.bytes ?? 0),
    sound: sound && (json?.sound ?? true),
  };
}

interface KeptJson {
  readonly write: NonNullable<Batch['json']>;
  readonly bytes: number;
  readonly sound: boolean;
}

/** Row after row in one piece. A row whose JSON cannot be written throws its fault as often as it is asked for. */
function keptJson(batch: Batch, room: number): KeptJson | undefined {
  const ends: number[] = [];
  const faults = new Map<number, Fault>();
  scratch.length = 0;
  try {
    for (let i = 0; i < batch.length; i++) {
      try {
        batch.json?.(i, scratch);
      } catch (error) {
        faults.set(i, toFault(error));
      }
      ends.push(scratch.length);
      if (scratch.length + 8 * ends.length > room) return undefined;
    }
    const bytes = scratch.take();
    return {
      bytes: OBJECT_BYTES + 200 + bytes.length + 8 * ends.length,
      sound: faults.size === 0,
      write(i, out) {
        const fault = faults.get(i);
        if (fault !== undefined) throw fault;
        const from = i === 0 ? 0 : (ends[i - 1] ?? 0);
        const to = ends[i] ?? from;
        out.reserve(to - from);
        out.bytes.set(bytes.subarray(from, to), out.length);
        out.length += to - from;
      },
    };
  } finally {
    scratch.length = 0;
    if (scratch.bytes.length > MAX_SCRATCH_BYTES) scratch.bytes = new Uint8Array(16_384);
  }
}
