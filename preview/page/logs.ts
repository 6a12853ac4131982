import type { Line } from '../grafana/answers';
import { colorOf, type Theme } from '../grafana/colors';
import { createElement } from './dom';
import type { Data } from './questions';

/** Colors of log levels, as in Grafana's logs panel. */
const LEVELS: readonly (readonly [level: RegExp, color: string])[] = [
  [/\b(crit|critical|emerg|fatal|alert|panic)\b/i, 'purple'],
  [/\b(err|error|eror)\b/i, 'red'],
  [/\b(warn|warning)\b/i, 'yellow'],
  [/\b(info|information|informational|notice)\b/i, 'green'],
  [/\b(debug|dbug)\b/i, 'blue'],
];

/** Draws log lines in the order of the data, with the newest line first. */
export function drawLogs(body: HTMLElement, { lines }: Data, theme: Theme): void {
  body.replaceChildren(
    createElement('ol', { className: 'lines' }, ...lines.map((line) => logLineElement(line, theme))),
  );
}

function logLineElement({ time, text, labels }: Line, theme: Theme): HTMLElement {
  const named = labels.level ?? labels.detected_level ?? text;
  const color = LEVELS.find(([level]) => level.test(named))?.[1];
  const said = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return createElement(
    'li',
    { title: said.join('\n'), style: `border-color: ${color ? colorOf(color, theme) : 'transparent'}` },
    createElement('time', {}, new Date(time * 1000).toISOString().replace('T', ' ').replace('Z', '')),
    createElement('span', {}, text),
  );
}
