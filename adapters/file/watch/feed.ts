// Knows: how everybody who watches a collection is led from one version of it to the next: what is told, and where he is meanwhile.
// Must not know: how differences are found.

import { type ChangeEvent, Fault, unlessAborted, type WatchHow } from '#spi';
import { compareMoments, type Differences } from './compare.ts';
import { happenings, Lost } from './happenings.ts';
import { lookerOf } from './looker.ts';
import type { Moment, Watched } from './moment.ts';
import { type Position, readPosition, writePosition } from './position.ts';

export interface Feed extends AsyncDisposable {
  watch(how: WatchHow): AsyncGenerator<ChangeEvent, void>;
}

/** Differences that are remembered for who comes later to the same two versions. */
const REMEMBERED = 4;

interface Held {
  readonly moment: Moment;
  /** Who watches from it, and who compares it. */
  uses: number;
}

/**
 * A watch holds the version that it has told all of, and goes on to the newest when there is another: versions between, which nobody saw, are not
 * told. A slow one finishes the two versions that it is between, whatever comes meanwhile, and takes no memory for it.
 */
export function feedOf(watched: Watched, everyMs: number): Feed {
  const closing = new AbortController();
  const moments = new Map<string, Held>();
  const compared = new Map<string, Promise<Differences>>();
  const looker = lookerOf(async () => {
    const moment = await tracked(watched.open({ signal: closing.signal }));
    await tracked(moment[Symbol.asyncDispose]());
    return moment.name;
  }, everyMs);

  /** What opens and closes files just now. */
  const busy = new Set<Promise<unknown>>();
  const tracked = <T>(begun: PromiseLike<T>): Promise<T> => {
    const work = Promise.resolve(begun);
    busy.add(work);
    const done = () => busy.delete(work);
    work.then(done, done);
    return work;
  };
  const hold = async (opened: Moment): Promise<Held> => {
    const known = moments.get(opened.name);
    const held = known ?? { moment: opened, uses: 0 };
    held.uses++;
    moments.set(opened.name, held);
    if (known !== undefined) await tracked(opened[Symbol.asyncDispose]());
    return held;
  };
  const leave = async (held: Held | undefined): Promise<void> => {
    if (held === undefined || --held.uses > 0) return;
    moments.delete(held.moment.name);
    await tracked(held.moment[Symbol.asyncDispose]());
  };
  const newest = async (signal: AbortSignal): Promise<Held> => {
    const held = await hold(await tracked(watched.open({ signal })));
    looker.saw(held.moment.name);
    return held;
  };
  const past = async (version: string, signal: AbortSignal): Promise<Held | undefined> => {
    const held = await hold(await tracked(watched.open({ signal, version })));
    if (held.moment.name === version) return held;
    await leave(held);
    return undefined;
  };

  /** Once for all who go the same way; nobody's leaving ends it. */
  const compare = (from: Held, to: Held): Promise<Differences> => {
    const way = `${from.moment.name}.${to.moment.name}`;
    const known = compared.get(way);
    if (known !== undefined) return known;
    from.uses++;
    to.uses++;
    const fresh = compareMoments(watched, from.moment, to.moment, closing.signal).finally(async () => {
      await leave(from);
      await leave(to);
    });
    fresh.catch(() => compared.delete(way));
    compared.set(way, fresh);
    const [oldest] = compared.keys();
    if (compared.size > REMEMBERED && oldest !== undefined) compared.delete(oldest);
    return fresh;
  };

  /** All that leads from one to the other, behind the first `passed` differences. The last event is at the other one. */
  const way = async function* (
    from: Held,
    to: Held,
    passed: number,
    signal: AbortSignal,
  ): AsyncGenerator<ChangeEvent, void> {
    const at = writePosition({ kind: 'at', moment: to.moment.name });
    const { asOf } = to.moment;
    const reset: ChangeEvent = { kind: 'reset', ...(asOf === '' ? {} : { asOf }), position: at };
    if (watched.key.length === 0) return yield reset;
    const names = { from: from.moment.name, to: to.moment.name };
    let last: { readonly event: ChangeEvent; readonly passed: number } | undefined;
    try {
      const differences = await unlessAborted(compare(from, to), signal);
      if (passed > differences.length) return yield reset;
      const pair = { before: from.moment, after: to.moment, differences };
      for await (const { passed: behind, ...told } of happenings(watched, pair, passed, signal)) {
        if (last !== undefined) yield last.event;
        const event = { ...told, position: writePosition({ kind: 'between', ...names, passed: behind }) };
        last = { event, passed: behind };
      }
    } catch (error) {
      const changed = error instanceof Fault && error.code === 'file-changed';
      if (!changed && !(error instanceof Lost)) throw error;
      return yield reset;
    }
    if (last !== undefined) yield { ...last.event, position: at };
  };

  /** Where a watch begins that comes back; undefined: what happened since is not known any more. */
  const resume = async (position: Position, signal: AbortSignal): Promise<readonly Held[] | undefined> => {
    const names = position.kind === 'at' ? [position.moment] : [position.from, position.to];
    const held: Held[] = [];
    for (const name of names) {
      const one = await past(name, signal);
      if (one !== undefined) held.push(one);
    }
    if (held.length === names.length) return held;
    for (const one of held) await leave(one);
    return undefined;
  };

  return {
    async *watch({ from, live = true, signal: caller }) {
      const signal = AbortSignal.any([caller, closing.signal]);
      signal.throwIfAborted();
      const position = from === undefined ? undefined : readPosition(from);
      const resumed = position === undefined ? undefined : await resume(position, signal);
      let at = resumed?.at(-1);
      const before = resumed !== undefined && resumed.length > 1 ? resumed[0] : undefined;
      let next: Held | undefined;
      let told = false;
      try {
        if (before !== undefined && at !== undefined && position?.kind === 'between') {
          for await (const event of way(before, at, position.passed, signal)) {
            told = true;
            yield event;
          }
        }
        for (;;) {
          try {
            next = await newest(signal);
          } catch (error) {
            // It may be away for a moment: who watches waits for it, who begins is told.
            if (at === undefined || !live || !(error instanceof Fault && error.kind === 'unavailable'))
              throw error;
            signal.throwIfAborted();
          }
          const here = next?.moment.name ?? at?.moment.name ?? '';
          if (next !== undefined && at?.moment.name !== here) {
            if (at !== undefined) {
              for await (const event of way(at, next, 0, signal)) {
                told = true;
                yield event;
              }
            } else if (from !== undefined) {
              told = true;
              const { asOf } = next.moment;
              const moment = { kind: 'at', moment: here } as const;
              yield { kind: 'reset', ...(asOf === '' ? {} : { asOf }), position: writePosition(moment) };
            }
            const old = at;
            at = next;
            next = undefined;
            await leave(old);
          } else {
            const same = next;
            next = undefined;
            await leave(same);
          }
          if (!live || !told) {
            told = true;
            const asOf = at?.moment.asOf ?? '';
            yield {
              kind: 'position',
              ...(asOf === '' ? {} : { asOf }),
              position: writePosition({ kind: 'at', moment: here }),
            };
            if (!live) return;
          }
          await looker.other(here, { signal });
        }
      } finally {
        await leave(before);
        await leave(at);
        await leave(next);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      looker[Symbol.dispose]();
      await Promise.allSettled(compared.values());
      while (busy.size > 0) await Promise.allSettled(busy);
      // Who does not ask any more has not heard of it: he holds nothing all the same.
      for (const { moment } of moments.values()) await moment[Symbol.asyncDispose]();
    },
  };
}
