// Knows: the way in of a thread that is a lane of a conversion.
// Must not know: what the other threads do.

import { enableCompileCache } from 'node:module';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { FaultData } from '../../fault.ts';
import type { Given } from '../command.ts';
import type { LaneFiles, Shared } from './lane.ts';

export interface LaneOrder {
  readonly given: Given;
  readonly files: LaneFiles;
  readonly shared: Shared;
}

/** How it ended: well, or with what was thrown, as data. */
export type LaneEnd = { readonly fault?: FaultData; readonly crash?: string };

async function work(order: LaneOrder): Promise<LaneEnd> {
  enableCompileCache();
  const { prepare } = await import('./prepared.ts');
  const { runLane, stopLanes } = await import('./lane.ts');
  const { Fault, faultData } = await import('../../fault.ts');
  try {
    await runLane(await prepare(order.given), order.files, order.shared);
    return {};
  } catch (error) {
    stopLanes(order.shared);
    if (!(error instanceof Fault)) {
      return { crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    return { fault: faultData(error) };
  }
}

if (!isMainThread) {
  // cast: only `lanes.ts` starts this file, with an order.
  parentPort?.postMessage(await work(workerData as LaneOrder));
}
