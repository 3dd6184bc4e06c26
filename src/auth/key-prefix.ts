// Knows: how a key of the gateway begins.
// Must not know: how it is made and checked.

/** Tells a key from a token behind `Bearer`, and lets scanners of repositories find one that was left there. */
export const KEY_PREFIX = 'op_';
