// Copybooks that are wrong at a marked place, and the message that must come.

import assert from 'node:assert/strict';
import { type ParseCopybookOptions, parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { Fault } from '../../../src/fault.ts';
import { fixed } from './shown.ts';

export function faultOf(text: string, options: ParseCopybookOptions = {}): Fault {
  try {
    parseCopybook(text, options);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
}

/** Entries, one a line, then the last of them is wrong: at the text between ‹ and ›, or where these stand together. */
export type Case = readonly [lines: readonly string[], message: string];

export function check([marked, message]: Case, code: string): void {
  const text = fixed(...marked);
  const lines = text.split('\n');
  const line = lines.findIndex((candidate) => candidate.includes('‹'));
  const column = (lines[line] ?? '').indexOf('‹') + 1;
  const source = (lines[line] ?? '').replace(/[‹›]/g, '');
  const fault = faultOf(text.replace(/[‹›]/g, ''));
  assert.equal(
    fault.message,
    `line ${line + 1}, column ${column}: ${message}\n${source}\n${' '.repeat(column - 1)}^`,
  );
  assert.deepEqual([fault.kind, fault.code, fault.misconfigured], ['invalid', code, true]);
}
