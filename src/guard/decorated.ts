// Knows: how something stands around a source, or around its offer to read: each call goes through it, or through to what is inside.
// Must not know: what stands there, and why.

import type { Access, Source } from '../spi.ts';

/** A method in place of one of the source; `inner` calls the source's own. */
type InPlaceOf<M> = (inner: NonNullable<M>) => NonNullable<M>;

/** What is left out goes through to the source. */
export interface SourceDecoration {
  access?(access: Access, query: Parameters<Source['access']>[0]): Access;
  readonly check?: InPlaceOf<Source['check']>;
  readonly write?: InPlaceOf<Source['write']>;
  readonly invoke?: InPlaceOf<Source['invoke']>;
  readonly watch?: InPlaceOf<Source['watch']>;
  /** Before the source is disposed of. */
  end?(): void;
}

/** The same source with this around its calls. A claim that the source does not make is not added. */
export function decorated(source: Source, around: SourceDecoration): Source {
  const { write, invoke, watch, stale, version } = source;
  const through = <M>(inner: M): M => inner;
  const { check = through, access = through } = around;
  return {
    model: source.model,
    access: (query) => access(source.access(query), query),
    check: check((signal) => source.check(signal)),
    ...(stale === undefined ? {} : { stale: () => stale.call(source) }),
    ...(version === undefined ? {} : { version: (collection) => version.call(source, collection) }),
    ...(write === undefined ? {} : { write: (around.write ?? through)(write.bind(source)) }),
    ...(invoke === undefined ? {} : { invoke: (around.invoke ?? through)(invoke.bind(source)) }),
    ...(watch === undefined ? {} : { watch: (around.watch ?? through)(watch.bind(source)) }),
    [Symbol.asyncDispose]() {
      around.end?.();
      return source[Symbol.asyncDispose]();
    },
  };
}

export interface AccessDecoration {
  readonly read: InPlaceOf<Access['read']>;
  readonly count: InPlaceOf<Access['count']>;
}

/** The same offer with this around its calls. */
export function decoratedAccess(access: Access, around: AccessDecoration): Access {
  const { count } = access;
  return {
    ...access,
    read: around.read((ask) => access.read(ask)),
    ...(count === undefined ? {} : { count: around.count(count.bind(access)) }),
  };
}
