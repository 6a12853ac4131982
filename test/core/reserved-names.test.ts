import {
  joinPatternsToMatchWholeText,
  RESERVED_IN_PUSHES,
  RESERVED_JOBS,
  RESERVED_METRICS,
} from '../../lib/core/reserved-names';

const matches = (expressions: readonly string[], name: string) =>
  new RegExp(joinPatternsToMatchWholeText(expressions)).test(name);

describe('reserved names', () => {
  test.each(['ALERTS', 'kube_node_info', 'edge_fleet:silent:ratio', 'pushgateway_http_requests_total'])(
    'keep %s from every client',
    (name) => {
      expect(matches(RESERVED_METRICS, name)).toBe(true);
      expect(matches(RESERVED_IN_PUSHES, name)).toBe(true);
    },
  );

  test.each(['up', 'scrape_duration_seconds'])('keep %s from pushes, and leave it to agents', (name) => {
    expect(matches(RESERVED_METRICS, name)).toBe(false);
    expect(matches(RESERVED_IN_PUSHES, name)).toBe(true);
  });

  test.each([
    'node_load1',
    'kubelet_running_pods',
    'container_memory_usage_bytes',
    'upload_bytes',
    'my_ALERTS',
  ])('leave %s to the edge', (name) => expect(matches(RESERVED_IN_PUSHES, name)).toBe(false));

  test('are those of jobs that only the cloud has', () => {
    for (const job of [
      'loki',
      'prometheus',
      'pushgateway',
      'pushgateway-services',
      'pushgateway-shard-1',
      'cloud-x',
    ]) {
      expect(matches(RESERVED_JOBS, job)).toBe(true);
    }
    for (const job of ['node_exporter', 'kubelet', 'cadvisor', 'orders', 'cloud']) {
      expect(matches(RESERVED_JOBS, job)).toBe(false);
    }
  });
});
