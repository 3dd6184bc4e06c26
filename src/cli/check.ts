// Knows: how a configuration is checked and what is said about it.
// Must not know: HTTP, GraphQL.

import { oneLine } from '../config/problem.ts';
import type { SourceRemark } from '../gateway.ts';
import { unobserved } from '../observe.ts';
import type { SourceHealth } from '../query/request.ts';
import { type Command, textOf } from './command.ts';
import { CONFIG, openConfigured } from './opening.ts';

export const check: Command = {
  doc: [
    'Exit code 0: the gateway can serve it; a source that is down is only a warning, it may come back.',
    'Exit code 1: it cannot; every problem is listed with file, line and column.',
  ].join('\n'),
  flags: { config: CONFIG },
  async run(given, surroundings) {
    const opened = await openConfigured(textOf(given, 'config') ?? '', surroundings, () => unobserved);
    if (opened === undefined) return 1;
    await using gateway = opened.gateway;
    const collections = Map.groupBy(gateway.catalog.collections.values(), ({ source }) => source);
    for (const health of gateway.health()) {
      const names = (collections.get(health.source) ?? []).map(({ name }) => name);
      surroundings.out(oneLine(summary(health, names)));
    }
    for (const remark of gateway.remarks) surroundings.out(oneLine(remarkText(remark)));
    return 0;
  },
};

/** `note: scoring: operation Export: document messages of several parts (scoring.wsdl:12)`. */
function remarkText({ source, subject, message, place }: SourceRemark): string {
  return `note: ${source}: ${subject}: ${message}${place === undefined ? '' : ` (${place})`}`;
}

/** `ledger (sqlite): up, 2 collections: accounts, transactions`. */
function summary({ source, adapter, state, fault }: SourceHealth, names: readonly string[]): string {
  const count = names.length === 1 ? '1 collection' : `${names.length} collections`;
  const known = names.length === 0 ? count : `${count}: ${names.join(', ')}`;
  return fault === undefined
    ? `${source} (${adapter}): ${state}, ${known}`
    : `warning: ${source} (${adapter}): ${state}, ${known}; ${fault.message}`;
}
