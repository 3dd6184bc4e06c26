#!/usr/bin/env node
// Knows: which commands there are; the way in. Each command loads only what it needs.
// Must not know: what the commands do.

import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import type { Surroundings } from './cli/command.ts';
import type { Commands } from './cli/run.ts';

const COMMANDS: Commands = {
  serve: {
    summary: 'Serve the sources of a configuration over GraphQL and REST',
    load: async () => (await import('./cli/serve.ts')).serve,
  },
  check: {
    summary: 'Check a configuration and every source it names',
    load: async () => (await import('./cli/check.ts')).check,
  },
  key: {
    summary: 'Make an API key, and the line of the configuration that lets it in',
    load: async () => (await import('./cli/key.ts')).key,
  },
  rights: {
    summary: 'Show what roles of a configuration may do',
    load: async () => (await import('./cli/rights.ts')).rights,
  },
  import: {
    summary: 'Save what describes a legacy system, so that the gateway starts without it',
    load: async () => (await import('./cli/import.ts')).importing,
  },
  convert: {
    summary: 'Convert a file of records to NDJSON, JSON, CSV or another record format, and back',
    load: async () => (await import('./cli/convert.ts')).convert,
  },
  inspect: {
    summary: 'Show one record field by field: offset, bytes, picture, value or problem',
    load: async () => (await import('./cli/inspect.ts')).inspect,
  },
  layout: {
    summary: 'Show offsets and sizes of a copybook, or its types',
    load: async () => (await import('./cli/layout.ts')).layout,
  },
  detect: {
    summary: 'Find out which record format and character set a file has',
    load: async () => (await import('./cli/detect.ts')).detect,
  },
};

/** The version stands in the package beside this file's folder, in the repository as in what is published. */
function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}

const surroundings: Surroundings = {
  out: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  env: process.env,
  version: packageVersion(),
};

// A start is mostly compiling; what was compiled is kept in the folder for temporary files, where there is one.
enableCompileCache();
const { runCommand } = await import('./cli/run.ts');

// Nothing that a library leaves open may keep a finished command from ending.
process.exit(await runCommand(process.argv.slice(2), COMMANDS, surroundings));
