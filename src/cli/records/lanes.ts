// Knows: how the threads of a conversion are started and what comes of them.
// Must not know: what a lane does.

import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { recordCount } from '../../codec/framing/fixed.ts';
import { Fault, faultOfData } from '../../fault.ts';
import type { Given } from '../command.ts';
import type { Prepared } from './conversion.ts';
import type { Outputs, Totals } from './convert-alone.ts';
import type { FileInput } from './input.ts';
import { type LaneFiles, runLane, shareConversion, sharedTotals, stopLanes } from './lane.ts';
import type { LaneEnd, LaneOrder } from './lane-worker.ts';
import { BrokenPipe } from './output.ts';

/** A thread pays for itself from this many bytes on. */
const BYTES_FOR_A_LANE = 4_194_304;

/** More threads than processors only take memory. Two are always worth it: one reads and writes while the other converts. */
function worthwhileLanes(jobs: number, size: number): number {
  const processors = Math.max(2, availableParallelism());
  return Math.max(1, Math.min(jobs, processors, Math.floor(size / BYTES_FOR_A_LANE)));
}

/**
 * Converts the file by at most `jobs` threads, of which this one is the first, so that it works while the others start. Throws as
 * `convertAlone` does.
 */
export async function convertTogether(
  jobs: number,
  given: Given,
  input: FileInput,
  prepared: Prepared,
  { out, rejects }: Outputs,
  progress: (consumed: () => number) => void,
): Promise<Totals> {
  const { framing, rendering } = prepared;
  if (framing.kind === 'fixed') recordCount(input.size, framing);
  const shared = shareConversion(framing.header ?? 0);
  const files: LaneFiles = {
    input: input.fd,
    end: input.size - (framing.trailer ?? 0),
    out: out.fd,
    ...(rejects === undefined ? {} : { rejects: rejects.fd }),
  };
  progress(() => sharedTotals(shared).offset);
  const encoder = new TextEncoder();
  await out.write(encoder.encode(rendering.head));
  const others = Array.from({ length: worthwhileLanes(jobs, input.size) - 1 }, () =>
    startLane({ given, files, shared }),
  );
  // The progress and signals are looked after between slices.
  const own = runLane(prepared, files, shared, () => setImmediate()).catch((error: unknown) => {
    stopLanes(shared);
    throw error;
  });
  const ends = await Promise.allSettled([own, ...others]);
  const failed = ends.filter((end) => end.status === 'rejected').map(({ reason }): unknown => reason);
  if (failed.length > 0) throw failed.find((reason) => !(reason instanceof Fault)) ?? failed[0];
  const { rows, rejected, broken } = sharedTotals(shared);
  if (broken) throw new BrokenPipe();
  await out.write(encoder.encode(rendering.tail));
  return { rows, rejected };
}

function startLane(order: LaneOrder): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const file = new URL(`./lane-worker${extname(import.meta.filename)}`, import.meta.url);
  // Streams of its own: those of the process would be made non-blocking, and a pipe that is full costs a wait then.
  const worker = new Worker(file, { workerData: order, stdout: true, stderr: true });
  worker.once('message', (end: LaneEnd) => {
    if (end.crash !== undefined) reject(new Error(`A thread of the conversion failed: ${end.crash}`));
    else if (end.fault !== undefined) reject(faultOfData(end.fault));
    else resolve();
  });
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('A thread of the conversion ended without a word')));
  // Nobody may wait for a thread that is gone.
  promise.catch(() => stopLanes(order.shared));
  return promise;
}
