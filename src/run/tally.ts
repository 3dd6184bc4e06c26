// Knows: how many rows one answer may have, those of its relations included.
// Must not know: how rows are read.

import { Fault } from '../fault.ts';
import type { Policy } from '../policy.ts';
import type { Asked } from '../query/request.ts';

/** Counts rows of the answer; throws `too-costly` for the first that is too many. */
export type Tally = (rows: number) => void;

/** `asked`: what the root fields of one document share. */
export function tallyOf({ http }: Policy, asked: Asked = { rows: 0 }): Tally {
  const { maxAnswerRows } = http;
  return (rows) => {
    const answered = (asked.answered ?? 0) + rows;
    asked.answered = answered;
    if (answered > maxAnswerRows) throw tooMany(maxAnswerRows);
  };
}

function tooMany(maxAnswerRows: number): Fault {
  return new Fault('too-costly', `The answer has more than ${maxAnswerRows} rows`, {
    code: ANSWER_ROWS,
    hint: 'Ask for fewer with "first", or for several pages.',
  });
}

const ANSWER_ROWS = 'answer-rows';

/** A relation of which too much was asked is no relation that failed: the whole answer is too large. */
export function isOverTally(error: unknown): boolean {
  return error instanceof Fault && error.code === ANSWER_ROWS;
}
