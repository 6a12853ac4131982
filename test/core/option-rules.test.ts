import { kubernetesVersion } from '../../lib/core/kubernetes-version';
import * as rules from '../../lib/core/option-rules';
import type { Rule } from '../../lib/core/validation';

const cases: [string, Rule, unknown[], unknown[]][] = [
  [
    'host name',
    rules.hostName,
    ['push.example.com', 'a.b'],
    [
      'https://push.example.com',
      'push.example.com/path',
      'push.example.com:443',
      'user:pass@push.example.com',
      'push',
      'Push.example.com',
      '10.0.0.1',
      `${'a'.repeat(64)}.example.com`,
      '',
      7,
    ],
  ],
  [
    'DNS label',
    rules.dnsLabel,
    ['monitoring', 'a-1'],
    ['Monitoring', '-a', 'a-', 'a.b', 'a_b', '', 'a'.repeat(64)],
  ],
  ['object name', rules.objectName, ['push-credentials', 'a.b'], ['a..b', 'A', 'a/b', '']],
  ['label value', rules.labelValue, ['reference', 'a_b.c-D'], ['a b', '-a', '', 'a'.repeat(64), 1]],
  [
    'labels',
    rules.labels,
    [{ 'a.io/b': 'c' }, { a: '' }, {}],
    [{ 'a b': 'c' }, { a: 'b c' }, { 'A.io/b': '' }, ['a'], null, 'a=b', new Date(0), new Map()],
  ],
  [
    'duration',
    rules.duration,
    ['1s', '15d', '2w', '100y'],
    ['0s', '1.5h', '15', 'd', '10 s', '10ms', '101y', 10],
  ],
  ['interval', rules.interval, ['1s', '60m', '1h'], ['0s', '2h', '3601s', '1d']],
  [
    'quantity',
    rules.quantity,
    ['64Mi', '1.5Gi', '1048576Ti'],
    ['64', '64M', 'Mi', '0Gi', '64 Mi', '-1Gi', '1048577Ti', 64],
  ],
  ['processor time', rules.cpu, ['1', '100m'], ['0', '0m', '1.5', '100Mi', '12345678', '']],
  [
    'address range',
    rules.cidr,
    ['10.0.0.0/8', '0.0.0.0/0', 'fd00::/8', '2001:DB8:1::/48', '::/0', '::ffff:10.0.0.0/104'],
    [
      '10.0.0.0',
      '10.0.0.256/8',
      '10.0.0.0/33',
      'any',
      '::::/64',
      'fd00::/129',
      'fe80::1%eth0/64',
      'fd00::/',
      'fd00::/064',
      8,
    ],
  ],
  [
    'Kubernetes version',
    kubernetesVersion,
    ['1.22', '1.36'],
    ['1.21', '1.37', '1.9', 'v1.22', '1.22.2', 1.22],
  ],
  ['path', rules.pathPrefix, ['/services', '/a/b'], ['services', '/', '/services/', '/a b']],
  ['port', rules.port, [1, 65_535], [0, 65_536, 1.5, '80']],
  ['word', rules.oneOfRule('a', 'b'), ['a'], ['c', 1]],
  ['whole number', rules.wholeNumberRule(1, 3), [1, 3], [0, 4, 1.5, '1']],
  ['list', rules.listRuleWithSingleError(rules.cpu), [['1'], []], [['0'], '1', {}]],
];

describe.each(cases)('a %s', (_, rule, good, bad) => {
  test.each(good.map((value) => ({ value })))('may be $value', ({ value }) =>
    expect(rule.accepts(value)).toBe(true),
  );
  test.each(bad.map((value) => ({ value })))('may not be $value', ({ value }) =>
    expect(rule.accepts(value)).toBe(false),
  );
});
