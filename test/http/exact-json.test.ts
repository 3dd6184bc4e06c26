import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { checkExact } from '../../src/http/exact-json.ts';
import { random } from '../random.ts';

/** Code and place of what is wrong; undefined: nothing. */
function doubt(text: string): string | undefined {
  JSON.parse(text);
  try {
    checkExact(text);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Fault && error.kind === 'invalid');
    return `${error.code} ${error.place.parameter}`;
  }
}

describe('exact JSON', () => {
  it('names no member of one object twice, however it is written', () => {
    assert.equal(doubt('{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}'), undefined);
    assert.equal(doubt('{"a":1,"a":1}'), 'repeated-member a');
    assert.equal(doubt('{"a":1,"\\u0061":1}'), 'repeated-member a');
    assert.equal(doubt('{ "x" : [ 1, { "b" : "}" , "c":[], "b" : 2 } ] }'), 'repeated-member x[1].b');
    assert.equal(doubt('{"__proto__":1,"__proto__":2}'), 'repeated-member __proto__');
    assert.equal(doubt('[{"":1},{"":1}]'), undefined);
    assert.equal(doubt('{"a":"\\"a\\":1,\\\\","b":"\\\\"}'), undefined);
    assert.equal(doubt('["a","a",true,false,null,"e"]'), undefined);
  });

  it('holds no number that reads as a plainer one', () => {
    for (const fine of [
      '1',
      '-0',
      '0.1',
      '1e400',
      '9007199254740992',
      '100000000000000000000000',
      '0.30000000000000004',
      '1.7976931348623157e308',
    ]) {
      assert.equal(doubt(`{"a":${fine}}`), undefined, fine);
    }
    for (const other of [
      '9007199254740993',
      '-12345678901234567890',
      '1.00000000000000000001',
      '0.99999999999999999999',
      '-100.00000000000000000000000000001e5',
    ]) {
      assert.equal(doubt(`{"r":[0,{"a":${other}}]}`), 'bad-value r[1].a', other);
    }
    assert.equal(doubt(`{"a":1.${'0'.repeat(500_000)}}`), undefined);
    assert.equal(doubt(`{"a":1.${'0'.repeat(500_000)}1}`), 'bad-value a');
  });

  it('is what JSON.stringify writes, of anything', () => {
    const { int, chance } = random(7);
    const value = (depth: number): unknown => {
      switch (int(depth > 3 ? 5 : 7)) {
        case 0:
          return ((int(2 ** 30) - 2 ** 29) / 2 ** 29) * 10 ** (int(40) - 20);
        case 1:
          return int(2 ** 31) * 2 ** 22 + int(2 ** 22);
        case 2:
          return chance(0.5);
        case 3:
          return null;
        case 4:
          return `${String.fromCharCode(...Array.from({ length: 5 }, () => 32 + int(100)))}\\"`;
        case 5:
          return Array.from({ length: 3 }, () => value(depth + 1));
        default:
          return Object.fromEntries(['a', '"', '\\', '{'].map((name) => [name, value(depth + 1)]));
      }
    };
    for (let i = 0; i < 300; i++) assert.equal(doubt(JSON.stringify(value(0), null, i % 3)), undefined);
  });
});
