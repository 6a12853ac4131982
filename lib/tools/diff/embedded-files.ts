import { structuredPatch } from 'diff';
import { parse } from 'yaml';

const PARSERS_BY_EXTENSION: Readonly<Record<string, (text: string) => unknown>> = {
  yaml: (text) => parse(text, { logLevel: 'silent' }),
  yml: (text) => parse(text, { logLevel: 'silent' }),
  json: JSON.parse,
  ini: parseIni,
};

/** Parses a configuration file by its extension; undefined for other files. */
export function parseConfiguration(name: string, text: string): unknown {
  const parser = PARSERS_BY_EXTENSION[/\.(\w+)$/.exec(name)?.[1] ?? ''];
  try {
    return parser?.(text);
  } catch {
    return undefined;
  }
}

/** Returns the lines that only one of two texts has, with a line of context. */
export function lineChanges(before: string, after: string): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 1 });
  return hunks.flatMap(({ newStart, lines }) => [`@@ line ${newStart} @@`, ...lines]);
}

/** Parses INI: sections of keys; other lines are kept unchanged. */
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
