// Knows: how a configuration is checked and what is said about it.
// Must not know: HTTP, GraphQL.

import { oneLine } from '../config/problem.ts';
import type { SourceRemark } from '../gateway.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { unobserved } from '../observe.ts';
import type { SourceHealth } from '../query/request.ts';
import { type Command, textOf } from './command.ts';
import { tlsProblems } from './listener-tls.ts';
import { CONFIG, listed, openConfigured } from './opening.ts';

export const check: Command = {
  doc: [
    'Exit code 0: the gateway can serve it; a source that is down is only a warning, it may come back.',
    'Exit code 1: it cannot; every problem is listed with file, line and column.',
  ].join('\n'),
  flags: { config: CONFIG },
  async run(given, surroundings) {
    const opened = await openConfigured(textOf(given, 'config') ?? '', surroundings, unobserved);
    if (opened === undefined) return 1;
    await using gateway = opened.gateway;
    const problems = await tlsProblems(opened.config);
    if (problems.length > 0) {
      surroundings.complain(listed(problems));
      return 1;
    }
    const { collections, operations } = gateway.catalog;
    for (const health of gateway.health()) {
      const own = ({ source }: { readonly source: string }): boolean => source === health.source;
      const known = [counted('collection', [...collections.values()].filter(own))];
      const calls = [...operations.values()].filter(own);
      if (calls.length > 0) known.push(counted('operation', calls));
      surroundings.out(oneLine(summary(health, known.join(', '))));
      const writable = writableText([...collections.values()].filter(own));
      if (writable !== undefined) surroundings.out(oneLine(`${health.source}: ${writable}`));
    }
    for (const remark of gateway.remarks) surroundings.out(oneLine(remarkText(remark)));
    return 0;
  },
};

/** `note: scoring: operation Export: document messages of several parts (scoring.wsdl:12)`. */
function remarkText({ source, subject, message, place }: SourceRemark): string {
  return `note: ${source}: ${subject}: ${message}${place === undefined ? '' : ` (${place})`}`;
}

/** `writable: accounts (insert, update), postings (insert)`: what clients may change; undefined for nothing. */
function writableText(collections: readonly CatalogCollection[]): string | undefined {
  const written = collections.filter(({ writes = [] }) => writes.length > 0);
  if (written.length === 0) return undefined;
  return `writable: ${written.map(({ name, writes = [] }) => `${name} (${writes.join(', ')})`).join(', ')}`;
}

/** `2 collections: accounts, transactions`. */
function counted(word: string, all: readonly { readonly name: string }[]): string {
  const count = all.length === 1 ? `1 ${word}` : `${all.length} ${word}s`;
  return all.length === 0 ? count : `${count}: ${all.map(({ name }) => name).join(', ')}`;
}

/** `ledger (sqlite): up, 2 collections: accounts, transactions, 1 operation: pay`. */
function summary({ source, adapter, state, fault }: SourceHealth, known: string): string {
  return fault === undefined
    ? `${source} (${adapter}): ${state}, ${known}`
    : `warning: ${source} (${adapter}): ${state}, ${known}; ${fault.message}`;
}
