// Knows: how a saved model is read from its file.
// Must not know: what is made of it.

import { readFile } from 'node:fs/promises';
import { Fault, type Host } from '#spi';
import { type DatabaseModel, databaseModel } from './model.ts';

/** Throws a misconfigured Fault when the file cannot be read, is no model, or is the model of another product. */
export async function readModel(host: Host, shown: string, product: string): Promise<DatabaseModel> {
  const path = host.path(shown);
  host.describedBy?.(path);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unusable(`The saved model "${shown}" cannot be read: "overpunch import db" writes it`, cause);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unusable(`The saved model "${shown}" is no JSON`, cause);
  }
  const parsed = databaseModel.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined ? '' : ` at ${issue.path.join('.') || 'its top'}: ${issue.message}`;
    throw unusable(`"${shown}" is no saved model of a database${place}`, parsed.error);
  }
  if (parsed.data.product !== product) {
    throw unusable(`"${shown}" is the saved model of a ${parsed.data.product} database, not of ${product}`);
  }
  return parsed.data;
}

function unusable(message: string, cause?: unknown): Fault {
  return new Fault('invalid', message, { code: 'bad-model', misconfigured: true, cause });
}
