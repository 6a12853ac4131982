import type { Theme } from '../grafana/colors';
import type { Dashboard, Panel, Preview } from '../grafana/model';
import { parseSeconds } from '../grafana/time';
import { ALL } from '../grafana/variables';
import { Address } from './address';
import { alertsList } from './alerts';
import { createVariableMenus, valuesOf } from './choosers';
import { createElement } from './dom';
import { createHeader } from './header';
import { PanelView } from './panel-view';
import type { Question } from './questions';

const root = document.documentElement;

/** The dashboard that the page shows. */
class Page {
  private readonly address = new Address();
  private readonly dashboard: Dashboard;
  private readonly bar = createElement('div', { className: 'variables' });
  private readonly alerts = createElement('div', {});
  private readonly grid = createElement('main', {});
  private views: readonly PanelView[] = [];
  private timer?: number;

  constructor(private readonly preview: Preview) {
    const { uid } = this.address;
    const [first] = preview.dashboards;
    const found = uid ? preview.dashboards.find((one) => one.uid === uid) : first;
    if (!found) throw new Error(uid ? `There is no dashboard "${uid}".` : 'There are no dashboards.');
    this.dashboard = found;
    document.title = `${found.title} - ${preview.title}`;
  }

  /** Draws the dashboard that the URL names, and requests its data. */
  async show(): Promise<void> {
    const { preview, dashboard, address } = this;
    root.dataset.theme = this.theme;
    this.views = flattenPanels(dashboard.panels)
      .filter(({ type }) => type !== 'row')
      .map((panel) => new PanelView(panel, preview, address));
    const rows = flattenPanels(dashboard.panels)
      .filter(({ type }) => type === 'row')
      .map(({ title = '', gridPos }) => createElement('h2', { style: `--y: ${gridPos.y + 1}` }, title));
    this.grid.replaceChildren(...sortByPosition([...rows, ...this.views.map((view) => view.element)]));
    document.body.replaceChildren(
      createHeader(preview, dashboard, address, () => this.show()),
      this.bar,
      ...preview.troubles.map((trouble) => createElement('p', { className: 'trouble' }, trouble)),
      this.alerts,
      this.grid,
    );
    await this.refresh();
    this.schedule();
  }

  /** Draws the existing data again, after the size or theme has changed. */
  redraw(): void {
    root.dataset.theme = this.theme;
    for (const view of this.views) view.draw(this.theme);
  }

  private async refresh(): Promise<void> {
    root.dataset.state = 'asking';
    await this.chooseFirst();
    const { question, theme } = this;
    const around = Promise.allSettled([this.loadVariables(question), this.loadAlerts()]);
    await Promise.all(this.views.map((view) => view.load(question, theme)));
    const answered = Math.max(...this.views.map((view) => view.answeredAt));
    root.dataset.drawing = `${Math.round(performance.now() - answered)} ms after the last response`;
    await around;
    root.dataset.state = 'drawn';
  }

  /** Chooses the first value of each variable that has no choice "All" and no chosen value. */
  private async chooseFirst(): Promise<void> {
    const { address, dashboard, question } = this;
    for (const variable of dashboard.templating?.list ?? []) {
      if (variable.includeAll || variable.type !== 'query' || !question.choices[variable.name]?.includes(ALL))
        continue;
      const [first] = await valuesOf(variable, { ...question, interval: question.scrapeInterval }).catch(
        () => [],
      );
      if (first !== undefined) address.set(`var-${variable.name}`, [first]);
    }
  }

  private async loadVariables(question: Question): Promise<void> {
    const { dashboard } = this;
    const asked = { ...question, interval: question.scrapeInterval };
    const made = await createVariableMenus(dashboard, asked, (name, values) => {
      this.address.set(name, values);
      void this.show();
    }).catch((error: Error) => [
      createElement('span', { className: 'message', role: 'alert' }, error.message),
    ]);
    // An open menu is kept, so that it does not close while a person uses it.
    if (!this.bar.querySelector('[open]')) this.bar.replaceChildren(...made, ...this.links());
  }

  private async loadAlerts(): Promise<void> {
    if (!this.preview.sources.includes('prometheus')) return;
    const isOpen = this.alerts.querySelector('details')?.open ?? false;
    const list = await alertsList();
    this.alerts.replaceChildren(...(list ? [list] : []));
    const details = this.alerts.querySelector('details');
    if (details) details.open = isOpen;
  }

  /** Creates links to the dashboards with the same tag. */
  private links(): HTMLElement[] {
    const tags = (this.dashboard.links ?? [])
      .filter(({ type }) => type === 'dashboards')
      .flatMap(({ tags = [] }) => tags);
    return this.preview.dashboards
      .filter(
        ({ uid, tags: own = [] }) => uid !== this.dashboard.uid && own.some((tag) => tags.includes(tag)),
      )
      .map(({ uid, title }) => createElement('a', { href: this.address.urlOf(uid) }, title));
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const every = this.address.refresh(this.preview, this.dashboard);
    if (!every) return;
    this.timer = window.setTimeout(
      () => void this.refresh().then(() => this.schedule()),
      parseSeconds(every) * 1000,
    );
  }

  private get question(): Question {
    return {
      choices: this.address.choices(this.dashboard),
      variables: this.dashboard.templating?.list ?? [],
      range: this.address.range(this.preview, this.dashboard),
      scrapeInterval: parseSeconds(this.preview.scrapeInterval),
    };
  }

  private get theme(): Theme {
    const chosen = this.address.get('theme');
    if (chosen === 'light' || chosen === 'dark') return chosen;
    return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
}

/** Returns all panels, including panels in collapsed rows. */
const flattenPanels = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

/** Sorts elements in reading order: from top to bottom, then from left to right. */
const sortByPosition = (elements: readonly HTMLElement[]): HTMLElement[] => {
  const place = (one: HTMLElement, name: string) => Number(one.style.getPropertyValue(name) || 0);
  return [...elements].sort((a, b) => place(a, '--y') - place(b, '--y') || place(a, '--x') - place(b, '--x'));
};

/** Reloads the page when the server reports changed dashboards. */
function reloadOnChange(): void {
  new EventSource('/preview/changes').addEventListener('change', () => location.reload());
}

async function startPage(): Promise<void> {
  const response = await fetch('/preview/dashboards');
  if (!response.ok) throw new Error(await response.text());
  const page = new Page((await response.json()) as Preview);
  let pending = 0;
  addEventListener('resize', () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => page.redraw());
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => page.redraw());
  await page.show();
}

reloadOnChange();
startPage().catch((error: Error) => {
  root.dataset.state = 'failed';
  document.body.replaceChildren(createElement('p', { className: 'message', role: 'alert' }, error.message));
});
