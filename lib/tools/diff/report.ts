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
      `${SIGNS[change.kind]} ${objectTitle(change)}`,
      ...warningLines(change, '  ! '),
      ...change.fields.flatMap(fieldLines),
    ].join('\n'),
  );
  return [...objects, changeCountsText(changes, against), ''].join('\n');
}

/**
 * Formats changes as Markdown for a comment on a pull request. If the comment would be too long, it omits the last objects and
 * contains the number of omitted objects.
 * @param against what the synthesis was compared with, such as `dist` or `dist of main`
 */
export function formatMarkdownReport(changes: readonly ObjectChange[], against: string): string {
  const head = [
    `**Manifests:** ${changeCountsText(changes, against)}`,
    '',
    ...markdownWarnings(changes),
  ].join('\n');
  const parts: string[] = [];
  let length = head.length;
  for (const part of changes.map(fieldDetails)) {
    length += part.length;
    if (length > MAX_COMMENT_LENGTH) break;
    parts.push(part);
  }
  const left = changes.length - parts.length;
  const rest = left
    ? [`And ${left} more objects: run \`${suggestedCommand('diff')}\` to print all objects.\n`]
    : [];
  return [head, ...parts, ...rest].join('\n');
}

function changeCountsText(changes: readonly ObjectChange[], against: string): string {
  const countOfKind = (kind: ObjectChange['kind']) => changes.filter((change) => change.kind === kind).length;
  const warned = changes.reduce((sum, { warnings: { length } }) => sum + length, 0);
  const counts = `${countOfKind('added')} added, ${countOfKind('removed')} removed, ${countOfKind('changed')} changed against ${against}`;
  return warned ? `${counts}; ${warned} ${warned === 1 ? 'warning' : 'warnings'}` : counts;
}

function objectTitle({ path, object: { kind, metadata } }: ObjectChange): string {
  const [environment, chart] = path.split('/');
  const namespace = metadata.namespace ? `${metadata.namespace}/` : '';
  return `${environment}/${chart}: ${kind} ${namespace}${metadata.name}`;
}

function warningLines(change: ObjectChange, sign: string): string[] {
  return change.warnings.map((warning) => `${sign}${warning}`);
}

function fieldLines(change: FieldChange): string[] {
  const path = formatPath(change.path);
  const { before, after, detail } = change;
  if (detail) return [`  ~ ${path}`, ...detail.map((line) => `      ${line}`)];
  if (before === undefined) return [`  + ${path}: ${shortValue(after)}`];
  if (after === undefined) return [`  - ${path}: ${shortValue(before)}`];
  return [`  ~ ${path}: ${shortValue(before)} -> ${shortValue(after)}`];
}

function shortValue(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH
    ? `${text.slice(0, MAX_VALUE_LENGTH)}... (${text.length} characters)`
    : text;
}

function markdownWarnings(changes: readonly ObjectChange[]): string[] {
  const warned = changes.filter((change) => change.warnings.length);
  if (!warned.length) return [];
  return [...warned.flatMap((change) => warningLines(change, `- :warning: ${objectTitle(change)}: `)), ''];
}

function fieldDetails(change: ObjectChange): string {
  const lines = change.fields.flatMap(diffLines);
  const summary = `${SIGNS[change.kind]} ${objectTitle(change)}`;
  if (!lines.length) return `${summary}\n`;
  const fence = codeFence(lines);
  return `<details><summary>${summary}</summary>\n\n${fence}diff\n${lines.join('\n')}\n${fence}\n\n</details>\n`;
}

/** Formats a change of a field in diff format, which GitHub highlights. */
function diffLines(change: FieldChange): string[] {
  const path = formatPath(change.path);
  const { before, after, detail } = change;
  if (detail) return [`# ${path}`, ...detail];
  return [
    ...(before === undefined ? [] : [`- ${path}: ${shortValue(before)}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${shortValue(after)}`]),
  ];
}

/** Returns the fence of a Markdown code block: at least three backticks, and more than any run of backticks in the lines. */
function codeFence(lines: readonly string[]): string {
  const runs = lines.join('\n').match(/`+/g) ?? [];
  return '`'.repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
}
