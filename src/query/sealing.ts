// Knows: what is done with a key that only the gateway has: texts that clients carry and cannot read, and hashes that nobody else can make.
// Must not know: ciphers, where the key comes from.

export interface Sealing {
  /** A text for a client to carry; `bound`: what it belongs to. Visible ASCII without anything that a URL would have to escape. */
  seal(text: string, bound: string): string;
  /** The text; undefined for what was damaged, made up, sealed by another key, or bound to something else. */
  open(sealed: string, bound: string): string | undefined;
  /** Equal for equal texts: 16 characters. */
  hash(text: string): string;
}
