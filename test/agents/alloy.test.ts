import { alloy, type LogTask } from '../../lib';
import { alloyProblems, type Block, blocksByName, parseAlloy } from '../support/alloy';
import { LOG_SELECTION as selection, LOG_TASK as task } from '../support/log-samples';
import { testStages } from '../support/loki-stages';

const read = (more: Partial<LogTask> = {}, agent = alloy()): Block[] =>
  parseAlloy(agent.files({ ...task, ...more })['config.alloy'] ?? '');

const onlyBlock = (blocks: readonly Block[], name: string): Block => {
  const [found, ...more] = blocksByName(blocks, name);
  if (!found || more.length) throw new Error(`${more.length + (found ? 1 : 0)} blocks ${name}`);
  return found;
};

testStages((more) =>
  onlyBlock(read(more), 'loki.process').blocks.map(({ name, attributes, blocks }) => ({
    name: name.replace('stage.', ''),
    ...(name === 'stage.match' && {
      match: { selector: `${attributes.selector}`, action: attributes.action as string, stages: blocks },
    }),
  })),
);

const config: Block[] = read();

test('lets no other label through', () => {
  expect(onlyBlock(config, 'stage.label_keep').attributes.values).toEqual([
    'namespace',
    'pod',
    'container',
    'job',
    'stream',
  ]);
  expect(onlyBlock(config, 'loki.write').attributes.external_labels).toEqual({
    cluster: 'here',
    group: 'north',
    node: { expression: 'sys.env("NODE_NAME")' },
  });
});

test('sends in batches, with a pause that is bounded, and never gives up', () => {
  expect(onlyBlock(config, 'endpoint').attributes).toEqual({
    url: 'https://logs.example.com/base/loki/api/v1/push',
    batch_size: '512KiB',
    batch_wait: '20s',
    remote_timeout: '2m',
    max_backoff_period: '120s',
    max_backoff_retries: 0,
  });
});

test('reads user, password and authority from files, and again when they change', () => {
  expect(blocksByName(config, 'local.file').map(({ attributes }) => attributes)).toEqual([
    { filename: '/credentials/username' },
  ]);
  // The file of a user is read for each request.
  const username = 'string.trim_space(local.file.username.content)';
  expect(onlyBlock(config, 'basic_auth').attributes).toEqual({
    username: { expression: username },
    password_file: { expression: `"/passwords/" + string.replace(${username}, "/", "_")` },
  });
  expect(onlyBlock(config, 'tls_config').attributes.ca_file).toBe('/ca/ca.crt');
});

test('waits, and drops nothing, over a limit of lines', () => {
  const limited = read({ sending: { ...task.sending, linesPerSecond: 200 } });
  expect(onlyBlock(limited, 'stage.limit').attributes).toEqual({ rate: 200, burst: 200, drop: false });
  expect(blocksByName(config, 'stage.limit')).toEqual([]);
});

test('sends without a password inside the cluster', () => {
  const inside = read({ target: { url: 'http://loki.monitoring.svc:3100/loki/api/v1/push' } });
  expect(blocksByName(inside, 'basic_auth')).toEqual([]);
  expect(blocksByName(inside, 'local.file')).toEqual([]);
});

test('takes the pods of its own node from the API server where it may', () => {
  const asking: Block[] = read({}, alloy({ kubernetesMetadata: true }));
  expect(onlyBlock(asking, 'selectors').attributes.field).toEqual({
    expression: '"spec.nodeName=" + sys.env("NODE_NAME")',
  });
  const paths = blocksByName(asking, 'rule').find(({ attributes }) => attributes.target_label === '__path__');
  expect(paths?.attributes).toMatchObject({ separator: '/', replacement: '/var/log/pods/*$1/*.log' });
  expect(onlyBlock(asking, 'stage.label_keep').attributes.values).toContain('app');
  expect(alloy({ kubernetesMetadata: true }).needsApiServer).toBe(true);
});

test('keeps its positions in the folder of its option, and sends no usage reports', () => {
  expect(alloy().args(task)).toEqual([
    'run',
    '/config/config.alloy',
    '--server.http.listen-addr=127.0.0.1:1234',
    '--storage.path=/state',
    '--disable-reporting',
  ]);
});

test('runs where its image does', () => expect(alloy().architectures).toEqual(['amd64', 'arm64']));

test('reaches Loki by the proxy of its environment where it is told to', () => {
  const { target } = task;
  expect(onlyBlock(read({ target: { ...target, byProxy: true } }), 'endpoint').attributes).toMatchObject({
    proxy_from_environment: true,
  });
  expect(onlyBlock(config, 'endpoint').attributes).not.toHaveProperty('proxy_from_environment');
});

// Its HTTP library fails each request after a renewal where no file of authorities is configured.
test('shows certificate and key, and reads the authorities from a file beside them', () => {
  const certificate = { certificateFile: '/node/server.crt', keyFile: '/node/server.key' };
  expect(
    onlyBlock(read({ target: { ...task.target, caFile: undefined, certificate } }), 'tls_config').attributes,
  ).toEqual({
    cert_file: '/node/server.crt',
    key_file: '/node/server.key',
    ca_file: '/etc/ssl/certs/ca-certificates.crt',
  });
});

test('supports every option', () => {
  const request = { ...selection, streamLabels: { site: 'Plant 1, Hall 2' } };
  expect(alloy().unsupported?.(request)).toBeUndefined();
});

test('is told what the pinned version takes', () => {
  const everything = { ...selection, labels: { ...task.labels, site: 'x' } };
  for (const agent of [alloy(), alloy({ kubernetesMetadata: true })])
    for (const more of [{}, everything, { sending: { ...task.sending, linesPerSecond: 9 } }])
      expect(alloyProblems(read(more, agent))).toEqual([]);
});

test('refuses of Alloy what loses lines by its defaults', () => {
  const config: Block[] = read(selection);
  for (const [name, attribute] of [
    ['endpoint', 'remote_timeout'],
    ['stage.multiline', 'max_lines'],
  ] as const)
    delete onlyBlock(config, name).attributes[attribute];
  expect(alloyProblems(config)).toEqual([
    'stage.multiline: max_lines is missing, so an event ends after 128 lines',
    'endpoint: remote_timeout is missing, so a batch times out after ten seconds',
  ]);
});
