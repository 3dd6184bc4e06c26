// Knows: the address that a request is taken to come from, and which addresses are counted as one.
// Must not know: what is counted. Which proxies are believed is express's `trust proxy`, set from the configuration.

import { isIP } from 'node:net';
import type { Request } from 'express';

/** Of a proxy that is believed, what it says; of all others, where the connection comes from. */
export function addressOf(req: Request): string {
  const { ip, socket } = req;
  const told = ip !== undefined && isIP(ip) !== 0 ? ip : socket.remoteAddress;
  return (told ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** One host has the whole of a /64 (RFC 6177): its addresses count as one. IPv4 addresses stand for themselves. */
export function neighbourhood(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted end stands for two groups.
  const dotted = [...front, ...back].some((group) => group.includes('.')) ? 1 : 0;
  const gap = Math.max(0, 8 - front.length - back.length - dotted);
  const groups = [...front, ...Array.from({ length: tail === undefined ? 0 : gap }, () => '0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
