// Knows: how long the last answers of a source took.
// Must not know: what was asked.

/** Answers that are remembered. */
const KEPT = 512;

export interface Latencies {
  note(durationMs: number): void;
  /** Undefined: nothing was answered yet. In milliseconds. */
  summary(): { readonly median: number; readonly p99: number } | undefined;
}

export function createLatencies(): Latencies {
  const ring = new Float64Array(KEPT);
  let noted = 0;
  return {
    note(durationMs) {
      ring[noted % KEPT] = durationMs;
      noted++;
    },
    summary() {
      if (noted === 0) return undefined;
      const sorted = ring.slice(0, Math.min(noted, KEPT)).sort();
      const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
      return { median: at(0.5), p99: at(0.99) };
    },
  };
}
