import { suggestedCommand } from '../process/command-lines';
import type { ObjectChange } from './compare';
import type { FieldChange } from './field-changes';
import { formatPath } from './paths';

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** Maximum number of characters of a field's value in the report. */
const MAX_VALUE_LENGTH = 200;

/** Maximum number of characters of the report in Markdown. GitHub's limit for comments is 65,536 characters. */
const MAX_COMMENT_LENGTH = 60_000;

/**
 * Formats changes for a terminal.
 * @param against what the synthesis was compared with, such as `dist` or `dist of main`
 */
export function formatTextReport(changes: readonly ObjectChange[], against: string): string {
  const objects = changes.map((change) =>
    [
      `${SIGNS[change.kind]} ${formatObjectTitle(change)}`,
      ...formatWarnings(change, '  ! '),
      ...change.fields.flatMap(formatFieldChange),
    ].join('\n'),
  );
  return [...objects, formatChangeCounts(changes, against), ''].join('\n');
}

/**
 * Formats changes as Markdown for a comment on a pull request. If the comment would be too long, it omits the last objects and
 * contains the number of omitted objects.
 * @param against what the synthesis was compared with, such as `dist` or `dist of main`
 */
export function formatMarkdownReport(changes: readonly ObjectChange[], against: string): string {
  const head = [
    `**Manifests:** ${formatChangeCounts(changes, against)}`,
    '',
    ...formatMarkdownWarnings(changes),
  ].join('\n');
  const parts: string[] = [];
  let length = head.length;
  for (const part of changes.map(formatObjectChangeAsMarkdown)) {
    length += part.length;
    if (length > MAX_COMMENT_LENGTH) break;
    parts.push(part);
  }
  const left = changes.length - parts.length;
  const rest = left
    ? [
        `${left} more changed objects are not shown: run \`${suggestedCommand('diff')}\` to print all objects.\n`,
      ]
    : [];
  return [head, ...parts, ...rest].join('\n');
}

function formatChangeCounts(changes: readonly ObjectChange[], against: string): string {
  const countChanges = (kind: ObjectChange['kind']) =>
    changes.filter((change) => change.kind === kind).length;
  const warned = changes.reduce((sum, { warnings: { length } }) => sum + length, 0);
  const counts = `${countChanges('added')} added, ${countChanges('removed')} removed, ${countChanges('changed')} changed against ${against}`;
  return warned ? `${counts}; ${warned} ${warned === 1 ? 'warning' : 'warnings'}` : counts;
}

function formatObjectTitle({ path, object: { kind, metadata } }: ObjectChange): string {
  const [environment, chart] = path.split('/');
  const namespace = metadata.namespace ? `${metadata.namespace}/` : '';
  return `${environment}/${chart}: ${kind} ${namespace}${metadata.name}`;
}

function formatWarnings(change: ObjectChange, sign: string): string[] {
  return change.warnings.map((warning) => `${sign}${warning}`);
}

function formatFieldChange(change: FieldChange): string[] {
  const path = formatPath(change.path);
  const { before, after, detail } = change;
  if (detail) return [`  ~ ${path}`, ...detail.map((line) => `      ${line}`)];
  if (before === undefined) return [`  + ${path}: ${abbreviateValue(after)}`];
  if (after === undefined) return [`  - ${path}: ${abbreviateValue(before)}`];
  return [`  ~ ${path}: ${abbreviateValue(before)} -> ${abbreviateValue(after)}`];
}

function abbreviateValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH
    ? `${text.slice(0, MAX_VALUE_LENGTH)}... (${text.length} characters)`
    : text;
}

function formatMarkdownWarnings(changes: readonly ObjectChange[]): string[] {
  const warned = changes.filter((change) => change.warnings.length);
  if (!warned.length) return [];
  return [
    ...warned.flatMap((change) => formatWarnings(change, `- :warning: ${formatObjectTitle(change)}: `)),
    '',
  ];
}

function formatObjectChangeAsMarkdown(change: ObjectChange): string {
  const lines = change.fields.flatMap(formatFieldChangeAsDiffLines);
  const summary = `${SIGNS[change.kind]} ${formatObjectTitle(change)}`;
  if (!lines.length) return `${summary}\n`;
  const fence = codeFence(lines);
  return `<details><summary>${summary}</summary>\n\n${fence}diff\n${lines.join('\n')}\n${fence}\n\n</details>\n`;
}

/** Formats a change of a field in diff format, which GitHub highlights. */
function formatFieldChangeAsDiffLines(change: FieldChange): string[] {
  const path = formatPath(change.path);
  const { before, after, detail } = change;
  if (detail) return [`# ${path}`, ...detail];
  return [
    ...(before === undefined ? [] : [`- ${path}: ${abbreviateValue(before)}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${abbreviateValue(after)}`]),
  ];
}

/** Returns the fence of a Markdown code block: at least three backticks, and more than any run of backticks in the lines. */
function codeFence(lines: readonly string[]): string {
  const runs = lines.join('\n').match(/`+/g) ?? [];
  return '`'.repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
}
