import { gzipSync } from 'node:zlib';

/** A hostile push. */
export interface HostilePush {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** The group that an honest node pushes, which hostile ones try to be mistaken for. */
export const HONEST_GROUP = '/metrics/job/honest/instance/h/hostname/h';

/** Pushes that are the same for the same seed. */
export class HostilePushes {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  next(): HostilePush {
    const method = this.among(['PUT', 'PUT', 'PUT', 'POST', 'POST', 'DELETE'] as const);
    const path = this.path();
    if (method === 'DELETE') return { method, path, headers: {} };
    const body = this.body();
    const encoding = this.among(ENCODINGS);
    const type = this.among(TYPES_OF_BODIES);
    return {
      method,
      path,
      headers: {
        ...(encoding && { 'Content-Encoding': encoding }),
        ...(type && { 'Content-Type': type }),
        ...(this.chance(0.1) && { 'Transfer-Encoding': 'chunked' }),
      },
      body: /^gzip$/i.test(encoding) && this.chance(0.9) ? gzipSync(body, { level: 1 }) : body,
    };
  }

  /** From 0 up to, and without, 1: mulberry32. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }

  private among<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  private some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  private path(): string {
    if (this.chance(0.05)) return this.among(OTHER_PATHS);
    if (this.chance(0.4)) return `/metrics/job/hostile/instance/x/hostname/x${this.below(5)}`;
    const job = `job${this.value()}`;
    const rest = this.chance(0.5)
      ? [`instance${this.value()}`, `hostname${this.value()}`]
      : this.some(5, () => `${this.among(LABELS)}${this.value()}`);
    const path = `/${this.among(['metrics', 'metrics', 'metrics', 'metrics', 'Metrics', 'metrics/'])}/${[job, ...rest].join('/')}`;
    return path === HONEST_GROUP ? `${path}/group/g` : path;
  }

  /** Returns a label value in a path, with its separator. */
  private value(): string {
    if (this.chance(0.3))
      return `@base64/${this.among(['aA==', 'aA', '_w', '%', '=', 'aG9uZXN0', 'w7w', 'Cg', ''])}`;
    return `/${this.among(['honest', 'h', 'x', 'loki', '%ff%fe', '%00', '%0a', '%c3%bc', '..%2f', '%22', '%7b%7d', 'a'.repeat(400), '', '%25ff'])}`;
  }

  private body(): Buffer {
    if (this.chance(0.05)) return Buffer.from(Array.from({ length: this.below(200) }, () => this.below(256)));
    if (this.chance(0.02)) return Buffer.from(`a{b="${'x'.repeat(this.below(4_000_000))}"} 1\n`);
    if (this.chance(0.03))
      return Buffer.from(Array.from({ length: this.below(3_000) }, (_, n) => `s{n="${n}"} 1\n`).join(''));
    if (this.chance(0.02)) return Buffer.from('\n'.repeat(this.below(100_000)));
    if (this.chance(0.05)) return Buffer.from(this.twins());
    const text = this.some(12, () => this.line()).join('');
    return Buffer.from(this.chance(0.1) ? text.slice(0, this.below(text.length + 1)) : text, 'latin1');
  }

  /** Two samples that are one series once the labels of a key count. */
  private twins(): string {
    const [name, label] = [this.among(NAMES), this.among(LABELS)];
    return `${name}{${label}="1"} 1\n${name}{${label}="2"} 2\n`;
  }

  private line(): string {
    if (this.chance(0.2)) return `# TYPE ${this.among(NAMES)} ${this.among(TYPES)}\n`;
    if (this.chance(0.05)) return `# HELP ${this.among(NAMES)} ${this.among(['help', 'other', '\xff'])}\n`;
    const labels = this.some(
      4,
      () => `${this.among([...LABELS, 'quantile', 'le', '__name__', '1'])}="${this.among(VALUES)}"`,
    );
    const time = this.chance(0.2) ? ` ${this.among(['1', '1700000000000', '-1', 'x'])}` : '';
    const braces = labels.length || this.chance(0.2) ? `{${labels.join(',')}}` : '';
    return `${this.among(NAMES)}${braces} ${this.among(NUMBERS)}${time}${this.among(['\n', '\n', '\n', '\r\n', ' \n', ''])}`;
  }
}

/** Requests that are not pushes, or that belong to another server. */
const OTHER_PATHS = [
  '/metrics',
  '/metrics/',
  '//metrics/job/x',
  '/metrics//job/x',
  '/metrics/job',
  '/metrics/job/',
  '/metrics/job/x/',
  '/metrics/job/x//instance/y',
  '/metrics/job/x/../honest/instance/h/hostname/h',
  '/metrics/job/honest/instance/h/hostname/h/',
  '/metrics/job/honest/instance/h/hostname/h/x',
  '/metrics/job/x%2Finstance%2Fh',
  '/metrics/%6aob/honest/instance/h/hostname/h?x=1',
  '/metrics/job/x?/instance/y',
  '/metrics/jobs/x',
  '/api/v1/admin/wipe',
  '/api/v1/write',
  '/api/v1/metrics',
  '/v1/metrics',
  '/-/quit',
  '/-/reload',
  '/-/ready',
  '/debug/pprof/profile',
  '/',
];
const ENCODINGS = [
  '',
  '',
  '',
  'gzip',
  'gzip',
  'gzip',
  'snappy',
  'GZIP',
  'br',
  'deflate',
  'zstd',
  'identity',
  'gzip, gzip',
];
const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const TYPES_OF_BODIES = [
  '',
  '',
  '',
  '',
  'text/plain',
  'application/openmetrics-text',
  'application/x-protobuf',
  PROTOBUF,
];
const LABELS = ['job', 'instance', 'hostname', 'group', 'node', 'cluster', 'site', '__x', 'pushgateway'];
const NAMES = [
  'honest_total',
  'up',
  'ALERTS',
  'kube_node_info',
  'a:b',
  'a',
  'b',
  'b_sum',
  'b_count',
  'b_bucket',
  'go_goroutines',
  'go_gc_duration_seconds',
  'go_gc_duration_seconds_sum',
  'go_gc_duration_seconds_bucket',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'promhttp_metric_handler_requests_total',
  'pushgateway_build_info',
  'pushgateway_http_requests_total',
  'push_time_seconds',
  'push_failure_time_seconds',
  '1a',
  'ü',
];
const TYPES = ['counter', 'gauge', 'summary', 'histogram', 'untyped', 'x', ''];
const VALUES = [
  '',
  'h',
  'honest',
  '0.5',
  '+Inf',
  '\\\\',
  '\\"',
  '\\x',
  '\xff',
  '\xc3\xbc',
  'x'.repeat(3_000),
  '\x00',
];
const NUMBERS = ['1', '-1.5e3', 'NaN', '+Inf', '-inf', '0x1p-2', '1_000', '1e999', 'x', '', '.5', '1 2 3'];
