import MarkdownIt from 'markdown-it';
import type { Theme } from '../grafana/colors';
import type { Panel, Preview } from '../grafana/model';
import type { Address } from './address';
import { createElement, createMenu } from './dom';
import { drawLogs } from './logs';
import { askPanel, type Data, type Question } from './questions';
import { drawStat } from './stat';
import { drawTable } from './table-view';
import { drawTimeseries } from './timeseries';

type Draw = (body: HTMLElement, panel: Panel, data: Data, theme: Theme, address: Address) => void;

/** Functions that draw panels, by the type of panel. Only these types send queries. */
const DRAWN: Readonly<Record<string, Draw>> = {
  timeseries: drawTimeseries,
  stat: drawStat,
  table: drawTable,
  logs: (body, _, data, theme) => drawLogs(body, data, theme),
};

const SOURCES: Readonly<Record<string, string>> = { prometheus: 'Prometheus', loki: 'Loki' };

/** Markdown renderer. It does not render HTML in texts. */
const markdown = new MarkdownIt({ html: false, linkify: true });

/**
 * State of a panel: `waiting` before the first response, `data` or `empty` after a response, `error` after a failed
 * query, `absent` without a server to query, `unknown` for a type that the preview does not support.
 */
type State = 'waiting' | 'data' | 'empty' | 'error' | 'absent' | 'unknown';

/** A panel of a dashboard. */
export class PanelView {
  readonly element: HTMLElement;
  private readonly body = createElement('div', { className: 'body' });
  /** Time at which all queries had responses, in milliseconds since the page was opened. */
  answeredAt = 0;
  private data?: Data;

  constructor(
    private readonly panel: Panel,
    private readonly preview: Preview,
    private readonly address: Address,
  ) {
    const { title = '', gridPos } = panel;
    this.element = createElement(
      'section',
      {
        className: 'panel',
        dataset: { panel: title, type: panel.type, state: 'waiting' },
        style: `--x: ${gridPos.x + 1}; --w: ${gridPos.w}; --h: ${gridPos.h}; --y: ${gridPos.y + 1}`,
      },
      createElement('header', {}, createElement('h3', {}, title), ...this.notes()),
      this.body,
    );
  }

  /** Sends the queries of the panel, and draws the responses. The old picture stays until all responses are there. */
  async load(question: Question, theme: Theme): Promise<void> {
    const { type, datasource, options } = this.panel;
    if (type === 'text') return this.write('data', markdown.render(options?.content ?? ''));
    if (!DRAWN[type])
      return this.say('unknown', `The preview does not support panels of the type "${type}".`);
    const source = datasource?.type ?? '';
    if (!this.preview.sources.includes(source))
      return this.say('absent', `The preview has no address of ${SOURCES[source] ?? `"${source}"`}.`);
    try {
      this.data = await askPanel(this.panel, question, this.body.clientWidth);
      this.answeredAt = performance.now();
      this.draw(theme);
    } catch (error) {
      this.data = undefined;
      this.say('error', (error as Error).message);
    }
  }

  /** Draws the existing data again, after the size or theme has changed. */
  draw(theme: Theme): void {
    const { panel, data, body } = this;
    if (!data) return;
    if (!data.series.length && !data.lines.length) {
      this.say('empty', panel.fieldConfig?.defaults?.noValue ?? 'No data');
      return;
    }
    this.element.dataset.state = 'data';
    DRAWN[panel.type]?.(body, panel, data, theme, this.address);
  }

  private notes(): (HTMLElement | undefined)[] {
    const { description, links = [] } = this.panel;
    const text = createElement('div', { innerHTML: markdown.render(description ?? '') });
    const anchors = links.map(({ title, url = '' }) =>
      createElement('a', { href: url, target: '_blank', rel: 'noreferrer' }, title),
    );
    return [
      description ? createMenu('i', 'Description', text) : undefined,
      anchors.length ? createMenu('↗', 'Links', ...anchors) : undefined,
    ];
  }

  private say(state: State, text: string): void {
    this.element.dataset.state = state;
    this.body.replaceChildren(
      createElement('p', { className: 'message', role: state === 'error' ? 'alert' : null }, text),
    );
  }

  private write(state: State, html: string): void {
    this.element.dataset.state = state;
    this.body.replaceChildren(createElement('div', { className: 'text', innerHTML: html }));
  }
}
