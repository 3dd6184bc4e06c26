// Knows: the way in of a thread that scans files.
// Must not know: scans.

import { enableCompileCache } from 'node:module';
import { isMainThread, parentPort } from 'node:worker_threads';

if (!isMainThread && parentPort !== null) {
  // Before anything else is loaded: a thread that starts anew then starts sooner.
  enableCompileCache();
  const { takeOrders } = await import('./scan-turns.ts');
  takeOrders(parentPort);
}
