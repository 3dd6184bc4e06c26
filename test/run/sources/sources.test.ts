import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { memorySource } from '../../../adapters/memory/memory.ts';
import { Fault } from '../../../src/fault.ts';
import { DEFAULT_POLICY } from '../../../src/policy.ts';
import type { SourceHealth } from '../../../src/query/request.ts';
import { openSources, type SourceDeclaration } from '../../../src/run/sources/sources.ts';
import type { Host } from '../../../src/spi.ts';

const host: Host = { source: 's', sliceMs: 10, path: (relative) => relative, secret: async () => '' };
const policy = { ...DEFAULT_POLICY, source: { ...DEFAULT_POLICY.source, reopenMs: 10, checkMs: 200 } };
const good = () => memorySource([{ name: 'things', key: [], fields: [], rows: [] }]);

function declaration(name: string, open: SourceDeclaration['open']): SourceDeclaration {
  return { name, adapter: 'memory', collections: ['things'], host, open };
}

describe('sources', () => {
  it('one source that is down does not hold up the others, and comes back by itself', async () => {
    let down = true;
    const changes: SourceHealth[] = [];
    await using sources = await openSources(
      [
        declaration('up', async () => good()),
        declaration('late', async () => {
          if (down) throw new Fault('unavailable', 'not there yet');
          return good();
        }),
      ],
      policy,
      { onChange: (health) => changes.push(health) },
    );
    assert.deepEqual(
      sources.health().map(({ source, state }) => [source, state]),
      [
        ['up', 'up'],
        ['late', 'down'],
      ],
    );
    assert.deepEqual(sources.absent, new Set(['things']));
    assert.throws(
      () => sources.source('late'),
      (error) => error instanceof Fault && error.kind === 'unavailable',
    );
    down = false;
    for (let i = 0; i < 100 && sources.health()[1]?.state === 'down'; i++) await wait(10);
    assert.equal(sources.health()[1]?.state, 'up');
    assert.equal(sources.health()[1]?.fault, undefined);
    sources.source('late');
    assert.deepEqual(
      changes.map(({ state }) => state),
      ['down', 'up'],
    );
  });

  it('a source whose check fails is down but can be asked: its model is known', async () => {
    await using sources = await openSources(
      [
        declaration('s', async () => ({
          ...good(),
          check: async () => {
            throw new Fault('unavailable', 'no file');
          },
        })),
      ],
      { ...policy, source: { ...policy.source, reopenMs: 60_000 } },
    );
    assert.equal(sources.contributions.length, 1);
    assert.equal(sources.health()[0]?.fault?.message, 'no file');
    sources.source('s');
  });

  it('what only the configuration can mend is told apart and not tried again', async () => {
    let tries = 0;
    await using sources = await openSources(
      [
        declaration('s', async () => {
          tries++;
          throw new Fault('invalid', 'key is not unique', { misconfigured: true });
        }),
      ],
      policy,
    );
    await wait(50);
    assert.equal(tries, 1);
    assert.deepEqual(
      sources.misconfigured.map(({ source }) => source),
      ['s'],
    );
  });

  it('an unknown error of an adapter is masked', async () => {
    await using sources = await openSources(
      [
        declaration('s', async () => {
          throw new Error('password=hunter2');
        }),
      ],
      policy,
    );
    assert.equal(sources.health()[0]?.fault?.kind, 'internal');
    assert.doesNotMatch(JSON.stringify(sources.health()), /hunter2/);
  });

  it('a check that hangs is cut off', async () => {
    const began = performance.now();
    await using sources = await openSources(
      [declaration('s', async () => ({ ...good(), check: () => new Promise(() => {}) }))],
      {
        ...policy,
        source: { ...policy.source, checkMs: 50, reopenMs: 60_000 },
      },
    );
    assert.equal(sources.health()[0]?.fault?.kind, 'timeout');
    assert.ok(performance.now() - began < 5_000);
  });

  it('a source that shows older data says why in the health, and is up again when it shows the newest', async () => {
    let stale: Fault | undefined;
    const check = async () => {
      if (stale !== undefined) throw stale;
    };
    await using sources = await openSources(
      [declaration('s', async () => ({ ...good(), check, stale: () => stale }))],
      policy,
    );
    assert.equal(sources.health()[0]?.state, 'up');
    stale = new Fault('invalid', 'a link leads out', { misconfigured: true });
    assert.equal(sources.health()[0]?.fault?.message, 'a link leads out');
    sources.source('s');
    stale = undefined;
    for (let i = 0; i < 100 && sources.health()[0]?.state === 'down'; i++) await wait(10);
    assert.equal(sources.health()[0]?.state, 'up');
  });

  it('a request that finds the source gone marks it down, a check brings it back', async () => {
    let broken = false;
    await using sources = await openSources(
      [
        declaration('s', async () => ({
          ...good(),
          access: () => ({
            where: [],
            ordered: true,
            limits: true,
            cost: 'scan',
            explain: 'nothing',
            // biome-ignore lint/correctness/useYield: it fails before the first batch
            async *read() {
              throw new Fault('unavailable', 'connection lost');
            },
          }),
          check: async () => {
            if (broken) throw new Fault('unavailable', 'still gone');
          },
        })),
      ],
      policy,
    );
    broken = true;
    const reading = sources.source('s').access({ collection: 'things', where: [], order: [] });
    await assert.rejects(async () => {
      for await (const _ of reading.read({ fields: [], signal: new AbortController().signal })) assert.fail();
    });
    assert.equal(sources.health()[0]?.state, 'down');
    broken = false;
    for (let i = 0; i < 100 && sources.health()[0]?.state === 'down'; i++) await wait(10);
    assert.equal(sources.health()[0]?.state, 'up');
  });

  it('after a fault of the data the check decides: a bad record changes nothing, a damaged file is down until it is whole', async () => {
    let damaged = false;
    let checks = 0;
    await using sources = await openSources(
      [
        declaration('s', async () => ({
          ...good(),
          access: () => ({
            where: [],
            ordered: true,
            limits: true,
            cost: 'scan',
            explain: 'nothing',
            // biome-ignore lint/correctness/useYield: it fails before the first batch
            async *read() {
              throw new Fault('corrupt', 'bad digit');
            },
          }),
          check: async () => {
            checks++;
            if (damaged) throw new Fault('corrupt', 'no whole record');
          },
        })),
      ],
      policy,
    );
    const reads = async () => {
      const access = sources.source('s').access({ collection: 'things', where: [], order: [] });
      await assert.rejects(async () => {
        for await (const _ of access.read({ fields: [], signal: new AbortController().signal }))
          assert.fail();
      }, /bad digit/);
    };
    const becomes = async (state: string) => {
      for (let i = 0; i < 100 && sources.health()[0]?.state !== state; i++) await wait(10);
      assert.equal(sources.health()[0]?.state, state);
    };
    await Promise.all([reads(), reads(), reads()]);
    for (let i = 0; i < 100 && checks < 2; i++) await wait(10);
    await wait(30);
    assert.equal(checks, 2, 'one at the start, one for all three');
    assert.equal(sources.health()[0]?.state, 'up');
    damaged = true;
    await reads();
    await becomes('down');
    assert.equal(sources.health()[0]?.fault?.message, 'no whole record');
    damaged = false;
    await becomes('up');
  });
});
