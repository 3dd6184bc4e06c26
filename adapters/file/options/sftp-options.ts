// Knows: the options of a place for files that is reached by SFTP; the descriptions become schema and documentation.
// Must not know: what is done with them.

import { z } from 'zod';
import { secretReference } from '#spi';

/** What ssh2 knows beside its defaults, and OpenSSL still has. */
const algorithms = z
  .strictObject({
    keyExchange: z
      .array(
        z.enum([
          'diffie-hellman-group-exchange-sha1',
          'diffie-hellman-group14-sha1',
          'diffie-hellman-group1-sha1',
        ]),
      )
      .optional()
      .describe('Key exchanges'),
    ciphers: z
      .array(z.enum(['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc']))
      .optional()
      .describe('Ciphers'),
    hostKeys: z.array(z.literal('ssh-dss')).optional().describe('Kinds of host keys'),
    macs: z
      .array(z.enum(['hmac-md5', 'hmac-sha1-96', 'hmac-md5-96']))
      .optional()
      .describe('Codes that authenticate each message'),
  })
  .describe('For old servers: algorithms that are accepted beside the safe ones, which are still preferred');

const fingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'A fingerprint as ssh-keygen -l prints it: SHA256:…');

export const sftp = z
  .strictObject({
    host: z.string().min(1).describe('Host of the server'),
    port: z.int().min(1).max(65_535).default(22).describe('Port of the server'),
    user: z.string().min(1).describe('Login of the gateway'),
    password: secretReference.optional().describe('Password of the login'),
    privateKey: secretReference
      .optional()
      .describe('Private key of the login, in the format of OpenSSH or PEM'),
    passphrase: secretReference.optional().describe('Passphrase of the private key'),
    agent: z.string().min(1).optional().describe('Socket of an SSH agent that holds the key of the login'),
    keyboardInteractive: z
      .boolean()
      .default(false)
      .describe('The server asks for the password by prompts (keyboard-interactive)'),
    hostKey: z
      .union([fingerprint, z.array(fingerprint).min(1)])
      .meta({
        title: 'a fingerprint as ssh-keygen -l prints it, SHA256:… with 43 characters, or a list of them',
      })
      .optional()
      .describe('Fingerprint of the host key, or of several of which the server may have any'),
    knownHosts: z
      .string()
      .min(1)
      .optional()
      .describe('Instead of hostKey: a file known_hosts of OpenSSH, relative to the configuration file'),
    root: z
      .string()
      .min(1)
      .optional()
      .describe('Folder of the files on the server; by default the one that the login begins in'),
    connections: z.int().min(1).max(100).default(2).describe('Most connections to the server at once'),
    keepAliveMs: z
      .int()
      .min(0)
      .default(15_000)
      .describe(
        'A silent connection is asked for a sign of life this often; lost after three without. 0: never',
      ),
    connectMs: z.int().min(1).default(15_000).describe('Longest wait for a connection and its login'),
    stallMs: z
      .int()
      .min(1)
      .default(30_000)
      .describe('A server that owes an answer and sends nothing for this long is given up'),
    settleMs: z
      .int()
      .min(0)
      .default(5_000)
      .describe('A file that changed more recently may still be written to, and is not shown yet'),
    maxAgeMs: z
      .int()
      .min(0)
      .default(10_000)
      .describe('A request looks for a newer version when the last look is longer ago'),
    waitMs: z
      .int()
      .min(0)
      .default(5_000)
      .describe('Longest wait for that look; then the version that is there is served, and the look goes on'),
    rename: z
      .boolean()
      .default(true)
      .describe(
        'A file is written beside the old one and renamed over it. false: it is written in its place, for data sets of z/OS and servers that ' +
          'cannot rename; what is broken off then leaves a part of it',
      ),
    algorithms: algorithms.optional(),
  })
  .superRefine((given, context) => {
    const refuse = (message: string, path: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (given.password === undefined && given.privateKey === undefined && given.agent === undefined) {
      refuse('Give one of "password", "privateKey" and "agent"', 'password');
    }
    if (given.passphrase !== undefined && given.privateKey === undefined) {
      refuse('Only a private key has a passphrase', 'passphrase');
    }
    if (given.keyboardInteractive && given.password === undefined) {
      refuse('Prompts are answered by "password"', 'keyboardInteractive');
    }
    if (given.hostKey !== undefined && given.knownHosts !== undefined) {
      refuse('Give either "hostKey" or "knownHosts"', 'knownHosts');
    }
  });

export type SftpOptions = z.infer<typeof sftp>;
