import { reduceValues } from '../grafana/answers';
import type { Theme } from '../grafana/colors';
import { fieldOptions, formatField } from '../grafana/fields';
import type { Panel } from '../grafana/model';
import { createElement } from './dom';
import type { Data } from './questions';

/** Maximum font size in pixels. */
const LARGEST = 72;

/** Draws one number for each series, as large as the panel allows. */
export function drawStat(body: HTMLElement, panel: Panel, { series }: Data, theme: Theme): void {
  const { colorMode = 'value', textMode = 'auto', reduceOptions } = panel.options ?? {};
  const hasNames =
    textMode === 'value_and_name' || textMode === 'name' || (textMode === 'auto' && series.length > 1);
  const figures = series.map((one) => {
    const options = fieldOptions(panel, one.name, one.refId);
    const { text, color } = formatField(reduceValues(one.values, reduceOptions?.calcs?.[0]), options, theme);
    return { text, color, name: options.displayName ?? one.name };
  });
  const { columns, rows } = computeGrid(figures.length, body.clientWidth / Math.max(1, body.clientHeight));
  const [width, height] = [body.clientWidth / columns - 16, body.clientHeight / rows - 12];
  const longest = Math.max(...figures.map(({ text }) => text.length));
  const size = Math.min(LARGEST, width / (0.75 * longest), hasNames ? height * 0.55 : height * 0.8);
  const cells = figures.map(({ text, color, name }) =>
    createElement(
      'div',
      {
        className: colorMode.startsWith('background') ? 'stat background' : 'stat',
        style: colorMode.startsWith('background') ? `background: ${color}` : '',
      },
      hasNames ? createElement('span', {}, name) : undefined,
      createElement(
        'b',
        { style: `font-size: ${size.toFixed(1)}px${colorMode === 'value' ? `; color: ${color}` : ''}` },
        text,
      ),
    ),
  );
  body.replaceChildren(
    createElement(
      'div',
      { className: 'stats', style: `grid-template-columns: repeat(${columns}, 1fr)` },
      ...cells,
    ),
  );
}

/**
 * Returns how many columns and rows of cells a panel has. Each cell is about three times as wide as high.
 * @param count number of cells
 * @param ratio width of the panel divided by its height
 */
function computeGrid(count: number, ratio: number): { readonly columns: number; readonly rows: number } {
  const columns = Math.min(count, Math.max(1, Math.round(Math.sqrt((count * ratio) / 3))));
  return { columns, rows: Math.ceil(count / columns) };
}
