import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { createGuards } from '../../src/guard/guard.ts';
import { type QuietWindow, quietAt } from '../../src/guard/quiet.ts';
import { answering, batchOf, NEVER, reading, rowsOf, told } from './sources.ts';

function at(instant: string): number {
  return Temporal.Instant.from(instant).epochMilliseconds;
}

function window(from: string, to: string, more: Partial<QuietWindow> = {}): QuietWindow {
  return { from, to, timeZone: 'UTC', serve: 'nothing', ...more };
}

/** End of the window that is open then, or `open`: the source may be asked. */
function until(windows: readonly QuietWindow[], instant: string): string {
  const { quiet } = quietAt(windows, at(instant));
  return quiet === undefined
    ? 'open'
    : Temporal.Instant.fromEpochMilliseconds(quiet.until).toString({ smallestUnit: 'second' });
}

describe('quiet windows', () => {
  it('a window is open from its beginning until its end, which no longer belongs to it', () => {
    const noon = [window('12:00', '12:30')];
    assert.equal(until(noon, '2026-11-30T11:59:59.999Z'), 'open');
    assert.equal(until(noon, '2026-11-30T12:00:00Z'), '2026-11-30T12:30:00Z');
    assert.equal(until(noon, '2026-11-30T12:29:59.999Z'), '2026-11-30T12:30:00Z');
    assert.equal(until(noon, '2026-11-30T12:30:00Z'), 'open');
  });

  it('times are those of its time zone, in summer and in winter', () => {
    const night = [window('22:00', '23:00', { timeZone: 'Europe/Zurich' })];
    assert.equal(until(night, '2026-07-01T20:30:00Z'), '2026-07-01T21:00:00Z');
    assert.equal(until(night, '2026-12-01T20:30:00Z'), 'open');
    assert.equal(until(night, '2026-12-01T21:30:00Z'), '2026-12-01T22:00:00Z');
  });

  it('a window goes over midnight, and belongs to the day on which it begins', () => {
    const friday = [window('22:30', '06:00', { days: ['fri'] })];
    assert.equal(until(friday, '2026-12-04T22:29:00Z'), 'open');
    assert.equal(until(friday, '2026-12-04T23:00:00Z'), '2026-12-05T06:00:00Z');
    assert.equal(until(friday, '2026-12-05T05:59:00Z'), '2026-12-05T06:00:00Z');
    assert.equal(until(friday, '2026-12-05T23:00:00Z'), 'open');
    assert.equal(until(friday, '2026-12-04T05:00:00Z'), 'open', 'the morning of Friday is Thursday’s');
  });

  it('a window that ends when it begins is a whole day', () => {
    const sunday = [window('00:00', '00:00', { days: ['sun'] })];
    assert.equal(until(sunday, '2026-12-06T00:00:00Z'), '2026-12-07T00:00:00Z');
    assert.equal(until(sunday, '2026-12-07T00:00:00Z'), 'open');
  });

  it('windows that overlap or meet are one', () => {
    const windows = [window('20:00', '22:00'), window('22:00', '23:00'), window('22:30', '01:00')];
    assert.equal(until(windows, '2026-11-30T20:00:00Z'), '2026-12-01T01:00:00Z');
    const always = [window('00:00', '12:00'), window('12:00', '00:00')];
    assert.notEqual(until(always, '2026-11-30T20:00:00Z'), 'open');
  });

  it('of several open windows the strictest says what is served', () => {
    const windows = [window('20:00', '23:00', { serve: 'cache' }), window('21:00', '22:00')];
    const serve = (instant: string) => quietAt(windows, at(instant)).quiet?.serve;
    assert.deepEqual(['2026-11-30T20:30:00Z', '2026-11-30T21:30:00Z', '2026-11-30T22:30:00Z'].map(serve), [
      'cache',
      'nothing',
      'cache',
    ]);
  });

  it('where clocks go forward a window is not shortened by the hour that does not exist', () => {
    // In Zurich 02:00 became 03:00 on 29 March 2026, at 01:00 UTC.
    const zurich = { timeZone: 'Europe/Zurich' };
    const over = [window('01:30', '03:30', zurich)];
    assert.equal(until(over, '2026-03-29T00:29:00Z'), 'open');
    assert.equal(until(over, '2026-03-29T00:30:00Z'), '2026-03-29T01:30:00Z');
    const within = [window('02:15', '02:45', zurich)];
    assert.equal(until(within, '2026-03-29T01:20:00Z'), '2026-03-29T01:45:00Z');
    assert.equal(until(within, '2026-03-29T02:00:00Z'), 'open');
    assert.equal(until(within, '2026-03-30T00:20:00Z'), '2026-03-30T00:45:00Z', 'the next day as ever');
  });

  it('where clocks go back a window lasts from the first to the last time that may be meant', () => {
    // In Zurich 03:00 became 02:00 on 25 October 2026, at 01:00 UTC.
    const within = [window('02:15', '02:45', { timeZone: 'Europe/Zurich' })];
    assert.equal(until(within, '2026-10-25T00:14:00Z'), 'open');
    assert.equal(until(within, '2026-10-25T00:15:00Z'), '2026-10-25T01:45:00Z');
    assert.equal(until(within, '2026-10-25T01:44:00Z'), '2026-10-25T01:45:00Z');
    assert.equal(until(within, '2026-10-25T01:45:00Z'), 'open');
  });

  it('every instant of a year is answered as the clock on the wall says, but for the hours of a change', () => {
    const night = window('22:30', '06:00', { timeZone: 'America/New_York', days: ['mon', 'wed', 'sun'] });
    for (let day = 0; day < 365; day++) {
      const instant = at('2026-01-01T00:00:00Z') + day * 86_400_000 + ((day * 7_919) % 1_440) * 60_000;
      const wall = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(night.timeZone);
      const time = wall.toPlainTime().toString().slice(0, 5);
      const begun = time >= '22:30' ? wall : time < '06:00' ? wall.subtract({ days: 1 }) : undefined;
      const expected = begun !== undefined && [1, 3, 7].includes(begun.dayOfWeek);
      assert.equal(quietAt([night], instant).quiet !== undefined, expected, wall.toString());
    }
  });
});

describe('a source in a quiet window', () => {
  const nightly = { source: 'host', timeoutMs: 1_000, quiet: [window('22:00', '23:00')] };

  it('is not asked, not even for its health, and whoever asks is told how long', async () => {
    let now = at('2026-11-30T21:59:59Z');
    const guards = createGuards({ ...nightly, clock: () => now });
    let asked = 0;
    const source = guards.around({
      ...answering((read) => {
        asked++;
        return read;
      }),
      check: async () => {
        asked++;
      },
    });
    assert.equal(await rowsOf(source), 1);
    assert.deepEqual([guards.mayAsk(), guards.state().quietUntil], [undefined, undefined]);
    now = at('2026-11-30T22:30:00Z');
    await assert.rejects(rowsOf(source), (error) => {
      assert.ok(error instanceof Fault);
      assert.deepEqual([error.kind, error.code, error.retryAfterS], ['unavailable', 'quiet-window', 1_800]);
      return true;
    });
    assert.equal(await told(source.check(NEVER)), 'quiet-window');
    assert.equal(guards.mayAsk()?.code, 'quiet-window');
    assert.equal(guards.state().quietUntil, '2026-11-30T23:00:00Z');
    assert.equal(asked, 1);
    now = at('2026-11-30T23:00:00Z');
    assert.equal(await rowsOf(source), 2);
    now = at('2026-11-30T22:59:00Z');
    assert.equal(await told(rowsOf(source)), 'quiet-window', 'also where the clock is set back');
  });

  it('is answered for by a cache only where the window says so', async () => {
    for (const serve of ['cache', 'nothing'] as const) {
      const guards = createGuards({
        ...nightly,
        quiet: [window('22:00', '23:00', { serve })],
        clock: () => at('2026-11-30T22:30:00Z'),
      });
      const source = guards.around(
        answering(() => 1),
        { cache: () => answering(() => 99) },
      );
      assert.equal(await told(rowsOf(source)), serve === 'cache' ? 99 : 'quiet-window');
      assert.equal(guards.mayAsk()?.code, serve === 'cache' ? 'quiet-cache' : 'quiet-window');
      assert.equal(guards.mayAnswer()?.code, serve === 'cache' ? undefined : 'quiet-window');
    }
  });

  it('what waits for its turn when the window opens is not asked any more', async () => {
    let now = at('2026-11-30T21:00:00Z');
    const guards = createGuards({
      ...nightly,
      concurrency: 1,
      queue: 1,
      queueMs: 5_000,
      clock: () => now,
    });
    const { promise, resolve } = Promise.withResolvers<number>();
    const source = guards.around(answering(() => promise));
    const first = rowsOf(source);
    const second = told(rowsOf(source));
    now = at('2026-11-30T22:00:00Z');
    resolve(1);
    assert.equal(await first, 1, 'what is under way may end');
    assert.equal(await second, 'quiet-window');
    assert.equal(guards.state().running, 0);
  });

  it('a watch ends when the window opens', async () => {
    const beginning = at('2026-11-30T22:00:00Z') - 30;
    const began = performance.now();
    const guards = createGuards({
      ...nightly,
      clock: () => beginning + Math.round(performance.now() - began),
    });
    let stopped = false;
    const source = guards.around(
      reading(
        async function* () {
          yield batchOf(1);
        },
        {
          watch: async function* (_collection, { signal }) {
            signal.addEventListener('abort', () => {
              stopped = true;
            });
            yield { kind: 'reset', position: 'p' };
            await new Promise(() => {});
          },
        },
      ),
    );
    const events = source.watch?.('things', { signal: NEVER })[Symbol.asyncIterator]();
    assert.equal((await events?.next())?.value?.kind, 'reset');
    assert.equal(await told(Promise.resolve(events?.next())), 'quiet-window');
    assert.equal(stopped, true);
  });
});
