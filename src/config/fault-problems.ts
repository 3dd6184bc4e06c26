// Knows: how what a source finds wrong with its part of the configuration becomes problems at their places in the file.
// Must not know: sources, YAML.

import type { Fault } from '../fault.ts';
import type { Config } from './config.ts';
import type { Path, Problem } from './problem.ts';

/** A fault that its source can do nothing about, at the collection of the file that it concerns. */
export function faultProblems(config: Config, source: string, fault: Fault): readonly Problem[] {
  const pathOf = (collection: string | undefined): Path =>
    collection === undefined ? ['sources', source] : ['sources', source, 'collections', collection];
  const own = pathOf(fault.place.collection);
  if (fault.errors.length === 0) return [config.problem(own, withHint(fault.message, fault.place.hint))];
  return fault.errors.map(({ message, collection, hint }) =>
    config.problem(collection === undefined ? own : pathOf(collection), withHint(message, hint)),
  );
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined || message.includes(hint) ? message : `${message} (${hint})`;
}
