import { allSettings } from '../support/settings';
import {
  createSettingsComparison,
  leafPaths,
  type Path,
  settingAt,
  withChange,
} from '../support/settings-paths';

/** Settings of which every other value here is refused, since others of the complete settings go with this one. */
const REFUSED: readonly string[] = [
  'ingress.groups.0',
  'ingress.groups.1',
  'pushgateways.services.reaper',
  'loki.deployment.mode',
  'receivers.0.name',
  'alerts.overrides.EdgePodCpuThrottled',
  'alerts.routes.0.receiver',
  'alerts.routes.0.active_time_intervals.0',
  'alerts.heartbeat',
  'edge.tolerations.0.operator',
  'edge.groups.0.name',
  'edge.groups.0.transport',
  'edge.groups.0.tolerations.0.operator',
  'edge.groups.0.device.httpProxy',
  'edge.group',
  'edge.transport',
];

/** Settings that only workloads read which an app connects. */
const OF_CONNECTED: readonly string[] = ['edge.agent.pushes.credentialsSecretName'];

/** A value that is refused of settings that other values only pass: the complete settings state what would follow from them. */
const CHECKED: Readonly<Record<string, unknown>> = { longestOutage: '9d', 'edge.fleet.uplinkBudget': '1Mi' };

/**
 * Other values that a setting could have. The values that most settings accept come first, because each refused value takes time.
 */
function others(value: unknown): readonly unknown[] {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1, value - 1];
  const text = String(value);
  return [
    text.replace(/^\d+/, (number) => `${2 * Number(number)}`),
    text.replace(/^\d+/, (number) => `${Math.ceil(Number(number) / 2)}`),
    `${text}-other`,
    `${text}other`,
    text.replace(/\w/, 'b'),
    ...OTHER_WORDS,
  ].filter((other) => other !== text);
}

/** Values of options that only allow some words. */
const OTHER_WORDS = [
  '1.22',
  'SecretStore',
  'automatic',
  'address',
  'full',
  'warning',
  'error',
  'saturday',
  'NoExecute',
  'NotIn',
  'http://proxy.example.net:3128',
];

const leaves = leafPaths(allSettings).map((path) => [path.join('.'), path] as const);
const compared = createSettingsComparison(allSettings);

test('the settings are whole, and are made', () => {
  expect(compared(allSettings)).toBe('same');
  expect(leaves.length).toBeGreaterThan(150);
});

/** Returns the manifests with the first other value that is not refused. */
function madeOtherwise(path: Path): 'same' | 'other' | 'refused' {
  for (const other of others(settingAt(path))) {
    const result = compared(withChange(allSettings, path, other));
    if (result !== 'refused') return result;
  }
  return 'refused';
}

test.each(leaves.filter(([name]) => !(name in CHECKED)))(
  'another %s makes other manifests, or is refused',
  (name, path) => {
    const kept = OF_CONNECTED.includes(name) ? 'same' : 'other';
    expect(madeOtherwise(path)).toBe(REFUSED.includes(name) ? 'refused' : kept);
  },
);

test.each(Object.entries(CHECKED))('%s is compared with other settings: %j is refused', (name, value) => {
  expect(compared(withChange(allSettings, name.split('.'), value))).toBe('refused');
});
