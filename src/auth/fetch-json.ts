// Knows: how a small document is fetched from a server that is trusted with keys: from itself alone, in bounded time and size.
// Must not know: what stands in the document.

import { Fault } from '../fault.ts';

/** Longest wait for the whole document, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** A key set of a hundred keys with their certificates is smaller. */
const MAX_BYTES = 524_288;

/**
 * JSON at the address. Throws `unavailable` (`keys-unavailable`) for everything else: no answer in time, another status than 200, a redirect
 * (another server would be trusted), more bytes than fit, no JSON. `signal` gives up early.
 */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json, application/jwk-set+json' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status !== 200) throw unavailable(url, `it answers with status ${response.status}`);
    return JSON.parse(await textOf(response, url));
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (error instanceof SyntaxError) throw unavailable(url, 'what it answers is no JSON');
    throw unavailable(url, 'it does not answer', error);
  }
}

async function textOf(response: Response, url: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels what is still on its way.
  for await (const piece of response.body ?? []) {
    size += piece.byteLength;
    if (size > MAX_BYTES) throw unavailable(url, `it answers with more than ${MAX_BYTES} bytes`);
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

/** The address without what may be secret in it. */
function unavailable(url: string, why: string, cause?: unknown): Fault {
  const { origin, pathname } = new URL(url);
  return new Fault('unavailable', `The keys of an issuer cannot be had from ${origin}${pathname}: ${why}`, {
    code: 'keys-unavailable',
    ...(cause === undefined ? {} : { cause }),
  });
}
