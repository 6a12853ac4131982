import { podLogsConfig } from '../../lib/agents/alloy-pod-logs';

const text = podLogsConfig({ cluster: 'here', pushUrl: 'http://loki/push' });

/** The regular expression that takes a path apart, as the configuration holds it. */
const [, quoted = ''] = /regex = ("(?:[^"\\]|\\.)*")/.exec(text) ?? [];
const path = new RegExp(`^(?:${JSON.parse(quoted)})$`);

test.each([
  ['/var/log/pods/monitoring_loki-0_1234-abcd/loki/0.log', ['monitoring', 'loki-0', 'loki']],
  ['/var/log/pods/kube-system_etcd-a_0123456789abcdef/etcd/12.log', ['kube-system', 'etcd-a', 'etcd']],
])('a line of %s is named by its path', (file, names) => {
  expect(path.exec(file)?.slice(1)).toEqual(names);
});

test('rotated and foreign files are not read twice under wrong names', () => {
  expect(path.test('/var/log/pods/a_b_c/d/0.log.20260101-000000.gz')).toBe(false);
  expect(path.test('/var/log/containers/x.log')).toBe(false);
});

test('it never gives up sending: the files are the buffer', () => {
  expect(text).toContain('max_backoff_retries = 0');
});

test('no label grows without bound', () => {
  expect(text).toContain('values = ["format", "filename"]');
  expect(text).not.toMatch(/target_label = "(uid|filename|pod_uid)"/);
});
