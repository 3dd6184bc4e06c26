// Knows: how a thread works on all scans that it was ordered: in turns, and with a report when there is something to tell.
// Must not know: who asks, and how a scan is done.

import { setImmediate } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { faultData, recent, toFault } from '#spi';
import { slices } from '../slices.ts';
import { lentFile } from '../store/disk-file.ts';
import { textsOf } from '../tables/recipe.ts';
import { type Table, tableOf } from '../tables/table.ts';
import type { FromThread, Report, ScanOrder, ToThread } from './scan-order.ts';
import { type Work, workOf } from './scan-work.ts';

/** How long one scan goes on before the next has its turn. So long a scan that is not wanted any more may still read. */
const TURN_MS = 10;
const TABLES_KEPT = 64;
/** The largest piece of a scan. Memory that is taken anew for each scan costs more than most scans: it is collected time and again. */
const BUFFER_BYTES = 1_048_576;
const BUFFERS_KEPT = 4;

interface Job {
  readonly id: number;
  readonly recipe: number;
  readonly order: ScanOrder;
  work?: Work;
  buffer?: Uint8Array<ArrayBuffer>;
}

/** Takes orders from the port as long as the thread lives. */
export function takeOrders(port: MessagePort): void {
  const tables = recent<Table>(TABLES_KEPT);
  const jobs = new Map<number, Job>();
  /** Those that have not reported and wait to be told to go on. */
  const queue: Job[] = [];
  const buffers: Uint8Array<ArrayBuffer>[] = [];
  let working = false;

  const tell = (message: FromThread): void => port.postMessage(message);

  const end = async ({ id, work, buffer }: Job): Promise<void> => {
    jobs.delete(id);
    await work?.close();
    if (buffer !== undefined && buffers.length < BUFFERS_KEPT) buffers.push(buffer);
  };
  const report = async (job: Job, more: Omit<Report, 'findings'>): Promise<void> => {
    const findings = job.work?.take() ?? { kind: 'count', count: 0 };
    if (more.ended) await end(job);
    tell({ tell: 'report', id: job.id, report: { ...more, findings } });
  };
  const begin = (job: Job): Work => {
    const { recipe, order } = job;
    const { path, fd, ...about } = order.file;
    const table = tables(String(recipe), () =>
      tableOf(order.recipe.owner, order.recipe.options, textsOf(order.recipe)),
    );
    job.buffer = buffers.pop() ?? new Uint8Array(BUFFER_BYTES);
    return workOf(order, { table, file: lentFile(path, fd, about), buffer: job.buffer });
  };
  const turn = async (job: Job): Promise<void> => {
    const slice = slices(TURN_MS);
    try {
      job.work ??= begin(job);
      const { work } = job;
      do {
        const { done } = await work.step();
        if (done === true) return await report(job, { ended: true });
        if (work.found() === 'enough') return await report(job, { ended: false });
      } while (!slice.over());
      // What is there is told at once: somebody may wait for the first row.
      if (work.found() === 'some') await report(job, { ended: false });
      else queue.push(job);
    } catch (error) {
      await report(job, { ended: true, fault: faultData(toFault(error)) });
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
    const at = queue.findIndex((one) => one.id === id);
    if (at >= 0) queue.splice(at, 1);
    if (job !== undefined) await end(job);
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
