import { networkServer } from './network-rules';
import { isRecord, oneOf } from './option-rules';
import { objectWithFields } from './structure-rules';
import { problemsOf, type Rule, violationText } from './validation';

/** Rule for the destination of alerts. Other members of the construct are not checked. */
export const alertSink: Rule = {
  allowed: 'an object with alertmanagers (a list) and alertServer, such as an Alertmanager of this stack',
  accepts: (value) => alertSink.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { alertmanagers, alertServer } = Object(value);
    const isList =
      Array.isArray(alertmanagers) &&
      alertmanagers.every((one) => typeof one === 'string' && /^[^\s/]+:\d+$/.test(one));
    if (!isList) return [violationText(path, value, alertSink)];
    return problemsOf(`${path}.alertServer`, alertServer, networkServer);
  },
};

/** Rule for a destination of edge logs. */
export const logSink = objectWithFields('a LokiStack of this stack, or fromLoki({ ... })', 'endpoint');

/** Rule for the transport of edge metrics. */
export const transport = oneOf('pushgateway', 'remote-write');

/** Rule for a destination of edge metrics. */
export const metricsSink: Rule = {
  allowed: 'a Pushgateway, a MetricsGateway, fromPushgateway({ ... }) or fromRemoteWrite({ ... })',
  accepts: (value) => transport.accepts(Reflect.get(Object(value), 'protocol')),
};

/** Rule for a server that Grafana can query. */
export const dataSource: Rule = {
  allowed: 'an object with dataSource and queryServer, such as a Prometheus of this stack',
  accepts: (value) => dataSource.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { dataSource: source, queryServer } = Object(value);
    const isNamed =
      isRecord(source) &&
      ['name', 'uid', 'type', 'url'].every((field) => typeof Reflect.get(source, field) === 'string');
    if (!isNamed) return [violationText(path, value, dataSource)];
    return problemsOf(`${path}.queryServer`, queryServer, networkServer);
  },
};
