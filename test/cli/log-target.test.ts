import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { bounded, gathered } from '../../src/cli/log-target.ts';

/** Takes nothing until it is told to. */
function stalling() {
  const taken: string[] = [];
  const waiting: (() => void)[] = [];
  let stalled = true;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      taken.push(String(chunk));
      if (stalled) waiting.push(done);
      else done();
    },
  });
  return {
    stream,
    taken,
    go() {
      stalled = false;
      for (const done of waiting) done();
    },
  };
}

describe('the log on a slow reader', () => {
  it('waits in memory up to a bound; what is more is dropped, and the reader is told how many', async () => {
    const { stream, taken, go } = stalling();
    const target = bounded(stream, false, 100);
    for (let i = 0; i < 50; i++) target.write(`${'x'.repeat(9)}\n`);
    assert.ok(stream.writableLength <= 120, String(stream.writableLength));
    go();
    await setImmediate();
    target.write('after\n');
    const text = taken.join('');
    assert.match(text, /"event":"log-dropped","lines":39,/);
    assert.equal(text.split('\n').length - 1, 50 - 39 + 2);
    assert.ok(text.endsWith('after\n'));
  });

  it('a reader that has gone harms nobody', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const target = bounded(stream, false, 100);
    for (let i = 0; i < 3; i++) {
      target.write('line\n');
      await setImmediate();
    }
    assert.ok(stream.destroyed);
  });
});

describe('lines of the log', () => {
  const noting = () => {
    const writes: string[] = [];
    return { writes, ...gathered({ terminal: false, write: (text) => writes.push(text) }) };
  };

  it('that come one soon after the other leave together, in their order', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { writes, write } = noting();
    write('one\n');
    write('two\n');
    assert.deepEqual(writes, []);
    t.mock.timers.tick(20);
    assert.deepEqual(writes, ['one\ntwo\n']);
    write('three\n');
    t.mock.timers.tick(20);
    assert.deepEqual(writes, ['one\ntwo\n', 'three\n']);
  });

  it('leave at once when they are many, and when the process ends', () => {
    const { writes, write, flush } = noting();
    write('x'.repeat(70_000));
    assert.equal(writes.length, 1);
    write('last\n');
    flush();
    flush();
    assert.deepEqual(writes.slice(1), ['last\n']);
  });
});
