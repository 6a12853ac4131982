import type { Theme } from '../grafana/colors';
import { fieldOptions, formatField } from '../grafana/fields';
import type { FieldOptions, Link, Panel } from '../grafana/model';
import { type Cell, toTable } from '../grafana/table';
import type { Address } from './address';
import { createElement } from './dom';
import type { Data } from './questions';

/** Draws a table with a row for each set of labels. */
export function drawTable(
  body: HTMLElement,
  panel: Panel,
  { series }: Data,
  theme: Theme,
  address: Address,
): void {
  const { columns, rows } = toTable(panel, series);
  const options = new Map(columns.map((column) => [column, fieldOptions(panel, column)]));
  const shown = columns.filter((column) => !options.get(column)?.custom?.hidden);
  const isNumber = (column: string) => rows.every((row) => typeof (row[column] ?? 0) === 'number');
  const head = shown.map((column) =>
    createElement(
      'th',
      { className: isNumber(column) ? 'number' : '' },
      options.get(column)?.displayName ?? column,
    ),
  );
  const lines = rows.map((row) =>
    createElement(
      'tr',
      {},
      ...shown.map((column) => tableCell(row[column] ?? null, options.get(column) ?? {}, theme, address)),
    ),
  );
  body.replaceChildren(
    createElement(
      'div',
      { className: 'table' },
      createElement(
        'table',
        {},
        createElement('thead', {}, createElement('tr', {}, ...head)),
        createElement('tbody', {}, ...lines),
      ),
    ),
  );
}

function tableCell(value: Cell, options: FieldOptions, theme: Theme, address: Address): HTMLElement {
  if (typeof value === 'number') {
    const { text, color = '' } = formatField(value, options, theme);
    const { mode } = options.color ?? {};
    return createElement(
      'td',
      { className: 'number', style: mode === 'thresholds' ? `color: ${color}` : '' },
      text,
    );
  }
  const text = `${value ?? ''}`;
  const [first, ...others] = (text ? (options.links ?? []) : []).map((link) =>
    tableLink(link, text, address),
  );
  if (!first) return createElement('td', { title: text }, text);
  first.textContent = text;
  return createElement('td', { title: text }, first, ...others);
}

function tableLink(
  { title, url = '', targetBlank }: Link,
  value: string,
  address: Address,
): HTMLAnchorElement {
  const href = url
    .replace(/\$\{__value\.(raw|text)\}/g, encodeURIComponent(value))
    .replace(/\$\{__url_time_range\}/g, address.timeParameters)
    .replace(/[?&]$/, '');
  return createElement('a', { href, title, target: targetBlank ? '_blank' : '' }, title);
}
