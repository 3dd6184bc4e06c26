// Knows: how a member is found in JSON that somebody else has made.
// Must not know: what it is for.

import type { Json } from '../model/value.ts';

export type JsonObject = { readonly [name: string]: Json };

export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The member called so, dots and all (`https://example.com/roles`), else the one at the dotted path; undefined where there is none. */
export function memberAt(json: JsonObject, path: string): Json | undefined {
  if (Object.hasOwn(json, path)) return json[path];
  let found: Json | undefined = json;
  for (const step of path.split('.')) {
    if (!isJsonObject(found) || !Object.hasOwn(found, step)) return undefined;
    found = found[step];
  }
  return found;
}
