// Knows: over which addresses keys may come.
// Must not know: who fetches them.

/** https, or plain http to this machine: on any other way somebody could put keys of his own in. */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:') return true;
  return protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
