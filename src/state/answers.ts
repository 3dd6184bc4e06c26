// Knows: what is kept of requests with an Idempotency-Key, and what a further request with the same key finds; a store in memory.
// Must not know: HTTP beyond status, headers and bytes; who asks.

import { Fault } from '../fault.ts';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What is known of a key; `fingerprint` is that of the request that came with it first. */
export type Claim =
  /** The key is now this request's: it is carried out, and `finish`, `forget` or `leave` follows. */
  | { readonly kind: 'new' }
  /** Carried out by this process, now. */
  | { readonly kind: 'running'; readonly fingerprint: string }
  /** Carried out; the answer is absent where it was too large to be kept or could not be made. */
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly answer?: Answer }
  /** It was begun, and nobody knows what came of it: the gateway died, or the source did not say. */
  | { readonly kind: 'unknown'; readonly fingerprint: string };

/** Ids and fingerprints are hashes: neither a key nor a client can be read from what is stored. */
export interface Answers {
  /**
   * Resolves with `new` only when the record outlives the process and, with a folder, a power failure. Throws `unavailable`: without a
   * record nothing may be carried out.
   */
  begin(id: string, fingerprint: string): Promise<Claim>;
  /** What came of it is known. */
  finish(id: string, answer: Answer | undefined): void;
  /** Nothing was carried out: the key is free. */
  forget(id: string): void;
  /** What comes of it is unknown, at least for now; `finish` and `forget` may follow still. */
  leave(id: string): void;
}

export interface Keeping {
  readonly hours: number;
  /** Records at the same time. */
  readonly maxAnswers: number;
  /** Of the bodies that are kept in memory, together; absent: 64 MiB. Of more, the oldest are forgotten, never that their requests were carried out. */
  readonly maxBytes?: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export const MS_PER_HOUR = 3_600_000;

interface Entry {
  readonly fingerprint: string;
  readonly expires: number;
  readonly state: 'running' | 'answered' | 'unknown';
  readonly answer?: Answer;
}

const MAX_BYTES = 67_108_864;

/** Where the configuration does not say it. */
const IN_MEMORY: Keeping = { hours: 24, maxAnswers: 100_000, clock: Date.now };

/** For as long as the process lives. */
export function memoryAnswers({
  hours,
  maxAnswers,
  maxBytes = MAX_BYTES,
  clock,
}: Keeping = IN_MEMORY): Answers {
  // In the order in which they expire.
  const entries = new Map<string, Entry>();
  /** Id → bytes of its answer, the oldest first. */
  const sizes = new Map<string, number>();
  let bytes = 0;
  const release = (id: string): void => {
    bytes -= sizes.get(id) ?? 0;
    sizes.delete(id);
  };
  const remove = (id: string): void => {
    release(id);
    entries.delete(id);
  };
  const purge = (now: number): void => {
    for (const [id, { expires, state }] of entries) {
      if (expires > now) return;
      if (state !== 'running') remove(id);
    }
  };
  const set = (id: string, state: Entry['state'], answer?: Answer): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    const { fingerprint, expires } = entry;
    release(id);
    if (answer !== undefined) {
      sizes.set(id, answer.body.length);
      bytes += answer.body.length;
    }
    entries.set(id, { fingerprint, expires, state, ...(answer === undefined ? {} : { answer }) });
  };
  /** Of the oldest answers only that they were given is known from now on. */
  const makeRoom = (): void => {
    for (const id of sizes.keys()) {
      if (bytes <= maxBytes) return;
      set(id, 'answered');
    }
  };
  return {
    async begin(id, fingerprint) {
      const now = clock();
      purge(now);
      const known = entries.get(id);
      if (known !== undefined) return claimOf(known);
      if (entries.size >= maxAnswers) throw full(maxAnswers);
      entries.set(id, { fingerprint, expires: now + hours * MS_PER_HOUR, state: 'running' });
      return { kind: 'new' };
    },
    finish(id, answer) {
      set(id, 'answered', answer);
      makeRoom();
    },
    forget: remove,
    leave: (id) => set(id, 'unknown'),
  };
}

function claimOf({ state, fingerprint, answer }: Entry): Claim {
  return state === 'answered'
    ? { kind: state, fingerprint, ...(answer === undefined ? {} : { answer }) }
    : { kind: state, fingerprint };
}

export function full(maxAnswers: number): Fault {
  return new Fault('unavailable', `${maxAnswers} answers by Idempotency-Key are kept already`, {
    code: 'idempotency-full',
    hint: 'Nothing was done. Try again later, or without a key.',
  });
}
