import { parse } from 'yaml';
import { Alertmanager, type AlertmanagerProps, dingTalk, weComRobot } from '../../lib';
import {
  configFile,
  containerArgs,
  containersOf,
  findOnly,
  type Manifest,
  podOf,
} from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const synthesize = (props?: AlertmanagerProps) =>
  synthesizeChart((chart) => new Alertmanager(chart, 'a', props));
const configuration = (props?: AlertmanagerProps) =>
  parse(configFile(synthesize(props), 'alertmanager-config', 'alertmanager.yaml'));

test('is two replicas that find each other', () => {
  expect(findOnly(synthesize(), 'StatefulSet').spec.replicas).toBe(2);
  expect(containerArgs(synthesize())).toEqual(
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
  const statefulSet = findOnly(synthesize({ receiversSecretName: 'mine' }), 'StatefulSet');
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

test.each([
  ['webhook', 'url', {}],
  ['slack', 'api_url', {}],
  ['pagerduty', 'routing_key', {}],
  ['email', 'auth_password', {}],
  ['telegram', 'bot_token', {}],
  ['webhook', 'http_config.basic_auth.password', { http_config: { basic_auth: { password: 'x' } } }],
  ['webhook', 'http_config.tls_config.key', { http_config: { tls_config: { key: 'x' } } }],
])('refuses a secret of %s in %s', (integration, field, config) => {
  const name = field.split('.').at(-1);
  const receivers = [{ name: 'ops', [`${integration}_configs`]: [{ [field]: 'x', ...config }] }] as never;
  expect(() => synthesize({ receivers })).toThrow(
    new RegExp(
      `receivers\\[0\\].${integration}_configs\\[0\\].${field} would write a secret .* allowed: ${name}_file`,
    ),
  );
});

test.each(['access_key', 'secret_key'])(
  'refuses sigv4.%s of SNS, for which Alertmanager has no field with a file',
  (field) => {
    const sns = { topic_arn: 'arn:aws:sns:eu-west-1:1:ops', sigv4: { region: 'eu-west-1', [field]: 'x' } };
    expect(() => synthesize({ receivers: [{ name: 'ops', sns_configs: [sns] }] })).toThrow(
      `receivers[0].sns_configs[0].sigv4.${field} would write a secret into the manifests: remove access_key and secret_key`,
    );
  },
);

test('refuses a secret in the header of a CONNECT request, which Alertmanager cannot read from a file', () => {
  const http_config = {
    proxy_url: 'http://proxy.example.com:3128',
    proxy_connect_header: { 'X-Site': ['berlin'], 'Proxy-Authorization': ['Basic eDp5'] },
  };
  const webhook = { url_file: '/etc/alertmanager/receivers/url', http_config };
  const synthesis = () => synthesize({ receivers: [{ name: 'ops', webhook_configs: [webhook] }] });
  expect(synthesis).toThrow(
    'http_config.proxy_connect_header.Proxy-Authorization would write a secret into the manifests: remove this header, and use a proxy',
  );
  expect(synthesis).not.toThrow('X-Site');
});

test('refuses a password in endpoint_params of OAuth 2.0, and names the field for a client secret', () => {
  const oauth2 = {
    client_id: 'a',
    token_url: 'https://login.example.com/token',
    endpoint_params: { password: 'x' },
  };
  const webhook = { url_file: '/etc/alertmanager/receivers/url', http_config: { oauth2 } };
  expect(() => synthesize({ receivers: [{ name: 'ops', webhook_configs: [webhook] }] })).toThrow(
    /oauth2\.endpoint_params\.password would write a secret into the manifests: remove this parameter, and authenticate by oauth2\.client_secret_file/,
  );
});

test.each([
  ['pagerduty', { routing_key_file: 'routing', details: { key: 'a', password: 'rotated' } }],
  ['opsgenie', { api_key_file: 'api', details: { key: 'a' } }],
  ['victorops', { api_key_file: 'api', routing_key: 'a', custom_fields: { credentials: 'a' } }],
  ['webhook', { url_file: 'url', payload: { key: 'a' } }],
  ['webhook', { url_file: 'url', http_config: { http_headers: { key: { values: ['a'] } } } }],
  ['sns', { topic_arn: 'a', sigv4: { region: 'a' }, attributes: { key: 'a' } }],
])('accepts any names in a map of %s, because the names are data', (integration, config) => {
  const files = Object.entries(config).map(([field, value]) =>
    field.endsWith('_file') ? [field, `/etc/alertmanager/receivers/${value}`] : [field, value],
  );
  const receiver = { name: 'ops', [`${integration}_configs`]: [Object.fromEntries(files)] };
  expect(configuration({ receivers: [receiver] }).receivers[0]).toEqual(receiver);
});

test('gossips on the address of its pod, also where that is one of IPv6', () => {
  expect(containerArgs(synthesize({}), 'StatefulSet')).toContain('--cluster.listen-address=[$(POD_IP)]:9094');
});

test('reaches receivers on the ports that are named, and no others', () => {
  const { egress } = findOnly(synthesize({ receiverPorts: [8443] }), 'NetworkPolicy').spec;
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
      runbook: 'A.md',
      mutes,
    };
    const objects = synthesizeChart((chart) => {
      new Alertmanager(chart, 'a').addInhibitions({ ruleGroups: [{ name: 'g', rules: [rule as never] }] });
    });
    expect(parse(configFile(objects, 'alertmanager-config', 'alertmanager.yaml')).inhibit_rules).toEqual([
      { source_matchers: ['alertname="A"'], target_matchers: ['node!=""'], equal: ['cluster', 'group'] },
    ]);
  });

  test.each<[AlertmanagerProps, RegExp]>([
    [{ receivers, heartbeat: 'x' }, /heartbeat is "x"; allowed: one of receivers: "ops", "north", "outside"/],
    [{ heartbeat: 'x' }, /heartbeat is "x"; allowed: none, because receivers is not set/],
    [
      { receivers, routes: [{ routes: [{ receiver: 'opz' }] }] },
      /routes\[0\].routes\[0\].receiver is "opz"; allowed: one of receivers/,
    ],
    [
      { receivers, routes: [{ matchers: ['severity'] }] },
      /routes\[0\].matchers\[0\] is "severity"; allowed: an Alertmanager matcher/,
    ],
    [
      { receivers, routes: [{ active_time_intervals: ['x'] }] },
      /active_time_intervals is \["x"\]; allowed: a list, each member none, because timeIntervals/,
    ],
    [{ receivers: [{ name: 'a' }, { name: 'a' }] }, /receivers: two receivers have the name "a"/],
    [{ receivers: [{ name: 'nobody' }] }, /receivers: the receiver name "nobody" is reserved/],
  ])('%j is refused', (props, message) => expect(() => synthesize(props)).toThrow(message));
});

describe('robots in groups of messengers', () => {
  const receivers: AlertmanagerProps['receivers'] = [
    dingTalk({ name: 'our group', secretKey: 'robot', signingKey: 'sign' }),
    weComRobot({ name: '值班', secretKey: 'wecom-key' }),
  ];

  test('are told through a relay beside Alertmanager, which reads the Secret', () => {
    const objects = synthesize({ receivers, receiversSecretName: 'mine' });
    const config = parse(configFile(objects, 'alertmanager-config', 'alertmanager.yaml'));
    expect(config.receivers.slice(0, 2)).toEqual([
      {
        name: 'our group',
        webhook_configs: [{ url: 'http://127.0.0.1:8060/dingtalk%200%20our%20group' }],
      },
      {
        name: '值班',
        webhook_configs: [{ url: `http://127.0.0.1:8060/wecom%200%20${encodeURIComponent('值班')}` }],
      },
    ]);
    const relay = containersOf(findOnly(objects, 'StatefulSet')).find(({ name }) => name === 'robot-relay');
    const robots = relay?.env?.find(({ name }) => name === 'ROBOTS')?.value ?? '';
    expect(JSON.parse(robots)).toEqual({
      'dingtalk 0 our group': {
        dialect: 'dingtalk',
        addressFile: '/etc/alertmanager/receivers/robot',
        secretFile: '/etc/alertmanager/receivers/sign',
      },
      'wecom 0 值班': { dialect: 'wecom', addressFile: '/etc/alertmanager/receivers/wecom-key' },
    });
    expect(relay?.volumeMounts).toContainEqual({
      name: 'receivers',
      mountPath: '/etc/alertmanager/receivers',
      readOnly: true,
    });
  });

  test('of one receiver are all told', () => {
    const both = [{ name: 'a', ...robots('x', 'y') }] as const;
    const objects = synthesize({ receivers: both, receiversSecretName: 'mine' });
    const { receivers: written } = parse(configFile(objects, 'alertmanager-config', 'alertmanager.yaml'));
    expect(written[0].webhook_configs.map(({ url }: { url: string }) => url)).toEqual([
      'http://127.0.0.1:8060/wecom%200%20a',
      'http://127.0.0.1:8060/wecom%201%20a',
    ]);
  });

  test.each([
    [
      { key: '633a31f6' },
      /receivers\[0\].wecom_robot_configs\[0\].key is not an option; allowed: the options url_file/,
    ],
    [{}, /receivers\[0\].wecom_robot_configs\[0\]: url_file must be set/],
  ])('with %j are refused', (config, message) => {
    const one = [{ name: 'a', wecom_robot_configs: [config] }] as never;
    expect(() => synthesize({ receivers: one, receiversSecretName: 'mine' })).toThrow(message);
  });

  const robots = (...keys: string[]) => ({
    wecom_robot_configs: keys.map((key) => ({ url_file: `/etc/alertmanager/receivers/${key}` })),
  });

  test('need a Secret, and nobody else needs a relay', () => {
    expect(() => synthesize({ receivers })).toThrow(
      /receiversSecretName is not set, but a receiver sends to a chat robot/,
    );
    expect(containersOf(findOnly(synthesize(), 'StatefulSet')).map(({ name }) => name)).toEqual([
      'alertmanager',
    ]);
  });
});
