// Knows: what a collection of operations is once its options are understood, and what gathers everything that is wrong with them.
// Must not know: how options are understood, how operations are called.

import { type Collection, Fault, type FaultDetail, type Operator, type Scalar } from '#spi';
import type { Callable } from '../contract/call.ts';
import type { PagingOptions } from './options.ts';
import type { Input } from './paths.ts';

export interface KeyArgument {
  readonly field: string;
  readonly type: Scalar;
  /** Path of the argument; of `getMany` with groups, the path inside a group. */
  readonly argument: string;
}

export interface MappedGet {
  readonly call: Callable;
  readonly keys: readonly KeyArgument[];
  readonly row: string | undefined;
  readonly constants: Input;
}

export interface MappedGetMany {
  readonly call: Callable;
  readonly keys: readonly KeyArgument[];
  /** Path of the list that takes keys, or groups of them where `grouped`. */
  readonly list: string;
  readonly grouped: boolean;
  readonly rows: string | undefined;
  readonly max: number;
  readonly constants: Input;
}

export interface Condition {
  readonly field: string;
  readonly operator: Operator;
  readonly argument: string;
  readonly exact: boolean;
}

export interface MappedSearch {
  readonly call: Callable;
  readonly conditions: readonly Condition[];
  readonly required: readonly string[];
  readonly rows: string | undefined;
  readonly constants: Input;
  readonly paging: PagingOptions | undefined;
}

export interface Mapped {
  readonly collection: Collection;
  readonly get?: MappedGet;
  readonly getMany?: MappedGetMany;
  readonly searches: readonly MappedSearch[];
  /** Calls at the same time. */
  readonly concurrency: number;
  /** Key fields that rows lack: they are taken from the arguments of `get`. */
  readonly fromArguments: readonly string[];
}

/** Everything that is wrong with one collection. */
export interface Problems {
  add(message: string): void;
  /** The result, or nothing after its message was added. */
  check<T extends object>(result: T | string): T | undefined;
  /** Throws one misconfigured Fault with all of them, if there are any. */
  throwAny(): void;
}

export function problemsOf(collection: string): Problems {
  const messages: string[] = [];
  return {
    add: (message) => {
      if (!messages.includes(message)) messages.push(message);
    },
    check(result) {
      if (typeof result !== 'string') return result;
      this.add(result);
      return undefined;
    },
    throwAny() {
      const [first] = messages;
      if (first === undefined) return;
      const errors = messages.map((message): FaultDetail => ({ message, collection }));
      throw new Fault('invalid', messages.length > 1 ? `${first} (and ${messages.length - 1} more)` : first, {
        code: 'bad-mapping',
        collection,
        misconfigured: true,
        ...(errors.length > 1 ? { errors } : {}),
      });
    },
  };
}

/** The name of an operation for messages. */
export function ownerOf({ operation }: Callable): string {
  return `"${operation.legacyName ?? operation.name}"`;
}
