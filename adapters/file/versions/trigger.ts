// Knows: that a version counts only when another file says so by being there.
// Must not know: what is in either of them.

import { Fault, toFault } from '#spi';
import type { ByteStore } from '../store/byte-store.ts';
import type { Gate } from './publication.ts';

/** `trigger`: as configured, of the file or pattern `path`. Throws a misconfigured Fault for what the store does not serve. */
export function triggerGate(store: ByteStore, trigger: string, path: string): Gate {
  store.file(triggerOf(trigger, path));
  return {
    thorough: false,
    async check({ modifiedAt }, { path, ...ask }) {
      const name = triggerOf(trigger, path);
      const changedAt = await store
        .file(name)
        .open(ask)
        .then(
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

/** `{path}` stands for the path of the file. */
export function triggerOf(trigger: string, path: string): string {
  return trigger.replaceAll('{path}', path);
}

function waiting(path: string, why: string, code: string): Fault {
  return new Fault('unavailable', `"${path}" is not shown yet: ${why}`, {
    code,
    hint: 'The version counts when the trigger is written behind it ("publish.trigger").',
  });
}
