import type { Dashboard, Link, Preview } from '../grafana/model';
import type { Address } from './address';
import { element } from './dom';

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
export function header(
  preview: Preview,
  dashboard: Dashboard,
  address: Address,
  changed: () => void,
): HTMLElement {
  const setter = (name: string) => (value: string) => {
    address.set(name, value ? [value] : []);
    if (name === 'from') address.set('to', []);
    changed();
  };
  return element(
    'header',
    { className: 'bar' },
    element(
      'div',
      {},
      dashboardChooser(preview, dashboard, address),
      element('span', { className: 'environment' }, preview.title),
    ),
    element(
      'div',
      {},
      ...(dashboard.links ?? []).filter(({ type }) => type === 'link').map(anchor),
      select('Time range', RANGES, address.startOfRange(preview, dashboard), rangeName, setter('from')),
      select(
        'Refresh',
        REFRESHES,
        address.refresh(preview, dashboard),
        (value) => value || 'no refresh',
        setter('refresh'),
      ),
      select(
        'Theme',
        THEMES,
        address.get('theme') ?? '',
        (value) => value || "system's theme",
        setter('theme'),
      ),
    ),
  );
}

function dashboardChooser({ dashboards }: Preview, { uid }: Dashboard, address: Address): HTMLElement {
  const options = dashboards.map((one) =>
    element('option', { value: one.uid, selected: one.uid === uid }, one.title),
  );
  const made = element('select', { ariaLabel: 'Dashboard', className: 'title' }, ...options);
  made.addEventListener('change', () => location.assign(address.urlOf(made.value)));
  return made;
}

const anchor = ({ title, url = '' }: Link): HTMLElement =>
  element('a', { href: url, target: '_blank', rel: 'noreferrer' }, title);

function select(
  label: string,
  values: readonly string[],
  chosen: string,
  nameOf: (value: string) => string,
  choose: (value: string) => void,
): HTMLElement {
  const all = values.includes(chosen) ? values : [chosen, ...values];
  const options = all.map((value) => element('option', { value, selected: value === chosen }, nameOf(value)));
  const made = element('select', { ariaLabel: label, title: label }, ...options);
  made.addEventListener('change', () => choose(made.value));
  return made;
}

const rangeName = (value: string): string =>
  value.startsWith('now-') ? `last ${value.slice(4)}` : new Date(Number(value)).toLocaleString();
