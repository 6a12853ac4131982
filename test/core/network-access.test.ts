import type { NetworkServer, PlatformProps } from '../../lib';
import { Identity } from '../../lib/core/labels';
import { NetworkAccess, portOfUrl } from '../../lib/core/network-access';
import { findOnly } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const policy = (build: (access: NetworkAccess) => void, platform: PlatformProps = {}) =>
  findOnly(
    synthesizeChart(
      (chart) => build(new NetworkAccess(chart, 'a', { namespace: 'here', identity: new Identity('a') })),
      { platform },
    ),
    'NetworkPolicy',
  ).spec;

test('nothing flows but what was opened', () => {
  expect(policy(() => {})).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'a' } },
    policyTypes: ['Ingress', 'Egress'],
  });
});

test('a client is let in by namespace and labels, on one port', () => {
  const { ingress } = policy((access) =>
    access.allowIngressFrom({ namespace: 'n', podLabels: { app: 'b' } }, 80),
  );
  expect(ingress).toEqual([
    {
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'n' } },
          podSelector: { matchLabels: { app: 'b' } },
        },
      ],
      ports: [{ protocol: 'TCP', port: 80 }],
    },
  ]);
});

test('whoever connects to a server may ask for its name, and the server lets it in', () => {
  const admit = jest.fn();
  const server: NetworkServer = { peer: { cidrs: ['10.0.0.0/8'] }, port: 443, admit };
  const { egress } = policy((access) => access.allowConnectionTo(server));
  expect(admit).toHaveBeenCalledWith({ namespace: 'here', podLabels: { 'app.kubernetes.io/name': 'a' } });
  expect(egress).toContainEqual({
    to: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
    ports: [{ protocol: 'TCP', port: 443 }],
  });
  expect(JSON.stringify(egress)).toContain('{"port":53,"protocol":"UDP"}');
});

test.each([
  ['where nodes have none of IPv6', ['10.0.0.0/8'], ['0.0.0.0/0']],
  ['where they have both', ['10.0.0.0/8', 'fd00::/8'], ['0.0.0.0/0', '::/0']],
])('anywhere is every address, %s', (_, nodeCidrs, cidrs) => {
  const { egress } = policy((access) => access.allowEgressTo({ anywhere: true }, 443), { nodeCidrs });
  expect(egress).toContainEqual({
    to: cidrs.map((cidr) => ({ ipBlock: { cidr } })),
    ports: [{ protocol: 'TCP', port: 443 }],
  });
});

test('the order of connections does not change the policy, and a rule stands there once', () => {
  const first = policy((access) => {
    access.allowEgressTo({ namespace: 'x' }, 1);
    access.allowEgressTo({ namespace: 'y' }, 2);
    access.allowEgressTo({ namespace: 'x' }, 1);
  });
  const second = policy((access) => {
    access.allowEgressTo({ namespace: 'y' }, 2);
    access.allowEgressTo({ namespace: 'x' }, 1);
  });
  expect(first).toEqual(second);
  expect(first.egress).toHaveLength(3);
});

test.each([
  ['https://mimir.example.com/api/v1/push', 443],
  ['http://loki.example.com', 80],
  ['https://minio.example.com:9000', 9000],
])('a client of %s is to reach port %i', (address, port) => {
  expect(portOfUrl(address)).toBe(port);
});
