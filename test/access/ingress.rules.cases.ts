import { type AlertCases, constantValues } from '../support/rule-cases';

export const ingressCases: AlertCases = {
  CertificateExpiring: {
    series: {
      // Seconds since 1970: the first one ends within 14 days until it is renewed at minute 120.
      'certmanager_certificate_expiration_timestamp_seconds{cluster="c", namespace="monitoring", name="push-tls"}':
        '864000x119 7776000x400',
      'certmanager_certificate_expiration_timestamp_seconds{cluster="c", namespace="monitoring", name="logs-tls"}':
        constantValues(7_776_000),
      'nginx_ingress_controller_ssl_expire_time_seconds{cluster="c", host="grafana.example.com"}':
        '864000x119 7776000x400',
      'nginx_ingress_controller_ssl_expire_time_seconds{cluster="c", host="_"}': constantValues(1),
      'traefik_tls_certs_not_after{cluster="c", cn="logs.example.com", serial="1"}': '864000x119 7776000x400',
    },
    quiet: ['30m'],
    fires: {
      at: '80m',
      alerts: [
        {
          labels: { cluster: 'c', namespace: 'monitoring', name: 'push-tls', certificate: 'push-tls' },
          value: '9d 22h 40m 0s',
        },
        {
          labels: { cluster: 'c', host: 'grafana.example.com', certificate: 'grafana.example.com' },
          value: '9d 22h 40m 0s',
        },
        {
          labels: { cluster: 'c', cn: 'logs.example.com', certificate: 'logs.example.com' },
          value: '9d 22h 40m 0s',
        },
      ],
    },
    resolved: '140m',
  },
  BasicAuthFailuresHigh: {
    series: {
      // Of lines with the status 401, counted ahead.
      'log_lines{cluster="c", namespace="monitoring"}': '0x9 100x30 0x500',
      'log_lines{cluster="c", namespace="ingress-nginx"}': constantValues(10),
      'log_lines{cluster="c", namespace="shop"}': constantValues(1000),
    },
    quiet: ['9m', '15m'],
    fires: { at: '30m', alerts: [{ labels: { cluster: 'c', namespace: 'monitoring' }, value: '500' }] },
    resolved: '50m',
  },
  EdgeUserOverLimit: {
    series: {
      // Of lines about pushes with the status 429, counted ahead: both logs have those of the guard.
      'log_lines{cluster="c", namespace="monitoring", container="push-guard", user="north"}':
        '0x9 2x30 0x500',
      'log_lines{cluster="c", namespace="ingress-nginx", container="controller", user="north"}':
        '0x9 2x30 0x500',
      'log_lines{cluster="c", namespace="monitoring", container="push-guard", user="south"}': '0x9 2x2 0x500',
      'log_lines{cluster="c", namespace="shop", container="shop", user="east"}': constantValues(10),
    },
    quiet: ['9m', '15m'],
    fires: { at: '30m', alerts: [{ labels: { cluster: 'c', user: 'north' }, value: '10' }] },
    resolved: '50m',
  },
  EdgeLogPushesRefused: {
    series: {
      // Of the guard's lines with the status 400, 413 or 415, and of a controller's with 413, counted ahead.
      'log_lines{cluster="c", namespace="monitoring", container="logs-guard"}': '0x9 2x30 0x500',
      'log_lines{cluster="c", namespace="monitoring", container="controller"}': '0x9 1x30 0x500',
      'log_lines{cluster="c", namespace="shop", container="shop"}': constantValues(10),
    },
    quiet: ['9m', '15m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: { cluster: 'c', namespace: 'monitoring', container: 'logs-guard' }, value: '30' },
        { labels: { cluster: 'c', namespace: 'monitoring', container: 'controller' }, value: '15' },
      ],
    },
    resolved: '60m',
  },
  ServicePushesRefused: {
    series: {
      // Of lines about pushes of services with a status of 4xx but 429, counted ahead: the controller has those of the
      // guard, and those that are too large for itself.
      'log_lines{cluster="c", namespace="monitoring", container="push-guard", status="401"}':
        '0x9 2x30 0x500',
      'log_lines{cluster="c", namespace="ingress-nginx", container="controller", status="401"}':
        '0x9 2x30 0x500',
      // An environment counts the lines of the namespace of its own controller.
      'log_lines{cluster="c", namespace="ingress-nginx", container="controller", status="413"}':
        '0x9 1x30 0x500',
      'log_lines{cluster="c", namespace="traefik", container="traefik", status="413"}': '0x9 1x30 0x500',
      'log_lines{cluster="c", namespace="shop", container="shop", status="401"}': constantValues(10),
    },
    quiet: ['9m', '15m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: { cluster: 'c', status: '401' }, value: '30' },
        { labels: { cluster: 'c', status: '413' }, value: '15' },
      ],
    },
    resolved: '60m',
  },
};
