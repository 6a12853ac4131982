import { networkServer } from './network-rules';
import { isObjectNotList, oneOfRule } from './option-rules';
import { objectWithAtLeastFieldsRule } from './structure-rules';
import { problemsOfValue, type Rule, ruleViolationText } from './validation';

/** Validation rule for an option of type `AlertSink`. Only the members of this interface are checked. */
export const alertSink: Rule = {
  allowed:
    'an object with the fields alertmanagers (a list) and alertServer, such as an Alertmanager construct',
  accepts: (value) => alertSink.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { alertmanagers, alertServer } = Object(value);
    const isList =
      Array.isArray(alertmanagers) &&
      alertmanagers.every((one) => typeof one === 'string' && /^[^\s/]+:\d+$/.test(one));
    if (!isList) return [ruleViolationText(path, value, alertSink)];
    return problemsOfValue(`${path}.alertServer`, alertServer, networkServer);
  },
};

/** Validation rule for an option of type `LogSink`. */
export const logSink = objectWithAtLeastFieldsRule('a LokiStack construct, or fromLoki({ ... })', 'endpoint');

/** Validation rule for an option of type `Transport`. */
export const transport = oneOfRule('pushgateway', 'remote-write');

/** Validation rule for an option of type `MetricsSink`. */
export const metricsSink: Rule = {
  allowed: 'a Pushgateway, a MetricsGateway, fromPushgateway({ ... }) or fromRemoteWrite({ ... })',
  accepts: (value) => transport.accepts(Reflect.get(Object(value), 'protocol')),
};

/** Validation rule for an option of type `DataSource`. Only the members of this interface are checked. */
export const dataSource: Rule = {
  allowed: 'an object with the fields dataSource and queryServer, such as a Prometheus construct',
  accepts: (value) => dataSource.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { dataSource: source, queryServer } = Object(value);
    const isNamed =
      isObjectNotList(source) &&
      ['name', 'uid', 'type', 'url'].every((field) => typeof Reflect.get(source, field) === 'string');
    if (!isNamed) return [ruleViolationText(path, value, dataSource)];
    return problemsOfValue(`${path}.queryServer`, queryServer, networkServer);
  },
};
