// Knows: the answers of one collection or operation: which are kept, which are being waited for, how old each may be when it is given.
// Must not know: what an answer is made of, sources.

import { Fault, type FaultKind } from '../fault.ts';
import type { CacheUse } from '../model/cache-use.ts';
import { unlessAborted } from '../model/waiting.ts';
import { type Flight, flight } from './flight.ts';
import { largeAnswers } from './large.ts';
import type { Lease, Memory } from './memory.ts';
import type { Ages, Clock, Question, Told, ToldNothing } from './question.ts';
import { OBJECT_BYTES, textBytes, type Weighed } from './weight.ts';

export interface ShelfOf<T> {
  readonly ages: Ages;
  readonly memory: Memory;
  readonly clock: Clock;
  /** Longest time that a source is asked while nobody waits, in milliseconds. */
  readonly behindMs: number;
  /** A part of an answer as it can be kept; undefined where that takes more than `room` bytes. */
  keep(part: T, room: number): Weighed<T> | undefined;
  /** Of the data as it is now: what was asked under another one is not given any more. */
  stamp(): string;
  observe(use: CacheUse, bytes: number): void;
}

export interface Shelf<T> {
  answers(question: Question<T>): AsyncGenerator<Told<T> | ToldNothing>;
  /** Nothing that was asked before now is given any more. */
  clear(): void;
  /** For so long, in milliseconds, nothing is kept: nobody knows when the data changes. */
  unsure(ms: number): void;
}

interface Entry<T> {
  readonly key: string;
  readonly parts: readonly T[];
  readonly lease: Lease;
  /** When the source was asked, by the clock. */
  readonly at: number;
  readonly asOf: string;
  readonly stamp: string;
}

interface UnderWay<T> extends Pick<Entry<T>, 'at' | 'asOf' | 'stamp'> {
  readonly flight: Flight<T>;
}

/** What a source that is not there says, and what stands around it. */
const NO_ANSWER: ReadonlySet<FaultKind> = new Set(['unavailable', 'timeout', 'upstream', 'throttled']);

/** The host is left alone, and its operators say: what the cache has, however old. */
const HOWEVER_OLD: ReadonlySet<string> = new Set(['quiet-cache']);

export function shelf<T>(of: ShelfOf<T>): Shelf<T> {
  const { ages, memory, clock, observe, stamp } = of;
  const { maxAgeMs, staleWhileRevalidateMs, staleIfErrorMs } = ages;
  const keeps = maxAgeMs + staleWhileRevalidateMs + staleIfErrorMs > 0;
  const entries = new Map<string, Entry<T>>();
  const flights = new Map<string, UnderWay<T>>();
  const large = largeAnswers(clock);
  let unsureUntil = Number.NEGATIVE_INFINITY;

  const drop = (entry: Entry<T>): void => {
    if (entries.get(entry.key) !== entry) return;
    entries.delete(entry.key);
    memory.forget(entry.lease);
  };
  const find = (key: string): Entry<T> | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.stamp === stamp()) return entry;
    drop(entry);
    return undefined;
  };
  const ageOf = ({ at }: { readonly at: number }): number => clock.ms() - at;
  const store = (key: string, { flight: { parts, lease, sound, end }, ...about }: UnderWay<T>): void => {
    if (!keeps || !sound || end?.kind !== 'whole' || about.stamp !== stamp() || clock.ms() < unsureUntil)
      return;
    const before = entries.get(key);
    if (before !== undefined) drop(before);
    const entry: Entry<T> = { key, parts, lease, ...about };
    entries.set(key, entry);
    memory.keep(lease, () => drop(entry));
  };

  /** Undefined: there is no room to gather anything. */
  const ask = (question: Question<T>, told: boolean): UnderWay<T> | undefined => {
    const { key, begin } = question;
    const place = placeOf(question);
    const lease = memory.lease();
    if (!lease.grow(6 * OBJECT_BYTES + 2 * textBytes(key))) {
      lease.letGo();
      return undefined;
    }
    const about = { at: clock.ms(), asOf: clock.instant(), stamp: stamp() };
    const own: UnderWay<T> = {
      ...about,
      flight: flight({
        begin,
        keep: of.keep,
        lease,
        pause: clock.pause,
        over: (self) => {
          if (flights.get(place)?.flight === self) flights.delete(place);
          if (self.end?.kind === 'large') large.note(key);
          store(key, { ...about, flight: self });
          if (told && self.end?.kind === 'whole') observe('miss', lease.bytes);
        },
      }),
    };
    flights.set(place, own);
    return own;
  };

  const joinable = (question: Question<T>): UnderWay<T> | undefined => {
    const known = flights.get(placeOf(question));
    return known?.stamp === stamp() ? known : undefined;
  };

  const revalidate = (question: Question<T>): void => {
    if (joinable(question) !== undefined || large.has(question.key)) return;
    const own = ask(question, false);
    if (own === undefined) return;
    own.flight.pin();
    void behind(own.flight);
  };
  const behind = async (own: Flight<T>): Promise<void> => {
    const done = new AbortController();
    void over(own).then(() => done.abort());
    await clock.pause(of.behindMs, done.signal);
    if (own.end === undefined) own.stop(new Fault('timeout', `No answer within ${of.behindMs} ms`));
  };

  const mayServe = (entry: Entry<T>, error: unknown): error is Fault => {
    if (!(error instanceof Fault) || !NO_ANSWER.has(error.kind)) return false;
    return HOWEVER_OLD.has(error.code) || ageOf(entry) < maxAgeMs + staleIfErrorMs;
  };

  const toldOf = (use: CacheUse, from: Pick<Entry<T>, 'at' | 'asOf'>, because?: FaultKind) => ({
    asOf: from.asOf,
    cached: { use, ttlMs: maxAgeMs - ageOf(from), ...(because === undefined ? {} : { because }) },
  });

  async function* given(
    entry: Entry<T>,
    use: CacheUse,
    because?: FaultKind,
  ): AsyncGenerator<Told<T> | ToldNothing> {
    const { lease, parts } = entry;
    memory.touch(lease);
    lease.hold();
    observe(use, lease.bytes);
    const told = toldOf(use, entry, because);
    try {
      for (const part of parts) yield { part, ...told };
      if (parts.length === 0) yield told;
    } finally {
      lease.letGo();
    }
  }

  /** As if there were no cache. */
  async function* through({ begin, signal }: Question<T>): AsyncGenerator<Told<T>> {
    observe('miss', 0);
    const told = toldOf('miss', { at: clock.ms(), asOf: clock.instant() });
    for await (const part of begin(signal)) yield { part, ...told };
  }

  async function* answers(question: Question<T>): AsyncGenerator<Told<T> | ToldNothing> {
    const { key, signal } = question;
    signal.throwIfAborted();
    const known = find(key);
    if (known !== undefined) {
      const age = ageOf(known);
      if (age < maxAgeMs) return yield* given(known, 'hit');
      if (age < maxAgeMs + staleWhileRevalidateMs) {
        revalidate(question);
        return yield* given(known, 'stale');
      }
    }
    if (large.has(key)) return yield* through(question);
    const joined = joinable(question);
    const own = joined ?? ask(question, true);
    if (own === undefined) return yield* through(question);
    // Where an older answer can take its place, nothing is handed on before the new one is known to be whole.
    const replaceable = known !== undefined && ageOf(known) < maxAgeMs + staleIfErrorMs;
    const streams = joined === undefined && !replaceable;
    yield* waited(question, own, joined === undefined ? 'miss' : 'collapsed', streams);
  }

  async function* waited(
    question: Question<T>,
    own: UnderWay<T>,
    use: 'miss' | 'collapsed',
    streams: boolean,
  ): AsyncGenerator<Told<T> | ToldNothing> {
    const { key, signal } = question;
    const { flight: from } = own;
    const { lease } = from;
    const seat = from.enter();
    let held = true;
    const letGo = (): void => {
      if (held) lease.letGo();
      held = false;
    };
    lease.hold();
    const told = toldOf(use, own);
    let at = 0;
    try {
      for (;;) {
        const whole = from.end?.kind === 'whole';
        if (streams || whole)
          for (let part = from.parts[at]; part !== undefined; part = from.parts[at]) {
            at++;
            yield { part, ...told };
          }
        const { end } = from;
        if (end === undefined) {
          await unlessAborted(from.more(), signal);
          continue;
        }
        if (end.kind === 'whole') {
          if (at < from.parts.length) continue;
          if (use === 'collapsed') observe(use, lease.bytes);
          if (at === 0) yield told;
          return;
        }
        if (end.kind === 'large') break;
        const last = at === 0 ? find(key) : undefined;
        signal.throwIfAborted();
        if (last === undefined || !mayServe(last, end.error)) {
          observe(use, 0);
          throw end.error;
        }
        return yield* given(last, 'stale', end.error.kind);
      }
      const rest = seat.takeOver();
      if (rest === undefined) return yield* through(question);
      observe(use, 0);
      const leave = (): void => from.stop(signal.reason);
      if (signal.aborted) leave();
      signal.addEventListener('abort', leave, { once: true });
      try {
        for (let part = from.parts[at]; part !== undefined; part = from.parts[at]) {
          at++;
          yield { part, ...told };
        }
        seat.handedOn();
        letGo();
        yield { part: rest.first, ...told };
        for (;;) {
          const next = await rest.values.next();
          if (next.done === true) return;
          yield { part: next.value, ...told };
        }
      } finally {
        signal.removeEventListener('abort', leave);
        await rest.values.return?.();
      }
    } finally {
      letGo();
      seat.leave(!signal.aborted);
    }
  }

  return {
    answers,
    clear() {
      for (const entry of [...entries.values()]) drop(entry);
      large.clear();
    },
    unsure(ms) {
      unsureUntil = Math.max(unsureUntil, clock.ms() + ms);
    },
  };
}

function placeOf({ key, lane = '' }: Pick<Question<never>, 'key' | 'lane'>): string {
  return `${lane} ${key}`;
}

async function over<T>(own: Flight<T>): Promise<void> {
  while (own.end === undefined) await own.more();
}
