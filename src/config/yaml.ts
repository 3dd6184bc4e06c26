// Knows: YAML text → plain data, and where each part of the data stands in the text.
// Must not know: what the configuration means, files.

import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml';
import type { Path } from './problem.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A mistake in the YAML itself. */
export interface YamlProblem extends Place {
  readonly message: string;
}

export interface Yaml {
  readonly data: unknown;
  /** Where the value at the path stands, or its key; for what is not there, the nearest parent that is. */
  place(path: Path, of: 'value' | 'key'): Place;
}

export interface YamlReading {
  readonly yaml?: Yaml;
  readonly problems: readonly YamlProblem[];
}

/** A configuration of a human hand uses none; this many are no attack yet. */
const MAX_ALIASES = 100;

/**
 * YAML 1.2 with its core schema, and nothing of it that could surprise: no tags, no merge keys, one document, keys
 * that are text and stand once. Values are never repeated in a problem.
 */
export function readYaml(text: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    stringKeys: true,
    uniqueKeys: true,
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Nothing is printed; `silent` would also keep quiet about a second document.
    logLevel: 'error',
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };

  const problems: YamlProblem[] = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    ...placeAt(pos[0]),
    message: MESSAGES[code] ?? 'this is not valid YAML',
  }));
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    problems.push({ line: 1, column: 1, message: 'expected YAML 1.2; leave the %YAML directive out' });
  }
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '__proto__') {
        problems.push({ ...placeAt(startOf(key)), message: 'this cannot be a name; expected another one' });
      }
    },
    Node: (_, node) => {
      if (node.tag?.startsWith('!') === true && document.warnings.length === 0) {
        problems.push({ ...placeAt(startOf(node)), message: TAG });
      }
    },
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) {
        problems.push({ ...placeAt(startOf(alias)), message: 'expected an anchor with this name above' });
      }
    },
  });
  if (problems.length > 0) return { problems: firstOfEachLine(problems) };

  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    return { problems: [{ line: 1, column: 1, message: `expected at most ${MAX_ALIASES} uses of aliases` }] };
  }
  return {
    problems: [],
    yaml: {
      data,
      place: (path, of) => placeAt(locate(document, path)[of]),
    },
  };
}

/** One mistake makes the parser stumble several times; what follows the first on a line helps nobody. */
function firstOfEachLine(problems: readonly YamlProblem[]): readonly YamlProblem[] {
  const lines = new Map<number, YamlProblem>();
  for (const problem of problems) {
    const known = lines.get(problem.line);
    if (known === undefined || problem.column < known.column) lines.set(problem.line, problem);
  }
  return [...lines.values()].sort((a, b) => a.line - b.line);
}

const TAG = 'expected no tags: they have no meaning here';

/** What is wrong with the text, by the parser's code; its own messages may repeat the text. */
const MESSAGES: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'expected a name of letters and digits after the * or &',
  BAD_DIRECTIVE: 'expected no directive',
  BAD_DQ_ESCAPE: 'expected a valid escape after the backslash; text in single quotes needs none',
  BAD_INDENT: 'expected the indentation of the lines around it',
  BAD_SCALAR_START: 'expected quotes around text that starts with this character',
  BLOCK_AS_IMPLICIT_KEY: 'expected one "key: value" on a line',
  BLOCK_IN_FLOW: 'expected no indented block inside [ ] or { }',
  DUPLICATE_KEY: 'expected each key once; this one stands above already',
  KEY_OVER_1024_CHARS: 'expected a key of at most 1024 characters',
  MISSING_CHAR: 'expected a closing quote or bracket, a comma, or a space after the colon or comma',
  MULTILINE_IMPLICIT_KEY: 'expected a key on one line, with ":" and a space after it',
  MULTIPLE_DOCS: 'expected one document, not several with "---" between them',
  NON_STRING_KEY: 'expected a plain name as key',
  RESOURCE_EXHAUSTION: 'expected less nesting',
  TAB_AS_INDENT: 'expected spaces for indentation, not tabs',
  TAG_RESOLVE_FAILED: TAG,
  UNEXPECTED_TOKEN: 'expected "key: value", or "- value" in a list',
};

interface Location {
  /** Offset of the value's first character. */
  readonly value: number;
  /** Offset of the key that leads to it; in a list, of the entry. */
  readonly key: number;
  /** The path leads to something; otherwise this is its nearest parent that is there. */
  readonly whole: boolean;
}

function locate(document: Document.Parsed, path: Path): Location {
  let node = resolved(document, document.contents);
  let found: Location = { value: startOf(node), key: startOf(node), whole: path.length === 0 };
  for (const [i, step] of path.entries()) {
    const whole = i === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      const key = startOf(pair.key);
      node = pair.value;
      found = { value: standsBelow(node) ? key : startOf(node), key, whole };
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (item === undefined) break;
      node = item;
      found = { value: startOf(node), key: startOf(node), whole };
    } else break;
    node = resolved(document, node);
  }
  // A missing part is shown at the name of the part that should hold it.
  return found.whole ? found : { ...found, value: found.key };
}

/** A block below its key begins with a key of its own; the name above it says better what is meant. */
function standsBelow(node: unknown): boolean {
  return node === null || (isCollection(node) && node.flow !== true);
}

function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: unknown): number {
  const range = isRanged(node) ? node.range : undefined;
  return range?.[0] ?? 0;
}

function isRanged(node: unknown): node is Node | ParsedNode {
  return typeof node === 'object' && node !== null && 'range' in node;
}
