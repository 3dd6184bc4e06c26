import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { memorySource } from '../../../adapters/memory/memory.ts';
import { Fault } from '../../../src/fault.ts';
import { DEFAULT_POLICY } from '../../../src/policy.ts';
import { keepSource, type SourceDeclaration } from '../../../src/run/sources/kept-source.ts';
import type { Host, Source } from '../../../src/spi.ts';

const host: Host = { source: 's', sliceMs: 10, path: (relative) => relative, secret: async () => 'hunter2' };
const policy = {
  ...DEFAULT_POLICY,
  source: { ...DEFAULT_POLICY.source, reopenMs: 10, checkMs: 200, openMs: 50, checkEveryMs: 0, retries: 0 },
};

/** A source whose checks and reads do as a test says. */
function patient() {
  const told = {
    checks: 0,
    opened: 0,
    check: undefined as Fault | undefined,
    read: undefined as Fault | undefined,
  };
  const source = memorySource([
    { name: 'things', key: ['id'], fields: [{ name: 'id', type: { kind: 'int32' } }], rows: [{ id: 1 }] },
  ]);
  const open = async (): Promise<Source> => {
    told.opened++;
    return {
      ...source,
      async check() {
        told.checks++;
        if (told.check !== undefined) throw told.check;
      },
      access(query) {
        const access = source.access(query);
        return {
          ...access,
          async *read(ask) {
            if (told.read !== undefined) throw told.read;
            yield* access.read(ask);
          },
        };
      },
    };
  };
  return { told, open };
}

function declaration(
  open: SourceDeclaration['open'],
  more: Partial<SourceDeclaration> = {},
): SourceDeclaration {
  return { name: 's', adapter: 'memory', collections: ['things'], host, open, ...more };
}

async function readAll(source: Source): Promise<void> {
  const access = source.access({ collection: 'things', where: [], order: [] });
  for await (const _ of access.read({ fields: ['id'], signal: new AbortController().signal }));
}

async function until(what: () => boolean): Promise<void> {
  for (const began = performance.now(); !what() && performance.now() - began < 30_000; ) await wait(10);
  assert.ok(what(), String(what));
}

/** A quiet window that is open now, and none around it. */
function quietNow() {
  const hour = (by: number): string =>
    Temporal.Now.plainTimeISO('UTC').add({ hours: by }).toString({ smallestUnit: 'minute' });
  return { from: hour(-1), to: hour(1), timeZone: 'UTC', serve: 'nothing' } as const;
}

describe('a kept source', () => {
  it('says since when it is as it is, its last fault, how fast it answers, and how its guards stand', async () => {
    const { told, open } = patient();
    await using kept = keepSource(declaration(open), policy);
    await kept.tried;
    const { since, ...first } = kept.health();
    assert.deepEqual(first, {
      source: 's',
      adapter: 'memory',
      state: 'up',
      guards: { breaker: 'closed', running: 0, queued: 0 },
    });
    await readAll(kept.source());
    const { latencyMs } = kept.health();
    assert.ok(latencyMs !== undefined && latencyMs.p99 >= latencyMs.median);

    told.read = new Fault('corrupt', 'bad digit', { code: 'bad-digit' });
    await assert.rejects(readAll(kept.source()));
    const { lastFault, ...rest } = kept.health();
    assert.ok(lastFault !== undefined && lastFault.at >= since);
    assert.deepEqual(
      [lastFault.kind, lastFault.code, lastFault.message],
      ['corrupt', 'bad-digit', 'bad digit'],
    );
    assert.deepEqual([rest.state, rest.since, rest.fault], ['up', since, undefined], 'one bad record');
    told.read = undefined;
    await readAll(kept.source());
    assert.deepEqual(kept.health().lastFault, lastFault, 'it stays when all is well again');
  });

  it("what is only the question's fault is no fault of the source", async () => {
    const { told, open } = patient();
    await using kept = keepSource(declaration(open), policy);
    await kept.tried;
    for (const kind of ['not-found', 'conflict', 'rejected', 'invalid', 'stale', 'too-costly'] as const) {
      told.read = new Fault(kind, 'no');
      await assert.rejects(readAll(kept.source()));
    }
    assert.equal(kept.health().lastFault, undefined);
    assert.equal(kept.health().state, 'up');
  });

  it('tells no secret in a fault, and of our own bugs only that there was one', async () => {
    const { told, open } = patient();
    const changes: string[] = [];
    await using kept = keepSource(declaration(open), policy, {
      redact: (text) => text.replaceAll('hunter2', '[secret]'),
      onChange: (health) => changes.push(JSON.stringify(health)),
    });
    await kept.tried;
    told.check = told.read = new Fault('unavailable', 'login with hunter2 failed');
    await assert.rejects(readAll(kept.source()));
    assert.equal(kept.health().fault?.message, 'login with [secret] failed');
    assert.equal(kept.health().lastFault?.message, 'login with [secret] failed');
    assert.match(changes.join(), /\[secret\]/);
    assert.doesNotMatch(changes.join(), /hunter2/);
    told.check = told.read = new Fault('internal', 'a pointer to row 7 of Mr Smith');
    await until(() => kept.health().fault?.kind === 'internal');
    assert.doesNotMatch(JSON.stringify(kept.health()), /Smith/);
  });

  it('is neither checked nor opened again in a quiet window, and is as it was', async () => {
    const { told, open } = patient();
    const guards = { quiet: [quietNow()] };
    await using kept = keepSource(declaration(open, { guards }), {
      ...policy,
      source: { ...policy.source, checkEveryMs: 10 },
    });
    await kept.tried;
    await wait(60);
    assert.deepEqual([told.opened, told.checks], [1, 0]);
    assert.equal(kept.health().state, 'up');
    assert.notEqual(kept.health().guards?.quietUntil, undefined);

    let tries = 0;
    await using down = keepSource(
      declaration(
        async () => {
          tries++;
          throw new Fault('unavailable', 'gone');
        },
        { guards },
      ),
      policy,
    );
    await down.tried;
    await wait(60);
    assert.equal(tries, 1);
    assert.equal(down.health().state, 'down');
  });

  it('learns from its host whether a quiet window is open: what it asks by itself waits', async () => {
    const lent: Host[] = [];
    const { open } = patient();
    const opening = async (given: Host): Promise<Source> => {
      lent.push(given);
      return await open();
    };
    await using quiet = keepSource(declaration(opening, { guards: { quiet: [quietNow()] } }), policy);
    await quiet.tried;
    await using loud = keepSource(declaration(opening), policy);
    await loud.tried;
    assert.deepEqual(
      lent.map((given) => given.quiet?.()),
      [true, false],
    );
  });

  it('that is up is checked from time to time, so that one is missed that nobody asks', async () => {
    const { told, open } = patient();
    await using kept = keepSource(declaration(open), {
      ...policy,
      source: { ...policy.source, checkEveryMs: 20 },
    });
    await kept.tried;
    told.check = new Fault('unavailable', 'gone');
    await until(() => kept.health().state === 'down');
    told.check = undefined;
    await until(() => kept.health().state === 'up');
  });

  it('that takes too long to open is down meanwhile, and is taken when it has opened after all, once', async () => {
    const { told, open } = patient();
    const gate = Promise.withResolvers<void>();
    const models: string[] = [];
    await using kept = keepSource(
      declaration(async () => {
        const opened = await open();
        await gate.promise;
        return opened;
      }),
      policy,
      { onModel: (source) => models.push(source) },
    );
    await kept.tried;
    assert.equal(kept.health().fault?.code, 'open-timeout');
    assert.equal(kept.contribution(), undefined);
    await wait(100);
    gate.resolve();
    await until(() => kept.health().state === 'up');
    assert.deepEqual([told.opened, models], [1, ['s']]);
  });

  it('that opens when nobody wants it any more is disposed', async () => {
    const gate = Promise.withResolvers<void>();
    let disposed = false;
    const { open } = patient();
    const kept = keepSource(
      declaration(async () => {
        const source = await open();
        await gate.promise;
        return {
          ...source,
          async [Symbol.asyncDispose]() {
            disposed = true;
          },
        };
      }),
      policy,
    );
    await kept[Symbol.asyncDispose]();
    gate.resolve();
    await until(() => disposed);
  });

  it('that was good once is asked again also where only somebody can mend what is wrong', async () => {
    const { told, open } = patient();
    await using kept = keepSource(declaration(open), policy);
    await kept.tried;
    told.check = told.read = new Fault('unavailable', 'the table is gone', { misconfigured: true });
    await assert.rejects(readAll(kept.source()));
    assert.equal(kept.health().state, 'down');
    told.check = told.read = undefined;
    await until(() => kept.health().state === 'up');
  });

  it('is of a declaration that is deeply equal and reads the same secrets; without one, of none', async () => {
    const { open } = patient();
    let secret = 'one';
    const rotating = { ...host, secret: async () => secret };
    const asks = async (lent: Host): Promise<Source> => {
      await lent.secret({ env: 'KEY' });
      return await open();
    };
    const declared = () => ({ options: { path: 'x', list: [1, { a: new Map([[1, 2]]) }] } });
    await using kept = keepSource(declaration(asks, { host: rotating, declared: declared() }), policy);
    await kept.tried;
    assert.equal(await kept.isOf(declaration(asks, { declared: declared() })), true);
    assert.equal(await kept.isOf(declaration(asks, { declared: { ...declared(), more: 1 } })), false);
    assert.equal(await kept.isOf(declaration(asks)), false);
    secret = 'two';
    assert.equal(await kept.isOf(declaration(asks, { declared: declared() })), false);
  });
});
