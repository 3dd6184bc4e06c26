import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalFingerprint, canonicalName } from '../../src/auth/distinguished-name.ts';

describe('a distinguished name', () => {
  const same: readonly (readonly [rule: string, a: string, b: string])[] = [
    ['from either end', 'CN=web,O=Bank,C=CH', 'C=CH,O=Bank,CN=web'],
    ['as openssl prints it', 'C=CH,O=Bank,CN=web', 'C = CH, O = Bank, CN = web'],
    ['as the certificate has it, on lines', 'O=Bank,CN=web', 'O=Bank\nCN=web'],
    ['with types in any case', 'cn=web,o=Bank', 'CN=web,O=Bank'],
    ['with a value in quotes or escaped', 'CN="web, team",O=Bank', 'CN=web\\, team,O=Bank'],
    ['with a character as its bytes', 'CN=Z\\C3\\BCrich', 'CN=Zürich'],
    ['with an escaped comma as its byte', 'CN=a\\2Cb', 'CN=a\\,b'],
    ['with several attributes in one part, in any order', 'CN=web+UID=7,O=Bank', 'UID=7+CN=web,O=Bank'],
    ['with the short name of an address', 'E=a@b.example,CN=web', 'emailAddress=a@b.example,CN=web'],
  ];
  for (const [rule, a, b] of same) {
    it(`is the same ${rule}`, () => {
      assert.ok(canonicalName(a) !== undefined);
      assert.equal(canonicalName(a), canonicalName(b));
    });
  }

  const different: readonly (readonly [rule: string, a: string, b: string])[] = [
    ['with another value', 'CN=web,O=Bank', 'CN=Web,O=Bank'],
    ['with a part more', 'CN=web,O=Bank', 'CN=web,O=Bank,OU=IT'],
    ['with its parts among each other', 'CN=web,O=Bank,C=CH', 'O=Bank,CN=web,C=CH'],
    ['where a value only looks like two parts', 'CN=web\\,O=Bank', 'CN=web,O=Bank'],
    ['where a value holds a line end', 'CN=web\\0AO=Bank', 'CN=web\nO=Bank'],
    ['with its attributes in parts of their own', 'CN=web+O=Bank', 'CN=web,O=Bank'],
  ];
  for (const [rule, a, b] of different) {
    it(`is another one ${rule}`, () => {
      assert.notEqual(canonicalName(a), canonicalName(b));
    });
  }

  it('is none without a type and a value', () => {
    for (const text of ['', 'web', 'CN', 'CN=', '=web', 'CN=web,', 'CN=web,,O=Bank', '7=web']) {
      assert.equal(canonicalName(text), undefined, text);
    }
  });

  it('is not needed for a fingerprint, which is read with and without colons', () => {
    assert.equal(canonicalFingerprint('AB:01'), canonicalFingerprint('ab01'));
  });
});
