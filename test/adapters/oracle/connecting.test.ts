// What options become on the way to the driver, and which fault each of its errors is.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { poolAttributes } from '../../../adapters/oracle/connect.ts';
import { isLost, oracleFault } from '../../../adapters/oracle/faults.ts';
import { options } from '../../../adapters/oracle/options.ts';
import { fakeOracle, njsError, oraError } from '../../fakes/oracledb/oracledb.ts';
import { access, fault, host, openFake } from './server.ts';

const { module } = fakeOracle('BANK', []);
const secrets = { ...host, secret: async () => 'oracle://me:p%40ss@db.example.com:1522/bank' };
const login = { user: 'reader', password: { env: 'PASSWORD' }, collections: {} };

const attributesOf = (given: object, own = host) =>
  poolAttributes(options.parse({ collections: {}, ...given }), own, module);

describe('the connection of an Oracle source', () => {
  it('is encrypted and its certificate checked unless said otherwise', async () => {
    const secure = await attributesOf({ ...login, host: 'db.example.com', service: 'bank' });
    assert.equal(
      secure.connectString,
      '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCPS)(HOST=db.example.com)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=bank)))',
    );
    assert.equal(secure.sslServerDNMatch, true);
    assert.deepEqual([secure.user, secure.password], ['reader', 'secret {"env":"PASSWORD"}']);
    const plain = await attributesOf({ ...login, host: 'db', sid: 'ORCL', tls: false });
    assert.match(plain.connectString, /PROTOCOL=TCP\).*CONNECT_DATA=\(SID=ORCL\)/);
    assert.equal(plain.sslServerDNMatch, undefined);
  });

  it('the address behind url is read by us', async () => {
    const { connectString, user, password } = await attributesOf({ url: { env: 'DB' }, tls: false }, secrets);
    assert.match(connectString, /\(HOST=db\.example\.com\)\(PORT=1522\).*SERVICE_NAME=bank/);
    assert.deepEqual([user, password], ['me', 'p@ss']);
    for (const address of [
      'oracle://me@db/bank)(X=1',
      'oracle://me@db',
      'postgres://me@db/bank',
      'oracle://me@db/bank?tls=off',
    ]) {
      await assert.rejects(
        attributesOf({ url: { env: 'DB' } }, { ...host, secret: async () => address }),
        fault('invalid', 'bad-connection', true),
        address,
      );
    }
  });

  it('a connect string must say that it is encrypted, or the configuration that it is not', async () => {
    const refused = [
      'db.example.com/bank',
      '//db.example.com:1521/bank',
      'tcp://db/bank',
      '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=a)(PORT=1))(CONNECT_DATA=(SID=x)))',
      '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCPS)(HOST=a)(PORT=1))(ADDRESS=(PROTOCOL=tcp)(HOST=b)(PORT=1)))',
    ];
    for (const connectString of refused) {
      await assert.rejects(
        attributesOf({ ...login, connectString }),
        fault('invalid', 'bad-connection', true),
        connectString,
      );
      assert.equal(
        (await attributesOf({ ...login, connectString, tls: false })).connectString,
        connectString,
      );
    }
    for (const connectString of [
      'tcps://db/bank',
      'BANK',
      '(DESCRIPTION=(ADDRESS=(PROTOCOL = TCPS)(HOST=a)(PORT=1)))',
    ]) {
      assert.equal((await attributesOf({ ...login, connectString })).connectString, connectString);
    }
    const client = { libDir: '/opt/oracle' };
    await assert.rejects(
      attributesOf({ ...login, connectString: 'BANK', client }),
      fault('invalid', 'bad-connection', true),
    );
  });

  it('a name in tnsnames.ora that leads to a connection without TLS is refused when it is made', async () => {
    const fake = fakeOracle('BANK', []);
    const given = { host: undefined, service: undefined, connectString: 'BANK', tls: {}, collections: {} };
    await assert.rejects(openFake(fake, given), fault('unavailable', 'tls'));
    assert.deepEqual(fake.statements, [], 'nothing was asked');
    fake.protocol = 'TCPS';
    await openFake(fake, given);
  });

  it('a wallet, an edition and a login from outside go through', async () => {
    const given = {
      connectString: 'BANK',
      externalAuth: true,
      configDir: 'net',
      wallet: { folder: 'wallet', password: { file: 'w' } },
      edition: 'E1',
      tls: { matchName: false, serverDn: 'CN=db' },
    };
    const made = await attributesOf(given);
    assert.deepEqual(
      [made.externalAuth, made.walletLocation, made.walletPassword, made.configDir, made.edition, made.user],
      [true, 'wallet', 'secret {"file":"w"}', 'net', 'E1', undefined],
    );
    assert.deepEqual([made.sslServerDNMatch, made.sslServerCertDN], [false, 'CN=db']);
  });

  it('the thick mode is switched on before anything else, once for the process', async () => {
    const fake = fakeOracle('BANK', []);
    await openFake(fake, { collections: {}, client: { libDir: '/opt/oracle' } });
    assert.deepEqual(fake.clients, [{ libDir: '/opt/oracle' }]);
  });

  it('options that contradict each other are refused', () => {
    const refused: readonly object[] = [
      { host: 'db', service: 'x' },
      { host: 'db', ...login },
      { host: 'db', service: 'x', sid: 'y', ...login },
      { connectString: 'x', host: 'db', ...login },
      { url: { env: 'X' }, ...login },
      { connectString: 'x', externalAuth: true, ...login },
      { host: 'db)(PORT=1', service: 'x', ...login },
      { host: 'db', service: 'x', settings: { events: '10046 trace' }, ...login },
    ];
    for (const given of refused) {
      assert.equal(options.safeParse({ collections: {}, ...given }).success, false, JSON.stringify(given));
    }
    assert.equal(options.safeParse({ ...access, collections: {} }).success, true);
  });

  it('a setting that would end its statement is refused', async () => {
    for (const settings of [
      { optimizer_mode: 'x; drop' },
      { current_schema: 'a"b' },
      { nls_date_format: 'a\nb' },
    ]) {
      await assert.rejects(
        attributesOf({ ...login, host: 'db', service: 'x', settings }),
        fault('invalid', 'bad-connection', true),
      );
    }
  });
});

describe('errors of Oracle', () => {
  it('are told apart by their number', () => {
    for (const [number, kind, code] of [
      [1, 'conflict', 'duplicate'],
      [54, 'timeout', 'lock-timeout'],
      [60, 'conflict', 'deadlock'],
      [942, 'upstream', 'sql-error'],
      [1013, 'timeout', 'cancelled'],
      [1017, 'unavailable', 'login'],
      [1031, 'upstream', 'permission'],
      [1400, 'rejected', 'not-null'],
      [1438, 'invalid', 'bad-value'],
      [1555, 'unavailable', 'snapshot-too-old'],
      [2290, 'rejected', 'check-constraint'],
      [2291, 'conflict', 'foreign-key'],
      [2292, 'conflict', 'foreign-key'],
      [3113, 'unavailable', 'connection-lost'],
      [3135, 'unavailable', 'connection-lost'],
      [8177, 'conflict', 'serialization'],
      [12514, 'unavailable', 'no-database'],
      [12541, 'unavailable', 'cannot-connect'],
      [12899, 'invalid', 'bad-value'],
      [20001, 'rejected', 'raised'],
      [28000, 'unavailable', 'login'],
      [29024, 'unavailable', 'tls'],
    ] as const) {
      fault(kind, code)(oracleFault(oraError(number)));
    }
    // The driver gives its own code to some; the number stays.
    fault('unavailable', 'connection-lost')(oracleFault(oraError(3113, { code: 'NJS-500' })));
  });

  it('of the driver are told apart by their code; a mistake in the configuration names the remedy', () => {
    fault('unavailable', 'no-connection')(oracleFault(njsError('NJS-040')));
    fault('unavailable', 'connection-lost')(oracleFault(njsError('NJS-500')));
    fault('unavailable', 'cannot-connect')(oracleFault(njsError('NJS-511')));
    fault('unavailable', 'tls')(oracleFault(njsError('NJS-507')));
    fault('unavailable', 'no-database')(oracleFault(njsError('NJS-518')));
    fault('invalid', 'bad-connection', true)(oracleFault(njsError('NJS-517')));
    assert.match(oracleFault(njsError('NJS-138')).place.hint ?? '', /client: \{ libDir/);
    fault('internal', 'internal')(oracleFault(njsError('NJS-011')));
  });

  it('say whether the connection is still one', () => {
    for (const error of [oraError(3113), oraError(28), oraError(1089), njsError('NJS-501'), new Error('x')]) {
      assert.equal(isLost(error), true, String(error));
    }
    for (const error of [oraError(1), oraError(1013), oraError(20_500), njsError('NJS-011')]) {
      assert.equal(isLost(error), false, String(error));
    }
  });
});
