import { networkServer } from './network-rules';
import { isRecord, oneOf } from './option-rules';
import { having } from './structure-rules';
import { problemsOf, type Rule, violation } from './validation';

/** Where alerts are sent: a construct has more than a rule can know. */
export const alertSink: Rule = {
  allowed: 'something with alertmanagers, a list, and alertServer, such as an Alertmanager of this stack',
  accepts: (value) => alertSink.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { alertmanagers, alertServer } = Object(value);
    const isList =
      Array.isArray(alertmanagers) &&
      alertmanagers.every((one) => typeof one === 'string' && /^[^\s/]+:\d+$/.test(one));
    if (!isList) return [violation(path, value, alertSink)];
    return problemsOf(`${path}.alertServer`, alertServer, networkServer);
  },
};

/** Where logs of the edge go. */
export const logSink = having('a LokiStack of this stack, or fromLoki({ ... })', 'endpoint');

/** How metrics of nodes travel. */
export const transport = oneOf('pushgateway', 'remote-write');

/** Where metrics of the edge go. */
export const metricsSink: Rule = {
  allowed: 'a Pushgateway, a MetricsGateway, fromPushgateway({ ... }) or fromRemoteWrite({ ... })',
  accepts: (value) => transport.accepts(Reflect.get(Object(value), 'protocol')),
};

/** What Grafana can query. */
export const dataSource: Rule = {
  allowed: 'something with dataSource and queryServer, such as a Prometheus of this stack',
  accepts: (value) => dataSource.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { dataSource: source, queryServer } = Object(value);
    const isNamed =
      isRecord(source) &&
      ['name', 'uid', 'type', 'url'].every((field) => typeof Reflect.get(source, field) === 'string');
    if (!isNamed) return [violation(path, value, dataSource)];
    return problemsOf(`${path}.queryServer`, queryServer, networkServer);
  },
};
