import { Yaml } from 'cdk8s';
import { hashInputToCacheKey, memoize } from './memoize';
import { isObjectNotList } from './option-rules';

/** Pattern for short texts that are written without quotes. cdk8s renders all other texts. */
const PLAIN = /^(?!(?:y|n|yes|no|true|false|on|off|null)$)[a-z_/(](?:[!-~]|(?<!:) (?![#]|$)){0,900}(?<!:)$/i;

/** Maximum length of keys in characters. cdk8s writes a longer key on a separate line, before its value. */
const LONG_NAME = 1_000;

/** Maximum number of cached texts. A process can synthesize thousands of environments. */
const MAX_TEXTS = 50_000;

/** Pattern for a line break before a line that is not empty. */
const LINE_END = /\n(?=[^\n])/g;

/**
 * Renders an object or a list as YAML. This takes half of the time of cdk8s' `Yaml.stringify`, because this function
 * calls cdk8s only once for each distinct text.
 *
 * The result is the same as that of `Yaml.stringify`, with three exceptions. Repeated objects are written in full,
 * because not every program supports anchors. Undefined fields are omitted. Keys that begin with `---` or `...` are
 * quoted at each depth.
 */
export const yaml = memoize(
  'YAML',
  (value: object): string => {
    const { names, texts } = collectTextsForCdk8s(value);
    if ([...names].some((name) => name.length > LONG_NAME)) return Yaml.stringify(value);
    knownTexts.renderAndCacheMissingTexts(texts);
    knownNames.renderAndCacheMissingTexts(names);
    return `${renderYamlValue(value, '')}\n`;
  },
  hashInputToCacheKey,
);

/** A cache with the YAML text of each scalar value. Continuation lines of a YAML text are indented by two spaces. */
class TextCache<T> {
  private readonly known = new Map<T, string>();

  /** Creates an empty cache. @param written returns the YAML text of each value in a list, as cdk8s renders it */
  constructor(private readonly written: (values: readonly T[]) => readonly string[]) {}

  renderAndCacheMissingTexts(values: ReadonlySet<T>): void {
    if (this.known.size > MAX_TEXTS) this.known.clear();
    const unknown = [...values].filter((value) => !this.known.has(value));
    const texts = unknown.length ? this.written(unknown) : [];
    for (const [index, value] of unknown.entries()) this.known.set(value, texts[index] ?? '');
  }

  renderScalar(value: T): string {
    return typeof value === 'string' && PLAIN.test(value) ? value : (this.known.get(value) ?? '');
  }
}

const knownTexts = new TextCache<unknown>((values) => renderListMembers(values));
const knownNames = new TextCache<string>((names) =>
  renderListMembers(names.map((name) => ({ [name]: 0 }))).map((text) => text.slice(0, -': 0'.length)),
);

/** Returns the YAML text of each member of a list, as cdk8s renders it. */
const renderListMembers = (list: readonly unknown[]): readonly string[] =>
  Yaml.stringify(list)
    .slice(0, -1)
    .split(/\n(?=- )/)
    .map((line) => line.slice('- '.length));

/**
 * The keys and scalar values of an object that cdk8s must render, for example because they need quotes. All other
 * keys and values are written unchanged.
 */
interface Parts {
  readonly names: Set<string>;
  readonly texts: Set<unknown>;
}

function collectTextsForCdk8s(value: unknown, parts: Parts = { names: new Set(), texts: new Set() }): Parts {
  if (Array.isArray(value)) {
    for (const member of value) collectTextsForCdk8s(member, parts);
  } else if (isObjectNotList(value)) {
    for (const [name, held] of Object.entries(value)) {
      if (!PLAIN.test(name)) parts.names.add(name);
      collectTextsForCdk8s(held, parts);
    }
  } else if (typeof value !== 'string' || !PLAIN.test(value)) {
    parts.texts.add(value);
  }
  return parts;
}

function renderYamlValue(value: unknown, indent: string): string {
  if (Array.isArray(value)) return renderList(value, indent);
  if (isObjectNotList(value)) return renderMap(value, indent);
  const text = knownTexts.renderScalar(value);
  return text.includes('\n') ? text.replaceAll(LINE_END, `\n${indent.slice(2)}`) : text;
}

function renderList(values: readonly unknown[], indent: string): string {
  if (values.length === 0) return '[]';
  return values.map((value) => `- ${renderYamlValue(value, `${indent}  `)}`).join(`\n${indent}`);
}

function renderMap(fields: object, indent: string): string {
  const inner = `${indent}  `;
  const lines: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    lines.push(
      `${knownNames.renderScalar(name)}:${isNonEmptyCollection(value) ? `\n${inner}` : ' '}${renderYamlValue(value, inner)}`,
    );
  }
  return lines.length ? lines.join(`\n${indent}`) : '{}';
}

const isNonEmptyCollection = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0
    : isObjectNotList(value) && Object.values(value).some((held) => held !== undefined);
