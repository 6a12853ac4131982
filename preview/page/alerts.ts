import { ask } from './client';
import { element } from './dom';

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
  readonly activeAt: string;
}

/** Labels that identify the rule of an alert. The other labels identify what the alert is about. */
const ABOUT_ALERT = /^(alertname|severity|cluster)$/;

/** Draws the pending and firing alerts with links to their runbooks. Returns `undefined` if there are no alerts. */
export async function alertsList(): Promise<HTMLElement | undefined> {
  const { alerts } = await ask<{ alerts: readonly Alert[] }>('/api/v1/alerts', {});
  // The Watchdog alert always fires, so that a receiver notices missing notifications.
  const shown = alerts.filter(({ labels }) => labels.alertname !== 'Watchdog');
  if (!shown.length) return undefined;
  const order = (alert: Alert) => `${alert.state} ${alert.labels.severity} ${alert.labels.alertname}`;
  const rows = [...shown].sort((one, other) => (order(one) < order(other) ? -1 : 1)).map(alertRow);
  const count = (state: string) => shown.filter((alert) => alert.state === state).length;
  const title = `Alerts: ${count('firing')} firing, ${count('pending')} pending`;
  return element(
    'details',
    { className: 'alerts' },
    element('summary', {}, title),
    element('table', {}, element('tbody', {}, ...rows)),
  );
}

function alertRow({ labels, annotations, state }: Alert): HTMLElement {
  const about = Object.entries(labels).filter(([name]) => !ABOUT_ALERT.test(name));
  const runbook = annotations.runbook_url;
  return element(
    'tr',
    { dataset: { alert: labels.alertname ?? '', state } },
    element('td', { className: `state ${state} ${labels.severity ?? ''}` }, state),
    element('td', {}, labels.alertname ?? ''),
    element('td', {}, annotations.summary ?? about.map(([name, value]) => `${name}=${value}`).join(' ')),
    element(
      'td',
      {},
      runbook ? element('a', { href: runbook, target: '_blank', rel: 'noreferrer' }, 'Runbook') : '',
    ),
  );
}
