import { structuredPatch } from 'diff';
import { parse } from 'yaml';

const PARSERS_BY_EXTENSION: Readonly<Record<string, (text: string) => unknown>> = {
  yaml: (text) => parse(text, { logLevel: 'silent' }),
  yml: (text) => parse(text, { logLevel: 'silent' }),
  json: JSON.parse,
  ini: parseIni,
};

/**
 * Parses a configuration file in YAML, JSON or INI format. The extension of the file name determines the format. Returns
 * `undefined` for other extensions and for invalid files.
 */
export function tryParseConfiguration(name: string, text: string): unknown {
  const parser = PARSERS_BY_EXTENSION[/\.(\w+)$/.exec(name)?.[1] ?? ''];
  try {
    return parser?.(text);
  } catch {
    return undefined;
  }
}

/** Returns the lines that differ between two texts as a unified diff, with one line of context. */
export function unifiedDiffLines(before: string, after: string): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 1 });
  return hunks.flatMap(({ newStart, lines }) => [`@@ line ${newStart} @@`, ...lines]);
}

/** Parses a file in INI format: its sections with their keys and values. A line without a value becomes a key. */
function parseIni(text: string): unknown {
  const sections: Record<string, Record<string, string>> = {};
  let section = '';
  for (const line of text.split('\n')) {
    const [, heading] = /^\s*\[(.+)\]\s*$/.exec(line) ?? [];
    const [, key = line.trim(), value = ''] = /^\s*([^=;#]+?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (key) sections[section] = { ...sections[section], [key]: value };
  }
  return sections;
}
