// Knows: the life of sources: open, check, go down, come back, dispose.
// Must not know: what they are, and who asks them.

import { Fault, toFault } from '../fault.ts';
import { guard, pause } from '../guard/guard.ts';
import type { Contribution } from '../model/catalog.ts';
import type { Policy } from '../policy.ts';
import type { SourceHealth } from '../query/request.ts';
import type { Host, Source } from '../spi.ts';
import { undertaken } from './undertaken.ts';

/** A source as the configuration names it, its adapter already loaded and its options already valid. */
export interface SourceDeclaration {
  readonly name: string;
  readonly adapter: string;
  /** Names of the collections that it is going to offer, known without opening it. */
  readonly collections: readonly string[];
  readonly timeoutMs?: number;
  readonly host: Host;
  open(host: Host): Promise<Source>;
}

export interface Sources extends AsyncDisposable {
  readonly contributions: readonly Contribution[];
  /** Collections of sources that are down and could not say what they look like. */
  readonly absent: ReadonlySet<string>;
  /** Faults that only a change of the configuration can mend. */
  readonly misconfigured: readonly { readonly source: string; readonly fault: Fault }[];
  /** Throws the fault of a source that could not be opened. */
  source(name: string): Source;
  health(): readonly SourceHealth[];
}

interface Entry {
  readonly declaration: SourceDeclaration;
  source?: Source;
  fault?: Fault;
  since: string;
}

/**
 * Opens and checks all sources side by side. One that is down does not hold up the others: it is asked again every
 * `policy.source.reopenMs` until it is back.
 */
export async function openSources(
  declarations: readonly SourceDeclaration[],
  policy: Policy,
  onChange: (health: SourceHealth) => void = () => {},
): Promise<Sources> {
  const closing = new AbortController();
  const entries = new Map(
    declarations.map((declaration): [string, Entry] => [declaration.name, { declaration, since: now() }]),
  );
  const recovering = new Set<Entry>();

  const settle = (entry: Entry, fault: Fault | undefined): void => {
    const changed = (entry.fault === undefined) !== (fault === undefined);
    if (changed) entry.since = now();
    if (fault === undefined) delete entry.fault;
    else entry.fault = fault;
    if (changed) onChange(healthOf(entry));
    if (fault !== undefined && !fault.misconfigured) void recover(entry);
  };

  const attempt = async (entry: Entry): Promise<void> => {
    const { declaration } = entry;
    try {
      if (entry.source === undefined) {
        const opened = await declaration.open(declaration.host);
        entry.source = guard(undertaken(opened), {
          source: declaration.name,
          timeoutMs: declaration.timeoutMs ?? policy.source.timeoutMs,
          checkMs: policy.source.checkMs,
          onFault: (fault) => judge(entry, fault),
        });
      }
      await entry.source.check(closing.signal);
      settle(entry, undefined);
    } catch (error) {
      settle(entry, toFault(error).at({ source: declaration.name }));
    }
  };

  /** A fault that a request met: the source is gone; or it may be damaged as a whole, which its check decides. */
  const judge = (entry: Entry, fault: Fault): void => {
    if (fault.kind === 'timeout' || (fault.kind === 'unavailable' && fault.code !== 'cancelled')) {
      settle(entry, fault);
    } else if (fault.kind === 'corrupt' || fault.kind === 'upstream') {
      void recover(entry);
    }
  };

  /** At most one attempt at a time for each source, the first after a pause, until it is up or the gateway closes. */
  const recover = async (entry: Entry): Promise<void> => {
    if (recovering.has(entry)) return;
    recovering.add(entry);
    do {
      await pause(policy.source.reopenMs, closing.signal);
      if (!closing.signal.aborted) await attempt(entry);
    } while (entry.fault !== undefined && !closing.signal.aborted);
    recovering.delete(entry);
  };

  await Promise.all([...entries.values()].map(attempt));

  const all = [...entries.values()];
  return {
    contributions: all.flatMap(({ declaration, source }) =>
      source === undefined ? [] : [{ source: declaration.name, ...source.model }],
    ),
    absent: new Set(
      all.flatMap(({ declaration, source }) => (source === undefined ? declaration.collections : [])),
    ),
    misconfigured: all.flatMap(({ declaration, fault }) =>
      fault?.misconfigured === true ? [{ source: declaration.name, fault }] : [],
    ),
    source: (name) => {
      const entry = entries.get(name);
      if (entry?.source !== undefined) return entry.source;
      throw entry?.fault ?? new Fault('unavailable', 'The source could not be opened', { source: name });
    },
    health() {
      for (const entry of all) {
        const stale = entry.fault === undefined ? entry.source?.stale?.() : undefined;
        if (stale === undefined) continue;
        settle(entry, stale.at({ source: entry.declaration.name }));
        // Also where only somebody can mend it: it was good before, so the data is at fault, not the configuration.
        void recover(entry);
      }
      return all.map(healthOf);
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.allSettled(all.map(({ source }) => source?.[Symbol.asyncDispose]()));
    },
  };
}

function now(): string {
  return Temporal.Now.instant().toString({ smallestUnit: 'millisecond' });
}

function healthOf({ declaration, fault, since }: Entry): SourceHealth {
  return {
    source: declaration.name,
    adapter: declaration.adapter,
    state: fault === undefined ? 'up' : 'down',
    since,
    ...(fault === undefined ? {} : { fault: { kind: fault.kind, code: fault.code, message: fault.message } }),
  };
}
