import type uPlot from 'uplot';
import type { Panel } from '../grafana/model';
import { unitFormat } from '../grafana/units';
import { createElement } from './dom';
import type { Drawn } from './drawn';

/** Returns a plugin of the chart that shows the values of all series at the time below the pointer. */
export function tooltipPlugin({ options }: Panel, drawn: readonly Drawn[]): uPlot.Plugin {
  const box = createElement('div', { className: 'tooltip', hidden: true });
  const sign = options?.tooltip?.sort === 'asc' ? 1 : options?.tooltip?.sort === 'desc' ? -1 : 0;
  return {
    hooks: {
      ready: (chart) => chart.over.append(box),
      setCursor: (chart) => {
        const { idx, left = 0 } = chart.cursor;
        const time = typeof idx === 'number' ? chart.data[0][idx] : undefined;
        box.hidden = time === undefined || left < 0;
        if (box.hidden || time === undefined) return;
        const rows = drawn
          .map((one, index) => ({ one, value: chart.data[index + 1]?.[idx as number] ?? null }))
          .filter(({ value }) => value !== null)
          .sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)))
          .map(({ one, value }) => tooltipRow(one, value ?? 0));
        box.replaceChildren(createElement('b', {}, new Date(time * 1000).toLocaleString()), ...rows);
        const isRight = left > chart.over.clientWidth / 2;
        box.style.left = isRight ? '' : `${left + 12}px`;
        box.style.right = isRight ? `${chart.over.clientWidth - left + 12}px` : '';
      },
    },
  };
}

const tooltipRow = ({ name, color, options }: Drawn, value: number): HTMLElement =>
  createElement(
    'div',
    {},
    createElement('i', { style: `background: ${color}` }),
    createElement('span', {}, name),
    createElement('b', {}, unitFormat(options.unit)(value, options.decimals)),
  );
