import { type Answer, type Line, type Series, toLines, toSeries } from '../grafana/answers';
import type { Panel, Target } from '../grafana/model';
import { formatLength, parseSeconds, queryInterval } from '../grafana/time';
import { type Asked, replaceQueryVariables } from '../grafana/variables';
import { requestData } from './client';

/** Parameters that the queries of all panels of a page share. */
export type Question = Omit<Asked, 'interval'>;

/** Data of a panel. */
export interface Data {
  readonly series: readonly Series[];
  readonly lines: readonly Line[];
  /** Interval between two points in seconds. */
  readonly step: number;
  readonly range: Asked['range'];
}

/** Maximum number of log lines, as in Grafana. */
const LINES = '1000';

/**
 * Sends all queries of a panel, and returns their data.
 * @param width width of the panel in pixels
 * @throws Error with the error of a server
 */
export async function askPanel(panel: Panel, question: Question, width: number): Promise<Data> {
  const isLogs = panel.datasource?.type === 'loki';
  const least = panel.interval ? parseSeconds(panel.interval) : isLogs ? 1 : question.scrapeInterval;
  const step = queryInterval(question.range, width, least);
  const asked = { ...question, interval: step };
  const targets = (panel.targets ?? []).filter(({ hide }) => !hide);
  const answers = await Promise.all(targets.map((target) => askTarget(target, asked, isLogs)));
  return {
    series: answers.flatMap((answer, index) =>
      answer.resultType === 'streams' ? [] : toSeries(targets[index] as Target, answer),
    ),
    lines: answers.filter(({ resultType }) => resultType === 'streams').flatMap(toLines),
    step,
    range: { from: alignToStep(question.range.from, step), to: alignToStep(question.range.to, step) },
  };
}

function askTarget(target: Target, asked: Asked, isLogs: boolean): Promise<Answer> {
  const query = replaceQueryVariables(target.expr, asked);
  const { range, interval } = asked;
  const api = isLogs ? '/loki/api/v1' : '/api/v1';
  if (target.instant) return requestData(`${api}/query`, { query, time: `${range.to}` });
  const [start, end] = [alignToStep(range.from, interval), alignToStep(range.to, interval)];
  const parameters = { query, start: `${start}`, end: `${end}`, step: formatLength(interval) };
  return requestData(`${api}/query_range`, isLogs ? { ...parameters, limit: LINES } : parameters);
}

/**
 * Rounds a time down to a multiple of the step. Grafana does the same, so that values stay the same between refreshes.
 */
const alignToStep = (time: number, step: number): number => Math.floor(time / step) * step;
