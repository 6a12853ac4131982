import { parse } from 'yaml';
import { Alertmanager, type AlertmanagerProps, dingTalk } from '../../lib';
import { argsOf, containersOf, fileOf, type Manifest, only, podOf } from '../support/manifests';
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
    route: { receiver: 'nobody' },
    receivers: [{ name: 'nobody' }],
  });
  const receivers: AlertmanagerProps['receivers'] = [
    { name: 'ops', slack_configs: [{ api_url_file: '/etc/alertmanager/receivers/slack' }] },
  ];
  const { route, receivers: written } = configuration({ receivers });
  expect(route.receiver).toBe('ops');
  expect(written).toEqual([...receivers, { name: 'nobody' }]);
});

test('reads secrets of receivers from the files of a Secret', () => {
  const statefulSet = only(synthesize({ receiversSecretName: 'mine' }), 'StatefulSet');
  expect(containersOf(statefulSet)[0]?.volumeMounts).toContainEqual({
    name: 'receivers',
    mountPath: '/etc/alertmanager/receivers',
    readOnly: true,
  });
  expect(podOf(statefulSet).volumes).toContainEqual({
    name: 'receivers',
    secret: { secretName: 'mine', defaultMode: 0o440 },
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

test('gossips on the address of its pod, also where that is one of IPv6', () => {
  expect(argsOf(synthesize({}), 'StatefulSet')).toContain('--cluster.listen-address=[$(POD_IP)]:9094');
});

test('reaches receivers on the ports that are named, and no others', () => {
  const { egress } = only(synthesize({ receiverPorts: [8443] }), 'NetworkPolicy').spec;
  const outside = egress.filter(({ to }: Manifest) => JSON.stringify(to).includes('0.0.0.0/0'));
  expect(outside.map(({ ports }: Manifest) => ports)).toEqual([[{ protocol: 'TCP', port: 8443 }]]);
});

describe('routing', () => {
  const receivers: AlertmanagerProps['receivers'] = [{ name: 'ops' }, { name: 'north' }, { name: 'outside' }];

  test('groups by group, hears of Watchdog first, and shows what is informative only', () => {
    const { route } = configuration({
      receivers,
      heartbeat: 'outside',
      routes: [{ receiver: 'north', matchers: ['group="north"'] }],
    });
    expect(route.group_by).toEqual(['alertname', 'cluster', 'group']);
    expect(route.routes).toEqual([
      {
        receiver: 'outside',
        matchers: ['alertname="Watchdog"'],
        group_wait: '0s',
        group_interval: '1m',
        repeat_interval: '1m',
      },
      { receiver: 'north', matchers: ['group="north"'] },
      { receiver: 'nobody', matchers: ['severity=~"info|none"'] },
    ]);
  });

  test('knows times of day and week', () => {
    const timeIntervals = { nights: [{ times: [{ start_time: '20:00', end_time: '24:00' }] }] };
    const routes = [{ receiver: 'north', mute_time_intervals: ['nights'] }];
    expect(configuration({ receivers, routes, timeIntervals }).time_intervals).toEqual([
      { name: 'nights', time_intervals: timeIntervals.nights },
    ]);
  });

  test('mutes what rules call a consequence', () => {
    const mutes = [{ matchers: ['node!=""'], equal: ['cluster', 'group'] }];
    const rule = {
      alert: 'A',
      expr: 'x',
      severity: 'info',
      summary: 's',
      description: 'd',
      runbook: 'r',
      mutes,
    };
    const objects = synthesized((chart) => {
      new Alertmanager(chart, 'a').addInhibitions({ ruleGroups: [{ name: 'g', rules: [rule as never] }] });
    });
    expect(parse(fileOf(objects, 'alertmanager-config', 'alertmanager.yaml')).inhibit_rules).toEqual([
      { source_matchers: ['alertname="A"'], target_matchers: ['node!=""'], equal: ['cluster', 'group'] },
    ]);
  });

  test.each<[AlertmanagerProps, RegExp]>([
    [{ receivers, heartbeat: 'x' }, /heartbeat is "x"; allowed: one of receivers: "ops", "north", "outside"/],
    [{ heartbeat: 'x' }, /heartbeat is "x"; allowed: none, since receivers is not set/],
    [
      { receivers, routes: [{ routes: [{ receiver: 'opz' }] }] },
      /routes\[0\].routes\[0\].receiver is "opz"; allowed: one of receivers/,
    ],
    [
      { receivers, routes: [{ matchers: ['severity'] }] },
      /routes\[0\].matchers is \["severity"\]; allowed: a list, each member a matcher/,
    ],
    [
      { receivers, routes: [{ active_time_intervals: ['x'] }] },
      /active_time_intervals is \["x"\]; allowed: a list, each member none, since timeIntervals/,
    ],
    [{ receivers: [{ name: 'a' }, { name: 'a' }] }, /receivers: the name "a" is taken/],
    [{ receivers: [{ name: 'nobody' }] }, /receivers: the name "nobody" is taken/],
  ])('%j is refused', (props, message) => expect(() => synthesize(props)).toThrow(message));
});

describe('robots of DingTalk', () => {
  const receivers: AlertmanagerProps['receivers'] = [
    dingTalk({ name: 'our group', secretKey: 'robot', signingKey: 'sign' }),
  ];

  test('are told through a relay beside Alertmanager, which reads the Secret', () => {
    const objects = synthesize({ receivers, receiversSecretName: 'mine' });
    const config = parse(fileOf(objects, 'alertmanager-config', 'alertmanager.yaml'));
    expect(config.receivers[0]).toEqual({
      name: 'our group',
      webhook_configs: [{ url: 'http://127.0.0.1:8060/our%20group' }],
    });
    const relay = containersOf(only(objects, 'StatefulSet')).find(({ name }) => name === 'dingtalk-relay');
    const robots = relay?.env?.find(({ name }) => name === 'ROBOTS')?.value ?? '';
    expect(JSON.parse(robots)).toEqual({
      'our group': {
        addressFile: '/etc/alertmanager/receivers/robot',
        secretFile: '/etc/alertmanager/receivers/sign',
      },
    });
    expect(relay?.volumeMounts).toContainEqual({
      name: 'receivers',
      mountPath: '/etc/alertmanager/receivers',
      readOnly: true,
    });
  });

  test('need a Secret, and nobody else needs a relay', () => {
    expect(() => synthesize({ receivers })).toThrow(/receiversSecretName is missing; allowed: the Secret/);
    expect(containersOf(only(synthesize(), 'StatefulSet')).map(({ name }) => name)).toEqual(['alertmanager']);
  });
});
