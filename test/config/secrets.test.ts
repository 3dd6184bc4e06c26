import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecrets } from '../../src/config/secrets.ts';
import { Fault } from '../../src/fault.ts';
import { folderWith } from './written.ts';

const CANARY = 'pa$$"w\\örd/1';

function refused(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.misconfigured, true);
    assert.equal(error.code, 'secret-missing');
    assert.match(error.message, message);
    return true;
  };
}

describe('a secret', () => {
  it('comes from the environment', async () => {
    const secrets = createSecrets('/', { LEDGER: CANARY });
    assert.equal(await secrets.read({ env: 'LEDGER' }), CANARY);
  });

  it('comes from a file below the folder of the configuration, without the line end behind it', async () => {
    const folder = folderWith({ unix: `${CANARY}\n`, windows: `${CANARY}\r\n`, lines: 'a\nb\n\n' });
    const secrets = createSecrets(folder, {});
    assert.equal(await secrets.read({ file: 'unix' }), CANARY);
    assert.equal(await secrets.read({ file: 'windows' }), CANARY);
    assert.equal(await secrets.read({ file: 'lines' }), 'a\nb\n');
  });

  it('that is not there is a misconfigured fault that names the reference', async () => {
    const secrets = createSecrets(folderWith({ empty: '\n' }), { BLANK: '' });
    await assert.rejects(secrets.read({ env: 'NONE' }), refused(/variable "NONE" .* not set/));
    await assert.rejects(secrets.read({ env: 'BLANK' }), refused(/"BLANK"/));
    await assert.rejects(secrets.read({ file: 'none' }), refused(/cannot be read: none/));
    await assert.rejects(secrets.read({ file: 'empty' }), refused(/empty: empty/));
  });

  it('is blotted out of every text, as it stands, in JSON and in a URL', async () => {
    const secrets = createSecrets('/', { LEDGER: CANARY });
    const line = JSON.stringify({ url: `db://u:${encodeURIComponent(CANARY)}@h`, password: CANARY });
    assert.equal(secrets.redact(line), line, 'unknown before it is read');
    await secrets.read({ env: 'LEDGER' });
    assert.equal(secrets.redact(line), '{"url":"db://u:[secret]@h","password":"[secret]"}');
    assert.equal(secrets.redact(`login ${CANARY} failed`), 'login [secret] failed');
  });

  it('that is an address is blotted out as a whole, and so is its password, as it is written and as it is meant', async () => {
    const secrets = createSecrets('/', {
      LEDGER: 'mssql://gateway:p%40ss%2Fword@ledger:1433/BANK',
      OTHER: 'p@ss/word-longer',
    });
    await secrets.read({ env: 'LEDGER' });
    await secrets.read({ env: 'OTHER' });
    assert.equal(
      secrets.redact(
        'at mssql://gateway:p%40ss%2Fword@ledger:1433/BANK: login by p@ss/word, p%40ss%2Fword, p@ss/word-longer',
      ),
      'at [secret]: login by [secret], [secret], [secret]',
    );
  });
});
