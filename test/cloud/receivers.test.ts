import { dingTalk, email, pagerDuty, slack, webhook, weCom, weComRobot } from '../../lib';

const FILE = '/etc/alertmanager/receivers/key';

test.each([
  ['webhook', webhook({ name: 'a', secretKey: 'key' }), 'webhook_configs', { url_file: FILE }],
  [
    'e-mail',
    email({ name: 'a', secretKey: 'key', to: 'x@y', from: 'z@y', smarthost: 'smtp:587', username: 'z' }),
    'email_configs',
    { to: 'x@y', smarthost: 'smtp:587', auth_username: 'z', auth_password_file: FILE },
  ],
  [
    'Slack',
    slack({ name: 'a', secretKey: 'key', channel: '#edge' }),
    'slack_configs',
    { api_url_file: FILE, channel: '#edge' },
  ],
  ['PagerDuty', pagerDuty({ name: 'a', secretKey: 'key' }), 'pagerduty_configs', { routing_key_file: FILE }],
  [
    'WeCom',
    weCom({ name: 'a', secretKey: 'key', corpId: 'ww1', agentId: '7' }),
    'wechat_configs',
    { corp_id: 'ww1', agent_id: '7', api_secret_file: FILE, to_user: '@all' },
  ],
] as const)('%s reads its secret from a file, and tells of the end, too', (_, receiver, kind, config) => {
  expect(receiver).toEqual({
    name: 'a',
    [kind]: [expect.objectContaining({ ...config, send_resolved: true })],
  });
});

test('WeCom tells departments, and not everybody then', () => {
  const { wechat_configs } = weCom({ name: 'a', secretKey: 'k', corpId: 'c', agentId: '1', toParty: '2|3' });
  expect(wechat_configs?.[0]).toMatchObject({ to_party: '2|3' });
  expect(wechat_configs?.[0]).not.toHaveProperty('to_user');
});

test('DingTalk reads the address and the signing key of its robot from files', () => {
  expect(dingTalk({ name: 'a', secretKey: 'robot', signingKey: 'sign', keyword: 'edge' })).toEqual({
    name: 'a',
    dingtalk_configs: [
      {
        url_file: '/etc/alertmanager/receivers/robot',
        secret_file: '/etc/alertmanager/receivers/sign',
        keyword: 'edge',
      },
    ],
  });
  expect(() => dingTalk({ name: 'a', secretKey: 'robot', signingKey: 'x/y' })).toThrow(
    /signingKey is "x\/y"/,
  );
});

test('a robot of WeCom reads its key from a file', () => {
  expect(weComRobot({ name: 'a', secretKey: 'key' })).toEqual({
    name: 'a',
    wecom_robot_configs: [{ url_file: FILE }],
  });
  expect(() => weComRobot({ name: 'a', secretKey: '../key' })).toThrow(
    /receiver wecom_robot: secretKey is "..\/key"/,
  );
});

test('says what a receiver lacks', () => {
  expect(() => webhook({ name: 'a' } as never)).toThrow(
    /receiver webhook: secretKey is missing; allowed: a key/,
  );
  expect(() => slack({ name: '', secretKey: '../x' })).toThrow(/name is ""; .*secretKey is "..\/x"/);
  expect(() => weCom({ name: 'a', secretKey: 'k', corpId: 'c' } as never)).toThrow(/agentId is missing/);
});
