// Knows: how the rows of a collection are gathered by calls: one for many keys, several side by side, page after page.
// Must not know: queries, which way is chosen.

import { type CallHow, type Cell, Fault, isList, isRecord, type Row, type Value } from '#spi';
import type { MappedGet, MappedGetMany, MappedSearch } from './mapped.ts';
import { cellIn, type Input, withValue } from './paths.ts';

/** Values of the key fields by name. */
export type Key = Readonly<Record<string, Value>>;

/** One row for each key that has one, in the order of the keys; at most `concurrency` calls at a time. */
export async function* gotRows(
  get: MappedGet,
  keys: readonly Key[],
  fromArguments: readonly string[],
  concurrency: number,
  how: CallHow,
): AsyncGenerator<readonly Row[]> {
  const one = async (key: Key, inner: CallHow): Promise<readonly Row[]> => {
    const input = get.keys.reduce(
      (all, { field, argument }) => withValue(all, argument, key[field] ?? null),
      get.constants,
    );
    const row = rowOf(cellIn(await get.call.call(input, inner).catch(nothingFound), get.row));
    if (row === undefined) return [];
    return [{ ...row, ...Object.fromEntries(fromArguments.map((field) => [field, key[field] ?? null])) }];
  };
  yield* sideBySide(keys, concurrency, how, one);
}

/** A service that refuses a key because nothing has it says by a fault that there is no row. */
function nothingFound(error: unknown): null {
  if (error instanceof Fault && error.kind === 'not-found' && error.sourceFault !== undefined) return null;
  throw error;
}

/** One call for each `max` keys, at most `concurrency` at a time. */
export async function* manyRows(
  getMany: MappedGetMany,
  keys: readonly Key[],
  concurrency: number,
  how: CallHow,
): AsyncGenerator<readonly Row[]> {
  const { call, list, grouped, rows, max, constants } = getMany;
  const elementOf = (key: Key): Value => {
    if (!grouped) return key[getMany.keys[0]?.field ?? ''] ?? null;
    return getMany.keys.reduce<Input>(
      (all, { field, argument }) => withValue(all, argument, key[field] ?? null),
      {},
    );
  };
  const chunks = Array.from({ length: Math.ceil(keys.length / max) }, (_, i) =>
    keys.slice(i * max, (i + 1) * max),
  );
  yield* sideBySide(chunks, concurrency, how, async (chunk, inner) =>
    rowsOf(cellIn(await call.call(withValue(constants, list, chunk.map(elementOf)), inner), rows)),
  );
}

/** All rows of a search, page by page where the service has pages. Stops asking when nobody reads on. */
export async function* searchedRows(
  search: MappedSearch,
  input: Input,
  how: CallHow,
): AsyncGenerator<readonly Row[]> {
  const { call, rows, paging } = search;
  if (paging === undefined) {
    yield rowsOf(cellIn(await call.call(input, how), rows));
    return;
  }
  const sizeArgument = 'offset' in paging ? paging.limit : paging.size;
  const sized =
    sizeArgument === undefined
      ? input
      : withValue(input, sizeArgument, numberFor(search, sizeArgument, paging.pageSize));
  const seen = new Set<string>();
  let token: Value = null;
  for (let passed = 0, page = 0; ; page++) {
    how.signal.throwIfAborted();
    const answer = await call.call(pageInput(search, sized, passed, page, token), how);
    const found = rowsOf(cellIn(answer, rows));
    if (found.length > 0) yield found;
    passed += found.length;
    if ('cursor' in paging) {
      token = tokenOf(cellIn(answer, paging.next));
      if (token === null || token === '') return;
      if (seen.has(String(token))) throw looping();
      seen.add(String(token));
    } else {
      // A service that does not know the argument answers the first page for ever.
      const first = JSON.stringify(found[0] ?? null, (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      if (found.length < paging.pageSize) return;
      if (seen.has(first)) throw looping();
      seen.add(first);
    }
  }
}

function pageInput(
  { paging, ...search }: MappedSearch,
  input: Input,
  passed: number,
  page: number,
  token: Value,
): Input {
  if (paging === undefined) return input;
  const whole = { ...search, paging };
  if ('offset' in paging) return withValue(input, paging.offset, numberFor(whole, paging.offset, passed));
  if ('page' in paging)
    return withValue(input, paging.page, numberFor(whole, paging.page, paging.first + page));
  return token === null ? input : withValue(input, paging.cursor, token);
}

/** A count in the type of its argument. */
function numberFor({ call }: MappedSearch, path: string, count: number): Value {
  let fields = call.operation.input;
  let kind = '';
  for (const step of path.split('.')) {
    const type = fields.find(({ name }) => name === step)?.type;
    kind = type?.kind ?? '';
    fields = type?.kind === 'object' ? type.fields : [];
  }
  if (kind === 'int64') return BigInt(count);
  return kind === 'int32' || kind === 'float64' ? count : String(count);
}

function looping(): Fault {
  return new Fault('upstream', 'The service gives the same page over and over', {
    code: 'paging-loop',
    hint: 'Look at paging in the configuration of the collection',
  });
}

function tokenOf(cell: Cell): Value {
  if (cell instanceof Fault) throw cell;
  return isList(cell) || isRecord(cell) ? null : cell;
}

/** A row; undefined for null. What could not be decoded as a whole is thrown. */
function rowOf(cell: Cell): Row | undefined {
  if (cell instanceof Fault) throw cell;
  return isRecord(cell) ? cell : undefined;
}

function rowsOf(cell: Cell): readonly Row[] {
  if (cell instanceof Fault) throw cell;
  return isList(cell) ? cell.map(rowOf).filter((row) => row !== undefined) : [];
}

/**
 * Runs `work` on all items, at most `most` at a time, and yields the results in the order of the items. When one fails, or nobody reads on,
 * the others are told to stop and waited for.
 */
async function* sideBySide<T, R>(
  items: readonly T[],
  most: number,
  how: CallHow,
  work: (item: T, how: CallHow) => Promise<R>,
): AsyncGenerator<R> {
  const ending = new AbortController();
  const inner: CallHow = { ...how, signal: AbortSignal.any([how.signal, ending.signal]) };
  const running: Promise<R>[] = [];
  let next = 0;
  const start = (): void => {
    const item = items[next++];
    if (item === undefined) return;
    const result = work(item, inner);
    // Whoever waits for it learns of its failure; until then it must not count as nobody's.
    result.catch(() => {});
    running.push(result);
  };
  try {
    how.signal.throwIfAborted();
    for (let i = 0; i < Math.min(most, items.length); i++) start();
    for (let result = running.shift(); result !== undefined; result = running.shift()) {
      const value = await result;
      start();
      yield value;
    }
  } finally {
    ending.abort(new Fault('unavailable', 'The request was cancelled', { code: 'cancelled' }));
    await Promise.allSettled(running);
  }
}
