import {
  parseAndValidateGroupingKey,
  validateAndRenderPush,
} from '../../../lib/edge/metrics-agent/push-listener/samples.mjs';

const LIMITS = {
  reservedMetrics: '^up$',
  reservedJobs: '^loki$',
  readJobs: ['cadvisor'],
  seriesPerJob: 1_000,
  bytesPerPush: 262_144,
};

const renderPush = (path: string, text: string) =>
  validateAndRenderPush(text, parseAndValidateGroupingKey(path, LIMITS), 1_000, LIMITS);

test('each sample has the labels of its key, without the node, and the time of its push', () => {
  expect(renderPush('/metrics/job/shop/hostname/other', 'a{job="x",node="y",kind="z"} 1\n').text).toBe(
    'a{job="shop",kind="z"} 1 1000\npush_time_seconds{job="shop"} 1 1000\n',
  );
});

test.each([
  ['/metrics/job/cadvisor', 'is reserved for targets of the agent and for cloud components'],
  ['/metrics/job/loki', 'is reserved for targets of the agent and for cloud components'],
  ['/metrics/job/shop/cluster/x', "because the node's agent sets this label"],
])('%s is refused', (path, message) => {
  expect(() => parseAndValidateGroupingKey(path, LIMITS)).toThrow(message);
});

test('a long key that makes much of a small body is refused', () => {
  const key = Array.from({ length: 15 }, (_, at) => `/l${at}/${'v'.repeat(250)}`).join('');
  const text = Array.from({ length: 1_000 }, (_, at) => `a${at} 1\n`).join('');
  expect(() => renderPush(`/metrics/job/shop${key}`, text)).toThrow(
    'allowed: 1048576 bytes, counting the labels of the grouping key',
  );
});
