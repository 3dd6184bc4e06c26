// Knows: that a version counts only when another file says so by being there.
// Must not know: what is in either of them.

import { Fault, toFault } from '#spi';
import type { ByteStore } from './byte-store.ts';
import type { Gate } from './publication.ts';

/** `trigger`: as configured; `{path}` in it stands for `path`. Throws a misconfigured Fault for a path that the store does not serve. */
export function triggerGate(store: ByteStore, trigger: string, path: string): Gate {
  const name = trigger.replaceAll('{path}', path);
  const stored = store.file(name);
  return {
    thorough: false,
    async check({ modifiedAt }, ask) {
      const changedAt = await stored.open(ask).then(
        async (file) => {
          await using trigger = file;
          return trigger.modifiedAt;
        },
        (error: unknown) => {
          const fault = toFault(error);
          if (fault.code !== 'file-missing') throw fault;
          throw waiting(path, `its trigger "${name}" does not exist`, 'trigger-missing');
        },
      );
      if (Date.parse(changedAt) < Date.parse(modifiedAt)) {
        throw waiting(path, `its trigger "${name}" is older than the file`, 'trigger-older');
      }
    },
  };
}

function waiting(path: string, why: string, code: string): Fault {
  return new Fault('unavailable', `"${path}" is not shown yet: ${why}`, {
    code,
    hint: 'The version counts when the trigger is written behind it ("publish.trigger").',
  });
}
