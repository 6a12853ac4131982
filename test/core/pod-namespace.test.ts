import { Chart, Testing } from 'cdk8s';
import { Platform, type PlatformProps, PodNamespace, type PodNamespaceProps } from '../../lib';
import type { Manifest } from '../support/manifests';

function made(props: Partial<PodNamespaceProps>, platform: PlatformProps = {}): Manifest[] {
  const chart = new Chart(Testing.app(), 'chart');
  Platform.define(chart, platform);
  new PodNamespace(chart, 'namespace', { name: 'here', podSecurity: 'restricted', ...props });
  return Testing.synth(chart);
}

const level = (mode: string) => `pod-security.kubernetes.io/${mode}`;
const PART_OF = { 'app.kubernetes.io/part-of': 'edge-observability' };

test('enforces its level, and denies traffic to and from all pods', () => {
  const [namespace, policy] = made({});
  expect(namespace?.metadata.labels).toMatchObject({ ...PART_OF, [level('enforce')]: 'restricted' });
  expect(policy).toMatchObject({ metadata: { labels: PART_OF }, spec: { podSelector: {} } });
});

test.each([
  ['the platform', {}, { sharedNamespaces: true }],
  ['itself', { shared: true }, {}],
])(
  'shared with others, as %s says, it selects only pods of this stack and refuses none',
  (_, props, platform) => {
    const [namespace, policy] = made(props, platform);
    expect(namespace?.metadata.labels).not.toHaveProperty([level('enforce')]);
    expect(namespace?.metadata.labels).toMatchObject({
      [level('warn')]: 'restricted',
      [level('audit')]: 'restricted',
    });
    expect(policy?.spec.podSelector).toEqual({ matchLabels: PART_OF });
  },
);

test('enforces a level that refuses no pod in shared namespaces, too: agents of nodes need it', () => {
  const [namespace] = made({ podSecurity: 'privileged', shared: true });
  expect(namespace?.metadata.labels).toMatchObject({ [level('enforce')]: 'privileged' });
});
