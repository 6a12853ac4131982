import { structuredPatch } from 'diff';
import { parse } from 'yaml';

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  yaml: (text) => parse(text, { logLevel: 'silent' }),
  yml: (text) => parse(text, { logLevel: 'silent' }),
  json: JSON.parse,
  ini: parseIni,
};

/** What a configuration file says, by the ending of its name; nothing when it is no such file. */
export function configurationOf(name: string, text: string): unknown {
  const parser = PARSERS[/\.(\w+)$/.exec(name)?.[1] ?? ''];
  try {
    return parser?.(text);
  } catch {
    return undefined;
  }
}

/** The lines that are only in one of two texts, with the line before and after. */
export function linesOf(before: string, after: string): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 1 });
  return hunks.flatMap(({ newStart, lines }) => [`@@ line ${newStart} @@`, ...lines]);
}

/** Sections of keys; a line that is neither stays as it is. */
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
