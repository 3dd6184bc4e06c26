// Knows: when somebody looks for new versions without being asked: at intervals, at the times of a cron expression, when a folder has
// changed, and again after a look that found no good version. No request waits for any of it, so no request's deadline covers it.
// Must not know: what is looked for.

import { Cron } from 'croner';
import { misconfigured } from '../misconfigured.ts';
import type { RefreshOptions } from '../options/publish-options.ts';

/** After a look that failed; doubled each time, up to the most. */
const RETRY_MS = 1_000;
const MOST_RETRY_MS = 60_000;
/** Who waits for changes of a folder looks this often as well: what a file server tells of changes may be nothing. */
const IDLE_MS = 30_000;
/** Who may not look sees this often whether he may, the look that is due being made up for. */
const QUIET_MS = 5_000;
/** Changes of a folder come in bursts. */
const BURST_MS = 20;

export interface Looking {
  /** Throws when there is no good version, or a newer one that is not good. */
  look(): Promise<unknown>;
  /** Calls `changed` when something has changed where new versions come from. Absent: nobody can tell. */
  readonly watch?: (changed: () => void) => Disposable;
  /** True: nobody may look now. */
  quiet?(): boolean;
}

/** Throws a misconfigured Fault for a cron expression or a time zone that is none. */
export function checkSchedule({ cron, timeZone }: RefreshOptions): void {
  if (cron !== undefined) cronJob(cron, timeZone, { paused: true }).stop();
}

/** Looks from now on until it is disposed of, and now. Its timers keep no process alive. */
export function scheduled(refresh: RefreshOptions, { look, watch, quiet }: Looking): Disposable {
  const { everyMs, cron, timeZone } = refresh;
  const idleMs = everyMs ?? (watch === undefined ? Number.POSITIVE_INFINITY : IDLE_MS);
  let ended = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let watching: Disposable | undefined;

  const lookIn = (ms: number): void => {
    const at = performance.now() + ms;
    if (ended || at >= due || ms === Number.POSITIVE_INFINITY) return;
    due = at;
    clearTimeout(timer);
    timer = setTimeout(() => void lookNow(), ms).unref();
  };
  const lookNow = async (): Promise<void> => {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
    if (quiet?.() === true) return lookIn(Math.min(idleMs, QUIET_MS));
    // A folder that was replaced by another one is watched no more, and nobody tells.
    watching?.[Symbol.dispose]();
    watching = watch?.(() => lookIn(BURST_MS));
    try {
      await look();
      failures = 0;
    } catch {
      failures++;
    }
    const retryMs = failures === 0 ? Number.POSITIVE_INFINITY : RETRY_MS * 2 ** (failures - 1);
    lookIn(Math.min(idleMs, retryMs, failures === 0 ? idleMs : MOST_RETRY_MS));
  };

  const job = cron === undefined ? undefined : cronJob(cron, timeZone, { run: () => lookIn(0) });
  void lookNow();
  return {
    [Symbol.dispose]() {
      ended = true;
      job?.stop();
      clearTimeout(timer);
      watching?.[Symbol.dispose]();
      watching = undefined;
    },
  };
}

function cronJob(
  expression: string,
  timezone: string | undefined,
  { run = () => {}, paused = false }: { readonly run?: () => void; readonly paused?: boolean },
): Cron {
  try {
    const zone = timezone === undefined ? {} : { timezone };
    const job = new Cron(expression, { ...zone, mode: '5-or-6-parts', unref: true, paused }, run);
    // A time zone is looked at when a time is worked out.
    job.nextRun();
    return job;
  } catch {
    const zone = timezone === undefined ? '' : ` in the time zone "${timezone}"`;
    throw misconfigured(
      'bad-cron',
      `"refresh" has the cron expression "${expression}"${zone}, which is none`,
      'Five fields: minute, hour, day of the month, month, day of the week: "*/5 6-9 * * MON-FRI".',
    );
  }
}
