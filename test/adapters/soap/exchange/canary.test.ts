// Canaries stand in every secret, header, argument and envelope; everything that leaves the gateway is searched for them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { adapters } from '../../../../adapters/index.ts';
import { createLog } from '../../../../src/cli/log.ts';
import { loadConfig } from '../../../../src/config/config.ts';
import { createSecrets } from '../../../../src/config/secrets.ts';
import { createFacades } from '../../../../src/gateway/facades.ts';
import { openGateway } from '../../../../src/gateway.ts';
import { listen } from '../../../../src/http/listen.ts';
import { answering, envelope, type Script, startScripted } from '../../../fakes/scripted-http.ts';
import { literalWsdl } from '../opening.ts';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-canary-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SECRETS = {
  USER_NAME: 'CANARY-user',
  PASSWORD: 'CANARY-password',
  WS_PASSWORD: 'CANARY-ws-password',
  API_KEY: 'CANARY-api-key',
  SESSION: 'CANARY-session',
  ENDPOINT: '',
};
const SCHEMA = `<xs:element name="Ask"><xs:complexType><xs:sequence><xs:element name="text" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="AskResponse"><xs:complexType><xs:sequence><xs:element name="count" type="xs:int"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="Session"><xs:complexType><xs:sequence><xs:element name="Token" type="xs:string"/></xs:sequence></xs:complexType></xs:element>`;
const WSDL = literalWsdl(SCHEMA, ['Ask'])
  .replace(
    '<wsdl:portType',
    '<wsdl:message name="Session"><wsdl:part name="Session" element="t:Session"/></wsdl:message><wsdl:portType',
  )
  .replace(
    '<wsdl:input><soap:body use="literal"/></wsdl:input>',
    '<wsdl:input><soap:body use="literal"/><soap:header message="t:Session" part="Session" use="literal"/></wsdl:input>',
  );

/** Answers that hold the whole request, and then some. */
const ANSWERS: Readonly<Record<string, (request: string) => Script>> = {
  'an error page': (request) =>
    answering(`<html>${request} CANARY-page</html>`, { 'content-type': 'text/html' }, 500),
  'broken XML': (request) => answering(`${request}<CANARY-broken`),
  'another envelope': (request) =>
    answering(envelope(`<other xmlns="urn:x">${Buffer.from(request).toString('base64')}</other>`)),
  'a value of the wrong type': () =>
    answering(envelope('<AskResponse xmlns="urn:test"><count>CANARY-value</count></AskResponse>')),
  'a document type': () => answering('<!DOCTYPE CANARY><a/>'),
  'a fault with a trace': (request) =>
    answering(
      envelope(
        `<e:Fault><faultcode>e:Server</faultcode><faultstring>down</faultstring><detail><trace>CANARY-trace ${request.length}</trace></detail></e:Fault>`,
      ),
      {},
      500,
    ),
  'credentials refused': () =>
    answering(
      'CANARY-who',
      { 'www-authenticate': 'Basic realm="CANARY-realm"', 'content-type': 'text/plain' },
      401,
    ),
  'a redirect': () => answering('', { location: 'http://CANARY-host/', 'content-type': 'text/plain' }, 302),
  'nothing: the connection is cut': () => (_seen, res) => {
    res.destroy();
  },
};

describe('no secret and no envelope leaves the gateway', () => {
  for (const [what, answer] of Object.entries(ANSWERS)) {
    it(`when the service answers with ${what}`, async () => {
      await using server = await startScripted((seen, res) => answer(seen.body.toString('utf8'))(seen, res));
      writeFileSync(join(folder, 'service.wsdl'), WSDL);
      writeFileSync(
        join(folder, 'overpunch.yaml'),
        `access: { development: true }
sources:
  soap:
    adapter: soap
    wsdl: service.wsdl
    endpoint: { env: ENDPOINT }
    security: { basic: { user: { env: USER_NAME }, password: { env: PASSWORD } } }
    wsSecurity: { usernameToken: { user: someone, password: { env: WS_PASSWORD } } }
    httpHeaders: { X-Api-Key: { env: API_KEY } }
    headers: { Session: { token: { env: SESSION } } }
    operations: { Ask: { effect: read } }
`,
      );
      const { config, problems } = await loadConfig(join(folder, 'overpunch.yaml'), adapters);
      assert.ok(config, JSON.stringify(problems));
      const endpoint = `${server.url}?key=CANARY-query`;
      const secrets = createSecrets(config.folder, { ...SECRETS, ENDPOINT: endpoint });
      const left: string[] = [];
      const observations: string[] = [];
      const log = await createLog({ terminal: false, write: (text) => left.push(text) }, 'debug', secrets);
      const observe: typeof log = (observation) => {
        if (observation.kind === 'fault') {
          const { message, place, errors, sourceFault, code } = observation.fault;
          observations.push(inspect({ message, place, errors, sourceFault, code }, { depth: 9 }));
        }
        log(observation);
      };
      await using gateway = await openGateway(config, secrets, observe);
      assert.deepEqual(gateway.problems, []);
      const listening = await listen(await createFacades(gateway, config, { version: '0', observe }), {
        host: '127.0.0.1',
        port: 0,
      });
      for (const init of [
        ['/api/ask?text=CANARY-argument', {}],
        [
          '/api/ask',
          {
            method: 'POST',
            body: '{"text":"CANARY-argument"}',
            headers: { 'content-type': 'application/json' },
          },
        ],
        [
          '/graphql',
          {
            method: 'POST',
            body: '{"query":"{ ask(text: \\"CANARY-argument\\") }"}',
            headers: { 'content-type': 'application/json' },
          },
        ],
        ['/health', {}],
      ] as const) {
        const response = await fetch(listening.url + init[0], init[1]);
        left.push(
          `${init[0].split('?')[0]} ${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`,
        );
      }
      await listening.close(100);
      // The service itself did get them: the canaries are alive.
      const request = server.seen
        .map(({ headers, body }) => JSON.stringify(headers) + body.toString())
        .join('\n');
      for (const canary of ['CANARY-api-key', 'CANARY-ws-password', 'CANARY-session', 'CANARY-argument'])
        assert.ok(request.includes(canary), canary);
      assert.ok(left.length > 4 && observations.length > 0);
      for (const text of [...left, ...observations]) {
        assert.doesNotMatch(text, /CANARY|Q0FOQVJZ|<e:Envelope|<soap:/, text);
      }
    });
  }
});
