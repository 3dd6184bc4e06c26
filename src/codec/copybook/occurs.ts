// Knows: the OCCURS clause.
// Must not know: other clauses, where the counter stands.

import { type Place, syntax, unsupported } from './copybook-faults.ts';
import type { Reference, WordReader } from './word-reader.ts';
import { keywordOf } from './words.ts';

/** An OCCURS clause; the counter is not looked up yet. */
export interface OccursClause {
  readonly min: number;
  readonly max: number;
  readonly dependingOn?: Reference;
}

/** Reads what stands behind OCCURS; `isClause` says which words go on with the entry. */
export function readOccurs(reader: WordReader, isClause: (keyword: string) => boolean): OccursClause {
  const { place } = reader.peek();
  refuseUnbounded(reader);
  const first = reader.integer('The number of occurrences');
  const to = reader.accept('TO');
  if (to) refuseUnbounded(reader);
  const last = to ? reader.integer('The greatest number of occurrences') : undefined;
  reader.accept('TIMES');
  const dependingOn = readPhrases(reader, isClause);
  if (last !== undefined && last !== first && dependingOn === undefined) {
    throw syntax(place, `OCCURS ${first} TO ${last} needs DEPENDING ON and the name of a counter`);
  }
  // "If integer-1 TO is omitted, a value of 1 is assumed" (Enterprise COBOL Language Reference, OCCURS DEPENDING ON).
  const min = last === undefined && dependingOn !== undefined ? 1 : first;
  const max = last ?? first;
  if (max === 0 || min > max) {
    throw syntax(place, 'The greatest number of occurrences must be at least 1 and the least one');
  }
  return { min, max, ...(dependingOn !== undefined && { dependingOn }) };
}

function refuseUnbounded(reader: WordReader): void {
  const word = reader.peek();
  const keyword = keywordOf(word);
  if (keyword === 'UNBOUNDED' || keyword === 'DYNAMIC' || keyword === 'ANY') {
    throw unsupported(word.place, `OCCURS ${keyword}, a table without a greatest size,`);
  }
}

/** Keys and indexes are for SEARCH: they say nothing about the bytes. */
function readPhrases(reader: WordReader, isClause: (keyword: string) => boolean): Reference | undefined {
  let dependingOn: Reference | undefined;
  const endsNames = (keyword: string): boolean =>
    isClause(keyword) || /^(?:INDEXED|ASCENDING|DESCENDING|DEPENDING|\d+)$/.test(keyword);
  const readNames = (what: string): void => {
    do {
      reader.reference(what);
    } while (reader.peek().kind === 'word' && !endsNames(keywordOf(reader.peek())));
  };
  for (;;) {
    const { place } = reader.peek();
    if (reader.accept('DEPENDING')) {
      reader.accept('ON');
      if (dependingOn !== undefined) throw twice(place);
      dependingOn = reader.reference('The name of the counter');
    } else if (reader.accept('ASCENDING', 'DESCENDING')) {
      reader.accept('KEY');
      reader.accept('IS');
      readNames('The name of a key');
    } else if (reader.accept('INDEXED')) {
      reader.accept('BY');
      readNames('The name of an index');
    } else {
      return dependingOn;
    }
  }
}

function twice(place: Place): Error {
  return syntax(place, 'OCCURS depends on one counter');
}
