import { requestData } from './client';
import { createElement } from './dom';

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
  const { alerts } = await requestData<{ alerts: readonly Alert[] }>('/api/v1/alerts', {});
  // The Watchdog alert always fires, so that a receiver notices missing notifications.
  const shown = alerts.filter(({ labels }) => labels.alertname !== 'Watchdog');
  if (!shown.length) return undefined;
  const sortKey = (alert: Alert) => `${alert.state} ${alert.labels.severity} ${alert.labels.alertname}`;
  const rows = [...shown].sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1)).map(alertRow);
  const countInState = (state: string) => shown.filter((alert) => alert.state === state).length;
  const title = `Alerts: ${countInState('firing')} firing, ${countInState('pending')} pending`;
  return createElement(
    'details',
    { className: 'alerts' },
    createElement('summary', {}, title),
    createElement('table', {}, createElement('tbody', {}, ...rows)),
  );
}

function alertRow({ labels, annotations, state }: Alert): HTMLElement {
  const about = Object.entries(labels).filter(([name]) => !ABOUT_ALERT.test(name));
  const runbook = annotations.runbook_url;
  return createElement(
    'tr',
    { dataset: { alert: labels.alertname ?? '', state } },
    createElement('td', { className: `state ${state} ${labels.severity ?? ''}` }, state),
    createElement('td', {}, labels.alertname ?? ''),
    createElement(
      'td',
      {},
      annotations.summary ?? about.map(([name, value]) => `${name}=${value}`).join(' '),
    ),
    createElement(
      'td',
      {},
      runbook ? createElement('a', { href: runbook, target: '_blank', rel: 'noreferrer' }, 'Runbook') : '',
    ),
  );
}
