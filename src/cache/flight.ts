// Knows: one question that is being asked of a source for all who wait for its answer, and what becomes of it when they leave.
// Must not know: what is kept, how old anything is.

import { Fault } from '../fault.ts';
import type { Lease } from './memory.ts';
import type { Weighed } from './weight.ts';

export interface FlightOf<T> {
  /** Asks the source. */
  begin(signal: AbortSignal): AsyncIterable<T>;
  /** A part of the answer as it can be kept; undefined where that takes more than `room` bytes. */
  keep(part: T, room: number): Weighed<T> | undefined;
  readonly lease: Lease;
  /** Resolves after a while, or when the signal says so. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** The answer is whole, or is not going to be: nobody else may join. */
  over(flight: Flight<T>): void;
}

/** `large`: it is not gathered any more; what has not been gathered, one of those who wait takes over, and nobody else. */
export type FlightEnd =
  | { readonly kind: 'whole' }
  | { readonly kind: 'large' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What one of those who wait takes over: the part that was too much, and those behind it, as the source gives them. */
export interface Rest<T> {
  readonly first: T;
  readonly values: AsyncIterator<T>;
}

export interface Flight<T> {
  /** As far as it has been gathered. */
  readonly parts: readonly T[];
  readonly lease: Lease;
  /** Undefined: it is under way. */
  readonly end: FlightEnd | undefined;
  /** Nothing in it could not be decoded. */
  readonly sound: boolean;
  /** Resolves when there is another part, or it is over. */
  more(): Promise<void>;
  /** Somebody waits for it. The first takes its parts as they come. */
  enter(): Seat<T>;
  /** It goes on though nobody waits. */
  pin(): void;
  /** Ends it for all who wait. */
  stop(reason: unknown): void;
}

/** One of those who wait. */
export interface Seat<T> {
  /** Of a `large` answer: undefined where somebody else takes it. */
  takeOver(): Rest<T> | undefined;
  /** What was gathered has been handed on and is forgotten. */
  handedOn(): void;
  /** `satisfied`: it has as much as it wanted. The last one to leave ends what is under way. */
  leave(satisfied: boolean): void;
}

/**
 * Who has taken enough may have taken all: only the source knows. It may say so for this long, in milliseconds, so that the answer can be kept;
 * it is asked for nothing more.
 */
const END_MS = 100;

export function flight<T>({ begin, keep, lease, pause, over }: FlightOf<T>): Flight<T> {
  const parts: T[] = [];
  const stopping = new AbortController();
  const ended = new AbortController();
  const seats = new Set<Seat<T>>();
  let first: Seat<T> | undefined;
  let pinned = false;
  let sound = true;
  let end: FlightEnd | undefined;
  let rest: Rest<T> | undefined;
  let more = Promise.withResolvers<void>();

  const wake = (): void => {
    more.resolve();
    more = Promise.withResolvers();
  };
  const settle = (as: FlightEnd): void => {
    if (end !== undefined) return;
    end = as;
    ended.abort();
    over(self);
    if (as.kind !== 'large') lease.letGo();
    wake();
  };
  const stop = (reason: unknown): void => {
    settle({ kind: 'failed', error: reason });
    stopping.abort(reason);
  };
  const freed = (values: AsyncIterator<T>): void => void values.return?.()?.catch(() => {});
  const giveUp = (values: AsyncIterator<T>): void => {
    stop(left());
    freed(values);
  };
  const nobody = (): boolean => seats.size === 0 && !pinned;

  const gather = async (): Promise<void> => {
    try {
      const values = begin(stopping.signal)[Symbol.asyncIterator]();
      for (;;) {
        const next = await values.next();
        if (end === undefined && next.done === true) return settle({ kind: 'whole' });
        if (end !== undefined || nobody()) return giveUp(values);
        const part = keep(next.value, lease.room);
        if (part === undefined || !lease.grow(part.bytes)) {
          if (seats.size === 0) return giveUp(values);
          rest = { first: next.value, values };
          return settle({ kind: 'large' });
        }
        parts.push(part.kept);
        sound &&= part.sound;
        wake();
      }
    } catch (error) {
      settle({ kind: 'failed', error });
    }
  };

  const forgetRest = (): void => {
    if (rest === undefined) return;
    freed(rest.values);
    rest = undefined;
    lease.letGo();
    stopping.abort(left());
  };

  const self: Flight<T> = {
    parts,
    lease,
    get end() {
      return end;
    },
    get sound() {
      return sound;
    },
    more: () => more.promise,
    enter() {
      let held = false;
      const seat: Seat<T> = {
        takeOver() {
          if (rest === undefined || (first !== undefined && first !== seat)) return undefined;
          const taken = rest;
          rest = undefined;
          held = true;
          return taken;
        },
        handedOn() {
          if (!held) return;
          held = false;
          parts.length = 0;
          lease.letGo();
        },
        leave(satisfied) {
          seats.delete(seat);
          if (first === seat) first = undefined;
          seat.handedOn();
          if (!nobody()) return;
          if (end?.kind === 'large') forgetRest();
          if (end !== undefined) return;
          if (!satisfied) stop(left());
          else
            void pause(END_MS, ended.signal).then(() => {
              if (end === undefined && nobody()) stop(left());
            });
        },
      };
      if (seats.size === 0 && parts.length === 0) first = seat;
      seats.add(seat);
      return seat;
    },
    pin() {
      pinned = true;
    },
    stop,
  };
  void gather();
  return self;
}

function left(): Fault {
  return new Fault('unavailable', 'Nobody waits for the answer any more', { code: 'cancelled' });
}
