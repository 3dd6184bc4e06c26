// Knows: the one form of a fault that only a change of the configuration can mend.
// Must not know: what is wrong.

import { Fault } from '#spi';

export function misconfigured(code: string, message: string, hint?: string): Fault {
  return new Fault('invalid', message, {
    code,
    misconfigured: true,
    ...(hint === undefined ? {} : { hint }),
  });
}
