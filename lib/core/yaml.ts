import { Yaml } from 'cdk8s';
import { digest, memoize } from './memoize';
import { isRecord } from './option-rules';

/** Short texts that are written without quotes; cdk8s decides about all others. */
const PLAIN = /^(?!(?:y|n|yes|no|true|false|on|off|null)$)[a-z_/(](?:[!-~]|(?<!:) (?![#]|$)){0,900}(?<!:)$/i;

/** Number of characters from which cdk8s writes a name on a line of its own. */
const LONG_NAME = 1_000;

/** Maximum number of cached texts, since a process may synthesize thousands of environments. */
const MOST = 50_000;

/** The end of a line before one that is not empty. */
const LINE_END = /\n(?=[^\n])/g;

/**
 * Writes an object or a list as YAML, byte for byte as `Yaml.stringify` of cdk8s does, in half of its time:
 * cdk8s writes each text once, since most are repeated. The differences: repeated objects are written in full,
 * since not every program supports anchors; undefined fields are left out; names that begin with `---` or
 * `...` are quoted at each depth.
 */
export const yaml = memoize(
  'YAML',
  (value: object): string => {
    const { names, texts } = collectScalars(value);
    if ([...names].some((name) => name.length > LONG_NAME)) return Yaml.stringify(value);
    knownTexts.learn(texts);
    knownNames.learn(names);
    return `${renderNode(value, '')}\n`;
  },
  digest,
);

/** Strings as they are written in YAML, with continuation lines indented by two spaces. */
class KnownTexts<T> {
  private readonly known = new Map<T, string>();

  /** @param written has cdk8s write a list of these values */
  constructor(private readonly written: (values: readonly T[]) => readonly string[]) {}

  learn(values: ReadonlySet<T>): void {
    if (this.known.size > MOST) this.known.clear();
    const unknown = [...values].filter((value) => !this.known.has(value));
    const texts = unknown.length ? this.written(unknown) : [];
    for (const [index, value] of unknown.entries()) this.known.set(value, texts[index] ?? '');
  }

  scalarText(value: T): string {
    return typeof value === 'string' && PLAIN.test(value) ? value : (this.known.get(value) ?? '');
  }
}

const knownTexts = new KnownTexts<unknown>((values) => renderMembers(values));
const knownNames = new KnownTexts<string>((names) =>
  renderMembers(names.map((name) => ({ [name]: 0 }))).map((text) => text.slice(0, -': 0'.length)),
);

/** Returns the text of each member of a list. */
const renderMembers = (list: readonly unknown[]): readonly string[] =>
  Yaml.stringify(list)
    .slice(0, -1)
    .split(/\n(?=- )/)
    .map((line) => line.slice('- '.length));

/** The names and texts of an object about whose form cdk8s decides. */
interface Parts {
  readonly names: Set<string>;
  readonly texts: Set<unknown>;
}

function collectScalars(value: unknown, parts: Parts = { names: new Set(), texts: new Set() }): Parts {
  if (Array.isArray(value)) {
    for (const member of value) collectScalars(member, parts);
  } else if (isRecord(value)) {
    for (const [name, held] of Object.entries(value)) {
      if (!PLAIN.test(name)) parts.names.add(name);
      collectScalars(held, parts);
    }
  } else if (typeof value !== 'string' || !PLAIN.test(value)) {
    parts.texts.add(value);
  }
  return parts;
}

function renderNode(value: unknown, indent: string): string {
  if (Array.isArray(value)) return renderList(value, indent);
  if (isRecord(value)) return renderMap(value, indent);
  const text = knownTexts.scalarText(value);
  return text.includes('\n') ? text.replaceAll(LINE_END, `\n${indent.slice(2)}`) : text;
}

function renderList(values: readonly unknown[], indent: string): string {
  if (values.length === 0) return '[]';
  return values.map((value) => `- ${renderNode(value, `${indent}  `)}`).join(`\n${indent}`);
}

function renderMap(fields: object, indent: string): string {
  const inner = `${indent}  `;
  const lines: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    lines.push(
      `${knownNames.scalarText(name)}:${isNonEmptyCollection(value) ? `\n${inner}` : ' '}${renderNode(value, inner)}`,
    );
  }
  return lines.length ? lines.join(`\n${indent}`) : '{}';
}

const isNonEmptyCollection = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : isRecord(value) && Object.values(value).some((held) => held !== undefined);
