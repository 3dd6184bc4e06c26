// Knows: the hours in which a host is left alone: times of the day in a time zone, over midnight, on days when clocks are changed.
// Must not know: what time it is, and who wants to ask the host.

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export interface QuietWindow {
  /** Time of the day at which it begins: `22:30`. */
  readonly from: string;
  /** Time of the day at which it ends; not after `from`: on the next day. */
  readonly to: string;
  /** Days on which it begins; absent: every day. */
  readonly days?: readonly (typeof DAYS)[number][];
  /** Of these times: `Europe/Zurich`. */
  readonly timeZone: string;
  /** What is answered meanwhile: what the cache has, however old, or nothing. */
  readonly serve: 'cache' | 'nothing';
}

/** A window is open. */
export interface Quiet {
  /** Milliseconds since 1970 at which the host may be asked again; windows that meet or overlap are one. */
  readonly until: number;
  /** Of several open windows the strictest counts. */
  readonly serve: 'cache' | 'nothing';
}

interface Span {
  readonly begins: number;
  readonly ends: number;
  readonly serve: 'cache' | 'nothing';
}

/** Days ahead that are looked at: every window begins once in a week at least. */
const AHEAD_DAYS = 8;

/** What is open at an instant, and until which instant nothing about that changes. Both in milliseconds since 1970. */
export function quietAt(
  windows: readonly QuietWindow[],
  at: number,
): { readonly quiet?: Quiet; readonly changesAt: number } {
  const spans = windows.flatMap((window) => spansAround(window, at));
  const edges = spans.flatMap(({ begins, ends }) => [begins, ends]).filter((edge) => edge > at);
  const changesAt = Math.min(...edges, at + AHEAD_DAYS * 86_400_000);
  const open = spans.filter(({ begins, ends }) => begins <= at && at < ends);
  if (open.length === 0) return { changesAt };
  let until = at;
  for (;;) {
    const further = Math.max(
      ...spans.flatMap(({ begins, ends }) => (begins <= until && ends > until ? [ends] : [])),
    );
    if (!Number.isFinite(further)) break;
    until = further;
  }
  return {
    changesAt,
    quiet: { until, serve: open.every(({ serve }) => serve === 'cache') ? 'cache' : 'nothing' },
  };
}

/**
 * When a window was, is and will be open around an instant. Where clocks are changed, a time of the day comes twice or not at all: then the
 * window is the longer one of those that may be meant. A batch job that is waited for too long does no harm.
 */
function spansAround({ from, to, days, timeZone, serve }: QuietWindow, at: number): readonly Span[] {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
  const spans: Span[] = [];
  for (let offset = -1; offset <= AHEAD_DAYS; offset++) {
    const day = today.add({ days: offset });
    const name = DAYS[day.dayOfWeek - 1];
    if (days !== undefined && (name === undefined || !days.includes(name))) continue;
    const last = to <= from ? day.add({ days: 1 }) : day;
    const begins = instantOf(day, from, timeZone, 'earlier');
    const ends = instantOf(last, to, timeZone, 'later');
    if (ends > begins) spans.push({ begins, ends, serve });
  }
  return spans;
}

function instantOf(
  day: Temporal.PlainDate,
  time: string,
  timeZone: string,
  disambiguation: 'earlier' | 'later',
): number {
  return day.toPlainDateTime(Temporal.PlainTime.from(time)).toZonedDateTime(timeZone, { disambiguation })
    .epochMilliseconds;
}

/** The window that is open now, worked out again only where it changes, or where the clock was set back. `clock`: milliseconds since 1970. */
export function createQuiet(
  windows: readonly QuietWindow[],
  clock: () => number,
): { now(): Quiet | undefined; begins(): number | undefined } {
  if (windows.length === 0) return { now: () => undefined, begins: () => undefined };
  let from = Number.POSITIVE_INFINITY;
  let known: ReturnType<typeof quietAt> = { changesAt: Number.NEGATIVE_INFINITY };
  const look = (): typeof known => {
    const at = clock();
    if (at < from || at >= known.changesAt) {
      known = quietAt(windows, at);
      from = at;
    }
    return known;
  };
  return {
    now: () => look().quiet,
    /** When none is open: milliseconds since 1970 until which none opens. */
    begins() {
      const { quiet, changesAt } = look();
      return quiet === undefined ? changesAt : undefined;
    },
  };
}
