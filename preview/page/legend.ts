import type { Panel } from '../grafana/model';
import { createElement } from './dom';
import { calculatedText, type Drawn } from './drawn';

const TITLES: Readonly<Record<string, string>> = {
  lastNotNull: 'Last *',
  last: 'Last',
  max: 'Max',
  min: 'Min',
  mean: 'Mean',
  sum: 'Total',
};

/**
 * Draws the legend of a chart, as a list or as a table with calculated values. A click on a name shows only that
 * series; another click shows all series. Returns `undefined` if the panel has no legend.
 */
export function createLegend(
  { options = {} }: Panel,
  drawn: readonly Drawn[],
  show: (shown: ReadonlySet<Drawn>) => void,
): HTMLElement | undefined {
  const { showLegend = true, displayMode = 'list', placement = 'bottom', calcs = [] } = options.legend ?? {};
  if (!showLegend || displayMode === 'hidden') return undefined;
  const isTable = displayMode === 'table' && calcs.length > 0;
  const head = isTable
    ? [
        createElement(
          'tr',
          {},
          createElement('th', {}, 'Name'),
          ...calcs.map((calculation) =>
            createElement('th', { className: 'number' }, TITLES[calculation] ?? calculation),
          ),
        ),
      ]
    : [];
  const entries = drawn.map((one) => legendEntry(one, calcs, isTable));
  entries.forEach((entry, index) => {
    entry.addEventListener('click', () => {
      const alone = entries.every((other) => other.classList.contains('off') !== (other === entry));
      const shown = new Set(drawn.filter((_, place) => (alone && entries.length > 1) || place === index));
      entries.forEach((other, place) => {
        other.classList.toggle('off', !shown.has(drawn[place] as Drawn));
      });
      show(shown);
    });
  });
  return createElement(isTable ? 'table' : 'ul', { className: `legend ${placement}` }, ...head, ...entries);
}

function legendEntry(one: Drawn, calcs: readonly string[], isTable: boolean): HTMLElement {
  const mark = createElement('i', { style: `background: ${one.color}` });
  const figures = calcs.map((calculation) => calculatedText(one, calculation));
  if (!isTable)
    return createElement(
      'li',
      { title: one.name },
      mark,
      createElement('span', {}, [one.name, ...figures].join(' ')),
    );
  return createElement(
    'tr',
    { title: one.name },
    createElement('td', {}, mark, one.name),
    ...figures.map((figure) => createElement('td', { className: 'number' }, figure)),
  );
}
