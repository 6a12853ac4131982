import { RE2JS } from 're2js';
import { parse } from 'yaml';
import { fluentBit, type LogAgent, type LogTask, promtail } from '../../lib';
import { formatAgentNames, problemsOfOptionsUnsupportedByAgent } from '../../lib/agents/log-agents';
import { POD_LOG_PATH } from '../../lib/agents/log-files';
import { LOKI_OPTIONS } from '../../lib/cloud/loki/options';
import { toSeconds } from '../../lib/core/units';
import { fluentBitProblems } from '../support/log-agent-formats';
import { podLogFiles, LOG_SELECTION as selection, LOG_TASK as task } from '../support/log-samples';
import { testStages } from '../support/loki-stages';

// biome-ignore lint/suspicious/noExplicitAny: configurations of two programs
const parseAgentConfig = (agent: LogAgent, more: Partial<LogTask> = {}): any => {
  const [text = ''] = Object.values(agent.files({ ...task, ...more }));
  return parse(text);
};
/** The agents that support what Fluent Bit does not. */
const OTHERS = formatAgentNames(({ name }) => name !== fluentBit().name);

describe('a path of a pod’s log', () => {
  const path = RE2JS.compile(`^(?:${POD_LOG_PATH})$`);
  const named = (file: string) => {
    const found = path.matcher(file);
    return found.matches() && ['namespace', 'pod', 'container'].map((name) => found.group(name));
  };

  test('names namespace, pod and container, with nobody asked', () => {
    expect(podLogFiles().map(named)).toEqual([
      ['kube-system', 'etcd-edge-1', 'etcd'],
      ['shop', 'web-6c9f', 'app'],
      ['shop', 'web-6c9f', 'sidecar'],
    ]);
  });

  test.each([
    '/var/log/pods/a_b_c/d/0.log.20260101-000000.gz',
    '/var/log/containers/x.log',
    '/var/log/pods/x/0.log',
  ])('is not %s', (file) => expect(named(file)).toBe(false));
});

describe('Promtail', () => {
  const config = parseAgentConfig(promtail());

  testStages((more) =>
    parseAgentConfig(promtail(), more).scrape_configs[0].pipeline_stages.map((stage: object) => ({
      name: Object.keys(stage)[0],
      ...stage,
    })),
  );

  test('lets no other label through', () => {
    expect(config.scrape_configs[0].pipeline_stages.at(-1)).toEqual({
      labelallow: ['namespace', 'pod', 'container', 'job', 'stream'],
    });
    expect(config.clients[0].external_labels).toEqual({ cluster: 'here', group: 'north' });
    expect(promtail().args(task)).toContain('-client.external-labels=node=$(NODE_NAME)');
  });

  test('sends in batches, with a pause that is bounded, and never gives up', () => {
    expect(config.clients[0]).toMatchObject({
      url: 'https://logs.example.com/base/loki/api/v1/push',
      batchsize: 524_288,
      batchwait: '20s',
      timeout: '2m',
      backoff_config: { max_period: '120s', max_retries: 0 },
      basic_auth: { username_file: '/credentials/username', password_file: '/credentials/password' },
      tls_config: { ca_file: '/ca/ca.crt' },
    });
  });

  test('waits, and drops nothing, over a limit of lines', () => {
    const limited = parseAgentConfig(promtail(), { sending: { ...task.sending, linesPerSecond: 200 } });
    expect(limited.limits_config).toEqual({
      readline_rate_enabled: true,
      readline_rate: 200,
      readline_burst: 200,
      readline_rate_drop: false,
    });
  });

  test('keeps its positions where it is told, and is heard by its own pod only', () => {
    expect(config.positions.filename).toBe('/state/positions.yaml');
    expect(config.server).toMatchObject({ http_listen_address: '127.0.0.1', http_listen_port: 1234 });
  });

  test('says that its life is over', () => expect(promtail().notice).toMatch(/end of life in March 2026/));
});

describe('Fluent Bit', () => {
  const config = parseAgentConfig(fluentBit());

  const [tail] = config.pipeline.inputs;
  const [loki] = config.pipeline.outputs;

  test('reads what was rotated while it was down, and forgets it after it would be too old for Loki', () => {
    const [rotated, read] = tail.path.split(',');
    expect([read, rotated]).toEqual(['/var/log/pods/*/*/*.log', '/var/log/pods/*/*/*.log.*']);
    expect(tail.exclude_path).toBe('*.gz,*.tmp');
    // What is forgotten is read from its beginning again, if it is younger than what is left alone.
    expect(tail.rotate_wait).toBeGreaterThan(tail.ignore_older);
    expect(tail.ignore_older).toBe(toSeconds(LOKI_OPTIONS.maxLineAge.default));
  });

  test('names streams as the others do', () => {
    expect(loki.labels).toBe(`cluster=here, group=north, node=\${NODE_NAME}`);
    expect(loki.label_keys).toBe('$namespace,$pod,$container,$job,$stream');
  });

  test('sends the line alone, compressed, to the path of the address', () => {
    expect(loki).toMatchObject({
      host: 'logs.example.com',
      port: 443,
      uri: '/base/loki/api/v1/push',
      tls: 'on',
      'tls.verify': 'on',
      'tls.verify_hostname': 'on',
      'tls.ca_file': '/ca/ca.crt',
      drop_single_key: 'raw',
      compress: 'gzip',
    });
  });

  test('never gives up, with a pause that is bounded', () => {
    expect(loki.retry_limit).toBe('no_limits');
    expect(config.service['scheduler.cap']).toBe(120);
  });

  test('sends sooner in a backlog, long before it would drop lines', () => {
    const { service } = config;
    const key = (name: string) => Number(service[`flush.adaptive.${name}`]);
    // As long as little waits, it flushes after twice `flush`, at most max_interval.
    expect([2 * service.flush, key('max_interval'), key('min_interval')]).toEqual([20, 20, 5]);
    const sizes = ['low_pressure', 'medium_pressure', 'high_pressure'].map(
      (name) => (key(name) / 100) * loki['storage.total_limit_size'],
    );
    expect(sizes).toEqual([2, 3, 4].map((mebibytes) => mebibytes * 2 ** 20));
    // Chunks of two megabytes, of which eight are in memory, and a hundred restarts within an outage.
    expect(loki['storage.total_limit_size']).toBeGreaterThan(100 * 8 * 2e6);
  });

  test('keeps what it has read on the host, and stops reading when that is full', () => {
    expect(tail).toMatchObject({
      'storage.type': 'filesystem',
      'storage.pause_on_chunks_overlimit': 'on',
      db: '/state/positions.db',
      read_from_head: true,
    });
    expect(config.service['storage.path']).toBe('/state/buffer');
  });

  test('reads user and password from files', () => {
    expect(config.env).toEqual([
      { name: 'LOKI_USER', uri: 'file:///credentials/username' },
      { name: 'LOKI_PASSWORD', uri: 'file:///credentials/password' },
    ]);
    expect(loki.http_passwd).toBe(`\${LOKI_PASSWORD}`);
  });

  const filters = (more: Partial<LogTask>) => parseAgentConfig(fluentBit(), more).pipeline.filters;

  test('has one tag for all containers, so that one request holds the lines of all', () => {
    for (const more of [{}, selection]) {
      const [input] = parseAgentConfig(fluentBit(), more).pipeline.inputs;
      expect(input.tag).toBe('pods.all');
      expect(input.tag_regex).toBeUndefined();
    }
  });

  test('names, then joins, then chooses by the fields of a record', () => {
    const { keep, drop, multiline } = selection;
    expect(
      filters({ keep, drop, multiline }).map(({ name, set }: { name: string; set?: string }) => set ?? name),
    ).toEqual([
      'lua',
      'event more:5',
      'event first:5',
      'lua',
      'chosen yes',
      'chosen yes',
      'chosen no',
      'chosen no',
      'grep',
    ]);
    expect(filters({ keep, drop, multiline }).at(-1).regex).toBe('chosen ^yes$');
    expect(filters({ drop }).at(-1).exclude).toBe('chosen ^no$');
    expect(filters({ drop })[2].condition).toEqual([
      'Key_value_matches namespace ^(?:shop)$',
      'Key_value_matches container ^(?:web)$',
      'Key_value_matches log (?:GET\\x20/healthz)',
    ]);
    expect(loki.remove_keys.split(',')).toContain('chosen');
  });

  test('writes an expression as one word: a filter takes three of them, and no quotes', () => {
    const words: string[] = filters(selection)[5].condition[1].split(' ');
    expect(words).toEqual(['Key_value_matches', 'log', '(?:error\\x20\\x22x\\x22\\x20\\{)']);
    expect(
      RE2JS.compile(words[2] ?? '')
        .matcher('an error "x" {')
        .find(),
    ).toBe(true);
  });

  test('begins no expression with a slash, which would make the next one the beginning of flags', () => {
    const [, rule] = filters({ drop: [{ line: '/api/x' }] });
    expect(rule.condition).toEqual(['Key_value_matches log (?:/api/x)']);
  });

  test('names its script absolutely, as a hot reload looks for others in a folder of its own', () => {
    expect(filters({})[0]).toMatchObject({ name: 'lua', script: '/config/name.lua' });
  });

  test('takes new files without waiting for what is refused, and starts again where that fails', () => {
    expect(config.service).toMatchObject({
      hot_reload: 'on',
      'hot_reload.ensure_thread_safety': 'off',
      'hot_reload.timeout': 20,
    });
  });

  test('trusts the authorities of its image where it is not told of others', () => {
    const target = { url: 'https://logs.example.com/loki/api/v1/push' };
    const [output] = parseAgentConfig(fluentBit(), { target }).pipeline.outputs;
    expect(output['tls.ca_file']).toBe('/etc/ssl/certs/ca-certificates.crt');
  });

  test('tells the first line of an event from others of its containers, whatever rule is about them', () => {
    const multiline = [
      { container: 'app', firstLine: '^x y' },
      { firstLine: '^z', maxWait: '90s' as const },
    ];
    const [, ...marks] = filters({ multiline }).slice(0, -1);
    expect(
      marks.map(({ condition, set }: { condition?: string[]; set: string }) => [set, condition]),
    ).toEqual([
      ['event more:3', ['Key_value_matches container ^(?:app)$']],
      ['event more:90', undefined],
      ['event first:3', ['Key_value_matches container ^(?:app)$', 'Key_value_matches log (?:^x\\x20y)']],
      ['event first:90', ['Key_value_matches log (?:^z)']],
    ]);
  });

  test('lets events go that wait for a line that does not come, and keeps them on the host', () => {
    const [, beat] = parseAgentConfig(fluentBit(), selection).pipeline.inputs;
    expect(beat).toMatchObject({
      name: 'dummy',
      tag: 'pods.beat',
      interval_sec: 1,
      'storage.type': 'filesystem',
    });
    expect(config.pipeline.inputs).toHaveLength(1);
    const files = fluentBit().files({ ...task, ...selection });
    expect(files['join.lua']).toMatch(/^EVENTS_FILE = "\/state\/events"\n/);
    expect(fluentBit().files(task)).not.toHaveProperty('join.lua');
  });

  test.each(['(?s)a.b', '(?im:^a)', '(?U)a+', '\\Qa.b\\E', 'a\\C'])(
    'refuses %j, which RE2 reads and its own expressions do not, or in another way',
    (line) => {
      expect(
        problemsOfOptionsUnsupportedByAgent(fluentBit(), { drop: [{ container: 'shop', line }] }),
      ).toEqual([
        `drop[0].line is ${JSON.stringify(line)}, but regular expressions of Fluent Bit support only the flag i, and neither \\Q nor \\C: ` +
          `remove \\Q, \\C and all flags except i, or set the option "agent" to ${OTHERS}`,
      ]);
      expect(problemsOfOptionsUnsupportedByAgent(promtail(), { drop: [{ line }] })).toEqual([]);
    },
  );

  test.each(['Plant 1, Hall 2', '$site'])(
    'refuses %j for a label, which it would read as something else',
    (site) => {
      expect(problemsOfOptionsUnsupportedByAgent(fluentBit(), { streamLabels: { site } })).toEqual([
        `streamLabels.site is ${JSON.stringify(site)}, but Fluent Bit does not support commas and dollar signs in label values: ` +
          `remove commas and dollar signs from the label value, or set the option "agent" to ${OTHERS}`,
      ]);
    },
  );

  test('refuses a limit that it could only keep by losing lines', () => {
    expect(problemsOfOptionsUnsupportedByAgent(fluentBit(), { sending: { linesPerSecond: 5 } })).toEqual([
      'sending.linesPerSecond is 5, but a limit of lines per second in Fluent Bit would lose lines or stop reading log files: ' +
        `remove the option, and limit the bandwidth of the node, or set the option "agent" to ${OTHERS}`,
    ]);
    expect(
      problemsOfOptionsUnsupportedByAgent(promtail(), { sending: { linesPerSecond: 5, batchSize: '1Mi' } }),
    ).toEqual([]);
  });
});

describe('what the programs of the pinned versions take', () => {
  const everything = { ...selection, labels: { ...task.labels, site: 'x' } };

  test('is all that Fluent Bit is told', () => {
    for (const more of [{}, everything])
      expect(fluentBitProblems(parseAgentConfig(fluentBit(), more))).toEqual([]);
  });

  // Each was part of a configuration that was synthesized, and did harm when it was run.
  test.each<[string, (config: ReturnType<typeof parseAgentConfig>) => void, string]>([
    [
      'a relative script',
      (config) => Object.assign(config.pipeline.filters[0], { script: 'name.lua' }),
      'relative',
    ],
    [
      'a tag for each container',
      (config) => Object.assign(config.pipeline.inputs[0], { tag: 'pods.<pod>', tag_regex: '(?<pod>.+)' }),
      'must be the same for all containers',
    ],
    [
      'a reload that waits for refused pushes',
      (config) => Object.assign(config.service, { 'hot_reload.ensure_thread_safety': 'on' }),
      'forever',
    ],
    ['no bundle of authorities', (config) => delete config.pipeline.outputs[0]['tls.ca_file'], 'tls.ca_file'],
    [
      'a key of another version',
      (config) => Object.assign(config.pipeline.inputs[0], { db_lock: 1 }),
      'no db_lock',
    ],
  ])('refuses %s of Fluent Bit', (_, harm, problem) => {
    const config = parseAgentConfig(fluentBit());
    harm(config);
    expect(fluentBitProblems(config)).toEqual([expect.stringContaining(problem)]);
  });
});
