// Sources for tests of the guards: what they answer is a function, and what they are asked can be counted.

import { memorySource } from '../../adapters/memory/memory.ts';
import { Fault } from '../../src/fault.ts';
import type { Access, Ask, Batch, Source } from '../../src/spi.ts';

export const NEVER = new AbortController().signal;
export const QUERY = { collection: 'things', where: [], order: [] };

export function batchOf(length: number): Batch {
  return { length, row: () => ({}) };
}

export function reading(read: (ask: Ask) => AsyncIterable<Batch>, parts: Partial<Source> = {}): Source {
  const access: Access = { where: [], ordered: true, limits: true, cost: 'scan', explain: 'a test', read };
  return { ...memorySource([]), access: () => access, ...parts };
}

/** Each read is answered as the function says: so many rows in one batch, or a fault. It learns which read it is, the first is 1. */
export function answering(answer: (read: number) => number | Fault | Promise<number>): Source {
  let reads = 0;
  return reading(async function* () {
    reads++;
    const told = await answer(reads);
    if (told instanceof Fault) throw told;
    yield batchOf(told);
  });
}

/** Rows of one read, which is ended where `signal` says so. */
export async function rowsOf(source: Source, signal = NEVER, within = false): Promise<number> {
  let rows = 0;
  const ask = { fields: [], signal, ...(within ? { within: true as const } : {}) };
  for await (const batch of source.access(QUERY).read(ask)) rows += batch.length;
  return rows;
}

/** Rows, or the code of the fault. */
export async function told(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    return error instanceof Fault ? error.code : error;
  }
}

/** A promise that is kept from outside. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

export function unreachable(): Fault {
  return new Fault('unavailable', 'nobody there', { code: 'cannot-connect' });
}

/** Lets everything that can go on go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
