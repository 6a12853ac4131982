import type { Dashboard, Link, Preview } from '../grafana/model';
import type { Address } from './address';
import { createElement } from './dom';

const RANGES = [
  'now-5m',
  'now-15m',
  'now-1h',
  'now-3h',
  'now-6h',
  'now-12h',
  'now-24h',
  'now-2d',
  'now-7d',
  'now-30d',
];
const REFRESHES = ['', '5s', '10s', '30s', '1m', '5m', '15m'];
const THEMES = ['', 'light', 'dark'];

/** Draws the bar above a dashboard: menus for the dashboard, time range, refresh interval and theme, and links. */
export function createHeader(
  preview: Preview,
  dashboard: Dashboard,
  address: Address,
  changed: () => void,
): HTMLElement {
  const createSetter = (name: string) => (value: string) => {
    address.set(name, value ? [value] : []);
    if (name === 'from') address.set('to', []);
    changed();
  };
  return createElement(
    'header',
    { className: 'bar' },
    createElement(
      'div',
      {},
      createDashboardMenu(preview, dashboard, address),
      createElement('span', { className: 'environment' }, preview.title),
    ),
    createElement(
      'div',
      {},
      ...(dashboard.links ?? []).filter(({ type }) => type === 'link').map(createLink),
      createSelect(
        'Time range',
        RANGES,
        address.startOfRange(preview, dashboard),
        rangeName,
        createSetter('from'),
      ),
      createSelect(
        'Refresh',
        REFRESHES,
        address.refresh(preview, dashboard),
        (value) => value || 'no refresh',
        createSetter('refresh'),
      ),
      createSelect(
        'Theme',
        THEMES,
        address.get('theme') ?? '',
        (value) => value || "system's theme",
        createSetter('theme'),
      ),
    ),
  );
}

function createDashboardMenu({ dashboards }: Preview, { uid }: Dashboard, address: Address): HTMLElement {
  const options = dashboards.map((one) =>
    createElement('option', { value: one.uid, selected: one.uid === uid }, one.title),
  );
  const made = createElement('select', { ariaLabel: 'Dashboard', className: 'title' }, ...options);
  made.addEventListener('change', () => location.assign(address.urlOf(made.value)));
  return made;
}

const createLink = ({ title, url = '' }: Link): HTMLElement =>
  createElement('a', { href: url, target: '_blank', rel: 'noreferrer' }, title);

function createSelect(
  label: string,
  values: readonly string[],
  chosen: string,
  nameOf: (value: string) => string,
  choose: (value: string) => void,
): HTMLElement {
  const all = values.includes(chosen) ? values : [chosen, ...values];
  const options = all.map((value) =>
    createElement('option', { value, selected: value === chosen }, nameOf(value)),
  );
  const made = createElement('select', { ariaLabel: label, title: label }, ...options);
  made.addEventListener('change', () => choose(made.value));
  return made;
}

const rangeName = (value: string): string =>
  value.startsWith('now-') ? `last ${value.slice(4)}` : new Date(Number(value)).toLocaleString();
