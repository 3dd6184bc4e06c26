// Knows: how JavaScript text is put together and becomes a function.
// Must not know: what the function does. Names and literals of users enter as constants or as JSON, never as code.

import { recent } from '../../model/recent.ts';

/**
 * Functions of one text that differ in their constants alone, such as the tests of one filter with other literals, are optimized together:
 * an engine keeps what it learned with the function that made them.
 */
const makers = recent<ReturnType<typeof Function>>(256);

/** A function being written: its lines, and the values that it closes over. */
export interface Program {
  /** A line of the function's body. */
  line(code: string): void;
  /** An identifier that is used nowhere else in the program. */
  fresh(): string;
  /** The identifier under which the body finds a value. */
  constant(value: unknown): string;
  /** A function of its own, whose lines are written by `write`; returns its name. Engines optimize small functions sooner and better. */
  part(parameters: string, write: () => void): string;
  /** The finished function. `state`: declarations that live as long as the function. */
  build(parameters: string, state?: string): unknown;
}

export function program(): Program {
  let lines: string[] = [];
  const parts: string[] = [];
  const constants = new Map<unknown, string>();
  let count = 0;
  return {
    line(code) {
      lines.push(code);
    },
    fresh: () => `v${count++}`,
    constant(value) {
      const known = constants.get(value);
      if (known !== undefined) return known;
      const name = `c${constants.size}`;
      constants.set(value, name);
      return name;
    },
    part(parameters, write) {
      const name = this.fresh();
      const around = lines;
      lines = [];
      write();
      parts.push(`function ${name}(${parameters}) {\n${lines.join('\n')}\n}`);
      lines = around;
      return name;
    },
    build(parameters, state = '') {
      const body = `return function (${parameters}) {\n${lines.join('\n')}\n};`;
      const text = ["'use strict';", state, ...parts, body].join('\n');
      const names = [...constants.values()];
      const make = makers(`${names.length} ${text}`, () => new Function(...names, text));
      return Reflect.apply(make, undefined, [...constants.keys()]);
    },
  };
}

/** A member name inside an object literal. A literal `__proto__:` would set the prototype; a computed one is a plain name. */
export function memberName(name: string): string {
  const text = JSON.stringify(name);
  return name === '__proto__' ? `[${text}]` : text;
}
