// Knows: a growing buffer of bytes that JSON text is written into.
// Must not know: who fills it or where the bytes go.

const encoder = new TextEncoder();

/**
 * Generated writers use `bytes` and `length` directly after `reserve`: that is the fast path. A writer that
 * fails half way sets `length` back to where it began.
 */
export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  /** Bytes written so far. */
  length = 0;

  constructor(initialBytes = 16_384) {
    this.bytes = new Uint8Array(initialBytes);
  }

  /** Makes room for `extra` more bytes behind `length`. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Appends text as UTF-8. */
  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
  }

  /** The bytes so far as a copy, and the sink is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }
}
