// An authority that signs certificates with openssl, in a folder that is gone after the tests.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export interface Certificate {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
  readonly cert: Buffer;
  readonly secret: Buffer;
}

export interface Authority extends Certificate {
  /** `subject` as openssl wants it: `/O=Bank/CN=web`. `days` may be negative: then it has ended. */
  issue(name: string, options?: { readonly subject?: string; readonly days?: number }): Certificate;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function authority(commonName: string): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-ca-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const files = (name: string): Certificate => {
    const certificate = join(folder, `${name}.pem`);
    const key = join(folder, `${name}.key`);
    return { certificate, key, cert: readFileSync(certificate), secret: readFileSync(key) };
  };
  const at = (name: string): readonly string[] => [
    '-keyout',
    join(folder, `${name}.key`),
    '-out',
    join(folder, `${name}.pem`),
  ];
  openssl('req', '-x509', ...EC, '-days', '2', '-subj', `/CN=${commonName}`, ...at('ca'));
  const ca = files('ca');
  return {
    ...ca,
    issue(name, { subject = `/CN=${name}`, days = 2 } = {}) {
      const time =
        days > 0
          ? ['-days', String(days)]
          : ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z'];
      const signed = ['-CA', ca.certificate, '-CAkey', ca.key];
      const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
      openssl('req', '-x509', ...EC, ...time, '-utf8', '-subj', subject, ...signed, ...names, ...at(name));
      return files(name);
    },
  };
}
