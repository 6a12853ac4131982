import type { Painter } from '../process/terminal';
import type { Finding, Verdict } from './finding';

const MARKS = { ok: 'ok', warning: 'warning', problem: 'PROBLEM', unknown: 'UNKNOWN' } as const;
const COLORS = { ok: 'green', warning: 'yellow', problem: 'red', unknown: 'red' } as const;

/** Verdicts that make `doctor` fail. */
const FAILED_VERDICTS: readonly Verdict[] = ['problem', 'unknown'];

/** Returns whether all checks could be performed and found no problem. */
export const haveAllChecksPassed = (findings: readonly Finding[]): boolean =>
  !findings.some(({ verdict }) => FAILED_VERDICTS.includes(verdict));

/** Formats findings for a terminal: a line for each finding and for its remedy, and a summary at the end. */
export function formatFindings(findings: readonly Finding[], paint: Painter): string {
  const width = Math.max(...Object.values(MARKS).map(({ length }) => length));
  const lines = findings.flatMap(({ check, verdict, message, remedy }) => [
    `${paint(COLORS[verdict], MARKS[verdict].padEnd(width))}  ${check}: ${message}`,
    ...(remedy ? [`${' '.repeat(width)}  -> ${remedy}`] : []),
  ]);
  return `${[...lines, '', formatSummary(findings)].join('\n')}\n`;
}

function formatSummary(findings: readonly Finding[]): string {
  const countFindings = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
  const counts = (Object.keys(MARKS) as Verdict[]).flatMap((verdict) =>
    countFindings(verdict) ? [`${countFindings(verdict)} ${verdict}`] : [],
  );
  return `${haveAllChecksPassed(findings) ? 'passed' : 'failed'}: ${counts.join(', ')}`;
}
