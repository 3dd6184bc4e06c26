// Knows: how much memory answers may take together, and which of them gives way: the one that was asked for the longest ago.
// Must not know: what an answer is, when it is too old.

export interface MemoryLimits {
  /** Of all answers together: those that are kept, those that are still being read, and those that somebody is still taking. */
  readonly maxBytes: number;
  /** A larger answer is not kept. */
  readonly maxAnswerBytes: number;
}

/** What one answer takes, from its first row until nobody has it any more. */
export interface Lease {
  readonly bytes: number;
  /** How many more an answer may take. */
  readonly room: number;
  /** How many have it. */
  readonly holders: number;
  /** False: there is no room for so many more bytes, and it has not grown. */
  grow(bytes: number): boolean;
  /** One more has it. */
  hold(): void;
  /** The last one to let go frees it. */
  letGo(): void;
}

export interface Memory {
  /** What is taken now, in bytes. */
  readonly used: number;
  /** Answers that are kept. */
  readonly kept: number;
  /** Whoever takes it has it. */
  lease(): Lease;
  /** From now on it is kept, until it gives way to others: then `drop` is called. */
  keep(lease: Lease, drop: () => void): void;
  /** It was asked for: others give way before it. */
  touch(lease: Lease): void;
  /** It is not kept any more; `drop` is not called. */
  forget(lease: Lease): void;
  /** Other limits from now on. */
  limit(limits: MemoryLimits): void;
}

export function memory(limits: MemoryLimits): Memory {
  let { maxBytes, maxAnswerBytes } = limits;
  let used = 0;
  /** What is kept, the one longest not asked for first. */
  const kept = new Map<Lease, () => void>();

  /** What somebody is still taking would not be free if it gave way. */
  const makeRoom = (bytes: number): boolean => {
    for (const [lease, drop] of kept) {
      if (used + bytes <= maxBytes) break;
      if (lease.holders > 1) continue;
      kept.delete(lease);
      drop();
      lease.letGo();
    }
    return used + bytes <= maxBytes;
  };

  return {
    get used() {
      return used;
    },
    get kept() {
      return kept.size;
    },
    lease() {
      let taken = 0;
      let holders = 1;
      return {
        get bytes() {
          return taken;
        },
        get room() {
          return maxAnswerBytes - taken;
        },
        get holders() {
          return holders;
        },
        grow(bytes) {
          if (taken + bytes > maxAnswerBytes || !makeRoom(bytes)) return false;
          taken += bytes;
          used += bytes;
          return true;
        },
        hold() {
          holders++;
        },
        letGo() {
          if (--holders === 0) used -= taken;
        },
      };
    },
    keep(lease, drop) {
      lease.hold();
      kept.set(lease, drop);
    },
    touch(lease) {
      const drop = kept.get(lease);
      if (drop === undefined) return;
      kept.delete(lease);
      kept.set(lease, drop);
    },
    forget(lease) {
      if (kept.delete(lease)) lease.letGo();
    },
    limit(next) {
      ({ maxBytes, maxAnswerBytes } = next);
      makeRoom(0);
    },
  };
}
