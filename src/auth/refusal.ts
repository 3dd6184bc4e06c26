// Knows: what is said to who is not let in. Why a credential is not accepted stands in the cause, which only the log sees.
// Must not know: how credentials are checked.

import { Fault } from '../fault.ts';

/** Nothing shown where something must be. */
export function noCredentials(): Fault {
  return new Fault('unauthenticated', 'This needs credentials: an API key, a token or a client certificate', {
    code: 'no-credentials',
  });
}

/** A configuration without `access`: whoever has just put the gateway up learns what is missing. */
export function nobody(): Fault {
  return new Fault('unauthenticated', 'Nobody may ask: the configuration does not say who may', {
    code: 'no-credentials',
    hint: 'Add `access` to the configuration; `access: { development: true }` lets everybody do everything',
  });
}

/** `why` is a word for the log (`expired-key`), never a part of what was shown. */
export function notAccepted(why: string): Fault {
  return new Fault('unauthenticated', 'The credentials are not accepted', {
    code: 'bad-credentials',
    cause: new Refusal(why),
  });
}

/** Credentials of several kinds, or one of them twice: which one counts is not guessed. */
export function ambiguous(why: string): Fault {
  return new Fault('unauthenticated', 'The credentials contradict each other: show one of a kind', {
    code: 'bad-credentials',
    cause: new Refusal(why),
  });
}

class Refusal extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
  }
}
