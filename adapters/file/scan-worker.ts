// Knows: the way in of a thread that scans files: takes orders, works on all of them in turns, and reports.
// Must not know: who asks, and how a scan is done.

import { enableCompileCache } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { isMainThread, parentPort } from 'node:worker_threads';
import { faultData, recent, toFault } from '#spi';
import { lentFile } from './disk-file.ts';
import { textsOf } from './recipe.ts';
import type { FromThread, ScanOrder, ToThread } from './scan-order.ts';
import { type Work, workOf } from './scan-work.ts';
import { slices } from './slices.ts';
import { type Table, tableOf } from './table.ts';

/** How long one scan goes on before the next has its turn. So long a scan that is not wanted any more may still read. */
const TURN_MS = 10;
const TABLES_KEPT = 64;

interface Job {
  readonly id: number;
  readonly recipe: number;
  readonly order: ScanOrder;
  work?: Work;
}

function serve(port: NonNullable<typeof parentPort>): void {
  const tables = recent<Table>(TABLES_KEPT);
  const jobs = new Map<number, Job>();
  /** Those that have not reported and wait to be told to go on. */
  const queue: Job[] = [];
  let working = false;

  const tell = (message: FromThread): void => port.postMessage(message);

  const report = (job: Job, ended: boolean): void => {
    const { work } = job;
    if (work === undefined) return;
    tell({ tell: 'report', id: job.id, report: { findings: work.take(), ended } });
  };
  const fail = ({ id, work }: Job, error: unknown): void => {
    const findings = work?.take() ?? { kind: 'places', spans: new Float64Array(0) };
    tell({ tell: 'report', id, report: { findings, ended: true, fault: faultData(toFault(error)) } });
  };
  const begin = ({ recipe, order }: Job): Work => {
    const table = tables(String(recipe), () =>
      tableOf(order.recipe.owner, order.recipe.options, textsOf(order.recipe)),
    );
    const { path, fd, ...about } = order.file;
    return workOf(order, table, lentFile(path, fd, about));
  };
  const turn = async (job: Job): Promise<void> => {
    const slice = slices(TURN_MS);
    try {
      job.work ??= begin(job);
      const { work } = job;
      do {
        const { done } = await work.step();
        if (done === true) return report(job, true);
        if (work.found() === 'enough') return report(job, false);
      } while (!slice.over());
      // What is there is told at once: somebody may wait for the first row.
      if (work.found() === 'some') report(job, false);
      else queue.push(job);
    } catch (error) {
      fail(job, error);
    }
  };
  const goOn = async (): Promise<void> => {
    if (working) return;
    working = true;
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      await turn(job);
      // Messages come in meanwhile.
      await setImmediate();
    }
    working = false;
  };
  const close = async (id: number): Promise<void> => {
    const job = jobs.get(id);
    jobs.delete(id);
    const at = queue.findIndex((one) => one.id === id);
    if (at >= 0) queue.splice(at, 1);
    await job?.work?.close();
    tell({ tell: 'closed', id });
  };

  port.on('message', (message: ToThread) => {
    const { id } = message;
    if (message.do === 'close') void close(id);
    else {
      const job = message.do === 'scan' ? { ...message } : jobs.get(id);
      if (job === undefined) return;
      jobs.set(id, job);
      queue.push(job);
      void goOn();
    }
  });
}

if (!isMainThread && parentPort !== null) {
  enableCompileCache();
  serve(parentPort);
}
