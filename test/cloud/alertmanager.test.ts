import { parse } from 'yaml';
import { Alertmanager, type AlertmanagerProps } from '../../lib';
import { argsOf, containersOf, fileOf, type Manifest, only } from '../support/manifests';
import { synthesized } from '../support/synthesize';

const synthesize = (props?: AlertmanagerProps) => synthesized((chart) => new Alertmanager(chart, 'a', props));
const configuration = (props?: AlertmanagerProps) =>
  parse(fileOf(synthesize(props), 'alertmanager-config', 'alertmanager.yaml'));

test('is two replicas that find each other', () => {
  expect(only(synthesize(), 'StatefulSet').spec.replicas).toBe(2);
  expect(argsOf(synthesize())).toEqual(
    expect.arrayContaining([
      '--cluster.peer=alertmanager-0.alertmanager.monitoring.svc:9094',
      '--cluster.peer=alertmanager-1.alertmanager.monitoring.svc:9094',
    ]),
  );
});

test('shows alerts and tells nobody, until there are receivers; the first hears of everything', () => {
  expect(configuration()).toMatchObject({
    route: { receiver: 'default' },
    receivers: [{ name: 'default' }],
  });
  const receivers: AlertmanagerProps['receivers'] = [
    { name: 'ops', slack_configs: [{ api_url_file: '/etc/alertmanager/receivers/slack' }] },
  ];
  expect(configuration({ receivers })).toMatchObject({ route: { receiver: 'ops' }, receivers });
});

test('reads secrets of receivers from the files of a Secret', () => {
  const container = containersOf(only(synthesize({ receiversSecretName: 'mine' }), 'StatefulSet'))[0];
  expect(container?.volumeMounts).toContainEqual({
    name: 'mine',
    mountPath: '/etc/alertmanager/receivers',
    readOnly: true,
  });
});

test.each(['url', 'api_url', 'routing_key', 'auth_password', 'bot_token'])(
  'refuses a secret in %s',
  (field) => {
    const receivers: AlertmanagerProps['receivers'] = [
      { name: 'ops', some_configs: [{ nested: { [field]: 'x' } }] },
    ];
    expect(() => synthesize({ receivers })).toThrow(
      new RegExp(`ops.some_configs.0.nested.${field} would write a secret .* use ${field}_file`),
    );
  },
);

test('reaches receivers on the ports that are named, and no others', () => {
  const { egress } = only(synthesize({ receiverPorts: [8443] }), 'NetworkPolicy').spec;
  const outside = egress.filter(({ to }: Manifest) => JSON.stringify(to).includes('0.0.0.0/0'));
  expect(outside.map(({ ports }: Manifest) => ports)).toEqual([[{ protocol: 'TCP', port: 8443 }]]);
});
