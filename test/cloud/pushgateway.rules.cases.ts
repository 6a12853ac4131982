import { type AlertCases, constantValues } from '../support/rule-cases';

const up = (job: string, values: string) => ({
  [`up{cluster="c", job="${job}", instance="${job}:9091"}`]: values,
});
const ready = (job: string, values: string) => ({
  [`kube_pod_status_ready{cluster="c", namespace="monitoring", pod="${job}-0", condition="true"}`]: values,
});

const groups = (pushgateway: string, values: string) => ({
  [`pushgateway_filter_groups{cluster="c", job="${pushgateway}-filter", pushgateway="${pushgateway}"}`]:
    values,
});

/** Of a Pushgateway that groups of nodes share. */
const of = (metric: string, group: string, values: string) => ({
  [`pushgateway_filter_${metric}{cluster="c", pushgateway="shared"${group && `, group="${group}"`}}`]: values,
});

/** Cases of a Pushgateway, while another job is well. */
export const pushgatewayCasesOf = (job: string, other: string): AlertCases => ({
  PushgatewayDown: {
    series: {
      ...up(job, '1x9 0x30 1x500'),
      ...up(other, constantValues(1)),
      ...ready(job, '1x9 0x30 1x500'),
    },
    quiet: ['9m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c', job } }] },
    resolved: '42m',
  },
  PushgatewayUnreadable: {
    series: {
      ...up(job, '1x9 0x30 1x500'),
      ...up(other, '1x9 0x30 1x500'),
      ...ready(job, constantValues(1)),
    },
    quiet: ['9m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c', job } }] },
    resolved: '42m',
  },
  PushgatewaySlow: {
    series: {
      [`scrape_duration_seconds{cluster="c", job="${job}", instance="p"}`]: '1x9 8x30 1x500',
      'scrape_duration_seconds{cluster="c", job="loki", instance="l"}': constantValues(9),
    },
    quiet: ['9m', '20m'],
    fires: { at: '30m', alerts: [{ labels: { cluster: 'c', job }, value: '8s' }] },
    resolved: '42m',
  },
  PushgatewayNearLimit: {
    series: {
      ...groups('pushgateway', '800x9 801x80 800x500'),
      ...groups('pushgateway-services', constantValues(1)),
    },
    quiet: ['9m', '60m'],
    fires: { at: '80m', alerts: [{ labels: { cluster: 'c', pushgateway: 'pushgateway' }, value: '801' }] },
    resolved: '100m',
  },
  PushgatewayFull: {
    series: {
      'pushgateway_filter_series{cluster="c", pushgateway="pushgateway"}': '10x9 90x40 10x500',
      'pushgateway_filter_series_limit{cluster="c", pushgateway="pushgateway"}': constantValues(100),
      'pushgateway_filter_series{cluster="c", pushgateway="pushgateway-services"}': constantValues(79),
      'pushgateway_filter_series_limit{cluster="c", pushgateway="pushgateway-services"}': constantValues(100),
      'pushgateway_filter_nodes{cluster="c", pushgateway="pushgateway-shard-1"}': '10x9 85x40 10x500',
      'pushgateway_filter_nodes_limit{cluster="c", pushgateway="pushgateway-shard-1"}': constantValues(100),
      'pushgateway_filter_shared_series{cluster="c", pushgateway="pushgateway-shard-2"}': '10x9 82x40 10x500',
      'pushgateway_filter_shared_series_limit{cluster="c", pushgateway="pushgateway-shard-2"}':
        constantValues(100),
      // One group has no place left, and all together have many.
      ...of('group_nodes', 'north', '20x9 25x40 20x500'),
      ...of('group_nodes_limit', 'north', constantValues(25)),
      ...of('group_nodes', 'south', constantValues(1)),
      ...of('group_nodes_limit', 'south', constantValues(25)),
      ...of('group_shared_series', 'north', constantValues(0)),
      ...of('group_shared_series_limit', 'north', constantValues(50)),
      ...of('group_shared_series', 'south', '10x9 45x40 10x500'),
      ...of('group_shared_series_limit', 'south', constantValues(50)),
      ...of('nodes', '', constantValues(26)),
      ...of('nodes_limit', '', constantValues(50)),
      ...of('shared_series', '', constantValues(45)),
      ...of('shared_series_limit', '', constantValues(100)),
    },
    quiet: ['9m', '20m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: { cluster: 'c', pushgateway: 'pushgateway' }, value: '90%' },
        { labels: { cluster: 'c', pushgateway: 'pushgateway-shard-1' }, value: '85%' },
        { labels: { cluster: 'c', pushgateway: 'pushgateway-shard-2' }, value: '82%' },
        { labels: { cluster: 'c', pushgateway: 'shared', group: 'north' }, value: '100%' },
        { labels: { cluster: 'c', pushgateway: 'shared', group: 'south' }, value: '90%' },
      ],
    },
    resolved: '52m',
  },
});

export const pushgatewayCases = pushgatewayCasesOf('pushgateway', 'pushgateway-services');
