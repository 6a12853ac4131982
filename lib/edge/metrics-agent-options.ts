import type { Construct } from 'constructs';
import { SMALLEST_QUEUE } from '../agents/vmagent';
import { bytes, type Duration, type Quantity, seconds } from '../core/units';
import {
  absolutePath,
  dnsLabel,
  duration,
  interval,
  invalid,
  jobLabel,
  labelValue,
  metricsPath,
  port,
  quantity,
  type Rule,
  verify,
  wholeNumber,
} from '../core/validation';
import type { EdgeMetricsAgentProps } from './edge-metrics-agent';
import { metricsProfile } from './metrics-profile';

/** How long samples may wait for others: vmagent closes a connection that is idle for a minute. */
const batchWait: Rule = {
  allowed: 'a duration from "1s" to "5m", best below a minute, such as "55s"',
  accepts: (value) => duration.accepts(value) && seconds(value as Duration) <= 300,
};

const queueSize: Rule = {
  allowed: `${SMALLEST_QUEUE} or more: vmagent takes no less`,
  accepts: (value) => quantity.accepts(value) && bytes(value as Quantity) >= bytes(SMALLEST_QUEUE),
};

/** @throws InvalidOptionError that names every option of an EdgeMetricsAgent which breaks its rule. */
export function verifyAgentProps(scope: Construct, props: EdgeMetricsAgentProps): void {
  const { sending = {}, queue = {}, kubelet, services = [] } = props;
  if (props.sink?.protocol !== 'remote-write') {
    throw invalid(
      scope,
      'sink takes no remote write; allowed: a MetricsGateway of this stack, or fromRemoteWrite({ ... })',
    );
  }
  verify(scope, {
    name: [props.name, dnsLabel],
    group: [props.group, labelValue],
    family: [props.family, dnsLabel],
    interval: [props.interval, interval],
    profile: [props.profile, metricsProfile],
    targetsDirectory: [props.targetsDirectory, absolutePath],
    seriesPerTarget: [props.seriesPerTarget, wholeNumber(1, 1_000_000)],
    'kubelet.interval': [kubelet ? kubelet.interval : undefined, interval],
    'kubelet.port': [kubelet ? kubelet.port : undefined, port],
    'sending.batchWait': [sending.batchWait, batchWait],
    'sending.bytesPerSecond': [sending.bytesPerSecond, quantity],
    'sending.maxBackoff': [sending.maxBackoff, interval],
    'sending.significantFigures': [sending.significantFigures, wholeNumber(3, 17)],
    'queue.size': [queue.size, queueSize],
    'queue.maxAge': [queue.maxAge, duration],
    ...Object.fromEntries(
      services.flatMap((service, index) => [
        [`services[${index}].job`, [service.job ?? null, jobLabel]],
        [`services[${index}].port`, [service.port ?? null, port]],
        [`services[${index}].metricsPath`, [service.metricsPath, metricsPath]],
        [`services[${index}].interval`, [service.interval, interval]],
      ]),
    ),
  });
}
