import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, type FaultKind } from '../../src/fault.ts';
import { type Ledger, ledger, type Touched } from '../../src/query/undertaking.ts';

function after(steps: (book: Ledger) => void): Touched {
  const book = ledger(() => {});
  steps(book);
  return book.touched();
}

function failed(kind: FaultKind, code?: string): Touched {
  return after((book) => {
    book.begun();
    book.failed(new Fault(kind, 'x', code === undefined ? {} : { code }));
  });
}

describe("what is known of a request's changes", () => {
  it('is nothing before a source was told, and open until it has answered', () => {
    assert.equal(
      after(() => {}),
      'untouched',
    );
    assert.equal(
      after((book) => book.begun()),
      'unknown',
    );
    const both = after((book) => {
      book.begun();
      book.made();
      book.begun();
    });
    assert.equal(both, 'unknown');
  });

  it('is final when a change was made, or refused for what it asks', () => {
    const made = after((book) => {
      book.begun();
      book.made();
    });
    assert.equal(made, 'settled');
    for (const kind of ['invalid', 'not-found', 'conflict', 'stale', 'rejected', 'too-costly'] as const)
      assert.equal(failed(kind), 'settled', kind);
  });

  it('is that nothing was made, where the source promises so', () => {
    for (const kind of ['throttled', 'unavailable', 'upstream', 'unsupported', 'corrupt'] as const)
      assert.equal(failed(kind), 'untouched', kind);
  });

  it('is unknown where the source says so, was broken off, or did not answer', () => {
    assert.equal(failed('upstream', 'outcome-unknown'), 'unknown');
    assert.equal(failed('unavailable', 'cancelled'), 'unknown');
    assert.equal(failed('unavailable', 'stopping'), 'unknown');
    assert.equal(failed('timeout'), 'unknown');
    assert.equal(failed('internal'), 'unknown');
  });

  it('is final when a further attempt at the same succeeds', () => {
    const again = after((book) => {
      book.begun();
      book.failed(new Fault('upstream', 'x', { code: 'outcome-unknown' }));
      book.begun();
      book.made();
    });
    assert.equal(again, 'settled');
  });
});
