// An authority that signs certificates with openssl, in a folder of the test.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** Keeps its files in a folder of its own below `parent`. */
export function authority(commonName: string, parent: string): Authority {
  const folder = mkdtempSync(join(parent, 'ca-'));
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
      const wish = join(folder, `${name}.csr`);
      const [, key = ''] = at(name);
      const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
      openssl('req', '-new', ...EC, '-utf8', '-subj', subject, ...names, '-keyout', key, '-out', wish);
      const signed = ['-CA', ca.certificate, '-CAkey', ca.key, '-CAcreateserial', '-copy_extensions', 'copy'];
      // `req` makes none that has ended.
      openssl('x509', '-req', '-in', wish, '-days', String(days), ...signed, ...at(name).slice(2));
      return files(name);
    },
  };
}
