import { App } from 'cdk8s';
import {
  CloudChart,
  EdgeChart,
  EdgeExporter,
  fromPushgateway,
  LokiStack,
  Prometheus,
  type Settings,
} from '../../lib';
import { allSettings, minimalSettings } from '../support/settings';
import { refusalMessage } from '../support/synthesize';

/** Returns the rule environment of these settings. */
function message(wrong: object): string {
  const settings = { ...minimalSettings, ...wrong } as Settings;
  try {
    const cloud = new CloudChart(new App(), 'cloud', { settings });
    const { sinks, logs } = cloud;
    new EdgeChart(new App(), 'edge', { settings, metrics: sinks, logs });
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

const told = { secrets: { receivers: 'files' }, receivers: [{ name: 'ops' }] };
const file = '/etc/alertmanager/receivers/key';
const receiver = (config: object) => ({ ...told, receivers: [{ name: 'ops', ...config }] });
const of = (name: string, config: object) => receiver({ [`${name}_configs`]: [config] });
const http = (config: object) => of('webhook', { url_file: file, http_config: config });
const route = (one: object) => ({ ...told, alerts: { routes: [one] } });
const times = (one: object) => ({ ...told, alerts: { timeIntervals: { nights: [one] } } });
const email = { to: 'a@example.com', from: 'b@example.com', smarthost: 'smtp.example.com:587' };

describe('what Alertmanager would refuse is refused with the path of the setting', () => {
  test.each<[object, string]>([
    [route({ group_wait: '30' }), 'alerts.routes[0].group_wait is "30"'],
    [route({ group_interval: '5 min' }), 'alerts.routes[0].group_interval is "5 min"'],
    [route({ repeat_interval: '0s' }), 'alerts.routes[0].repeat_interval is "0s"'],
    [route({ reciever: 'ops' }), 'alerts.routes[0].reciever is not an option'],
    [
      route({ receiver: 'opz' }),
      'alerts.routes[0].receiver is "opz"; allowed: one of settings.receivers: "ops"',
    ],
    [route({ mute_time_intervals: ['x'] }), 'set settings.alerts.timeIntervals, or remove this reference'],
    [route({ continue: 'yes' }), 'alerts.routes[0].continue is "yes"'],
    [route({ group_by: ['a', 'a'] }), 'alerts.routes[0].group_by is ["a","a"]'],
    [route({ group_by: ['...', 'a'] }), 'alerts.routes[0].group_by is'],
    [route({ matchers: ['group=~"(north"'] }), 'alerts.routes[0].matchers[0] is'],
    [route({ matchers: ['severity=critical'] }), 'alerts.routes[0].matchers[0] is'],
    [route({ routes: [{ matchers: 'a="b"' }] }), 'alerts.routes[0].routes[0].matchers is "a=\\"b\\""'],
    [times({ weekday: ['monday'] }), 'alerts.timeIntervals.nights[0].weekday is not an option'],
    [times({ weekdays: ['moonday'] }), 'alerts.timeIntervals.nights[0].weekdays[0] is "moonday"'],
    [times({ weekdays: ['friday:monday'] }), 'alerts.timeIntervals.nights[0].weekdays[0] is'],
    [times({ times: [{ start_time: '9:00', end_time: '24:00' }] }), 'nights[0].times[0] is'],
    [times({ times: [{ start_time: '18:00', end_time: '08:00' }] }), 'nights[0].times[0] is'],
    [times({ days_of_month: ['-1:1'] }), 'nights[0].days_of_month[0] is "-1:1"'],
    [times({ months: ['13'] }), 'nights[0].months[0] is "13"'],
    [times({ location: 'asia/shanghai' }), 'nights[0].location is "asia/shanghai"'],
    [receiver({ webhook_config: [] }), 'receivers[0].webhook_config is not an option'],
    [receiver({ webhook_configs: [{ url_fil: file }] }), 'receivers[0].webhook_configs[0].url_fil is not'],
    [
      receiver({ webhook_configs: [{ url_file: '/tmp/url' }] }),
      'receivers[0].webhook_configs[0].url_file is',
    ],
    [receiver({ webhook_configs: [{ send_resolved: true }] }), 'url_file must be set'],
    [
      receiver({ email_configs: [{ ...email, smarthost: 'smtp.example.com' }] }),
      'email_configs[0].smarthost is',
    ],
    [
      receiver({ email_configs: [{ ...email, to: 'a@example.com\nBcc: b@example.com' }] }),
      'email_configs[0].to is',
    ],
    [
      receiver({ email_configs: [{ ...email, headers: { subject: '{{ .Foo }}' } }] }),
      'headers.subject is not a valid template of Alertmanager',
    ],
    [
      receiver({ slack_configs: [{ api_url_file: file, title: '{{ .Status' }] }),
      'title is not a valid template of Alertmanager',
    ],
    [
      receiver({ slack_configs: [{ api_url_file: file, text: '{{ template "edge.txt" . }}' }] }),
      'is not a valid template of Alertmanager',
    ],
    [receiver({ telegram_configs: [{ bot_token_file: file }] }), 'one of chat_id, chat_id_file must be set'],
    [
      of('telegram', { bot_token_file: file, chat_id: 1, parse_mode: 'markdown' }),
      'parse_mode is "markdown"',
    ],
    [
      of('webhook', { url_file: file, max_alerts: -1 }),
      'max_alerts is -1; allowed: a whole number of at least 0',
    ],
    [http({ folow_redirects: true }), 'webhook_configs[0].http_config.folow_redirects is not an option'],
    [http({ tls_config: { min_version: 'TLS9' } }), 'http_config.tls_config.min_version is "TLS9"'],
    [http({ proxy_url: 'proxy:3128' }), 'http_config.proxy_url is "proxy:3128"; allowed: an http or https'],
    [http({ proxy_url: 'http://u:p@proxy:3128' }), 'http_config.proxy_url is'],
    [http({ no_proxy: 'a' }), 'no_proxy only together with proxy_url'],
    [http({ basic_auth: { username: 'a', username_file: file } }), 'at most one of username, username_file'],
    [http({ basic_auth: {}, bearer_token_file: file }), 'at most one of basic_auth, authorization'],
    [
      http({ authorization: { type: 'Basic' } }),
      'authorization.type is "Basic"; allowed: a scheme other than',
    ],
    [http({ oauth2: { client_id: 'a' } }), 'http_config.oauth2.token_url is missing'],
    [http({ http_headers: { 'X-Key': { secrets: ['a'] } } }), 'http_headers.X-Key.secrets is not an option'],
    [of('pagerduty', { routing_key_file: file, links: [{ hreff: 'a' }] }), 'links[0].hreff is not an option'],
    [of('pagerduty', { routing_key_file: file, images: [null] }), 'images[0] is null'],
    [of('slack', { api_url_file: file, actions: [{ type: 'button' }] }), 'actions[0].text is missing'],
    [of('slack', { api_url_file: file, fields: [{ title: 'a' }] }), 'fields[0].value is missing'],
    [of('opsgenie', { api_key_file: file, responders: [{ name: 'a', type: 'tem' }] }), 'type is "tem"'],
    [
      of('opsgenie', { api_key_file: file, responders: [{ type: 'team' }] }),
      'a responder with an id, a name or a username',
    ],
    [of('sns', { topic_arn: 'a', sigv4: { region: 1 } }), 'sigv4.region is 1'],
    [
      of('email', { ...email, headers: { 'Sub ject': 'a' } }),
      'receivers[0].email_configs[0].headers is "Sub ject"',
    ],
    [of('email', { ...email, headers: { Subject: 'a', subject: 'b' } }), 'each header name only once'],
    [
      of('email', { ...email, threading: { thread_by_date: 'weekly' } }),
      'threading.thread_by_date is "weekly"',
    ],
    [of('jira', { api_url: 'https://a', project: 'a', issue_type: 'a', summary: 'b' }), 'summary is "b"'],
    [
      of('mattermost', { webhook_url_file: file, attachments: [{ fields: [{}] }] }),
      'fields[0].title is missing',
    ],
    [of('rocketchat', { token_id_file: file, token_file: file, actions: ['a'] }), 'actions[0] is "a"'],
    [route({ routes: [{ routes: [{ recever: 'ops' }] }] }), 'routes[0].routes[0].routes[0].recever is not'],
    [route({ routes: [{ matchers: [null] }] }), 'alerts.routes[0].routes[0].matchers[0] is null'],
    [{ ...told, receivers: [{ name: 'a\u2028' }] }, 'receivers[0].name is'],
  ])('%j', (wrong, expected) => {
    expect(message(wrong)).toContain(expected);
  });

  test('and what it takes is accepted', () => {
    expect(
      message(route({ group_wait: '0s', group_by: ['...'], matchers: ['a =~ "x|y"'], continue: true })),
    ).toBe('accepted');
    expect(
      message(
        times({
          times: [{ start_time: '18:00', end_time: '24:00' }],
          weekdays: ['monday:friday', 'sunday'],
          days_of_month: ['1:7', '-7:-1', '15:-1'],
          months: ['may:august', '12'],
          years: ['2026:2028'],
          location: 'Asia/Shanghai',
        }),
      ),
    ).toBe('accepted');
    const title =
      '{{ if eq .Status "firing" }}{{ range .Alerts.Firing }}{{ .Labels.node | toUpper }}{{ end }}{{ else }}{{ template "edge.title" . }}{{ end }}';
    expect(message(receiver({ email_configs: [{ ...email, headers: { subject: title } }] }))).toBe(
      'accepted',
    );
    const client = {
      ...{ proxy_url: 'http://proxy.example.com:3128', no_proxy: '10.0.0.0/8', follow_redirects: false },
      ...{
        tls_config: { ca_file: file, min_version: 'TLS12' },
        http_headers: { 'X-Site': { values: ['a'] } },
      },
      oauth2: { client_id: 'a', client_secret_file: file, token_url: 'https://id.example.com/token' },
    };
    expect(message(http(client))).toBe('accepted');
    const link = { href: 'https://wiki.example.com', text: '{{ .CommonLabels.node }}' };
    expect(message(of('pagerduty', { routing_key_file: file, links: [link], details: { n: 1 } }))).toBe(
      'accepted',
    );
  });
});

const target = (job: object) => ({
  ingress: { certificateMetrics: [{ scrapeConfigs: [job], scrapeServers: [] }] },
});

describe('what other programs would refuse is refused with the path of the setting', () => {
  test.each<[object, string]>([
    [target({ job_name: '' }), 'ingress.certificateMetrics[0].scrapeConfigs[0].job_name is ""'],
    [target({ job_name: 'a', scrap_interval: '5m' }), 'scrapeConfigs[0].scrap_interval is not an option'],
    [target({ job_name: 'a', scrape_interval: '5 min' }), 'scrapeConfigs[0].scrape_interval is "5 min"'],
    [target({ job_name: 'a', scrape_interval: '5s', scrape_timeout: '10s' }), 'scrape_timeout is "10s"'],
    [{ ingress: { certificateMetrics: [null] } }, 'ingress.certificateMetrics[0] is null'],
    [
      { edge: { tolerations: [{ key: 'a', effect: 'NoSchedul' }] } },
      'edge.tolerations[0].effect is "NoSchedul"',
    ],
    [{ edge: { tolerations: [{ kee: 'a' }] } }, 'edge.tolerations[0].kee is not an option'],
    [{ edge: { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] } }, 'edge.tolerations[0] is'],
    [{ edge: { tolerations: [{ value: 'b' }] } }, 'edge.tolerations[0] is'],
    [
      { metricsStore: {} },
      'metricsStore is {}; allowed: a metrics store, such as prometheus({ replicas: 2 })',
    ],
    [{ edge: { profile: { collectors: ['cpux'] } } }, 'edge.profile.collectors[0] is "cpux"'],
    [{ edge: { profile: 'constructor' } }, 'edge.profile is "constructor"'],
    [{ edge: { profile: { collectors: ['cpu', 'cpu'] } } }, 'allowed: each collector once'],
    [{ edge: { textfileDirectory: '/' } }, 'edge.textfileDirectory is "/"'],
    [{ edge: { textfileDirectory: '/etc/' } }, 'edge.textfileDirectory is "/etc/"'],
    [{ imagePullSecrets: ['a', 'a'] }, 'imagePullSecrets is ["a","a"]; allowed: a list of distinct members'],
    [{ loki: { multiTenancy: { tenants: ['a', 'a'] } } }, 'loki.multiTenancy.tenants is ["a","a"]'],
    [{ commonLabels: { constructor: 'a' } }, 'commonLabels is'],
    [{ commonAnnotations: { constructor: 'a' } }, 'commonAnnotations is'],
    [{ edge: { nodeSelector: { constructor: 'a' } } }, 'edge.nodeSelector is'],
    [{ alerts: { thresholds: { constructor: 1 } } }, 'alerts.thresholds.constructor is not an option'],
    [{ images: { overrides: { constructor: 'a/b:1' } } }, 'images.overrides.constructor is not an option'],
    [{ grafana: { ini: { constructor: {} } } }, 'grafana.ini.constructor is not an option'],
    [JSON.parse('{ "edge": { "nodeSelector": { "__proto__": "a" } } }'), 'edge.nodeSelector is'],
    [
      JSON.parse('{ "alerts": { "overrides": { "__proto__": false } } }'),
      'the name of an entry in settings.alerts.overrides',
    ],
    [{ images: { mirror: '../../etc' } }, 'images.mirror is "../../etc"'],
    [
      {
        gitOps: {
          repository: 'https://git.example.com/a.git',
          path: 'dist/a',
          destination: { name: 'a\nb' },
        },
      },
      'gitOps.destination is {"name":"a\\nb"}',
    ],
    ...[
      '{a="b"',
      '{a=b}',
      '{a=~"(b"}',
      '{a=~".*"}',
      '{a!="b"}',
      '{a="b"} |= "c"',
      '{}',
      '{a=~"\\\\d"}'.replace('\\\\', '\\'),
    ].map((selector): [object, string] => [
      { loki: { streamRetention: [{ selector, period: '30d' }] } },
      'loki.streamRetention[0].selector is',
    ]),
    [
      { retention: { metricsSize: '100Gi' }, storage: { prometheus: '20Gi' } },
      'retention.metricsSize is 100Gi',
    ],
    [{ edge: { logs: { logRoots: ['/'] } } }, 'edge.logs.logRoots[0] is "/"'],
    [{ edge: { logs: { logRoots: ['//etc/'] } } }, 'edge.logs.logRoots[0] is "//etc/"'],
    ...['kube-system', 'default', 'kubeedge'].map((name): [object, string] => [
      { namespaces: { cloud: name } },
      `namespaces.cloud is "${name}"`,
    ]),
    [
      { edge: { logs: { drop: [{ line: 'a\u2028b' }] } } },
      'edge.logs.drop[0].line contains the character U+2028',
    ],
    [
      { edge: { logs: { drop: [{ line: 'a\ud800b' }] } } },
      'edge.logs.drop[0].line contains the character U+D800',
    ],
    [
      { loki: { multiTenancy: { limits: { north: { stream: 1 } } } } },
      'limits.north.stream is not an option',
    ],
  ])('%j', (wrong, expected) => {
    expect(message(wrong)).toContain(`settings.`);
    expect(message(wrong)).toContain(expected);
  });

  test('and selectors that Loki takes are accepted', () => {
    const selector = '{namespace="audit", container=~"web|api.*",pod!=`a`}';
    expect(message({ loki: { streamRetention: [{ selector, period: '30d' }] } })).toBe('accepted');
    expect(message(allSettings)).toBe('accepted');
  });
});

describe('templates of alerts', () => {
  const rule = (summary: string, more: object = {}) =>
    ({
      ruleGroups: [
        {
          name: 'ours',
          rules: [
            {
              alert: 'Ours',
              expr: 'up == 0',
              severity: 'warning',
              summary,
              description: 'd',
              runbook: 'https://wiki.example.com/ours',
              ...more,
            },
          ],
        },
      ],
    }) as const;
  const refused = (summary: string, more?: object) =>
    refusalMessage((chart) => new Prometheus(chart, 'prometheus').addRules(rule(summary, more)));

  test.each([
    ['{{ $labels.node', 'is not closed with }}'],
    ['{{ }}', 'the braces are empty'],
    ['{{ end }}', '"end" has no block to close'],
    ['{{ if $value }}x', '{{ if }} is not closed with {{ end }}'],
    ['{{ else }}', '"else" belongs to no open "if", "with" or "range"'],
    ['{{ humanise $value }}', 'the function humanise is unknown; allowed: args'],
    ['{{ $label.node }}', 'the variable $label is not defined; allowed: $labels'],
    ['{{ .Label.node }}', 'the field .Label is unknown; allowed: .Labels'],
    ['{{ ($value }}', 'a parenthesis is not closed'],
    ['{{ $value | }}', 'a value is missing before or after a pipe (|)'],
    ['{{ "a }}', 'a quote is not closed'],
    ['{{ template "a" . }}', 'the template "a" is unknown'],
    ['{{ with $x := 1 }}{{ end }}{{ $x }}', 'summary is not a valid template of Prometheus'],
    ['{{ if true }}{{ else }}{{ else }}{{ end }}', '"else" belongs to no open "if"'],
    ['{{ 1 | 2 }}', 'only a function can follow a pipe, not 2'],
    ['{{ $labels. }}', 'the name of a field is missing after $labels.'],
    ['{{- -}}', '- is not a number'],
    ['{{/* a }}', 'the comment is not closed with */'],
    ["{{ 'ab' }}", "'ab' is not a single character"],
    ['{{ 1x }}', '1x is not a number'],
    ['{{ $labels.node := 1 }}', '$labels.node is not a variable, so it cannot be set'],
    ['{{ range $a, $b, $c := query "up" }}{{ end }}', 'the action sets 3 variables; allowed: 2'],
    ['{{ "\\q" }}', '"\\q" contains an unknown escape'],
    ['{{ () }}', 'the parentheses are empty'],
    ['{{ if true }}{{ end x }}', '"{{ end x }}": x is not allowed after the keyword "end"'],
    ['{{ end x }}', 'x is not allowed after the keyword "end"'],
    ['{{ range query "up" }}{{ break x }}{{ end }}', 'x is not allowed after the keyword "break"'],
    ['{{ range query "up" }}{{ continue 1 }}{{ end }}', '1 is not allowed after the keyword "continue"'],
    ['{{ break := 1 }}', ':= is not allowed after the keyword "break"'],
    ['{{ break }}', '"break" is only allowed inside {{ range }}'],
    ['{{ range query "up" }}{{ else }}{{ break }}{{ end }}', '"break" is only allowed inside {{ range }}'],
    ['{{ range query "up" }}{{ block "a" . }}{{ break }}{{ end }}{{ end }}', '"break" is only allowed'],
    ['{{ if true }}{{ else x }}{{ end }}', 'x is not allowed after "else" here; allowed: if'],
    ['{{ else x }}', '"else" belongs to no open "if", "with" or "range"'],
    ['{{ if true }}{{ else if }}{{ end }}', 'a value is missing after "if"'],
    ['{{ if true }}{{ else with $value }}{{ end }}', 'with is not allowed after "else" here; allowed: if'],
    ['{{ with $value }}{{ else if true }}{{ end }}', 'if is not allowed after "else" here; allowed: with'],
    [
      '{{ range query "up" }}{{ else if true }}{{ end }}',
      'if is not allowed after "else" here; allowed: nothing',
    ],
    [
      '{{ range $labels }}{{ else nothing 1 }}{{ end }}',
      'nothing is not allowed after "else" here; allowed: nothing',
    ],
    ['{{ if true }}{{ define "a" }}{{ end }}{{ end }}', '"define" is not allowed inside of a block'],
    ['{{ block "a" }}{{ end }}', 'a value is missing after the name of the block'],
    ['{{ define "a" }}{{ $value }}{{ end }}', 'the variable $value is not defined; allowed: none'],
    ['{{ define "a" x }}{{ end }}', 'x is not allowed after the name of the template'],
    ['{{ range }}{{ end }}', 'a value is missing after "range"'],
    ['{{ template }}', 'the name of a template in quotes must follow "template"'],
    ['{{ humanize end }}', 'the keyword end is not allowed here'],
  ])('%s is refused', (summary, expected) => {
    expect(refused(summary)).toContain(
      `rule Ours of the group ours: summary is not a valid template of Prometheus`,
    );
    expect(refused(summary)).toContain(expected);
  });

  test('are checked in labels, too, whose names are those of labels', () => {
    expect(refused('s', { labels: { team: '{{ $labels.team' } })).toContain(
      'labels.team is not a valid template of Prometheus',
    );
    expect(refused('s', { labels: { 'a-b': 'c' } })).toContain('the name of an entry in labels is "a-b"');
  });

  test.each([
    '{{ $labels.node }} at {{ printf "%.0f" $value }} %',
    '{{ with query "up" }}{{ . | first | value | humanize }}{{ else }}none{{ end }}',
    '{{ range $index, $one := query "up" }}{{ $index }}: {{ $one.Labels.node }}{{ end }}',
    '{{- /* a comment with }} in it */ -}}{{ $x := 1 }}{{ if and (eq $x 1) (not false) }}{{ $.Value }}{{ end }}',
    '{{ .ExternalLabels.cluster | title }}{{ "}}" }}',
  ])('%s is accepted', (summary) => {
    expect(() => refused(summary)).toThrow('nothing was refused');
  });
});

test.each<[object, string]>([
  [{ action: 'replace', source_labels: ['a'] }, 'the action "replace" (the default) requires target_label'],
  [{ source_labels: ['a'] }, 'the action "replace" (the default) requires target_label'],
  [{ action: 'keep', regex: 'a' }, 'the actions "keep" and "drop" require source_labels or "if"'],
  [{ action: 'labeldrop', regex: 'a', source_labels: ['a'] }, '"labeldrop" and "labelkeep" require regex'],
  [{ action: 'drop', if: '{a="b"}' }, 'no field "if", because only vmagent supports this field'],
])('the relabelling %j of Prometheus is refused', (step, expected) => {
  const job = { job_name: 'own', relabel_configs: [step as never] };
  const target = { scrapeConfigs: [job], scrapeServers: [] };
  expect(refusalMessage((chart) => new Prometheus(chart, 'p').addTarget(target))).toContain(expected);
});

describe('what the parser of Prometheus refuses of an expression is refused with the reason', () => {
  const refused = (expr: string) => {
    const rule = { record: 'own:up:count', description: 'Own.', expr };
    const ruleGroups = [{ name: 'own', rules: [rule] }];
    return refusalMessage((chart) => new Prometheus(chart, 'p').addRules({ ruleGroups }));
  };

  test.each([
    ['"a"', 'the result is a string'],
    ['up[5m]', 'the result is a range vector'],
    ['(up offset 5m)[5m:1m]', 'the result is a range vector'],
    ['("a") > 1', 'an operator needs a scalar or an instant vector, not a string'],
    ['(up[5m])\nand up', 'an operator needs a scalar or an instant vector, not a range vector'],
    ['-up[5m]', 'an operator needs a scalar or an instant vector, not a range vector'],
    ['max_over_time(a + b[5m:])', 'an operator needs a scalar or an instant vector, not a range vector'],
    ['rate(up)', 'argument 1 of rate is an instant vector; expected: a range vector'],
    ['sum_over_time(sum(up))', 'argument 1 of sum_over_time is an instant vector'],
    ['histogram_quantile("a", up)', 'argument 1 of histogram_quantile is a string; expected: a scalar'],
    ['label_replace(up, "a", 1, "b", "c")', 'argument 3 of label_replace is a scalar; expected: a string'],
    ['label_replace(up, "a", "b")', 'label_replace needs 5 arguments, not 3'],
    ['label_join(up, "a")', 'label_join needs 3 or more arguments, not 2'],
    ['day_of_week(up, up)', 'day_of_week needs 0 to 1 arguments, not 2'],
    ['topk(up)', 'topk needs 2 arguments, not 1'],
    ['count_values(1, up)', 'argument 1 of count_values is a scalar'],
    ['limitk(1, up)', 'limitk is experimental and not enabled'],
    ['mad_over_time(up[5m])', 'mad_over_time is experimental and not enabled'],
    ['1 > 2', 'a comparison of two scalars needs the modifier "bool"'],
    ['up + bool 1', 'the modifier "bool" is only allowed for comparisons'],
    ['up and 1', 'the operators "and", "or" and "unless" only support instant vectors'],
    ['up * on (a) group_left (a) up', 'a label cannot be in "on" and also in "group_left" or "group_right"'],
    ['rate((up)[5m])', 'a range such as [5m] must follow a selector'],
    ['rate(up[0m])', 'a range must be a duration above 0'],
    ['rate(up[5m * 2])', 'a range must be a duration above 0'],
    ['up offset 5m offset 5m', 'the modifier "offset" is set twice'],
    ['sum(up) offset 5m', 'the modifier "offset" must follow a selector or a subquery'],
    ['{a=~".*"}', 'a selector needs at least one matcher that does not match an empty value'],
    ['up{__name__="a"}', 'the metric name is set twice'],
    ['up{a=~"("}', 'the value of a is not a regular expression in RE2 syntax'],
    ['up{a=~"\\d"}', 'the value of a is not terminated, or contains an unknown escape'],
    [
      'label_replace(up, "a", "b", "c", "\\d")',
      'the string is not terminated, or contains an unknown escape',
    ],
  ])('%s', (expr, expected) => {
    expect(refused(expr)).toContain('rule own:up:count of the group own: expr is not valid PromQL: ');
    expect(refused(expr)).toContain(expected);
  });

  test.each([
    'a and 1 < b offset 5m',
    'max_over_time((a + b)[5m:] offset 1m) > bool -1',
    'label_join(up, "a", "-", "b", "c", "d")',
    'up{a=~"\\\\d+", b=~`\\d`}',
    'sum by (a) (rate(up[1h30m] @ end())) * on (a) group_left (b) up',
    'vector(time()) and on () day_of_week() == 1',
  ])('%s is accepted', (expr) => expect(() => refused(expr)).toThrow('nothing was refused'));
});

describe('what the parser of Loki refuses of an expression is refused with the reason', () => {
  const refused = (expr: string) => {
    const rule = { record: 'own:lines:count', description: 'Own.', expr };
    const ruleGroups = [{ name: 'own', rules: [rule] }];
    return refusalMessage((chart) => new LokiStack(chart, 'l').addRules({ ruleGroups }));
  };

  test.each([
    ['{a="b"}', 'the result is log lines, not samples'],
    ['rate({a=~".*"}[5m])', 'a selector needs at least one matcher that does not match an empty value'],
    ['rate({a=~"("}[5m])', 'the value of a is not a regular expression in RE2 syntax'],
    ['rate({a="\\d"}[5m])', 'contains an unknown escape'],
    ['rate({a="b"} |~ "(" [5m])', 'the regular expression is not in RE2 syntax'],
    ['rate({a="b"} | regexp "(.*)" [5m])', 'the parser "regexp" needs a named group'],
    ['rate({a="b"} | pattern "no" [5m])', 'the parser "pattern" needs a name in angle brackets'],
    ['rate({a="b"} | pattern "<a><b>" [5m])', 'needs at least one character between two names'],
    ['sum_over_time({a="b"}[5m])', 'sum_over_time needs values'],
    [
      'count_over_time({a="b"} | unwrap x [5m])',
      'the function count_over_time counts lines and does not support "| unwrap"',
    ],
    ['rate({a="b"}[5m]) by (a)', 'the function rate does not support the modifiers "by" and "without"'],
    ['quantile_over_time({a="b"} | unwrap x [5m])', 'the function quantile_over_time needs a parameter'],
    ['sum(1)', 'the operator sum needs samples, not a number'],
    ['topk(rate({a="b"}[5m]))', 'the parameter of the operator topk must be a whole number of at least 1'],
    ['sum(3, rate({a="b"}[5m]))', 'the operator sum does not support a parameter'],
    ['rate({a="b"}[5m]) and 1', 'the operators "and", "or" and "unless" do not support numbers'],
    ['{a="b"} + 1', 'an operator such as "+" or "and" needs samples, not log lines'],
    ['label_replace(rate({a="b"}[5m]), "a", "$1", "b", "(")', 'is not in RE2 syntax'],
  ])('%s', (expr, expected) => {
    expect(refused(expr)).toContain('rule own:lines:count of the group own: expr is not valid LogQL: ');
    expect(refused(expr)).toContain(expected);
  });

  test('and what it takes is accepted', () => {
    const expr =
      'sum by (a) (quantile_over_time(0.9, {a="b"} |~ `x\\d` | pattern "<p> <q>" | unwrap duration(q) [5m]) by (a)) > 3';
    expect(() => refused(expr)).toThrow('nothing was refused');
  });
});

test('two groups of edge nodes with one name are refused', () => {
  const groups = [{ name: 'north' }, { name: 'north', nodeSelector: { a: 'b' } }];
  expect(
    () => new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, edge: { groups } } }),
  ).toThrow('settings.edge.groups[1].name is "north", which another group already uses: set a unique name');
});

describe('an exporter that the API server would refuse is refused', () => {
  const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push' });
  const volume = { name: 'data', emptyDir: {} };
  test.each<[object, string]>([
    [{ args: [1] }, 'args[0] is 1; allowed: a text'],
    [{ args: '--verbose' }, 'args is "--verbose"; allowed: a list'],
    [{ args: ['a\u2028'] }, 'args[0] contains the character U+2028'],
    [{ env: [{ name: 'A', value: 1 }] }, 'env[0].value is 1; allowed: a text'],
    [{ volumes: [volume, volume] }, 'volumes is'],
    [{ volumes: [{ name: 'push', emptyDir: {} }] }, 'a unique name for each'],
    [
      { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      'volumeMounts has the unknown volume "data"; allowed: push',
    ],
    [{ containerName: 'push' }, 'two containers have the name "push"'],
    [{ uid: -1 }, 'uid is -1'],
    [{ securityContext: { runAsUser: -1 } }, 'securityContext.runAsUser is -1'],
    [{ resources: { cpu: '1', memory: '2Gi', memoryLimit: '1Gi' } }, 'resources is'],
    [{ prot: 1 }, 'prot is not an option'],
    [{ interval: null }, 'interval is null'],
  ])('%j', (wrong, expected) => {
    const props = { name: 'modem', image: 'ghcr.io/a/b:1', port: 9_800, sink, ...wrong };
    expect(refusalMessage((chart) => new EdgeExporter(chart, 'modem', props as never))).toContain(expected);
  });
});
